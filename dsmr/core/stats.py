"""From scores to statements: intervals, paired tests, what can and cannot be told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor, sqrt
from typing import Literal, TypeVar

from dsmr.core import intervals
from dsmr.core.power import ALPHA, detectable, detectable_with, mcnemar, questions_needed
from dsmr.core.run import Score

__all__ = [
    "Comparison",
    "Estimate",
    "adjust",
    "as_good_as",
    "benjamini_hochberg",
    "compare",
    "compare_all",
    "detectable",
    "holm",
    "mean_of_attempts",
    "percentile",
    "questions_needed",
    "ratio",
    "summarise",
    "whole_percent",
]

Verdict = Literal["better", "worse", "cannot tell"]
Key = TypeVar("Key")
Values = Mapping[str, float | None]  # by question id; None: asked but not graded


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and how far off it could be."""

    mean: float
    low: float  # ends of a 95 % interval
    high: float
    n: int  # questions it is based on
    missing: int = 0  # asked but not graded; shown beside the mean, never inside it
    clusters: int | None = None  # source documents behind the questions; None: not known


@dataclass(frozen=True, slots=True)
class Comparison:
    """Candidate minus baseline, over the questions that both have a score for."""

    difference: Estimate
    p_value: float  # two-sided
    wins: int  # questions on which the candidate scored higher
    losses: int  # … lower; on the rest the two are equal, which says nothing
    p_adjusted: float | None = None  # after Holm; None: compared alone
    detectable: float | None = None  # smallest true difference shown 4 times out of 5
    verdict: Verdict = "cannot tell"
    correlation: float | None = None  # of the two scores; None: one of them never varies


def summarise(
    scores: Iterable[Score], clusters: Mapping[str, str] | None = None
) -> Estimate | None:
    """Mean of one metric with a 95 % interval; None when nothing was graded.

    Several scores of one question (attempts) are averaged first, so n counts questions.
    `clusters` maps question id to source document: questions on one document stand or
    fall together, which widens the interval.
    """
    attempts: dict[str, list[float | None]] = {}
    for score in scores:
        attempts.setdefault(score.question_id, []).append(score.value)
    means = {q: _mean_graded(values) for q, values in attempts.items()}
    graded = {q: v for q, v in means.items() if v is not None}
    if not graded:
        return None
    values, groups = list(graded.values()), _groups(graded, clusters)
    mean, about = intervals.mean_of(values), intervals.spread(values, groups)
    if set(values) <= {0.0, 1.0} or len(set(values)) == 1:
        z = intervals.student(about.degrees) if groups else intervals.Z95
        low, high = intervals.wilson(mean, len(values) / about.inflation, z)
    else:
        low, high = (min(1.0, max(0.0, end)) for end in intervals.around(mean, about))
    known = len(set(_labels(graded, clusters))) if clusters else None
    return Estimate(mean, low, high, len(values), len(means) - len(values), known)


def mean_of_attempts(attempts: Sequence[Values]) -> dict[str, float | None]:
    """One value per question from several attempts at it; None where none was graded.

    Intervals belong to these means, never to the pool of all attempts (Miller 2024,
    arXiv:2411.00640, section 3.1).
    """
    questions = dict.fromkeys(q for attempt in attempts for q in attempt)
    return {q: _mean_graded([attempt.get(q) for attempt in attempts]) for q in questions}


def compare(
    baseline: Values,
    candidate: Values,
    clusters: Mapping[str, str] | None = None,
    level: float = ALPHA,
) -> Comparison | None:
    """Candidate minus baseline, question by question; None when they share no graded one.

    Pairing takes out the difficulty of the questions (Miller 2024, arXiv:2411.00640,
    section 4). Right/wrong scores: McNemar's mid-p test and Tango's interval; others:
    random sign flips and Student's interval. Where `clusters` has several questions of one
    document, test and interval count documents (docs/decisions/010). `level`: the risk of
    a false alarm for which the detectable difference is worked out.
    """
    asked = list(dict.fromkeys((*baseline, *candidate)))
    pairs = {
        q: (old, new)
        for q in asked
        if (old := baseline.get(q)) is not None and (new := candidate.get(q)) is not None
    }
    if not pairs:
        return None
    deltas, groups = [new - old for old, new in pairs.values()], _groups(pairs, clusters)
    binary = {v for pair in pairs.values() for v in pair} <= {0.0, 1.0}
    (low, high), p_value, smallest = (_right_or_wrong if binary else _partial)(
        deltas, groups, level
    )
    known = len(set(_labels(pairs, clusters))) if clusters else None
    mean = intervals.mean_of(deltas)
    difference = Estimate(mean, low, high, len(deltas), len(asked) - len(deltas), known)
    return Comparison(
        difference,
        p_value,
        wins=sum(d > 0 for d in deltas),
        losses=sum(d < 0 for d in deltas),
        detectable=smallest,
        verdict=_verdict(difference, p_value),
        correlation=_correlation(pairs),
    )


def compare_all(
    baseline: Values,
    candidates: Mapping[str, Values],
    clusters: Mapping[str, str] | None = None,
) -> dict[str, Comparison]:
    """Each candidate against one baseline, p-values adjusted by Holm over all of them.

    The verdicts rest on the adjusted values, and so does the detectable difference. A
    candidate that shares no graded question with the baseline is left out.
    """
    level = ALPHA / max(1, len(candidates))
    made = {name: compare(baseline, v, clusters, level) for name, v in candidates.items()}
    return adjust({name: one for name, one in made.items() if one is not None})


