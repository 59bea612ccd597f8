"""One value per recipe: accuracy, money, latency."""

from collections.abc import Sequence

from dsmr.charts.axes import (
    beside,
    error,
    escape,
    hover,
    money,
    money_axis,
    rows_of,
    seconds,
    share_axis,
    value_text,
)
from dsmr.charts.values import Chart, Mark, Timing, colour
from dsmr.core.stats import Estimate


def ranking(marks: Sequence[Mark], title: str, subtitle: str, unit: str = "share") -> Chart:
    """A dot and its 95 % interval per recipe, best on top. `unit`: "share" or "usd"."""
    import plotly.graph_objects as go

    figure = go.Figure()
    rows = sorted(marks, key=lambda m: m.value.mean)
    for mark in rows:
        v = mark.value
        figure.add_trace(
            go.Scatter(
                x=[v.mean], y=[escape(mark.name)], mode="markers", customdata=[mark.run_id],
                marker={"size": 12, "color": colour(mark.technique)},
                error_x=error(v, colour(mark.technique)),
                hovertext=[hover(mark.name, v, unit)], hoverinfo="text",
            )
        )  # fmt: skip
        beside(figure, max(v.high, v.mean), escape(mark.name), value_text(v.mean, unit))
    rows_of(figure, len(rows))
    if unit == "share":
        share_axis(figure, "x")
    else:
        money_axis(figure, "x", max((m.value.high for m in marks), default=1.0))
    return Chart(title, subtitle, figure)


def bars(marks: Sequence[Mark], title: str, subtitle: str) -> Chart:
    """Money per recipe from zero, cheapest on top."""
    import plotly.graph_objects as go

    figure = go.Figure()
    rows = sorted(marks, key=lambda m: -m.value.mean)
    for mark in rows:
        v = mark.value
        figure.add_trace(
            go.Bar(
                x=[v.mean], y=[escape(mark.name)], orientation="h", customdata=[mark.run_id],
                marker={"color": colour(mark.technique), "cornerradius": 3}, width=0.52,
                hovertext=[f"<b>{escape(mark.name)}</b><br>{money(v.mean)}"], hoverinfo="text",
            )
        )  # fmt: skip
        beside(figure, v.mean, escape(mark.name), money(v.mean))
    rows_of(figure, len(rows))
    money_axis(figure, "x", max((m.value.mean for m in marks), default=1.0))
    figure.update_layout(clickmode="event+select")
    return Chart(title, subtitle, figure)


def timings(rows: Sequence[Timing], title: str, subtitle: str) -> Chart:
    """First token, median and 95th percentile of one question asked alone, fastest on top."""
    import plotly.graph_objects as go

    figure = go.Figure()
    ordered = sorted(rows, key=lambda r: -r.p50.mean)
    shapes = (("first", "line-ns-open", "first token"), ("p50", "circle", "median (p50)"),
              ("p95", "circle-open", "95th percentile (p95)"))  # fmt: skip
    for row in ordered:
        known = [e.mean for e in (row.first, row.p50, row.p95) if e]
        figure.add_trace(
            go.Scatter(
                x=[min(known), max(known)], y=[escape(row.name)] * 2, mode="lines",
                line={"color": colour(row.technique), "width": 2}, opacity=0.45,
                hoverinfo="skip",
            )
        )  # fmt: skip
        for field, symbol, meaning in shapes:
            estimate = getattr(row, field)
            if estimate:
                figure.add_trace(
                    go.Scatter(
                        x=[estimate.mean], y=[escape(row.name)], mode="markers",
                        customdata=[row.run_id],
                        marker={"size": 12, "symbol": symbol, "color": colour(row.technique),
                                "line": {"width": 2, "color": colour(row.technique)}},
                        error_x=error(estimate, colour(row.technique), faint=True),
                        hovertext=[_timing_hover(row.name, meaning, estimate)],
                        hoverinfo="text",
                    )
                )  # fmt: skip
        widest = max(e.high for e in (row.p50, row.p95 or row.p50))
        beside(figure, widest, escape(row.name), seconds(row.p50.mean))
    rows_of(figure, len(ordered))
    top = max((e.high for r in ordered for e in (r.p50, r.p95 or r.p50)), default=1.0)
    figure.update_xaxes(range=[0, top * 1.14], title="seconds", zeroline=False)
    return Chart(title, subtitle, figure)


def _timing_hover(name: str, meaning: str, value: Estimate) -> str:
    ends = f"95 % interval {seconds(value.low)} to {seconds(value.high)}"
    return (
        f"<b>{escape(name)}</b><br>{meaning}: {seconds(value.mean)}<br>{ends}"
        f"<br>{value.n:,} questions asked one by one"
    )
