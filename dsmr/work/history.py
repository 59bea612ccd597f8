"""What changed between runs of the same recipe: questions, documents, model, settings, scoring."""

from collections.abc import Sequence
from datetime import UTC, datetime

from dsmr.core.data import fingerprint
from dsmr.core.trends import Moment, changes
from dsmr.store.records import Store
from dsmr.work.results import Result

PARTS = ("questions", "documents", "model", "settings", "scoring")
TOGETHER_SECONDS = 60.0  # between two runs that were submitted in one go
Mark = tuple[float, str]  # unix seconds, "questions and documents changed"


def moments(store: Store, found: Sequence[Result]) -> list[Moment]:
    """The finished runs as points of a history."""
    return [_moment(store, row) for row in found if row.finished]


def _moment(store: Store, row: Result) -> Moment:
    run, made = row.run, store.runs.provenance(row.run.id)
    model = run.recipe.model
    # local weights are named by content, and an adapter is a part of the recipe
    weights = "" if run.recipe.tuning else made.get("engine", "")
    return Moment(
        datetime.fromtimestamp(row.created, UTC).isoformat(),
        run.id,
        run.recipe.name,
        fingerprint(run.recipe.id, ""),
        fingerprint(model, "" if model.endpoint else weights),
        fingerprint(run.evalset_id, run.split, run.limit),
        run.corpus_id,
        made.get("scoring", ""),
    )


def marks(store: Store, found: Sequence[Result]) -> list[Mark]:
    """Where the runs after cannot simply be compared with the runs before.

    Runs submitted together get one mark, just before the first of them that differs.
    """
    times = {row.run.id: row.created for row in found}
    batches: list[tuple[float, float, set[str]]] = []  # first, last, what changed
    for change in changes(moments(store, found)):
        at = times[change.run_id]
        if batches and at - batches[-1][1] < TOGETHER_SECONDS:
            first, _, what = batches.pop()
            batches.append((first, at, what | set(change.what)))
        else:
            batches.append((at, at, set(change.what)))
    return [(first - 1.0, f"{_told(what)} changed") for first, _, what in batches]


def _told(what: set[str]) -> str:
    names = [part for part in PARTS if part in what]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
