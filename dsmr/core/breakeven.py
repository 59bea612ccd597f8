"""From which volume on a technique pays: cost per month against questions per month."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log
from random import Random

from dsmr.core.cost import MILLION, Price

DRAWS = 2000
SEED = 20242


@dataclass(frozen=True, slots=True)
class Range:
    """A figure nobody knows exactly: what is likely, and how far off it could be."""

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.likely <= self.high:
            raise ValueError(f"a range goes from low over likely to high, not {self}")

    def times(self, factor: float) -> "Range":
        return Range(self.low * factor, self.likely * factor, self.high * factor)

    def plus(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)


def sure(value: float) -> Range:
    """A figure known exactly."""
    return Range(value, value, value)


NOTHING = sure(0.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to serve the questions, and everything that it costs. USD."""

    name: str
    technique: str
    per_question: Range
    per_month: Range = NOTHING  # whatever the volume: hosting, storage
    once: Range = NOTHING  # labelling, first training, first index
    again: Range = NOTHING  # each time the base model changes: training and checking anew


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the months ahead are taken to bring, the same for all plans."""

    months: float = 24.0  # over which one-off cost is spread
    base_change_months: Range | None = None  # between moves to a newer base model; None: never
    retirement_months: Range | None = None  # until the base model is switched off; None: never
    price_per_year: Range = field(default_factory=lambda: sure(1.0))  # factor on token prices


def per_question(
    price: Price,
    shared: float,
    own: float,
    out: float,
    hits: float | None = None,
    premium: float = 1.0,
) -> float:
    """USD for one question from its tokens.

    `shared`: tokens that all questions begin with; `own`: this question's other tokens;
    `hits`: share of the questions that find the shared part in the prefix cache (None:
    no caching), the rest pay for writing it; `premium`: what a tuned model's tokens cost
    relative to its base model's.
    """
    if hits is None:
        prefix = shared * price.input
    else:
        read = price.input if price.cached_input is None else price.cached_input
        write = price.input if price.cache_write is None else price.cache_write
        prefix = shared * (hits * read + (1 - hits) * write)
    return premium * (prefix + own * price.input + out * price.output) / MILLION


def tuned(
    name: str,
    per_question_usd: Range,
    training: Range,
    labelling_hours: Range,
    usd_per_hour: float,
    checking_hours: float = 0.0,
    per_month: Range = NOTHING,
    technique: str = "tuned",
) -> Plan:
    """A fine-tuned plan: labels are paid once, training and checking at every change."""
    again = training.plus(sure(checking_hours * usd_per_hour))
    once = again.plus(labelling_hours.times(usd_per_hour))
    return Plan(name, technique, per_question_usd, per_month, once, again)


def monthly(plan: Plan, volume: float, outlook: Outlook = Outlook()) -> Range:
    """USD per month at a volume of questions per month, one-off cost spread over the months.

    The ends are the 2.5th and 97.5th percentile over seeded draws of all ranges.
    """
    costs = sorted(fixed + volume * slope for fixed, slope in _lines(plan, outlook))
    fixed, slope = _likely(plan, outlook)
    likely = fixed + volume * slope
    low, high = costs[int(0.025 * DRAWS)], costs[int(0.975 * DRAWS) - 1]
    return Range(min(low, likely), likely, max(high, likely))


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where the cheaper of two plans changes."""

    below: str  # cheaper at small volume
    above: str | None  # cheaper at large volume; None: `below` is cheaper at any volume
    volume: Range | None  # questions per month; None: no crossing
    chance: float  # share of the draws in which the two cross at all


def crossing(first: Plan, second: Plan, outlook: Outlook = Outlook()) -> Crossing:
    """The volume at which two plans cost the same, with its range over seeded draws."""
    one, two = _likely(first, outlook), _likely(second, outlook)
    likely = _meet(one, two)
    futures = zip(_lines(first, outlook), _lines(second, outlook), strict=True)
    found = sorted(at for pair in futures if (at := _meet(*pair)) is not None)
    chance = len(found) / DRAWS
    if likely is None:
        return Crossing(second.name if one > two else first.name, None, None, chance)
    below, above = (first, second) if one < two else (second, first)
    low = found[int(0.025 * len(found))] if found else likely
    high = found[max(0, int(0.975 * len(found)) - 1)] if found else likely
    span = Range(min(low, likely), likely, max(high, likely))
    return Crossing(below.name, above.name, span, chance)


