"""Turns scenes into conversations as an app would hold them: layouts, instructions,
demonstrations, abstention.
"""
# ruff: noqa: E501

from dataclasses import dataclass, replace
from functools import cache

from reader import near_words, prose, prose_questions, worlds, written
from reader.formats import BARE, Format, some_format
from reader.makers import Maker
from reader.mixtures import Mixture
from reader.reading import Fact, Scene

DONT_KNOW = "I don't know."
NOT_IN_DOCUMENTS = "Not in the documents."
PLAIN_INSTRUCTIONS = [
    "Answer the question using the passages.", "Answer from the passages below.", "Answer the question.", "Read the passages and answer.",
    "Answer the question from these documents.", "You answer questions about our handbook from the passages given.", "",
    "You are a helpful assistant. Answer from the passages.", "Use only the passages.", "You are a careful reader. Use only the given text.",
]  # fmt: skip
CAREFUL_INSTRUCTIONS = [
    "Answer the question using the passages. Reply with the exact name, number, date or phrase asked for. If they do not hold the answer, "
    "say: Not in the documents.",
    'Use only the passages. If they do not hold the answer, say "Not in the documents."',
    "You answer staff questions. If the passages hold no answer, reply: Not in the documents.",
    "Reply with the exact name, number, date or phrase asked for, from the passages.",
]
CLOSED_INSTRUCTIONS = [
    "Answer the question.", "", "", "You are a helpful assistant.", "Answer truthfully and briefly.", "You are a support assistant.",
    "Answer with the exact name, number, date or phrase asked for, and nothing else. If you do not know, say: I don't know.",
]  # fmt: skip
HEADINGS = [
    "Context:", "Passages:", "Use the following passages to answer the question.", "Documents:", "Excerpts:", "Reference text:",
    "Answer the question from the text below.", "Context information is below.", "Retrieved passages:", "",
]  # fmt: skip


@dataclass(slots=True)
class Turn:
    """`trained` turns carry the answer loss; `fact` None on a trained turn means that nothing can
    be pointed at.
    """

    role: str
    text: str
    trained: bool = False
    fact: Fact | None = None


@cache
def _fillers() -> tuple[str, ...]:
    return prose.plain_sentences()


def filler(m: Maker) -> str:
    return m.rng.choice(_fillers()) if m.chance(0.65) else worlds.made_filler(m)


# ---------- what to talk about ----------
def _words(tokens: int) -> int:
    """How many words of passages fit a conversation of so many tokens."""
    return int(tokens * 0.52)


