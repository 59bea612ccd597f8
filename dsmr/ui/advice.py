"""The verdict as pages show it: the next step, the sentences behind it, each with its view."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dsmr.core.verdict import Advice
from dsmr.store.projects import Project
from dsmr.store.records import Store
from dsmr.ui.evidence import project_results
from dsmr.ui.navigation import PLACES, link
from dsmr.ui.state import Desk
from dsmr.ui.words import count, plain
from dsmr.work import advice as work
from dsmr.work.advice import Bar

GOALS = {"quality": "Quality", "price": "Price", "latency": "Latency"}
VIEWS = {"map": "results"}  # views that are a part of a page
SEE = {
    "questions": "Questions",
    "recipes": "Recipes",
    "results": "Results",
    "answers": "Answers",
    "map": "Form–facts map",
    "probe": "Would tuning help?",
    "breakeven": "Break-even",
}
ICONS = {
    "run first": ":primary[:material/play_circle:]",
    "stop here": ":green[:material/check_circle:]",
    "improve retrieval": ":primary[:material/search:]",
    "improve reading": ":primary[:material/menu_book:]",
    "fine-tune": ":primary[:material/tune:]",
    "do not fine-tune": ":primary[:material/block:]",
    "weigh up": ":primary[:material/balance:]",
    "cannot tell yet": ":orange[:material/help:]",
    "note": ":gray[:material/arrow_right:]",
}


def show_advice(desk: Desk) -> None:
    """What to do next and why. Shows nothing before a run has been graded."""
    chosen = work.bar(desk.store, desk.project.id)
    found = project_advice(desk.store, desk.project, chosen)
    if not found:
        return
    head, *rest = found
    st.markdown(f"#### {plain(head.sentence)}")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        _see(head)
        _goal(desk, chosen)
    if not rest:
        return
    with st.expander(f"Why: {count(len(rest), 'finding')} behind it"):
        for one in rest:
            _line(one)
        st.caption(
            "Every sentence that claims something rests on a 95 % interval or a p-value corrected "
            "for the number of comparisons."
        )


def _goal(desk: Desk, chosen: Bar) -> None:
    picked = st.segmented_control(
        "What matters most", list(GOALS), default=chosen.goal, required=True, key="advice_goal",
        format_func=GOALS.get, label_visibility="collapsed", width="content",
        help="What matters most once recipes are as good as each other.",
    )  # fmt: skip
    if picked and picked != chosen.goal:
        work.save_bar(desk.store, desk.project.id, replace(chosen, goal=picked))
        st.rerun()


def _line(one: Advice) -> None:
    text, see = st.columns([5, 1], vertical_alignment="center", gap="small")
    text.markdown(f"{ICONS[one.action]} {plain(one.sentence)}")
    with see:
        _see(one)


def _see(one: Advice) -> None:
    page = VIEWS.get(one.view, one.view)
    if page in PLACES:
        link(page, SEE.get(one.view))


def project_advice(store: Store, project: Project, chosen: Bar) -> Sequence[Advice]:
    """Worked out again only when a run, a price or an assumption has changed."""
    done = tuple((p.run_id, p.state) for p in store.queue.progress(project.id))
    money = repr([store.setting(key) for key in ("pricing", "prices", f"breakeven {project.id}")])
    return _advice(store, project, chosen, (store.url, done, money))


@st.cache_data(show_spinner=False, max_entries=16)
def _advice(
    _store: Store, _project: Project, chosen: Bar, signature: tuple[Any, ...]
) -> list[Advice]:
    found = project_results(_store, _project)
    return work.advice(_store, _project.id, chosen, found)
