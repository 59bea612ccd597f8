"""The k-shot probe: flat, rising, or not to be told; and where the rule fails."""

import numpy

from dsmr.core.plateau import Draw, known_failures, probe
from dsmr.market.facts import published_results


def draws(curve, n, rng, times=3, luck=0.0):
    ease = rng.normal(0, 0.2, n)
    found = []
    for k, level in curve.items():
        for seed in range(times if k else 1):
            chance = numpy.clip(level + ease + rng.normal(0, luck), 0.02, 0.98)
            right = rng.random(n) < chance
            found.append(Draw(k, seed, {str(i): float(r) for i, r in enumerate(right)}))
    return found


FLAT = {0: 0.3, 1: 0.45, 2: 0.55, 4: 0.6, 8: 0.6, 16: 0.6}
RISING = {0: 0.2, 1: 0.25, 2: 0.32, 4: 0.42, 8: 0.54, 16: 0.66}


def test_a_flat_curve_is_flat_and_a_rising_one_rises():
    rng = numpy.random.default_rng(1)
    flat, rising = probe(draws(FLAT, 1500, rng)), probe(draws(RISING, 1500, rng))
    assert flat.shape == "flattened" and "±5 points" in flat.reason
    assert rising.shape == "still rising" and rising.steps[-1].gain.low > 0
    assert flat.predicted.mean < 0.02 < rising.predicted.mean


def test_few_questions_cannot_tell_and_say_how_many_would():
    found = probe(draws(FLAT, 60, numpy.random.default_rng(2)))
    assert found.shape == "cannot tell" and "more questions would tell" in found.reason


def test_fewer_than_three_draws_cannot_tell_luck_apart():
    two = draws(FLAT, 1500, numpy.random.default_rng(1), times=2)
    assert probe(two).shape == "cannot tell" and "drawn 2 times" in probe(two).reason
    similar = [draw for draw in two if draw.seed == 0]
    assert probe(similar, drawn=False).shape == "flattened"


def test_luck_with_the_examples_widens_the_steps():
    steady = probe(draws(FLAT, 600, numpy.random.default_rng(3)))
    lucky = probe(draws(FLAT, 600, numpy.random.default_rng(3), luck=0.06))
    width = [p.steps[-1].gain.high - p.steps[-1].gain.low for p in (steady, lucky)]
    assert width[1] > 1.5 * width[0] and lucky.steps[-1].luck > 0.5


def test_the_curve_shows_every_rung_with_its_draws():
    found = probe(draws(FLAT, 50, numpy.random.default_rng(4)))
    assert [(r.examples, r.draws) for r in found.curve] == [(k, 3 if k else 1) for k in FLAT]
    assert probe([]).shape == "cannot tell" and probe([]).predicted is None


def test_questions_that_failed_in_a_draw_are_missing():
    some = draws({0: 0.5, 1: 0.5}, 40, numpy.random.default_rng(5))
    some[1] = Draw(1, 0, {**some[1].scores, "0": None})
    gain = probe(some).steps[0].gain
    assert (gain.n, gain.missing) == (39, 1)


def test_the_published_failure_is_found_and_said():
    rows = [
        (r.task, r.model, r.technique, r.examples, r.share)
        for r in published_results()
        if r.examples and r.share is not None
    ]
    fine = [f for f in known_failures(rows) if f.task == "trecfine"]
    long = next(f for f in fine if f.examples == 2000)
    assert (long.prompted, long.tuned) == (0.772, 0.899)
    assert "known to fail" in long.sentence and "89.9%" in long.sentence
    assert not any(f.task == "clinic150" and f.examples >= 2000 for f in known_failures(rows))
