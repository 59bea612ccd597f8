"""What the Documents page shows: the table of what was read, search, one document."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from dsmr.core.data import Document
from dsmr.core.errors import InputError
from dsmr.core.recipe import Retrieval
from dsmr.store.projects import DocumentRow
from dsmr.store.records import Store

PAGE_CHARACTERS = 8_000
EDITABLE_CHARACTERS = 200_000  # a browser's text box grows slow beyond that
MEDIA_NAMES = {
    "md": "Markdown", "txt": "Text", "pdf": "PDF", "docx": "Word", "pptx": "PowerPoint",
    "xlsx": "Excel", "html": "Web page", "csv": "Table", "json": "JSON",
}  # fmt: skip


def table(rows: Sequence[DocumentRow], documents: Sequence[Document]) -> pd.DataFrame:
    """A line per document; passages as a search with the usual settings cuts them."""
    cuts = {d.id: passages_in(d.id, d) for d in documents}
    return pd.DataFrame(
        {
            "Name": [row.name for row in rows],
            "Kind": [MEDIA_NAMES.get(row.media, row.media) for row in rows],
            "Pages": pd.array([row.pages for row in rows], dtype="Int64"),
            "Passages": pd.array([cuts.get(row.document_id) for row in rows], dtype="Int64"),
            "Characters": [row.characters for row in rows],
            "Added": [datetime.fromtimestamp(row.added) for row in rows],
        }
    )


@st.cache_data(max_entries=10_000, show_spinner=False)
def passages_in(document_id: str, _document: Document) -> int:
    from dsmr.ingest.split import split_document
    from dsmr.retrieval.embed import tokenizer

    usual = Retrieval()
    cuts = split_document(_document, tokenizer(), usual.passage_tokens, usual.overlap_tokens)
    return sum(1 for _ in cuts)


def change(store: Store, project_id: str, old: Document, name: str, text: str) -> Document:
    """Keep an edited document in place of the old one; runs that used the old one keep it.

    Raises InputError for an empty text, or a name that is empty or another document's.
    """
    name = name.strip()
    others = {row.name for row in store.projects.document_rows(project_id)} - {old.name}
    if not name or name in others:
        problem = "another document has this name" if name else "the name is empty"
        raise InputError(problem, where=f"document {old.name!r}", fix="Choose another name")
    if not text.strip():
        raise InputError(
            "the text is empty", where=f"document {old.name!r}", fix="Delete the document instead"
        )
    new = Document(name, text, old.media, old.pages)
    store.projects.put_documents(project_id, [new])
    if name != old.name:
        store.projects.delete_documents(project_id, [old.name])
    return new


def search(
    rows: Sequence[DocumentRow], documents: Sequence[Document], wanted: str
) -> list[DocumentRow]:
    """Rows whose name or text holds all the words, in any order."""
    words = wanted.casefold().split()
    holding = {
        d.name
        for d in documents
        if all(word in d.name.casefold() or word in d.text.casefold() for word in words)
    }
    return [row for row in rows if row.name in holding]


def pages_of(text: str) -> list[str]:
    """A long text in parts that a browser shows at once, cut at line ends."""
    parts, rest = [], text
    while len(rest) > PAGE_CHARACTERS:
        cut = rest.rfind("\n", PAGE_CHARACTERS // 2, PAGE_CHARACTERS)
        cut = cut + 1 if cut > 0 else PAGE_CHARACTERS
        parts.append(rest[:cut])
        rest = rest[cut:]
    return [*parts, rest]
