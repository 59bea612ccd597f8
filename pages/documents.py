"""Documents: bring files, see what was read and what was not, look into one."""

import streamlit as st

from dsmr.core.data import Document
from dsmr.ingest.documents import FORMATS
from dsmr.store.projects import DocumentRow
from dsmr.ui import library, uploads
from dsmr.ui.parts import confirm_delete, empty, show_problems
from dsmr.ui.state import Desk, guarded, open_page
from dsmr.ui.words import GLOSSARY, count, plain

LEAD = "What the model should know: handbooks, manuals, price lists, policies."


def bring(desk: Desk) -> None:
    files = st.file_uploader(
        "Add documents",
        type=list(FORMATS),
        accept_multiple_files=True,
        key=uploads.uploader_key("documents"),
        help="PDF, Word, PowerPoint, Excel, web pages, Markdown, text, CSV, JSON, or a zip. "
        "They stay on this machine.",
    )
    if files:
        uploads.keep_receipt("documents", uploads.take_documents(desk.store, desk.project, files))
    uploads.show_receipt("documents")


def shelf(desk: Desk) -> None:
    """The table of what was read, and the document chosen in it."""
    rows = desk.store.projects.document_rows(desk.project.id)
    if not rows:
        empty(
            "No documents yet",
            "Drop a few files above: a zip of a folder works too. Questions come next.",
            ("questions", "Questions"),
        )
        return
    documents = desk.store.projects.documents(desk.project.id)
    left, right = st.columns([7, 5], gap="large")
    with left:
        wanted = st.text_input(
            "Search", key="document_search", placeholder="Search names and text",
            icon=":material/search:", label_visibility="collapsed",
        )  # fmt: skip
        shown = library.search(rows, documents, wanted) if wanted.strip() else rows
        pages = sum(row.pages or 0 for row in shown)
        st.caption(
            f"{count(len(shown), 'document')}"
            + (f", {count(pages, 'page')}" if pages else "")
            + f", {sum(row.characters for row in shown):,} characters"
        )
        names = choose(shown, documents)
        if names:
            confirm_delete(names, "document", "documents", lambda: delete(desk, names))
    with right:
        look_at(desk, names[0] if names else st.query_params.get("document"))
    problems = uploads.corpus_problems(documents, tuple(row.document_id for row in rows))
    if problems:
        st.subheader("Worth a look", anchor=False)
        show_problems(problems, "corpus")


def choose(rows: list[DocumentRow], documents: list[Document]) -> list[str]:
    """Names of the rows ticked in the table."""
    event = st.dataframe(
        library.table(rows, documents),
        hide_index=True,
        placeholder="–",
        key="documents_table",
        on_select="rerun",
        selection_mode="multi-row",
        height=min(560, 38 + 35 * len(rows)),
        column_config={
            "Name": st.column_config.TextColumn(width=210),
            "Kind": st.column_config.TextColumn(width="small"),
            "Pages": st.column_config.NumberColumn(width="small"),
            "Passages": st.column_config.NumberColumn(width="small", help=GLOSSARY["passage"]),
            "Characters": st.column_config.NumberColumn(format="localized", width="small"),
            "Added": st.column_config.DatetimeColumn(format="D MMM YYYY"),
        },
    )
    return [rows[i].name for i in event.selection.rows if i < len(rows)]


def delete(desk: Desk, names: list[str]) -> None:
    desk.store.projects.delete_documents(desk.project.id, names)
    st.query_params.pop("document", None)
    st.rerun()


def look_at(desk: Desk, name: str | None) -> None:
    row = next(
        (r for r in desk.store.projects.document_rows(desk.project.id) if r.name == name), None
    )
    document = desk.store.projects.document(row.document_id) if row else None
    if document is None:
        st.caption("Tick a document to read it as the model will see it.")
        return
    head = st.container(horizontal=True, vertical_alignment="center")
    head.markdown(f"**{plain(document.name)}**", width="stretch")
    if head.button("Edit", icon=":material/edit:", type="tertiary", key="document_edit"):
        edit(desk, document)
    parts = library.pages_of(document.text)
    number = 1
    if len(parts) > 1:
        number = st.pagination(len(parts), key=f"document_page_{document.id}")
    with st.container(border=True, height=520):
        st.text(parts[min(number, len(parts)) - 1])


@st.dialog("Edit document", width="large")
@guarded
def edit(desk: Desk, document: Document) -> None:
    if len(document.text) > library.EDITABLE_CHARACTERS:
        st.caption("This document is too long to edit here: change the file and add it again.")
        return
    name = st.text_input("Name", document.name, key=f"document_name_{document.id}")
    text = st.text_area("Text", document.text, height=420, key=f"document_text_{document.id}")
    st.caption("Earlier runs keep the text they were made with.")
    if st.button("Save", type="primary", key="document_save"):
        changed = library.change(desk.store, desk.project.id, document, name, text)
        st.query_params["document"] = changed.name
        st.rerun()


with open_page("documents", LEAD) as desk:
    bring(desk)
    shelf(desk)
