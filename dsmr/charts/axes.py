"""Pieces that every figure shares: axes, intervals, labels, numbers in words."""

from typing import Any

from dsmr.charts.values import FAINT
from dsmr.core.stats import Estimate, whole_percent

ROW_PIXELS, LABEL_PIXELS = 38, 7


def escape(text: str) -> str:
    """User text for a Plotly label: no tag, no link, no formula."""
    flat = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return flat.replace("$", "&#36;")


def hover(name: str, value: Estimate, unit: str, moment: float | None = None) -> str:
    """What a reader sees over a mark: name, figure, interval, what it rests on."""
    lines = [f"<b>{escape(name)}</b>", value_text(value.mean, unit)]
    if value.high > value.low:
        ends = f"{value_text(value.low, unit)} to {value_text(value.high, unit)}"
        lines.append(f"95 % interval {ends}")
    lines.append(f"{value.n:,} question{'' if value.n == 1 else 's'}")
    if value.missing:
        lines[-1] += f", {value.missing:,} missing"
    if moment is not None:
        lines.append(moment_of(moment).strftime("%d %b %Y, %H:%M"))
    return "<br>".join(lines)


def value_text(value: float, unit: str) -> str:
    return {"share": lambda v: f"{whole_percent(v)} %", "usd": money, "s": seconds}[unit](value)


def money(amount: float) -> str:
    decimals = 0 if amount >= 100 else 2 if amount >= 0.1 else 4
    return f"${amount:,.{decimals}f}" if amount >= 0.0001 or amount == 0 else f"${amount:.1e}"


def seconds(value: float) -> str:
    return f"{1000 * value:.0f} ms" if value < 0.0995 else f"{value:.1f} s"


def moment_of(unix_seconds: float) -> Any:
    from datetime import datetime

    return datetime.fromtimestamp(unix_seconds)


def error(value: Estimate, shade: str, faint: bool = False) -> dict[str, Any]:
    return {
        "type": "data", "symmetric": False, "array": [max(0.0, value.high - value.mean)],
        "arrayminus": [max(0.0, value.mean - value.low)], "color": shade,
        "thickness": 1.2 if faint else 2, "width": 0,
    }  # fmt: skip


def beside(figure: Any, x: float, row: str, text: str) -> None:
    figure.add_annotation(
        x=x, y=row, text=text, showarrow=False, xanchor="left", xshift=LABEL_PIXELS
    )


def plain(figure: Any, height: int) -> None:
    figure.update_layout(
        height=height, showlegend=False, hovermode="closest", dragmode=False,
        margin={"l": 8, "r": 16, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        hoverlabel={"align": "left"},
    )  # fmt: skip
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)


def rows_of(figure: Any, count: int) -> None:
    plain(figure, height=56 + ROW_PIXELS * max(count, 1))
    figure.update_yaxes(
        type="category", showgrid=False, zeroline=False, ticks="", range=[-0.6, count - 0.4]
    )
    figure.update_xaxes(showgrid=True, gridcolor=FAINT)
    figure.update_yaxes(tickfont={"size": 13})


def share_axis(figure: Any, axis: str, title: str = "") -> None:
    """0 to 100 %, always: cutting it off would make differences look larger."""
    room = [-0.02, 1.12] if not title and axis == "x" else [-0.03, 1.06]
    figure.update_layout(
        {
            f"{axis}axis": {
                "range": room, "tickvals": [0, 0.25, 0.5, 0.75, 1], "tickformat": ".0%",
                "zeroline": False, "showgrid": True, "gridcolor": FAINT, "title": {"text": title},
            }
        }
    )  # fmt: skip


def money_axis(figure: Any, axis: str, top: float, title: str = "") -> None:
    figure.update_layout(
        {
            f"{axis}axis": {
                "range": [0, (top or 1.0) * 1.25], "tickprefix": "$", "nticks": 5, "tickangle": 0,
                "zeroline": False, "showgrid": True, "gridcolor": FAINT, "title": {"text": title},
            }
        }
    )  # fmt: skip
