"""How the evaluation judges a reply: normal form, exact match, containment, word F1, abstention."""

import re
from collections import Counter
from collections.abc import Sequence

ARTICLES = {"a", "an", "the"}


def normal(text: str) -> str:
    kept = re.sub(r"[^\w\s.$%€£°/@#-]", " ", text.lower()).strip(" .")
    return " ".join(word.strip(".") for word in kept.split() if word not in ARTICLES)


def exact(reply: str, accepted: Sequence[str]) -> bool:
    return normal(reply) in {normal(answer) for answer in accepted}


def contains(reply: str, accepted: Sequence[str]) -> bool:
    said = f" {normal(reply)} "
    return any(normal(answer) in said for answer in accepted)


def word_f1(reply: str, accepted: Sequence[str]) -> float:
    return max(_f1(normal(reply).split(), normal(answer).split()) for answer in accepted)


def _f1(said: list[str], wanted: list[str]) -> float:
    common = sum((Counter(said) & Counter(wanted)).values())
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


def abstains(reply: str) -> bool:
    return "not in the documents" in reply.lower() or "don't know" in reply.lower()


def percent(values: Sequence[float]) -> float:
    return round(100 * sum(values) / max(1, len(values)), 1)
