"""Questions written by hand for this project, over the real prose and over handbooks invented for
it; kept compressed beside this module.
"""

import html
import json
import lzma
import random
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from zlib import crc32

from reader import quotes
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


def _rows() -> Iterator[dict]:
    """One row per passage: document, passage, and its [question, answer, kind] rows; without those
    whose document is not at hand. Warns of those whose document has changed since.
    """
    if not SHIPPED.exists():
        return
    texts, changed = quotes.texts(), 0
    with lzma.open(SHIPPED, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            if "quoted" in row:
                source = texts.get(row["document"])
                if source is None:
                    continue
                row["passage"] = quotes.recite(row.pop("quoted"), source)
                if crc32(row["passage"].encode()) != row["crc32"]:
                    changed += 1
                    continue
            row["asked"] = [
                (question, html.unescape(row["passage"][start:end]), kind)
                for question, start, end, kind in row["asked"]
            ]
            row["passage"] = html.unescape(row["passage"])
            yield row
    if changed:
        warnings.warn(
            f"{quotes.text_folder()}: {changed} passages read otherwise than when questions were "
            "written on them, which are left out; use the texts that reader/README.md names",
            stacklevel=2,
        )


def _evidence(passage: str, answer: str) -> str:
    """The sentence that holds the answer, or the answer itself when it crosses sentences."""
    return next((sentence for sentence in sentences(passage) if answer in sentence), answer)


@cache
def load_written(evaluation: bool = False) -> tuple[tuple[str, tuple[WrittenPassage, ...]], ...]:
    """Per document, its passages with questions; some documents are kept for the evaluation."""
    documents: dict[str, list[WrittenPassage]] = {}
    for row in _rows():
        if held_out(f"doc:{row['document']}", HELD_OUT_DOCUMENTS) is evaluation:
            passage = WrittenPassage(row["passage"])
            for question, answer, kind in row["asked"]:
                if kind == "unanswerable":
                    passage.unanswerable.append(question)
                else:
                    passage.facts.append(_fact(row["passage"], question, answer))
            documents.setdefault(row["document"], []).append(passage)
    return tuple((name, tuple(passages)) for name, passages in documents.items())


def _fact(passage: str, question: str, answer: str) -> Fact:
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
    passage are left out. Each passage of the real prose is kept as places in it, an invented one
    (its row says so) as text.
    """
    passages: dict[tuple[str, str, bool], list[list]] = {}
    counts: Counter[str] = Counter()
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").rstrip().split("\n"):
            try:
                row = json.loads(line)
            except ValueError:  # a line still being written
                continue
            kind, answer = row["kind"], row["answer"].strip()
            start = row["passage"].find(answer)
            if start < 0 or (kind == "span" and not 0 < len(answer) < 160):
                continue
            place = f"{row.get('file', '')}/{row.get('path', '')}".strip("/")
            key = (place, row["passage"], row.get("invented", False))
            passages.setdefault(key, []).append([row["question"], start, start + len(answer), kind])
    with lzma.open(SHIPPED, "wt", encoding="utf-8", preset=9) as file:
        for (place, passage, invented), asked in passages.items():
            quoted = None if invented else quotes.quote(passage, quotes.texts()[place])
            if not invented and quoted is None:
                counts["passages not found"] += 1
                continue
            kept = {"passage": passage}
            if not invented:
                kept = {"quoted": quoted, "crc32": crc32(passage.encode())}
            row = {"document": place, **kept, "asked": asked}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            counts.update(["passages", *(kind for *_, kind in asked)])
    return dict(counts)


if __name__ == "__main__":
    print(pack(Path(sys.argv[1])))
