"""Questions made by rule from real sentences: a phrase is cut out, the clause around it is turned
into a question.
"""
# ruff: noqa: E501, SIM905

import random
import re

from reader import near_words
from reader.makers import MONTHS, WEEKDAYS
from reader.prose import sentences
from reader.reading import Fact

MONTH = "|".join(MONTHS)
UNITS = "days?|weeks?|months?|years?|hours?|minutes?|people|employees|percent|members|times|points|characters|dollars|bytes|questions"
NUMBER = re.compile(
    rf"\$[\d,.]+(?: (?:million|billion))?|\d[\d,.]*%|\b\d[\d,.]*(?:-\d+)? (?:{UNITS})\b|\b(?:{MONTH}) \d{{1,2}}(?:, \d{{4}})?"
    rf"|\b(?:{'|'.join(WEEKDAYS)})\b|\b(?:19|20)\d\d\b|\b(?:one|two|three|four|five|six|seven|eight|ten|twelve) (?:{UNITS})\b"
    r"|\S+@\S+\.\w+|#[a-z][\w-]+|\b\d+(?:\.\d+)*\b"
)
NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][\w'+-]*)(?: (?:of |and |the )?[A-Z][\w'+-]*){0,3}")
SUBJECT = re.compile(
    r"(?:The |Our |A )?[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,3}(?= (?:is|are|was|will|can|has|have|must|should|may|offers?|provides?"
    r"|manages?|runs?|leads?|handles?|owns?|pays?|hosts?|[a-z]+ed|[a-z]+s) )"
)
PHRASE = re.compile(
    r"\b(?:is|are|called|named|as|by|via|with|using|through|to|in|for) ((?:the |a |an |our |your )?[a-z][a-z-]+(?: [a-z][a-z-]+){0,2})(?=[.,;)]|$)"
)
STOP_WORDS = set(
    "a an the of to in on at for and or but is are was were be been being it its this that these those we you they he she i our your "
    "their as by with from not can will should must may if when which who what there have has had do does did so than then also any all "
    "more most each other into out up about no such only some how would could".split()
)
MODALS = set(
    "is are was were can will must should may might has have had could would do does did cannot can't don't".split()
)
PREPOSITIONS = set(
    "of to in at for by on with from about during after before within until into through under".split()
)
TURNED = {
    "we": ["we", "the company", "the team", "they"], "our": ["our", "the", "their"], "you": ["I", "people", "employees", "we"],
    "your": ["my", "our", "the"], "us": ["us", "the team"], "yourself": ["myself"],
}  # fmt: skip
SYNONYMS = {
    "pays": "covers", "company": "organization", "employees": "staff", "employee": "staff member", "receive": "get", "use": "work with",
    "must": "have to", "team": "group", "help": "assist", "change": "modify", "send": "submit", "buy": "purchase", "start": "begin",
    "ends": "finishes", "should": "ought to", "manager": "supervisor", "meeting": "call", "request": "ask for", "create": "make",
    "provides": "offers", "required": "needed", "contact": "reach", "maximum": "limit", "annual": "yearly", "choose": "pick",
    "additional": "extra", "information": "details", "agency": "department", "ensure": "make sure", "users": "people", "website": "site",
    "document": "text", "important": "key", "allow": "let", "improve": "make better", "problem": "issue", "find": "locate", "show": "display",
}  # fmt: skip
VERBS = set(
    "take takes use uses need needs have has want wants get gets make makes include includes give gives provide provides offer offers "
    "require requires ask asks send sends run runs meet meets cover covers pay pays start starts begin begins end ends allow allows help "
    "helps work works live lives create creates contain contains expect expects receive receives report reports show shows see sees "
    "recommend recommends publish publishes manage manages own owns lead leads maintain maintains support supports become becomes cost "
    "costs last lasts happen happens host hosts review reviews submit submits apply applies keep keeps serve serves affect affects handle "
    "handles prefer prefers think thinks believe believes try tries know knows hold holds".split()
)
PAST = {
    "took": "take", "got": "get", "made": "make", "gave": "give", "sent": "send", "ran": "run", "met": "meet", "paid": "pay",
    "began": "begin", "went": "go", "came": "come", "saw": "see", "said": "say", "told": "tell", "found": "find", "kept": "keep",
    "held": "hold", "wrote": "write", "became": "become", "grew": "grow", "led": "lead", "built": "build", "left": "leave",
    "brought": "bring", "had": "have", "used": "use", "needed": "need", "wanted": "want", "ended": "end",
}  # fmt: skip
IMPERATIVES = (
    set(
        "go check fill click choose add set open contact email post visit select read follow submit".split()
    )
    | VERBS
)
EMPTY_ANSWERS = STOP_WORDS | set(
    "click here while note please inclusion they there these those".split()
)


