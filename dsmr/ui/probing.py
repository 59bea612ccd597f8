"""The k-shot probe as the page shows it: forecasts, progress, curves, predicted and real gain."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from dsmr.charts import Chart, Mark
from dsmr.charts.curves import Curve, gains, over_examples
from dsmr.core.plateau import Plateau
from dsmr.core.recipe import Recipe
from dsmr.core.stats import Estimate
from dsmr.store.projects import Project
from dsmr.store.records import Store
from dsmr.ui.words import count, interval, percent, points, span, tokens, usd
from dsmr.work import kshot
from dsmr.work.estimate import Forecast
from dsmr.work.results import result

PICK_NAMES = {"fixed": "the same for all", "similar": "most similar"}
QUALITIES = {"contains": "Facts", "form": "Form"}
DEPENDS = ("queued", "running")
AT_FLOOR = (
    "This model does not learn this from examples in its prompt, so the curve cannot say what "
    "training on them would bring. Only a trained adapter can."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What the probe says of one quality."""

    metric: str
    curve: Chart
    plateau: Plateau  # of the way of picking that climbs highest
    pick: str
    gain: Chart | None  # predicted beside real; None: neither is known
    real: str  # one sentence on what an adapter brought
    reason: str  # one or two sentences on the shape of the curve


def base_recipes(recipes: list[Recipe]) -> list[Recipe]:
    """Recipes that examples can be added to: untuned, without examples of their own."""
    return [r for r in recipes if not r.tuning and not r.shots and not r.retrieval]


def plan(
    store: Store, project: Project, base: Recipe, split: str, limit: int | None, most: int
) -> tuple[kshot.Plan, kshot.Ladder, Forecast]:
    state = f"{store.url} {hash(tuple(store.projects.questions(project.id)))}"
    found = _ladder(store, project.id, base, split, limit, state)
    made = kshot.Plan(base, tuple(k for k in found.rungs if k <= most), split, limit)  # type: ignore[arg-type]
    return made, found, _forecast(store, project.id, made, f"{state} {store.setting('pricing')}")


@st.cache_data(show_spinner=False, max_entries=32)
def _ladder(
    _store: Store, project_id: str, base: Recipe, split: str, limit: int | None, state: str
) -> kshot.Ladder:
    return kshot.ladder(_store, project_id, base, split, limit)  # type: ignore[arg-type]


@st.cache_data(show_spinner=False, max_entries=32)
def _forecast(_store: Store, project_id: str, made: kshot.Plan, state: str) -> Forecast:
    return kshot.cost_of(_store, project_id, made)


def in_words(made: kshot.Plan, guess: Forecast) -> str:
    """`37 runs × 40 questions: about 8 min, 1.2 M tokens, $0.01`."""
    text = f"{count(len(made.recipes), 'run')} × {count(guess.questions, 'question')}: about "
    text += f"{span(guess.seconds)}, {tokens(guess.tokens_in + guess.tokens_out)} tokens"
    return text + (f", {usd(guess.usd)}" if guess.usd is not None else "")


def reach(found: kshot.Ladder) -> str:
    """`0, 1, 2, 4, 8 examples; the model's window holds about 9`."""
    return f"{', '.join(map(str, found.rungs))} examples; {found.limit}"


# --- as it goes -------------------------------------------------------------------------------


def newest(store: Store, project: Project) -> kshot.Probe | None:
    return _newest(store, project.id, _signature(store, project.id))


def _signature(store: Store, project_id: str) -> tuple[Any, ...]:
    steps = tuple((p.run_id, p.state) for p in store.queue.progress(project_id))
    return store.url, steps


@st.cache_data(show_spinner=False, max_entries=8)
def _newest(_store: Store, project_id: str, signature: tuple[Any, ...]) -> kshot.Probe | None:
    return kshot.read(_store, project_id)


def share_done(found: kshot.Probe) -> float:
    """Of all questions of all runs."""
    whole = [p.done / p.total if p.total and p.state == "running" else 0.0 for p in found.progress]
    over = sum(p.state not in DEPENDS for p in found.progress)
    return min(1.0, (over + sum(whole)) / max(1, len(found.progress)))


