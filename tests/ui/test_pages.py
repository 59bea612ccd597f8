"""Every page comes up alone, in every state its project can be in."""

import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from dsmr.core.recipe import Model, Recipe
from dsmr.work import jobs
from tests.ui.conftest import PAGES, QUOTE, ROOT, calm, open_page, recipes, texts


@pytest.mark.parametrize("page", PAGES)
def test_without_any_project_a_page_says_how_to_start(page, home):
    at = calm(open_page(page))
    assert "Start with a project" in texts(at)


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_project_is_met_with_what_to_do_next(page, store):
    store.projects.add("empty")
    at = calm(open_page(page))
    if page not in ("recipes", "settings"):
        links = {element.proto.label for element in at.main.get("page_link")}
        assert links or at.main.get("file_uploader")


@pytest.mark.parametrize("page", PAGES)
def test_with_data_and_no_run(page, formed):
    calm(open_page(page))


@pytest.mark.parametrize("page", PAGES)
def test_with_finished_runs(page, finished):
    calm(open_page(page))


@pytest.mark.parametrize("page", PAGES)
def test_while_runs_wait_go_on_or_have_failed(page, store, formed):
    """In the order of the queue: failed for want of a model, running, waiting."""
    jobs.submit(store, formed.id, Recipe("broken", Model("scripted/nothing")))
    jobs.work_all(store)
    running, waiting = recipes("baseline", "prompt")
    running_id = jobs.submit(store, formed.id, running)
    assert store.queue.claim("a worker") == running_id
    store.queue.report(running_id, "a worker", "answers", 2, 6, "")
    jobs.submit(store, formed.id, waiting)
    states = [p.state for p in store.queue.progress()]
    assert states == ["failed", "running", "queued"]
    calm(open_page(page))


@pytest.mark.parametrize("page", PAGES)
def test_when_every_answer_failed(page, store, formed):
    jobs.submit(store, formed.id, Recipe("down", Model("scripted/down")))
    jobs.work_all(store)
    calm(open_page(page))


def test_app_opens_on_the_overview(finished):
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    calm(at)
    assert at.title[0].value == "Overview"
    at.switch_page(str(ROOT / "pages" / "results.py")).run()
    calm(at)
    assert at.title[0].value == "Results"


def test_the_project_in_the_address_is_opened(store, finished):
    other = store.projects.add("other")
    at = calm(open_page("documents", project=other.id))
    assert at.sidebar.selectbox[0].value == other.id
    assert "No documents yet" in texts(at)


def test_an_unknown_project_in_the_address_is_no_error(finished):
    calm(open_page("documents", project="gone"))


def test_a_bug_is_told_in_one_sentence_with_a_reference(finished, monkeypatch, caplog):
    monkeypatch.setattr("dsmr.ui.library.table", lambda rows: 1 / 0)
    at = open_page("documents")
    assert not at.exception
    told = at.error[0].value
    assert "reference" in told and "ZeroDivisionError" not in told
    assert told.split("`")[1] in caplog.text


def test_the_first_page_loads_nothing_heavy(tmp_path):
    code = (
        "from streamlit.testing.v1 import AppTest; import sys;"
        "at = AppTest.from_file('app.py', default_timeout=60).run();"
        "assert not at.exception and not at.error, (at.exception, at.error);"
        "print(at.title[0].value, sorted({'torch', 'transformers', 'lancedb', 'scipy', 'openai',"
        "'sentence_transformers', 'datasets'} & set(sys.modules)))"
    )
    env = {"DSMR_HOME": str(tmp_path), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert "Overview []" in done.stdout, done.stdout + done.stderr[-2000:]


def test_user_text_is_never_read_as_markdown(store, formed):
    """Names full of markup reach the page as escaped text."""
    evil = "[click](http://evil) :red[x] $a$ **b** <img src=x>"
    store.projects.put_recipe(formed.id, Recipe(evil, QUOTE))
    jobs.submit(store, formed.id, Recipe(evil, QUOTE))
    jobs.work_all(store)
    for page in PAGES:
        at = calm(open_page(page))
        labels = [element.label for element in [*at.checkbox, *at.button]]
        for said in [*(m.value for m in [*at.markdown, *at.caption]), *labels]:
            assert "[click](" not in said and "**b**" not in said, (page, said)
