"""How small a difference a set of questions can show, and how many would show it."""

from functools import lru_cache
from math import ceil, sqrt
from typing import Any

POWER = 0.8
ALPHA = 0.05
MOST = 1_000_000  # questions; the answer to "how many" never exceeds it


def mcnemar(wins: int, losses: int) -> float:
    """Two-sided p-value of a paired right/wrong comparison, mid-p.

    McNemar, Psychometrika 12 (1947) 153; mid-p after Fagerland et al., BMC Med. Res.
    Methodol. 13 (2013) 91: the exact test is needlessly cautious with few questions.
    """
    from scipy.special import bdtr

    few, both = min(wins, losses), wins + losses
    if both == 0:
        return 1.0
    at_most = float(bdtr(few, both, 0.5))
    at = at_most - (float(bdtr(few - 1, both, 0.5)) if few else 0.0)
    return min(1.0, 2 * at_most - at)


@lru_cache(maxsize=4096)
def power_of(n: int, difference: float, disagreement: float, alpha: float = ALPHA) -> float:
    """Chance that `n` questions show a true difference, by adding up all outcomes.

    `difference` and `disagreement` are shares of the questions: on how many more the
    candidate is right, and on how many the two disagree (never less than the difference).
    """
    import numpy
    from scipy.special import bdtr, gammaln, xlog1py, xlogy

    share = max(disagreement, difference)
    if share <= 0 or n < 1:
        return 0.0
    reach = 8 * sqrt(n * share * (1 - share)) + 8
    both = numpy.arange(max(1, int(n * share - reach)), min(n, int(n * share + reach)) + 1)
    edge = _edges(1 << int(both[-1]).bit_length(), alpha)[both]
    lean = (share + difference) / (2 * share)
    lost = numpy.where(edge >= 0, bdtr(numpy.maximum(edge, 0), both, 1 - lean), 0.0)
    won = numpy.where(edge >= 0, bdtr(numpy.maximum(edge, 0), both, lean), 0.0)
    ways = gammaln(n + 1) - gammaln(both + 1) - gammaln(n - both + 1)
    chance = numpy.exp(ways + xlogy(both, share) + xlog1py(n - both, -share))
    return float((chance * (lost + won)).sum())


@lru_cache(maxsize=64)
def _edges(most: int, alpha: float) -> Any:
    """For each number of disagreements, the most losses that still show a win; -1: none."""
    import numpy

    edges, edge = numpy.full(most + 1, -1), -1
    for both in range(1, most + 1):
        while edge + 1 <= both // 2 and mcnemar(both - edge - 1, edge + 1) < alpha:
            edge += 1
        edges[both] = edge
    return edges


@lru_cache(maxsize=4096)
def detectable(
    n: int, disagreement: float = 0.2, power: float = POWER, alpha: float = ALPHA
) -> float:
    """The smallest true difference (a share) that `n` questions show with this power.

    `disagreement` is the share of questions on which the two recipes disagree. 1.0: not
    even the largest difference can be counted on. Solved on the exact power of the test
    that `compare` uses; the normal formula (Connor, Biometrics 43 (1987) 207) promises
    too much below about 200 questions.
    """
    if n < 1 or power_of(n, 1.0, 1.0, alpha) < power:
        return 1.0
    if n > 20_000:
        return _by_formula(n, disagreement, power, alpha)
    left, right = 0.0, 1.0
    for _ in range(24):
        middle = (left + right) / 2
        enough = power_of(n, middle, disagreement, alpha) >= power
        left, right = (left, middle) if enough else (middle, right)
    return right


def questions_needed(
    difference: float, disagreement: float = 0.2, power: float = POWER, alpha: float = ALPHA
) -> int:
    """How many questions in all would show a true difference of this size (a share).

    Raises ValueError for a difference of 0, which no number of questions shows. At most
    MOST is answered: more than that is the same advice.
    """
    size, share = abs(difference), max(abs(difference), disagreement)
    if size == 0:
        raise ValueError("no number of questions shows a difference of 0")
    guess = _formula_n(size, share, power, alpha)
    if guess > 5_000:
        return min(MOST, guess)
    left, right = 1, max(8, guess)
    while power_of(right, size, share, alpha) < power:
        left, right = right, ceil(right * 1.3) + 1
    while right - left > 1:
        middle = (left + right) // 2
        enough = power_of(middle, size, share, alpha) >= power
        left, right = (left, middle) if enough else (middle, right)
    return right


def _formula_n(difference: float, disagreement: float, power: float, alpha: float) -> int:
    from scipy.special import ndtri

    rest = sqrt(max(0.0, disagreement - difference**2))
    reach = float(ndtri(1 - alpha / 2)) * sqrt(disagreement) + float(ndtri(power)) * rest
    return ceil(reach**2 / difference**2)


def _by_formula(n: int, disagreement: float, power: float, alpha: float) -> float:
    left, right = 1e-6, 1.0
    for _ in range(40):
        middle = (left + right) / 2
        enough = _formula_n(middle, max(disagreement, middle), power, alpha) <= n
        left, right = (left, middle) if enough else (middle, right)
    return right


def detectable_with(
    error: float, degrees: float, power: float = POWER, alpha: float = ALPHA
) -> float:
    """The smallest true difference shown, from a standard error instead of a share.

    For scores between 0 and 1 and for clustered questions: (t + t) times the error, the
    usual approximation to the power of Student's test.
    """
    from dsmr.core.intervals import student

    return (student(degrees, 1 - alpha / 2) + student(degrees, power)) * error
