"""What changed between runs of the same recipe: questions, documents, model, settings, scoring."""

from collections.abc import Sequence
from datetime import UTC, datetime

from dsmr.core.data import fingerprint
from dsmr.core.trends import Moment, changes
from dsmr.store.records import Store
from dsmr.work.results import Result

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

    A batch of runs with the same change gets one mark, just before its first run.
    """
    known = moments(store, found)
    times = {row.run.id: row.created for row in found}
    made: list[Mark] = []
    last: tuple[str, ...] = ()
    for change in changes(known):
        if change.what != last:
            names = list(change.what)
            told = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
            made.append((times[change.run_id] - 1.0, f"{told} changed"))
        last = change.what
    return made
