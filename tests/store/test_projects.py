"""What the user brings is kept as brought, and runs see it as it was."""

from dataclasses import replace

import pytest

from dsmr.core.data import Document, FormRule, Question
from dsmr.core.errors import InputError
from dsmr.core.recipe import preset
from dsmr.store.records import Store


def test_documents_and_questions_survive_the_store(store, project, moons, questions):
    again = Store(store.home)
    assert again.projects.documents(project.id) == sorted(moons, key=lambda d: d.name)
    assert again.projects.questions(project.id) == questions


def test_a_document_of_the_same_name_is_replaced(store, project):
    store.projects.put_documents(project.id, [Document("titan.md", "new")])
    rows = {r.name: r for r in store.projects.document_rows(project.id)}
    assert len(rows) == 3
    assert rows["titan.md"].characters == 3


def test_editing_a_question_keeps_its_place(store, project, questions):
    store.projects.put_questions(project.id, [replace(questions[0], text="Which planet?")])
    assert [q.id for q in store.projects.questions(project.id)] == [q.id for q in questions]
    assert store.projects.questions(project.id)[0].text == "Which planet?"


def test_a_run_sees_the_data_as_it_was_when_submitted(store, project, moons, questions):
    evalset_id, corpus_id = store.projects.freeze(project.id)
    store.projects.delete_questions(project.id, ["q1"])
    store.projects.delete_documents(project.id, ["titan.md"])
    store.projects.put_documents(project.id, [Document("europa.md", "changed")])
    assert store.projects.evalset(evalset_id).questions == tuple(questions)
    assert store.projects.corpus(corpus_id) == sorted(moons, key=lambda d: d.name)
    assert store.projects.freeze(project.id) != (evalset_id, corpus_id)


def test_projects_stand_side_by_side(store, project):
    other = store.projects.add("others")
    assert store.projects.questions(other.id) == []
    store.projects.delete(other.id)
    assert [p.name for p in store.projects.all()] == ["moons"]
    assert store.projects.questions(project.id)


@pytest.mark.parametrize("name", ["moons", "", "   "])
def test_a_project_needs_a_name_of_its_own(store, project, name):
    with pytest.raises(InputError, match="Choose another name"):
        store.projects.add(name)


def test_deleting_a_project_takes_its_questions_and_recipes_along(store, project):
    store.projects.put_recipe(project.id, preset("rag"))
    store.projects.delete(project.id)
    assert store.projects.questions(project.id) == []
    assert store.projects.recipes(project.id) == []


def test_recipes_are_saved_under_their_name(store, project):
    store.projects.put_recipe(project.id, preset("rag"))
    store.projects.put_recipe(project.id, replace(preset("rag"), instruction="other"))
    assert [r.instruction for r in store.projects.recipes(project.id)] == ["other"]


def test_every_field_of_a_question_is_kept(store, project):
    full = Question(
        "x", "q $1$ <b>", ("a", "b"), "mixed", FormRule(json_schema='{"type": "object"}'),
        "reply", ("s.md", "t.md"), ("tag",), "dev", "because",
    )  # fmt: skip
    store.projects.put_questions(project.id, [full])
    assert store.projects.questions(project.id)[-1] == full


def test_looked_at_is_counted(store, project):
    store.projects.mark_looked_at(project.id, ["q1", "q2"])
    assert store.projects.looked_at(project.id) == {"q1", "q2"}
