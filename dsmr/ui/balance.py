"""Break-even as the page shows it: plans of this project, the chart, the crossings in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dsmr.charts import Chart
from dsmr.charts.volumes import Cost, Meeting, against_volume
from dsmr.core.breakeven import Crossing, Outlook, Plan, about, conclusion, monthly, usd
from dsmr.core.cost import Price
from dsmr.core.trends import fit, yearly_factor
from dsmr.market.facts import small_tier_prices
from dsmr.ui.words import percent
from dsmr.work import breakeven
from dsmr.work.breakeven import Assumptions, Footing

STEPS = 25
LOWEST, HIGHEST = 2, 7  # powers of ten of questions a month
Tokens = tuple[str, float, float, float]  # technique, shared, own, reply
PRICE_WORDS = {"continues": "Continues", "slows": "Slows", "stops": "Stops"}


@dataclass(frozen=True, slots=True)
class Picture:
    chart: Chart
    sentence: str
    crossings: tuple[str, ...]


@st.cache_data(show_spinner=False, max_entries=64)
def picture(ways: tuple[Footing, ...], chosen: Assumptions, paid: Price) -> Picture:
    made = breakeven.plans(breakeven.adjusted(ways, chosen), chosen, paid)
    ahead = breakeven.outlook(chosen)
    sentence = conclusion(made, chosen.volume, ahead)
    met = breakeven.crossings(made, ahead)
    lines = [Cost(p.name, p.technique, _points(p, ahead)) for p in made]
    meetings = [_meeting(one, made, ahead) for one in met if _shown(one)]
    subtitle = (
        f"USD a month at the prices of {chosen.model}, one-off cost spread over "
        f"{chosen.months:.0f} months; bands and bars: the range; dotted: your volume"
    )
    chart = against_volume(lines, meetings, chosen.volume, sentence, subtitle)
    return Picture(chart, sentence, tuple(_in_words(one) for one in met))


def _points(plan: Plan, ahead: Outlook) -> tuple[tuple[float, tuple[float, float, float]], ...]:
    volumes = [10 ** (LOWEST + (HIGHEST - LOWEST) * i / (STEPS - 1)) for i in range(STEPS)]
    costs = [(volume, monthly(plan, volume, ahead)) for volume in volumes]
    return tuple((v, (c.likely, c.low, c.high)) for v, c in costs)


def _shown(one: Crossing) -> bool:
    return bool(one.volume and 10**LOWEST <= one.volume.likely <= 10**HIGHEST)


def _meeting(one: Crossing, made: Sequence[Plan], ahead: Outlook) -> Meeting:
    span = one.volume
    assert span
    plan = next(p for p in made if p.name == one.below)
    cost = monthly(plan, span.likely, ahead).likely
    high = min(span.high, 10.0**HIGHEST)
    return Meeting(one.below, one.above or "", (span.likely, span.low, high), cost)


def _in_words(one: Crossing) -> str:
    span = one.volume
    assert span
    text = f"{one.above} costs less than {one.below} from about {about(span.likely)} questions a "
    text += f"month on ({about(span.low)} to {about(span.high)})"
    return text + (f"; in {one.chance:.0%} of the cases looked at" if one.chance < 0.975 else "")


TOKENS = ("Shared tokens", "Own tokens", "Reply tokens")


def read_tokens(edited: pd.DataFrame, measured: Sequence[Footing]) -> tuple[Tokens, ...]:
    """What the user has set, where it differs from what was measured; empty cells do not count."""
    found = []
    for row, way in zip(edited.to_dict("records"), measured, strict=True):
        before = (way.shared, way.own, way.out)
        now = tuple(
            old if row[name] is None or row[name] != row[name] else float(row[name])
            for name, old in zip(TOKENS, before, strict=True)
        )
        if any(abs(new - round(old)) >= 0.5 for new, old in zip(now, before, strict=True)):
            found.append((way.technique, *now))
    return tuple(found)


def table(ways: Sequence[Footing], chosen: Assumptions, paid: Price) -> pd.DataFrame:
    """What each plan is made of, with the user's tokens in place of measured ones."""
    own = {technique for technique, *_ in chosen.tokens}
    ways = breakeven.adjusted(ways, chosen)
    made = breakeven.plans(ways, chosen, paid)
    return pd.DataFrame(
        {
            "Plan": [w.name for w in ways],
            "Shared tokens": [round(w.shared) for w in ways],
            "Own tokens": [round(w.own) for w in ways],
            "Reply tokens": [round(w.out) for w in ways],
            "USD per 1,000": [1000 * p.per_question.likely for p in made],
            "Once": [usd(p.once.likely) for p in made],
            "Each base-model change": [usd(p.again.likely) for p in made],
            "Right answers": [percent(w.accuracy) for w in ways],
            "From": [_basis(w, w.technique in own) for w in ways],
        }
    )


def _basis(way: Footing, changed: bool) -> str:
    if changed:
        return "your figures"
    if way.measured:
        return "your runs"
    return "your documents" if way.name == breakeven.LONG_PROMPT else "typical figures"


def trend_words(chosen: Assumptions) -> str:
    """What the switch does to prices, with its uncertainty."""
    likely, low, high = yearly_factor(fit(small_tier_prices()), chosen.prices)
    if chosen.prices == "stops":
        return "Prices stay as they are today."
    fall = f"{1 - likely:.0%}" if likely < 1 else f"{likely - 1:.0%} more"
    word = "as fast as since 2021" if chosen.prices == "continues" else "at half that speed"
    return (
        f"Prices fall by {fall} a year ({1 - high:.0%} to {1 - low:.0%}), {word}; that makes "
        "every plan's tokens cheaper, but not its labels."
    )
