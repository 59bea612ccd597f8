"""What a person does on the pages, without a browser: bring, mend, run, stop, go on, decide."""

import zipfile
from io import BytesIO

import pytest

from dsmr.core.recipe import Model, Recipe
from dsmr.ui import models
from dsmr.work import jobs
from dsmr.work.results import pricing
from tests.ui.conftest import QUOTE, calm, open_page, recipes, texts


def upload(at, *files):
    uploader = at.file_uploader[0]
    return uploader.set_value([(name, data, "text/plain") for name, data in files]).run()


@pytest.fixture
def empty(store):
    return store.projects.add("empty")


def zipped(**files):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(f"{name}.md", data)
    return buffer.getvalue()


def test_documents_are_read_and_the_bad_one_is_named(store, empty):
    files = [("titan.md", b"Titan orbits Saturn"), ("broken.pdf", b"%PDF-1.7 no"), ("e.txt", b"")]
    at = calm(upload(open_page("documents"), *files))
    assert {row.name for row in store.projects.document_rows(empty.id)} >= {"titan.md"}
    said = texts(at)
    assert "broken\\.pdf" in said or "broken.pdf" in said
    assert "left out" in said


def test_a_zip_is_unpacked(store, empty):
    at = calm(upload(open_page("documents"), ("all.zip", zipped(a="one", b="two"))))
    assert len(store.projects.document_rows(empty.id)) == 2
    assert "Read 2 documents" in texts(at)


def test_a_document_in_the_address_is_shown(project):
    assert "Titan orbits Saturn" in texts(calm(open_page("documents", document="titan.md")))


def test_documents_are_found_by_their_text(project):
    at = open_page("documents")
    at.text_input(key="document_search").set_value("saturn").run()
    assert "1 document," in texts(at)


def test_questions_are_read_and_bad_rows_are_named(store, empty):
    rows = b"question,answer\nWhat does Titan orbit?,Saturn\n,nothing\nWhat?,\n"
    at = calm(upload(open_page("questions"), ("q.csv", rows)))
    assert len(store.projects.questions(empty.id)) >= 1
    assert "row" in texts(at)


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00", b"no,columns\n1,2\n", b"{" * 50_000, b"\x00" * 100]
)
def test_malformed_question_files_never_break_the_page(store, empty, data):
    at = calm(upload(open_page("questions"), ("bad.csv", data)))
    assert "left out" in texts(at)


def test_questions_are_marked_as_looked_at(store, project):
    at = open_page("questions")
    at.segmented_control(key="question_view").set_value("Look").run()
    calm(at).button(key="looked").click().run()
    assert len(store.projects.looked_at(project.id)) == 5


def test_the_check_view_names_a_missing_source(store, project):
    store.projects.delete_documents(project.id, ["titan.md"])
    at = open_page("questions")
    at.segmented_control(key="question_view").set_value("Check").run()
    assert "titan" in texts(calm(at))


def test_a_recipe_is_built_from_another_and_saved(store, project):
    at = open_page("recipes")
    at.segmented_control(key="recipes_view").set_value("Build your own").run()
    at.toggle(key="build_rag_shots").set_value(True).run()
    at.text_input(key="build_name_rag").set_value("mine").run()
    calm(at).button(key="build_save").click().run()
    saved = store.projects.recipes(project.id)
    assert [r.name for r in saved] == ["mine"]
    assert saved[0].retrieval and saved[0].shots


def test_a_recipe_cannot_take_the_name_of_a_rung(store, project):
    at = open_page("recipes")
    at.segmented_control(key="recipes_view").set_value("Build your own").run()
    at.text_input(key="build_name_rag").set_value("rag").run()
    at.button(key="build_save").click().run()
    assert "rung" in at.error[0].value and not store.projects.recipes(project.id)


def test_the_whole_ladder_is_chosen_and_started_in_two_clicks(store, project):
    at = open_page("run")
    at.button(key="run_all").click().run()
    calm(at).button(key="run_start").click().run()
    calm(at)
    waiting = [run.recipe.name for run in store.runs.all(project.id)]
    assert waiting[0] == "baseline" and waiting[-1] == "fine-tuned-rag" and len(waiting) == 8


def test_the_estimate_is_there_before_the_start(project):
    at = open_page("run")
    assert "1 recipe × 3 questions: about" in texts(at)


def test_a_waiting_run_is_cancelled_and_resumed(store, project):
    run_id = jobs.submit(store, project.id, recipes("baseline")[0])
    at = open_page("run")
    at.button(key=f"cancel_{run_id}").click().run()
    assert store.queue.progress()[0].state == "cancelled"
    at = open_page("run")
    at.button(key=f"resume_{run_id}").click().run()
    assert store.queue.progress()[0].state == "queued"


