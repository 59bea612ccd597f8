"""Made-up documents: paragraphs, fact sheets, tables and lists about things that do not exist."""
# ruff: noqa: E501

from collections.abc import Callable
from functools import cache

from reader.makers import Maker, capitalised
from reader.reading import Fact, Scene
from reader.relations import (
    LABELS,
    Relation,
    fill,
    load_relations,
    plain_sentence,
    question,
    relations_of,
    statement,
)
from reader.values import REFERENCES

Filler = Callable[[], str]
KINDS = tuple(dict.fromkeys(relation.entity_kind for relation in load_relations()))
OFFICE_KINDS = ("process", "policy", "person", "software", "project", "event")
PRONOUN_ENDINGS = {
    "he's ": "his ",
    "He's ": "His ",
    "she's ": "her ",
    "She's ": "Her ",
    "it's ": "its ",
    "It's ": "Its ",
}


def made_filler(m: Maker) -> str:
    """A sentence that says nothing of use; it hides the facts."""
    rng = m.rng
    return rng.choice(
        [
            lambda: f"This was noted by {m.person()}.",
            lambda: f"More details follow in section {rng.randint(1, 20)}.",
            lambda: f"The {m.pick('noun')} was {m.pick('adjective')} at that time.",
            lambda: (
                f"There were {m.number()} {m.pick('noun')}s and {rng.randint(2, 90)} {m.pick('noun')}s on the list."
            ),
            lambda: f"On {m.date()} a {m.pick('adjective')} {m.pick('noun')} was added.",
            lambda: (
                f"About {rng.randint(2, 99)}% of the {m.pick('noun')}s were checked by {m.person()}."
            ),
            lambda: f"{m.person()} wrote to the {m.team()} about it.",
            lambda: (
                f"A {m.pick('noun')} of {m.money()} had been planned in {rng.randint(1960, 2028)}."
            ),
            lambda: f"Ask in {m.value('room')} or write to {m.email()}.",
            lambda: f"The visit to {m.town()} took {m.value('duration')}.",
        ]
    )()


def new_entity(kind: str, m: Maker, seen: set[str]) -> str:
    entity = m.entity(kind)
    for _ in range(20):
        if entity not in seen:
            break
        entity = m.entity(kind)
    seen.add(entity)
    return entity


def _sheet(entity: str, facts: list[tuple[Relation, str]], m: Maker) -> tuple[str, list[str]]:
    head = m.any(
        capitalised(entity),
        f"# {capitalised(entity)}",
        f"{capitalised(entity)}:",
        f"## About {entity}",
    )
    form = m.any(LABELS[0], LABELS[0], LABELS[1], LABELS[2], LABELS[3])
    lines = [
        capitalised(fill(form, entity, value, m.rng.choice(relation.names)))
        for relation, value in facts
    ]
    return head + m.any("\n", "\n\n") + "\n".join(lines), lines


def _refer_back(kind: str, m: Maker, pronoun: str) -> str:
    return pronoun if kind == "person" else m.any(*REFERENCES.get(kind, []), "it")


def paragraph(
    kind: str,
    entity: str,
    facts: list[tuple[Relation, str]],
    m: Maker,
    filler: Filler,
    words: int,
    evaluation: bool,
) -> tuple[str, list[str]]:
    """A text about one thing, and for each fact the sentence that states it. Filler brings it to
    `words` words.
    """
    if kind != "policy" and m.chance(0.14):
        text, lines = _sheet(entity, facts, m)
        while len(text.split()) < words:
            text += m.any("\n", "\n\n", " ") + filler()
        return text, lines
    pronoun, sentences, evidence = m.any("he", "she"), [], []
    if m.chance(0.12):
        sentences.append(
            m.any(
                f"{capitalised(entity)}.",
                f"This section is about {entity}.",
                f"## {capitalised(entity)}\n",
            )
        )
    for relation, value in facts:
        named = entity
        if evidence and kind not in ("policy", "process") and m.chance(0.6):
            named = _refer_back(kind, m, pronoun)
        sentence = statement(relation, named, value, m, evaluation)
        if named != entity:
            for wrong, right in PRONOUN_ENDINGS.items():
                sentence = sentence.replace(wrong, right)
        sentences.append(sentence)
        evidence.append(sentence)
        if m.chance(0.12):
            sentences.append(filler())
    start = 0 if m.chance(0.5) else len(sentences)
    while sum(len(sentence.split()) for sentence in sentences) < words:
        sentences.insert(m.rng.randint(start and len(sentences), len(sentences)), filler())
        start = 0 if m.chance(0.5) else 1
    return " ".join(sentences), evidence


def _near_copy(entity: str, m: Maker) -> str | None:
    """The same name with another number, for passages that are easily confused."""
    digits = "".join(c if c.isdigit() else " " for c in entity).split()
    return (
        entity.replace(digits[0], str(int(digits[0]) + m.rng.choice([1, 10, 100, 7])))
        if digits
        else None
    )


