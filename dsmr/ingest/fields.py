"""One row of a question file to one Question: column names, lists in cells, kinds guessed."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dsmr.core.data import KINDS, FormRule, Kind, Problem, Question, Split, fingerprint
from dsmr.core.scoring import follows
from dsmr.ingest.decode import clean
from dsmr.ingest.forms import read_form

COLUMNS: dict[str, tuple[str, ...]] = {  # each with other names it goes by, the best first
    "question": ("question", "prompt", "query", "input", "user_input", "instruction", "q"),
    "answer": (
        *("answer", "answers", "accepted", "accepted_answers", "gold", "gold_answer", "a"),
        *("gold_answers", "expected", "expected_answer", "expected_output", "ground_truth"),
        *("ground_truths", "reference", "reference_answer", "references", "correct_answer"),
        *("ideal", "label", "target", "response", "completion", "output", "solution"),
    ),
    "id": ("id", "question_id", "qid", "uid", "key"),
    "source": (
        *("source", "sources", "document", "documents", "doc", "document_name", "file"),
        *("filename", "file_name", "source_document", "source_file", "gold_source", "context"),
    ),
    "kind": ("kind", "type", "question_type", "task"),
    "form": ("form", "form_rule", "regex", "pattern", "json_schema", "schema", "format"),
    "reply": ("reply", "target_reply", "model_reply", "full_reply"),
    "tags": ("tags", "tag", "topic", "topics", "category", "categories", "labels"),
    "split": ("split", "subset", "fold", "partition"),
    "evidence": ("evidence", "quote", "supporting_text", "passage"),
    "is_impossible": ("is_impossible", "unanswerable", "impossible"),
}
_KINDS: dict[str, Kind] = {
    **{kind: kind for kind in KINDS},
    **{"facts": "fact", "factoid": "fact", "qa": "fact", "factual": "fact", "both": "mixed"},
    **{"format": "form", "style": "form", "impossible": "unanswerable"},
    **{"no_answer": "unanswerable", "not answerable": "unanswerable", "none": "unanswerable"},
}
_SPLITS: dict[str, Split] = {
    **{"train": "train", "training": "train"},
    **{"dev": "dev", "development": "dev", "val": "dev", "valid": "dev", "validation": "dev"},
    **{"test": "test", "testing": "test", "eval": "test", "evaluation": "test", "holdout": "test"},
}
_PATIENCE = 5  # slow patterns in one file, a second each; then none is tried any more
_LONGEST_NAME = 255  # a longer "context" is the passage itself, not a document's name


class BadRow(Exception):
    """A row that cannot become a Question; says what and how to fix it. Never leaves ingest."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.fix = what, fix


@dataclass(frozen=True, slots=True)
class Item:
    """A question as it was read, with where it stood."""

    question: Question
    where: str
    has_split: bool


def columns_of(names: list[str]) -> dict[str, str]:
    """Our column: the file's name for it. "Gold Answer", "gold-answer" and "gold_answer" agree."""
    plain = {"_".join(n.strip().lower().replace("-", " ").split()): n for n in reversed(names)}
    return {
        column: next(plain[name] for name in others if name in plain)
        for column, others in COLUMNS.items()
        if any(name in plain for name in others)
    }


def read_row(
    row: Mapping[str, Any], columns: Mapping[str, str], where: str, slow: set[str]
) -> tuple[Item, list[Problem]]:
    """The question of a row, and warnings about it. Raises BadRow.

    `slow` collects patterns that ran out of time, so that each costs its time once.
    """
    values = {column: row.get(name) for column, name in columns.items()}
    text = as_text(values.get("question"))
    if not text:
        raise BadRow("has no question", "Fill the question column, or delete the row")
    form = _form(values.get("form"), columns.get("form", ""))
    reply = as_text(values.get("reply")) or None
    accepted = _accepted(values.get("answer"), form, slow)
    impossible = as_text(values.get("is_impossible")).lower() in ("true", "1", "yes")
    said = as_text(values.get("kind"))
    kind = _said_kind(said) if said else _kind(accepted or (reply,), form, slow)
    if impossible and not said:
        kind = "unanswerable"
    if impossible and kind == "unanswerable":
        accepted = ()
    split = as_text(values.get("split")).lower()
    if split and split not in _SPLITS:
        raise BadRow(f'has the split "{split[:40]}"', "Write train, dev or test, or leave it empty")
    sources, evidence = _sources(values)
    question = Question(
        id=as_text(values.get("id")) or fingerprint(text, accepted, reply),
        text=text,
        accepted=accepted,
        kind=kind,
        form=form,
        reply=reply,
        sources=sources,
        tags=_unique(as_list(values.get("tags"), (",", ";"))),
        split=_SPLITS.get(split, "test"),
        evidence=evidence,
    )
    _require(question, split)
    return Item(question, where, bool(split)), _own_form(question, where, slow)


