"""A project in each state a page can meet, and pages opened without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dsmr.core.data import FormRule, Question
from dsmr.core.recipe import LADDER, Model, preset
from dsmr.work import jobs

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "overview", "documents", "questions", "recipes", "run", "results", "answers", "history",
    "settings",
)  # fmt: skip
QUOTE = Model("scripted/quote")


@pytest.fixture(autouse=True)
def quiet_home(monkeypatch):
    """No sample unless asked for, and no worker process from a test without a browser."""
    monkeypatch.setenv("DSMR_NO_SAMPLE", "1")
    monkeypatch.setattr(jobs, "ensure_worker", lambda store: False)


def open_page(name, **query):
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=30)
    for key, value in query.items():
        at.query_params[key] = value
    return at.run()


def calm(at):
    """The page came up whole."""
    assert not at.exception, at.exception
    assert not at.error, [e.value for e in at.error]
    return at


def texts(at):
    """Everything a reader can read, as one string."""
    parts = [*at.title, *at.subheader, *at.markdown, *at.caption, *at.text]
    return "\n".join(str(part.value) for part in parts)


def recipes(*names):
    chosen = [preset(name, QUOTE) for name in names or LADDER]
    return [r for r in chosen if not r.tuning]


@pytest.fixture
def formed(store, project):
    """The moons, with questions that ask for a form and with tags."""
    store.projects.put_questions(
        project.id,
        [
            Question(f"f{i}", f"Say moon {i}", ("Moon: yes",), "mixed", FormRule(regex="Moon: .*"),
                     tags=("shape",))
            for i in range(3)
        ],
    )  # fmt: skip
    return project


@pytest.fixture
def finished(store, formed):
    for recipe in recipes("baseline", "prompt", "few-shot"):
        jobs.submit(store, formed.id, recipe)
    jobs.work_all(store)
    assert {p.state for p in store.queue.progress()} == {"done"}
    return formed
