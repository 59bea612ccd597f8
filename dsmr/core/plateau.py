"""Would tuning help? What the curve over more and more examples in the prompt says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from random import Random
from typing import Literal

from dsmr.core.intervals import mean_of, spread, student
from dsmr.core.stats import Estimate, Values

SEED = 20243
FEWEST_DRAWS = 3  # of examples; with fewer, luck with the examples cannot be told apart
Shape = Literal["flattened", "still rising", "falling", "cannot tell"]


@dataclass(frozen=True, slots=True)
class Draw:
    """One way through the questions with this many examples in the prompt."""

    examples: int  # k
    seed: int  # of the draw of examples; 0 where there is nothing to draw
    scores: Values  # by question id


@dataclass(frozen=True, slots=True)
class Rung:
    """One point of the curve."""

    examples: int
    score: Estimate
    draws: int


@dataclass(frozen=True, slots=True)
class Step:
    """What the next rung added over the one before, on the same questions."""

    frm: int
    to: int
    gain: Estimate
    luck: float = 0.0  # share of its uncertainty that comes from the choice of examples


@dataclass(frozen=True, slots=True)
class Plateau:
    """What the probe found."""

    curve: tuple[Rung, ...]
    steps: tuple[Step, ...]
    shape: Shape
    reason: str  # one sentence with its numbers
    predicted: Estimate | None  # gain from tuning over the best prompt; None: no basis
    margin: float  # gains within it count as nothing


def probe(
    draws: Iterable[Draw],
    margin: float = 0.05,
    drawn: bool = True,
    clusters: Mapping[str, str] | None = None,
) -> Plateau:
    """The curve over k, its steps, and whether it has flattened.

    Flattened: the 95 % intervals of the last two steps lie within ±`margin`. Each step is
    paired by question and by draw, and its error counts both. `drawn`: the examples are
    drawn by chance, so at least FEWEST_DRAWS are needed; False for most-similar examples.
    """
    rungs: dict[int, list[Draw]] = {}
    for draw in draws:
        rungs.setdefault(draw.examples, []).append(draw)
    ladder = sorted(rungs)
    curve = tuple(
        Rung(k, found[0], len(rungs[k])) for k in ladder if (found := _level(rungs[k], clusters))
    )
    steps = tuple(
        Step(a, b, *gain)
        for a, b in pairwise(ladder)
        if (gain := _gain(rungs[a], rungs[b], clusters))
    )
    fewest = min((len(rungs[k]) for k in ladder[-3:] if k), default=0)
    shape, reason = _shape(steps, margin, fewest if drawn else FEWEST_DRAWS)
    predicted = _predict(steps, curve) if len(steps) > 1 else None
    return Plateau(curve, steps, shape, reason, predicted, margin)


def _shape(steps: Sequence[Step], margin: float, fewest: int) -> tuple[Shape, str]:
    if len(steps) < 2:
        return "cannot tell", "Two doublings of the number of examples are needed; run more."
    before, last = steps[-2].gain, steps[-1].gain
    if fewest < FEWEST_DRAWS:
        return "cannot tell", (
            f"The examples were drawn {fewest} times; {FEWEST_DRAWS} draws are needed to tell "
            "a better number of examples from a lucky choice."
        )
    frm, mid, to = steps[-2].frm, steps[-2].to, steps[-1].to
    said = f"From {mid} to {to} examples the score moved by {_span(last)}"
    if all(-margin < g.low and g.high < margin for g in (before, last)):
        return "flattened", (
            f"{said}, and from {frm} to {mid} by {_span(before)}: both within "
            f"±{margin * 100:.0f} points, so the curve has flattened."
        )
    if last.low > 0:
        return "still rising", f"{said}: the curve still rises."
    if last.high < 0:
        return "falling", f"{said}: more examples now hurt."
    reach = max(max(g.mean - g.low, g.high - g.mean) for g in (before, last))
    factor = (reach / (0.6 * margin)) ** 2 - 1  # a flat curve then passes 9 times in 10
    if factor <= 0:
        return "cannot tell", f"{said}: neither flat nor rising beyond doubt."
    if max(steps[-2].luck, steps[-1].luck) > 0.5:
        more = f"{int(fewest * factor) + 1} more draws of examples"
    else:
        more = f"{int(float(f'{last.n * factor + 1:.2g}')):,} more questions"
    return "cannot tell", f"{said}; about {more} would tell."


def _span(gain: Estimate) -> str:
    return f"{gain.mean * 100:+.1f} points ({gain.low * 100:+.1f} to {gain.high * 100:+.1f})"


def _level(
    draws: Sequence[Draw], clusters: Mapping[str, str] | None
) -> tuple[Estimate, float] | None:
    table, asked = _table([draw.scores for draw in draws])
    return _two_way(table, asked, clusters, (0.0, 1.0))


def _gain(
    fewer: Sequence[Draw], more: Sequence[Draw], clusters: Mapping[str, str] | None
) -> tuple[Estimate, float] | None:
    """The later rung minus the earlier, draw by draw; no-example runs pair with every draw."""
    before = {draw.seed: draw.scores for draw in fewer}
    only = fewer[0].scores if len(fewer) == 1 else None
    columns: list[Values] = []
    for draw in more:
        old = before.get(draw.seed, only)
        if old is not None:
            columns.append(_minus(draw.scores, old))
    if len(more) == 1 and len(fewer) > 1:
        columns = [_minus(more[0].scores, draw.scores) for draw in fewer]
    table, asked = _table(columns)
    return _two_way(table, asked, clusters, (-1.0, 1.0))


def _minus(new: Values, old: Values) -> dict[str, float | None]:
    both = ((q, new[q], old.get(q)) for q in new)
    return {q: None if a is None or b is None else a - b for q, a, b in both}


def _table(columns: Sequence[Values]) -> tuple[dict[str, list[float]], int]:
    """Rows of the questions graded in every draw, and how many were asked at all."""
    questions = dict.fromkeys(q for column in columns for q in column)
    rows = {q: [column.get(q) for column in columns] for q in questions}
    whole = {q: [v for v in row if v is not None] for q, row in rows.items()}
    return {q: row for q, row in whole.items() if len(row) == len(columns)}, len(questions)


def _two_way(
    table: Mapping[str, Sequence[float]],
    asked: int,
    clusters: Mapping[str, str] | None,
    ends: tuple[float, float],
) -> tuple[Estimate, float] | None:
    """Mean over questions and draws, and the share of its variance that is luck of the draw.

    Questions and draws are both samples, so both add to the error. Variance of a
    crossed layout (Cornfield and Tukey 1956), degrees of freedom after Satterthwaite (1946).
    """
    if len(table) < 2:
        return None
    rows = list(table.values())
    n, count = len(rows), len(rows[0])
    means = [mean_of(row) for row in rows]
    whole, by_draw = mean_of(means), [mean_of(column) for column in zip(*rows, strict=True)]
    groups = [clusters.get(q, q) for q in table] if clusters else None
    grouped = groups if groups and 1 < len(set(groups)) < n else None
    items = spread(means, grouped)
    error, degrees, luck = items.error**2, items.degrees, 0.0
    if count > 1:
        rest = sum(
            (value - mean - column + whole) ** 2
            for row, mean in zip(rows, means, strict=True)
            for value, column in zip(row, by_draw, strict=True)
        ) / ((n - 1) * (count - 1))
        luck = max(0.0, spread(by_draw).error ** 2 - rest / (n * count))
        total = error + luck
        parts = error**2 / max(1, degrees) + luck**2 / (count - 1)
        error, degrees = total, total**2 / parts if parts else degrees
    reach = student(degrees) * sqrt(error)
    low, high = max(ends[0], whole - reach), min(ends[1], whole + reach)
    known = len(set(groups)) if groups else None
    made = Estimate(whole, low, high, n, asked - n, known)
    return made, luck / error if error else 0.0


def _predict(steps: Sequence[Step], curve: Sequence[Rung]) -> Estimate:
    """What further doublings would add if each adds the same share of the one before.

    Our own rule of thumb for what tuning on more of the same can bring; no law. Seeded
    draws of the last two steps carry their uncertainty through.
    """
    before, last = steps[-2].gain, steps[-1].gain
    room = max(0.0, 1 - max(rung.score.mean for rung in curve))
    random, gains = Random(SEED), []
    for _ in range(2000):
        one, two = (random.gauss(g.mean, (g.high - g.low) / 3.92) for g in (before, last))
        gains.append(_rest(one, two, room))
    gains.sort()
    likely = _rest(before.mean, last.mean, room)
    return Estimate(likely, min(likely, gains[49]), max(likely, gains[1950]), last.n)


def _rest(before: float, last: float, room: float) -> float:
    """The sum of the steps still to come, never more than there is room for."""
    if last <= 0:
        return 0.0
    kept = min(0.9, last / before) if before > last else 0.9
    return min(room, last * kept / (1 - kept))


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """A published curve that had flattened, and tuning that still gained."""

    task: str
    model: str
    examples: int  # in the prompt, at the end of the curve
    prompted: float  # best score on the curve, 0 … 1
    trained_on: int  # examples
    tuned: float

    @property
    def sentence(self) -> str:
        return (
            f"The rule is known to fail: on {self.task}, {self.model} stopped gaining at "
            f"{self.examples:,} examples in the prompt ({self.prompted:.1%}), yet tuning on "
            f"{self.trained_on:,} reached {self.tuned:.1%}."
        )


Result = tuple[str, str, str, int, float]  # task, model, technique, examples, score 0 … 1


def known_failures(published: Iterable[Result], margin: float = 0.05) -> list[KnownFailure]:
    """Where a curve of randomly drawn examples was flat at its end and tuning still won.

    `published` holds curves ("few-shot") and tuned results ("tuned") of the same tasks.
    Flat: the last doubling, or nearly one, moved the score by less than `margin`.
    """
    curves: dict[tuple[str, str], list[tuple[int, float]]] = {}
    tuned: dict[str, tuple[float, int]] = {}
    for task, model, technique, examples, score in published:
        if technique == "few-shot":
            curves.setdefault((task, model), []).append((examples, score))
        elif technique == "tuned":
            tuned[task] = max(tuned.get(task, (0.0, 0)), (score, examples))
    found = []
    for (task, model), points in curves.items():
        points.sort()
        end, level = points[-1]
        earlier = [score for k, score in points if k <= 0.6 * end]
        best = max(score for _, score in points)
        if not earlier or task not in tuned or abs(level - earlier[-1]) >= margin:
            continue
        score, examples = tuned[task]
        if score - best > margin:
            found.append(KnownFailure(task, model, end, best, examples, score))
    return sorted(found, key=lambda f: f.prompted - f.tuned)
