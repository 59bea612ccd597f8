"""Questions to train, dev and test: by source document, every kind in its share."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import replace

from dsmr.core.data import SPLITS, Question, Split
from dsmr.ingest.near import near_pairs

SHARES: dict[Split, float] = {"train": 0.4, "dev": 0.1, "test": 0.5}
_LARGEST = 0.34  # of all questions; a bigger group cannot be dealt out fairly


def assign_splits(
    questions: Sequence[Question], seed: int = 0, fixed: Sequence[Question] = ()
) -> list[Question]:
    """The questions, in order, each with a split: about 40 % train, 10 % dev, 50 % test.

    Questions of one source, and near-equal ones, stay together; where one source holds
    more than a third of all questions, only near-equal ones do. Every kind gets its share.
    `fixed` questions keep their split and draw those that belong with them to it. Rows
    without anything to learn from go to test. Equal input and seed, equal output, in
    whatever order the questions come.
    """
    everyone = [*questions, *fixed]
    groups = _groups(everyone, by_source=True)
    if max(map(len, groups), default=0) > max(2, _LARGEST * len(everyone)):
        groups = _groups(everyone, by_source=False)
    target = {k: {s: n * SHARES[s] for s in SPLITS} for k, n in _kinds(everyone).items()}
    splits: dict[int, Split] = {}
    pending = []
    for group in groups:
        known = Counter(everyone[i].split for i in group if i >= len(questions))
        if known or not all(_teaches(everyone[i]) for i in group):
            split = max(SPLITS, key=lambda s: (known[s], s == "test"))
            _place(group, split, everyone, target, splits)
        else:
            pending.append(group)
    rarity = _kinds(everyone)
    pending.sort(key=lambda g: (min(rarity[everyone[i].kind] for i in g), _draw(g, everyone, seed)))
    for group in pending:
        kinds = _kinds([everyone[i] for i in group])
        missing = {s: sum(n * target[k][s] for k, n in kinds.items()) for s in SPLITS}
        overall = {s: sum(shares[s] for shares in target.values()) for s in SPLITS}
        split = max(SPLITS, key=lambda s: (missing[s] + overall[s] / len(everyone), s == "test"))
        _place(group, split, everyone, target, splits)
    return [replace(question, split=splits[i]) for i, question in enumerate(questions)]


def _place(
    group: list[int],
    split: Split,
    questions: Sequence[Question],
    target: dict[str, dict[Split, float]],
    splits: dict[int, Split],
) -> None:
    """Put a group into a split, and count down what that split still wants."""
    for index in group:
        splits[index] = split
        target[questions[index].kind][split] -= 1


def _groups(questions: Sequence[Question], by_source: bool) -> list[list[int]]:
    """Indices of questions that must not be parted."""
    parent = list(range(len(questions)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    holder: dict[Hashable, int] = {}
    for index, question in enumerate(questions):
        for source in question.sources if by_source else ():
            parent[root(index)] = root(holder.setdefault(source.casefold(), index))
    for a, b in near_pairs(questions):
        parent[root(b)] = root(a)
    groups = defaultdict(list)
    for index in range(len(questions)):
        groups[root(index)].append(index)
    return list(groups.values())


def _kinds(questions: Sequence[Question]) -> Counter[str]:
    return Counter(question.kind for question in questions)


def _teaches(question: Question) -> bool:
    return question.target is not None or question.kind == "unanswerable"


def _draw(group: list[int], questions: Sequence[Question], seed: int) -> str:
    """A place in the deal that depends on the group's content and the seed alone."""
    ids = sorted(questions[i].id for i in group)
    return hashlib.sha256(repr((seed, ids)).encode("utf-8", "replace")).hexdigest()
