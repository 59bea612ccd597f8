"""Overview: the verdict so far, the ladder, the form–facts map, the latest runs."""

import streamlit as st

from dsmr.ui import boards, findings, planning
from dsmr.ui.advice import show_advice
from dsmr.ui.cookbook import ladder
from dsmr.ui.evidence import FACTS, FORM, Board, board, metrics_in, project_results
from dsmr.ui.journey import Step, steps
from dsmr.ui.models import models
from dsmr.ui.navigation import go, link
from dsmr.ui.parts import show_chart
from dsmr.ui.state import Desk, open_page
from dsmr.ui.words import METRIC_NAMES, count, explain, plain
from dsmr.work import jobs
from dsmr.work.results import Result, latest

ICONS = {
    "done": ":green[:material/check_circle:]",
    "going": ":primary[:material/progress_activity:]",
    "next": ":primary[:material/arrow_circle_right:]",
    "open": ":gray[:material/radio_button_unchecked:]",
}
LATEST = 5


def first_steps(desk: Desk) -> None:
    """Before anything has been run."""
    questions = desk.store.projects.questions(desk.project.id)
    documents = desk.store.projects.document_rows(desk.project.id)
    if not questions:
        st.markdown("#### Should we fine-tune? Find out with your own documents and questions.")
        st.caption("Three steps: add documents, add questions with answers, run the recipes.")
        with st.container(horizontal=True):
            link("documents", "Add documents")
            link("questions", "Add questions")
        return
    st.markdown("#### Nothing has been measured yet")
    st.caption(
        f"{count(len(documents), 'document')} and {count(len(questions), 'question')} are ready. "
        "The ladder asks them with eight recipes, from the bare model to fine-tuning with "
        "retrieval, and shows which effort pays."
    )
    model = models(desk.store)[0]
    made = planning.plan(desk.store, desk.project, ladder(desk.project, model), "test", None)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if made.questions and st.button(
            f"Run the ladder on {plain(desk.project.name)}",
            type="primary", icon=":material/play_arrow:", key="run_ladder",
        ):  # fmt: skip
            for recipe in made.recipes:
                jobs.submit(desk.store, desk.project.id, recipe)
            jobs.ensure_worker(desk.store)
            go("run")
        st.caption(plain(planning.in_words(made)), width="content")
    link("run", "Choose recipes yourself")
    climb(steps(desk.store, desk.project, [], board(desk.store, [], FACTS)))


def climb(rungs: list[Step]) -> None:
    st.subheader("Where you stand", anchor=False, help=explain("interval"))
    for step in rungs:
        row = st.container(horizontal=True, vertical_alignment="center", gap="small")
        name = f"**{step.title}**" if step.state == "next" else step.title
        row.markdown(f"{ICONS[step.state]} {name}", width=150)
        row.caption(plain(step.note), width="content")
        if step.state == "next":
            with row:
                link(step.page, "Go on")


def picture(desk: Desk, facts: Board, form: Board | None) -> None:
    """The form–facts map where both are scored, else the accuracy chart."""

    def clicked(run_id: str) -> None:
        go("answers", run=run_id)

    mapped = boards.map_chart(facts, form) if form else None
    st.subheader(
        "Form and facts" if mapped else METRIC_NAMES[facts.metric], anchor=False,
        help=explain("form", "fact", "interval"),
    )  # fmt: skip
    show_chart(mapped or boards.accuracy_chart(facts), "overview_picture", clicked)
    link("results", "All results")


def recent(desk: Desk, found: list[Result]) -> None:
    st.subheader("Latest runs", anchor=False)
    for result in list(reversed(found))[:LATEST]:
        row = st.container(horizontal=True, vertical_alignment="center")
        row.markdown(plain(result.run.recipe.name), width=170)
        row.caption(plain(planning.one_line(result.progress)), width="stretch")
        if row.button("Answers", key=f"recent_{result.run.id}", type="tertiary"):
            go("answers", run=result.run.id)


def measured(desk: Desk, found: list[Result]) -> None:
    metrics = metrics_in(latest(found))
    facts = board(desk.store, found, findings.main_metric(metrics))
    form = board(desk.store, found, FORM) if {FACTS, FORM} <= set(metrics) else None
    rungs = steps(desk.store, desk.project, found, facts)
    if facts.ranked:
        show_advice(desk)
    else:
        going = sum(r.progress.state in planning.ACTIVE for r in found)
        st.markdown(f"#### {count(going, 'run')} on the way" if going else "#### No run finished")
        link("run", "Watch" if going else "See what happened")
    left, right = st.columns([4, 7], gap="large")
    with left:
        climb(rungs)
    with right:
        if facts.ranked:
            picture(desk, facts, form)
    recent(desk, found)


with open_page("overview") as desk:
    if desk.project.description:
        st.caption(plain(desk.project.description))
    runs = project_results(desk.store, desk.project)
    if runs:
        measured(desk, runs)
    else:
        first_steps(desk)
