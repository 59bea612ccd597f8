"""The time machine and the published papers: own runs laid over dated facts."""

import json
from datetime import date

import pytest

from dsmr.core.recipe import Model
from dsmr.work import published, timemachine
from dsmr.work.results import results
from tests.work.conftest import BASE, FOUND, run

EARLY, LATE = date(2021, 6, 1), date(2026, 6, 1)


def test_own_runs_travel_with_their_tokens(store, sky):
    run(store, sky, BASE, FOUND)
    who = timemachine.travellers(store, sky.id, results(store, sky.id))
    assert [t.name for t in who] == ["baseline", "rag", "long prompt, cached"]
    assert [t.measured for t in who] == [True, True, False]
    assert who[0].footprint.questions == 30


def test_without_runs_typical_recipes_travel(store, project):
    who = timemachine.travellers(store, project.id, [])
    assert not any(t.measured for t in who)
    assert len(who) == 4


def test_a_long_prompt_fits_today_and_not_then(store, sky):
    from dsmr.core.data import Document

    store.projects.put_documents(sky.id, [Document("long.md", "word " * 20_000)])
    who = timemachine.travellers(store, sky.id, [])
    then, now = (timemachine.on_day(who, day) for day in (EARLY, LATE))
    name = "long prompt, cached"
    assert (then[name].fits, then[name].usd_per_1k) == (False, None)
    assert now[name].fits and now[name].usd_per_1k > 0


def test_prices_of_one_maker_only(store, project):
    who = timemachine.travellers(store, project.id, [])
    found = timemachine.on_day(who, LATE, "anthropic")
    assert {t.offer.price.provider for t in found.values()} == {"anthropic"}


def test_months_run_from_2021_to_the_day():
    days = timemachine.months_until(date(2022, 2, 15))
    assert (days[0], days[-1], len(days)) == (date(2021, 1, 1), date(2022, 2, 1), 14)


def test_papers_with_several_techniques_are_settings():
    found = published.chosen([], "PopQA")
    assert found and all("PopQA" in s.label for s in found)
    assert published.wins(found, "retrieval", "tuned") == (3, 3)
    small = published.chosen([], "", (0.1, 2.0))
    assert all(s.billions is None or s.billions <= 2 for s in small)


def test_a_gain_is_over_the_base_model():
    mistral = next(s for s in published.chosen([], "PopQA Mistral"))
    assert mistral.gain("retrieval") == pytest.approx(0.8025 - 0.2147)
    assert mistral.gain("preference") is None


def test_curves_have_prompted_and_tuned_points():
    found = published.curves("trecfine", "Llama-2-7b-80k")
    assert {"few-shot", "tuned"} <= found.keys()
    best, at = published.passes_at(found)
    assert 0.5 < best < 1 and at is not None
    assert "trecfine" in published.curve_tasks()


def test_model_sizes_are_counted_or_read_off_the_name(tmp_path):
    header = json.dumps({"w": {"dtype": "BF16", "shape": [1000, 2000], "data_offsets": [0, 0]},
                         "__metadata__": {"format": "pt"}}).encode()  # fmt: skip
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    assert published.billions_of(Model(str(tmp_path))) == pytest.approx(0.002)
    assert published.billions_of(Model("llama-3.2-3b", endpoint="http://x/v1")) == 3.0
    assert published.billions_of(Model("some-model", endpoint="http://x/v1")) is None
