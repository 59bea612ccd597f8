"""Would tuning help? The k-shot probe: what more and more examples in the prompt bring."""

import streamlit as st

from dsmr.ui import probing
from dsmr.ui.cookbook import known_recipes
from dsmr.ui.models import models, title_of
from dsmr.ui.navigation import go, link
from dsmr.ui.parts import empty, show_chart
from dsmr.ui.state import Desk, guarded, open_page
from dsmr.ui.words import GLOSSARY, METRIC_NAMES, SPLIT_NAMES, count, plain
from dsmr.work import jobs, kshot

LEAD = (
    "Before paying for fine-tuning, add examples to the prompt. Where more examples stop "
    "helping, training on more of the same will hardly help either."
)
MARGINS = {0.02: "2 points", 0.05: "5 points", 0.1: "10 points"}
LIMITS = {0: "All of them", 40: "The first 40", 100: "The first 100"}


def set_up(desk: Desk, first: bool) -> None:
    left, middle, right = st.columns([2, 2, 2], gap="large")
    model = left.selectbox(
        "Model", models(desk.store), format_func=title_of, key="probe_model", help=GLOSSARY["model"]
    )
    bases = probing.base_recipes(known_recipes(desk.store, desk.project, model))
    base = middle.selectbox(
        "Instruction of", bases, index=min(1, len(bases) - 1), format_func=lambda r: r.name,
        key="probe_base", help="Examples are added to this recipe and nothing else is changed.",
    )  # fmt: skip
    split = right.segmented_control(
        "Questions", ["test", "dev"], default="test", required=True, key="probe_split",
        format_func=SPLIT_NAMES.get, help=GLOSSARY["split"],
    )  # fmt: skip
    limit = left.selectbox("How many", list(LIMITS), format_func=LIMITS.get, key="probe_limit")
    most = middle.select_slider("Up to so many examples", [4, 8, 16, 32, 64], 16, key="probe_most")
    made, ladder, guess = probing.plan(
        desk.store, desk.project, base or bases[0], split or "test", limit or None, most
    )
    if not guess.questions:
        st.caption("There is no question in this split. Choose the other one.")
        return
    if len(made.rungs) < 2:
        st.caption(plain(f"Nothing to probe: {ladder.limit}."))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        pressed = st.button(
            "Start the probe" if first else "Start another probe", key="probe_start",
            type="primary" if first else "secondary", icon=":material/play_arrow:",
        )  # fmt: skip
        st.caption(plain(probing.in_words(made, guess)), width="content")
    st.caption(
        plain(f"Possible: {probing.reach(ladder)}. Each number is drawn {made.draws} times, ")
        + "the same examples for all questions and the most similar ones."
    )
    if pressed:
        kshot.submit(desk.store, desk.project.id, made)
        jobs.ensure_worker(desk.store)
        st.rerun()


@st.fragment(run_every=1.0)
@guarded
def watch(desk: Desk, before: str) -> None:
    """Progress of the probe; the page is drawn anew with each finished run."""
    jobs.ensure_worker(desk.store)
    found = probing.newest(desk.store, desk.project)
    if found is None or found.finished or probing.standing(found) != before:
        st.rerun()
    with st.container(border=True, gap="small"):
        top = st.container(horizontal=True, vertical_alignment="center")
        top.markdown("**The probe is running**", width="content")
        top.caption(plain(probing.standing(found)), width="stretch")
        if top.button("Cancel", key="probe_cancel", type="tertiary"):
            kshot.cancel(desk.store, found)
            st.rerun()
        st.progress(probing.share_done(found))


def show(desk: Desk, found: kshot.Probe) -> None:
    margin = st.segmented_control(
        "A gain matters from", list(MARGINS), default=0.05, required=True, key="probe_margin",
        format_func=MARGINS.get, help="Flat means: the last two doublings moved less than this.",
    ) or 0.05  # fmt: skip
    made = probing.findings(desk.store, desk.project, found, margin)
    if not made:
        st.caption("Nothing could be graded yet.")
        return
    for one, column in zip(made, st.columns(len(made), gap="large"), strict=True):
        with column:
            shown(one)
    with st.expander("The figures"):
        for one in made:
            st.caption(METRIC_NAMES[one.metric])
            st.dataframe(
                probing.table(found, one.metric, margin), hide_index=True, height="content",
                key=f"probe_table_{one.metric}",
            )  # fmt: skip


def shown(one: probing.Finding) -> None:
    """The curve, what it says, and what an adapter really brought."""

    def clicked(run_id: str) -> None:
        go("answers", run=run_id)

    show_chart(one.curve, f"probe_{one.metric}", clicked)
    st.markdown(plain(one.reason))
    st.caption(plain(f"Read from the higher curve: examples {one.pick}."))
    if one.gain:
        show_chart(one.gain, f"probe_gain_{one.metric}", clicked)
    st.caption(plain(one.real))


def doubts() -> None:
    """Where the rule is known to fail."""
    known = kshot.failures()
    st.subheader("How far to trust this", anchor=False)
    st.markdown(
        "A rule of thumb, not a law. It says nothing about tuning on other or better data, and "
        "a curve that has not flattened is no promise either."
    )
    for failure in known[:2]:
        st.markdown(plain(failure.sentence))
    if known:
        more = count(len(known), "published curve")
        st.caption(
            f"{more} of Bertsch et al. 2024 (arXiv 2405.00200) had flattened while tuning on "
            "thousands of examples still gained."
        )
    link("published", "All published curves")


with open_page("probe", LEAD) as desk:
    newest = probing.newest(desk.store, desk.project)
    if not desk.store.projects.questions(desk.project.id):
        empty(
            "No questions to probe with",
            "The probe needs questions to ask and a train split to take examples from.",
            ("questions", "Add questions"),
        )
    elif newest is None:
        set_up(desk, first=True)
    else:
        if not newest.finished:
            watch(desk, probing.standing(newest))
        for reason in probing.stopped(newest):
            st.caption(f":red[{plain(reason)}]")
        resumable = newest.finished and probing.stopped(newest)
        if resumable and st.button("Resume", key="probe_resume", icon=":material/play_arrow:"):
            kshot.resume(desk.store, newest)
            jobs.ensure_worker(desk.store)
            st.rerun()
        show(desk, newest)
        with st.expander("Another probe"):
            set_up(desk, first=False)
    doubts()