def adjust(family: Mapping[Key, Comparison]) -> dict[Key, Comparison]:
    """The same comparisons with Holm's p-values over all of them, and verdicts to match."""
    p_values = holm([one.p_value for one in family.values()])
    return {
        key: replace(one, p_adjusted=p, verdict=_verdict(one.difference, p))
        for (key, one), p in zip(family.items(), p_values, strict=True)
    }


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted so that all claims together are wrong at most 1 time in 20.

    Holm, Scand. J. Stat. 6 (1979) 65.
    """
    count, worst = len(p_values), 0.0
    adjusted = [0.0] * count
    for rank, place in enumerate(sorted(range(count), key=lambda i: p_values[i])):
        worst = max(worst, (count - rank) * p_values[place])
        adjusted[place] = min(1.0, worst)
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted so that 1 in 20 of the claims made is wrong; for exploring only.

    Benjamini and Hochberg, J. R. Stat. Soc. B 57 (1995) 289.
    """
    count, best = len(p_values), 1.0
    adjusted = [0.0] * count
    order = sorted(range(count), key=lambda i: p_values[i], reverse=True)
    for rank, place in enumerate(order):
        best = min(best, count / (count - rank) * p_values[place])
        adjusted[place] = best
    return adjusted


def as_good_as(comparison: Comparison, margin: float) -> bool:
    """Whether the candidate is at worst `margin` (a share) below the baseline.

    A difference that cannot be told is no evidence of equality: the whole interval has
    to lie above -margin.
    """
    return comparison.difference.low > -margin


def percentile(values: Iterable[float], q: float) -> Estimate:
    """The q-th percentile (q in percent: 50 or 95) with an interval from ordered values.

    Raises ValueError without values, or for a q outside 1 … 99.
    """
    held = list(values)
    if not held or not 1 <= q <= 99:
        raise ValueError("a percentile needs values, and q in percent between 1 and 99")
    value, low, high = intervals.of_percentile(held, q)
    return Estimate(value, min(low, value), max(high, value), len(held))


def ratio(baseline: Values, candidate: Values) -> Estimate | None:
    """How many times the candidate's cost or latency is the baseline's, question by question.

    Geometric mean and interval on the log scale. Questions without two positive figures
    count as missing; None when there is none left.
    """
    asked = list(dict.fromkeys((*baseline, *candidate)))
    both = [((baseline.get(q) or 0.0), (candidate.get(q) or 0.0)) for q in asked]
    ratios = [new / old for old, new in both if old > 0 and new > 0]
    if not ratios:
        return None
    mean, low, high = intervals.on_log_scale(ratios)
    return Estimate(mean, low, high, len(ratios), len(asked) - len(ratios))


def _mean_graded(values: Sequence[float | None]) -> float | None:
    graded = [v for v in values if v is not None]
    return sum(graded) / len(graded) if graded else None


def _labels(questions: Iterable[str], clusters: Mapping[str, str] | None) -> list[object]:
    """The document of each question; a question without one stands alone."""
    named = clusters or {}
    return [named.get(q, ("alone", q)) for q in questions]


def _groups(
    questions: Mapping[str, object], clusters: Mapping[str, str] | None
) -> list[object] | None:
    """Labels that matter: at least two documents, at least one with several questions."""
    labels = _labels(questions, clusters)
    return labels if 1 < len(set(labels)) < len(labels) else None


Findings = tuple[tuple[float, float], float, float]  # interval, p-value, detectable difference


def _right_or_wrong(
    deltas: Sequence[float], groups: Sequence[object] | None, level: float
) -> Findings:
    """Pairs of 0 or 1. With documents, the score test in effective pairs, by Student's t."""
    n, wins, losses = len(deltas), deltas.count(1.0), deltas.count(-1.0)
    disagree = (wins + losses + 1) / (n + 2)  # one imagined, so that ties are not for ever
    if groups is None:
        found = detectable(n, disagree, alpha=level)
        return intervals.tango(wins, losses, n), mcnemar(wins, losses), found
    about = intervals.spread(deltas, groups)
    part = 1 / about.inflation
    z = intervals.student(about.degrees)
    ends = intervals.tango(wins * part, losses * part, n * part, z)
    distance = (wins - losses) / sqrt((wins + losses) / part) if wins + losses else 0.0
    error = sqrt(disagree / n / part)
    return (
        ends,
        intervals.tail(distance, about.degrees),
        detectable_with(error, about.degrees, alpha=level),
    )


def _partial(deltas: Sequence[float], groups: Sequence[object] | None, level: float) -> Findings:
    """Pairs of scores anywhere between 0 and 1."""
    if not any(deltas) or len(deltas) == 1:
        return intervals.tango(0, 0, len(deltas)), 1.0, 1.0
    about = intervals.widened(deltas, intervals.spread(deltas, groups))
    mean = intervals.mean_of(deltas)
    if groups is None:
        p_value = intervals.sign_flips(deltas)
    else:
        p_value = intervals.tail(mean / about.error, about.degrees)
    smallest = detectable_with(about.error, about.degrees, alpha=level)
    return intervals.around(mean, about), p_value, smallest


def _verdict(difference: Estimate, p_value: float) -> Verdict:
    if p_value >= ALPHA or difference.low <= 0 <= difference.high:
        return "cannot tell"
    return "better" if difference.mean > 0 else "worse"


def _correlation(pairs: Mapping[str, tuple[float, float]]) -> float | None:
    old, new = [a for a, _ in pairs.values()], [b for _, b in pairs.values()]
    mid_old, mid_new = intervals.mean_of(old), intervals.mean_of(new)
    both = sum((a - mid_old) * (b - mid_new) for a, b in pairs.values())
    size = sqrt(sum((a - mid_old) ** 2 for a in old) * sum((b - mid_new) ** 2 for b in new))
    return both / size if size > 1e-12 else None


def whole_percent(share: float) -> int:
    """A share in percent, halves upwards as browsers round them, so that text and tables agree."""
    return floor(round(100 * share, 9) + 0.5)
