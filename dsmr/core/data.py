"""What the user brings: documents to know, questions to answer. Pure values."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["fact", "form", "mixed", "unanswerable"]
Split = Literal["train", "dev", "test"]
KINDS: tuple[Kind, ...] = ("fact", "form", "mixed", "unanswerable")
SPLITS: tuple[Split, ...] = ("train", "dev", "test")


def fingerprint(*parts: Any) -> str:
    """Sixteen hex digits naming a value by its content; equal values, equal names."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=asdict)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Document:
    """One file the user brought, as plain text."""

    name: str
    text: str
    media: str = "txt"  # the file's kind: "pdf", "docx", …
    pages: int | None = None  # None: the format has no pages

    @property
    def id(self) -> str:
        return fingerprint(self.name, self.text)


@dataclass(frozen=True, slots=True)
class Passage:
    """A cut of a document; `text` is `document.text[start:start + len(text)]`."""

    document: str  # Document.name
    start: int  # characters from the start of the document
    text: str


@dataclass(frozen=True, slots=True)
class FormRule:
    """What a reply must look like: exactly one of the two is set."""

    regex: str | None = None  # must match the whole reply; dot matches newlines
    json_schema: str | None = None  # JSON text of a JSON schema; the reply must be valid JSON


@dataclass(frozen=True, slots=True)
class Question:
    """One evaluation item, with everything that can be checked about its answer."""

    id: str
    text: str
    accepted: tuple[str, ...]  # any one is right; empty when unanswerable or only the form counts
    kind: Kind = "fact"
    form: FormRule | None = None
    reply: str | None = None  # a model reply to learn from; None: the first accepted answer
    sources: tuple[str, ...] = ()  # names of the documents that hold the answer
    tags: tuple[str, ...] = ()
    split: Split = "test"
    evidence: str = ""  # the sentence that holds the answer, where known

    @property
    def target(self) -> str | None:
        """The reply to show in an example or to train on; None when there is none."""
        return self.reply or (self.accepted[0] if self.accepted else None)


@dataclass(frozen=True, slots=True)
class EvalSet:
    """The questions of a project, frozen at one moment and named by their content."""

    name: str
    questions: tuple[Question, ...]

    @property
    def id(self) -> str:
        return fingerprint(self.questions)

    def only(self, split: Split | Literal["all"], limit: int | None = None) -> tuple[Question, ...]:
        """The questions of a split; with a limit so many of them, evenly spread."""
        return spread([q for q in self.questions if split in ("all", q.split)], limit)


def spread(questions: Sequence[Question], limit: int | None) -> tuple[Question, ...]:
    """At most `limit`, at even distances: the first ones may all be of one kind."""
    if limit is None or limit >= len(questions):
        return tuple(questions)
    return tuple(questions[i * len(questions) // limit] for i in range(limit))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what was brought. "error": it was left out; "warning": kept."""

    where: str  # file, or file and row
    what: str
    fix: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.fix}"
