"""Are the app's statistical claims true? Simulated comparisons whose truth is known.

Prints coverage of the 95 % intervals, false alarms after Holm, and power at the detectable
difference the app prints. `python benchmarks/calibration.py [comparisons per line]`
"""

import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dsmr.core import power, stats
from dsmr.core.run import Score
from dsmr.core.verdict import advise
from tests.core import worlds

Sample = tuple[dict[str, float], dict[str, float], dict[str, str] | None]
SIZES = (30, 50, 100, 200, 300)


def paired(
    n: int, rng: Any, disagreement: float = 0.2, difference: float = 0.06, level: float = 0.6
) -> Sample:
    """Right/wrong answers of two recipes that disagree on a given share of the questions."""
    gain, loss = (disagreement + difference) / 2, (disagreement - difference) / 2
    same = 1 - disagreement
    cell = rng.choice(4, n, p=[gain, loss, same * level, same * (1 - level)])
    old, new = numpy.isin(cell, (1, 2)), numpy.isin(cell, (0, 2))
    return _named(old.astype(float)), _named(new.astype(float)), None


def overlapping(n: int, rng: Any, lift: float = 0.1) -> Sample:
    """Word-overlap scores: many 0 and 1, some between; the recipes agree on 6 in 10."""
    ability = rng.beta(2, 2, n)
    old, new = _overlap(rng, ability), _overlap(rng, numpy.clip(ability + lift, 0, 1))
    return _named(old), _named(numpy.where(rng.random(n) < 0.6, old, new)), None


def clustered(
    groups: int, rng: Any, shared: float = 0.8, lift: float = 0.4, fractional: bool = False
) -> Sample:
    """Questions of 2 to 8 on each document, easy or hard, helped or hurt together.

    `shared`: standard deviation, in logits, of what a document adds to the difference;
    twice that to both recipes. 0: documents do not matter.
    """
    sizes = rng.integers(2, 9, groups)
    document = numpy.repeat(numpy.arange(groups), sizes)
    ease = 0.4 + rng.normal(0, 2 * shared, groups)[document]
    moved = lift + rng.normal(0, shared, groups)[document]
    item = rng.normal(0, 1.2, len(document))
    old, new = (rng.random(len(document)) < _chance(ease + item + m) for m in (0, moved))
    old, new = old.astype(float), new.astype(float)
    if fractional:
        old, new = (0.7 * a + 0.3 * rng.random(len(a)) for a in (old, new))
    return _named(old), _named(new), {str(i): f"document {d}" for i, d in enumerate(document)}


def _overlap(rng: Any, ability: Any) -> Any:
    draw, part = rng.random(ability.shape), rng.beta(2, 2, ability.shape)
    none = 0.7 * ability + 0.6 * (1 - ability)
    return numpy.where(draw < 0.7 * ability, 1.0, numpy.where(draw < none, 0.0, part))


def _chance(logit: Any) -> Any:
    return 1 / (1 + numpy.exp(-logit))


def _named(values: Any) -> dict[str, float]:
    return {str(i): float(v) for i, v in enumerate(values)}


def truth_of(make: Any, size: int) -> tuple[float, float]:
    """The candidate's true mean and the true difference, from very many questions."""
    old, new, _ = make.func(size, numpy.random.default_rng(7), **make.keywords)
    mean = sum(new.values()) / len(new)
    return mean, mean - sum(old.values()) / len(old)


def covered(makes: Sequence[partial], repeats: int, seed: int = 1) -> tuple[float, float]:
    """Shares of samples whose interval holds the true mean and the true difference."""
    truths = [truth_of(m, 20_000 if m.func is clustered else 100_000) for m in makes]
    rng, means, differences = numpy.random.default_rng(seed), 0, 0
    for turn in range(repeats):
        mean, difference = truths[turn % len(makes)]
        old, new, clusters = makes[turn % len(makes)](rng)
        one = stats.summarise([Score(q, "f1", v) for q, v in new.items()], clusters)
        two = stats.compare(old, new, clusters)
        assert one and two
        means += one.low <= mean <= one.high
        differences += two.difference.low <= difference <= two.difference.high
    return means / repeats, differences / repeats


