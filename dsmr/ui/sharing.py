"""The report and the answer files as the page offers them."""

from typing import Any

import streamlit as st

from dsmr.report import as_csv, as_jsonl, make_report
from dsmr.store.projects import Project
from dsmr.store.records import Store
from dsmr.ui.evidence import project_results
from dsmr.work.results import Result, latest

PARTS = (
    ("Verdict", "what to do next, with the numbers behind every sentence"),
    ("Leaderboard", "every recipe with intervals, differences, cost and latency"),
    ("Charts", "interactive: quality, cost, the probe, break-even, market, papers"),
    ("Failures", "what failed, and where the best recipe is wrong"),
    ("Method", "how every figure was made, in plain words"),
    ("Settings and provenance", "recipes, versions, hashes, prices, what was spent"),
    ("Appendix", "documents by name, questions with their answers"),
)


def reportable(store: Store, project: Project) -> list[Result]:
    """The newest finished runs that were graded."""
    return [r for r in latest(project_results(store, project)) if r.metrics]


def report(store: Store, project: Project) -> bytes:
    return _report(store, project.id, _signature(store, project))


def answers(store: Store, project: Project, kind: str) -> str:
    rows = reportable(store, project)
    return as_csv(store, rows) if kind == "csv" else as_jsonl(store, rows)


def _signature(store: Store, project: Project) -> tuple[Any, ...]:
    """Changes whenever the report could; the bar and the assumptions are a part of it."""
    runs = tuple((p.run_id, p.state) for p in store.queue.progress(project.id))
    keys = ("pricing", "prices", f"breakeven {project.id}", f"bar {project.id}")
    looked = len(store.projects.looked_at(project.id))
    return store.url, runs, repr([store.setting(key) for key in keys]), looked, repr(project)


@st.cache_data(show_spinner=False, max_entries=2)
def _report(_store: Store, project_id: str, signature: tuple[Any, ...]) -> bytes:
    return make_report(_store, project_id).encode()


def file_name(project: Project, suffix: str) -> str:
    """A name that every file system takes."""
    words = "".join(c if c.isalnum() else "-" for c in project.name.lower())
    return f"dsmr-{words.strip('-') or 'report'}.{suffix}"


def size(data: bytes) -> str:
    return f"{len(data) / 1e6:.1f} MB"
