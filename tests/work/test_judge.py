"""Raters and judges: blind decks, verdicts with their price, agreement, what should not matter."""

import pytest

from dsmr.core.cost import Price
from dsmr.core.errors import EngineError
from dsmr.core.recipe import Model, Recipe
from dsmr.store.ratings import Preference, Rating
from dsmr.work import judge as judging
from dsmr.work import ratings
from dsmr.work.judge import Judge, Pair
from dsmr.work.results import save_own_price
from tests.work.conftest import BASE, SHOWN, run

STEADY = Recipe("steady", Model("scripted/quote"), instruction="It orbits Saturn")


@pytest.fixture
def says(monkeypatch):
    """A judge that always says the same thing."""

    def judge(text):
        monkeypatch.setitem(
            __import__("dsmr.engines.scripted", fromlist=["SCRIPTS"]).SCRIPTS, "judge",
            lambda messages: text,
        )  # fmt: skip
        return Judge(Model("scripted/judge"))

    return judge


@pytest.fixture
def runs(store, sky):
    return run(store, sky, BASE, SHOWN, STEADY)


@pytest.mark.parametrize(
    ("text", "value"),
    [("RIGHT", 1.0), ("wrong", 0.0), ("It is not WRONG, so: RIGHT.", 1.0), ("Incorrect", 0.0),
     ("hm", None), ("", None)],
)  # fmt: skip
def test_the_last_verdict_counts(text, value):
    assert judging.right(text) == value


@pytest.mark.parametrize(
    ("text", "winner"),
    [("A", "first"), ("B.", "second"), ("Answer A is good, but B", "second"), ("TIE", "tie"),
     ("a bad answer", None), ("", None)],
)  # fmt: skip
def test_the_last_choice_counts(text, winner):
    assert judging.choice(text) == winner


def test_a_verdict_keeps_who_gave_it_with_which_words_at_what_cost(store, runs, says):
    judge = says("RIGHT")
    (made,) = judging.rate(store, judge, [(runs[0], "q1")])
    assert store.ratings.ratings(runs) == [made]
    assert (made.rater, made.kind, made.value) == ("scripted/judge", "judge", 1.0)
    assert made.prompt_hash == judge.prompt_hash and made.tokens_in > 10 and made.tokens_out == 1


def test_a_judge_is_not_asked_twice(store, runs, says):
    cards = ratings.deck(store, runs, 0)[:4]
    assert len(list(judging.rate(store, says("RIGHT"), cards))) == 4
    assert list(judging.rate(store, says("WRONG"), cards)) == []


def test_a_judge_that_does_not_decide_is_missing_not_wrong(store, runs, says):
    (made,) = judging.rate(store, says("I would rather not say"), [(runs[0], "q1")])
    assert made.value is None


def test_a_judge_that_is_down_says_so(store, runs):
    with pytest.raises(EngineError, match="did not answer"):
        list(judging.rate(store, Judge(Model("scripted/down")), [(runs[0], "q1")]))


def test_a_judge_that_prefers_the_first_flips_every_time(store, runs, says):
    pairs = ratings.pairs(store, runs, 0)[:6]
    made = list(judging.compare(store, says("A"), pairs))
    assert len(made) == 12
    (found,) = ratings.steadiness(store, runs)
    assert found.flips.mean == 1.0
    assert found.first_place.share.mean == 1.0 and found.first_place.leans


def test_a_steady_judge_never_flips_and_length_bias_shows(store, runs):
    """Each pair speaks once, though it was judged in both orders."""
    for n in range(8):
        replies = {r: len(store.runs.answer(r, f"q{n}").reply.text) for r in (runs[0], runs[2])}
        longer, shorter = sorted(replies, key=replies.get, reverse=True)
        store.ratings.prefer(Preference(longer, shorter, f"q{n}", "me", "first"))
        store.ratings.prefer(Preference(shorter, longer, f"q{n}", "me", "second"))
    (found,) = ratings.steadiness(store, runs)
    assert (found.pairs, found.flips.mean, found.first_place) == (8, 0.0, None)
    assert found.length.share.mean == 1.0 and found.length.share.n <= 8


def test_a_deck_is_shuffled_by_its_seed_and_mixes_the_recipes(store, runs):
    deck = ratings.deck(store, runs, 1)
    assert deck == ratings.deck(store, runs, 1) != ratings.deck(store, runs, 2)
    assert len(deck) == 90 and len({run_id for run_id, _ in deck[:20]}) > 1


def test_pairs_show_both_orders_and_never_two_equal_replies(store, runs):
    pairs = ratings.pairs(store, runs, 0)
    assert {p.first_run_id for p in pairs} > {runs[0]}
    for pair in pairs:
        first, second = (
            store.runs.answer(r, pair.question_id).reply.text
            for r in (pair.first_run_id, pair.second_run_id)
        )
        assert first != second


def test_what_was_rated_is_not_shown_again(store, runs):
    deck, pairs = ratings.deck(store, runs, 0), ratings.pairs(store, runs, 0)
    store.ratings.rate(Rating(*deck[0], "me", 1.0))
    pair: Pair = pairs[0].swapped
    store.ratings.prefer(
        Preference(pair.first_run_id, pair.second_run_id, pair.question_id, "me", "tie")
    )
    assert ratings.open_cards(deck, store.ratings.ratings(runs), "me") == deck[1:]
    assert ratings.open_cards(deck, store.ratings.ratings(runs), "you") == deck
    assert ratings.open_pairs(pairs, store.ratings.preferences(runs), "me") == pairs[1:]


def test_people_score_and_judge_are_compared_two_by_two(store, runs, says):
    for run_id in runs:
        for score in store.runs.scores(run_id, "contains")[:10]:
            store.ratings.rate(Rating(run_id, score.question_id, "me", score.value))
    store.ratings.rate(Rating(runs[2], "undecided", "me", None))
    list(judging.rate(store, says("RIGHT"), [(runs[0], "q1"), (runs[0], "q2")]))
    found = {(one.first, one.second): one.found for one in ratings.together(store, runs)}
    assert found.keys() == {
        ("people", "automatic score"), ("people", "scripted/judge"),
        ("automatic score", "scripted/judge"),
    }  # fmt: skip
    mine = found["people", "automatic score"]
    assert (mine.share.mean, mine.kappa.mean, mine.share.n) == (1.0, 1.0, 30)
    judged = found["automatic score", "scripted/judge"]
    assert (judged.more_lenient, judged.more_strict) == (2, 0)


def test_the_cost_of_judging_stands_apart(store, runs, says):
    assert ratings.spent_on_judging(store, runs) is None
    judge = says("hm")
    save_own_price(store, Price("scripted/judge", "own", 1.0, None, 1.0, "test", ""))
    store.put_setting("pricing", {"usd_per_hour": 0.1, "priced_as": "scripted/judge"})
    list(judging.rate(store, judge, [(runs[0], "q1"), (runs[0], "q2")]))
    (docket,) = ratings.dockets(store, runs)
    assert (docket.judge, docket.prompt_hash) == ("scripted/judge", judge.prompt_hash)
    assert (docket.verdicts, docket.undecided) == (2, 2)
    assert docket.usd == pytest.approx(docket.tokens / 1e6) == ratings.spent_on_judging(store, runs)
