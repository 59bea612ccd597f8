"""Run: choose recipes, see what they will take, start, watch, stop, go on."""

import streamlit as st

from dsmr.core.recipe import LADDER, Recipe
from dsmr.core.run import Run
from dsmr.store.queue import Progress
from dsmr.ui import planning
from dsmr.ui.cookbook import ABOUT, known_recipes, part
from dsmr.ui.models import models, title_of
from dsmr.ui.navigation import go, link
from dsmr.ui.parts import empty
from dsmr.ui.state import Desk, guarded, open_page
from dsmr.ui.words import GLOSSARY, SPLIT_NAMES, count, plain, shorten, when
from dsmr.work import jobs

LEAD = (
    "Runs go on in the background: close the browser, come back, nothing is lost. What is "
    "answered stays answered."
)
ENDED_SHOWN = 8


def choose(desk: Desk) -> tuple[list[Recipe], str, int | None]:
    left, middle, right = st.columns([2, 2, 1.2], gap="large")
    model = left.selectbox(
        "Model", models(desk.store), format_func=title_of, key="run_model", help=GLOSSARY["model"]
    )
    split = middle.segmented_control(
        "Questions", list(SPLIT_NAMES), default="test", required=True, key="run_split",
        format_func=SPLIT_NAMES.get, help=GLOSSARY["split"],
    )  # fmt: skip
    limit = right.number_input(
        "At most", 1, None, None, key="run_limit", placeholder="all of them",
        help="So many questions, evenly spread over the split: good for a first try.",
    )  # fmt: skip
    recipes = known_recipes(desk.store, desk.project, model)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Recipes**", width="content")
        if st.button("Whole ladder", key="run_all", type="tertiary", icon=":material/done_all:"):
            tick(recipes, lambda r: r.name in LADDER)
        if st.button("None", key="run_none", type="tertiary", icon=":material/remove_done:"):
            tick(recipes, lambda _: False)
    columns = st.columns(2, gap="large")
    chosen = []
    for number, recipe in enumerate(recipes):
        half = (len(recipes) + 1) // 2
        with columns[0 if number < half else 1]:
            row = st.container(horizontal=True, vertical_alignment="center", gap="small")
            on = row.checkbox(
                plain(recipe.name), key=f"run_{recipe.name}", value=recipe.name == "baseline"
            )
            row.caption(plain(about(recipe)), width="stretch")
        if on:
            chosen.append(recipe)
    return chosen, split or "test", limit


def about(recipe: Recipe) -> str:
    if recipe.name in ABOUT:
        return ABOUT[recipe.name]
    parts = [part(p) for p in (recipe.shots, recipe.retrieval, recipe.tuning) if p]
    return "; ".join(parts) or shorten(recipe.instruction, 80) or "Your own recipe"


def tick(recipes: list[Recipe], wanted: object) -> None:
    for recipe in recipes:
        st.session_state[f"run_{recipe.name}"] = wanted(recipe)  # type: ignore[operator]
    st.rerun()


def start(desk: Desk) -> None:
    recipes, split, limit = choose(desk)
    if not recipes:
        st.caption("Tick at least one recipe.")
        return
    made = planning.plan(desk.store, desk.project, recipes, split, limit)
    if not made.questions:
        st.caption(f"There is no question in “{SPLIT_NAMES[split]}”. Choose other questions.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        pressed = st.button(
            f"Start {count(len(recipes), 'run')}", type="primary", key="run_start",
            icon=":material/play_arrow:",
        )  # fmt: skip
        st.caption(plain(planning.in_words(made)), width="content")
    with st.expander("What each will take"):
        st.dataframe(
            planning.table(made), hide_index=True, key="forecast", height="content",
            column_config={
                name: st.column_config.TextColumn(alignment="right")
                for name in ("Training", "Answering", "Cost")
            },
        )  # fmt: skip
        for note in made.notes:
            st.caption(plain(note[:1].upper() + note[1:]) + ".")
    if pressed:
        for recipe in recipes:
            jobs.submit(desk.store, desk.project.id, recipe, split, limit)  # type: ignore[arg-type]
        jobs.ensure_worker(desk.store)
        st.rerun()


def queue(desk: Desk) -> None:
    progress = desk.store.queue.progress(desk.project.id)
    if not progress:
        return
    active = [p for p in progress if p.state in planning.ACTIVE]
    if active:
        st.subheader("Going on", anchor=False)
        watch(desk, len(active))
    runs = {run.id: run for run in desk.store.runs.all(desk.project.id)}
    over = [
        p
        for p in reversed(progress)
        if p.state not in planning.ACTIVE and runs[p.run_id].purpose == "compare"
    ]
    if over:
        st.subheader("Finished", anchor=False)
        with st.container(gap="xxsmall"):
            for one in over[:ENDED_SHOWN]:
                ended(desk, runs[one.run_id], one)
        if len(over) > ENDED_SHOWN:
            link("history", f"All {len(over)} runs")


@st.fragment(run_every=1.0)
@guarded
def watch(desk: Desk, before: int) -> None:
    """Looks at the store every second; the page is drawn anew when a run has ended."""
    jobs.ensure_worker(desk.store)
    progress = desk.store.queue.progress(desk.project.id)
    active = [p for p in progress if p.state in planning.ACTIVE]
    runs = {run.id: run for run in desk.store.runs.all(desk.project.id)}
    curve = [p for p in active if runs[p.run_id].purpose != "compare"]
    if curve:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{count(len(curve), 'run')} of the probe to go", width="content")
            link("probe")
    for one in (p for p in active if p not in curve):
        with st.container(border=True, gap="small"):
            top = st.container(horizontal=True, vertical_alignment="center")
            top.markdown(f"**{plain(runs[one.run_id].recipe.name)}**", width="content")
            top.caption(plain(planning.stage(one)), width="stretch")
            top.caption(plain(planning.how_far(one)), width="content")
            if top.button("Cancel", key=f"cancel_{one.run_id}", type="tertiary"):
                desk.store.queue.cancel(one.run_id)
                st.rerun(scope="fragment")
            if one.state == "running":
                st.progress(planning.share(one))
    if len(active) != before:
        st.rerun()


def ended(desk: Desk, run: Run, progress: Progress) -> None:
    icons = {
        "done": ":green[:material/check_circle:]",
        "failed": ":red[:material/error:]",
        "cancelled": ":gray[:material/stop_circle:]",
    }
    row = st.container(horizontal=True, vertical_alignment="center")
    row.markdown(f"{icons[progress.state]} {plain(run.recipe.name)}", width=220)
    row.caption(plain(planning.ended(progress)), width="stretch")
    if progress.finished:
        row.caption(when(progress.finished), width="content")
    if progress.state != "done" and row.button(
        "Resume", key=f"resume_{run.id}", type="tertiary", icon=":material/play_arrow:",
        help="Asks only what is not answered yet.",
    ):  # fmt: skip
        desk.store.queue.resume(run.id)
        jobs.ensure_worker(desk.store)
        st.rerun()
    if row.button("Answers", key=f"open_{run.id}", type="tertiary", icon=":material/forum:"):
        go("answers", run=run.id)
    if progress.error:
        st.caption(f":red[{plain(progress.error)}]")


with open_page("run", LEAD) as desk:
    if desk.store.projects.questions(desk.project.id):
        start(desk)
    else:
        empty(
            "No questions to ask yet",
            "Add questions with the answers you would accept, and documents for retrieval.",
            ("questions", "Add questions"), ("documents", "Add documents"),
        )  # fmt: skip
    queue(desk)
