"""Measures a model folder with fixed seeds and prints one table: reading, abstention, forms,
speed.
"""

import argparse
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from reader import testsets
from reader.formats import Format
from reader.measures import abstains, contains, exact, percent, word_f1
from reader.testsets import Item

ASK = (
    "Answer the question using the passages. Reply with the exact name, number, date or phrase "
    "asked for. If they do not hold the answer, say: Not in the documents."
)
PLAIN_ASK = "Answer the question using the passages."
Messages = list[dict[str, str]]


def prompt(
    asked: str, passages: Sequence[str], instruction: str, shown: Sequence[tuple[str, str]] = ()
) -> Messages:
    """The app's layout: instruction and passages in the system message, demonstrations, then the
    question alone.
    """
    cited = "\n\n".join(f"[{number}] {text.strip()}" for number, text in enumerate(passages, 1))
    system = f"{instruction}\n\nPassages:\n{cited}".strip() if passages else instruction
    turns = [{"role": "system", "content": system}] if system else []
    for question, answer in shown:
        turns += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return [*turns, {"role": "user", "content": asked}]


class Model:
    """A model folder that answers batches of messages greedily."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(str(folder), padding_side="left")
        self.model = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.bfloat16).eval()

    @torch.inference_mode()
    def answer(self, prompts: Sequence[Messages], most: int = 48, batch: int = 48) -> list[str]:
        texts = [
            self.tokenizer.apply_chat_template(p, tokenize=False, add_generation_prompt=True)
            for p in prompts
        ]
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        replies = [""] * len(texts)
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            encoded = self.tokenizer(
                [texts[n] for n in chosen],
                return_tensors="pt",
                padding=True,
                add_special_tokens=False,
            )
            encoded.pop("token_type_ids", None)
            made = self.model.generate(**encoded, max_new_tokens=most, do_sample=False)
            said = self.tokenizer.batch_decode(
                made[:, encoded["input_ids"].shape[1] :], skip_special_tokens=True
            )
            for number, text in zip(chosen, said, strict=True):
                replies[number] = text.strip()
        return replies


@dataclass(slots=True)
class Report:
    rows: dict[str, dict[str, float]] = field(default_factory=dict)
    samples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, **figures: float) -> None:
        self.rows[name] = figures
        print(
            f"{name:<52}" + "  ".join(f"{key} {value:g}" for key, value in figures.items()),
            flush=True,
        )


def reading(
    model: Model,
    report: Report,
    name: str,
    items: list[Item],
    instruction: str,
    gold_only: bool = False,
) -> None:
    passages = [[item.passages[item.gold]] if gold_only else item.passages for item in items]
    replies = model.answer(
        [
            prompt(item.question, shown, instruction)
            for item, shown in zip(items, passages, strict=True)
        ]
    )
    graded = list(zip(replies, items, strict=True))
    report.add(
        name,
        exact=percent([exact(reply, item.accepted) for reply, item in graded]),
        contains=percent([contains(reply, item.accepted) for reply, item in graded]),
        f1=percent([word_f1(reply, item.accepted) for reply, item in graded]),
        abstains=percent([abstains(reply) for reply in replies]),
        n=len(items),
    )
    report.samples[name] = [
        f"{item.question} | {item.accepted[0]} | {reply}" for reply, item in graded[:12]
    ]


def abstention(model: Model, report: Report, name: str, items: list[Item]) -> None:
    """With the gold passage taken away (another document's stands in when none is left)."""
    prompts = []
    for number, item in enumerate(items):
        left = [text for place, text in enumerate(item.passages) if place != item.gold]
        other = items[(number + 7) % len(items)]
        prompts.append(prompt(item.question, left or [other.passages[other.gold]], ASK))
    report.add(
        name, abstains=percent([abstains(reply) for reply in model.answer(prompts)]), n=len(items)
    )


def follows(form: Format, reply: str) -> bool:
    """Whether a reply has the form, whatever stands in the places of value and topic."""
    shape = re.escape(form.apply("QVQ", "QVQ", "QTQ")).replace("QVQ", ".+").replace("QTQ", "[^\n]+")
    return re.fullmatch(shape, reply, re.DOTALL) is not None


def forms(model: Model, report: Report, count: int) -> None:
    items = testsets.made_up(count, 1)
    shown = testsets.demonstrations(count)
    means = []
    for form in testsets.twelve_formats():
        told = model.answer(
            [prompt(i.question, i.passages, f"{PLAIN_ASK} {form.instructions[0]}") for i in items],
            64,
        )
        pairs = [
            [(f.question, form.apply(f.value, f.sentence, "Your Question")) for f in facts]
            for facts in shown
        ]
        seen = model.answer(
            [
                prompt(i.question, i.passages, PLAIN_ASK, p)
                for i, p in zip(items, pairs, strict=True)
            ],
            64,
        )
        figures = {
            "told": percent([follows(form, r) for r in told]),
            "shown": percent([follows(form, r) for r in seen]),
        }
        value = percent([contains(r, i.accepted) for r, i in zip(told, items, strict=True)])
        report.add(f"form: {form.instructions[0]!r:.46}", **figures, value_told=value)
        means.append((figures["told"] + figures["shown"]) / 2)
    report.add("form: mean of twelve", followed=round(sum(means) / len(means), 1), n=count)


def speed(model: Model, report: Report) -> None:
    items = testsets.made_up(16, 3)
    prompts = [prompt(item.question, item.passages, ASK) for item in items]
    for batch in (1, 16):
        began = time.time()
        count = len(prompts) if batch > 1 else 6
        model.model.generation_config.min_new_tokens = 24
        model.answer(prompts[:count], 24, batch)
        report.add(
            f"speed: batch {batch}",
            answers_per_second=round(count / (time.time() - began), 2),
            tokens_per_second=round(24 * count / (time.time() - began)),
        )
    model.model.generation_config.min_new_tokens = None


def evaluate(folder: Path, parts: set[str], count: int, documents: list[Path]) -> Report:
    model, report = Model(folder), Report()
    for place in documents:
        items = testsets.from_folder(place)
        for label, ask in (("asked exactly", ASK), ("asked plainly", PLAIN_ASK)):
            reading(
                model, report, f"{place.name}: gold passage, {label}", items, ask, gold_only=True
            )
            reading(model, report, f"{place.name}: gold + 2, {label}", items, ask)
        abstention(model, report, f"{place.name}: gold taken away", items)
    if "written" in parts:
        items = testsets.from_written(count)
        reading(model, report, "hand-written questions, gold passage", items, ASK, gold_only=True)
        reading(model, report, "hand-written questions, gold + 2", items, ASK)
    if "made-up" in parts:
        for passages in (1, 3, 5):
            items = testsets.made_up(count, passages)
            reading(
                model, report, f"unseen words and phrasings, {passages} passages", items, PLAIN_ASK
            )
            unseen = testsets.made_up(count, passages, relations_unseen=True)
            reading(model, report, f"unseen relations, {passages} passages", unseen, PLAIN_ASK)
        abstention(
            model, report, "unseen words, gold taken away from 3", testsets.made_up(count, 3)
        )
        replies = model.answer(
            [
                prompt(asked, [], "Answer the question.")
                for asked in testsets.closed_questions(count)
            ]
        )
        report.add(
            "closed book says so", abstains=percent([abstains(reply) for reply in replies]), n=count
        )
    if "forms" in parts:
        forms(model, report, min(count, 50))
    if "speed" in parts:
        speed(model, report)
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--parts", default="written,made-up,forms,speed")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument(
        "--documents",
        type=Path,
        action="append",
        default=[],
        help="a folder with corpus/ and questions.jsonl",
    )
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    report = evaluate(
        arguments.folder, set(arguments.parts.split(",")), arguments.count, arguments.documents
    )
    for name, lines in report.samples.items():
        print(f"\n{name}\n  " + "\n  ".join(lines))
    if arguments.out:
        arguments.out.write_text(
            json.dumps(
                {"figures": report.rows, "samples": report.samples}, indent=1, ensure_ascii=False
            )
        )


if __name__ == "__main__":
    main()
