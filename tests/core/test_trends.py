"""Fits against scipy, what-ifs, the time machine, and what changed between runs."""

import math
from datetime import date, timedelta

import pytest

from dsmr.core.cost import Price
from dsmr.core.run import Tokens
from dsmr.core.trends import (
    Footprint,
    Moment,
    Offer,
    Point,
    back_then,
    changes,
    fit,
    frontier,
    yearly_factor,
)

START = date(2021, 1, 1)


def yearly(values, verified=True):
    return [
        Point(START + timedelta(days=365.25 * i), v, f"m{i}", verified=verified)
        for i, v in enumerate(values)
    ]


def test_the_fit_is_least_squares_on_the_logarithms():
    trend = fit(yearly([60, 20, 2, 1, 0.25]))
    # scipy.stats.linregress of the logarithms, 3 degrees of freedom; days are whole
    assert (trend.per_year, trend.low, trend.high) == pytest.approx(
        (0.247659, 0.165840, 0.369845), rel=2e-3
    )
    likely, low, high = trend.at(START + timedelta(days=730))
    assert low < likely < high and trend.halves_in == pytest.approx(0.4966, rel=1e-2)


def test_points_that_are_not_verified_do_not_bend_the_trend():
    sure = yearly([60, 20, 2, 1, 0.25])
    assert fit([*sure, *yearly([1e6], verified=False)]) == fit(sure)
    assert fit(sure[:2]) is None and fit([sure[0]] * 5) is None


def test_uncertainty_grows_away_from_the_points():
    trend = fit(yearly([60, 20, 2, 1, 0.25]))
    width = [
        math.log(high / low) for _, low, high in map(trend.at, (date(2023, 1, 1), date(2030, 1, 1)))
    ]
    assert width[1] > 2 * width[0]


def test_what_if_the_trend_slows_or_stops():
    trend = fit(yearly([64, 16, 4, 1]))
    assert yearly_factor(trend, "continues")[0] == pytest.approx(0.25, rel=1e-2)
    assert yearly_factor(trend, "slows")[0] == pytest.approx(0.5, rel=1e-2)
    assert yearly_factor(trend, "stops") == (1.0, 1.0, 1.0) == yearly_factor(None, "continues")


def test_records_only():
    points = yearly([4, 8, 2, 16])
    assert [p.value for p in frontier(points)] == [4, 8, 16]
    assert [p.value for p in frontier(points, lowest=True)] == [4, 2]


def offer(name, start, end, usd, window):
    return Offer(Price(name, "p", usd, None, usd, "test", ""), start, end, window)


OFFERS = [
    offer("old", date(2021, 1, 1), date(2023, 1, 1), 60.0, 2048),
    offer("new", date(2023, 1, 1), None, 2.0, 16_000),
    offer("unknown window", date(2023, 1, 1), None, 0.1, None),
]
WINDOWS = [
    Point(date(2021, 1, 1), 2048, "old", "product"),
    Point(date(2022, 1, 1), 1_000_000, "dream", "research"),
    Point(date(2023, 1, 1), 16_000, "new", "product"),
]
RUNS = {
    "short": Footprint(Tokens(90_000, 0, 10_000), 100, 1200),
    "long": Footprint(Tokens(900_000, 0, 10_000), 100, 9000),
}


def test_the_time_machine_prices_and_fits_runs_on_a_day():
    then, now = (back_then(RUNS, OFFERS, WINDOWS, date(y, 6, 1)) for y in (2022, 2024))
    assert then["short"].fits and then["short"].usd_per_1k == pytest.approx(60.0)
    assert then["long"].fits is False and then["long"].offer is None
    assert then["long"].window == 2048  # a research window is none that could be bought
    assert now["long"].fits and now["long"].offer.price.model == "new"
    assert now["short"].usd_per_1k == pytest.approx(2.0)
    assert back_then(RUNS, [], [], date(2020, 1, 1))["short"].fits is None


def test_the_history_marks_what_changed():
    one = Moment("2026-01-01", "r1", "rag", "s", "reader", "q1", "d1")
    two = Moment("2026-01-02", "r2", "rag", "s", "reader", "q2", "d1")
    other = Moment("2026-01-03", "r3", "baseline", "s", "reader", "q2", "d1")
    three = Moment("2026-01-04", "r4", "rag", "s2", "gpt", "q2", "d1")
    assert [(c.run_id, c.what) for c in changes([three, two, other, one])] == [
        ("r2", ("questions",)),
        ("r4", ("model", "settings")),
    ]