def _stem(verb: str) -> str:
    if verb in PAST or verb == "has":
        return PAST.get(verb, "have")
    if verb.endswith(("ies", "ied")):
        return verb[:-3] + "y"
    if verb.endswith("ed"):
        keeps_e = verb[:-1] in VERBS or verb.endswith(
            ("ated", "ized", "ided", "ined", "ired", "ared", "ved", "ued", "ced", "sed")
        )
        return verb[:-1] if keeps_e else verb[:-2]
    return verb[:-2] if verb.endswith(("sses", "shes", "ches", "xes")) else verb.removesuffix("s")


def _spans(sentence: str, rng: random.Random) -> list[tuple[int, int, str]]:
    """Start, end and type of what could be asked for: number, name, subject, phrase."""
    found = [(m.start(), m.end(), "number") for m in NUMBER.finditer(sentence)]
    found += [(m.start(), m.end(), "name") for m in NAME.finditer(sentence)]
    if subject := SUBJECT.match(sentence):
        found.append((subject.start(), subject.end(), "subject"))
    if not found or rng.random() < 0.5:
        found += [(m.start(1), m.end(1), "phrase") for m in PHRASE.finditer(sentence)]
    return found


def _question_word(answer: str, kind: str, rng: random.Random) -> str:
    first = answer.split()[0]
    if kind == "phrase":
        return rng.choice(["What", "What", "Which", "What kind of thing"])
    if kind in ("name", "subject"):
        return (
            rng.choice(["Who", "Which person"])
            if re.fullmatch(r"[A-Z]\w+ [A-Z]\w+", answer)
            else rng.choice(["What", "Which one", "Who", "What"])
        )
    if answer[0] in "$€£":
        return rng.choice(["How much", "How much money", "What amount"])
    if answer.endswith(("%", "percent")):
        return rng.choice(["What percentage", "How much", "What share"])
    if first in MONTHS or answer in WEEKDAYS or re.fullmatch(r"(19|20)\d\d", answer):
        return rng.choice(["When", "When", "On what date"])
    if "@" in answer:
        return rng.choice(["What email address", "Which address"])
    if answer[0] == "#":
        return rng.choice(["Which channel", "What channel"])
    if unit := re.match(r"^\S+ (\w+)$", answer):
        timed = unit.group(1).rstrip("s") in ("day", "week", "month", "year", "hour", "minute")
        return rng.choice([f"How many {unit.group(1)}", "How long" if timed else "How many"])
    return rng.choice(["How many", "What number", "Which number"])


def _reworded(words: list[str], rng: random.Random) -> list[str]:
    result = []
    for word in words:
        plain = word.lower().strip(".,;")
        if plain in TURNED and rng.random() < 0.6:
            word = rng.choice(TURNED[plain])
        elif plain in SYNONYMS and rng.random() < 0.3:
            word = SYNONYMS[plain]
        elif (near := near_words.near(plain)) and rng.random() < 0.5:
            word = rng.choice(near)
        elif rng.random() < 0.05:
            continue
        result.append(word)
    return result


def _lowered(words: list[str]) -> list[str]:
    return [
        w.lower() if not i and w.lower() in STOP_WORDS | set(SYNONYMS) else w
        for i, w in enumerate(words)
    ]


