"""Cost per month against questions per month, with the volumes at which plans cross."""

from collections.abc import Sequence
from dataclasses import dataclass

from dsmr.charts.axes import escape, plain
from dsmr.charts.values import FAINT, GREY, Chart, colour

Money = tuple[float, float, float]  # likely, low, high


@dataclass(frozen=True, slots=True)
class Cost:
    """One plan: USD a month at each volume."""

    name: str
    technique: str
    points: tuple[tuple[float, Money], ...]  # (questions a month, USD)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where a plan becomes cheaper than another: volume with its range, and the cost there."""

    below: str
    above: str
    volume: Money
    usd: float


def against_volume(
    lines: Sequence[Cost], meetings: Sequence[Meeting], here: float, title: str, subtitle: str
) -> Chart:
    """Both scales logarithmic, since volumes and costs span powers of ten; band: the range."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for line in lines:
        x = [volume for volume, _ in line.points]
        shade = colour(line.technique)
        lows, highs = [m[1] for _, m in line.points], [m[2] for _, m in line.points]
        figure.add_trace(
            go.Scatter(
                x=[*x, *reversed(x)], y=[*highs, *reversed(lows)], fill="toself", mode="lines",
                line={"width": 0}, fillcolor=_pale(shade), hoverinfo="skip",
            )
        )  # fmt: skip
    for line in lines:
        figure.add_trace(
            go.Scatter(
                x=[volume for volume, _ in line.points], y=[m[0] for _, m in line.points],
                mode="lines", line={"color": colour(line.technique), "width": 2.5},
                hovertext=[_over(line.name, volume, m) for volume, m in line.points],
                hoverinfo="text",
            )
        )  # fmt: skip
    for met in meetings:
        likely, low, high = met.volume
        figure.add_trace(
            go.Scatter(
                x=[likely], y=[met.usd], mode="markers",
                marker={"size": 11, "symbol": "diamond-open", "color": GREY, "line": {"width": 2}},
                error_x={"type": "data", "symmetric": False, "array": [high - likely],
                         "arrayminus": [likely - low], "color": GREY, "width": 0},
                hovertext=[_crossing(met)], hoverinfo="text",
            )
        )  # fmt: skip
    figure.add_vline(x=here, line={"color": GREY, "dash": "dot", "width": 1.5})
    _name_ends(figure, lines)
    plain(figure, height=430)
    figure.update_layout(margin={"r": 150, "t": 12})
    figure.update_xaxes(type="log", title="questions a month", showgrid=False, dtick=1,
                        tickformat="~s", exponentformat="none")  # fmt: skip
    figure.update_yaxes(type="log", title="USD a month", gridcolor=FAINT, dtick=1,
                        tickprefix="$", tickformat=",~r", zeroline=False)  # fmt: skip
    return Chart(title, subtitle, figure)


def _pale(shade: str) -> str:
    red, green, blue = (int(shade[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.13)"


def _over(name: str, volume: float, cost: Money) -> str:
    return (
        f"<b>{escape(name)}</b><br>{volume:,.0f} questions a month"
        f"<br>{_usd(cost[0])} a month ({_usd(cost[1])} to {_usd(cost[2])})"
    )


def _crossing(met: Meeting) -> str:
    likely, low, high = (f"{float(f'{v:.2g}'):,.0f}" for v in met.volume)
    return (
        f"<b>From {likely} questions a month</b><br>{escape(met.above)} costs less than "
        f"{escape(met.below)}<br>range {low} to {high}"
    )


def _usd(amount: float) -> str:
    return f"${amount:,.0f}" if amount >= 100 else f"${amount:,.2f}"


def _name_ends(figure: object, lines: Sequence[Cost]) -> None:
    """Each name at the right end of its line, in its order from the bottom, kept apart."""
    from math import log10

    if not lines:
        return
    values = [m[0] for line in lines for _, m in line.points]
    span = max(0.1, log10(max(values)) - log10(max(min(values), 1e-9)))
    placed = float("-inf")
    for line in sorted(lines, key=lambda one: one.points[-1][1][0]):
        value = line.points[-1][1][0]
        pixels = 340 * log10(max(value, 1e-9)) / span
        shown = max(pixels, placed + 17)
        placed = shown
        figure.add_annotation(  # type: ignore[attr-defined]
            x=log10(line.points[-1][0]), y=log10(max(value, 1e-9)), text=escape(line.name),
            showarrow=False, xanchor="left", xshift=8, yshift=shown - pixels,
        )  # fmt: skip
