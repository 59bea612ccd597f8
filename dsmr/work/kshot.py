"""The k-shot probe: the same questions with more and more examples, asked and read back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dsmr.core.data import Question, Split
from dsmr.core.plateau import FEWEST_DRAWS, Draw, KnownFailure, Plateau, known_failures, probe
from dsmr.core.prompt import compose
from dsmr.core.recipe import Recipe, Shots
from dsmr.core.run import Run
from dsmr.core.stats import Comparison, compare, mean_of_attempts
from dsmr.engines import open_engine, tokens
from dsmr.market.facts import published_results
from dsmr.store.queue import Progress
from dsmr.store.records import Store
from dsmr.work import jobs
from dsmr.work.estimate import Forecast, forecast
from dsmr.work.results import sources, values

PURPOSE = "k-shot"
Pick = Literal["fixed", "similar"]
PICKS: tuple[Pick, ...] = ("fixed", "similar")
MOST = 64  # examples; beyond it a prompt costs more than it is likely to teach
POOL_SHARE = 0.8  # of the train split for each draw of most-similar examples
FLOOR = 0.1  # share right; a curve that stays below it has not begun to climb
SAMPLE = 40  # questions whose prompts are counted


@dataclass(frozen=True, slots=True)
class Ladder:
    """How many examples can be tried, and what stops them there."""

    rungs: tuple[int, ...]  # 0, 1, 2, 4 …
    limit: str  # one clause: why there is no further rung


@dataclass(frozen=True, slots=True)
class Plan:
    """What a probe will ask."""

    base: Recipe  # its examples and its adapter are left out
    rungs: tuple[int, ...]
    split: Split | Literal["all"] = "test"
    limit: int | None = None
    draws: int = FEWEST_DRAWS

    @property
    def bare(self) -> Recipe:
        return replace(self.base, shots=None, tuning=None)

    @property
    def recipes(self) -> list[Recipe]:
        """One per rung, way of picking and draw; without examples there is but one."""
        made = [replace(self.bare, name="0 examples")] if 0 in self.rungs else []
        for k in (k for k in self.rungs if k):
            for pick in PICKS:
                for seed in range(1, self.draws + 1):
                    share = POOL_SHARE if pick == "similar" else 1.0
                    shots = Shots(k, pick, seed, share)
                    made.append(replace(self.bare, name=f"{k} {pick}, draw {seed}", shots=shots))
        return made


@dataclass(frozen=True, slots=True)
class Actual:
    """What an adapter trained on the same questions really brought."""

    name: str
    run_id: str
    gain: Comparison  # over the best rung of the curve


@dataclass(frozen=True, slots=True)
class Probe:
    """The newest probe of a project, as far as it has come."""

    base: Recipe
    runs: tuple[Run, ...]
    progress: tuple[Progress, ...]
    draws: dict[tuple[str, Pick], tuple[Draw, ...]]  # by metric and way of picking
    clusters: dict[str, str]

    @property
    def finished(self) -> bool:
        return all(p.state not in ("queued", "running") for p in self.progress)

    @property
    def data(self) -> tuple[object, ...]:
        run = self.runs[0]
        return (run.evalset_id, run.corpus_id, run.split, run.limit)

    def curve(self, metric: str, pick: Pick, margin: float = 0.05) -> Plateau:
        return probe(self.draws.get((metric, pick), ()), margin, True, self.clusters)

    def best(self, metric: str, margin: float = 0.05) -> tuple[Pick, Plateau] | None:
        """The way of picking whose curve climbs highest; None: nothing was graded."""
        known = [(p, c) for p in PICKS if (c := self.curve(metric, p, margin)).curve]
        return max(known, key=lambda pair: _top(pair[1]), default=None)


def _top(found: Plateau) -> float:
    return max(rung.score.mean for rung in found.curve)


# --- asking -----------------------------------------------------------------------------------


def ladder(
    store: Store,
    project_id: str,
    base: Recipe,
    split: Split | Literal["all"] = "test",
    limit: int | None = None,
) -> Ladder:
    """0, 1, 2, 4 … as far as the model's window and the train split allow, at most MOST.

    Questions that ask for a form get examples with a form, the others the others; a sort
    without any example stops nothing.
    """
    questions = store.projects.questions(project_id)
    asked = [q for q in questions if split in ("all", q.split)][:limit]
    train = [q for q in questions if q.split == "train" and q.target is not None]
    if not asked or not train:
        return Ladder((0,), "the train split has no example" if asked else "there is no question")
    groups = [
        [q for q in train if (q.form is not None) == form]
        for form in {q.form is not None for q in asked}
    ]
    held = min((n for group in groups if (n := int(POOL_SHARE * len(group)))), default=0)
    room = _room(base, asked, groups)
    most = min(MOST, held, MOST if room is None else room)
    rungs = (0, *(k for k in _doublings() if k <= most))
    if most == MOST:
        return Ladder(rungs, f"more than {MOST} examples are not tried")
    if most == held:
        return Ladder(rungs, f"the train split has {held} examples of one sort for a draw")
    return Ladder(rungs, f"the model's window holds about {most} examples")


def _doublings() -> list[int]:
    return [2**n for n in range(MOST.bit_length())]


def _room(
    base: Recipe, asked: Sequence[Question], groups: Sequence[Sequence[Question]]
) -> int | None:
    """About how many examples fit; None: the window is not known."""
    engine = open_engine(base.model)
    window = engine.window
    engine.close()
    if window is None:
        return None
    bare = replace(base, shots=None)
    sample = asked[:: max(1, len(asked) // SAMPLE)]
    longest = max(tokens.count(base.model, compose(bare, q)) for q in sample)
    each = max((_per_example(bare, sample[0], group) for group in groups if group), default=1.0)
    return max(0, int((window - base.max_tokens - longest) / each))


def _per_example(base: Recipe, question: Question, group: Sequence[Question]) -> float:
    """Tokens that one more example takes, counted on the longer half of the examples."""
    sized = sorted(group, key=lambda q: len(q.text) + len(q.target or ""), reverse=True)
    shown = sized[: max(1, len(sized) // 2)][:SAMPLE]
    without = tokens.count(base.model, compose(base, question))
    with_them = tokens.count(base.model, compose(base, question, (), shown))
    return max(1.0, (with_them - without) / len(shown))


def submit(store: Store, project_id: str, plan: Plan) -> list[str]:
    """Queue the probe; what is queued, running or done on the same data is not repeated."""
    data = (*store.projects.freeze(project_id), plan.split, plan.limit)
    states = {p.run_id: p.state for p in store.queue.progress(project_id)}
    known = {
        run.recipe.id
        for run in _probe_runs(store, project_id)
        if _data(run) == data and states.get(run.id) in ("queued", "running", "done")
    }
    return [
        jobs.submit(store, project_id, recipe, plan.split, plan.limit, PURPOSE)
        for recipe in plan.recipes
        if recipe.id not in known
    ]


def cost_of(store: Store, project_id: str, plan: Plan) -> Forecast:
    """What the whole probe would take, from its first and last rung: prompts grow evenly."""
    first = forecast(store, project_id, plan.bare, plan.split, plan.limit)
    last_k = max(plan.rungs)
    if not last_k or not first.questions:
        return first
    longest = replace(plan.bare, shots=Shots(last_k))
    last = forecast(store, project_id, longest, plan.split, plan.limit)
    runs = [recipe.shots.count if recipe.shots else 0 for recipe in plan.recipes]
    growth = sum(k / last_k for k in runs)  # how often the way from first to last is paid

    def whole(low: float, high: float) -> float:
        return len(runs) * low + growth * (high - low)

    known = first.usd is not None and last.usd is not None
    return Forecast(
        first.questions,
        int(whole(first.tokens_in, last.tokens_in)),
        int(whole(first.tokens_out, last.tokens_out)),
        whole(first.seconds, last.seconds),
        0.0,
        whole(first.usd, last.usd) if known else None,  # type: ignore[arg-type]
        first.notes,
    )


# --- reading back -----------------------------------------------------------------------------


def read(store: Store, project_id: str) -> Probe | None:
    """The newest probe: all probe runs on its data with its model and instruction."""
    runs = _probe_runs(store, project_id)
    if not runs:
        return None
    newest = runs[-1]
    same = {r.recipe.id: r for r in runs if (_data(r), _bare(r)) == (_data(newest), _bare(newest))}
    progress = {p.run_id: p for p in store.queue.progress(project_id)}
    kept = tuple(r for r in same.values() if r.id in progress)
    return Probe(
        _bare(newest),
        kept,
        tuple(progress[r.id] for r in kept),
        _draws(store, [r for r in kept if progress[r.id].state == "done"]),
        sources(store.projects.evalset(newest.evalset_id).questions),
    )


def cancel(store: Store, found: Probe) -> None:
    for one in found.progress:
        if one.state in ("queued", "running"):
            store.queue.cancel(one.run_id)


def resume(store: Store, found: Probe) -> None:
    for one in found.progress:
        if one.state in ("cancelled", "failed"):
            store.queue.resume(one.run_id)


def _probe_runs(store: Store, project_id: str) -> list[Run]:
    return [run for run in store.runs.all(project_id) if run.purpose == PURPOSE]


def _data(run: Run) -> tuple[object, ...]:
    return (run.evalset_id, run.corpus_id, run.split, run.limit)


def _bare(run: Run) -> Recipe:
    return replace(run.recipe, name="", shots=None)


def _draws(store: Store, done: Sequence[Run]) -> dict[tuple[str, Pick], tuple[Draw, ...]]:
    found: dict[tuple[str, Pick], list[Draw]] = {}
    for run in done:
        shots = run.recipe.shots
        for metric in ("contains", "form"):
            scores = values(store, run.id, metric)
            if not scores:
                continue
            for pick in (shots.pick,) if shots else PICKS:
                draw = Draw(shots.count if shots else 0, shots.seed if shots else 0, scores)
                found.setdefault((metric, pick), []).append(draw)
    return {key: tuple(draws) for key, draws in found.items()}


def actual_gain(store: Store, project_id: str, found: Probe, metric: str) -> Actual | None:
    """The best adapter of the project against the best rung of the curve, question by question.

    The rung is picked with hindsight, which favours prompting, never tuning. None: no
    adapter of the same model was run without retrieval on the same questions.
    """
    base = found.base
    tuned = [
        run
        for run in store.runs.all(project_id)
        if run.recipe.tuning and run.recipe.retrieval == base.retrieval and run.purpose == "compare"
        if run.recipe.model == base.model and _data(run) == found.data
    ]
    done = {p.run_id for p in store.queue.progress(project_id) if p.state == "done"}
    rung = _best_rung(found, metric)
    made = []
    for run in tuned:
        if run.id in done and rung:
            gain = compare(rung, values(store, run.id, metric), found.clusters)
            if gain:
                made.append(Actual(run.recipe.name, run.id, gain))
    return max(made, key=lambda one: one.gain.difference.mean, default=None)


def _best_rung(found: Probe, metric: str) -> dict[str, float | None] | None:
    by_rung: dict[tuple[Pick, int], list[Draw]] = {}
    for pick in PICKS:
        for draw in found.draws.get((metric, pick), ()):
            by_rung.setdefault((pick, draw.examples), []).append(draw)
    means = {key: mean_of_attempts([d.scores for d in draws]) for key, draws in by_rung.items()}
    return max(means.values(), key=_mean, default=None)


def _mean(scores: dict[str, float | None]) -> float:
    graded = [v for v in scores.values() if v is not None]
    return sum(graded) / len(graded) if graded else -1.0


def failures() -> list[KnownFailure]:
    """Published curves for which a flat end did not mean that tuning had nothing to add."""
    return known_failures(
        (p.task, p.model, p.technique, p.examples, p.share)
        for p in published_results()
        if p.examples and p.share is not None and p.technique in ("few-shot", "tuned")
    )


def at_floor(found: Plateau) -> bool:
    """Whether no number of examples lifts the score: then its flatness says nothing.

    The rule takes for granted that the model learns from its prompt. One that does not,
    such as a very small one, may still learn the same thing by training.
    """
    return bool(found.curve) and _top(found) < FLOOR


def headline(what: str, found: Plateau) -> str:
    """The finding of a curve in a few words; `what` is "Facts" or "Form"."""
    if not found.steps:
        return f"{what}: too few points for a curve yet"
    if at_floor(found):
        return f"{what}: no number of examples lifts the score off the floor"
    last = found.steps[-1]
    gain = f"{100 * last.gain.mean:+.0f} points".replace("-", "−")
    match found.shape:
        case "flattened":
            flat = found.steps[-2].frm
            return f"{what}: flat from {flat} example{'' if flat == 1 else 's'} on"
        case "still rising":
            return f"{what} still rise at {last.to} examples ({gain} with the last doubling)"
        case "falling":
            return f"{what} fall beyond {last.frm} examples ({gain})"
        case _:
            return f"{what}: cannot tell yet whether the curve has flattened"
