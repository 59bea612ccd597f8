"""A project large enough for curves and verdicts, with recipes that a script can answer."""

import random

import pytest

from dsmr.core.data import Document, Question
from dsmr.core.recipe import Model, Recipe, Retrieval, Shots, Tuning
from dsmr.core.run import Adapter
from dsmr.work import jobs

PLANETS = ("Saturn", "Jupiter", "Mars", "Neptune")
BASE = Recipe("baseline", Model("scripted/echo"), instruction="Answer.")
SHOWN = Recipe("few-shot", Model("scripted/shots"), instruction="Answer.", shots=Shots(2))
FOUND = Recipe("rag", Model("scripted/quote"), retrieval=Retrieval(mode="keyword", top_k=1))


@pytest.fixture
def sky(store):
    """30 moons to ask about and 16 to learn from, each on a page of its own."""
    chance, made = random.Random(7), store.projects.add("sky")
    orbits = [(f"Moon{n}", chance.choice(PLANETS)) for n in range(46)]
    documents = [Document(f"{moon}.md", f"{moon} orbits {planet}") for moon, planet in orbits]
    questions = [
        Question(
            f"q{n}", f"What does {moon} orbit?", (planet,), sources=(f"{moon}.md",),
            split="test" if n < 30 else "train",
        )
        for n, (moon, planet) in enumerate(orbits)
    ]  # fmt: skip
    store.projects.put_documents(made.id, documents)
    store.projects.put_questions(made.id, questions)
    return made


@pytest.fixture
def trained(monkeypatch, tmp_path):
    """Training without training: an adapter that took 40 steps."""
    adapter = Adapter("an adapter", 16, 40, 4000, 20.0)
    monkeypatch.setattr("dsmr.work.prepare._adapter", lambda *_: (adapter, tmp_path / adapter.id))
    return Recipe("fine-tuned", Model("scripted/shots"), instruction="Answer.", tuning=Tuning())


def run(store, project, *recipes):
    """The ids of finished runs."""
    made = [jobs.submit(store, project.id, recipe) for recipe in recipes]
    jobs.work_all(store)
    return made
