"""Published results: paired bars, gain against model size, curves against fine-tuning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dsmr.charts.axes import error, escape, plain, share_axis, value_text
from dsmr.charts.values import COLOURS, FAINT, GREY, Chart, colour
from dsmr.core.stats import Estimate

NAMES = {
    "baseline": "base model",
    "retrieval": "retrieval",
    "tuned": "fine-tuned",
    "tuned + retrieval": "fine-tuned + retrieval",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One setting; published values have no interval, one's own have."""

    label: str
    values: Mapping[str, tuple[float, str]]  # by technique: share, what it is
    own: Mapping[str, Estimate] | None = None  # intervals of one's own figures


def paired(rows: Sequence[Row], title: str, subtitle: str) -> Chart:
    """For each setting one bar per technique, in the colours of the techniques."""
    import plotly.graph_objects as go

    figure = go.Figure()
    labels = [escape(row.label) for row in rows]
    for technique, name in reversed(NAMES.items()):
        found = [(label, row) for label, row in zip(labels, rows, strict=True)
                 if technique in row.values]  # fmt: skip
        spans = [row.own.get(technique) if row.own else None for _, row in found]
        figure.add_trace(
            go.Bar(
                x=[row.values[technique][0] for _, row in found],
                y=[label for label, _ in found], orientation="h", name=name,
                marker={"color": colour(technique), "cornerradius": 2},
                error_x={"type": "data", "symmetric": False, "color": GREY, "width": 0,
                         "thickness": 1.5,
                         "array": [s.high - s.mean if s else 0 for s in spans],
                         "arrayminus": [s.mean - s.low if s else 0 for s in spans]},
                hovertext=[f"<b>{label}</b><br>{escape(row.values[technique][1])}: "
                           f"{value_text(row.values[technique][0], 'share')}"
                           for label, row in found],
                hoverinfo="text",
            )
        )  # fmt: skip
    share_axis(figure, "x")
    plain(figure, height=90 + 58 * max(1, len(rows)))
    figure.update_layout(
        barmode="group", bargap=0.28, bargroupgap=0.06, showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom",
                "traceorder": "reversed"},
        margin={"t": 34},
    )  # fmt: skip
    figure.update_yaxes(
        categoryorder="array", categoryarray=labels[::-1], showgrid=False, automargin=True
    )
    return Chart(title, subtitle, figure)


@dataclass(frozen=True, slots=True)
class Gain:
    """What one technique added in one setting."""

    label: str
    technique: str
    billions: float
    points: float  # as a share
    own: bool = False


def by_size(gains: Sequence[Gain], title: str, subtitle: str) -> Chart:
    """Gain over the base model against its size; diamonds: one's own runs."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for technique in ("retrieval", "tuned", "tuned + retrieval"):
        found = [g for g in gains if g.technique == technique]
        figure.add_trace(
            go.Scatter(
                x=[g.billions for g in found], y=[100 * g.points for g in found], mode="markers",
                name=NAMES[technique],
                marker={"color": colour(technique), "opacity": 0.75,
                        "size": [14 if g.own else 8 for g in found],
                        "symbol": ["diamond" if g.own else "circle" for g in found]},
                hovertext=[f"<b>{escape(g.label)}</b><br>{NAMES[technique]}: "
                           f"{100 * g.points:+.1f} points" for g in found],
                hoverinfo="text",
            )
        )  # fmt: skip
    figure.add_hline(y=0, line={"color": GREY, "width": 1})
    plain(figure, height=380)
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        margin={"t": 34},
    )  # fmt: skip
    figure.update_xaxes(type="log", title="billions of parameters", showgrid=False,
                        tickformat="~g")  # fmt: skip
    figure.update_yaxes(tickformat="+.0f", title="points over the base model", gridcolor=FAINT,
                        zeroline=False)  # fmt: skip
    return Chart(title, subtitle, figure)


@dataclass(frozen=True, slots=True)
class Trail:
    """One curve over numbers of examples; `own` figures have intervals."""

    name: str
    technique: str
    points: tuple[tuple[float, float], ...]
    dash: str = "solid"
    own: tuple[Estimate, ...] = ()


def examples_curves(trails: Sequence[Trail], title: str, subtitle: str) -> Chart:
    """Share right against examples shown or trained on, on a log scale."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for trail in trails:
        shade = COLOURS.get(trail.technique, COLOURS["few-shot"])
        spans = {}
        if trail.own:
            spans["error_y"] = {
                **error(trail.own[0], shade, faint=True),
                "array": [e.high - e.mean for e in trail.own],
                "arrayminus": [e.mean - e.low for e in trail.own],
            }
        figure.add_trace(
            go.Scatter(
                x=[x for x, _ in trail.points], y=[y for _, y in trail.points],
                mode="lines+markers", name=escape(trail.name),
                line={"color": shade, "width": 2, "dash": trail.dash},
                marker={"size": 10 if trail.own else 6, "color": shade,
                        "symbol": "diamond" if trail.own else "circle"},
                hovertext=[f"<b>{escape(trail.name)}</b><br>{x:,.0f} examples: "
                           f"{value_text(y, 'share')}" for x, y in trail.points],
                hoverinfo="text", **spans,
            )
        )  # fmt: skip
    share_axis(figure, "y")
    plain(figure, height=400)
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        margin={"t": 34},
    )  # fmt: skip
    figure.update_xaxes(type="log", dtick=1, title="examples shown, or trained on",
                        showgrid=False, tickformat=",~r")  # fmt: skip
    return Chart(title, subtitle, figure)
