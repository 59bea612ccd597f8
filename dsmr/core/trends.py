"""Dated figures to trends: fits with their uncertainty, what-ifs, the time machine, history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, log, sqrt
from typing import Literal

from dsmr.core.cost import Price, priced
from dsmr.core.intervals import student
from dsmr.core.run import Tokens

YEAR = 365.25  # days
Outlook = Literal["continues", "slows", "stops"]
SPEED: dict[Outlook, float] = {"continues": 1.0, "slows": 0.5, "stops": 0.0}


@dataclass(frozen=True, slots=True)
class Point:
    """One dated figure, with where it was read and whether it could be checked."""

    day: date
    value: float
    name: str
    kind: str = ""  # what must be drawn apart: "product", "preview", "research" …
    source: str = ""
    note: str = ""
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through the logarithms: value = level × per_year ^ years."""

    start: date
    level: float  # on `start`
    per_year: float  # factor: 0.4 is a fall by 60 % a year
    low: float  # ends of the factor's 95 % interval
    high: float
    n: int
    residual: float  # standard deviation of the logarithms around the line
    mid: float  # mean of the points' years since `start`
    breadth: float  # sum of squares of those years around `mid`

    def at(self, day: date) -> tuple[float, float, float]:
        """The line on a day, with the ends of its 95 % interval."""
        years = (day - self.start).days / YEAR
        centre = log(self.level) + years * log(self.per_year)
        error = self.residual * sqrt(1 / self.n + (years - self.mid) ** 2 / self.breadth)
        reach = student(self.n - 2) * error
        return exp(centre), exp(centre - reach), exp(centre + reach)

    @property
    def halves_in(self) -> float | None:
        """Years until the value halves; None where it does not fall."""
        return log(0.5) / log(self.per_year) if self.per_year < 1 else None


def fit(points: Iterable[Point]) -> Trend | None:
    """Least squares on the logarithms of the verified, positive points.

    None with fewer than three, or when all lie on one day. The interval takes the points
    as independent around the line, so it is too narrow where one model follows another.
    """
    used = [p for p in points if p.verified and p.value > 0]
    if len(used) < 3:
        return None
    start = min(p.day for p in used)
    years = [(p.day - start).days / YEAR for p in used]
    logs, n = [log(p.value) for p in used], len(used)
    mid, height = sum(years) / n, sum(logs) / n
    breadth = sum((y - mid) ** 2 for y in years)
    if breadth == 0:
        return None
    slope = sum((y - mid) * (v - height) for y, v in zip(years, logs, strict=True)) / breadth
    level = height - slope * mid
    squares = sum((v - level - slope * y) ** 2 for y, v in zip(years, logs, strict=True))
    residual = sqrt(squares / (n - 2))
    reach = student(n - 2) * residual / sqrt(breadth)
    ends = exp(slope - reach), exp(slope + reach)
    return Trend(start, exp(level), exp(slope), *ends, n, residual, mid, breadth)


def yearly_factor(trend: Trend | None, outlook: Outlook) -> tuple[float, float, float]:
    """What a price is multiplied by in a year: likely, low, high. 1 without a trend.

    "slows" is half the speed on the log scale; "stops" is no change.
    """
    if trend is None:
        return 1.0, 1.0, 1.0
    speed = SPEED[outlook]
    return trend.per_year**speed, trend.low**speed, trend.high**speed


def frontier(points: Iterable[Point], lowest: bool = False) -> list[Point]:
    """The points that set a record on their day: the largest window, the lowest price."""
    best: list[Point] = []
    for point in sorted(points, key=lambda p: p.day):
        if not best or (point.value < best[-1].value if lowest else point.value > best[-1].value):
            best.append(point)
    return best


@dataclass(frozen=True, slots=True)
class Offer:
    """One model as it was sold: its price from `start` until before `end`."""

    price: Price
    start: date
    end: date | None  # None: still sold
    window: int | None  # tokens; None: not known
    verified: bool = True

    def sold_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a run asks of a model, whichever model it is."""

    tokens: Tokens  # of all its questions together
    questions: int
    longest: int  # tokens of the longest prompt with room for its reply


@dataclass(frozen=True, slots=True)
class Then:
    """A run as it would have been on a day."""

    day: date
    fits: bool | None  # in the largest product window of that day; None: no window is known
    window: int | None  # tokens of that window
    offer: Offer | None  # the cheapest model whose window holds it; None: there was none
    usd_per_1k: float | None  # USD per 1,000 questions with that model


def back_then(
    runs: Mapping[str, Footprint], offers: Sequence[Offer], windows: Sequence[Point], day: date
) -> dict[str, Then]:
    """The time machine: each run priced, and fitted or not, on a day in the past.

    A cache discount is given only where the offer of that day had one. Among the offers
    whose window is not known, none is taken.
    """
    largest = [p.value for p in windows if p.kind == "product" and p.day <= day]
    sold = [o for o in offers if o.sold_on(day)]
    window = int(max([*largest, *(o.window or 0 for o in sold)], default=0)) or None
    found = {}
    for name, run in runs.items():
        able = [(_usd_per_1k(run, o), o) for o in sold if (o.window or 0) >= run.longest]
        usd, offer = min(able, key=lambda pair: pair[0], default=(None, None))
        fits = None if window is None else run.longest <= window
        found[name] = Then(day, fits, window, offer, usd)
    return found


def _usd_per_1k(run: Footprint, offer: Offer) -> float:
    return priced(run.tokens, offer.price) / max(1, run.questions) * 1000


@dataclass(frozen=True, slots=True)
class Moment:
    """One finished run in a project's history. `when` is ISO text that sorts by time."""

    when: str
    run_id: str
    recipe: str  # its name, under which it is followed over time
    settings: str  # Recipe.id
    model: str
    questions: str  # evaluation set, split and limit, as one name
    documents: str  # Run.corpus_id
    scoring: str = ""  # version of the metrics


@dataclass(frozen=True, slots=True)
class Change:
    """Why a run cannot simply be compared with the one before it."""

    run_id: str
    what: tuple[str, ...]  # "questions", "documents", "model", "settings", "scoring"


def changes(history: Iterable[Moment]) -> list[Change]:
    """Where something other than chance moved between two runs of the same recipe name."""
    before: dict[str, Moment] = {}
    found = []
    for now in sorted(history, key=lambda m: m.when):
        old = before.get(now.recipe)
        before[now.recipe] = now
        if old is None:
            continue
        parts = ("questions", "documents", "model", "settings", "scoring")
        moved = tuple(part for part in parts if getattr(old, part) != getattr(now, part))
        if moved:
            found.append(Change(now.run_id, moved))
    return found
