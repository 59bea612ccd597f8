"""Fixed test sets: made-up worlds with unseen words, phrasings and relations, and any folder of
documents with questions.
"""

import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

from reader import worlds
from reader.conversations import filler
from reader.formats import COMMON, JSON, Format, house_style
from reader.makers import Maker
from reader.measures import contains
from reader.prose import plain
from reader.reading import Fact
from reader.written import load_written

SEED = 777


@dataclass(slots=True)
class Item:
    """One question with the passages in reading order; `gold` is the place of the one that answers
    it.
    """

    question: str
    accepted: list[str]
    sentence: str
    passages: list[str]
    gold: int


def made_up(
    count: int, passages: int, relations_unseen: bool = False, seed: int = SEED
) -> list[Item]:
    maker, items = Maker(random.Random(f"{seed}-{passages}-{relations_unseen}"), held_out=True), []
    while len(items) < count:
        words = (0, 40, 80) if passages < 5 else (0, 40)
        scene = worlds.world(
            maker, passages, lambda: filler(maker), words, evaluation=True, held=relations_unseen
        )
        usable = [
            fact
            for fact in scene.facts
            if sum(fact.evidence in passage for passage in scene.passages) == 1
        ]
        if not usable or len(scene.passages) != passages:
            continue
        fact = maker.rng.choice(usable)
        order = list(scene.passages)
        maker.rng.shuffle(order)
        gold = next(i for i, passage in enumerate(order) if fact.evidence in passage)
        items.append(Item(fact.question, [fact.value], fact.sentence, order, gold))
    return items


def from_written(count: int, seed: int = SEED) -> list[Item]:
    """Hand-written questions on documents that training never sees, with two more passages of the
    same document.
    """
    rng, items = random.Random(seed), []
    for _, passages in load_written(evaluation=True):
        for gold in passages:
            others = [other.text for other in passages if other is not gold]
            rng.shuffle(others)
            for fact in gold.facts:
                if fact.evidence:
                    order = [gold.text, *others[:2]]
                    rng.shuffle(order)
                    items.append(
                        Item(
                            fact.question,
                            [fact.value],
                            fact.sentence,
                            order,
                            order.index(gold.text),
                        )
                    )
    rng.shuffle(items)
    return items[:count]


def demonstrations(count: int, seed: int = SEED) -> list[list[Fact]]:
    maker = Maker(random.Random(f"{seed}-demonstrations"), held_out=True)
    return [[worlds.lone_fact(maker, evaluation=True) for _ in range(2)] for _ in range(count)]


def closed_questions(count: int, seed: int = SEED) -> list[str]:
    maker = Maker(random.Random(f"{seed}-closed"), held_out=True)
    return [worlds.lone_fact(maker, evaluation=True).question for _ in range(count)]


def twelve_formats() -> list[Format]:
    """Seven known forms and five house styles made of words that training never draws."""
    maker = Maker(random.Random(SEED + 5), held_out=True)
    known = [f for f in COMMON if f.name in ("A: prefix", "bullet", "tag", "bold", "dot", "upper")]
    styles: list[Format] = []
    while len(styles) < 5:
        style = house_style(maker)
        wanted = ["affix", "affix", "lines", "lines", "own key"][len(styles)]
        if style.name == wanted:
            styles.append(style)
    return [JSON, *known, *styles]


# ---------- a folder of documents with questions ----------
def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", plain(text).lower())


def _blocks(text: str) -> list[str]:
    return [
        block.strip()
        for block in re.split(r"\n\s*\n|\n(?=\s*[-*] |\s*\d+\. |#)", text)
        if block.strip()
    ]


def _window(blocks: list[str], center: int, words: int) -> str:
    """A block with its neighbours, as a splitter would keep them together."""
    chosen = [blocks[center]]
    for place, before in ((center - 1, True), (center + 1, False)):
        if (
            0 <= place < len(blocks)
            and sum(len(b.split()) for b in chosen) + len(blocks[place].split()) <= words
        ):
            chosen = [blocks[place], *chosen] if before else [*chosen, blocks[place]]
    return "\n\n".join(chosen)


def _gold_block(blocks: list[str], evidence: str) -> int:
    wanted = _letters(evidence)
    for part in (wanted, wanted[:40], wanted[-40:]):
        for number, block in enumerate(blocks):
            if part in _letters(block):
                return number
    words = set(plain(evidence).lower().split())
    return max(
        range(len(blocks)),
        key=lambda number: len(words & set(plain(blocks[number]).lower().split())),
    )


def from_folder(folder: Path, raw_markdown: bool = True) -> list[Item]:
    """Questions with evidence over `folder/corpus`, gold passage and two others of the same page;
    unanswerable ones left out.
    """
    rng, items = random.Random(4), []
    for line in (folder / "questions.jsonl").read_text(encoding="utf-8").rstrip().split("\n"):
        row = json.loads(line)
        if row["kind"] == "unanswerable" or not row.get("evidence"):
            continue
        source, evidence = (
            value if isinstance(value, str) else value[0]
            for value in (row["source"], row["evidence"])
        )
        text = (folder / "corpus" / source).read_text(encoding="utf-8")
        blocks = _blocks(text if raw_markdown else plain(text))
        center = _gold_block(blocks, evidence)
        gold = _window(blocks, center, 180)
        if not contains(plain(gold), row["answer"]):
            continue
        far = [n for n in range(len(blocks)) if abs(n - center) > 3 and len(blocks[n].split()) > 8]
        rng.shuffle(far)
        passages = [gold, *(_window(blocks, n, 120) for n in far[:2])]
        rng.shuffle(passages)
        items.append(
            Item(row["question"], row["answer"], plain(evidence), passages, passages.index(gold))
        )
    return items
