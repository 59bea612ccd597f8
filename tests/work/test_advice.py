"""From runs to a verdict: the right evidence reaches the rules."""

from dataclasses import replace

from dsmr.work import advice
from dsmr.work.advice import Bar
from tests.work.conftest import BASE, FOUND, SHOWN, run


def test_nothing_is_said_before_a_run(store, sky):
    assert advice.advice(store, sky.id, Bar()) == []


def test_one_run_asks_for_more(store, sky):
    run(store, sky, BASE)
    head = advice.advice(store, sky.id, Bar())[0]
    assert head.action == "run first"
    assert head.view == "recipes"


def test_a_perfect_retrieval_says_stop(store, sky):
    run(store, sky, BASE, SHOWN, FOUND)
    said = advice.advice(store, sky.id, Bar(target=0.8))
    assert said[0].action == "stop here"
    assert "rag" in said[0].sentence
    assert all(one.view for one in said)


def test_evidence_counts_what_retrieval_found_and_missed(store, sky):
    run(store, sky, BASE, FOUND)
    found = advice.gather(store, sky.id, Bar()).retrieved
    assert (found.found_right, found.n) == (30, 30)


def test_a_worse_tuned_recipe_is_advised_against(store, sky, trained):
    run(store, sky, BASE, SHOWN, FOUND, trained)
    evidence = advice.gather(store, sky.id, Bar())
    assert evidence.rival == {"facts": "rag"}
    said = advice.advice(store, sky.id, Bar(target=1.01))
    assert said[0].action == "do not fine-tune"


def test_costs_and_seconds_come_with_the_figures(store, sky, trained):
    run(store, sky, BASE, trained)
    by_name = {r.name: r for r in advice.gather(store, sky.id, Bar()).results}
    assert by_name["baseline"].usd_per_1k > 0
    assert by_name["baseline"].seconds_p95 > 0


def test_recipes_of_one_name_are_told_apart(store, sky):
    run(store, sky, BASE, SHOWN, replace(SHOWN, instruction="Reply."))
    names = [r.name for r in advice.gather(store, sky.id, Bar()).results]
    assert names[0] == "baseline" and len(set(names)) == 3


def test_the_bar_is_kept_with_the_project(store, sky):
    assert advice.bar(store, sky.id) == Bar()
    advice.save_bar(store, sky.id, Bar("price", 0.02, 0.8))
    assert advice.bar(store, sky.id) == Bar("price", 0.02, 0.8)


def test_a_probe_on_the_floor_is_no_evidence(store, sky):
    from dsmr.core.recipe import Model
    from dsmr.work import kshot

    run(store, sky, BASE, SHOWN)
    silent = kshot.Plan(replace(SHOWN, model=Model("scripted/echo")), (0, 1, 2, 4))
    kshot.submit(store, sky.id, silent)
    run(store, sky)
    assert advice.gather(store, sky.id, Bar()).probe is None
    kshot.submit(store, sky.id, kshot.Plan(SHOWN, (0, 1, 2, 4)))
    run(store, sky)
    assert advice.gather(store, sky.id, Bar()).probe is not None