def as_text(value: Any) -> str:
    """A cell of any type as clean text; None is ""."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value).strip()
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return clean(value["text"]).strip()
    return json.dumps(value, ensure_ascii=False)


def as_list(value: Any, separators: tuple[str, ...]) -> list[str]:
    """The texts of a list, of a JSON list in a cell, or of a cell cut at the separators."""
    if isinstance(value, dict) and isinstance(value.get("text"), list):  # SQuAD in data sets
        value = value["text"]
    text = as_text(value) if not isinstance(value, list) else ""
    if text.startswith("[") and text.endswith("]"):
        with contextlib.suppress(ValueError, RecursionError):  # text that just has brackets
            value = json.loads(text)
    if not isinstance(value, list):
        for separator in separators[1:]:
            text = text.replace(separator, separators[0])
        value = text.split(separators[0])
    return [text for text in map(as_text, value) if text]


def _accepted(value: Any, form: FormRule | None, slow: set[str]) -> tuple[str, ...]:
    whole = as_text(value)
    if form and isinstance(value, str) and _follows(whole, form, slow):
        return (whole,)  # a whole reply in the asked form may hold the separator
    return _unique(as_list(value, (" | ", "||")))


def _sources(values: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    evidence = as_text(values.get("evidence"))
    given = as_list(values.get("source"), (" | ", "||", ";", "\n"))
    whole = as_text(values.get("source"))
    if not isinstance(values.get("source"), list) and len(whole) > _LONGEST_NAME:
        return (), evidence or whole
    return _unique(given), evidence


def _form(value: Any, column: str) -> FormRule | None:
    text = value if isinstance(value, str) else json.dumps(value) if value else ""
    if not text.strip():
        return None
    try:
        return read_form(text.strip())
    except ValueError as error:
        fix = f'Correct the "{column}" column: a regular expression, or a JSON schema'
        raise BadRow(str(error), fix) from error


def _said_kind(said: str) -> Kind:
    if said.lower() not in _KINDS:
        raise BadRow(f'has the kind "{said[:40]}"', f"Write one of {', '.join(KINDS)}")
    return _KINDS[said.lower()]


def _kind(replies: tuple[str | None, ...], form: FormRule | None, slow: set[str]) -> Kind:
    """The kind that is meant where none is said; `replies` is (None,) when there is none."""
    if form is None:
        return "fact" if replies[0] else "unanswerable"
    whole = not replies[0] or any(_follows(text, form, slow) for text in replies if text)
    return "form" if whole else "mixed"


def _require(question: Question, split: str) -> None:
    if question.kind == "unanswerable":
        return
    if question.kind in ("form", "mixed") and question.form is None:
        what = f"is of kind {question.kind} but has no form rule"
        raise BadRow(what, "Fill the form column, or make the kind fact")
    if question.kind != "form" and not question.accepted:
        fix = "Fill the answer column, or make the kind unanswerable"
        raise BadRow("has no answer", fix)
    if question.target is None and _SPLITS.get(split) == "train":
        raise BadRow("is in train but has no answer to learn from", "Add an answer or a reply")


def _own_form(question: Question, where: str, slow: set[str]) -> list[Problem]:
    """A warning when the row's own reply breaks its own rule, or cannot be checked."""
    if question.form is None or (question.kind != "form" and question.reply is None):
        return []
    replies = (question.reply,) if question.reply else question.accepted
    if any(_follows(reply, question.form, slow) is None for reply in replies):
        if question.form.regex not in slow:
            return []
        what = "the form pattern takes too long on the row's own answer"
        fix = "Simplify it: nested repeats such as (a+)+ take for ever"
        return [Problem(where, what, fix, "warning")]
    wrong = [reply for reply in replies if _follows(reply, question.form, slow) is False]
    if not wrong:
        return []
    what = f'the answer "{wrong[0][:60]}" does not follow the row\'s own form rule'
    return [Problem(where, what, "Correct the answer or the rule", "warning")]


def _follows(text: str, form: FormRule, slow: set[str]) -> bool | None:
    """Whether a text has the form; None when that cannot be told safely."""
    if form.json_schema and "pattern" in form.json_schema:  # applied without a time limit
        return None
    if form.regex in slow or len(slow) >= _PATIENCE:
        return None
    value, _ = follows(text, form)
    if value is None and form.regex is not None:
        slow.add(form.regex)
    return None if value is None else value == 1.0


def _unique(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
