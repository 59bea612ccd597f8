"""How far a grader can be trusted, against hand-worked tables."""

import pytest

from dsmr.core.agreement import (
    agreement,
    first_place_bias,
    flip_rate,
    in_words,
    kappa,
    length_bias,
)


def test_kappa_of_a_worked_table():
    pairs = [(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15
    found = kappa(pairs)
    assert found.mean == pytest.approx(0.4)  # 0.7 seen, 0.5 by chance
    # Fleiss, Cohen and Everitt by hand: standard error 0.127
    assert (found.high - found.low) / 3.92 == pytest.approx(0.127, abs=5e-4)


def test_kappa_of_full_agreement_and_of_one_label():
    assert kappa([(1, 1), (0, 0)] * 10).mean == 1.0
    assert kappa([(1, 1)] * 10) is None


def test_agreement_counts_only_what_both_graded():
    human = {"a": 1.0, "b": 0.0, "c": 1.0, "d": None, "e": 1.0}
    judge = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}
    found = agreement(human, judge)
    assert (found.share.n, found.share.missing) == (3, 1)
    assert (found.more_lenient, found.more_strict) == (1, 0)
    assert agreement({"a": 1.0}, {"b": 1.0}) is None


def test_a_steady_judge_swaps_its_word_with_the_order():
    asked = {"a": "first", "b": "second", "c": "tie", "d": "first"}
    swapped = {"a": "second", "b": "first", "c": "tie", "d": "first", "e": "tie"}
    found = flip_rate(asked, swapped)
    assert (found.mean, found.n, found.missing) == (0.25, 4, 1)
    assert flip_rate(asked, {}) is None


def test_bias_is_a_share_away_from_a_half():
    assert first_place_bias(["first"] * 20 + ["second"] * 5).leans
    assert not first_place_bias(["first"] * 12 + ["second"] * 10 + ["tie"] * 9).leans
    longer = length_bias([(90, 10, "first")] * 15 + [(10, 90, "first")] * 3 + [(5, 5, "first")])
    assert longer.share.mean == pytest.approx(15 / 18) and longer.leans
    assert first_place_bias(["tie"]) is None


def test_kappa_in_words():
    assert [in_words(k) for k in (0.9, 0.7, 0.5, 0.3, 0.1, -0.1)] == [
        "almost perfect",
        "substantial",
        "moderate",
        "fair",
        "slight",
        "none",
    ]
