"""Intervals and paired tests against published or independently computed figures."""

import math

import pytest

from dsmr.core import intervals, stats
from dsmr.core.run import Score


def scores(values, metric="contains"):
    return [Score(str(i), metric, v) for i, v in enumerate(values)]


def runs(both=0, wins=0, losses=0, neither=0):
    pairs = [(1, 1)] * both + [(0, 1)] * wins + [(1, 0)] * losses + [(0, 0)] * neither
    old = {str(i): float(a) for i, (a, _) in enumerate(pairs)}
    return old, {str(i): float(b) for i, (_, b) in enumerate(pairs)}


def test_share_interval_is_wilsons():
    twelve, eighty = (
        stats.summarise(scores([1.0] * 12)),
        stats.summarise(scores([1.0] * 80 + [0.0] * 20)),
    )
    assert (twelve.low, twelve.high) == pytest.approx((0.7575059933, 1.0))  # scipy 1.17
    assert (eighty.low, eighty.high) == pytest.approx((0.7111708344, 0.8666330667))


def test_nothing_graded_is_none_and_missing_is_never_zero():
    assert stats.summarise([]) is None
    assert stats.summarise(scores([None, None])) is None
    held = stats.summarise(scores([1.0, 1.0, None]))
    assert (held.mean, held.n, held.missing) == (1.0, 2, 1)


def test_attempts_at_one_question_count_as_one_question():
    twice = [*scores([1.0, 0.0, 1.0]), *scores([0.0, 0.0, 1.0])]
    held = stats.summarise(twice)
    assert (held.n, held.mean) == (3, pytest.approx(0.5))
    means = stats.mean_of_attempts([{"a": 1.0, "b": None}, {"a": 0.0, "b": None}])
    assert means == {"a": 0.5, "b": None}


def test_partial_scores_get_students_interval():
    held = stats.summarise(scores([0.1, 0.2, 0.4, 0.3, 0.0, 0.0, 0.5, 0.7]))
    assert (held.low, held.high) == pytest.approx(
        (0.0665928, 0.4834072), abs=1e-6
    )  # ttest_1samp, scipy


def test_equal_partial_scores_do_not_claim_certainty():
    held = stats.summarise(scores([0.5] * 20))
    assert held.low < 0.35 and held.high > 0.65


@pytest.mark.parametrize(
    ("wins", "losses", "p_value"),
    [(12, 3, 0.0212707520), (15, 5, 0.0266036987), (21, 9, 0.0294493735), (11, 4, 0.0768127441)],
)
def test_right_or_wrong_uses_mcnemars_mid_p(wins, losses, p_value):
    one = stats.compare(*runs(40, wins, losses, 20))
    assert one.p_value == pytest.approx(p_value)  # binomtest p less binom.pmf, scipy 1.17
    assert (one.wins, one.losses) == (wins, losses)
    assert one.verdict == ("better" if p_value < 0.05 else "cannot tell")


@pytest.mark.parametrize(
    ("cells", "ends"),
    [((12, 3, 100), (0.015977, 0.173743)), ((9, 2, 30), (0.018905, 0.434280))],
)
def test_paired_interval_is_tangos(cells, ends):
    wins, losses, n = cells
    one = stats.compare(*runs(n - wins - losses, wins, losses))
    # the constrained likelihood maximised numerically with scipy.optimize
    assert (one.difference.low, one.difference.high) == pytest.approx(ends, abs=1e-5)


def test_swapping_the_runs_turns_the_sign():
    old, new = runs(40, 12, 3, 20)
    there, back = stats.compare(old, new), stats.compare(new, old)
    assert back.difference.mean == -there.difference.mean
    assert back.difference.low == pytest.approx(-there.difference.high)
    assert (back.verdict, back.p_value) == ("worse", there.p_value)


def test_partial_scores_use_sign_flips():
    deltas = [0.1, 0.2, -0.1, 0.4, 0.3, 0.0, 0.0, 0.5, 0.25, -0.05]
    old = {str(i): 0.4 for i in range(10)}
    new = {str(i): 0.4 + d for i, d in enumerate(deltas)}
    one = stats.compare(old, new)
    assert one.p_value == pytest.approx(0.046875)  # permutation_test over all flips, scipy
    assert stats.compare(old, new) == one


def test_many_sign_flips_are_drawn_with_a_fixed_seed():
    old = {str(i): 0.5 for i in range(40)}
    new = {str(i): 0.5 + 0.1 * (-1) ** (i % 3 == 0) for i in range(40)}
    one = stats.compare(old, new)
    assert one.p_value == pytest.approx(0.0807, abs=0.01)  # 26 against 14: binomtest, scipy
    assert stats.compare(old, new) == one


