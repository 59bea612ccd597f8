"""Market facts as the page shows them: findings over prices, windows, speeds, the time machine."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd
import streamlit as st

from dsmr.charts import Chart
from dsmr.charts.dated import Group, Path, dated, projected, through_time
from dsmr.core.trends import Outlook, Point, Then, Trend, fit, frontier, yearly_factor
from dsmr.market.facts import context_windows, latencies, market_prices, small_tier_prices
from dsmr.ui.words import usd
from dsmr.work import timemachine
from dsmr.work.timemachine import Traveller

KINDS = {"product": "on sale", "preview": "preview", "research": "research"}


def today() -> date:
    return datetime.now(UTC).date()


# --- prices -----------------------------------------------------------------------------------


@st.cache_data(show_spinner=False, max_entries=64)
def price_chart(output_share: float, since: int, what_if: Outlook) -> Chart:
    """Every dated price, the cheap tier with its trend, and what could come."""
    tier = small_tier_prices(output_share)
    trend = fit(p for p in tier if p.day.year >= since)
    groups = [
        Group("all models on the price sheet", market_prices(output_share), strong=False),
        Group("the cheap tier of large providers", tier),
    ]
    ahead = []
    if trend:
        last = trend.at(today())[0]
        ahead = projected(today(), last, yearly_factor(trend, what_if))
    subtitle = (
        f"USD per million tokens, {round(100 * output_share)} % of them output; line and band: "
        f"the cheap tier since {since} with its 95 % interval; dotted: what if"
    )
    title = price_finding(trend, since)
    return dated(groups, title, subtitle, "USD per million tokens", trend, ahead)


def price_finding(trend: Trend | None, since: int) -> str:
    if trend is None:
        return f"Too few checked prices since {since} for a trend"
    ends = sorted((1 - trend.low, 1 - trend.high))
    if trend.high < 1:
        return (
            f"The cheap tier fell by {1 - trend.per_year:.0%} a year since {since} "
            f"({ends[0]:.0%} to {ends[1]:.0%})"
        )
    if trend.low > 1:
        return f"The cheap tier rose by {trend.per_year - 1:.0%} a year since {since}"
    return f"No trend beyond doubt since {since}: the cheap tier may have fallen or risen"


def next_year(output_share: float, since: int, what_if: Outlook) -> str:
    """What a million tokens would cost in two years."""
    trend = fit(p for p in small_tier_prices(output_share) if p.day.year >= since)
    if trend is None:
        return ""
    now = trend.at(today())[0]
    likely, low, high = (now * f**2 for f in yearly_factor(trend, what_if))
    if what_if == "stops":
        return f"Nothing changes: a million tokens of the cheap tier cost {usd(now)} on the trend."
    return (
        f"In two years a million tokens would cost {usd(likely)} ({usd(low)} to {usd(high)}), "
        f"on a trend that says {usd(now)} today."
    )


# --- windows and speed ------------------------------------------------------------------------


@st.cache_data(show_spinner=False)
def window_chart() -> Chart:
    points = context_windows()
    groups = [
        Group(name, tuple(p for p in points if p.kind == kind), kind == "product")
        for kind, name in KINDS.items()
    ]
    best = frontier(p for p in points if p.kind == "product" and p.verified)
    first, last = best[0], best[-1]
    title = (
        f"The largest window on sale grew from {first.value:,.0f} tokens ({first.day:%Y}) to "
        f"{last.value:,.0f} ({last.day:%Y})"
    )
    subtitle = "Tokens that prompt and reply may have together; hollow: not verified"
    subtitle += "; line: the largest on sale"
    return dated([g for g in groups if g.points], title, subtitle, "tokens", records=best)


@st.cache_data(show_spinner=False)
def speed_charts() -> list[Chart]:
    """Output speed, and time to the first token."""
    speeds = tuple(p for s in latencies() if (p := _per_second(s.point, s.unit)))
    firsts = tuple(
        replace(s.point, kind=s.condition)
        for s in latencies()
        if s.point.kind == "time to first token" and s.unit == "s"
    )
    made = []
    for points, what, unit in (
        (speeds, "Output speed", "tokens per second"),
        (firsts, "Time to first token", "seconds"),
    ):
        trend = fit(points)
        subtitle = "Different models, places and loads: read the condition of a point before use"
        made.append(dated([Group(what, points)], speed_finding(what, trend), subtitle, unit, trend))
    return made


def _per_second(point: Point, unit: str) -> Point | None:
    """Output speeds in one unit; time per output token is turned round."""
    if point.kind.startswith("output speed") and unit == "tokens/s":
        return point
    if point.kind == "time per output token" and unit == "ms":
        return replace(point, value=1000 / point.value, note="from time per output token")
    return None


def speed_finding(what: str, trend: Trend | None) -> str:
    if trend is None:
        return f"{what}: too few checked figures for a trend"
    span = f"{trend.low:.2f} to {trend.high:.2f}"
    if trend.low > 1 or trend.high < 1:
        return f"{what} changes by a factor of {trend.per_year:.2f} a year ({span})"
    return f"{what}: no trend beyond doubt (factor {trend.per_year:.2f} a year, {span})"


# --- the time machine -------------------------------------------------------------------------


@st.cache_data(show_spinner=False, max_entries=32)
def journey_chart(who: tuple[Traveller, ...], day: date, maker: str | None) -> Chart:
    paths = timemachine.over_time(who, timemachine.months_until(today()), maker)
    then = timemachine.on_day(who, day, maker)
    lines = [Path(t.name, t.technique, tuple(paths[t.name])) for t in who]
    subtitle = (
        "The cheapest model for sale whose window held the longest prompt; no line: there was none"
    )
    return through_time(lines, day, journey_finding(then, maker), subtitle)


def journey_finding(then: dict[str, Then], maker: str | None) -> str:
    """Which recipes would have fitted on the day."""
    day = next(iter(then.values())).day
    outside = [name for name, one in then.items() if one.fits is False]
    nothing = [name for name, one in then.items() if one.offer is None and name not in outside]
    where = f" of {maker}" if maker else ""
    if not outside and not nothing:
        return f"{day:%B %Y}: every recipe would have fitted a model{where}"
    window = next((one.window for one in then.values() if one.window), None)
    if outside and window:
        names = " and ".join(outside) if len(outside) < 3 else f"{len(outside)} recipes"
        return f"{day:%B %Y}: {names} would not have fitted the largest window, {window:,} tokens"
    return f"{day:%B %Y}: no model{where} on the sheet would have held {' and '.join(nothing)}"


def journey_table(who: Sequence[Traveller], day: date, maker: str | None) -> pd.DataFrame:
    """Then and now, side by side."""
    then, now = timemachine.on_day(who, day, maker), timemachine.on_day(who, today(), maker)
    rows = []
    for one in who:
        past, present = then[one.name], now[one.name]
        rows.append(
            {
                "Recipe": one.name,
                "Longest prompt": one.footprint.longest,
                "Largest window": past.window,
                "Fits": {True: "yes", False: "no", None: "not known"}[past.fits],
                "Cheapest model that holds it": past.offer.price.model if past.offer else "none",
                "Then": past.usd_per_1k,
                "Today": present.usd_per_1k,
                "Times": past.usd_per_1k / present.usd_per_1k
                if past.usd_per_1k and present.usd_per_1k
                else None,
                "Source": f"{past.offer.price.source} ({_checked(past)})" if past.offer else "",
            }
        )
    return pd.DataFrame(rows)


def _checked(then: Then) -> str:
    return "checked" if then.offer and then.offer.verified else "not verified"


def facts_table(output_share: float) -> pd.DataFrame:
    """Every point of the page with its source."""
    rows = [
        *((("price", p, "USD/M")) for p in market_prices(output_share)),
        *((("cheap tier", p, "USD/M")) for p in small_tier_prices(output_share)),
        *((("window", p, "tokens")) for p in context_windows()),
        *(((s.point.kind, s.point, s.unit)) for s in latencies()),
    ]
    return pd.DataFrame(
        [
            {
                "What": what,
                "Model": p.name,
                "Date": p.day,
                "Value": p.value,
                "Unit": unit,
                "Kind": p.kind if p.kind != what else "",
                "Checked": p.verified,
                "Source": p.source,
                "Note": p.note,
            }
            for what, p, unit in rows
        ]
    )
