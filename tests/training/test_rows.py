"""Training rows are worded as the questions will be asked, and never touch the test split."""

import re
from dataclasses import replace

import pytest

from dsmr.core.data import Passage, Question
from dsmr.core.prompt import DONT_KNOW, NOT_IN_DOCUMENTS, compose
from dsmr.core.recipe import Recipe, Retrieval, Tuning
from dsmr.training.rows import disjoint, training_rows

RECIPE = Recipe("fine-tuned", instruction="Answer the question.", tuning=Tuning())
WITH_PASSAGES = replace(RECIPE, retrieval=Retrieval(top_k=2), tuning=Tuning(passages_share=0.5))


def question(i, **more):
    settings = {"accepted": (f"Planet {i}",), "split": "train"}
    return Question(f"q{i}", f"What does moon {i} orbit?", **settings | more)


class Shelf:
    """Finds for each question about a moon passages that name its planet."""

    def search(self, texts, top_k):
        moons = [re.search(r"\d+", text).group() for text in texts]
        return [tuple(Passage("d", 0, f"Planet {m}, {k}") for k in range(top_k)) for m in moons]


class Dust(Shelf):
    """Finds nothing of use."""

    def search(self, texts, top_k):
        return [(Passage("d", 0, "Dust."),) for _ in texts]


def test_a_row_is_the_prompt_that_will_be_asked_and_the_wanted_reply():
    asked = question(1, reply="It orbits Planet 1.")
    (row,) = training_rows([asked], RECIPE)
    assert row.messages == compose(RECIPE, asked)
    assert (row.completion, row.question_id) == ("It orbits Planet 1.", "q1")


def test_examples_are_shown_as_when_asking():
    one, other = question(1), question(2)
    rows = training_rows([one, other], RECIPE, shots=[[other], [one]])
    assert rows[0].messages == compose(RECIPE, one, shots=[other])


def test_a_seeded_share_of_the_rows_carries_passages():
    asked = [question(i) for i in range(10)]
    rows = training_rows(asked, WITH_PASSAGES, search=Shelf())
    carrying = [i for i, row in enumerate(rows) if "Passages:" in row.messages[0].content]
    assert len(carrying) == 5
    assert rows == training_rows(asked, WITH_PASSAGES, search=Shelf())
    other = replace(WITH_PASSAGES, tuning=Tuning(passages_share=0.5, seed=1))
    assert rows != training_rows(asked, other, search=Shelf())
    i = carrying[0]
    found = Shelf().search([asked[i].text], 2)[0]
    assert rows[i].messages == compose(WITH_PASSAGES, asked[i], found)


def test_passages_without_the_answer_are_not_shown_as_if_they_held_it():
    always = replace(WITH_PASSAGES, tuning=Tuning(passages_share=1.0))
    (row,) = training_rows([question(1)], always, search=Dust())
    assert row.messages == compose(always, question(1))


def test_unanswerable_questions_teach_to_say_so():
    unknown = question(1, accepted=(), kind="unanswerable")
    assert training_rows([unknown], RECIPE)[0].completion == DONT_KNOW
    always = replace(WITH_PASSAGES, tuning=Tuning(passages_share=1.0))
    assert training_rows([unknown], always, search=Shelf())[0].completion == NOT_IN_DOCUMENTS


def test_a_question_without_a_reply_is_left_out():
    assert training_rows([question(1, accepted=(), kind="form")], RECIPE) == []


@pytest.mark.parametrize("split", ["test", "dev"])
def test_questions_of_other_splits_are_refused(split):
    with pytest.raises(ValueError, match="q2"):
        training_rows([question(1), question(2, split=split)], RECIPE)


def test_passages_need_a_retriever():
    with pytest.raises(ValueError, match="retriever"):
        training_rows([question(1), question(2)], WITH_PASSAGES)


def test_test_questions_among_the_rows_are_found_by_id_and_by_words():
    rows = training_rows([question(1), question(2)], RECIPE)
    disjoint(rows, [question(3, split="test")])
    with pytest.raises(ValueError, match="q1"):
        disjoint(rows, [question(1, split="test")])
    again = Question("other", "what does  moon 2 ORBIT?", ("x",))
    with pytest.raises(ValueError, match="other"):
        disjoint(rows, [again])
