"""Questions as a table that can be edited, and edits back to questions."""

import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from dsmr.core.data import KINDS, SPLITS, FormRule, Problem, Question, fingerprint

COLUMNS = (
    "id", "question", "answer", "kind", "split", "source", "tags", "form", "reply", "evidence"
)  # fmt: skip
PARTED = " | "


@dataclass(frozen=True, slots=True)
class Edits:
    """What an edited table asks for. With problems, nothing is to be saved."""

    changed: tuple[Question, ...] = ()
    deleted: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def count(self) -> int:
        return len(self.changed) + len(self.deleted)


def form_text(rule: FormRule | None) -> str:
    """A form rule as the upload format writes it."""
    if rule is None:
        return ""
    if rule.regex is not None:
        braced = rule.regex.lstrip().startswith("{")
        return json.dumps({"regex": rule.regex}) if braced else rule.regex
    return json.dumps({"json_schema": json.loads(rule.json_schema or "{}")}, ensure_ascii=False)


def row_of(question: Question) -> dict[str, str]:
    return {
        "id": question.id,
        "question": question.text,
        "answer": PARTED.join(question.accepted),
        "kind": question.kind,
        "split": question.split,
        "source": PARTED.join(question.sources),
        "tags": PARTED.join(question.tags),
        "form": form_text(question.form),
        "reply": question.reply or "",
        "evidence": question.evidence,
    }


def table(questions: Sequence[Question]) -> pd.DataFrame:
    return pd.DataFrame([row_of(q) for q in questions], columns=list(COLUMNS), dtype="str")


def as_csv(questions: Sequence[Question]) -> bytes:
    return table(questions).to_csv(index=False).encode("utf-8-sig")


def as_jsonl(questions: Sequence[Question]) -> bytes:
    """Lossless: lists stay lists, and rules stay rules."""
    lines = io.StringIO()
    for q in questions:
        row: dict[str, Any] = {**row_of(q), "answer": list(q.accepted), "source": list(q.sources),
                               "tags": list(q.tags)}  # fmt: skip
        if q.form:
            row["form"] = json.loads(form_text(q.form)) if q.form.json_schema else row["form"]
        lines.write(json.dumps({k: v for k, v in row.items() if v}, ensure_ascii=False) + "\n")
    return lines.getvalue().encode()


def edits(before: Sequence[Question], edited: pd.DataFrame) -> Edits:
    """What the edited table changes, adds and takes away. Rows without any text are ignored."""
    known = {q.id: q for q in before}
    changed, problems, kept = [], [], set()
    for number, row in enumerate(edited.to_dict("records"), start=1):
        cells = {name: _text(row.get(name)) for name in COLUMNS}
        kept.add(cells["id"])
        old = known.get(cells["id"])
        if (old and cells == row_of(old)) or not any(cells[c] for c in ("question", "answer")):
            continue
        read = _question(cells, old, f"row {number}")
        if isinstance(read, Question):
            changed.append(read)
        else:
            problems.append(read)
    deleted = tuple(id for id in known if id not in kept)
    return Edits(tuple(changed), deleted, tuple(problems))


def _question(cells: Mapping[str, str], old: Question | None, where: str) -> Question | Problem:
    """The row as a question, or what is wrong with it."""
    from dsmr.ingest.forms import read_form

    if not cells["question"]:
        return Problem(where, "the question is empty", "Write the question, or delete the row")
    accepted = _parts(cells["answer"])
    kind = cells["kind"] or ("fact" if accepted else "unanswerable")
    split = cells["split"] or "test"
    if kind not in KINDS or split not in SPLITS:
        return Problem(where, "the kind or the split is not known", "Choose one from the list")
    if not accepted and kind in ("fact", "mixed"):
        return Problem(where, "no answer is given", "Add one, or make the kind unanswerable")
    rule = old.form if old and cells["form"] == form_text(old.form) else None
    if cells["form"] and rule is None:
        try:
            rule = read_form(cells["form"])
        except ValueError as error:
            return Problem(where, str(error), "Correct the form, or empty it")
    start = old or Question(fingerprint(cells["question"], *accepted), cells["question"], accepted)
    return replace(
        start,
        text=cells["question"],
        accepted=accepted,
        kind=kind,
        split=split,
        form=rule,
        reply=cells["reply"] or None,
        sources=_parts(cells["source"]),
        tags=_parts(cells["tags"]),
        evidence=cells["evidence"],
    )


def _text(cell: object) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)) or cell is pd.NA:
        return ""
    return str(cell)


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


# --- choosing what to show --------------------------------------------------------------------


def matching(
    questions: Sequence[Question],
    wanted: str = "",
    kinds: Sequence[str] = (),
    splits: Sequence[str] = (),
    tags: Sequence[str] = (),
) -> list[Question]:
    """Questions with all the words, and one of each list that is not empty."""
    words = wanted.casefold().split()
    return [
        q
        for q in questions
        if (not kinds or q.kind in kinds)
        and (not splits or q.split in splits)
        and (not tags or set(tags) & set(q.tags))
        and all(word in " ".join(row_of(q).values()).casefold() for word in words)
    ]


def tags_of(questions: Sequence[Question]) -> list[str]:
    return sorted({tag for q in questions for tag in q.tags})
