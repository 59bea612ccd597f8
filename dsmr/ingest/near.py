"""Questions that ask the same thing in the same or nearly the same words."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from dsmr.core.data import Question
from dsmr.core.scoring import words

OVERLAP = 0.7  # words in common, of all words in either
RATIO = 88.0  # letters in common, per cent, of the words in order
_CROWD = 200  # questions that share a word; a commoner word says nothing


def near_pairs(questions: Sequence[Question]) -> Iterator[tuple[int, int]]:
    """Index pairs (earlier, later) of questions that ask the same; equal ones form a chain.

    Near: most words and letters in common, and an accepted answer in common where both
    have one. So "What does the A kit cost?" and "What does the B kit cost?" are two questions.
    """
    from rapidfuzz import fuzz

    said = [words(question.text) or [question.text] for question in questions]
    latest: dict[tuple[str, ...], int] = {}
    unlike: list[int] = []
    for index, spoken in enumerate(said):
        if (earlier := latest.get(tuple(spoken))) is not None:
            yield earlier, index
        else:
            unlike.append(index)
        latest[tuple(spoken)] = index
    answers = [frozenset(" ".join(words(a)) for a in q.accepted) for q in questions]
    joined = [" ".join(spoken) for spoken in said]
    for a, b in _candidates(said, unlike):
        both = answers[a] and answers[b]
        if (not both or answers[a] & answers[b]) and fuzz.ratio(joined[a], joined[b]) >= RATIO:
            yield min(a, b), max(a, b)


def _candidates(said: list[list[str]], unlike: list[int]) -> Iterator[tuple[int, int]]:
    """Pairs with enough words in common, found by their rarest words.

    Sets with a Jaccard similarity of t share one of their (1 - t) n + 1 rarest members
    (prefix filter: Chaudhuri, Ganti, Kaushik 2006).
    """
    common = Counter(word for index in unlike for word in set(said[index]))
    holders: dict[str, list[int]] = defaultdict(list)
    for index in unlike:
        rare = sorted(set(said[index]), key=lambda word: (common[word], word))
        for word in rare[: int((1 - OVERLAP) * len(rare)) + 1]:
            holders[word].append(index)
    seen: set[tuple[int, int]] = set()
    for group in holders.values():
        if len(group) > _CROWD:
            continue
        for pair in itertools.combinations(group, 2):
            if pair not in seen:
                seen.add(pair)
                a, b = set(said[pair[0]]), set(said[pair[1]])
                if len(a & b) >= OVERLAP * len(a | b):
                    yield pair
