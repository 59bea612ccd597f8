"""Forms an answer can be asked in: plain ones with many names, and house styles drawn at random
that never repeat.
"""
# ruff: noqa: E501, SIM905

import json
from collections.abc import Callable
from dataclasses import dataclass

from reader.makers import Maker, capitalised
from reader.prose import plain_sentences
from reader.prose_questions import STOP_WORDS
from reader.reading import Fact
from reader.relations import QUESTION_WORDS


@dataclass(frozen=True)
class Format:
    """`apply(value, sentence, topic)`; `structured` forms also wrap the admission that an answer
    is missing.
    """

    name: str
    apply: Callable[[str, str, str], str]
    instructions: tuple[str, ...] = ()
    structured: bool = True

    def of(self, fact: Fact, maker: Maker) -> str:
        return self.apply(fact.value, fact.sentence, topic(fact.question, maker))

    def missing(self, phrase: str, asked: str, maker: Maker) -> str:
        return self.apply(phrase, phrase, topic(asked, maker)) if self.structured else phrase


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _value(name: str, shape: str, *instructions: str) -> Format:
    return Format(name, lambda value, _s, _t: shape.replace("%", value), instructions)


BARE = Format(
    "bare",
    lambda value, _s, _t: value,
    (
        "Answer with the value only.", "Reply with just the answer, no other words.", "Give a short answer.",
        "Keep the answer as short as possible.", "Answer in a few words.", "Answer briefly.",
    ),
    False,
)  # fmt: skip
SENTENCE = Format(
    "sentence",
    lambda _v, sentence, _t: sentence,
    (
        "Answer in a full sentence.", "Reply with a complete sentence.", "Write your answer as a full sentence.", "Use a full sentence.",
    ),
    False,
)  # fmt: skip
JSON = Format(
    "json",
    lambda value, _s, _t: f'{{"answer": {quoted(value)}}}',
    (
        'Reply with JSON: {"answer": "..."}',
        'Return a JSON object with the key "answer".',
        'Output JSON only, in the form {"answer": "<value>"}.',
    ),
)
UPPER = Format(
    "upper",
    lambda v, _s, _t: v.upper(),
    (
        "Answer in UPPERCASE.",
        "Write the answer in capital letters.",
        "Use all caps for the answer.",
    ),
    False,
)
COMMON = (
    JSON,
    JSON,
    UPPER,
    Format(
        "lower",
        lambda v, _s, _t: v.lower(),
        ("Answer in lowercase.", "Use only lower case letters."),
        False,
    ),
    _value(
        "A: prefix",
        "A: %",
        'Start the answer with "A: ".',
        "Prefix your answer with A:",
        'Begin with "A:" and then the value.',
    ),
    _value(
        "bullet",
        "- %",
        "Answer as a bullet point.",
        'Give the answer as a bullet starting with "- ".',
        "Reply with one bullet.",
    ),
    _value(
        "Answer: prefix",
        "Answer: %",
        'Start with "Answer: ".',
        'Begin the reply with the word "Answer:".',
    ),
    _value("quotes", '"%"', "Put the answer in double quotes.", "Answer inside quotation marks."),
    _value("bold", "**%**", "Write the answer in bold markdown.", "Use **bold** for the answer."),
    _value(
        "tag",
        "<answer>%</answer>",
        "Wrap the answer in <answer> tags.",
        "Reply as <answer>...</answer>.",
    ),
    _value("dot", "%.", "End the answer with a period.", "Give the value followed by a period."),
    _value("brackets", "[%]", "Put the answer in square brackets.", "Answer inside [ ]."),
    _value("italic", "*%*", "Write the answer in italics, like *this*."),
    _value("backticks", "`%`", "Put the answer in backticks."),
    _value("heading", "## Answer\n%", 'Put a heading "## Answer" above the answer.'),
    Format(
        "A: sentence",
        lambda _v, s, _t: "A: " + s,
        ('Start with "A: " and answer in a full sentence.',),
    ),
    Format(
        "json sentence",
        lambda _v, s, _t: f'{{"answer": {quoted(s)}}}',
        ('Reply with JSON {"answer": "..."} holding a full sentence.',),
    ),
)
PUNCTUATION = [
    ": ",
    " - ",
    " ",
    ", ",
    "! ",
    " | ",
    " -> ",
    " # ",
    " ~ ",
    ": ",
    ": ",
    ":: ",
    " = ",
    " / ",
]
PHRASES = (
    "Sure;Hello;Well;Result;Fact;Note;Found it;Here you go;Our handbook says;According to our files;Dear customer;Good question;The answer "
    "is;Short answer;Of course;Yes;Hi there;From the docs;Noted;Thanks;In brief;Desk;Info;Re;Reply;Update;Ticket"
).split(";")
SIGNATURES = (
    "Hope this helps.;Happy to help!;Have a nice day!;Thank you for asking.;Ask again any time.;Best regards;Cheers;Let us know if you need "
    "more.;That is all.;Yours, the {n} team;-- {n};— {n} desk;— The {n} team;Sincerely, {n};({n});[end];Over and out.;Source: {n};ref {c};— "
    "{n}, ref {c};— {n} desk, ref {c};Kind regards, {n};Anything else?;Please rate this answer.;Sent by {n};#{l};Regards;Bye!;See also: {n}"
).split(";")


def topic(asked: str, m: Maker) -> str:
    """Two or three content words of the question, as a subject line."""
    words = [word.strip("?.,!") for word in asked.split()]
    dull = {"does", "what", "tell", "many", "much", "please"} | STOP_WORDS
    words = [w for w in words if w.lower() not in dull and len(w) > 2 and w not in QUESTION_WORDS]
    return (
        " ".join(capitalised(word) for word in words[: m.rng.choice([2, 3, 3])]) or "Your Question"
    )


