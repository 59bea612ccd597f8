"""Worked examples: fitting, from the train split, never the question itself."""

from dsmr.core.data import FormRule, Question
from dsmr.core.recipe import Shots
from dsmr.retrieval.embed import MiniLM
from dsmr.retrieval.similar import Examples, draw

TRAIN = [
    Question("a", "When is the office closed?", ("Sunday",), tags=("time",), split="train"),
    Question("b", "Who repairs the lift?", ("Otis",), tags=("name",), split="train"),
    Question("c", "On which days is the office shut?", ("Sunday",), tags=("time",), split="train"),
    Question("d", "please fix the lift", ("RE: Lift",), "form", FormRule("RE: .*"), split="train"),
    Question("e", "No answer to learn", (), "fact", split="train"),
]


def asked(text, form=None):
    return Question("x", text, ("y",), form=form)


def ids(found):
    return [[q.id for q in shown] for shown in found]


def test_the_most_similar_stands_nearest_to_the_question():
    found = Examples(TRAIN, Shots(2, "similar"), MiniLM()).pick(
        [asked("When does the office close?")]
    )
    assert set(ids(found)[0]) == {"a", "c"}


def test_a_question_with_a_form_is_shown_examples_with_a_form():
    examples = Examples(TRAIN, Shots(3, "similar"), MiniLM())
    assert ids(
        examples.pick([asked("fix the door", FormRule(".*")), asked("who fixes doors?")])
    ) == [
        ["d"],
        ids(examples.pick([asked("who fixes doors?")]))[0],
    ]


def test_the_question_itself_is_never_shown():
    same = asked("when is the OFFICE closed?")
    for pick in ("fixed", "similar"):
        (found,) = ids(Examples(TRAIN, Shots(4, pick), MiniLM()).pick([same]))
        assert "a" not in found
        assert found


def test_a_fixed_draw_is_seeded_and_takes_turns_between_tags():
    assert draw(TRAIN[:3], 2, seed=1) == draw(TRAIN[:3], 2, seed=1)
    for seed in range(5):
        assert {q.tags[0] for q in draw(TRAIN[:3], 2, seed)} == {"time", "name"}


def test_a_share_of_the_pool_changes_with_the_seed():
    pools = {
        tuple(q.id for q in Examples(TRAIN, Shots(2, "similar", s, 0.5), MiniLM()).train)
        for s in range(8)
    }
    assert len(pools) > 1
    assert all(len(p) == 2 for p in pools)


def test_nothing_to_show_is_no_error():
    assert Examples([], Shots(2, "similar"), MiniLM()).pick([asked("?")]) == [()]


def test_the_examples_are_embedded_once():
    class Counting(MiniLM):
        texts = 0

        def embed(self, texts):
            Counting.texts += len(texts)
            return super().embed(texts)

    examples = Examples(TRAIN, Shots(2, "similar"), Counting())
    for _ in range(3):
        examples.pick([asked("When is it closed?")])
    assert Counting.texts == len(examples.train) + 3
