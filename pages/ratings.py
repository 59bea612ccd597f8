"""Human check: rate answers without knowing their recipe, and see how far graders agree."""

import streamlit as st

from dsmr.ui import grading
from dsmr.ui.models import models, title_of
from dsmr.ui.parts import empty, show_chart
from dsmr.ui.state import Desk, open_page
from dsmr.ui.words import count, plain
from dsmr.work import judge as judging
from dsmr.work import ratings
from dsmr.work.judge import Judge

LEAD = (
    "The automatic score compares words. Read some answers yourself, blind to the recipe, and "
    "see whether you agree with it."
)
RIGHT = st.column_config.TextColumn(alignment="right")
VIEWS = ("Right or wrong", "Which is better", "Agreement")


def choose(desk: Desk) -> tuple[list[str], str, int]:
    rows, names, start = grading.rateable(desk.store, desk.project)
    with st.expander("Whose answers, and who rates"):
        picked = st.multiselect(
            "Recipes", [r.run.id for r in rows], default=start, key="rate_runs",
            format_func=lambda run_id: names.get(run_id, run_id),
            help="Their answers are mixed; which one you see is hidden.",
        )  # fmt: skip
        left, right = st.columns(2)
        rater = left.text_input("Your name", "me", key="rate_name", max_chars=40).strip() or "me"
        seed = right.number_input(
            "Order", 0, 9999, 0, key="rate_seed", help="Another number shuffles differently."
        )
    return picked, rater, int(seed)


def progress(done: int, total: int, thing: str) -> None:
    st.progress(done / total if total else 0.0)
    st.caption(f"{done:,} of {count(total, thing)} rated. Thirty already tell much.")


def asked(question: object) -> None:
    st.text(question.text)  # type: ignore[attr-defined]
    accepted = " | ".join(question.accepted) or "to say that it is not known"  # type: ignore[attr-defined]
    st.caption(f"Accepted: {plain(accepted)}")


def right_or_wrong(desk: Desk, run_ids: list[str], rater: str, seed: int) -> None:
    card, done, total = grading.next_card(desk.store, run_ids, rater, seed)
    if card is None:
        st.markdown("**All rated.** Agreement shows what came of it.")
        return
    with st.container(border=True):
        asked(card.question)
        with st.container(border=True):
            st.text(card.reply or "(an empty reply)")
    with st.container(horizontal=True):
        for label, value, icon, key in (
            ("Right", 1.0, "check", "1"),
            ("Wrong", 0.0, "close", "2"),
            ("Cannot tell", None, "help", "3"),
        ):
            if st.button(label, key=f"rate_{label}", icon=f":material/{icon}:", shortcut=key):
                grading.rate(desk.store, card, rater, value)
                st.rerun()
    progress(done, total, "answer")


def which_is_better(desk: Desk, run_ids: list[str], rater: str, seed: int) -> None:
    duel, done, total = grading.next_duel(desk.store, run_ids, rater, seed)
    if duel is None:
        st.markdown(
            "**All compared.** Agreement shows what came of it."
            if total
            else "These recipes never gave different answers. Choose two others."
        )
        return
    asked(duel.question)
    for column, text in zip(st.columns(2, gap="large"), (duel.first, duel.second), strict=True):
        with column, st.container(border=True):
            st.text(text or "(an empty reply)")
    with st.container(horizontal=True):
        for label, winner, icon, key in (
            ("Left", "first", "arrow_back", "1"),
            ("Right", "second", "arrow_forward", "2"),
            ("No difference", "tie", "drag_handle", "3"),
            ("Cannot tell", None, "help", "4"),
        ):
            if st.button(label, key=f"prefer_{label}", icon=f":material/{icon}:", shortcut=key):
                grading.prefer(desk.store, duel, rater, winner)
                st.rerun()
    progress(done, total, "pair")


def agreement(desk: Desk, run_ids: list[str], seed: int) -> None:
    found = ratings.together(desk.store, run_ids)
    if found:
        show_chart(grading.agreement_chart(found), "agreement")
        st.dataframe(
            grading.agreement_table(found), hide_index=True, height="content", key="agree_table",
            column_config={
                "κ": st.column_config.TextColumn(
                    alignment="right", help="Agreement beyond chance: 0 none, 1 full (Cohen)."
                ),
                **{name: RIGHT for name in ("Agree", "95 % interval", "κ between")},
                "p": st.column_config.NumberColumn(
                    format="%.3f", help="Of one grader being more lenient than the other."
                ),
            },
        )  # fmt: skip
    else:
        st.caption("Rate a few answers, or let a model judge them, and agreement appears here.")
    steady = ratings.steadiness(desk.store, run_ids)
    if steady:
        st.markdown("##### What should not matter")
        st.caption("A fair grader is at 50 % for first place; longer replies may also be better.")
        st.dataframe(
            grading.steadiness_table(steady), hide_index=True, height="content",
            key="steady_table",
            column_config={name: RIGHT for name in grading.STEADY_FIGURES},
        )  # fmt: skip
    model_judge(desk, run_ids, seed)


def model_judge(desk: Desk, run_ids: list[str], seed: int) -> None:
    """A model grades too, and compares pairs in both orders. Its cost stands apart."""
    st.markdown("##### A model as judge")
    for said in grading.judging_words(desk.store, run_ids):
        st.caption(plain(said))
    left, middle = st.columns([2, 1], gap="large")
    model = left.selectbox(
        "Judge", models(desk.store), format_func=title_of, key="judge_model",
        help="A strong model of another family than the ones compared. Add models in Settings.",
    )  # fmt: skip
    number = int(middle.number_input("Answers", 5, 500, 20, 5, key="judge_count"))
    st.caption(
        f"Asks for {number} single verdicts and {number // 2} pairs, each pair in both orders. "
        "Leaving the page stops it; what is judged stays."
    )
    if model and st.button("Let it judge", icon=":material/gavel:", key="judge_start"):
        judge_now(desk, Judge(model), run_ids, (number, seed))
        st.rerun()


def judge_now(desk: Desk, judge: Judge, run_ids: list[str], size: tuple[int, int]) -> None:
    number, seed = size
    cards = ratings.deck(desk.store, run_ids, seed)[:number]
    pairs = ratings.pairs(desk.store, run_ids, seed)[: number // 2]
    total = len(cards) + 2 * len(pairs)
    bar = st.progress(0.0, "Asking the judge")
    done = 0
    for steps in (
        judging.rate(desk.store, judge, cards),
        judging.compare(desk.store, judge, pairs),
    ):
        for _ in steps:
            done += 1
            bar.progress(min(1.0, done / max(1, total)), f"{done} of {total} verdicts")


with open_page("ratings", LEAD) as desk:
    if not grading.rateable(desk.store, desk.project)[0]:
        empty(
            "No answers to rate yet",
            "They come from finished runs.",
            ("run", "Choose recipes and start"),
        )
    else:
        view = st.segmented_control(
            "View", VIEWS, default=VIEWS[0], required=True, key="rate_view",
            label_visibility="collapsed",
        )  # fmt: skip
        chosen, name, order = choose(desk)
        if not chosen:
            st.caption("Choose at least one recipe.")
        elif view == VIEWS[0]:
            right_or_wrong(desk, chosen, name, order)
        elif view == VIEWS[1] and len(chosen) < 2:
            st.caption("Choose at least two recipes to compare.")
        elif view == VIEWS[1]:
            which_is_better(desk, chosen, name, order)
        else:
            agreement(desk, chosen, order)
