"""Uploaded files into the project, and what is told about them afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dsmr.core.data import Document, Problem, Question
from dsmr.ingest.checks import check_corpus, check_questions, match_sources
from dsmr.ingest.documents import read_documents
from dsmr.ingest.questions import read_question_files
from dsmr.store.projects import Project
from dsmr.store.records import Store
from dsmr.ui.parts import show_problems, summary_of
from dsmr.ui.words import count


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of an upload."""

    text: str
    problems: tuple[Problem, ...]


def take_documents(store: Store, project: Project, files: Sequence[Any]) -> Receipt:
    """Read and add; a document of the same name is replaced."""
    with st.spinner(f"Reading {count(len(files), 'file')}"):
        found, problems = read_documents([(f.name, f.getvalue()) for f in files])
        known = {row.name for row in store.projects.document_rows(project.id)}
        store.projects.put_documents(project.id, found)
        _match(store, project)
    replaced = sum(d.name in known for d in found)
    text = f"Read {count(len(found), 'document')}"
    if replaced:
        text += f", {replaced:,} of them replacing one of the same name"
    return Receipt(text, tuple(problems))


def take_questions(store: Store, project: Project, files: Sequence[Any]) -> Receipt:
    with st.spinner(f"Reading {count(len(files), 'file')}"):
        documents = store.projects.documents(project.id)
        existing = store.projects.questions(project.id)
        found, problems = read_question_files(
            [(f.name, f.getvalue()) for f in files], documents, existing=existing
        )
        store.projects.put_questions(project.id, found)
    return Receipt(f"Read {count(len(found), 'question')}", tuple(problems))


def _match(store: Store, project: Project) -> None:
    """Questions that came before their documents now find them."""
    questions = store.projects.questions(project.id)
    matched = match_sources(questions, store.projects.documents(project.id))
    changed = [new for new, old in zip(matched, questions, strict=True) if new != old]
    if changed:
        store.projects.put_questions(project.id, changed)


def keep_receipt(what: str, receipt: Receipt) -> None:
    """Show it after the next rerun, with an empty uploader."""
    st.session_state[f"receipt_{what}"] = receipt
    st.session_state[f"upload_{what}"] = st.session_state.get(f"upload_{what}", 0) + 1
    st.rerun()


def uploader_key(what: str) -> str:
    return f"{what}_{st.session_state.get(f'upload_{what}', 0)}"


def show_receipt(what: str) -> None:
    receipt: Receipt | None = st.session_state.get(f"receipt_{what}")
    if receipt is None:
        return
    told = summary_of(receipt.problems)
    with st.container(border=True):
        top = st.container(horizontal=True, vertical_alignment="center")
        said = f" — {told}" if told else ", nothing to complain of"
        top.markdown(f"**{receipt.text}**{said}", width="stretch")
        if top.button("Close", type="tertiary", key=f"receipt_close_{what}"):
            del st.session_state[f"receipt_{what}"]
            st.rerun()
        show_problems(receipt.problems, f"receipt_{what}")


@st.cache_data(show_spinner=False, max_entries=8)
def corpus_problems(_documents: Sequence[Document], ids: tuple[str, ...]) -> list[Problem]:
    """`ids` name the content, so that the check runs once per corpus."""
    return check_corpus(_documents)


@st.cache_data(show_spinner=False, max_entries=8)
def question_problems(
    _questions: Sequence[Question], _documents: Sequence[Document], ids: tuple[str, ...]
) -> list[Problem]:
    return check_questions(_questions, _documents)
