"""What a set of questions can show, against the table of the developer note."""

import pytest

from dsmr.core.power import MOST, detectable, mcnemar, power_of, questions_needed


@pytest.mark.parametrize(
    ("n", "disagreement", "note"),
    [(50, 0.2, 0.165), (100, 0.2, 0.121), (200, 0.2, 0.087), (500, 0.2, 0.056), (1000, 0.3, 0.048)],
)
def test_detectable_difference_is_near_the_formula(n, disagreement, note):
    assert detectable(n, disagreement) == pytest.approx(note, abs=0.0025)  # Connor 1987


def test_detectable_difference_has_the_power_it_claims():
    for n in (30, 80, 250):
        size = detectable(n, 0.2)
        assert power_of(n, size, 0.2) == pytest.approx(0.8, abs=0.002)


def test_more_questions_show_less_and_more_disagreement_more():
    assert detectable(400) < detectable(100) < detectable(100, 0.4) < detectable(30, 0.4)
    assert detectable(100, alpha=0.05 / 7) > detectable(100)


def test_four_questions_show_nothing():
    assert mcnemar(4, 0) > 0.05 and detectable(4) == 1.0 and detectable(0) == 1.0


def test_questions_needed_turns_detectable_around():
    n = questions_needed(0.1, 0.2)
    assert 140 <= n <= 165  # Connor's formula says 155
    assert detectable(n, 0.2) == pytest.approx(0.1, abs=0.002)
    assert questions_needed(-0.1, 0.2) == n
    assert questions_needed(1e-5, 0.2) == MOST
    with pytest.raises(ValueError, match="difference of 0"):
        questions_needed(0.0)


def test_large_sets_join_on_to_the_formula():
    assert detectable(20_001) == pytest.approx(detectable(20_000), rel=0.01)
