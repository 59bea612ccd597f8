"""The pages that help to decide: each alone, empty, with data, with runs; and their work."""

import pytest

from dsmr.core.recipe import Model, Recipe, Shots
from dsmr.work import advice, breakeven, jobs, kshot
from dsmr.work.judge import Pair
from dsmr.work.results import own_prices
from tests.ui.conftest import calm, open_page, texts

PAGES = ("probe", "published", "breakeven", "market", "share", "ratings", "prices")
NEED_RUNS = {"probe": "No questions", "share": "Nothing to report", "ratings": "No answers"}


def press(at, label):
    return next(b for b in at.button if b.label == label).click().run()


@pytest.mark.parametrize("page", PAGES)
def test_without_any_project_a_page_says_how_to_start(page, home):
    assert "Start with a project" in texts(calm(open_page(page)))


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_project_is_met_with_what_to_do_next(page, store):
    store.projects.add("empty")
    at = calm(open_page(page))
    if page in NEED_RUNS:
        assert NEED_RUNS[page] in texts(at)
        assert at.main.get("page_link")


@pytest.mark.parametrize("page", PAGES)
def test_with_data_and_no_run(page, formed):
    calm(open_page(page))


@pytest.mark.parametrize("page", PAGES)
def test_with_finished_runs(page, finished):
    calm(open_page(page))


@pytest.mark.parametrize("page", PAGES)
def test_when_every_answer_failed(page, store, formed):
    jobs.submit(store, formed.id, Recipe("down", Model("scripted/down")))
    jobs.work_all(store)
    calm(open_page(page))


@pytest.mark.parametrize("page", ("share", "ratings", "prices", "probe", "market", "published"))
def test_user_text_is_never_read_as_markdown(page, store, formed):
    evil = "[click](http://evil) :red[x] **b** <img src=x>"
    jobs.submit(store, formed.id, Recipe(evil, Model("scripted/quote")))
    jobs.work_all(store)
    at = calm(open_page(page))
    for said in (m.value for m in [*at.markdown, *at.caption]):
        assert "[click](" not in said and "**b**" not in said, said


# --- would tuning help? -----------------------------------------------------------------------


def test_the_probe_starts_from_its_page_and_shows_its_curve(store, finished):
    at = calm(open_page("probe"))
    assert "Possible: 0, 1" in texts(at)
    store.put_setting("models", [{"name": "scripted/shots"}])
    store.put_setting("default_model", 1)
    at = press(calm(open_page("probe")), "Start the probe")
    found = kshot.read(store, finished.id)
    assert found.base.model == Model("scripted/shots") and not found.finished
    assert "The probe is running" in texts(at)
    jobs.work_all(store)
    at = calm(open_page("probe"))
    assert "Facts" in texts(at) and at.get("plotly_chart")
    assert "known to fail" in texts(at)


def test_a_failed_probe_says_why_and_can_be_resumed(store, finished):
    kshot.submit(store, finished.id, kshot.Plan(Recipe("x", Model("scripted/nothing")), (0, 1)))
    jobs.work_all(store)
    at = calm(open_page("probe"))
    assert "no such script" in texts(at)
    press(at, "Resume")
    assert {p.state for p in kshot.read(store, finished.id).progress} == {"queued"}


# --- the verdict ------------------------------------------------------------------------------


def test_the_overview_opens_with_the_verdict_and_links_every_sentence(store, finished):
    jobs.submit(store, finished.id, Recipe("baseline", Model("scripted/echo")))
    jobs.work_all(store)
    at = calm(open_page("overview"))
    head = advice.advice(store, finished.id, advice.bar(store, finished.id))[0]
    assert head.sentence.split(":")[0][:30] in texts(at).replace("\\", "")
    assert len(at.main.get("page_link")) > 3


def test_every_kind_of_advice_has_its_sign_and_every_view_its_page():
    from typing import get_args

    from dsmr.core.verdict import Action
    from dsmr.ui.advice import ICONS, SEE, VIEWS
    from dsmr.ui.navigation import PLACES

    assert set(get_args(Action)) == set(ICONS)
    assert {VIEWS.get(view, view) for view in SEE} <= PLACES.keys()


def test_the_goal_is_kept(store, finished):
    at = calm(open_page("overview"))
    at.segmented_control(key="advice_goal").set_value("price").run()
    assert advice.bar(store, finished.id).goal == "price"


# --- break-even -------------------------------------------------------------------------------


def test_what_is_set_on_break_even_is_kept_with_the_project(store, finished):
    at = calm(open_page("breakeven"))
    assert "cheapest" in texts(at)
    at.slider(key="be_premium").set_value(3.0).run()
    at.segmented_control(key="be_prices").set_value("continues").run()
    kept = breakeven.assumptions(store, finished.id)
    assert (kept.premium, kept.prices) == (3.0, "continues")
    assert "Prices fall by" in texts(calm(at))


# --- market and papers ------------------------------------------------------------------------


