"""Curves over the number of examples, and gains around zero."""

from collections.abc import Sequence
from dataclasses import dataclass

from dsmr.charts.axes import error, escape, hover, plain, rows_of, share_axis
from dsmr.charts.values import COLOURS, FAINT, GREY, Chart, Mark, colour
from dsmr.core.stats import Estimate

APART = 0.07  # between two curves at the same number of examples, in steps of the axis


@dataclass(frozen=True, slots=True)
class Curve:
    """One way of choosing the examples: (examples, score, draws) from few to many."""

    name: str
    points: tuple[tuple[int, Estimate, int], ...]
    solid: bool = True


def over_examples(
    curves: Sequence[Curve], tuned: Mark | None, title: str, subtitle: str, mark: str = ""
) -> Chart:
    """Score against the number of examples, each doubling one step; the tuned model beside."""
    import plotly.graph_objects as go

    figure, shade = go.Figure(), COLOURS["few-shot"]
    rungs = sorted({k for curve in curves for k, _, _ in curve.points})
    place = {k: i for i, k in enumerate(rungs)}
    for number, curve in enumerate(curves):
        shift = APART * (number - (len(curves) - 1) / 2)
        x = [place[k] + shift for k, _, _ in curve.points]
        values = [value for _, value, _ in curve.points]
        figure.add_trace(
            go.Scatter(
                x=x, y=[v.mean for v in values], mode="lines+markers",
                line={"color": shade, "width": 2, "dash": "solid" if curve.solid else "dot"},
                marker={"size": 9, "color": shade,
                        "symbol": "circle" if curve.solid else "circle-open",
                        "line": {"width": 2, "color": shade}},
                error_y={**error(values[0], shade, faint=True),
                         "array": [v.high - v.mean for v in values],
                         "arrayminus": [v.mean - v.low for v in values]},
                hovertext=[_over(curve.name, k, v, draws) for k, v, draws in curve.points],
                hoverinfo="text",
            )
        )  # fmt: skip
    ticks = [str(k) for k in rungs]
    _ends(figure, curves, place)
    if tuned:
        at = len(rungs) - 1 + max(1.8, 0.5 * len(rungs))  # room for the names of the curves
        figure.add_trace(
            go.Scatter(
                x=[at], y=[tuned.value.mean], mode="markers", customdata=[tuned.run_id],
                marker={"size": 12, "color": colour(tuned.technique)},
                error_y=error(tuned.value, colour(tuned.technique)),
                hovertext=[hover(tuned.name, tuned.value, "share")], hoverinfo="text",
            )
        )  # fmt: skip
        figure.add_vline(x=at - 0.6, line={"color": GREY, "dash": "dot", "width": 1})
        place, ticks = {**place, -1: at}, [*ticks, escape(mark or tuned.name)]
    end = place.get(-1, len(rungs) - 1 + max(1.2, 0.4 * len(rungs))) + 0.6
    share_axis(figure, "y")
    plain(figure, height=340)
    figure.update_xaxes(
        tickvals=list(place.values()), ticktext=ticks, title="worked examples in the prompt",
        range=[-0.35, end], showgrid=False, zeroline=False,
    )  # fmt: skip
    return Chart(title, subtitle, figure)


def _over(name: str, examples: int, value: Estimate, draws: int) -> str:
    drawn = f"<br>mean of {draws} draws" if draws > 1 else ""
    number = f"{examples} example{'' if examples == 1 else 's'}"
    return f"{hover(f'{number}, {name}' if examples else number, value, 'share')}{drawn}"


def _ends(figure: object, curves: Sequence[Curve], place: dict[int, int]) -> None:
    """Names at the ends of the curves, kept apart."""
    last = -1.0
    for curve in sorted((c for c in curves if c.points), key=lambda c: c.points[-1][1].mean):
        mean = curve.points[-1][1].mean
        shown = max(mean, last + 0.075)
        last = shown
        figure.add_annotation(  # type: ignore[attr-defined]
            x=place[curve.points[-1][0]] + APART, y=mean, text=escape(curve.name),
            showarrow=False, xanchor="left", xshift=10, yshift=(shown - mean) * 260,
        )  # fmt: skip


def gains(rows: Sequence[Mark], title: str, subtitle: str, margin: float | None = None) -> Chart:
    """Differences with their intervals around zero, in percentage points, first row on top."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for row in reversed(rows):
        shade = colour(row.technique)
        shown = f"{100 * row.value.mean:+.1f}".replace("-", "−")
        ends = f"{100 * row.value.low:+.1f} to {100 * row.value.high:+.1f}".replace("-", "−")
        figure.add_trace(
            go.Scatter(
                x=[100 * row.value.mean], y=[escape(row.name)], mode="markers",
                customdata=[row.run_id], marker={"size": 12, "color": shade},
                error_x=error(_in_points(row.value), shade),
                hovertext=[f"<b>{escape(row.name)}</b><br>{shown} points<br>95 % interval {ends}"],
                hoverinfo="text",
            )
        )  # fmt: skip
        figure.add_annotation(
            x=100 * max(row.value.high, row.value.mean), y=escape(row.name), text=shown,
            showarrow=False, xanchor="left", xshift=7,
        )  # fmt: skip
    rows_of(figure, len(rows))
    figure.update_layout(height=figure.layout.height + 34)  # for the title of the axis
    reach = 125 * max([0.1, *(max(abs(r.value.low), abs(r.value.high)) for r in rows)])
    if margin:
        edge = 100 * margin
        figure.add_vrect(x0=-edge, x1=edge, fillcolor=FAINT, line_width=0, layer="below")
    figure.add_vline(x=0, line={"color": GREY, "width": 1})
    figure.update_xaxes(
        range=[-reach, reach], tickformat="+.0f", zeroline=False, nticks=7, title="points",
    )  # fmt: skip
    return Chart(title, subtitle, figure)


def _in_points(value: Estimate) -> Estimate:
    return Estimate(100 * value.mean, 100 * value.low, 100 * value.high, value.n)
