"""The ladder of effort: what is done, what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dsmr.core.recipe import Recipe
from dsmr.store.projects import Project
from dsmr.store.records import Store
from dsmr.ui.evidence import Board
from dsmr.ui.words import count, interval, percent, points
from dsmr.work.results import Result

LOOKED_ENOUGH = 20  # questions somebody should have read, or all where there are fewer
State = Literal["done", "going", "next", "open"]


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    note: str
    state: State
    page: str


def steps(store: Store, project: Project, found: Sequence[Result], board: Board) -> list[Step]:
    """From an evaluation set to combinations; the first one not done is next."""
    made = [*_data_steps(store, project), *_technique_steps(found, board)]
    following = next((s for s in made if s.state == "open"), None)
    return [Step(s.title, s.note, "next", s.page) if s is following else s for s in made]


def _data_steps(store: Store, project: Project) -> list[Step]:
    questions = store.projects.questions(project.id)
    documents = store.projects.document_rows(project.id)
    test = sum(q.split == "test" for q in questions)
    looked = len(store.projects.looked_at(project.id))
    enough = bool(questions) and looked >= min(LOOKED_ENOUGH, len(questions))
    return [
        Step(
            "Documents", count(len(documents), "document") if documents else "none yet",
            "done" if documents else "open", "documents",
        ),
        Step(
            "Evaluation set",
            f"{count(len(questions), 'question')}, {test:,} in test"
            if questions
            else "no questions yet",
            "done" if test else "open", "questions",
        ),
        Step(
            "Look at the data", f"{looked:,} of {len(questions):,} read",
            "done" if enough else "open", "questions",
        ),
    ]  # fmt: skip


def _technique_steps(found: Sequence[Result], board: Board) -> list[Step]:
    rungs = (
        ("Baseline", lambda r: r.technique == "baseline"),
        ("Prompt", lambda r: r.technique == "prompt"),
        ("Few-shot", lambda r: r.technique == "few-shot"),
        ("Retrieval", lambda r: r.technique == "retrieval"),
        ("Fine-tuning", lambda r: r.technique == "tuned"),
        ("Both together", lambda r: r.technique == "tuned + retrieval"),
    )
    return [_rung(title, belongs, found, board) for title, belongs in rungs]


def _rung(title: str, belongs: object, found: Sequence[Result], board: Board) -> Step:
    mine = [r for r in found if _fits(belongs, r.run.recipe)]
    going = any(r.progress.state in ("queued", "running") for r in mine)
    best = next((r for r in board.ranked if _fits(belongs, r.run.recipe)), None)
    if best is not None:
        level = board.estimate(best)
        note = f"{percent(level.mean)} ({interval(level)})"  # type: ignore[union-attr]
        gain = board.comparisons.get(best.run.id)
        if gain:
            told = gain.verdict != "cannot tell"
            note += f", {points(gain.difference.mean)} points" if told else ", cannot tell"
        return Step(title, note, "going" if going else "done", "results")
    if going:
        return Step(title, "running", "going", "run")
    return Step(title, "not tried yet", "open", "run")


def _fits(belongs: object, recipe: Recipe) -> bool:
    return bool(belongs(recipe))  # type: ignore[operator]
