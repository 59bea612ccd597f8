"""Tokens to money: disjoint buckets, what was listed and what was spent, one-off apart."""

import pytest

from dsmr.core.cost import Cost, OneOff, Price, bill, blended, hardware, priced
from dsmr.core.run import Reply, Tokens

MINI = Price("gpt-4o-mini", "openai", 0.15, 0.075, 0.60, "test", "2024-07-18")


def test_each_token_is_paid_once():
    # 400 fresh, 600 from the cache, 100 out: genai-prices 0.2.3 says 0.000165
    assert priced(Tokens(400, 600, 100), MINI) == pytest.approx(0.000165)


def test_without_a_known_discount_cached_tokens_cost_the_full_price():
    plain = Price("m", "p", 1.0, None, 2.0, "test", "")
    assert priced(Tokens(0, 1_000_000, 0), plain) == 1.0


def test_writing_to_the_cache_has_its_own_price():
    dear = Price("m", "p", 1.0, 0.1, 2.0, "test", "", cache_write=1.25)
    assert priced(Tokens(600_000, 0, 0, 400_000), dear) == pytest.approx(0.6 + 0.5)


def test_a_price_survives_its_snapshot():
    assert Price(**MINI.as_dict()) == MINI


def test_units_are_per_million_tokens_and_per_thousand_questions():
    cost = Cost(0.02, Tokens(8_000, 1_000, 1_000), 50)
    assert (cost.per_mtok, cost.per_1k_questions) == (pytest.approx(2.0), pytest.approx(0.4))
    assert Cost(0.0, Tokens(), 0).per_mtok is None
    assert Cost(0.0, Tokens(), 0).per_1k_questions is None


def test_repeated_replies_are_listed_and_not_spent():
    fresh = Reply("a", Tokens(1000, 0, 100), 2.0)
    again = Reply("a", Tokens(1000, 0, 100), 2.0, repeated=True)
    made = bill([fresh, again], MINI)
    assert made.answering.usd == pytest.approx(2 * made.spent)
    assert made.answering.questions == 2 and made.answering.tokens.total == 2200


def test_local_replies_cost_machine_time():
    made = bill([Reply("a", Tokens(10, 0, 10), 36.0)] * 100, usd_per_hour=2.0)
    assert made.spent == pytest.approx(2.0) == hardware(3600, 2.0)


def test_one_off_cost_stays_apart():
    once = OneOff(training=5.0, labelling=100.0, indexing=1.0)
    made = bill([Reply("a", Tokens(10, 0, 10), 1.0)], MINI, once=once)
    assert made.once.total == 106.0 and made.answering.usd < 0.001


def test_blend_is_three_parts_in_to_one_out_unless_told():
    assert blended(MINI) == pytest.approx(0.2625)
    assert blended(MINI, 0.5) == pytest.approx(0.375)
