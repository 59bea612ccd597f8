"""Dated facts: prices, windows and speeds as points with their source, trends with their band."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dsmr.charts.axes import escape, plain
from dsmr.charts.values import FAINT, GREY, Chart, colour
from dsmr.core.trends import Point, Trend

ACCENT = "#6F68D9"  # reads on light and on dark; no technique has it
PALE = "rgba(111,104,217,0.16)"
SYMBOLS = ("circle", "diamond", "square", "triangle-up")
Ahead = tuple[date, float, float, float]  # day, likely, low, high


@dataclass(frozen=True, slots=True)
class Group:
    """Points that are drawn alike."""

    name: str
    points: tuple[Point, ...]
    strong: bool = True  # False: in the background


def dated(
    groups: Sequence[Group],
    title: str,
    subtitle: str,
    unit: str,
    trend: Trend | None = None,
    ahead: Sequence[Ahead] = (),
    records: Sequence[Point] = (),
) -> Chart:
    """On a log scale; filled: verified, hollow: not. `unit` is a Plotly-safe word for the axis."""
    import plotly.graph_objects as go

    figure = go.Figure()
    _draw_trend(figure, trend, groups)
    _draw_ahead(figure, ahead)
    _draw_records(figure, records)
    for number, group in enumerate(groups):
        shade = ACCENT if group.strong else GREY
        points = sorted(group.points, key=lambda p: not p.verified)  # the legend shows the first
        figure.add_trace(
            go.Scatter(
                x=[p.day for p in points], y=[p.value for p in points],
                mode="markers", name=escape(group.name),
                marker={"size": 9 if group.strong else 6, "color": shade,
                        "symbol": [_symbol(number, p) for p in points],
                        "line": {"width": 1.6, "color": shade}},
                hovertext=[_over(p, unit) for p in points], hoverinfo="text",
            )
        )  # fmt: skip
    plain(figure, height=400)
    figure.update_layout(
        showlegend=len(groups) > 1,
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
        margin={"t": 34 if len(groups) > 1 else 10},
    )
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(type="log", dtick=1, gridcolor=FAINT, zeroline=False, title=escape(unit),
                        tickprefix="$" if unit.startswith("USD") else "",
                        tickformat="~s" if unit == "tokens" else ",~r")  # fmt: skip
    return Chart(title, subtitle, figure)


def _symbol(number: int, point: Point) -> str:
    shape = SYMBOLS[number % len(SYMBOLS)]
    return shape if point.verified else f"{shape}-open"


def _over(point: Point, unit: str) -> str:
    value = f"${point.value:,.4g}" if unit.startswith("USD") else f"{point.value:,.4g} {unit}"
    lines = [f"<b>{escape(point.name)}</b>", f"{value}, {point.day:%d %b %Y}"]
    lines += [escape(part) for part in (point.kind, point.note) if part]
    lines += [f"Source: {escape(point.source)}"] if point.source else []
    lines.append("checked in the source" if point.verified else "not verified")
    return "<br>".join(_wrapped(line) for line in lines)


def _wrapped(line: str, width: int = 70) -> str:
    from textwrap import wrap

    return line if line.startswith("<b>") else "<br>".join(wrap(line, width)[:4])


def _draw_trend(figure: Any, trend: Trend | None, groups: Sequence[Group]) -> None:
    if trend is None:
        return
    last = max(p.day for g in groups for p in g.points)
    days = [trend.start + (last - trend.start) * i / 40 for i in range(41)]
    _band(figure, [(day, *trend.at(day)) for day in days], "solid")


def _draw_records(figure: Any, records: Sequence[Point]) -> None:
    import plotly.graph_objects as go

    if records:
        figure.add_trace(
            go.Scatter(
                x=[p.day for p in records], y=[p.value for p in records], mode="lines",
                line={"shape": "hv", "color": ACCENT, "width": 1.5}, opacity=0.6,
                hoverinfo="skip", showlegend=False,
            )
        )  # fmt: skip


def _draw_ahead(figure: Any, ahead: Sequence[Ahead]) -> None:
    if ahead:
        _band(figure, ahead, "dot")


def _band(figure: Any, rows: Sequence[Ahead], dash: str) -> None:
    import plotly.graph_objects as go

    days = [day for day, _, _, _ in rows]
    lows, highs = [low for _, _, low, _ in rows], [high for _, _, _, high in rows]
    figure.add_trace(
        go.Scatter(
            x=[*days, *reversed(days)], y=[*highs, *reversed(lows)], fill="toself", mode="lines",
            line={"width": 0}, fillcolor=PALE, hoverinfo="skip", showlegend=False,
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=days, y=[likely for _, likely, _, _ in rows], mode="lines", showlegend=False,
            line={"color": ACCENT, "width": 2, "dash": dash}, hoverinfo="skip",
        )
    )  # fmt: skip


def projected(start: date, value: float, per_year: tuple[float, float, float]) -> list[Ahead]:
    """Three years on from a value, by a yearly factor: (likely, low, high)."""
    rows = []
    for step in range(13):
        years = step / 4
        likely, low, high = (value * factor**years for factor in per_year)
        rows.append((start + timedelta(days=round(91.3 * step)), likely, low, high))
    return rows


@dataclass(frozen=True, slots=True)
class Path:
    """One recipe's cost over the years; None where nothing for sale would have held it."""

    name: str
    technique: str
    points: tuple[tuple[date, float | None], ...]


def through_time(paths: Sequence[Path], here: date, title: str, subtitle: str) -> Chart:
    """USD per 1,000 questions on a log scale, one stepped line per recipe; dotted: the day."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for path in paths:
        known = [(d, v) for d, v in path.points]
        figure.add_trace(
            go.Scatter(
                x=[d for d, _ in known], y=[v for _, v in known], mode="lines",
                line={"shape": "hv", "width": 2, "color": colour(path.technique)},
                hovertext=[f"<b>{escape(path.name)}</b><br>{d:%b %Y}: ${v:,.4g} per 1,000 questions"
                           if v is not None else "" for d, v in known],
                hoverinfo="text", connectgaps=False,
            )
        )  # fmt: skip
    figure.add_vline(x=here, line={"color": GREY, "dash": "dot", "width": 1.5})
    _names(figure, paths)
    plain(figure, height=380)
    figure.update_layout(margin={"r": 150, "t": 12})
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(type="log", dtick=1, tickprefix="$", tickformat=",~r", gridcolor=FAINT,
                        zeroline=False, title="USD per 1,000 questions")  # fmt: skip
    return Chart(title, subtitle, figure)


def _names(figure: Any, paths: Sequence[Path]) -> None:
    from math import log10

    ends = [(p.points[-1][1], p) for p in paths if p.points]
    known = sorted(((v, p) for v, p in ends if v), key=lambda pair: pair[0])
    values = [v for p in paths for _, v in p.points if v]
    if not known:
        return
    span = max(0.3, log10(max(values)) - log10(min(values)))
    placed = float("-inf")
    for value, path in known:
        pixels = 300 * log10(value) / span
        shown = max(pixels, placed + 16)
        placed = shown
        figure.add_annotation(
            x=path.points[-1][0], y=log10(value), text=escape(path.name), showarrow=False,
            xanchor="left", xshift=8, yshift=shown - pixels,
        )  # fmt: skip
