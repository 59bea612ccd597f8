"""Report: one file to leave behind, and every answer for one's own analysis."""

import streamlit as st

from dsmr.ui import sharing
from dsmr.ui.advice import show_advice
from dsmr.ui.parts import empty
from dsmr.ui.state import Desk, open_page
from dsmr.ui.words import count, plain

LEAD = "One HTML file that opens anywhere, without this app and without a network."


def report(desk: Desk) -> None:
    ready = st.session_state.get("report_ready") == desk.project.id
    if not ready and st.button(
        "Make the report", type="primary", icon=":material/description:", key="make_report"
    ):
        st.session_state["report_ready"] = desk.project.id
        st.rerun()
    if not ready:
        return
    with st.spinner("Putting the report together"):
        data = sharing.report(desk.store, desk.project)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.download_button(
            "Download the report", data, sharing.file_name(desk.project, "html"), "text/html",
            type="primary", icon=":material/download:", on_click="ignore", key="report_file",
        )  # fmt: skip
        st.caption(f"{sharing.size(data)}, prints to PDF from any browser", width="content")


def contents() -> None:
    st.subheader("What is in it", anchor=False)
    for title, what in sharing.PARTS:
        row = st.container(horizontal=True, gap="small")
        row.markdown(title, width=190)
        row.caption(what, width="stretch")
    st.caption(
        "It holds questions, accepted answers and replies of this project. Share it like the "
        "documents themselves."
    )


def answers(desk: Desk, runs: int) -> None:
    st.subheader("Answers", anchor=False)
    st.caption(f"Every answer of {count(runs, 'run')}, with scores, tokens, seconds and sources.")
    with st.container(horizontal=True):
        for kind, label, media in (
            ("csv", "CSV", "text/csv"),
            ("jsonl", "JSON lines", "application/jsonl"),
        ):
            st.download_button(
                f"Download {label}", lambda kind=kind: sharing.answers(
                    desk.store, desk.project, kind
                ),
                sharing.file_name(desk.project, kind), media, icon=":material/download:",
                on_click="ignore", key=f"answers_{kind}",
            )  # fmt: skip


with open_page("share", LEAD) as desk:
    rows = sharing.reportable(desk.store, desk.project)
    if not rows:
        empty(
            "Nothing to report yet",
            "The report needs at least one finished run.",
            ("run", "Choose recipes and start"),
        )
    else:
        show_advice(desk)
        st.caption(plain(f"{desk.project.name}: {count(len(rows), 'recipe')} measured."))
        report(desk)
        contents()
        answers(desk, len(rows))
        st.caption("On the command line: python -m dsmr report --project NAME --out FILE")
