"""From replies to scores: golden cases, forms, abstention, and hostile rules."""

import time

import pytest

from dsmr.core.data import FormRule, Question
from dsmr.core.run import Answer, Reply, Tokens
from dsmr.core.scoring import (
    abstains,
    contains,
    exact,
    follows,
    grade,
    recall_at_k,
    token_f1,
    words,
)


def reply(text):
    return Answer("q", reply=Reply(text, Tokens(), 0.1))


def scores(question, answer):
    return {s.metric: s.value for s in grade(question, answer)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The $250,000 limit", ["250000", "limit"]),
        ("3.5 %", ["3.5"]),
        ("Don’t", ["dont"]),
        ("１２ｋｍ", ["12", "km"]),
        ("三十日です", ["三", "十", "日", "で", "す"]),
        ("1,000 and 1,5", ["1000", "and", "1", "5"]),
    ],
)
def test_words_are_compared_as_people_read_them(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("said", "accepted", "expected"),
    [
        ("It takes up to 8 weeks.", "8 weeks", 1.0),
        ("It takes 18 weeks.", "8 weeks", 0.0),
        ("at 3.50", "3.5", 0.0),
        ("THE Golden Gate", "golden gate", 1.0),
        ("gate golden", "golden gate", 0.0),
        ("返品は三十日以内", "三十日", 1.0),
    ],
)
def test_contains_wants_whole_words_in_order(said, accepted, expected):
    assert contains(said, accepted) == expected


def test_f1_agrees_with_the_published_example():
    # 2 shared of 3 said and 4 wanted: precision 2/3, recall 1/2
    assert token_f1("one two five", "one two three four") == pytest.approx(4 / 7)
    assert token_f1("", "") == 1.0
    assert exact("An apple!", "apple") == 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I don't know.", True),
        ("I do not know", True),
        ("Not in the documents.", True),
        ("The passages do not say; it is not mentioned.", True),
        ("The rule is known since 1999.", False),
        ("Unknown Pleasures is by Joy Division " + "la " * 30, False),
        ("", False),
    ],
)
def test_saying_that_one_does_not_know(text, expected):
    assert abstains(text) is expected


def test_facts_are_scored_by_the_best_accepted_answer_and_form_apart():
    question = Question("q", "?", ("8 weeks", "two months"), "mixed", FormRule(r"> .*\."))
    assert scores(question, reply("> Two months.")) == {
        "contains": 1.0, "exact": 1.0, "f1": 1.0, "form": 1.0,
    }  # fmt: skip
    assert scores(question, reply("Two months"))["form"] == 0.0


def test_a_form_question_has_no_fact_score():
    assert scores(Question("q", "?", ("x",), "form", FormRule("x")), reply("x")) == {"form": 1.0}


def test_an_unanswerable_question_is_right_when_the_model_says_so():
    question = Question("q", "?", (), "unanswerable")
    assert set(scores(question, reply("I don't know.")).values()) == {1.0}
    assert set(scores(question, reply("Paris")).values()) == {0.0}


def test_a_failed_answer_is_missing_in_every_metric():
    found = grade(Question("q", "?", ("x",)), Answer("q", failure="timeout"))
    assert [(s.value, s.note) for s in found] == [(None, "timeout")] * 3


def test_json_forms():
    rule = FormRule(json_schema='{"type": "object", "required": ["answer"]}')
    assert follows('{"answer": "x"}', rule) == (1.0, "")
    assert follows('{"other": "x"}', rule)[0] == 0.0
    assert follows("answer: x", rule) == (0.0, "the reply is not JSON")
    assert follows("{}", FormRule(json_schema='{"type": 5}'))[0] is None


@pytest.mark.parametrize(
    "rule",
    [
        FormRule(r"(a+)+b"),
        FormRule(json_schema='{"type": "string", "pattern": "^(a+)+b$"}'),
    ],
)
def test_a_rule_that_would_take_for_ever_leaves_the_answer_ungraded(rule):
    text = "a" * 60 + "c"
    started = time.monotonic()
    value, _ = follows(text if rule.regex else f'"{text}"', rule)
    assert time.monotonic() - started < 5
    assert value in (None, 0.0)  # a cleverer matcher may see that it cannot match


def test_the_whole_reply_must_match_and_a_dot_matches_new_lines():
    assert follows("RE: x\ny", FormRule("RE: .*"))[0] == 1.0
    assert follows("well, RE: x", FormRule("RE: .*"))[0] == 0.0


def test_recall_is_asked_only_where_a_gold_source_is_known():
    question = Question("q", "?", ("x",), sources=("a.md", "b.md"))
    assert recall_at_k(question, ["b.md", "c.md"]).value == 1.0
    assert recall_at_k(question, []).value == 0.0
    assert recall_at_k(Question("q", "?", ("x",)), ["a.md"]) is None
