"""From a project's runs to the evidence that the verdict rests on, and to the verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dsmr.core.evidence import Evidence, Goal, Quality, Retrieved, weigh
from dsmr.core.plateau import Plateau
from dsmr.core.scoring import RECALL
from dsmr.core.stats import Values
from dsmr.core.verdict import Advice, advise
from dsmr.store.records import Store
from dsmr.work import breakeven, kshot
from dsmr.work.results import Result, labels, latest, results, sources, values

METRIC: dict[Quality, str] = {"facts": "contains", "form": "form"}


@dataclass(frozen=True, slots=True)
class Bar:
    """What the user asks of an answer. Shares."""

    goal: Goal = "quality"
    margin: float = 0.05  # a smaller difference does not matter
    target: float = 0.9  # good enough


def bar(store: Store, project_id: str) -> Bar:
    return Bar(**store.setting(f"bar {project_id}", {}))


def save_bar(store: Store, project_id: str, chosen: Bar) -> None:
    kept = {"goal": chosen.goal, "margin": chosen.margin, "target": chosen.target}
    store.put_setting(f"bar {project_id}", kept)


def gather(
    store: Store, project_id: str, chosen: Bar, found: Sequence[Result] | None = None
) -> Evidence | None:
    """The newest run of each recipe on the same data; None: no run has been graded yet."""
    all_runs = results(store, project_id) if found is None else found
    rows = [r for r in latest(all_runs) if r.metrics]
    if not rows:
        return None
    names = _names(rows)
    scores = {names[r.run.id]: _scores(store, r.run.id) for r in rows}
    techniques = {names[r.run.id]: r.run.recipe.technique for r in rows}
    evalset = store.projects.evalset(rows[0].run.evalset_id)
    figures = {names[r.run.id]: _figures(r) for r in rows}
    made = weigh(
        scores,
        techniques,
        next((name for name, t in techniques.items() if t == "baseline"), None),
        sources(evalset.questions),
        figures,
        chosen.margin,
    )
    return replace(
        made,
        retrieved=_retrieved(store, rows),
        probe=_probe(store, project_id, made, chosen.margin),
        target=chosen.target,
        goal=chosen.goal,
        pays_from=breakeven.pays_from(store, project_id, all_runs),
    )


def advice(
    store: Store, project_id: str, chosen: Bar, found: Sequence[Result] | None = None
) -> list[Advice]:
    """The next step first; empty before anything has been graded."""
    evidence = gather(store, project_id, chosen, found)
    return advise(evidence) if evidence else []


def _names(rows: Sequence[Result]) -> dict[str, str]:
    """Labels, told apart where two recipes share name and model."""
    plain, seen, made = labels(rows), dict[str, int](), {}
    for row in rows:
        name = plain[row.run.id]
        seen[name] = seen.get(name, 0) + 1
        made[row.run.id] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return made


def _scores(store: Store, run_id: str) -> dict[Quality, Values]:
    found = {quality: values(store, run_id, metric) for quality, metric in METRIC.items()}
    return {quality: scores for quality, scores in found.items() if scores}


def _figures(result: Result) -> dict[str, float]:
    known = {
        "usd_per_1k": result.cost.per_1k_questions if result.cost else None,
        "seconds_p95": result.p95.mean if result.p95 else None,
        "usd_once": result.once.total or None,
    }
    return {name: value for name, value in known.items() if value is not None}


def _retrieved(store: Store, rows: Sequence[Result]) -> Retrieved | None:
    """Found or missed against right or wrong, of the best untuned recipe with retrieval."""
    able = [r for r in rows if r.recall and "contains" in r.metrics]
    able = [r for r in able if not r.run.recipe.tuning] or able
    if not able:
        return None
    best = max(able, key=lambda r: r.metrics["contains"].mean)
    recall, right = (values(store, best.run.id, m) for m in (RECALL, "contains"))
    cells = {(f, r): 0 for f in (True, False) for r in (True, False)}
    for question, found in recall.items():
        score = right.get(question)
        if found is not None and score is not None:
            cells[found >= 0.5, score >= 0.5] += 1
    return Retrieved(cells[True, True], cells[True, False], cells[False, True], cells[False, False])


def _probe(store: Store, project_id: str, made: Evidence, margin: float) -> Plateau | None:
    """The curve of facts, or of form where no fact was asked; None: nothing can be read from it."""
    found = kshot.read(store, project_id)
    if found is None:
        return None
    metric = "contains" if any(r.facts for r in made.results) else "form"
    best = found.best(metric, margin)
    if best is None or len(best[1].curve) < 2 or kshot.at_floor(best[1]):
        return None
    return best[1]