def test_a_failed_run_says_why_without_a_trace(store, project):
    jobs.submit(store, project.id, Recipe("broken", Model("scripted/nothing")))
    jobs.work_all(store)
    said = texts(calm(open_page("run")))
    assert "Stopped by an error" in said and "Traceback" not in said


def test_results_name_the_baseline_and_show_three_charts(finished):
    at = calm(open_page("results"))
    frame = at.dataframe[0].value
    assert "the baseline" in set(frame["Verdict"])
    assert {"Mean", "95 % interval", "Questions", "Missing", "Difference"} <= set(frame.columns)
    assert len(at.get("plotly_chart")) >= 4
    assert {"Accuracy", "Cost", "Latency"} <= {s.value for s in at.subheader}


def test_a_measure_in_the_address_is_the_one_shown(finished):
    at = calm(open_page("results", metric="form"))
    assert at.segmented_control(key="metric").value == "form"


def test_answers_open_at_run_and_question(store, finished):
    first, second, _ = store.runs.all(finished.id)
    at = calm(open_page("answers", run=second.id, against=first.id, question="q1"))
    said = texts(at)
    assert "What does Titan orbit?" in said and "tokens read" in said
    assert at.selectbox(key="answers_run").value == second.id


def test_answers_of_an_unknown_run_fall_back_to_the_newest(store, finished):
    at = calm(open_page("answers", run="gone", question="gone"))
    assert at.selectbox(key="answers_run").value == store.runs.all(finished.id)[-1].id


def test_filtering_answers_leaves_the_wrong_ones(store, finished):
    at = open_page("answers", run=store.runs.all(finished.id)[0].id)
    at.segmented_control(key="outcome_False").set_value("wrong").run()
    frame = calm(at).dataframe[0].value
    assert len(frame) and set(frame["Score"]) == {0.0}


def test_failed_answers_are_missing_and_readable(store, project):
    run_id = jobs.submit(store, project.id, Recipe("down", Model("scripted/down")))
    jobs.work_all(store)
    at = calm(open_page("answers", run=run_id, question="q1"))
    assert "No reply" in texts(at)


def test_history_shows_a_second_run_of_a_recipe(store, finished):
    jobs.submit(store, finished.id, recipes("baseline")[0])
    jobs.work_all(store)
    at = calm(open_page("history"))
    assert len(at.dataframe[0].value) == 4


def test_money_settings_reach_the_results(store, finished):
    at = open_page("settings")
    at.number_input(key="usd_per_hour").set_value(36.0).run()
    calm(at)
    assert pricing(store).usd_per_hour == 36.0


def test_a_model_is_added_made_default_and_removed(store, project):
    at = open_page("settings")
    at.text_input(key="model_endpoint").set_value("http://127.0.0.1:9/v1").run()
    at.text_input(key="model_name").set_value("tiny").run()
    at.button(key="model_add").click().run()
    calm(at)
    assert models.added(store) == [Model("tiny", "http://127.0.0.1:9/v1")]
    at.button(key="model_default_1").click().run()
    assert models.models(store)[0].name == "tiny"
    at.button(key="model_remove_0").click().run()
    assert models.models(store) == [models.SHIPPED]


def test_an_address_that_is_none_is_refused_in_words(store, project):
    at = open_page("settings")
    at.text_input(key="model_endpoint").set_value("localhost").run()
    at.text_input(key="model_name").set_value("tiny").run()
    at.button(key="model_add").click().run()
    assert "not a web address" in at.error[0].value


def test_an_unreachable_endpoint_is_told_and_no_error(store, project):
    models.add_model(store, Model("tiny", "http://127.0.0.1:9/v1"))
    at = open_page("settings")
    at.button(key="model_check_1").click().run()
    assert ":red[" in texts(calm(at))


def test_the_cache_is_cleared(store, finished):
    at = open_page("settings")
    at.button(key="cache_clear").click().run()
    calm(at)


def test_the_ladder_starts_from_the_overview(store, project):
    at = open_page("overview")
    at.button(key="run_ladder").click().run()
    assert len(store.runs.all(project.id)) == 8


def test_a_recipe_of_ones_own_can_be_ticked_and_run(store, project):
    store.projects.put_recipe(project.id, Recipe("mine", QUOTE))
    at = open_page("run")
    at.checkbox(key="run_mine").set_value(True).run()
    calm(at).button(key="run_start").click().run()
    assert [r.recipe.name for r in store.runs.all(project.id)] == ["baseline", "mine"]


def test_each_attempt_at_a_question_can_be_read(store, project):
    several = Recipe("warm", QUOTE, temperature=0.7, attempts=3)
    run_id = jobs.submit(store, project.id, several)
    jobs.work_all(store)
    at = calm(open_page("answers", run=run_id, question="q1"))
    assert "Asked 3 times" in texts(at)
    assert at.get("pagination")