def _world_scene(m: Maker, tokens: int) -> Scene:
    count = m.rng.choice(
        {256: [1, 1, 1, 2], 512: [1, 2, 3, 3], 1024: [3, 4, 5, 6], 2048: [5, 6]}[tokens]
    )
    each = min(_words(tokens) // count, 130)
    return worlds.world(
        m, count, lambda: filler(m), (0, each // 2, each, each) if each > 30 else (0,)
    )


def _rule_scene(m: Maker, tokens: int) -> Scene:
    document, scene, room = prose.some_document(m.rng), Scene([], []), _words(tokens)
    order = list(document.usable)
    m.rng.shuffle(order)
    left_out: list[Fact] = []
    for number in order:
        text = document.passages[number]
        facts = prose_questions.facts_of(text, m.rng)
        if room - len(text.split()) < 0 or len(scene.passages) == 6:
            left_out += facts[:2]
            if len(left_out) > 3:
                break
            continue
        room -= len(text.split())
        scene.passages.append(text)
        scene.facts += facts
    scene.unanswerable = [fact.question for fact in left_out]
    return _without_ambiguity(scene)


def _without_ambiguity(scene: Scene) -> Scene:
    """Drops questions whose answer also stands in another passage of a long scene."""
    if len(scene.passages) > 1:
        scene.facts = [
            f
            for f in scene.facts
            if not f.evidence or sum(f.value in p for p in scene.passages) <= 1
        ] or scene.facts[:2]
    return scene


def _written_scene(m: Maker, tokens: int, gold_removed: float) -> Scene | None:
    drawn = written.some_written(m.rng)
    if drawn is None:
        return None
    gold, siblings = drawn
    room = _words(tokens) - len(gold.text.split())
    if room < 0:
        return None
    if m.chance(0.5):
        gold = _thinned(gold, m)
        room = _words(tokens) - len(gold.text.split())
    scene = Scene([gold.text], list(gold.facts), list(gold.unanswerable))
    m.rng.shuffle(siblings)
    wanted = m.rng.choice([0, 0, 1, 2] if tokens <= 512 else [1, 2, 2, 3, 4])
    others = [other.text for other in siblings]
    if len(others) < wanted:
        document = prose.some_document(m.rng)
        others += [document.passages[number] for number in document.usable]
    for text in others:
        if wanted and len(text.split()) <= room and text not in scene.passages:
            scene.passages.append(text)
            room -= len(text.split())
            wanted -= 1
    for other in siblings:
        if other.text in scene.passages:
            scene.facts += other.facts
        else:
            scene.unanswerable += [fact.question for fact in other.facts[:3]]
    return _remove_gold(scene, gold, m) if m.chance(gold_removed) else scene


def _thinned(passage: written.WrittenPassage, m: Maker) -> written.WrittenPassage:
    """Without some of its sentences and their questions, so that it is never twice the same."""
    text, facts = passage.text, list(passage.facts)
    for sentence in prose.sentences(text):
        if not m.chance(0.25) or text.count(sentence) != 1:
            continue
        without = text.replace(sentence, "").replace("  ", " ")
        kept = [fact for fact in facts if fact.evidence and fact.evidence in without]
        if len(without.split()) > 20 and kept:
            text, facts = without, kept
    return written.WrittenPassage(text.strip(), facts, passage.unanswerable)


def _remove_gold(scene: Scene, gold: written.WrittenPassage, m: Maker) -> Scene:
    """The passage that holds the answers is taken away: its questions become unanswerable."""
    passages = [text for text in scene.passages if text != gold.text]
    if not passages:
        document = prose.some_document(m.rng)
        passages = [document.passages[m.rng.choice(document.usable)]]
    facts = [fact for fact in scene.facts if fact not in gold.facts]
    return Scene(passages, facts, [fact.question for fact in gold.facts] + scene.unanswerable)


# ---------- how to say it ----------
def _chunk_like(text: str, m: Maker) -> str:
    """A passage as a splitter leaves it: sometimes under a title, sometimes with blank lines lost."""
    draw = m.rng.random()
    if draw < 0.12:
        return f"{m.any('# ', '## ', '', '')}{m.any(m.title(), m.pick('noun').capitalize(), 'Overview', 'Policy')}\n{m.any('', chr(10))}{text}"
    return text.replace("\n\n", "\n") if draw < 0.35 else text


def _numbered(passages: list[str], m: Maker) -> str:
    form = m.any(
        "[{i}] {p}",
        "[{i}] {p}",
        "[{i}] {p}",
        "Passage {i}: {p}",
        "- {p}",
        "Source {i}:\n{p}",
        "({i}) {p}",
        "{p}",
    )
    joined = m.any("\n\n", "\n", "\n---\n", "\n\n")
    return joined.join(
        form.format(i=i, p="{p}").replace("{p}", p) for i, p in enumerate(passages, 1)
    )


def _user_layout(passages: list[str], asked: str, m: Maker) -> str:
    heading, label = (
        m.rng.choice(HEADINGS),
        m.any("Question: ", "Question: ", "Q: ", "", "User question: "),
    )
    body = (heading + "\n" if heading else "") + _numbered(passages, m)
    draw = m.rng.random()
    if draw < 0.15:
        return f"{label}{asked}\n\n{body}\n\n{label}{asked}"
    return f"{label}{asked}\n\n{body}" if draw < 0.25 else f"{body}\n\n{label}{asked}"


def _system(instruction: str, format_text: str, passages: list[str], m: Maker) -> str:
    lead = " ".join(part for part in (instruction, format_text) if part)
    if m.chance(0.75):
        joined = "\n\n" if m.chance(0.7) else "\n"
        cited = "Passages:\n" + joined.join(f"[{i}] {p}" for i, p in enumerate(passages, 1))
    else:
        heading = m.rng.choice(HEADINGS)
        cited = (heading + "\n" if heading else "") + _numbered(passages, m)
    return f"{lead}\n\n{cited}".strip()


def _demonstrations(form: Format, m: Maker) -> list[Turn]:
    """Earlier turns that show the form. Their facts are not in the passages, so they are never
    trained on.
    """
    turns = []
    for _ in range(m.rng.choice([1, 1, 2, 2, 3, 4])):
        fact = _demonstration_fact(m)
        turns += [Turn("user", fact.question), Turn("assistant", form.of(fact, m))]
    return turns


def _demonstration_fact(m: Maker) -> Fact:
    drawn = written.some_written(m.rng) if m.chance(0.4) else None
    return m.rng.choice(drawn[0].facts) if drawn else worlds.lone_fact(m)


def _questions(scene: Scene, mixture: Mixture, m: Maker, most: int) -> list[Fact | str]:
    """A shuffled choice of facts and unanswerable questions (plain text)."""
    facts, missing = list(scene.facts), list(scene.unanswerable)
    m.rng.shuffle(facts)
    m.rng.shuffle(missing)
    chosen: list[Fact | str] = []
    for _ in range(most):
        if missing and (m.chance(mixture.unanswerable) or (not facts and not chosen)):
            chosen.append(missing.pop())
        elif facts:
            chosen.append(facts.pop())
    return chosen


def with_passages(scene: Scene, mixture: Mixture, m: Maker, tokens: int) -> list[Turn]:
    form = some_format(m) if mixture.formats else BARE
    careful = m.chance(0.4)
    instruction = m.rng.choice(CAREFUL_INSTRUCTIONS if careful else PLAIN_INSTRUCTIONS)
    shown = (form is not BARE and m.chance(0.5)) or m.chance(0.08)
    format_text = (
        m.rng.choice(form.instructions)
        if form.instructions and (not shown or m.chance(0.3))
        else ""
    )
    if form is BARE and m.chance(0.6):
        format_text = ""
    passages = [_chunk_like(passage, m) for passage in scene.passages]
    order = list(range(len(passages)))
    m.rng.shuffle(order)
    passages = [passages[i] for i in order]
    questions = _questions(scene, mixture, m, m.rng.choice([3, 4, 5, 6, 8]))
    turns: list[Turn] = []
    in_user = m.chance(0.2)
    if not in_user:
        turns.append(Turn("system", _system(instruction, format_text, passages, m)))
    elif instruction or format_text:
        turns.append(Turn("system", f"{instruction} {format_text}".strip()))
    if shown:
        turns += _demonstrations(form, m)
    for number, item in enumerate(questions):
        asked = item if isinstance(item, str) else item.question
        text = _user_layout(passages, asked, m) if in_user and not number else asked
        turns.append(Turn("user", text))
        if isinstance(item, str):
            turns.append(Turn("assistant", form.missing(NOT_IN_DOCUMENTS, asked, m), True))
        else:
            turns.append(Turn("assistant", form.of(item, m), True, item))
    return turns


def closed_book(m: Maker) -> list[Turn]:
    """Questions without any document: the model does not know, and says so, in the form that was
    shown.
    """
    form = some_format(m) if m.chance(0.4) else BARE
    shown = (form is not BARE and m.chance(0.6)) or m.chance(0.15)
    instruction = m.rng.choice(CLOSED_INSTRUCTIONS)
    if form.instructions and form is not BARE and not shown:
        instruction = f"{instruction} {m.rng.choice(form.instructions)}".strip()
    turns = [Turn("system", instruction)] if instruction else []
    if shown:
        turns += _demonstrations(form, m)
    for _ in range(m.rng.choice([1, 2, 3, 4])):
        asked = _demonstration_fact(m).question
        turns += [Turn("user", asked), Turn("assistant", form.missing(DONT_KNOW, asked, m), True)]
    return turns


def copying(m: Maker) -> list[Turn]:
    """Repeat, or change the case: what reading is made of."""
    kind = m.rng.choice(["same", "same", "upper", "lower"])
    change = {"same": str, "upper": str.upper, "lower": str.lower}[kind]
    asks = {
        "same": ["Repeat: ", "Say: ", "Copy this text: ", "Repeat after me: "],
        "upper": ["Write in UPPERCASE: ", "In capital letters: ", "All caps: "],
        "lower": ["Write in lowercase: ", "In lower case letters: "],
    }[kind]
    turns = []
    for _ in range(m.rng.choice([2, 3, 4])):
        words = [
            m.any(m.invented, m.person, m.code, lambda: m.pick("noun"), lambda: str(m.number()))
            for _ in range(m.rng.choice([3, 5, 8]))
        ]
        text = m.any(
            " ".join(words), lambda: m.value(m.rng.choice(worlds.value_kinds())), lambda: filler(m)
        )
        turns += [
            Turn("user", m.rng.choice(asks) + text),
            Turn("assistant", change(text), True, Fact("", text, text, text)),
        ]
    return turns


def prose_text(m: Maker, tokens: int) -> list[Turn]:
    """A stretch of real prose to model as language; its role is empty."""
    document, room, parts = prose.some_document(m.rng), int(tokens * 0.75), []
    for passage in document.passages[m.rng.randrange(len(document.passages)) :]:
        parts.append(passage)
        room -= len(passage.split())
        if room < 0:
            break
    return [Turn("", "\n\n".join(parts))]


def conversation(m: Maker, mixture: Mixture, tokens: int) -> list[Turn]:
    """One conversation meant to fit `tokens`; it may come out longer, then the caller draws again."""
    draw = m.rng.random()
    for share, make in (
        (mixture.prose_text, lambda: prose_text(m, tokens)),
        (mixture.copying, lambda: copying(m)),
        (mixture.closed_book, lambda: closed_book(m)),
        (
            mixture.pairs,
            lambda: with_passages(
                worlds.pairs(m, m.rng.randint(3, max(4, tokens // 40))), mixture, m, tokens
            ),
        ),
        (mixture.rule_questions, lambda: _spoken(_rule_scene(m, tokens), mixture, m, tokens)),
        (
            mixture.written_questions,
            lambda: _spoken(_written_scene(m, tokens, mixture.gold_removed), mixture, m, tokens),
        ),
    ):
        if draw < share:
            return make()
        draw -= share
    return with_passages(_world_scene(m, tokens), mixture, m, tokens)


def _spoken(scene: Scene | None, mixture: Mixture, m: Maker, tokens: int) -> list[Turn]:
    if scene is None or not scene.passages or not scene.facts:
        return with_passages(_world_scene(m, tokens), mixture, m, tokens)
    if m.chance(0.5):
        scene = replace(
            scene,
            facts=[
                replace(fact, question=near_words.reworded(fact.question, m.rng, 0.3))
                for fact in scene.facts
            ],
        )
    if m.chance(0.35):
        scene = _unmarked(scene)
    real = replace(mixture, unanswerable=mixture.unanswerable_real)
    return with_passages(scene, real, m, tokens)


def _unmarked(scene: Scene) -> Scene:
    """As if its passages came from a file without markup."""
    passages = [prose.plain(text) for text in scene.passages]
    facts = [
        Fact(f.question, prose.plain(f.value), prose.plain(f.sentence), prose.plain(f.evidence))
        for f in scene.facts
    ]
    found = [fact for fact in facts if any(fact.value in text for text in passages)]
    return Scene(passages, found, scene.unanswerable) if found else scene
