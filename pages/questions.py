"""Questions: bring them, look at them, mend them, know what they can show."""

import streamlit as st

from dsmr.core.data import KINDS, SPLITS, Question
from dsmr.ingest.questions import FORMATS
from dsmr.ui import editing, uploads
from dsmr.ui.parts import empty, show_problems
from dsmr.ui.power import can_show
from dsmr.ui.state import Desk, open_page
from dsmr.ui.words import GLOSSARY, KIND_NAMES, SPLIT_NAMES, count, plain

LEAD = "What users ask, with the answers you would accept. Everything is measured on these."
COLUMNS_HELP = (
    "Columns: question and answer (several answers parted by |). Optional: id, source, kind "
    "(fact, form, mixed, unanswerable), form (a pattern or JSON schema), tags, split "
    "(train, dev, test). CSV, TSV, JSON lines, Excel, or SQuAD JSON."
)
ROWS, CARDS = 500, 5
EXAMPLE = (
    "question,answer,source,kind,split\n"
    "When was the lighthouse in Orrin rebuilt?,1911,history.pdf,fact,test\n"
)


def bring(desk: Desk) -> None:
    files = st.file_uploader(
        "Add questions",
        type=list(FORMATS),
        accept_multiple_files=True,
        key=uploads.uploader_key("questions"),
        help=COLUMNS_HELP,
    )
    if files:
        uploads.keep_receipt("questions", uploads.take_questions(desk.store, desk.project, files))
    uploads.show_receipt("questions")


def figures(questions: list[Question], looked: set[str]) -> None:
    columns = st.columns(5)
    columns[0].metric("Questions", f"{len(questions):,}")
    for column, split in zip(columns[1:4], ("train", "dev", "test"), strict=True):
        number = sum(q.split == split for q in questions)
        column.metric(SPLIT_NAMES[split], f"{number:,}", help=GLOSSARY["split"])
    columns[4].metric(
        "Looked at",
        f"{sum(q.id in looked for q in questions):,}",
        help="Questions somebody has read and found right. Read before you measure.",
    )
    st.caption(can_show(questions), help=GLOSSARY["detectable"])


def filters(questions: list[Question]) -> list[Question]:
    tags = editing.tags_of(questions)
    columns = st.columns([3, 2, 2, 2] if tags else [3, 2, 2])
    wanted = columns[0].text_input(
        "Search", key="question_search", placeholder="Search", icon=":material/search:",
        label_visibility="collapsed",
    )  # fmt: skip
    kinds = columns[1].multiselect(
        "Kind", KINDS, format_func=KIND_NAMES.get, key="question_kinds", placeholder="Any kind",
        label_visibility="collapsed",
    )  # fmt: skip
    splits = columns[2].multiselect(
        "Split", SPLITS, format_func=SPLIT_NAMES.get, key="question_splits",
        placeholder="Any split", label_visibility="collapsed",
    )  # fmt: skip
    picked: list[str] = []
    if tags:
        picked = columns[3].multiselect(
            "Tag", tags, key="question_tags", placeholder="Any tag", label_visibility="collapsed"
        )
    return editing.matching(questions, wanted, kinds, splits, picked)


