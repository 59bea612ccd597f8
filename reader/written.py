"""Questions written by hand for this project over the real prose; kept compressed beside this
module.
"""

import json
import lzma
import random
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from reader.prose import sentences
from reader.reading import Fact
from reader.relations import held_out

SHIPPED = Path(__file__).parent / "material" / "questions.jsonl.xz"
HELD_OUT_DOCUMENTS = 0.05


@dataclass(slots=True)
class WrittenPassage:
    text: str
    facts: list[Fact] = field(default_factory=list)
    unanswerable: list[str] = field(default_factory=list)


def _rows() -> list[dict]:
    """One row per passage: document, passage, and its [question, answer, kind] rows."""
    with lzma.open(SHIPPED, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _evidence(passage: str, answer: str) -> str:
    """The sentence that holds the answer, or the answer itself when it crosses sentences."""
    return next((sentence for sentence in sentences(passage) if answer in sentence), answer)


@cache
def load_written(evaluation: bool = False) -> tuple[tuple[str, tuple[WrittenPassage, ...]], ...]:
    """Per document, its passages with questions; some documents are kept for the evaluation."""
    documents: dict[str, list[WrittenPassage]] = {}
    for row in _rows() if SHIPPED.exists() else ():
        if held_out(f"doc:{row['document']}", HELD_OUT_DOCUMENTS) is evaluation:
            passage = WrittenPassage(row["passage"])
            for question, answer, kind in row["asked"]:
                if kind == "unanswerable":
                    passage.unanswerable.append(question)
                else:
                    passage.facts.append(_fact(row["passage"], question, answer, kind))
            documents.setdefault(row["document"], []).append(passage)
    return tuple((name, tuple(passages)) for name, passages in documents.items())


def _fact(passage: str, question: str, answer: str, kind: str) -> Fact:
    if kind == "sentence":
        return Fact(question, answer, answer, "")
    evidence = _evidence(passage, answer)
    return Fact(question, answer, evidence if len(evidence) < 240 else answer, evidence)


@cache
def _places() -> tuple[tuple[int, int], ...]:
    documents = load_written()
    return tuple(
        (d, p)
        for d, (_, passages) in enumerate(documents)
        for p in range(len(passages))
        if passages[p].facts
    )


def some_written(rng: random.Random) -> tuple[WrittenPassage, list[WrittenPassage]] | None:
    """A passage with questions, and the other passages of its document; None when no questions are
    at hand.
    """
    places = _places()
    if not places:
        return None
    document, passage = rng.choice(places)
    passages = load_written()[document][1]
    return passages[passage], [other for number, other in enumerate(passages) if number != passage]


def pack(folder: Path) -> dict[str, int]:
    """Gathers `folder/*.jsonl` into the shipped file; rows whose answer is no span of their
    passage are left out.
    """
    passages: dict[tuple[str, str], list[list[str]]] = {}
    counts: dict[str, int] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").rstrip().split("\n"):
            try:
                row = json.loads(line)
            except ValueError:  # a line still being written
                continue
            kind, answer = row["kind"].replace("fact", "span"), row["answer"].strip()
            if (kind == "span" and not (0 < len(answer) < 160 and answer in row["passage"])) or len(
                answer
            ) > 200:
                continue
            place = f"{row.get('file', '')}/{row.get('path', '')}".strip("/")
            passages.setdefault((place, row["passage"]), []).append([row["question"], answer, kind])
            counts[kind] = counts.get(kind, 0) + 1
    with lzma.open(SHIPPED, "wt", encoding="utf-8", preset=9) as file:
        for (place, passage), asked in passages.items():
            file.write(
                json.dumps(
                    {"document": place, "passage": passage, "asked": asked}, ensure_ascii=False
                )
                + "\n"
            )
    return counts | {"passages": len(passages)}


if __name__ == "__main__":
    print(pack(Path(sys.argv[1])))
