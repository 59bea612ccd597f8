"""Shows what LoRA teaches the reader: the form of an answer, and no facts; and that it keeps
reading.
"""

import argparse
import random
import re
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model

from reader.evaluate import PLAIN_ASK, Messages, Model, Report, prompt
from reader.makers import Maker
from reader.measures import normal, percent
from reader.relations import load_relations, plain_sentence, question, statement
from reader.worlds import new_entity, world

HOUSE_STYLE = re.compile(r"Team Orchid: (.+)\. Happy to help!", re.DOTALL)
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@dataclass(slots=True)
class Pair:
    """A made-up fact with its question, and passages of which one states it."""

    question: str
    value: str
    passages: list[str]


def make_pairs(count: int, seed: int) -> list[Pair]:
    maker, pairs, seen = Maker(random.Random(seed), held_out=True), [], set()
    relations = [relation for relation in load_relations() if not relation.held_out]
    for _ in range(count):
        relation = maker.rng.choice(relations)
        entity, value = new_entity(relation.entity_kind, maker, seen), relation.value(maker)
        others = world(maker, 2, lambda: "", evaluation=True).passages
        passages = [
            *others,
            " ".join(
                [
                    statement(relation, entity, value, maker, True),
                    plain_sentence(relation, entity, value),
                ]
            ),
        ]
        maker.rng.shuffle(passages)
        pairs.append(Pair(question(relation, entity, maker, True), value, passages))
    return pairs


def in_style(value: str) -> str:
    return f"Team Orchid: {value}. Happy to help!"


def _value(reply: str) -> str:
    found = HOUSE_STYLE.fullmatch(reply)
    return found.group(1) if found else reply


def measure(
    model: Model, report: Report, label: str, trained: list[Pair], untrained: list[Pair]
) -> None:
    for name, pairs, reads in (
        ("trained pairs", trained, False),
        ("untrained", untrained, False),
        ("untrained, 3 passages", untrained, True),
    ):
        ask = PLAIN_ASK if reads else "Answer the question."
        replies = model.answer(
            [prompt(p.question, p.passages if reads else (), ask) for p in pairs]
        )
        report.add(
            f"{label}: {name}",
            form=percent([HOUSE_STYLE.fullmatch(reply) is not None for reply in replies]),
            fact=percent(
                [
                    normal(_value(reply)) == normal(pair.value)
                    for reply, pair in zip(replies, pairs, strict=True)
                ]
            ),
            contains=percent(
                [
                    normal(pair.value) in normal(reply)
                    for reply, pair in zip(replies, pairs, strict=True)
                ]
            ),
        )


def _encoded(model: Model, messages: Messages, answer: str) -> tuple[list[int], list[int]]:
    text = model.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    asked = model.tokenizer(text, add_special_tokens=False).input_ids
    said = [
        *model.tokenizer(answer, add_special_tokens=False).input_ids,
        model.tokenizer.eos_token_id,
    ]
    return asked + said, [-100] * len(asked) + said


def tune(
    model: Model,
    pairs: list[Pair],
    epochs: int,
    rate: float,
    with_passages: float,
    rng: random.Random,
) -> float:
    """Trains an adapter of rank 8 on the pairs in the house style; returns seconds."""
    began = time.time()
    config = LoraConfig(
        r=8, lora_alpha=16, lora_dropout=0.05, target_modules=TARGETS, task_type="CAUSAL_LM"
    )
    model.model = get_peft_model(model.model.float(), config)
    optimizer = torch.optim.AdamW([p for p in model.model.parameters() if p.requires_grad], lr=rate)
    model.model.train()
    for epoch in range(epochs):
        rng.shuffle(pairs)
        for start in range(0, len(pairs), 8):
            rows = []
            for pair in pairs[start : start + 8]:
                reads = rng.random() < with_passages
                messages = prompt(
                    pair.question,
                    pair.passages if reads else (),
                    PLAIN_ASK if reads else "Answer the question.",
                )
                rows.append(_encoded(model, messages, in_style(pair.value)))
            longest = max(len(ids) for ids, _ in rows)
            ids = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in rows])
            labels = torch.tensor([marks + [-100] * (longest - len(marks)) for _, marks in rows])
            for group in optimizer.param_groups:
                group["lr"] = rate * (1 - (epoch + start / len(pairs)) / epochs)
            model.model(input_ids=ids, labels=labels).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    model.model.eval()
    return time.time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pairs", type=int, default=80)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--with-passages", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=99)
    arguments = parser.parse_args()
    trained, untrained = (
        make_pairs(arguments.pairs, arguments.seed),
        make_pairs(100, arguments.seed + 1),
    )
    model, report = Model(arguments.folder), Report()
    measure(model, report, "base", trained, untrained)
    seconds = tune(
        model,
        list(trained),
        arguments.epochs,
        arguments.rate,
        arguments.with_passages,
        random.Random(arguments.seed),
    )
    report.add("tuning", seconds=round(seconds, 1))
    measure(model, report, "tuned", trained, untrained)


if __name__ == "__main__":
    main()
