"""Recipes by kind of question or by tag, and recipes over time."""

from collections.abc import Sequence
from typing import Any

from dsmr.charts.axes import error, escape, hover, moment_of, plain, share_axis
from dsmr.charts.values import FAINT, GREY, MOST_POINTS, Chart, Line, Mark, colour

PLOT_PIXELS, NAME_SHARE = 250.0, 0.16  # height of a plot, width of a name in it


def by_group(groups: dict[str, list[Mark]], title: str, subtitle: str) -> Chart:
    """For each kind or tag, one dot with its interval per recipe."""
    import plotly.graph_objects as go

    figure, ticks, position = go.Figure(), [], 0.0
    shown: set[str] = set()
    for group, marks in reversed(list(groups.items())):
        start = position
        for mark in reversed(marks):
            figure.add_trace(
                go.Scatter(
                    x=[mark.value.mean], y=[position], mode="markers",
                    customdata=[mark.run_id], name=escape(mark.name),
                    legendgroup=mark.run_id, showlegend=mark.run_id not in shown,
                    marker={"size": 9, "color": colour(mark.technique)},
                    error_x=error(mark.value, colour(mark.technique), faint=True),
                    hovertext=[hover(f"{mark.name}, {group}", mark.value, "share")],
                    hoverinfo="text",
                )
            )  # fmt: skip
            shown.add(mark.run_id)
            position += 1
        ticks.append(((start + position - 1) / 2, escape(group)))
        position += 1.2
    figure.update_yaxes(
        tickvals=[at for at, _ in ticks], ticktext=[name for _, name in ticks],
        range=[-1, max(position - 0.6, 1)], showgrid=False, zeroline=False, automargin=True,
    )  # fmt: skip
    share_axis(figure, "x")
    plain(figure, height=int(70 + 15 * position + 40))
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "y": -0.02, "yanchor": "top", "x": 0}
    )
    figure.update_xaxes(side="top")
    return Chart(title, subtitle, figure)


def over_time(
    lines: Sequence[Line],
    title: str,
    subtitle: str,
    unit: str = "share",
    changes: Sequence[tuple[float, str]] = (),
) -> Chart:
    """One line per recipe over the runs; dotted verticals where the data changed."""
    import plotly.graph_objects as go

    figure = go.Figure()
    most = max(1, MOST_POINTS // max(1, len(lines)))
    for line in lines:
        points = line.points[-most:]
        shade = colour(line.technique)
        figure.add_trace(
            go.Scatter(
                x=[moment_of(t) for t, _, _ in points], y=[e.mean for _, _, e in points],
                customdata=[run for _, run, _ in points], mode="lines+markers",
                line={"color": shade, "width": 2}, marker={"size": 8},
                error_y={**error(points[-1][2], shade, faint=True),
                         "array": [e.high - e.mean for _, _, e in points],
                         "arrayminus": [e.mean - e.low for _, _, e in points]},
                hovertext=[hover(line.name, e, unit, t) for t, _, e in points],
                hoverinfo="text",
            )
        )  # fmt: skip
    _end_names(figure, lines, 1.06 if unit == "share" else None)
    for moment, what in changes:
        figure.add_vline(x=moment_of(moment), line={"color": GREY, "dash": "dot", "width": 1})
        figure.add_annotation(
            x=moment_of(moment), y=1, yref="paper", text=escape(what), showarrow=False,
            xanchor="left", yanchor="bottom", font={"size": 11}, opacity=0.8,
        )  # fmt: skip
    if unit == "share":
        share_axis(figure, "y")
    else:
        figure.update_yaxes(rangemode="tozero", tickprefix="$" if unit == "usd" else "",
                            ticksuffix=" s" if unit == "s" else "", nticks=5,
                            zeroline=False, gridcolor=FAINT)  # fmt: skip
    plain(figure, height=320)
    figure.update_layout(margin={"r": 130, "t": 26})
    figure.update_xaxes(showgrid=False, nticks=6)
    return Chart(title, subtitle, figure)


def _end_names(figure: Any, lines: Sequence[Line], top: float | None) -> None:
    """Each line's name at its end, moved up where two ends lie close. `top`: of the y axis."""
    drawn = [line for line in lines if line.points]
    if not drawn:
        return
    moments = [moment for line in drawn for moment, _, _ in line.points]
    start, wide = min(moments), (max(moments) - min(moments)) or 1.0
    high = top or max(e.high for line in drawn for _, _, e in line.points) or 1.0
    placed: list[tuple[float, float]] = []  # share of the width, pixels from below
    for line in sorted(drawn, key=lambda one: one.points[-1][2].mean):
        moment, _, estimate = line.points[-1]
        across, own = (moment - start) / wide, PLOT_PIXELS * estimate.mean / high
        level = own
        while any(abs(across - x) < NAME_SHARE and abs(level - y) < 15 for x, y in placed):
            level += 1
        placed.append((across, level))
        figure.add_annotation(
            x=moment_of(moment), y=estimate.mean, text=escape(line.name), showarrow=False,
            xanchor="left", xshift=10, yshift=level - own,
        )  # fmt: skip