def test_the_time_machine_tells_what_would_not_have_fitted(store, finished):
    from datetime import date

    from dsmr.core.data import Document

    store.projects.put_documents(finished.id, [Document("long.md", "word " * 9000)])
    at = calm(open_page("market"))
    at.slider(key="market_day").set_value(date(2021, 3, 1)).run()
    assert "would not have fitted" in texts(calm(at))
    at.segmented_control(key="market_whatif").set_value("stops").run()
    assert "Nothing changes" in texts(calm(at))


def test_a_trend_that_hangs_on_its_start_is_told(finished):
    at = calm(open_page("market"))
    assert "fell by" in texts(at)
    at.select_slider(key="market_since").set_value(2024).run()
    assert "No trend beyond doubt since 2024" in texts(calm(at))


def test_papers_are_filtered(finished):
    at = calm(open_page("published"))
    assert "Retrieval beats fine-tuning in 3 of 8 settings" in texts(at)
    at.text_input(key="pub_task").set_value("nothing like it").run()
    assert "No published setting" in texts(calm(at))


# --- report, prices ---------------------------------------------------------------------------


def test_the_report_is_made_on_the_page(finished):
    at = press(calm(open_page("share")), "Make the report")
    assert "MB" in texts(calm(at))
    assert len(at.get("download_button")) == 3


def test_a_price_is_looked_up_with_its_source(finished):
    at = calm(open_page("prices"))
    at.selectbox(key="price_model").set_value("openai/gpt-4o-mini").run()
    assert "genai-prices" in texts(calm(at))


def test_the_own_price_sheet_names_its_wrong_rows():
    import pandas as pd

    from dsmr.ui.pricing import COLUMNS, read_sheet

    rows = [("a", 1.0, None, None, 2.0, "", ""), ("a", 1.0, None, None, 2.0, "", ""),
            ("", 1.0, None, None, 2.0, "", ""), ("b", None, None, None, 2.0, "", ""),
            ("c", -1.0, None, None, 2.0, "", ""), (None, None, None, None, None, None, None)]  # fmt: skip
    sheet = read_sheet(pd.DataFrame(rows, columns=list(COLUMNS)))
    assert [p.model for p in sheet.prices] == ["a"]
    assert [p.where for p in sheet.problems] == ["row 2", "row 3", "row 4", "row 5"]


def test_a_saved_sheet_is_what_runs_are_priced_by(store, finished):
    from dsmr.core.cost import Price
    from dsmr.ui.pricing import Sheet, own_table, read_sheet, save_sheet

    price = Price("mine", "own", 1.0, None, 2.0, "a letter", "2026-01-01", 1.25)
    save_sheet(store, Sheet((price,), ()))
    assert own_prices(store) == {"mine": price}
    assert read_sheet(own_table(store)).prices == (price,)


# --- human check ------------------------------------------------------------------------------


def test_answers_are_rated_blind_and_agreement_appears(store, finished):
    at = calm(open_page("ratings"))
    shown = texts(at)
    assert "0 of" in shown and "few-shot" not in shown
    at = press(press(at, "Right"), "Wrong")
    runs = [r.id for r in store.runs.all(finished.id)]
    assert sorted(r.value for r in store.ratings.ratings(runs)) == [0.0, 1.0]
    at.segmented_control(key="rate_view").set_value("Agreement").run()
    assert "agree on" in texts(calm(at))


def test_pairs_are_compared_blind(store, finished):
    jobs.submit(store, finished.id, Recipe("two", Model("scripted/shots"), shots=Shots(2)))
    jobs.work_all(store)
    at = calm(open_page("ratings"))
    at.segmented_control(key="rate_view").set_value("Which is better").run()
    press(at, "No difference")
    runs = [r.id for r in store.runs.all(finished.id)]
    assert [p.winner for p in store.ratings.preferences(runs)] == ["tie"]


def test_a_model_judges_from_the_page(store, finished, monkeypatch):
    from dsmr.engines import scripted

    monkeypatch.setitem(scripted.SCRIPTS, "judge", lambda messages: "RIGHT, so A")
    store.put_setting("models", [{"name": "scripted/judge"}])
    store.put_setting("default_model", 1)
    at = calm(open_page("ratings"))
    at.segmented_control(key="rate_view").set_value("Agreement").run()
    at = calm(press(at, "Let it judge"))
    runs = [r.id for r in store.runs.all(finished.id)]
    assert {r.rater for r in store.ratings.ratings(runs)} == {"scripted/judge"}
    assert "wording" in texts(at)
    preferred = store.ratings.preferences(runs)
    pairs = {Pair(p.first_run_id, p.second_run_id, p.question_id) for p in preferred}
    assert all(pair.swapped in pairs for pair in pairs)


def test_tokens_of_a_plan_are_read_where_they_differ(store, finished):
    from dsmr.ui import balance
    from dsmr.ui.evidence import project_results

    ways = breakeven.every_way(store, finished.id, project_results(store, finished))
    chosen = breakeven.assumptions(store, finished.id)
    table = balance.table(ways, chosen, breakeven.price(store, chosen))
    assert balance.read_tokens(table, ways) == ()
    table.loc[1, "Own tokens"] = 1234
    ((technique, _, own, _),) = balance.read_tokens(table, ways)
    assert (technique, own) == ("retrieval", 1234.0)
