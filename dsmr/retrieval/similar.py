"""The store of worked examples: which training questions to show before a question."""

import random
from collections.abc import Sequence
from typing import Any

from dsmr.core.data import Question
from dsmr.core.ports import Embedder
from dsmr.core.recipe import Shots


def pool(questions: Sequence[Question], asked: Question) -> list[Question]:
    """The examples that fit what is asked for: with a form rule or without, as the question.

    Never the question itself, under whatever id: that would give the answer away.
    """
    wants_form, same = asked.form is not None, plain(asked.text)
    return [q for q in questions if (q.form is not None) == wants_form and plain(q.text) != same]


def plain(text: str) -> str:
    return " ".join(text.lower().split())


def draw(questions: Sequence[Question], count: int, seed: int) -> tuple[Question, ...]:
    """A seeded draw, taking turns between tags so that no single sort fills it."""
    chance = random.Random(seed)
    shuffled = chance.sample(list(questions), len(questions))
    by_tag: dict[str, list[Question]] = {}
    for question in shuffled:
        by_tag.setdefault(question.tags[0] if question.tags else "", []).append(question)
    taken: list[Question] = []
    while len(taken) < count and any(by_tag.values()):
        for group in by_tag.values():
            if group and len(taken) < count:
                taken.append(group.pop(0))
    return tuple(taken)


class Examples:
    """Worked examples from the train split, by one seeded draw or by likeness."""

    def __init__(self, train: Sequence[Question], shots: Shots, embedder: Embedder) -> None:
        known = [q for q in train if q.target is not None or q.kind == "unanswerable"]
        if shots.pool_share < 1:
            chance = random.Random(shots.seed)
            known = chance.sample(known, max(1, round(shots.pool_share * len(known))))
        self.train, self.shots, self.embedder = known, shots, embedder
        self._vectors: Any = None  # of the examples, embedded once

    def pick(self, asked: Sequence[Question]) -> list[tuple[Question, ...]]:
        """For each question at most `count` examples; the most similar stands last, nearest."""
        if self.shots.pick == "fixed":
            count, seed = self.shots.count, self.shots.seed
            drawn = {  # one more than shown, for a question that is itself among them
                form: draw([q for q in self.train if (q.form is not None) == form], count + 1, seed)
                for form in (True, False)
            }
            return [tuple(pool(drawn[q.form is not None], q)[:count]) for q in asked]
        return self._most_similar(asked)

    def _most_similar(self, asked: Sequence[Question]) -> list[tuple[Question, ...]]:
        import numpy

        if not asked or not self.train:
            return [() for _ in asked]
        if self._vectors is None:
            self._vectors = numpy.asarray(self.embedder.embed([q.text for q in self.train]))
        wanted = numpy.asarray(self.embedder.embed([q.text for q in asked]))
        likeness, picked = wanted @ self._vectors.T, []
        for row, question in zip(likeness, asked, strict=True):
            fitting = {q.id for q in pool(self.train, question)}
            order = numpy.argsort(-row, kind="stable")
            best = [self.train[i] for i in order if self.train[i].id in fitting]
            picked.append(tuple(reversed(best[: self.shots.count])))
        return picked
