"""What the project's runs show, gathered once per change: the latest runs side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dsmr.core.stats import Comparison, Estimate
from dsmr.store.projects import Project
from dsmr.store.records import Store
from dsmr.ui.words import METRIC_NAMES
from dsmr.work import results as work
from dsmr.work.results import Result

FACTS, FORM = "contains", "form"


@dataclass(frozen=True, slots=True)
class Board:
    """The newest finished run of each recipe, on the same data, in the order they were made."""

    metric: str
    rows: tuple[Result, ...]
    names: dict[str, str]  # by run id
    baseline: Result | None
    comparisons: dict[str, Comparison]  # with the baseline, by run id
    on_top: Comparison | None  # the best tuned recipe against the best untuned one
    left_out: int  # finished runs on other data

    def estimate(self, row: Result) -> Estimate | None:
        return row.metrics.get(self.metric)

    def name(self, row: Result) -> str:
        return self.names[row.run.id]

    @property
    def ranked(self) -> list[Result]:
        """With a figure for the metric, best first."""
        known = [r for r in self.rows if self.estimate(r)]
        return sorted(known, key=lambda r: -self.estimate(r).mean)  # type: ignore[union-attr]


def project_results(store: Store, project: Project) -> list[Result]:
    """All runs, oldest first; computed again only when something has changed."""
    return _results(store, project.id, _signature(store, project.id))


def _signature(store: Store, project_id: str) -> tuple[Any, ...]:
    steps = tuple(
        (p.run_id, p.state, p.stage, p.done, p.attempt, p.finished)
        for p in store.queue.progress(project_id)
    )
    money = (store.setting("pricing"), store.setting("prices"))
    return store.url, steps, repr(money)


@st.cache_data(show_spinner=False, max_entries=16)
def _results(_store: Store, project_id: str, signature: tuple[Any, ...]) -> list[Result]:
    return work.results(_store, project_id)


def metrics_in(found: Sequence[Result]) -> list[str]:
    """Metrics that at least one run has, in their usual order."""
    return [m for m in METRIC_NAMES if any(m in r.metrics for r in found)]


def board(store: Store, found: Sequence[Result], metric: str) -> Board:
    rows = work.latest(found)
    baseline = next((r for r in rows if r.run.recipe.technique == "baseline"), None)
    baseline = baseline or (rows[0] if rows else None)
    ids = tuple(r.run.id for r in rows)
    comparisons = _compared(store, store.url, baseline.run.id, ids, metric) if baseline else {}
    done = sum(r.finished for r in found)
    repeated = sum(r.finished and bool(rows) and r.data == rows[0].data for r in found)
    made = Board(
        metric, tuple(rows), work.labels(rows), baseline, comparisons, None, done - repeated
    )
    return Board(
        metric, made.rows, made.names, baseline, comparisons, _tuning_on_top(store, made),
        made.left_out,
    )  # fmt: skip


def _tuning_on_top(store: Store, made: Board) -> Comparison | None:
    tuned, untuned = best(made, tuned=True), best(made, tuned=False)
    if not tuned or not untuned:
        return None
    found = _compared(store, store.url, untuned.run.id, (tuned.run.id,), made.metric)
    return found.get(tuned.run.id)


def best(made: Board, tuned: bool) -> Result | None:
    return next((r for r in made.ranked if bool(r.run.recipe.tuning) == tuned), None)


@st.cache_data(show_spinner=False, max_entries=64)
def _compared(
    _store: Store, url: str, baseline: str, run_ids: tuple[str, ...], metric: str
) -> dict[str, Comparison]:
    return work.compare_with(_store, baseline, run_ids, metric)


@st.cache_data(show_spinner=False, max_entries=64)
def groups(_store: Store, url: str, run_id: str, metric: str, by: str) -> dict[str, Estimate]:
    return work.breakdown(_store, run_id, metric, by)  # type: ignore[arg-type]
