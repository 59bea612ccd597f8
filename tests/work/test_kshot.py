"""The k-shot probe: what it asks, what it reads back, and when it claims nothing."""

from dataclasses import replace

import pytest

from dsmr.core.recipe import Model
from dsmr.core.stats import Estimate
from dsmr.work import kshot
from dsmr.work.kshot import Plan
from dsmr.work.results import results
from tests.work.conftest import SHOWN, run

MODEL = Model("scripted/shots")
PLAN = Plan(SHOWN, (0, 1, 2, 4), draws=3)


@pytest.fixture
def probed(store, sky):
    kshot.submit(store, sky.id, PLAN)
    run(store, sky)
    return kshot.read(store, sky.id)


def test_the_ladder_doubles_as_far_as_the_train_split_allows(store, sky):
    found = kshot.ladder(store, sky.id, SHOWN)
    assert found.rungs == (0, 1, 2, 4, 8)
    assert "12 examples" in found.limit


def test_a_small_window_stops_the_ladder(store, sky, monkeypatch):
    monkeypatch.setattr("dsmr.engines.scripted.Scripted.window", 30)
    found = kshot.ladder(store, sky.id, replace(SHOWN, max_tokens=8))
    assert found.rungs == (0, 1, 2)
    assert "window" in found.limit


def test_without_a_train_split_there_is_nothing_to_probe(store, project):
    store.projects.delete_questions(project.id, ["q4", "q5"])
    assert kshot.ladder(store, project.id, SHOWN).rungs == (0,)


def test_every_number_is_drawn_three_times_in_both_ways_and_zero_once():
    asked = [(r.shots.count, r.shots.pick) if r.shots else 0 for r in PLAN.recipes]
    assert asked.count(0) == 1
    assert asked.count((4, "fixed")) == asked.count((4, "similar")) == 3
    shares = {r.shots.pool_share for r in PLAN.recipes if r.shots and r.shots.pick == "similar"}
    assert shares == {0.8}
    assert not any(r.tuning for r in PLAN.recipes)


def test_a_probe_leaves_the_leaderboard_alone_and_asks_for_no_latency(store, sky, probed):
    assert results(store, sky.id) == []
    assert not any(store.runs.latencies(r.id) for r in probed.runs)


def test_the_curve_has_every_rung_with_its_interval(probed):
    curve = probed.curve("contains", "fixed").curve
    assert [(r.examples, r.draws) for r in curve] == [(0, 1), (1, 3), (2, 3), (4, 3)]
    assert all(r.score.low <= r.score.mean <= r.score.high for r in curve)
    assert curve[0].score.mean == 0
    assert probed.best("contains")[0] in kshot.PICKS
    assert probed.best("form") is None


def test_what_was_asked_is_not_asked_again_but_new_data_is(store, sky, probed):
    assert kshot.submit(store, sky.id, PLAN) == []
    longer = kshot.submit(store, sky.id, replace(PLAN, rungs=(0, 1, 2, 4, 8)))
    assert len(longer) == 6
    store.projects.delete_documents(sky.id, ["Moon1.md"])
    assert len(kshot.submit(store, sky.id, PLAN)) == len(PLAN.recipes)


def test_a_stopped_probe_resumes_where_it_was(store, sky):
    kshot.submit(store, sky.id, PLAN)
    found = kshot.read(store, sky.id)
    kshot.cancel(store, found)
    found = kshot.read(store, sky.id)
    assert found.finished and found.draws == {}
    kshot.resume(store, found)
    run(store, sky)
    assert len(kshot.read(store, sky.id).draws["contains", "fixed"]) == 10


def test_the_estimate_covers_every_run(store, sky):
    one = kshot.cost_of(store, sky.id, Plan(SHOWN, (0,)))
    whole = kshot.cost_of(store, sky.id, PLAN)
    assert whole.questions == 30
    assert whole.tokens_in > len(PLAN.recipes) * one.tokens_in
    assert whole.usd > one.usd


def test_the_real_gain_stands_beside_the_predicted_one(store, sky, probed, trained):
    assert kshot.actual_gain(store, sky.id, probed, "contains") is None
    run(store, sky, trained)
    found = kshot.actual_gain(store, sky.id, probed, "contains")
    assert found.name == "fine-tuned"
    assert found.gain.difference.n == 30
    assert found.gain.losses > 0  # the script replies with nothing when nothing is shown


def test_a_curve_on_the_floor_claims_nothing(store, sky):
    silent = Plan(replace(SHOWN, model=Model("scripted/echo")), (0, 1, 2, 4))
    kshot.submit(store, sky.id, silent)
    run(store, sky)
    curve = kshot.read(store, sky.id).curve("contains", "fixed")
    assert kshot.at_floor(curve)
    assert "off the floor" in kshot.headline("Facts", curve)


def test_headlines_say_the_shape():
    from dsmr.core.plateau import Plateau, Rung, Step

    def shaped(shape):
        value = Estimate(0.6, 0.5, 0.7, 50)
        steps = (Step(4, 8, value), Step(8, 16, Estimate(0.02, 0.01, 0.03, 50)))
        return Plateau((Rung(16, value, 3),), steps, shape, "", None, 0.05)

    assert "flat from 4" in kshot.headline("Facts", shaped("flattened"))
    assert "still rise at 16" in kshot.headline("Facts", shaped("still rising"))
    assert "fall beyond 8" in kshot.headline("Form", shaped("falling"))
    assert "cannot tell" in kshot.headline("Form", shaped("cannot tell"))


def test_the_published_failures_name_trec_fine():
    assert any(f.task == "trecfine" for f in kshot.failures())
