"""Reads the real prose (public domain, CC0 and Apache-2.0) and cuts it into passages as a
retriever would.
"""

import html
import json
import os
import random
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WEIGHTS = {
    "digitalgov": 1.6,
    "handbook": 4.0,
    "plainlanguage": 5.0,
    "peps": 0.35,
    "pepys": 0.1,
    "sherlock": 0.4,
    "conan": 0.4,
}
SKIPPED = re.compile(r"license|code_of_conduct|contributing|changelog", re.IGNORECASE)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"(])")
LONGEST_TEXT = 60_000


@dataclass(frozen=True)
class ProseDocument:
    name: str
    weight: float
    passages: tuple[str, ...]
    usable: tuple[int, ...]  # passages that read as prose, not as tables or lists of links


def text_folder() -> Path:
    return Path(os.environ["READER_TEXT"])


def sentences(text: str) -> list[str]:
    return [
        part.strip()
        for line in text.split("\n")
        for part in SENTENCE_END.split(line)
        if part.strip()
    ]


def plain(text: str) -> str:
    """Markdown without its markup."""
    text = re.sub(r"^---\n.*?\n---\n", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>|!\[[^\]]*\]\([^)]*\)|\{[%{:].*?\}", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return html.unescape(re.sub(r"[*_`]{1,3}", "", text))


def _blocks(text: str) -> list[str]:
    """Paragraphs and headings, markup kept, very long links dropped."""
    text = re.sub(r"https?://\S{60,}", "", text[:LONGEST_TEXT])
    blocks = (re.sub(r"[ \t]+", " ", block).strip() for block in re.split(r"\n\s*\n", text))
    return [block for block in blocks if 1 < len(block) < 1600]


def cut(text: str, rng: random.Random) -> list[str]:
    """Neighbouring blocks joined to passages of about 40 to 190 words."""
    passages: list[str] = []
    current: list[str] = []
    count, goal = 0, rng.randint(50, 180)
    for block in _blocks(text):
        words = len(block.split())
        if current and (
            count + words > 190 or count > goal or (count > 60 and block.startswith("#"))
        ):
            passages.append("\n\n".join(current))
            current, count, goal = [], 0, rng.randint(50, 180)
        current.append(block)
        count += words
    if count > 15:
        passages.append("\n\n".join(current))
    return [passage for passage in passages if len(passage.split()) > 12]


def _reads_as_prose(passage: str) -> bool:
    return sum(c.isalpha() or c == " " for c in passage) / len(passage) > 0.78


@cache
def load_prose() -> tuple[ProseDocument, ...]:
    documents = []
    for path in sorted(text_folder().glob("*.jsonl")):
        weight = next((w for part, w in WEIGHTS.items() if part in path.name), 1.0)
        for number, line in enumerate(path.read_text(encoding="utf-8").rstrip().split("\n")):
            row = json.loads(line)
            if SKIPPED.search(row["path"]):
                continue
            passages = cut(html.unescape(row["text"]), random.Random(f"{path.name}-{number}"))[:40]
            usable = tuple(i for i, passage in enumerate(passages) if _reads_as_prose(passage))
            if usable:
                documents.append(
                    ProseDocument(row["path"], weight * len(passages), tuple(passages), usable)
                )
    return tuple(documents)


@cache
def common_words(least: int = 15) -> frozenset[str]:
    """Words, in lower case, that stand in the prose at least so often."""
    counts: Counter[str] = Counter()
    for document in load_prose():
        for passage in document.passages:
            counts.update(re.findall(r"[a-z]{3,}", passage.lower()))
    return frozenset(word for word, count in counts.items() if count >= least)


@cache
def document_weights() -> list[float]:
    total, running = 0.0, []
    for document in load_prose():
        total += document.weight
        running.append(total)
    return running


def some_document(rng: random.Random) -> ProseDocument:
    return rng.choices(load_prose(), cum_weights=document_weights())[0]


@cache
def plain_sentences() -> tuple[str, ...]:
    """Sentences of real prose to hide made-up facts among."""
    rng, found = random.Random(1), []
    for _ in range(60_000):
        if len(found) == 12_000:
            break
        document = some_document(rng)
        text = document.passages[rng.choice(document.usable)]
        chosen = rng.choice(sentences(text))
        if 30 < len(chosen) < 170 and chosen[-1] == "." and chosen[0].isupper():
            found.append(chosen)
    return tuple(found)
