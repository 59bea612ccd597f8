"""Questions written by hand for this project over the real prose; kept compressed beside this module."""

import json
import lzma
import os
import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from reader.prose import sentences
from reader.reading import Fact

SHIPPED = Path(__file__).parent / "material" / "questions.jsonl.xz"


@dataclass(slots=True)
class WrittenPassage:
    text: str
    facts: list[Fact] = field(default_factory=list)
    unanswerable: list[str] = field(default_factory=list)


def _rows() -> list[dict]:
    """Rows of the shipped file, or of `$READER_QUESTIONS/*.jsonl` while they are being written."""
    folder = os.environ.get("READER_QUESTIONS")
    if folder:
        lines = [line for path in sorted(Path(folder).glob("*.jsonl")) for line in path.read_text(encoding="utf-8").rstrip().split("\n")]
        rows = []
        for line in lines:
            try:
                rows.append(json.loads(line))
            except ValueError:  # a line still being written
                continue
        return rows
    if not SHIPPED.exists():
        return []
    with lzma.open(SHIPPED, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _evidence(passage: str, answer: str) -> str:
    """The sentence that holds the answer, or the answer itself when it crosses sentences."""
    return next((sentence for sentence in sentences(passage) if answer in sentence), answer)


@cache
def load_written() -> tuple[tuple[str, tuple[WrittenPassage, ...]], ...]:
    """Per document, its passages with their questions; answers that are no span of the passage are left out."""
    documents: dict[str, dict[str, WrittenPassage]] = {}
    for row in _rows():
        place = f"{row.get('file', '')}/{row.get('path', '')}"
        known = documents.setdefault(place, {})
        passage = known.setdefault(row["passage"], WrittenPassage(row["passage"]))
        if row["kind"] == "unanswerable":
            passage.unanswerable.append(row["question"])
            continue
        answer = row["answer"].strip()
        if row["kind"] in ("span", "fact") and answer and answer in row["passage"] and len(answer) < 160:
            evidence = _evidence(row["passage"], answer)
            passage.facts.append(Fact(row["question"], answer, evidence if len(evidence) < 240 else answer, evidence))
        elif row["kind"] == "sentence" and 0 < len(answer) < 200:
            passage.facts.append(Fact(row["question"], answer, answer, ""))
    return tuple((place, tuple(p for p in known.values() if p.facts or p.unanswerable)) for place, known in documents.items())


@cache
def _flat() -> tuple[tuple[int, int], ...]:
    documents = load_written()
    return tuple((d, p) for d, (_, passages) in enumerate(documents) for p in range(len(passages)) if passages[p].facts)


def some_written(rng: random.Random) -> tuple[WrittenPassage, list[WrittenPassage]] | None:
    """A passage with questions, and the other passages of its document."""
    places = _flat()
    if not places:
        return None
    document, passage = rng.choice(places)
    passages = load_written()[document][1]
    return passages[passage], [other for number, other in enumerate(passages) if number != passage]
