"""Documents can be edited and are counted in passages; old runs keep what they were made with."""

import pytest

from dsmr.core.data import Document
from dsmr.core.errors import InputError
from dsmr.ui import library
from tests.ui.conftest import calm, open_page, texts


@pytest.fixture
def titan(store, project):
    return next(d for d in store.projects.documents(project.id) if d.name == "titan.md")


def names(store, project):
    return [row.name for row in store.projects.document_rows(project.id)]


def test_an_edited_document_takes_the_place_of_the_old_one(store, project, titan):
    _, corpus_id = store.projects.freeze(project.id)
    library.change(store, project.id, titan, "moon.md", "Titan has lakes")
    assert names(store, project) == ["europa.md", "moon.md", "phobos.md"]
    assert titan in store.projects.corpus(corpus_id)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("europa.md", "x", "another document has this name"),
        ("  ", "x", "the name is empty"),
        ("titan.md", " \n", "the text is empty"),
    ],
)
def test_what_cannot_be_kept_is_told_and_nothing_is_lost(
    store, project, titan, name, text, problem
):
    with pytest.raises(InputError, match=problem):
        library.change(store, project.id, titan, name, text)
    assert titan in store.projects.documents(project.id)


def test_the_table_counts_passages(store, project):
    long = Document("long.md", "\n\n".join(f"Paragraph {i} says so. " * 20 for i in range(12)))
    store.projects.put_documents(project.id, [long])
    documents = store.projects.documents(project.id)
    shown = library.table(store.projects.document_rows(project.id), documents)
    counts = dict(zip(shown["Name"], shown["Passages"], strict=True))
    assert counts["titan.md"] == 1
    assert counts["long.md"] > 5


def test_a_document_is_opened_by_its_address_and_can_be_edited(store, project):
    at = calm(open_page("documents", document="titan.md"))
    assert "Titan orbits Saturn" in texts(at)
    assert at.button(key="document_edit")
