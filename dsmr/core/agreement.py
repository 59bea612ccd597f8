"""How far a grader can be trusted: agreement with people, order, length."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from dsmr.core.intervals import Z95, wilson
from dsmr.core.power import mcnemar
from dsmr.core.stats import Estimate

Winner = Literal["first", "second", "tie"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two graders over the questions that both graded."""

    share: Estimate  # of the questions graded alike
    kappa: Estimate | None  # agreement beyond chance; None: both always say the same thing
    more_lenient: int  # questions that only the second grader calls right
    more_strict: int  # … only the first
    p_value: float  # of one grader being more lenient than the other


def agreement(
    first: Mapping[str, float | None], second: Mapping[str, float | None], bar: float = 0.5
) -> Agreement | None:
    """Agreement of two graders, a score of at least `bar` counting as right.

    None when no question was graded by both. Cohen's kappa with the standard error of
    Fleiss, Cohen and Everitt, Psychol. Bull. 72 (1969) 323.
    """
    asked = [q for q in first if q in second]
    pairs = [
        (a >= bar, b >= bar)
        for q in asked
        if (a := first[q]) is not None and (b := second[q]) is not None
    ]
    if not pairs:
        return None
    n, alike = len(pairs), sum(a == b for a, b in pairs)
    low, high = wilson(alike / n, n)
    share = Estimate(alike / n, low, high, n, len(asked) - n)
    lenient, strict = sum(b and not a for a, b in pairs), sum(a and not b for a, b in pairs)
    return Agreement(share, kappa(pairs), lenient, strict, mcnemar(lenient, strict))


def kappa(pairs: Sequence[tuple[object, object]]) -> Estimate | None:
    """Cohen's kappa of paired labels; None where chance alone explains full agreement."""
    n, cells = len(pairs), Counter(pairs)
    rows, columns = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    labels = sorted(rows.keys() | columns.keys(), key=repr)
    seen = sum(cells[label, label] for label in labels) / n
    chance = sum(rows[label] * columns[label] for label in labels) / n**2
    if chance >= 1:
        return None
    value = (seen - chance) / (1 - chance)
    inside = sum(
        cells[x, x] / n * (1 - (rows[x] + columns[x]) / n * (1 - value)) ** 2 for x in labels
    )
    outside = (1 - value) ** 2 * sum(
        cells[x, y] / n * ((columns[x] + rows[y]) / n) ** 2
        for x in labels
        for y in labels
        if x != y
    )
    variance = inside + outside - (value - chance * (1 - value)) ** 2
    reach = Z95 * sqrt(max(0.0, variance) / n) / (1 - chance)
    return Estimate(value, max(-1.0, value - reach), min(1.0, value + reach), n)


def in_words(value: float) -> str:
    """The usual words for a kappa (Landis and Koch, Biometrics 33 (1977) 159)."""
    steps = ((0.8, "almost perfect"), (0.6, "substantial"), (0.4, "moderate"), (0.2, "fair"))
    return next((word for bar, word in steps if value > bar), "slight" if value > 0 else "none")


def flip_rate(asked: Mapping[str, Winner], swapped: Mapping[str, Winner]) -> Estimate | None:
    """Share of pairs for which a judge changes its mind when the order is swapped.

    Both name the winner by its place at the time, so a steady judge that said "first"
    says "second" when the two are swapped. None when no pair was judged both ways.
    """
    steady: dict[Winner, Winner] = {"first": "second", "second": "first", "tie": "tie"}
    both = [q for q in asked if q in swapped]
    if not both:
        return None
    flips = sum(swapped[q] != steady[asked[q]] for q in both)
    low, high = wilson(flips / len(both), len(both))
    missing = len(asked.keys() | swapped.keys()) - len(both)
    return Estimate(flips / len(both), low, high, len(both), missing)


@dataclass(frozen=True, slots=True)
class Lean:
    """How often something that should not matter wins. A fair judge is at a half."""

    share: Estimate  # of the decided pairs
    p_value: float  # of a share this far from a half, or further

    @property
    def leans(self) -> bool:
        return self.p_value < 0.05


def first_place_bias(judgements: Iterable[Winner]) -> Lean | None:
    """How often the reply shown first wins; fair only where the order was drawn by lot."""
    decided = [winner for winner in judgements if winner != "tie"]
    return _lean(sum(winner == "first" for winner in decided), len(decided))


def length_bias(judgements: Iterable[tuple[int, int, Winner]]) -> Lean | None:
    """How often the longer reply wins: (length of first, length of second, winner) each.

    Replies of the same length, and ties, say nothing. Longer replies may also be better:
    read this beside the same figure for people.
    """
    decided = [(a > b) == (w == "first") for a, b, w in judgements if w != "tie" and a != b]
    return _lean(sum(decided), len(decided))


def _lean(wins: int, n: int) -> Lean | None:
    if not n:
        return None
    low, high = wilson(wins / n, n)
    return Lean(Estimate(wins / n, low, high, n), mcnemar(wins, n - wins))
