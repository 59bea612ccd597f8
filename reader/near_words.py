"""Words of like meaning, found once with the sentence embedder; so that questions and passages do
not share their words.
"""

import random
import re
import sys
from functools import cache
from pathlib import Path

NEAR_WORDS = Path(__file__).parent / "material" / "near-words.txt"
LEAST_LIKENESS = 0.64
MOST = 4
WORD = re.compile(r"[A-Za-z]{4,}")


@cache
def _table() -> dict[str, tuple[str, ...]]:
    rows = (line.split() for line in NEAR_WORDS.read_text(encoding="utf-8").rstrip().split("\n"))
    return {word: tuple(others) for word, *others in rows}


def near(word: str) -> tuple[str, ...]:
    return _table().get(word, ())


def reworded(text: str, rng: random.Random, share: float) -> str:
    """`text` with about `share` of its lower-case words changed for a word of like meaning."""

    def change(match: re.Match[str]) -> str:
        others = near(match.group(0))
        return rng.choice(others) if others and rng.random() < share else match.group(0)

    return WORD.sub(change, text)


def find(words: list[str]) -> dict[str, list[str]]:
    """For each word those nearest in meaning, not counting words that begin alike."""
    import torch

    from reader.initial import word_vectors

    vectors = torch.nn.functional.normalize(word_vectors(words), dim=1)
    found = {}
    for word, row in zip(words, vectors @ vectors.T, strict=True):
        likeness, places = row.topk(16)
        others = [
            words[place]
            for close, place in zip(likeness.tolist(), places.tolist(), strict=True)
            if close >= LEAST_LIKENESS and words[place][:4] != word[:4]
        ]
        if others:
            found[word] = others[:MOST]
    return found


def main() -> None:
    from reader.prose import common_words
    from reader.prose_questions import STOP_WORDS

    words = sorted(word for word in common_words(30) if len(word) > 3 and word not in STOP_WORDS)
    rows = [" ".join([word, *others]) for word, others in find(words).items()]
    NEAR_WORDS.write_text("\n".join(rows) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(rows)} of {len(words)} words have others near them\n")


if __name__ == "__main__":
    main()
