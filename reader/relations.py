"""What can be true of a thing, and the many ways to state it and to ask for it."""
# ruff: noqa: E501, SIM905

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from reader.makers import Maker, capitalised, with_article

MATERIAL = Path(__file__).parent / "material"
HELD_OUT_RELATIONS = 0.10
HELD_OUT_PHRASINGS = 0.15
STATEMENTS = [line for line in (MATERIAL / "statements.txt").read_text().splitlines() if line]
QUESTIONS = [line for line in (MATERIAL / "questions.txt").read_text().splitlines() if line]
LABELS = ["{A}: {v}", "- {A}: {v}", "The {a} is {v}.", "* {A} - {v}"]
BEFORE = [line for line in (MATERIAL / "before.txt").read_text().splitlines() if line]
AFTER = [line for line in (MATERIAL / "after.txt").read_text().splitlines() if line]
OPENINGS = [
    "Quick question: ", "Please tell me: ", "According to the text, ", "I was wondering, ", "Hi! ", "Do you know ",
    "Hello, ", "Just checking: ", "My colleague asked me: ", "Sorry, one more: ", "In these passages, ",
]  # fmt: skip
CLOSINGS = [" Thanks.", " Please be exact.", " I could not find it.", " I need it for a form."]
QUESTION_WORDS = set(
    "What Who Where When Which How Whose Why Whom In At On From By Under To Do Can Tell Please Is Name Find State Look "
    "Give Since Within".split()
)


def held_out(text: str, share: float) -> bool:
    """Stable choice by content, so that no run and no machine sees another split."""
    return int(hashlib.md5(text.encode()).hexdigest(), 16) % 1000 < share * 1000


@dataclass(frozen=True)
class Relation:
    entity_kind: str
    value_kind: str
    names: tuple[str, ...]
    statements: tuple[str, ...]
    questions: tuple[str, ...]
    held_out: bool = field(default=False)

    @property
    def key(self) -> str:
        return f"{self.entity_kind}/{self.names[0]}"

    def value(self, maker: Maker) -> str:
        return maker.value(self.value_kind)


def _split(phrases: tuple[str, ...], tag: str, evaluation: bool) -> list[str]:
    """Phrasings for training (the first one always) or those kept for evaluation (may be none)."""
    kept = [phrase for phrase in phrases if held_out(tag + phrase, HELD_OUT_PHRASINGS)]
    return (
        kept
        if evaluation
        else [phrase for phrase in phrases if phrase not in kept] or list(phrases[:1])
    )


@cache
def load_relations() -> tuple[Relation, ...]:
    extra: dict[str, list[str]] = {}
    for line in (MATERIAL / "paraphrases.txt").read_text().splitlines():
        key, _, questions = line.partition("|")
        extra.setdefault(key, []).extend(questions.split(";"))
    relations = []
    for line in (MATERIAL / "relations.txt").read_text().splitlines():
        if not line.strip():
            continue
        entity, value, names, statements, questions = line.split("|")
        first = names.split(";")[0]
        asked = (
            questions.split(";") + extra.get(f"{entity}/{first}", []) + extra.get(f"*/{first}", [])
        )
        relations.append(
            Relation(
                entity,
                value,
                tuple(names.split(";")),
                tuple(statements.split(";")),
                tuple(dict.fromkeys(q for q in asked if q)),
                held_out(f"rel:{entity}{first}", HELD_OUT_RELATIONS),
            )
        )
    return tuple(relations)


@cache
def relations_of(entity_kind: str, held: bool = False) -> tuple[Relation, ...]:
    return tuple(r for r in load_relations() if r.entity_kind == entity_kind and r.held_out is held)


def fill(template: str, entity: str, value: str, name: str) -> str:
    for mark, text in (
        ("{aa}", with_article(name)), ("{A}", capitalised(name)), ("{a}", name), ("{v_a}", with_article(value)),
        ("{V}", capitalised(value)), ("{v}", value), ("{E}", capitalised(entity)), ("{e}", entity),
    ):  # fmt: skip
        template = template.replace(mark, text)
    return template


def _decorate(template: str, maker: Maker, other_value: str) -> str:
    rng = maker.rng
    template = template.replace("{n}", str(rng.randint(2, 400))).replace(
        "{y}", str(rng.randint(1990, 2030))
    )
    return (
        template.replace("{d}", maker.date())
        .replace("{p}", maker.person())
        .replace("{w}", other_value)
    )


def statement(
    relation: Relation, entity: str, value: str, maker: Maker, evaluation: bool = False
) -> str:
    """One sentence that says so; evaluation prefers phrasings that training never shows."""
    general = _split(tuple(STATEMENTS), "g", evaluation)
    special = _split(relation.statements, "s", evaluation)
    if evaluation and not special:
        special = _split(relation.statements, "s", False)
    template = maker.rng.choice(special if maker.chance(0.7) else general)
    before = after = ""
    draw = maker.rng.random()
    if draw < 0.30:
        before = _decorate(maker.rng.choice(BEFORE), maker, relation.value(maker))
    if 0.18 < draw < 0.45:
        after = _decorate(maker.rng.choice(AFTER), maker, relation.value(maker))
    if before:
        template = template.replace("{E}", "{e}").replace("{V}", "{v}")
        template = template if template[0] == "{" else template[0].lower() + template[1:]
    filled = fill(template.rstrip("."), entity, value, maker.rng.choice(relation.names))
    text = capitalised(before + filled + after)
    return text if text[-1] in ".!?" else text + "."


def question(relation: Relation, entity: str, maker: Maker, evaluation: bool = False) -> str:
    special = _split(relation.questions, "q", evaluation)
    general = _split(tuple(QUESTIONS), "g", evaluation)
    if evaluation:
        return capitalised(
            fill(maker.rng.choice(special or general), entity, "", maker.rng.choice(relation.names))
        )
    template = maker.rng.choice(special if maker.chance(0.72) else general)
    asked = capitalised(fill(template, entity, "", maker.rng.choice(relation.names)))
    return roughen(asked, maker)


def roughen(asked: str, maker: Maker) -> str:
    """The question as people type it: sometimes lower case, unmarked, or wrapped in politeness."""
    draw = maker.rng.random()
    if draw < 0.05:
        return asked.lower()
    if draw < 0.09:
        return asked.rstrip("?.")
    if draw < 0.17:
        body = asked[0].lower() + asked[1:] if asked.split()[0] in QUESTION_WORDS else asked
        return maker.rng.choice(OPENINGS) + body
    return asked + maker.rng.choice(CLOSINGS) if draw < 0.20 else asked


def plain_sentence(relation: Relation, entity: str, value: str) -> str:
    """The full-sentence answer: one fixed wording for each relation."""
    template = "The {a} of {e} is {v}."
    if held_out(relation.key, 0.5):
        template = _split(relation.statements, "s", False)[0]
    text = capitalised(fill(template, entity, value, relation.names[0]))
    return text if text.endswith(".") else text + "."
