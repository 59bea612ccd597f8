"""95 % intervals: what a mean, a difference or a percentile could truly be."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, inf, log, sqrt
from typing import Any

Z95 = 1.959963984540054
DRAWS = 4999  # of a bootstrap or a permutation; the seed is fixed, so results repeat
SEED = 20241


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a mean could be off: its standard error and what it is based on."""

    error: float  # standard error of the mean, in the unit of the values
    degrees: float  # degrees of freedom of Student's t
    inflation: float = 1.0  # variance with clusters divided by variance without


def student(degrees: float, probability: float = 0.975) -> float:
    """The quantile of Student's t; of the normal where `degrees` is infinite."""
    from scipy.special import ndtri, stdtrit

    return float(ndtri(probability) if degrees == inf else stdtrit(degrees, probability))


def mean_of(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def spread(values: Sequence[float], groups: Sequence[object] | None = None) -> Spread:
    """Standard error of a mean of items, or of items that come in groups.

    Miller 2024 (arXiv:2411.00640) equations 1 and 4, the latter times G/(G-1) with
    G-1 degrees of freedom because it is too small with few groups.
    """
    n, mean = len(values), mean_of(values)
    plain = sum((v - mean) ** 2 for v in values) / (n * (n - 1)) if n > 1 else 0.0
    if groups is None:
        return Spread(sqrt(plain), n - 1)
    totals: Counter[object] = Counter()
    for value, group in zip(values, groups, strict=True):
        totals[group] += value - mean  # type: ignore[assignment]
    count = len(totals)
    grouped = count / (count - 1) * sum(t * t for t in totals.values()) / n**2
    return Spread(sqrt(grouped), count - 1, grouped / plain if plain else 1.0)


def wilson(mean: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Interval of a share of `n` things; `n` may be an effective number.

    Wilson, J. Am. Stat. Assoc. 22 (1927) 209.
    """
    centre = mean + z * z / (2 * n)
    reach = z * sqrt(max(0.0, mean * (1 - mean)) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale)


def tango(wins: float, losses: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Interval of (wins - losses) / n over `n` pairs of right or wrong.

    The score interval of Tango, Statistics in Medicine 17 (1998) 891: it inverts the
    McNemar test, so it shuts out 0 when that test does.
    """

    def off(delta: float) -> float:  # standard errors between the data and `delta`
        middle = (2 * n - wins + losses) * delta - wins - losses
        under = max(0.0, middle * middle + 8 * n * losses * delta * (1 - delta))
        rare = max(0.0, (sqrt(under) - middle) / (4 * n))
        variance = n * (2 * rare + delta * (1 - delta))
        gap = wins - losses - n * delta
        return gap / sqrt(variance) if variance > 1e-15 else (inf if gap > 0 else -inf)

    centre = (wins - losses) / n
    return _where(off, z, -1.0, centre), _where(off, -z, centre, 1.0)


def _where(falling: Any, target: float, left: float, right: float) -> float:
    """Where a falling function reaches a target, by halving."""
    for _ in range(50):
        middle = (left + right) / 2
        left, right = (middle, right) if falling(middle) > target else (left, middle)
    return (left + right) / 2


def around(mean: float, spread_: Spread) -> tuple[float, float]:
    """Student's interval around a mean."""
    reach = student(spread_.degrees) * spread_.error if spread_.degrees >= 1 else 0.0
    return mean - reach, mean + reach


def of_percentile(values: Sequence[float], percent: float) -> tuple[float, float, float]:
    """A percentile and its interval between two ordered values; no shape is assumed.

    Ranks from the binomial distribution (Thompson, Ann. Math. Stat. 7 (1936) 122). Where
    there are too few values for the upper rank, the largest stands in.
    """
    from scipy.special import bdtr

    ordered, n, q = sorted(values), len(values), percent / 100
    place = q * (n - 1)
    below, part = int(place), place - int(place)
    above = ordered[min(below + 1, n - 1)]
    value = ordered[below] + part * (above - ordered[below])
    low = max((r for r in range(n) if bdtr(r, n, q) <= 0.025), default=-1)
    high = min((r for r in range(n) if bdtr(r, n, q) >= 0.975), default=n - 1)
    return value, ordered[min(low + 1, n - 1)], ordered[min(high, n - 1)]


@lru_cache(maxsize=4)
def signs(n: int, draws: int = DRAWS) -> Any:
    """Random signs, (draws, n): the same ones each time."""
    import numpy

    generator = numpy.random.default_rng((SEED, n, draws))
    return generator.integers(0, 2, (draws, n), dtype=numpy.int8) * numpy.int8(2) - numpy.int8(1)


def on_log_scale(ratios: Sequence[float]) -> tuple[float, float, float]:
    """Geometric mean of positive ratios with Student's interval of the logarithms."""
    logs = [log(r) for r in ratios]
    low, high = around(mean_of(logs), spread(logs))
    return exp(mean_of(logs)), exp(low), exp(high)