def part_of(shown: list[Question], size: int, key: str) -> list[Question]:
    """The page of a long list that the reader is on."""
    pages = max(1, -(-len(shown) // size))
    number = st.pagination(pages, key=key) if pages > 1 else 1
    start = (min(number, pages) - 1) * size
    return shown[start : start + size]


def edit(desk: Desk, shown: list[Question]) -> None:
    part = part_of(shown, ROWS, "question_page")
    version = st.session_state.setdefault("question_edits", 0)
    edited = st.data_editor(
        editing.table(part),
        key=f"question_table_{desk.project.id}_{version}_{hash(tuple(q.id for q in part))}",
        num_rows="dynamic",
        hide_index=True,
        height=min(560, 80 + 35 * len(part)),
        column_order=[c for c in editing.COLUMNS if c not in ("evidence", "reply")],
        disabled=["id"],
        column_config={
            "id": st.column_config.TextColumn("Id", width="small"),
            "question": st.column_config.TextColumn("Question", width="large"),
            "answer": st.column_config.TextColumn(
                "Accepted answers", width="medium", help="Several are parted by |"
            ),
            "kind": st.column_config.SelectboxColumn(
                "Kind", options=list(KINDS), format_func=lambda k: KIND_NAMES.get(k, k)
            ),
            "split": st.column_config.SelectboxColumn(
                "Split",
                options=list(SPLITS),
                help=GLOSSARY["split"],
                format_func=lambda s: SPLIT_NAMES.get(s, s),
            ),
            "source": st.column_config.TextColumn("Source", help="Names of documents"),
            "tags": st.column_config.TextColumn("Tags"),
            "form": st.column_config.TextColumn("Form", help=GLOSSARY["form"]),
        },
    )
    found = editing.edits(part, edited)
    show_problems(found.problems, "question_edits_problems")
    if found.count or found.problems:
        with st.container(horizontal=True):
            if st.button(
                f"Save {count(found.count, 'change')}",
                type="primary",
                key="questions_save",
                disabled=bool(found.problems),
            ):
                desk.store.projects.put_questions(desk.project.id, found.changed)
                desk.store.projects.delete_questions(desk.project.id, found.deleted)
                refresh()
            if st.button("Undo", key="questions_undo", type="tertiary"):
                refresh()
    with st.container(horizontal=True):
        st.download_button(
            "Download CSV", lambda: editing.as_csv(shown), "questions.csv", "text/csv",
            icon=":material/download:", type="tertiary", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Download JSON lines", lambda: editing.as_jsonl(shown), "questions.jsonl",
            "application/jsonl", icon=":material/download:", type="tertiary", on_click="ignore",
        )  # fmt: skip


def refresh() -> None:
    st.session_state["question_edits"] += 1
    st.rerun()


def look(desk: Desk, shown: list[Question], looked: set[str]) -> None:
    """A few at a time, as a reader would see them."""
    only_new = st.toggle("Only those nobody has looked at", key="look_new")
    if only_new:
        shown = [q for q in shown if q.id not in looked]
    part = part_of(shown, CARDS, "look_page")
    if not part:
        st.caption("All of these have been looked at.")
        return
    for question in part:
        card(question, question.id in looked)
    new = [q.id for q in part if q.id not in looked]
    if new and st.button(
        f"I have looked at {'these' if len(new) > 1 else 'it'}",
        type="primary",
        icon=":material/visibility:",
        key="looked",
    ):
        desk.store.projects.mark_looked_at(desk.project.id, new)
        st.rerun()


def card(question: Question, seen: bool) -> None:
    with st.container(border=True, gap="small"):
        marks = [KIND_NAMES[question.kind], SPLIT_NAMES[question.split], *question.tags]
        marks += [", ".join(question.sources)] if question.sources else []
        st.caption(" · ".join(map(plain, marks)) + ("  :material/visibility:" if seen else ""))
        st.text(question.text)
        answers = " · ".join(question.accepted) or "No answer: right is to say so"
        st.text(f"→ {answers}")
        if question.evidence:
            st.caption(f"“{plain(question.evidence)}”")
        if question.form:
            with st.expander("Asked form"):
                st.code(editing.form_text(question.form), language=None, wrap_lines=True)


def check(desk: Desk, questions: list[Question]) -> None:
    rows = desk.store.projects.document_rows(desk.project.id)
    documents = desk.store.projects.documents(desk.project.id)
    name = editing.fingerprint(questions)
    found = uploads.question_problems(
        questions, documents, (name, *(row.document_id for row in rows))
    )
    if found:
        show_problems(found, "questions_check")
    else:
        st.markdown(":green[:material/check_circle:] No leak between train and test, no question "
                    "asked twice, every source is among the documents.")  # fmt: skip


def work(desk: Desk) -> None:
    questions = desk.store.projects.questions(desk.project.id)
    if not questions:
        empty(
            "No questions yet",
            "Twenty show large differences, a hundred show useful ones. Rows without a split are "
            "dealt out by source document, so that nothing leaks.",
        )
        st.caption("A file looks like this:")
        st.code(EXAMPLE, language=None)
        st.download_button(
            "Download this example", lambda: EXAMPLE, "questions.csv", "text/csv",
            icon=":material/download:", type="tertiary", on_click="ignore",
        )  # fmt: skip
        return
    looked = desk.store.projects.looked_at(desk.project.id)
    figures(questions, looked)
    view = st.segmented_control(
        "View", ["Edit", "Look", "Check"], default="Edit", required=True, key="question_view",
        label_visibility="collapsed",
    )  # fmt: skip
    if view == "Check":
        check(desk, questions)
        return
    shown = filters(questions)
    st.caption(f"{count(len(shown), 'question')} shown")
    if view == "Look":
        look(desk, shown, looked)
    else:
        edit(desk, shown)


with open_page("questions", LEAD) as desk:
    bring(desk)
    work(desk)
