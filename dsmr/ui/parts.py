"""Pieces that two pages or more use: charts, problems, empty states, project words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dsmr.charts import Chart
from dsmr.core.data import Problem
from dsmr.ui.navigation import link
from dsmr.ui.words import count, plain

CHART_CONFIG = {"displayModeBar": False, "scrollZoom": False}
PROBLEMS_SHOWN = 6


def show_chart(chart: Chart, key: str, on_click: Callable[[str], None] | None = None) -> None:
    """Title (the finding), subtitle (what is drawn), figure; a click on a mark leads on."""
    with st.container(gap=None):
        st.markdown(f"##### {plain(chart.title)}")
        st.caption(plain(chart.subtitle))
    alt = f"{chart.title}. {chart.subtitle}"
    if on_click is None:
        st.plotly_chart(chart.figure, key=key, config=CHART_CONFIG, alt=alt)
        return
    event: Any = st.plotly_chart(
        chart.figure,
        key=key,
        config=CHART_CONFIG,
        alt=alt,
        on_select="rerun",
        selection_mode="points",
    )
    clicked = [p.get("customdata") for p in event.selection.points if p.get("customdata")]
    if clicked:
        first = clicked[0]
        on_click(str(first[0] if isinstance(first, list | tuple) else first))


def show_problems(problems: Sequence[Problem], key: str) -> None:
    """Where, what, how to fix; what was left out comes first."""
    ordered = sorted(problems, key=lambda p: p.severity)
    for problem in ordered[:PROBLEMS_SHOWN]:
        _problem(problem)
    if len(ordered) > PROBLEMS_SHOWN:
        with st.expander(f"{len(ordered) - PROBLEMS_SHOWN} more", key=f"{key}_more"):
            st.dataframe(
                [
                    {
                        "Where": p.where,
                        "What": p.what,
                        "How to fix it": p.fix,
                        "Loaded": p.severity == "warning",
                    }
                    for p in ordered[PROBLEMS_SHOWN:]
                ],
                hide_index=True,
                key=f"{key}_table",
            )


def _problem(problem: Problem) -> None:
    bad = problem.severity == "error"
    icon = ":red[:material/error:]" if bad else ":orange[:material/warning:]"
    what = problem.what[:1].upper() + problem.what[1:]
    with st.container(gap=None):
        st.markdown(f"{icon} **{plain(problem.where)}** — {plain(what)}.")
        st.caption(f"{plain(problem.fix)}.")


def summary_of(problems: Sequence[Problem]) -> str:
    """`2 left out, 5 to look at`."""
    errors = sum(p.severity == "error" for p in problems)
    parts = [f"{errors:,} left out"] if errors else []
    if len(problems) > errors:
        parts.append(f"{len(problems) - errors:,} to look at")
    return ", ".join(parts)


def pick(
    key: str,
    options: Sequence[str],
    names: Mapping[str, str],
    default: str,
    help: str | None = None,
) -> str:
    """One of a few, kept in the address under `key`, so that a link can name it."""
    wanted = st.query_params.get(key, default)
    chosen = st.segmented_control(
        key.capitalize(), list(options), default=wanted if wanted in options else default,
        required=True, format_func=lambda o: names.get(o, o), key=key, help=help,
        label_visibility="collapsed",
    )  # fmt: skip
    chosen = chosen or default
    if chosen != wanted or key in st.query_params:
        st.query_params[key] = chosen
    return chosen


def empty(text: str, more: str, *links: tuple[str, str]) -> None:
    """What to do next where there is nothing to show yet. Links: (page, label)."""
    with st.container(border=True):
        st.markdown(f"**{text}**")
        st.caption(more)
        with st.container(horizontal=True):
            for page, label in links:
                link(page, label)


def confirm_delete(names: Sequence[str], thing: str, key: str, delete: Callable[[], None]) -> None:
    """A delete button that asks once more."""
    with st.popover(
        f"Delete {count(len(names), thing)}", icon=":material/delete:", key=f"{key}_ask"
    ):
        st.markdown(f"Delete {count(len(names), thing)}? Finished runs keep what they used.")
        if st.button("Delete", type="primary", key=f"{key}_sure"):
            delete()
