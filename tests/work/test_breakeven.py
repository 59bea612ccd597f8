"""Break-even from one's own tokens: what is measured, what is assumed, where plans cross."""

from dataclasses import replace

import pytest

from dsmr.core.cost import Price
from dsmr.work import breakeven
from dsmr.work.breakeven import LONG_PROMPT, Assumptions, Footing
from dsmr.work.results import results
from tests.work.conftest import BASE, FOUND, SHOWN, run

PRICE = Price("m", "own", 1.0, 0.1, 4.0, "test", "2026-01-01")
SHORT = Footing("fine-tuned", "tuned", 20, 20, 20, "r")
LONG = Footing("few-shot", "few-shot", 2000, 40, 20, "r")


def test_tokens_come_from_the_users_own_runs_where_there_are_any(store, sky):
    run(store, sky, BASE, SHOWN)
    shots, rag, tuned = breakeven.footings(store, results(store, sky.id))
    assert shots.measured and shots.accuracy is not None
    assert not rag.measured and not tuned.measured
    usage = results(store, sky.id)[1].usage
    assert shots.shared + shots.own == pytest.approx(usage.tokens.all_in / 30)


def test_what_all_prompts_begin_with_counts_as_shared(store, sky):
    run(store, sky, BASE, SHOWN, FOUND)
    shots, rag, _ = breakeven.footings(store, results(store, sky.id))
    assert shots.shared > 3 * shots.own
    assert rag.own > rag.shared / 2


def test_all_documents_in_the_prompt_are_a_plan_of_their_own(store, sky, project):
    assert breakeven.long_prompt(store, sky.id).name == LONG_PROMPT
    assert breakeven.long_prompt(store, store.projects.add("bare").id) is None


def test_every_range_holds_its_likely_figure():
    for plan in breakeven.plans([LONG, SHORT], Assumptions(), PRICE):
        for span in (plan.per_question, plan.once, plan.again, plan.per_month):
            assert span.low <= span.likely <= span.high


def test_a_shorter_prompt_pays_for_its_training_at_some_volume():
    chosen = Assumptions(hits=0.0)
    ahead = breakeven.outlook(chosen)
    (found,) = breakeven.crossings(breakeven.plans([LONG, SHORT], chosen, PRICE), ahead)
    assert (found.below, found.above) == ("few-shot", "fine-tuned")
    assert found.volume.low < found.volume.likely < found.volume.high


@pytest.mark.parametrize(
    "change",
    [{"hits": 0.9}, {"premium": 3.0}, {"labelling_hours": 80.0}, {"base_change_months": 3.0},
     {"prices": "continues"}],
)  # fmt: skip
def test_what_speaks_against_tuning_moves_the_crossing_up(change):
    def volume(chosen):
        made = breakeven.plans([LONG, SHORT], chosen, PRICE)
        return breakeven.crossings(made, breakeven.outlook(chosen))[0].volume.likely

    start = Assumptions(hits=0.5)
    assert volume(replace(start, **change)) > volume(start)


def test_assumptions_are_kept_and_unknown_ones_of_other_versions_ignored(store, sky):
    assert breakeven.assumptions(store, sky.id).model == breakeven.DEFAULT_MODEL
    breakeven.save(store, sky.id, Assumptions(volume=500.0, base_change_months=None))
    kept = store.setting(f"breakeven {sky.id}")
    store.put_setting(f"breakeven {sky.id}", {**kept, "gone": 1})
    found = breakeven.assumptions(store, sky.id)
    assert (found.volume, found.base_change_months) == (500.0, None)


def test_tuning_pays_from_nowhere_without_a_tuned_run(store, sky, trained):
    run(store, sky, BASE, SHOWN)
    assert breakeven.pays_from(store, sky.id, results(store, sky.id)) is None
    run(store, sky, trained)
    volume = breakeven.pays_from(store, sky.id, results(store, sky.id))
    assert volume is None or volume > 0


def test_the_users_own_tokens_stand_in_for_measured_ones(store, sky):
    run(store, sky, BASE, SHOWN)
    breakeven.save(store, sky.id, Assumptions(tokens=(("few-shot", 900.0, 10.0, 5.0),)))
    chosen = breakeven.assumptions(store, sky.id)
    ways = breakeven.every_way(store, sky.id, results(store, sky.id))
    shots, rag, *_ = breakeven.adjusted(ways, chosen)
    assert (shots.shared, shots.own, shots.out, shots.measured) == (900.0, 10.0, 5.0, True)
    assert rag == ways[1]
