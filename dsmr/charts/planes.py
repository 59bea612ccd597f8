"""Two scales at once: the form–facts map and the accuracy–cost frontier."""

from collections.abc import Callable, Sequence
from typing import Any

from dsmr.charts.axes import error, escape, money_axis, plain, share_axis, value_text
from dsmr.charts.values import GREY, Chart, Spot, colour


def form_facts_map(spots: Sequence[Spot], title: str, subtitle: str) -> Chart:
    """x = form, y = facts; an arrow from the baseline to each recipe: what it moved."""
    figure = _plane(spots, "share")
    start = next((s for s in spots if s.technique == "baseline"), None)
    for spot in spots:
        if start and spot is not start:
            figure.add_annotation(
                x=spot.x.mean, y=spot.y.mean, ax=start.x.mean, ay=start.y.mean,
                xref="x", yref="y", axref="x", ayref="y", text="", showarrow=True,
                arrowhead=2, arrowsize=1.1, arrowwidth=1.4, standoff=8, startstandoff=8,
                arrowcolor=colour(spot.technique), opacity=0.55,
            )  # fmt: skip
    share_axis(figure, "x", "form: replies in the asked form")
    share_axis(figure, "y", "facts: right answers")
    _name_spots(figure, spots, (-0.06, 1.06), (-0.06, 1.06))
    return Chart(title, subtitle, figure)


def pareto(spots: Sequence[Spot], title: str, subtitle: str) -> Chart:
    """x = cost, y = accuracy; the line joins the recipes that nothing beats on both."""
    import plotly.graph_objects as go

    figure = _plane(spots, "usd")
    edge = frontier(spots)
    if len(edge) > 1:
        figure.add_trace(
            go.Scatter(
                x=[s.x.mean for s in edge], y=[s.y.mean for s in edge], mode="lines",
                line={"shape": "hv", "color": GREY, "width": 1.5, "dash": "dot"},
                hoverinfo="skip",
            )
        )  # fmt: skip
        figure.data = (figure.data[-1], *figure.data[:-1])  # under the dots
    top = max((s.x.mean for s in spots), default=1.0) or 1.0
    money_axis(figure, "x", top, "USD per 1,000 questions")
    share_axis(figure, "y", "accuracy")
    _name_spots(figure, spots, (0, top * 1.25), (-0.06, 1.06))
    return Chart(title, subtitle, figure)


def frontier(spots: Sequence[Spot]) -> list[Spot]:
    """The spots that no other one beats on accuracy without costing more, cheapest first."""
    best, edge = float("-inf"), []
    for spot in sorted(spots, key=lambda s: (s.x.mean, -s.y.mean)):
        if spot.y.mean > best:
            best = spot.y.mean
            edge.append(spot)
    return edge


def _plane(spots: Sequence[Spot], unit: str) -> Any:
    import plotly.graph_objects as go

    figure = go.Figure()
    for spot in spots:
        shade = colour(spot.technique)
        across = "Form" if unit == "share" else "Per 1,000 questions"
        text = (
            f"<b>{escape(spot.name)}</b><br>{across} {value_text(spot.x.mean, unit)}"
            f"<br>{'Facts' if unit == 'share' else 'Accuracy'} {value_text(spot.y.mean, 'share')}"
            f" ({value_text(spot.y.low, 'share')} to {value_text(spot.y.high, 'share')})"
        )
        figure.add_trace(
            go.Scatter(
                x=[spot.x.mean], y=[spot.y.mean], mode="markers", customdata=[spot.run_id],
                marker={"size": 13, "color": shade},
                error_x=error(spot.x, shade, faint=True),
                error_y=error(spot.y, shade, faint=True),
                hovertext=[text], hoverinfo="text",
            )
        )  # fmt: skip
    plain(figure, height=430)
    return figure


def _name_spots(
    figure: Any, spots: Sequence[Spot], x_range: tuple[float, float], y_range: tuple[float, float]
) -> None:
    """Each name beside its dot, on the side where it hides nothing (on a plot of half the page);
    dots that hide each other share one text.
    """
    wide, high = 470.0, 350.0

    def at(spot: Spot) -> tuple[float, float]:
        x = (spot.x.mean - x_range[0]) / ((x_range[1] - x_range[0]) or 1) * wide
        return x, (spot.y.mean - y_range[0]) / ((y_range[1] - y_range[0]) or 1) * high

    taken = [(x - 9, y - 9, x + 9, y + 9) for x, y in map(at, spots)]
    for together in _piles(sorted(spots, key=lambda s: -s.y.mean), at):
        spot, text = together[0], _names(together)
        (x, y), size = at(spot), 7.2 * len(text) + 6
        for dx, dy, anchor in _PLACES:
            left = x + dx - (0 if anchor == "left" else size if anchor == "right" else size / 2)
            box = (left, y + dy - 9, left + size, y + dy + 9)
            inside = left > -4 and box[2] < wide + 4 and box[1] > -4 and box[3] < high + 8
            if inside and not any(_touch(box, t) for t in taken):
                break
        taken.append(box)
        figure.add_annotation(
            x=spot.x.mean, y=spot.y.mean, text=escape(text), ax=dx, ay=-dy, xanchor=anchor,
            showarrow=True, arrowhead=0, arrowwidth=0.8,
            arrowcolor=GREY if abs(dy) > NEAR_PIXELS else "rgba(0,0,0,0)",
        )  # fmt: skip


NEAR_PIXELS = 30  # a name further from its dot gets a line to it
COVERED_PIXELS = 6  # dots as near as this cannot be told apart
LONGEST_NAMES = 48
_PLACES = tuple(
    (dx, dy, anchor)
    for reach in (0, 17, 34, 51, 68, 85, 102, 119, 136)
    for dx, dy, anchor in (
        (12, 13 + reach, "left"),
        (12, -13 - reach, "left"),
        (-12, 13 + reach, "right"),
        (-12, -13 - reach, "right"),
        (0, 18 + reach, "center"),
        (0, -18 - reach, "center"),
    )
)


def _piles(spots: Sequence[Spot], at: Callable[[Spot], tuple[float, float]]) -> list[list[Spot]]:
    """Spots, those that nearly cover each other together."""
    piles: list[list[Spot]] = []
    for spot in spots:
        x, y = at(spot)
        for pile in piles:
            there = at(pile[0])
            if abs(x - there[0]) + abs(y - there[1]) < COVERED_PIXELS:
                pile.append(spot)
                break
        else:
            piles.append([spot])
    return piles


def _names(pile: Sequence[Spot]) -> str:
    names = ", ".join(spot.name for spot in pile)
    if len(pile) < 3 or len(names) <= LONGEST_NAMES:
        return names
    return f"{pile[0].name}, {pile[1].name} and {len(pile) - 2} more"


def _touch(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