def standing(found: kshot.Probe) -> str:
    over = sum(p.state not in DEPENDS for p in found.progress)
    return f"{over} of {count(len(found.progress), 'run')} finished"


def stopped(found: kshot.Probe) -> list[str]:
    """Why runs of the probe did not finish, each reason once."""
    errors = [p.error or "stopped by you" for p in found.progress if p.state in _STOPPED]
    return [
        f"{count(errors.count(e), 'run')} stopped: {e.rstrip('.')}." for e in dict.fromkeys(errors)
    ]


_STOPPED = ("failed", "cancelled")


# --- what it says -----------------------------------------------------------------------------


def findings(store: Store, project: Project, found: kshot.Probe, margin: float) -> list[Finding]:
    made = []
    for metric, name in QUALITIES.items():
        best = found.best(metric, margin)
        if best:
            made.append(_finding(store, project, found, (metric, name), (*best, margin)))
    return made


def _finding(
    store: Store,
    project: Project,
    found: kshot.Probe,
    quality: tuple[str, str],
    best: tuple[str, Plateau, float],
) -> Finding:
    (metric, name), (pick, plateau, margin) = quality, best
    actual = kshot.actual_gain(store, project.id, found, metric)
    curves = [
        Curve(PICK_NAMES[p], _points(found.curve(metric, p, margin)), p == "fixed")
        for p in kshot.PICKS
    ]
    tuned = None
    if actual:
        value = result(store, actual.run_id).metrics.get(metric)
        tuned = Mark(actual.name, "tuned", actual.run_id, value) if value else None
    title = kshot.headline(name, plateau)
    subtitle = f"{name} against worked examples in the prompt; mean over the draws, 95 % intervals"
    chart = over_examples([c for c in curves if c.points], tuned, title, subtitle)
    return Finding(
        metric, chart, plateau, PICK_NAMES[pick], _gain(plateau, actual), _real(name, actual),
        AT_FLOOR if kshot.at_floor(plateau) else plateau.reason,
    )  # fmt: skip


def _points(found: Plateau) -> tuple[tuple[int, Estimate, int], ...]:
    return tuple((rung.examples, rung.score, rung.draws) for rung in found.curve)


def _gain(plateau: Plateau, actual: kshot.Actual | None) -> Chart | None:
    rows = []
    if plateau.predicted and not kshot.at_floor(plateau):
        rows.append(Mark("lets expect", "few-shot", "", plateau.predicted))
    if actual:
        rows.append(Mark("really brought", "tuned", actual.run_id, actual.gain.difference))
    if not rows:
        return None
    subtitle = "Points over the best prompt of the curve; shaded: too small to matter"
    return gains(rows, _both(plateau, actual), subtitle, plateau.margin)


def _both(plateau: Plateau, actual: kshot.Actual | None) -> str:
    parts = []
    if plateau.predicted and not kshot.at_floor(plateau):
        parts.append(f"The curve lets expect {points(plateau.predicted.mean)} from tuning")
    if actual:
        found = actual.gain.difference
        sure = "" if actual.gain.verdict != "cannot tell" else ", inside the noise"
        real = f"{actual.name} brought {points(found.mean)}{sure}"
        parts.append(real if parts else real[:1].upper() + real[1:])
    return "; ".join(parts)


def _real(name: str, actual: kshot.Actual | None) -> str:
    if actual is None:
        return "No adapter of this model was run on the same questions yet."
    found = actual.gain
    return (
        f"{actual.name} against the best prompt of the curve, same {found.difference.n} questions: "
        f"won {found.wins}, lost {found.losses}."
    )


def table(found: kshot.Probe, metric: str, margin: float) -> pd.DataFrame:
    """The figures behind a curve."""
    rows = []
    for pick in kshot.PICKS:
        for rung in found.curve(metric, pick, margin).curve:
            rows.append(
                {
                    "Examples": rung.examples,
                    "Picked": PICK_NAMES[pick] if rung.examples else "–",
                    "Mean": percent(rung.score.mean),
                    "95 % interval": interval(rung.score),
                    "Questions": rung.score.n,
                    "Missing": rung.score.missing,
                    "Draws": rung.draws,
                }
            )
    return pd.DataFrame(rows).drop_duplicates()