def world(
    m: Maker,
    passages: int,
    filler: Filler,
    words: tuple[int, ...] = (0,),
    evaluation: bool = False,
    held: bool = False,
) -> Scene:
    """Several passages about like things, so that only name and relation together tell the answer."""
    kinds = [r.entity_kind for r in load_relations() if r.held_out] if held else KINDS
    kind = m.rng.choice(OFFICE_KINDS) if m.chance(0.3) and not held else m.rng.choice(kinds)
    shared = _sample(relations_of(kind), m, m.rng.choice([1, 2, 3, 4]))
    if held:
        shared = [m.rng.choice(relations_of(kind, True)), *shared[:2]]
    elif not evaluation and passages <= 2 and m.chance(0.12):
        return table(kind, shared, m, filler)
    alike, seen, scene, first = m.chance(0.6), set[str](), Scene([], []), None
    for index in range(passages):
        here, relations = kind, shared
        if index and not alike and m.chance(0.5):
            here = m.rng.choice(KINDS)
            relations = _sample(relations_of(here), m, m.rng.choice([1, 2, 3]))
        near = _near_copy(first, m) if first and here == kind and m.chance(0.2) else None
        entity = near or new_entity(here, m, seen)
        seen.add(entity)
        first = first or entity
        facts = [(relation, relation.value(m)) for relation in relations]
        m.rng.shuffle(facts)
        text, evidence = paragraph(
            here, entity, facts, m, filler, m.rng.choice(words), evaluation and not held
        )
        scene.passages.append(text)
        for (relation, value), sentence in zip(facts, evidence, strict=True):
            if held and not relation.held_out:
                continue
            asked = question(relation, entity, m, evaluation)
            scene.facts.append(
                Fact(asked, value, plain_sentence(relation, entity, value), sentence)
            )
    others = [relation for relation in relations_of(kind) if relation not in shared]
    if others and first:
        scene.unanswerable += [
            question(relation, first, m, evaluation) for relation in _sample(others, m, 2)
        ]
    scene.unanswerable += [
        question(m.rng.choice(shared), new_entity(kind, m, seen), m, evaluation) for _ in range(2)
    ]
    return scene


def _sample(relations: tuple[Relation, ...], m: Maker, count: int) -> list[Relation]:
    return m.rng.sample(relations, min(len(relations), count))


def table(kind: str, relations: list[Relation], m: Maker, filler: Filler) -> Scene:
    """One passage with several things side by side: a markdown table, a list, or lines."""
    seen: set[str] = set()
    entities = [new_entity(kind, m, seen) for _ in range(m.rng.choice([2, 3, 3, 4, 5]))]
    relations = relations[:3]
    names = [m.rng.choice(relation.names) for relation in relations]
    rows = [[relation.value(m) for relation in relations] for _ in entities]
    head = m.any(
        "",
        "",
        lambda: filler() + "\n\n",
        capitalised(names[0]) + " list\n",
        f"Overview ({m.rng.randint(1990, 2030)})\n",
    )
    draw = m.rng.random()
    if draw < 0.45:
        first = m.any("Name", "Item", "Entry", capitalised(kind))
        head += (
            f"| {first} | "
            + " | ".join(map(capitalised, names))
            + " |\n|"
            + "---|" * (len(names) + 1)
            + "\n"
        )
        lines = [
            f"| {capitalised(e)} | " + " | ".join(row) + " |"
            for e, row in zip(entities, rows, strict=True)
        ]
    elif draw < 0.75:
        mark = m.any(": ", " - ")
        pairs = [
            "; ".join(f"{n} {v}" if len(row) > 1 else v for n, v in zip(names, row, strict=True))
            for row in rows
        ]
        head += f"{capitalised(names[0])}:\n" if len(names) == 1 else ""
        lines = [f"- {capitalised(e)}{mark}{pair}" for e, pair in zip(entities, pairs, strict=True)]
    else:
        pairs = [", ".join(f"{n}: {v}" for n, v in zip(names, row, strict=True)) for row in rows]
        lines = [f"{capitalised(e)}, {pair}" for e, pair in zip(entities, pairs, strict=True)]
    facts = [
        Fact(question(relation, entity, m), value, plain_sentence(relation, entity, value), line)
        for entity, row, line in zip(entities, rows, lines, strict=True)
        for relation, value in zip(relations, row, strict=True)
    ]
    missing = [question(m.rng.choice(relations), new_entity(kind, m, seen), m) for _ in range(2)]
    return Scene([head + "\n".join(lines)], facts, missing)


def pairs(m: Maker, count: int) -> Scene:
    """Keys and values in a row: the simplest look-up, for the first minutes of training."""
    form = m.any("{k}: {v}", "{k} is {v}", "{k} = {v}", "the code of {k} is {v}", "{k} has {v}")
    key = m.rng.choice([m.invented, lambda: m.pick("noun"), m.person, m.town])
    value = m.rng.choice(
        [
            m.code,
            m.invented,
            lambda: str(m.number()),
            lambda: m.pick("noun"),
            lambda: m.value(m.rng.choice(value_kinds())),
        ]
    )
    entries = [(k, value()) for k in sorted({key() for _ in range(count)})]
    m.rng.shuffle(entries)
    lines = [form.format(k=k, v=v) for k, v in entries]
    ask = m.any(
        "{k}",
        "What is {k}?",
        "{k}?",
        "Give me the value of {k}.",
        "What is the code of {k}?",
        "What does {k} have?",
    )
    facts = [
        Fact(ask.format(k=k), v, f"{k} is {v}.", line)
        for (k, v), line in zip(entries, lines, strict=True)
    ]
    return Scene([m.any("\n", ", ", "; ", ". ").join(lines)], facts, [ask.format(k=key())])


@cache
def value_kinds() -> tuple[str, ...]:
    return tuple(dict.fromkeys(relation.value_kind for relation in load_relations()))


def lone_fact(m: Maker, evaluation: bool = False) -> Fact:
    """A question nobody can answer without the document, with its answer: for demonstrations and
    for closed book.
    """
    relation = m.rng.choice([r for r in load_relations() if not r.held_out])
    entity, value = m.entity(relation.entity_kind), relation.value(m)
    return Fact(
        question(relation, entity, m, evaluation),
        value,
        plain_sentence(relation, entity, value),
        "",
    )
