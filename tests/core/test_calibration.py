"""Over thousands of simulated comparisons the claims come true as often as they say.

The whole table: `python benchmarks/calibration.py`.
"""

from functools import partial

import pytest

from benchmarks import calibration as simulated

REPEATS = 2400  # chance moves a share of 95 % by ±0.9 points

RIGHT_OR_WRONG = [
    partial(simulated.paired, n, level=level) for n in (30, 100, 300) for level in (0.4, 0.6, 0.8)
]
PARTIAL = [partial(simulated.overlapping, n) for n in (30, 50, 100, 200)]
CLUSTERED = [
    partial(simulated.clustered, groups, shared=shared)
    for groups in (15, 40)
    for shared in (0.0, 0.8)
]


@pytest.mark.parametrize("makes", [RIGHT_OR_WRONG, PARTIAL, CLUSTERED])
def test_intervals_cover_the_truth_95_times_in_100(makes):
    mean, difference = simulated.covered(makes, REPEATS)
    assert 0.94 <= mean <= 0.96 and 0.94 <= difference <= 0.96


@pytest.mark.parametrize(("n", "groups"), [(30, 0), (100, 0), (120, 20)])
def test_false_alarms_of_a_whole_leaderboard_stay_below_five_in_a_hundred(n, groups):
    assert simulated.false_alarms(n, 7, 400, groups) <= 0.05


@pytest.mark.parametrize(("n", "disagreement"), [(30, 0.4), (100, 0.2), (300, 0.1)])
def test_the_detectable_difference_is_found_four_times_in_five(n, disagreement):
    assert simulated.power_at(n, disagreement, 2000) == pytest.approx(0.8, abs=0.03)


def test_the_detectable_difference_holds_in_a_table_of_seven():
    assert simulated.power_at(100, 0.2, 800, others=6) == pytest.approx(0.8, abs=0.03)
