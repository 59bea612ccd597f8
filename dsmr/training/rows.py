"""From questions of the train split to rows to learn from, worded exactly as when asking."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from dsmr.core import prompt
from dsmr.core.data import Passage, Question
from dsmr.core.ports import Retriever
from dsmr.core.recipe import Recipe
from dsmr.core.run import Message
from dsmr.core.scoring import contains


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One prompt and the reply to learn; only the reply counts in the loss."""

    messages: tuple[Message, ...]
    completion: str
    question_id: str


def training_rows(
    questions: Sequence[Question],
    recipe: Recipe,
    shots: Sequence[Sequence[Question]] = (),
    search: Retriever | None = None,
) -> list[TrainingRow]:
    """One row per question that has a reply to learn; the others are left out.

    `shots`: for each question the examples its prompt shows; empty for none. A seeded
    `recipe.tuning.passages_share` of the rows carry passages found by `search`, but only
    where the reply to learn can be read from them: otherwise the row would teach to make
    answers up in sight of passages. Raises ValueError for a question outside the train
    split, or a share without a `search`.
    """
    outside = [q.id for q in questions if q.split != "train"]
    if outside:
        raise ValueError(f"{len(outside)} question(s) are not of the train split: {outside[:3]}")
    if shots and len(shots) != len(questions):
        raise ValueError(f"{len(shots)} lists of examples for {len(questions)} questions")
    examples = list(shots) or [()] * len(questions)
    learnable = [
        (question, shown)
        for question, shown in zip(questions, examples, strict=True)
        if question.target is not None or question.kind == "unanswerable"
    ]
    passages = _passages([question for question, _ in learnable], recipe, search)
    return [
        TrainingRow(
            messages=prompt.compose(recipe, question, found, shown),
            completion=prompt.wanted(question, bool(found)),
            question_id=question.id,
        )
        for (question, shown), found in zip(learnable, passages, strict=True)
    ]


def disjoint(rows: Sequence[TrainingRow], test_questions: Sequence[Question]) -> None:
    """Raises ValueError when a test question, by id or by its words, is among the rows."""
    ids = {row.question_id for row in rows}
    asked = {_plain(row.messages[-1].content) for row in rows}
    leaked = [q.id for q in test_questions if q.id in ids or _plain(q.text) in asked]
    if leaked:
        raise ValueError(f"{len(leaked)} test question(s) are in the training rows: {leaked[:3]}")


def _passages(
    questions: Sequence[Question], recipe: Recipe, search: Retriever | None
) -> list[tuple[Passage, ...]]:
    share = recipe.tuning.passages_share if recipe.tuning else 0.0
    found: list[tuple[Passage, ...]] = [()] * len(questions)
    if not share or not questions:
        return found
    if search is None or recipe.retrieval is None:
        raise ValueError("training rows with passages need a retriever and its settings")
    chosen = random.Random(recipe.tuning.seed).sample(
        range(len(questions)), round(share * len(questions))
    )
    hits = search.search([questions[i].text for i in chosen], recipe.retrieval.top_k)
    for i, passages in zip(chosen, hits, strict=True):
        if _readable(questions[i], passages):
            found[i] = tuple(passages)
    return found


def _readable(question: Question, passages: Sequence[Passage]) -> bool:
    """Whether passages hold an accepted answer, as far as that can be asked of them."""
    if question.kind in ("form", "unanswerable"):
        return True
    return any(contains(p.text, accepted) for p in passages for accepted in question.accepted)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