def test_one_large_document_among_small_ones_is_hardly_evidence():
    old, new = runs(40, 30, 0, 30)
    one = stats.compare(old, new, {q: "large" if int(q) < 98 else "small" for q in old})
    assert one.verdict == "cannot tell" and one.difference.low < 0


def test_only_questions_graded_in_both_are_compared():
    one = stats.compare({"a": 1.0, "b": 0.0, "c": None}, {"a": 1.0, "c": 1.0, "d": 0.0})
    assert (one.difference.n, one.difference.missing) == (1, 3)
    assert stats.compare({"a": 1.0}, {"b": 1.0}) is None
    assert stats.compare({"a": None}, {"a": 1.0}) is None


def test_equal_runs_are_not_different_and_not_proven_equal():
    one = stats.compare(*runs(30, 0, 0, 20))
    assert (one.p_value, one.verdict, one.difference.mean) == (1.0, "cannot tell", 0.0)
    assert one.difference.low < -0.05 and not stats.as_good_as(one, 0.02)
    assert stats.as_good_as(stats.compare(*runs(3000, 0, 0, 2000)), 0.02)


def test_questions_on_the_same_document_say_less():
    old, new = runs(0, 12, 3, 15)
    apart = stats.compare(old, new)
    document = {str(i): f"d{i // 5}" for i in range(30)}
    together = stats.compare(old, new, document)
    assert together.difference.clusters == 6
    assert together.difference.low < apart.difference.low
    assert together.p_value > apart.p_value
    assert together.detectable > apart.detectable


def test_one_question_per_document_changes_nothing():
    old, new = runs(30, 12, 3, 15)
    apart = stats.compare(old, new)
    alone = stats.compare(old, new, {q: f"document {q}" for q in old})
    assert (alone.p_value, alone.difference.low) == (apart.p_value, apart.difference.low)
    assert alone.difference.clusters == 60


def test_two_documents_that_agree_are_no_proof():
    old, new = runs(0, 20, 0, 0)
    one = stats.compare(old, new, {q: f"d{int(q) % 2}" for q in old})
    assert one.verdict == "cannot tell"


def test_clustered_error_is_millers_equation_4_without_bias():
    values, groups = [1.0, 1.0, 0.0, 0.0, 1.0, 0.0], ["a", "a", "b", "b", "c", "c"]
    about = intervals.spread(values, groups)
    # totals around 0.5: +1, -1, 0; (1 + 1) / 36, times 3 / 2 for three equal groups
    assert about.error == pytest.approx(math.sqrt(2 / 36 * 3 / 2))
    assert about.degrees == pytest.approx(2)


def test_holm_and_benjamini_hochberg():
    p_values = [0.01, 0.04, 0.03, 0.005]
    assert stats.holm(p_values) == pytest.approx([0.03, 0.06, 0.06, 0.02])  # statsmodels
    assert stats.benjamini_hochberg(p_values) == pytest.approx([0.02, 0.04, 0.04, 0.02])  # scipy
    assert stats.holm([]) == []


def test_verdicts_of_a_table_rest_on_the_adjusted_p_values():
    old, new = runs(40, 12, 3, 20)
    alone = stats.compare_all(old, {"new": new})
    table = stats.compare_all(old, {"new": new, "a": old, "b": old})
    assert alone["new"].verdict == "better" and table["new"].verdict == "cannot tell"
    assert table["new"].p_adjusted == pytest.approx(3 * alone["new"].p_value)
    assert table["new"].detectable > alone["new"].detectable
    assert stats.compare_all(old, {"other": {"z": 1.0}}) == {}


def test_correlation_is_none_where_a_score_never_varies():
    assert stats.compare(*runs(10, 5)).correlation is None
    assert stats.compare(*runs(10, 5, 5, 10)).correlation == pytest.approx(1 / 3)


def test_percentiles_with_order_statistic_intervals():
    values = range(1, 101)
    half, high = stats.percentile(values, 50), stats.percentile(values, 95)
    assert (half.mean, half.low, half.high) == (50.5, 40, 61)  # scipy.stats.quantile_test
    assert high.mean == pytest.approx(95.05) and (high.low, high.high) == (90, 100)
    for wrong in (0.95, 100):
        with pytest.raises(ValueError, match="percent"):
            stats.percentile(values, wrong)
    with pytest.raises(ValueError, match="values"):
        stats.percentile([], 50)


def test_ratio_is_the_geometric_mean_of_the_pairs():
    one = stats.ratio({"a": 1.0, "b": 2.0, "c": 0.0}, {"a": 2.0, "b": 16.0, "c": 3.0, "d": 1.0})
    assert (one.mean, one.n, one.missing) == (pytest.approx(4.0), 2, 2)
    assert stats.ratio({"a": 0.0}, {"a": 1.0}) is None
