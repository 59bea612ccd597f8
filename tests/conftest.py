"""What all tests share: a home of their own, a store, a small corpus and question set."""

import os
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before anything loads torch
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest

from dsmr.core.data import Document, Question
from dsmr.core.recipe import Model, Recipe, Retrieval
from dsmr.store.records import Store

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    monkeypatch.setenv("DSMR_HOME", str(folder))
    monkeypatch.delenv("DSMR_DATABASE", raising=False)
    return folder


@pytest.fixture
def store(home):
    return Store(home)


@pytest.fixture
def moons():
    return [
        Document("titan.md", "Titan orbits Saturn"),
        Document("europa.md", "Europa orbits Jupiter"),
        Document("phobos.md", "Phobos orbits Mars"),
    ]


@pytest.fixture
def questions():
    return [
        Question("q1", "What does Titan orbit?", ("Saturn",), sources=("titan.md",)),
        Question("q2", "What does Europa orbit?", ("Jupiter",), sources=("europa.md",)),
        Question("q3", "What does Phobos orbit?", ("Mars",), sources=("phobos.md",)),
        Question("q4", "What does Io orbit?", ("Jupiter",), split="train"),
        Question("q5", "What does Rhea orbit?", ("Saturn",), split="train"),
    ]


@pytest.fixture
def project(store, moons, questions):
    made = store.projects.add("moons")
    store.projects.put_documents(made.id, moons)
    store.projects.put_questions(made.id, questions)
    return made


@pytest.fixture
def quoting():
    """A recipe whose model repeats the last line it was shown, so that retrieval helps."""
    return Recipe("rag", Model("scripted/quote"), retrieval=Retrieval(mode="keyword", top_k=1))


@pytest.fixture
def bare():
    return Recipe("baseline", Model("scripted/quote"), instruction="Answer.")