def cheapest(plans: Sequence[Plan], volume: float, outlook: Outlook = Outlook()) -> Plan:
    """The plan that likely costs least at a volume; the first of equals."""
    return min(plans, key=lambda plan: monthly(plan, volume, outlook).likely)


def conclusion(plans: Sequence[Plan], volume: float, outlook: Outlook = Outlook()) -> str:
    """One sentence: the cheapest plan at this volume, and where that changes."""
    if len(plans) < 2:
        return "There is nothing to compare yet: add a second plan."
    best = cheapest(plans, volume, outlook)
    cost = monthly(best, volume, outlook).likely
    start = f"At {volume:,.0f} questions a month {best.name} is cheapest, at {usd(cost)} a month"
    nearest: tuple[float, Crossing] | None = None
    for other in plans:
        found = crossing(best, other, outlook) if other is not best else None
        if found and found.volume and found.above == other.name:
            at = found.volume.likely
            if nearest is None or at < nearest[0]:
                nearest = at, found
    if nearest is None or nearest[1].volume is None:
        return f"{start}, and no larger volume changes that."
    span = nearest[1].volume
    return (
        f"{start}; from about {about(span.likely)} questions a month on "
        f"({about(span.low)} to {about(span.high)}) it is {nearest[1].above}."
    )


def about(count: float) -> str:
    """A count with two digits that matter: 930,000 rather than 932,754."""
    return f"{float(f'{count:.2g}'):,.0f}"


def usd(amount: float) -> str:
    """Dollars with as many decimals as matter."""
    if amount >= 100:
        return f"${amount:,.0f}"
    return f"${amount:,.2f}" if amount >= 0.1 or amount == 0 else f"${amount:.2g}"


Line = tuple[float, float]  # USD per month at volume 0, and USD per further question
Future = tuple[float, float]  # rounds of tuning again, average factor on token prices


@lru_cache(maxsize=256)
def _lines(plan: Plan, outlook: Outlook) -> tuple[Line, ...]:
    """A plan's line in every drawn future; the n-th future is the same for all plans."""
    ahead, own = Random(SEED), Random(f"{SEED} {plan.name}")
    return tuple(_line(plan, outlook, _future(outlook, ahead), own) for _ in range(DRAWS))


def _likely(plan: Plan, outlook: Outlook) -> Line:
    return _line(plan, outlook, _future(outlook, None), None)


def _future(outlook: Outlook, random: Random | None) -> Future:
    gaps = [
        _pick(months, random)
        for months in (outlook.base_change_months, outlook.retirement_months)
        if months is not None
    ]
    rounds = max(0.0, outlook.months / min(gaps) - 1) if gaps else 0.0
    return rounds, _average(_pick(outlook.price_per_year, random), outlook.months / 12)


def _line(plan: Plan, outlook: Outlook, future: Future, random: Random | None) -> Line:
    rounds, factor = future
    spread = (_pick(plan.once, random) + rounds * _pick(plan.again, random)) / outlook.months
    return _pick(plan.per_month, random) + spread, _pick(plan.per_question, random) * factor


def _pick(span: Range, random: Random | None) -> float:
    if random is None or span.low == span.high:
        return span.likely
    return random.triangular(span.low, span.high, span.likely)


def _average(per_year: float, years: float) -> float:
    """The mean of per_year ^ t for t from 0 to `years`."""
    if abs(per_year - 1) < 1e-9 or years == 0:
        return 1.0
    return (per_year**years - 1) / (years * log(per_year))


def _meet(one: Line, two: Line) -> float | None:
    """The positive volume at which two lines cross; None where they do not."""
    (fixed_one, slope_one), (fixed_two, slope_two) = one, two
    if slope_one == slope_two:
        return None
    volume = (fixed_two - fixed_one) / (slope_one - slope_two)
    return volume if volume > 0 else None
