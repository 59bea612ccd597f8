"""What a verdict rests on: results, paired comparisons, retrieval counts, the probe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from dsmr.core.plateau import Plateau
from dsmr.core.power import ALPHA
from dsmr.core.run import Score
from dsmr.core.stats import (
    Comparison,
    Estimate,
    Values,
    adjust,
    as_good_as,
    compare,
    summarise,
)

Goal = Literal["quality", "price", "latency"]
Quality = Literal["facts", "form"]
TUNED = ("tuned", "tuned + retrieval", "preference")


@dataclass(frozen=True, slots=True)
class Result:
    """One recipe's figures on the questions."""

    name: str
    technique: str  # Recipe.technique
    facts: Estimate | None = None  # None: no fact question was graded
    form: Estimate | None = None  # None: no form question was graded
    usd_per_1k: float | None = None  # running cost per 1,000 questions
    seconds_p95: float | None = None
    usd_once: float = 0.0  # training, labelling, indexing

    @property
    def tuned(self) -> bool:
        return self.technique in TUNED

    def of(self, quality: Quality) -> Estimate | None:
        return self.facts if quality == "facts" else self.form


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Questions with a known gold source, by whether it was found and the answer right."""

    found_right: int
    found_wrong: int  # the passage was there and the model did not use it
    missed_right: int
    missed_wrong: int  # the passage was not there

    @property
    def n(self) -> int:
        return self.found_right + self.found_wrong + self.missed_right + self.missed_wrong


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the verdict may look at. Nothing else decides it."""

    questions: int
    documents: int | None  # source documents behind them; None: not known
    results: tuple[Result, ...]
    baseline: str | None  # name of the result the others are compared with
    steps: Mapping[tuple[Quality, str], Comparison] = field(default_factory=dict)
    # … each untuned recipe against the baseline, by quality and name
    tuning: Mapping[tuple[Quality, str], Comparison] = field(default_factory=dict)
    # … each tuned recipe against `rival`
    rival: Mapping[Quality, str] = field(default_factory=dict)  # the best untuned recipe
    as_good: tuple[str, ...] = ()  # recipes shown to be within the margin of the best
    retrieved: Retrieved | None = None  # of the best recipe with retrieval
    probe: Plateau | None = None
    margin: float = 0.05  # a difference within it does not matter to the user (a share)
    target: float = 0.9  # good enough (a share)
    goal: Goal = "quality"
    pays_from: float | None = None  # questions a month from which tuning costs less


QUALITIES: tuple[Quality, ...] = ("facts", "form")


Scores = Mapping[str, Mapping[Quality, Values]]  # by recipe name, quality and question id


def weigh(
    scores: Scores,
    techniques: Mapping[str, str],
    baseline: str | None,
    clusters: Mapping[str, str] | None = None,
    figures: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
    margin: float = 0.05,
) -> Evidence:
    """Evidence from raw scores; set the rest with `dataclasses.replace`.

    `figures`, by recipe name: usd_per_1k, seconds_p95, usd_once. The rival of tuning is
    the untuned recipe with the highest mean, picked on the same questions: luck helps it,
    so that tuning is never recommended by luck.
    """
    results = tuple(
        Result(
            name,
            techniques[name],
            *(_estimate(by_quality.get(quality), clusters) for quality in QUALITIES),
            **figures.get(name, {}),
        )
        for name, by_quality in scores.items()
    )
    asked = {q for s in scores.values() for values in s.values() for q in values}
    known = {clusters[q] for q in asked if q in clusters} if clusters else None
    plain, tuned = [r for r in results if not r.tuned], [r for r in results if r.tuned]
    rival = {quality: _best(plain, quality) for quality in QUALITIES}
    rival = {quality: name for quality, name in rival.items() if name}
    first = dict.fromkeys(QUALITIES, baseline) if baseline else {}
    return Evidence(
        len(asked),
        len(known) if known is not None else None,
        results,
        baseline,
        _against(scores, first, [r.name for r in plain], clusters),
        _against(scores, rival, [r.name for r in tuned], clusters),
        rival,
        _as_good(scores, results, clusters, margin),
        margin=margin,
    )


def _best(results: Sequence[Result], quality: Quality) -> str | None:
    means = {r.name: e.mean for r in results if (e := r.of(quality))}
    return max(means, key=lambda name: means[name], default=None)


def _against(
    scores: Scores,
    others: Mapping[Quality, str],
    names: Sequence[str],
    clusters: Mapping[str, str] | None,
) -> dict[tuple[Quality, str], Comparison]:
    """Each name against its quality's opponent, as one family for Holm."""
    pairs = [
        (quality, name)
        for quality, other in others.items()
        for name in names
        if name != other and scores.get(other, {}).get(quality) and scores[name].get(quality)
    ]
    made = {
        (quality, name): compare(
            scores[others[quality]][quality],
            scores[name][quality],
            clusters,
            ALPHA / len(pairs),
        )
        for quality, name in pairs
    }
    return adjust({key: one for key, one in made.items() if one is not None})


def _as_good(
    scores: Scores,
    results: Sequence[Result],
    clusters: Mapping[str, str] | None,
    margin: float,
) -> tuple[str, ...]:
    """Recipes shown to be within the margin of the best one, in every quality."""
    best = {quality: _best(results, quality) for quality in QUALITIES}
    found = []
    for result in results:
        close = []
        for quality, top in best.items():
            if top and top != result.name:
                one = compare(scores[top][quality], scores[result.name].get(quality, {}), clusters)
                close.append(one is not None and as_good_as(one, margin))
        if all(close):
            found.append(result.name)
    return tuple(found)


def _estimate(values: Values | None, clusters: Mapping[str, str] | None) -> Estimate | None:
    return summarise([Score(q, "", v) for q, v in (values or {}).items()], clusters)
