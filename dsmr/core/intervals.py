"""95 % intervals: what a mean, a difference or a percentile could truly be."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, inf, log, sqrt
from typing import Any

Z95 = 1.959963984540054
EXACT = 12  # differences up to which all 4,096 sign flips are gone through
DRAWS = 9999  # of sign flips; the seed is fixed, so results repeat
SEED = 20241
LEAST_INFLATION = 0.5  # two documents that happen to agree are not taken for certainty


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


def tail(distance: float, degrees: float) -> float:
    """Two-sided p-value of a distance from 0 in standard errors, by Student's t."""
    from scipy.special import stdtr

    return min(1.0, 2 * float(stdtr(degrees, -abs(distance))))


def mean_of(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def spread(values: Sequence[float], groups: Sequence[object] | None = None) -> Spread:
    """Standard error of a mean of items, or of items that come in groups.

    Miller 2024 (arXiv:2411.00640) equations 1 and 4, the latter made up for its bias with
    few or unequal groups; their effective number gives the degrees of freedom.
    """
    n, mean = len(values), mean_of(values)
    plain = sum((v - mean) ** 2 for v in values) / (n * (n - 1)) if n > 1 else 0.0
    if groups is None:
        return Spread(sqrt(plain), n - 1)
    totals: dict[object, float] = {}
    for value, group in zip(values, groups, strict=True):
        totals[group] = totals.get(group, 0.0) + value - mean
    raw = sum(t * t for t in totals.values()) / n**2
    fuller, count = _few_groups(list(Counter(groups).values()), raw / plain if plain else 1.0)
    grouped = max(raw * fuller, LEAST_INFLATION * plain)
    degrees = max(1.0, count - 1)  # one large document among small ones leaves less
    return Spread(sqrt(grouped), degrees, grouped / plain if plain else 1.0)


def _few_groups(sizes: Sequence[int], inflation: float) -> tuple[float, float]:
    """What to multiply equation 4 with, and the effective number of groups.

    After Bell and McCaffrey, Survey Methodology 28 (2002) 169: each group's total varies
    with its size and with how alike its items are, the latter read off the inflation.
    """
    n, squares = sum(sizes), sum(size * size for size in sizes)
    alike = min(1.0, max(0.0, (inflation - 1) / max(1e-9, squares / n - 1)))
    varies = [size * (1 + alike * (size - 1)) for size in sizes]
    whole = sum(varies)
    kept = whole * (1 + squares / n**2) - 2 / n * sum(
        v * size for v, size in zip(varies, sizes, strict=True)
    )
    return whole / kept, whole**2 / sum(v * v for v in varies)


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


def widened(deltas: Sequence[float], about: Spread) -> Spread:
    """The spread of paired differences, a little wider where there are few of them.

    Half a win and half a loss of typical size are imagined, as Agresti and Min,
    Biometrics 61 (2005) 515, do with right/wrong pairs; without them, 5 differences
    among 30 ties are trusted too much (docs/decisions/010).
    """
    n, squares = len(deltas), sum(d * d for d in deltas)
    moved, mean = sum(abs(d) > 1e-12 for d in deltas), mean_of(deltas)
    plain = spread(deltas).error ** 2
    if not moved:
        return about
    fuller = (squares + squares / moved) / (n + 1) - (mean * n / (n + 1)) ** 2
    error = sqrt(max(plain, fuller / n))
    grown = about.error / sqrt(plain) if plain else 1.0
    return Spread(error * max(grown, sqrt(LEAST_INFLATION)), about.degrees, about.inflation)


def around(mean: float, about: Spread) -> tuple[float, float]:
    """Student's interval around a mean."""
    reach = student(about.degrees) * about.error if about.degrees > 0 else 1.0
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
    return value, ordered[max(low, 0)], ordered[min(high, n - 1)]


@lru_cache(maxsize=4)
def _signs(rows: int) -> Any:
    """Random signs, (rows, DRAWS): the same ones each time."""
    import numpy

    generator = numpy.random.default_rng((SEED, rows))
    return (generator.integers(0, 2, (rows, DRAWS), dtype=numpy.int8) * 2 - 1).astype("float32")


def sign_flips(deltas: Sequence[float]) -> float:
    """Two-sided p-value of a mean difference when each could as well be its opposite.

    All flips up to EXACT differences, beyond that DRAWS of them and the data themselves.
    Fisher 1935; Phipson and Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9:39.
    """
    import numpy

    moved = numpy.array([d for d in deltas if abs(d) > 1e-12], dtype=numpy.float32)
    count = len(moved)
    if count == 0:
        return 1.0
    if count <= EXACT:
        bits = numpy.arange(2**count)[None, :] >> numpy.arange(count)[:, None] & 1
        signs = (bits * 2 - 1).astype("float32")
    else:
        signs = _signs(1 << (count - 1).bit_length())[:count]
    extreme = int((numpy.abs(moved @ signs) >= abs(moved.sum()) - 1e-5).sum())
    return extreme / 2**count if count <= EXACT else (extreme + 1) / (DRAWS + 1)


def on_log_scale(ratios: Sequence[float]) -> tuple[float, float, float]:
    """Geometric mean of positive ratios with Student's interval of the logarithms."""
    logs = [log(r) for r in ratios]
    low, high = around(mean_of(logs), spread(logs))
    return exp(mean_of(logs)), exp(low), exp(high)
