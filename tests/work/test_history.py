"""What changed between runs of a recipe, and what each run keeps about its price."""

from dataclasses import replace

from dsmr.core.data import Document
from dsmr.work.history import marks
from dsmr.work.results import Pricing, results, save_pricing
from tests.work.conftest import BASE, FOUND, run


def told(store, project):
    return [what for _, what in marks(store, results(store, project.id))]


def test_the_same_again_is_no_change(store, sky):
    run(store, sky, BASE, FOUND)
    run(store, sky, BASE, FOUND)
    assert told(store, sky) == []


def test_a_batch_on_other_documents_gets_one_mark(store, sky):
    run(store, sky, BASE, FOUND)
    store.projects.put_documents(sky.id, [Document("new.md", "Moon99 orbits Mars")])
    run(store, sky, BASE, FOUND)
    assert told(store, sky) == ["documents changed"]


def test_settings_and_model_of_a_recipe_are_told(store, sky, monkeypatch):
    """Runs submitted together share a mark; later ones have their own."""
    run(store, sky, BASE)
    run(store, sky, replace(BASE, max_tokens=8))
    run(store, sky, replace(BASE, max_tokens=8, model=FOUND.model))
    assert told(store, sky) == ["model and settings changed"]
    monkeypatch.setattr("dsmr.work.history.TOGETHER_SECONDS", 0.0)
    assert told(store, sky) == ["settings changed", "model and settings changed"]


def test_other_scoring_is_told(store, sky):
    first, second = run(store, sky, BASE, BASE)
    assert store.runs.provenance(first)["scoring"]
    store.runs.add_provenance(second, {"scoring": "a later one"})
    assert told(store, sky) == ["scoring changed"]


def test_a_run_keeps_the_price_of_its_day(store, sky):
    (first,) = run(store, sky, BASE)
    save_pricing(store, Pricing(2.0, "openai/gpt-4.1-mini"))
    (second,) = run(store, sky, BASE)
    kept = [store.runs.provenance(r) for r in (first, second)]
    assert kept[0]["price"] is None and kept[0]["pricing"]["usd_per_hour"] == 0.1
    assert kept[1]["price"]["model"] == "gpt-4.1-mini" and kept[1]["price"]["source"]
