"""From which volume on tuning pays, with everything it costs."""

from dataclasses import replace

import pytest

from dsmr.core.breakeven import (
    Outlook,
    Plan,
    Range,
    cheapest,
    conclusion,
    crossing,
    monthly,
    per_question,
    sure,
    tuned,
)
from dsmr.core.cost import Price

PRICE = Price("m", "p", 1.0, 0.1, 4.0, "test", "", cache_write=1.25)
LONG = Plan("few-shot", "few-shot", sure(0.004))
TUNED = Plan("fine-tuned", "tuned", sure(0.001), once=sure(2400.0), again=sure(600.0))
YEARS = Outlook(months=24)


def test_lines_cross_where_the_arithmetic_says():
    found = crossing(LONG, TUNED, YEARS)
    # 2,400 over 24 months is 100 a month, at 0.003 saved per question
    assert (found.below, found.above) == ("few-shot", "fine-tuned")
    assert found.volume.low == found.volume.likely == pytest.approx(100 / 0.003)
    assert found.chance == 1.0


def test_tuning_again_at_each_base_change_moves_the_crossing_out():
    yearly = replace(YEARS, base_change_months=sure(12))
    assert monthly(TUNED, 0, yearly).likely == pytest.approx((2400 + 600) / 24)
    retired = replace(yearly, retirement_months=sure(6))
    assert monthly(TUNED, 0, retired).likely == pytest.approx((2400 + 3 * 600) / 24)
    assert crossing(LONG, TUNED, retired).volume.likely > crossing(LONG, TUNED).volume.likely


def test_falling_prices_move_the_crossing_out():
    falling = replace(YEARS, price_per_year=sure(0.5))
    assert crossing(LONG, TUNED, falling).volume.likely > crossing(LONG, TUNED, YEARS).volume.likely
    # the mean of 0.5 ^ t over two years: 0.75 / (2 ln 2)
    assert monthly(LONG, 1000, falling).likely == pytest.approx(4 * 0.541, rel=1e-3)


def test_uncertain_figures_give_a_range_around_the_likely_crossing():
    vague = replace(TUNED, once=Range(1200, 2400, 9600))
    span = crossing(LONG, vague, YEARS).volume
    assert span.low < span.likely < span.high and span.likely == pytest.approx(100 / 0.003)
    assert crossing(LONG, vague, YEARS) == crossing(LONG, vague, YEARS)


def test_a_premium_that_eats_the_saving_never_pays():
    dear = replace(TUNED, per_question=sure(0.005))
    found = crossing(LONG, dear, YEARS)
    assert (found.below, found.above, found.volume) == ("few-shot", None, None)
    assert crossing(dear, LONG, YEARS).below == "few-shot"
    assert "no larger volume changes that" in conclusion([LONG, dear], 1000, YEARS)


def test_a_question_costs_what_its_tokens_cost():
    assert per_question(PRICE, 1000, 100, 50) == pytest.approx((1000 + 100 + 200) / 1e6)
    half = per_question(PRICE, 1000, 100, 50, hits=0.5)
    assert half == pytest.approx((50 + 625 + 100 + 200) / 1e6)
    assert per_question(PRICE, 0, 100, 50, premium=2.0) == pytest.approx(600 / 1e6)


def test_labels_are_paid_once_and_checking_every_time():
    plan = tuned("t", sure(0.001), sure(10.0), sure(20.0), 50.0, checking_hours=2.0)
    assert plan.again == sure(110.0) and plan.once == sure(1110.0)


def test_the_conclusion_is_one_sentence_with_its_numbers():
    said = conclusion([LONG, TUNED], 10_000, YEARS)
    assert said == (
        "At 10,000 questions a month few-shot is cheapest, at $40.00 a month; from about "
        "33,000 questions a month on (33,000 to 33,000) it is fine-tuned."
    )
    assert cheapest([LONG, TUNED], 100_000, YEARS) is TUNED
    assert "add a second plan" in conclusion([LONG], 10, YEARS)


def test_a_range_has_to_be_in_order():
    with pytest.raises(ValueError, match="low over likely"):
        Range(2.0, 1.0, 3.0)
