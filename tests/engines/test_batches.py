"""Which prompts go together: pure planning over token ids."""

from dsmr.core.run import Message, Request
from dsmr.engines.batches import Pace, Prompt, grouped, shared_prefix


def prompt(index, ids, context="a", max_tokens=10):
    messages = (Message("system", context), Message("user", str(index)))
    return Prompt(index, Request(messages, max_tokens), tuple(ids))


def test_a_shared_beginning_leaves_each_prompt_a_token_of_its_own():
    same = [prompt(0, range(20)), prompt(1, range(20))]
    assert shared_prefix(same) == 19


def test_short_beginnings_and_lone_prompts_share_nothing():
    assert shared_prefix([prompt(0, range(20))]) == 0
    assert shared_prefix([prompt(0, range(20)), prompt(1, [*range(5), 99])]) == 0


def test_each_context_makes_a_group_and_loners_are_put_together():
    prompts = [prompt(i, range(20), context="ab"[i % 2]) for i in range(8)]
    prompts += [prompt(8, range(30), "c"), prompt(9, range(30), "d")]
    assert [[p.index for p in g] for g in grouped(prompts)] == [[0, 2, 4, 6], [1, 3, 5, 7], [8, 9]]


def test_batches_hold_prompts_of_like_length_within_the_budget():
    prompts = [prompt(i, range(10 + 10 * (i % 4))) for i in range(12)]
    batches = list(Pace(tokens=120, rows=8).batches(prompts, prefix=0))
    assert sorted(p.index for b in batches for p in b) == list(range(12))
    lengths = [len(p.ids) for b in batches for p in b]
    assert lengths == sorted(lengths)
    assert all(len(b) * max(p.cost(0) for p in b) <= 120 for b in batches)


def test_a_prompt_beyond_the_budget_still_gets_its_turn():
    assert [len(b) for b in Pace(1, 8).batches([prompt(0, range(500))] * 2, 0)] == [1, 1]


def test_the_pace_follows_the_clock_but_never_by_more_than_two():
    pace = Pace(tokens=1000, rows=8, target_seconds=1.0)
    pace.learn(seconds=50)
    assert pace.tokens == 500
    pace.learn(seconds=0.001)
    assert pace.tokens == 1000