def _inverted(clause: list[str]) -> list[str] | None:
    """Statement order to question order: `we pay rent` becomes `do we pay rent`; None when no verb
    is known.
    """
    modal = next((i for i, word in enumerate(clause) if i and word.lower() in MODALS), None)
    if modal is not None:
        return [clause[modal], *_lowered(clause[:modal]), *clause[modal + 1 :]]
    verb = next(
        (
            i
            for i, w in enumerate(clause)
            if i and (w.lower() in VERBS or w.lower() in PAST or (w.endswith("ed") and len(w) > 4))
        ),
        None,
    )
    if verb is None:
        return (
            ["should", "I", clause[0].lower(), *clause[1:]]
            if clause[0].lower() in IMPERATIVES
            else None
        )
    word = clause[verb].lower()
    helper = (
        "did"
        if word in PAST or word.endswith("ed")
        else "does"
        if word.endswith("s") and not word.endswith("ss")
        else "do"
    )
    return [helper, *_lowered(clause[:verb]), _stem(word), *clause[verb + 1 :]]


def _clause(before: str, after: str) -> tuple[list[str], list[str]]:
    """The words of the answer's own clause, before and after it."""
    before = re.split(
        r"[;:(—]|, (?:and|but|which|so|who|where|while|because|although) | (?:because|while|although|so that) ",
        before,
    )[-1]
    after = re.split(
        r"[;:()—]|, (?:and|but|which|so|who|where) | (?:because|while|although) |\. ", after
    )[0].rstrip(".!?, ")
    if "," in before and len(before.rsplit(",", 1)[1].split()) >= 2:
        before = before.rsplit(",", 1)[1]
    words = before.split()
    if words and words[0].lower() in ("and", "but", "so", "or", "then", "also", "if", "when"):
        words = words[1:]
    return words, after.split()


def ask(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    """A question and its answer, or None when the sentence does not lend itself."""
    spans = _spans(sentence, rng)
    if not spans:
        return None
    start, end, kind = rng.choice(spans)
    answer = sentence[start:end].strip(" ,.;:")
    if not 0 < len(answer) < 70 or answer.lower() in EMPTY_ANSWERS:
        return None
    before, after = _clause(sentence[:start], sentence[end:])
    word = _question_word(answer, kind, rng)
    if kind == "subject" or not before:
        if len(after) < 3:
            return None
        body = after
    else:
        preposition = before[-1].lower() if before[-1].lower() in PREPOSITIONS else ""
        if preposition or before[-1].lower() in ("the", "a", "an", "our", "your"):
            before = before[:-1]
        body = _inverted(before) if len(before) >= 2 else None
        if body is None:
            return None
        body = body + after
        if (
            preposition
            and not word.startswith(("When", "How long", "On"))
            and (not after or rng.random() < 0.4)
        ):
            body.append(preposition)
    body = _reworded(body, rng)[:18]
    asked = f"{word} {' '.join(body)}".replace(" ,", ",").strip(" ,.-\"'")
    if (
        len([w for w in body if w.lower() not in STOP_WORDS]) < 2
        or answer.lower() in asked.lower()
        or re.search(r"[{}<>|=]|\.\.", asked)
    ):
        return None
    return (asked.lower() if rng.random() < 0.08 else asked) + (
        "?" if rng.random() < 0.93 else ""
    ), answer


def facts_of(passage: str, rng: random.Random, most: int = 6) -> list[Fact]:
    """Questions on the sentences of a passage, and on headings that are questions themselves."""
    facts: list[Fact] = []
    lines = passage.split("\n")
    for number, line in enumerate(lines):
        heading = line.lstrip("# ").strip()
        if line.startswith("#") and heading.endswith("?") and len(heading.split()) > 3:
            following = next(
                (sentences(later)[0] for later in lines[number + 1 :] if later.strip()), ""
            )
            if 4 < len(following.split()) < 30:
                facts.append(Fact(heading, following, following, following))
    candidates = [
        s for s in sentences(passage) if not s.startswith("#") and 5 < len(s.split()) < 45
    ]
    rng.shuffle(candidates)
    for sentence in candidates:
        if len(facts) >= most:
            break
        made = ask(sentence, rng)
        if made and passage.count(made[1]) <= 2:
            facts.append(
                Fact(made[0], made[1], sentence if len(sentence) < 220 else made[1], sentence)
            )
    return facts
