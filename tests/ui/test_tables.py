"""Editing questions, comparing replies, searching documents: the logic behind the pages."""

import json

import pandas as pd
import pytest

from dsmr.core.data import Document, FormRule, Question
from dsmr.core.recipe import preset
from dsmr.core.run import Answer, Reply, Tokens
from dsmr.ingest.questions import read_questions
from dsmr.ui import editing, library, sidebyside
from dsmr.ui.cookbook import differences, part
from dsmr.ui.power import can_show

ONE = Question("q1", "Who?", ("Ada", "Ada L."), sources=("a.md",), tags=("people",))
RULED = Question(
    "q2", "Say it", (), "form", FormRule(json_schema=json.dumps({"type": "object"})), reply="{}"
)
BRACED = Question("q3", "Say", ("x",), "mixed", FormRule(regex="{.*}"))
EVERY = [ONE, RULED, BRACED]


def test_a_table_that_nobody_touched_changes_nothing():
    assert editing.edits(EVERY, editing.table(EVERY)).count == 0


def test_an_edited_cell_changes_its_question_and_no_other():
    frame = editing.table(EVERY)
    frame.loc[0, "answer"] = "Grace"
    found = editing.edits(EVERY, frame)
    assert [q.accepted for q in found.changed] == [("Grace",)]
    assert not found.deleted and not found.problems


def test_rows_can_be_added_and_deleted():
    frame = editing.table(EVERY).iloc[1:]
    added = {"question": "New?", "answer": "yes", "kind": None, "split": None}
    frame = pd.concat([frame, pd.DataFrame([added])], ignore_index=True)
    found = editing.edits(EVERY, frame)
    assert found.deleted == ("q1",)
    assert [(q.text, q.kind, q.split) for q in found.changed] == [("New?", "fact", "test")]


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [("question", "", "empty"), ("answer", "", "no answer"), ("form", "([", "not valid")],
)
def test_an_edit_that_cannot_be_is_named_with_its_row(column, value, what):
    frame = editing.table(EVERY)
    frame.loc[0, column] = value
    found = editing.edits(EVERY, frame)
    assert found.problems[0].where == "row 1" and what in found.problems[0].what


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_what_is_downloaded_can_be_uploaded(ending):
    data = editing.as_csv(EVERY) if ending == "csv" else editing.as_jsonl(EVERY)
    read, problems = read_questions(f"q.{ending}", data)
    assert [(q.id, q.text, q.accepted, q.form, q.kind) for q in read] == [
        (q.id, q.text, q.accepted, q.form, q.kind) for q in EVERY
    ], problems


def test_filters_take_all_words_and_any_of_a_list():
    assert editing.matching(EVERY, "ADA who") == [ONE]
    assert editing.matching(EVERY, kinds=["form", "mixed"]) == [RULED, BRACED]
    assert editing.matching(EVERY, tags=["people"]) == [ONE]


def test_how_much_a_set_can_show_is_said_in_words():
    small = [Question(str(i), "q", ("a",)) for i in range(4)]
    large = [Question(str(i), "q", ("a",)) for i in range(200)]
    assert "cannot show" in can_show(small)
    assert "points shows" in can_show(large) and "more" in can_show(large)
    assert "no test question" in can_show([])


def reply(text):
    return Answer("q", reply=Reply(text, Tokens(1, 0, 1), 0.1))


def pair(score, other):
    return sidebyside.Pair(ONE, reply("a"), reply("b"), score, other)


def test_outcomes_of_a_pair():
    assert pair(1.0, 0.0).is_among("won", True)
    assert pair(0.0, 1.0).is_among("lost", True)
    assert pair(1.0, 1.0).is_among("right", True)
    assert pair(0.0, 0.0).is_among("wrong", True)
    assert not pair(None, 0.0).is_among("wrong", True)
    failed = sidebyside.Pair(ONE, Answer("q1", failure="no"), reply("b"), None, 1.0)
    assert failed.is_among("failed", True) and not failed.is_among("lost", True)


def test_a_diff_marks_the_words_that_differ_and_escapes_the_rest():
    left, right = sidebyside.diff("the *red* house", "the *blue* house")
    assert ":orange-background[\\*red\\*]" in left and ":green-background[\\*blue\\*]" in right
    assert left.startswith("the ") and left.endswith(" house")


def test_a_bracket_in_a_reply_cannot_end_a_mark():
    left, _ = sidebyside.diff("a](http://e)", "b")
    assert "a\\](http" in left


def test_very_long_replies_are_not_compared_word_by_word():
    assert sidebyside.diff("a " * 2000, "b") is None


def test_search_looks_into_names_and_texts():
    documents = [Document("a.md", "Titan orbits Saturn"), Document("b.md", "nothing")]
    rows = [type("Row", (), {"name": d.name})() for d in documents]
    assert [r.name for r in library.search(rows, documents, "saturn titan")] == ["a.md"]


def test_a_long_document_comes_in_parts_that_join_to_the_whole():
    text = "line of text\n" * 3000
    parts = library.pages_of(text)
    assert len(parts) > 1 and "".join(parts) == text


def test_differences_go_down_to_single_settings():
    found = differences(preset("few-shot"), preset("few-shot-similar"))
    assert found.to_dict("records") == [
        {"Part": "Examples: pick", "few-shot": "fixed", "few-shot-similar": "similar"}
    ]


def test_parts_are_told_in_words():
    rag = preset("rag-few-shot")
    assert part(rag.retrieval) == "3 passages by words and meaning"
    assert part(rag.shots) == "4 most similar"
    assert part(rag.tuning) == "–"