def false_alarms(n: int, recipes: int, repeats: int, groups: int = 0, seed: int = 2) -> float:
    """Share of whole leaderboards with any claim, when all recipes are equally good."""
    rng, alarms = numpy.random.default_rng(seed), 0
    for _ in range(repeats):
        if groups:
            document = numpy.repeat(numpy.arange(groups), n // groups)
            ease = rng.normal(0.4, 1.0, (1, groups)) + rng.normal(0, 0.8, (recipes + 1, groups))
            answers = rng.random((recipes + 1, len(document))) < _chance(ease[:, document])
            clusters = {str(i): str(d) for i, d in enumerate(document)}
        else:
            ease = rng.normal(0.4, 1.5, n)
            answers, clusters = rng.random((recipes + 1, n)) < _chance(ease), None
        runs = [_named(row.astype(float)) for row in answers]
        table = stats.compare_all(runs[0], {str(i): r for i, r in enumerate(runs[1:])}, clusters)
        alarms += any(one.verdict != "cannot tell" for one in table.values())
    return alarms / repeats


def power_at(n: int, disagreement: float, repeats: int, others: int = 0, seed: int = 3) -> float:
    """Share of samples in which the printed detectable difference is found.

    With `others`, as many recipes without any effect stand in the same table.
    """
    smallest = power.detectable(n, disagreement, alpha=power.ALPHA / (1 + others))
    share = max(disagreement, smallest)
    rng, found = numpy.random.default_rng(seed), 0
    for _ in range(repeats):
        old, new, _ = paired(n, rng, share, smallest)
        idle = {str(i): paired(n, rng, share, 0.0)[1] for i in range(others)}
        for values in idle.values():  # no effect: flip answers of the baseline either way
            flips = rng.random(n) < 0.1
            right = rng.random(n) < 0.5
            values.update({q: float(right[i]) if flips[i] else old[q] for i, q in enumerate(old)})
        found += stats.compare_all(old, {"new": new, **idle})["new"].verdict == "better"
    return found / repeats


def power_where_printed(make: partial, repeats: int, seed: int = 4) -> tuple[float, float]:
    """A true lift equal to what the comparisons themselves print as detectable, and its power."""
    left, right = 0.0, 4.0
    for step in range(12):
        lift = (left + right) / 2
        tried = partial(make.func, *make.args, **{**make.keywords, "lift": lift})
        rng = numpy.random.default_rng(seed + step)
        printed = [stats.compare(*tried(rng)).detectable for _ in range(300)]
        true = truth_of(tried, 60_000 if make.func is clustered else 400_000)[1]
        left, right = (lift, right) if true < sum(printed) / len(printed) else (left, lift)
    rng = numpy.random.default_rng(seed)
    found = sum(stats.compare(*tried(rng)).verdict == "better" for _ in range(repeats))
    return true, found / repeats


def first_steps(n: int, repeats: int) -> dict[str, float]:
    """How often the verdict begins with the step that the made-up truth calls for."""
    rng, right = numpy.random.default_rng(n), dict.fromkeys(worlds.CASES, 0)
    for _ in range(repeats):
        size = worlds.smallest(n) * rng.uniform(1, 3)
        for wanted, make in worlds.CASES.items():
            right[wanted] += advise(make(rng, n, size))[0].action == wanted
    return {wanted: count / repeats for wanted, count in right.items()}


def coverage_lines() -> Iterator[tuple[str, list[partial]]]:
    for n in SIZES:  # several levels together: with one, the steps of counting show
        levels = (0.4, 0.55, 0.7, 0.85)
        yield f"right/wrong, n = {n}", [partial(paired, n, level=level) for level in levels]
    for n in SIZES:
        yield f"partial scores, n = {n}", [partial(overlapping, n, lift=0.1)]
    for groups in (8, 15, 30, 60):
        for shared, word in ((0.0, "alike"), (0.8, "different")):
            for fractional, kind in ((False, "right/wrong"), (True, "partial")):
                one = partial(clustered, groups, shared=shared, fractional=fractional)
                yield f"{kind}, {groups} documents, {word}", [one]


def main(repeats: int) -> None:
    started = time.perf_counter()
    print(f"{repeats:,} simulated comparisons per line\n\n95 % intervals that hold the truth")
    for name, make in coverage_lines():
        mean, difference = covered(make, repeats)
        print(f"  {name:46} mean {mean:6.1%}   difference {difference:6.1%}")
    print("\nleaderboards of 7 equal recipes with a false alarm after Holm")
    for n, groups in ((30, 0), (100, 0), (300, 0), (60, 12), (120, 20), (300, 50)):
        rate = false_alarms(n, 7, repeats, groups)
        print(f"  n = {n:4} {f'on {groups} documents' if groups else '':24} {rate:6.1%}")
    print("\npower at the printed detectable difference")
    for n in SIZES:
        for disagreement in (0.1, 0.2, 0.4):
            rate, smallest = power_at(n, disagreement, repeats), power.detectable(n, disagreement)
            print(f"  n = {n:4}, {disagreement:.0%} disagree: {smallest:6.1%} is found {rate:6.1%}")
    for n in (100, 300):
        print(f"  n = {n:4}, beside 6 idle recipes: shown {power_at(n, 0.2, repeats, 6):6.1%}")
    for groups, fractional in ((15, False), (40, False), (15, True), (40, True)):
        make = partial(clustered, groups, shared=0.5, fractional=fractional)
        size, rate = power_where_printed(make, repeats)
        kind = "partial" if fractional else "right/wrong"
        print(f"  {kind} on {groups} documents: {size:6.1%} is found {rate:6.1%}")
    size, rate = power_where_printed(partial(overlapping, 100), repeats)
    print(f"  partial, n = 100: {size:6.1%} is found {rate:6.1%}")
    print("\nthe verdict's first step, where the difference is 1 to 3 times the detectable one")
    for n in (60, 100, 200, 300):
        for wanted, rate in first_steps(n, max(50, repeats // 5)).items():
            print(f"  n = {n:4}  {wanted:18} {rate:6.1%}")
    print(f"\n{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