def _fragment(m: Maker) -> str:
    """Two to five words that stand together in real prose."""
    words = m.rng.choice(plain_sentences()).rstrip(".").split()
    count = m.rng.randint(2, 5)
    start = m.rng.randrange(max(1, len(words) - count))
    return " ".join(words[start : start + count]).strip(",;:()[]\"'*_`")


def _lead(m: Maker) -> str:
    if m.chance(0.4):
        return capitalised(_fragment(m))
    return m.any(
        m.invented,
        lambda: m.pick("adjective"),
        lambda: capitalised(m.pick("noun")),
        *PHRASES[:: m.rng.choice([4, 5, 6])],
    )


def _signature(m: Maker) -> str:
    if m.chance(0.3):
        return (
            m.any("", "— ", "-- ")
            + m.any(capitalised(_fragment(m)), _fragment(m))
            + m.any(".", "", "!")
        )
    name = m.any(
        m.invented,
        lambda: capitalised(m.pick("noun")),
        lambda: f"{capitalised(m.pick('adjective'))} {capitalised(m.pick('noun'))}",
    )
    reference = m.any(m.code, lambda: m.invented().upper(), lambda: m.pick("noun").upper())
    return (
        m.rng.choice(SIGNATURES)
        .replace("{n}", name)
        .replace("{c}", reference)
        .replace("{l}", m.pick("noun"))
    )


def _lines_style(m: Maker, whole: bool) -> Format:
    """Two or three lines: a subject, the answer, a sign-off."""
    lead = m.any(
        "RE: ", "RE: ", "Topic: ", "# ", "Subject: ", "About: ", "**", "[", lambda: _lead(m) + ": "
    )
    tail = {"**": "**", "[": "]"}.get(lead, "")
    fixed = f"{_lead(m)} {_lead(m)}" if m.chance(0.25) else ""
    sign = _signature(m) if m.chance(0.75) else ""
    dot = "" if whole else m.any("", "", ".")

    def apply(value: str, sentence: str, about: str) -> str:
        body = sentence if whole else value + dot
        return f"{lead}{fixed or about}{tail}\n{body}" + (f"\n{sign}" if sign else "")

    what = "the answer in a full sentence" if whole else "the answer"
    shape = f'first "{lead}{fixed or "<topic>"}{tail}", then {what}' + (
        f', then "{sign}" as the last line.' if sign else "."
    )
    return Format("lines", apply, (f"Write {'three' if sign else 'two'} lines: {shape}",))


def _affix_style(m: Maker, whole: bool) -> Format:
    """A fixed start, a fixed end, or both, around the answer."""
    draw, before, after = m.rng.random(), "", ""
    if draw > 0.3:
        before = (
            _lead(m) + m.rng.choice(PUNCTUATION)
            if m.chance(0.8)
            else m.any("* ", "# ", "~ ", "+ ", "1. ", "> ", ">> ", "@ ", "=> ", "• ")
        )
    if draw < 0.65:
        after = m.any(
            lambda: f" {_lead(m)}{m.any('.', '!', '?', '')}", lambda: m.any("!", "!!", "!!!", "?!", ";", "...", " (end)", " #", "/"),
            lambda: f" [{_lead(m)}]", lambda: f" ({_lead(m)})", lambda: f" ({_fragment(m)})", lambda: f" -- {_fragment(m)}.", lambda: ". " + _signature(m), lambda: " " + _signature(m),
            lambda: f" -- {_lead(m)}.", lambda: f", {_lead(m).lower()}.", lambda: "\n" + _signature(m),
        )  # fmt: skip
    if not before + after:
        after = "!"
    joins = whole and after[:1] in tuple(".!?;,")
    say = " Use a full sentence." if whole else ""
    start = f'Start with "{before.strip()}"' if before else ""
    end = f'end with "{after.strip()}"' if after else ""
    both = " and ".join(part for part in (start, end) if part)
    texts = (
        f"{capitalised(both)}.{say}",
        f"Use the form: {before}...{after}{say}",
        f"Format: {before}<answer>{after}{say}",
    )
    if not before:
        texts += (f'End every answer with "{after.strip()}".{say}',)

    def apply(value: str, sentence: str, _topic: str) -> str:
        return before + ((sentence.rstrip(".") if joins else sentence) if whole else value) + after

    return Format("affix", apply, texts)


def house_style(m: Maker) -> Format:
    draw, whole = m.rng.random(), m.chance(0.4)
    key = m.pick("noun").lower()
    if draw < 0.12:
        return _keyed(key, whole)
    if draw < 0.20:
        return Format(
            "own tag",
            lambda v, s, _t: f"<{key}>{s if whole else v}</{key}>",
            (f"Wrap the answer in <{key}> tags.",),
        )
    return _lines_style(m, whole) if draw < 0.5 else _affix_style(m, whole)


def _keyed(key: str, whole: bool) -> Format:
    texts = (f'Reply with JSON using the key "{key}".', f'Return {{"{key}": "..."}}.')
    return Format("own key", lambda v, s, _t: f'{{"{key}": {quoted(s if whole else v)}}}', texts)


def some_format(m: Maker) -> Format:
    draw = m.rng.random()
    if draw < 0.30:
        return BARE
    if draw < 0.40:
        return SENTENCE
    if draw < 0.48:
        return UPPER
    return m.rng.choice(COMMON) if draw < 0.61 else house_style(m)
