"""From evidence to advice: plain sentences, each with its numbers and the page to look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from dsmr.core.evidence import QUALITIES, Evidence, Quality, Result
from dsmr.core.intervals import wilson
from dsmr.core.power import ALPHA, detectable, mcnemar
from dsmr.core.stats import Comparison, Estimate

Action = Literal[
    "run first",  # a run is missing without which nothing can be said
    "stop here",
    "improve retrieval",
    "improve reading",  # the passage is there and the model does not use it
    "fine-tune",
    "do not fine-tune",
    "weigh up",  # a gain and a loss, both beyond doubt
    "cannot tell yet",
    "note",  # a finding that decides nothing by itself
]
MOST_QUESTIONS = 20_000  # beyond it, "add N questions" is no advice any more


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence, what it rests on, and where to see that."""

    action: Action
    sentence: str
    numbers: Mapping[str, float | int | str]
    view: str  # page: questions, recipes, results, answers, map, probe, breakeven
    certain: bool  # False: the sentence claims nothing that chance could overturn


def advise(evidence: Evidence) -> list[Advice]:
    """The next step first, then the findings behind it in the order of the ladder.

    A pure function of the evidence; every claim in it (`certain`) comes from an interval
    or an adjusted p-value, never from a mean alone.
    """
    findings = [
        *_size(evidence),
        *_prompting(evidence),
        *_retrieval(evidence),
        *_lacking(evidence),
        *_curve(evidence),
        *_tuning(evidence),
        *_goal(evidence),
    ]
    head = next_step(evidence, findings)
    return [head, *(one for one in findings if one != head)]


def next_step(evidence: Evidence, findings: list[Advice]) -> Advice:
    """The one thing to do next."""
    missing = _missing(evidence)
    if missing:
        return missing
    by_action: dict[str, Advice] = {}
    for one in findings:
        by_action.setdefault(one.action, one)
    if "fine-tune" in by_action and any(r.tuned for r in evidence.results):
        return by_action["fine-tune"]
    enough = _enough(evidence)
    if enough:
        return enough
    order = ("improve retrieval", "weigh up", "fine-tune", "do not fine-tune", "improve reading")
    for action in order:
        if action in by_action:
            return by_action[action]
    return by_action.get("cannot tell yet") or Advice(
        "cannot tell yet",
        "Cannot tell yet whether tuning would add anything: run the k-shot probe, or a tuned "
        "recipe.",
        {},
        "probe",
        False,
    )


def _missing(evidence: Evidence) -> Advice | None:
    untuned = [r for r in evidence.results if not r.tuned and (r.facts or r.form)]
    if not any(r.name == evidence.baseline for r in untuned):
        what = "the baseline, so that there is something to compare with"
    elif len(untuned) < 2:
        what = "a prompt, a few-shot and a retrieval recipe before thinking of tuning"
    elif _short(evidence, "facts") and not any("retrieval" in r.technique for r in untuned):
        what = "a recipe with retrieval: facts fall short, and passages are what brings facts"
    else:
        return None
    return Advice("run first", f"Run {what}.", {"runs": len(evidence.results)}, "recipes", False)


def _size(evidence: Evidence) -> Iterator[Advice]:
    found = {quality: size for quality in QUALITIES if (size := _shown(evidence, quality))}
    smallest = min(found.values(), default=detectable(evidence.questions))
    on = f" on {evidence.documents} documents" if evidence.documents else ""
    said = f"The {evidence.questions} questions{on} can show differences of about "
    said += " and ".join(f"{points(size)} in {quality}" for quality, size in found.items())
    said += "" if found else points(smallest)
    said += " or more; smaller ones stay open."
    numbers = {"questions": evidence.questions, "detectable": smallest}
    if smallest > evidence.margin:
        more = evidence.questions * ((smallest / evidence.margin) ** 2 - 1)
        numbers["more"] = int(float(f"{more:.2g}"))
        said += f" To see {points(evidence.margin)}, add about {numbers['more']:,} questions."
    yield Advice("note", said, numbers, "questions", False)


def _shown(evidence: Evidence, quality: Quality) -> float | None:
    """The difference that the comparisons in one quality could typically show."""
    made = [*evidence.steps.items(), *evidence.tuning.items()]
    sizes = sorted(one.detectable for (q, _), one in made if q == quality and one.detectable)
    return sizes[len(sizes) // 2] if sizes else None


def _prompting(evidence: Evidence) -> Iterator[Advice]:
    """What the untuned recipes gained over the baseline, quality by quality."""
    for quality in QUALITIES:
        steps = {n: one for (q, n), one in evidence.steps.items() if q == quality}
        better = {n: one for n, one in steps.items() if one.verdict == "better"}
        if better:
            name = max(better, key=lambda n: better[n].difference.mean)
            said = f"{name} adds {_gain(better[name].difference)} of {quality} over "
            said += f"{evidence.baseline}{_price(evidence, name)}."
            yield Advice("note", said, _numbers(better[name]), "results", True)
        elif steps:
            said = f"No untuned recipe moved {quality} beyond doubt from {evidence.baseline}."
            yield Advice("note", said, {"recipes": len(steps)}, "results", False)


def _retrieval(evidence: Evidence) -> Iterator[Advice]:
    """Whether answers are lost before or after the passage is found."""
    seen = evidence.retrieved
    if seen is None or not seen.n:
        return
    found, n = seen.found_right + seen.found_wrong, seen.n
    lost, unread = seen.missed_wrong, seen.found_wrong
    right = seen.found_right / found if found else 0.0
    said = f"The right document was found for {found} of {n} questions ({found / n:.0%})"
    said += f" and, where it was, {right:.0%} were answered right"
    numbers = {"recall": found / n, "right_when_found": right, "lost": lost, "unread": unread}
    sure = mcnemar(lost, unread) < ALPHA
    if sure and lost > unread and wilson(lost / n, n)[0] > evidence.margin / 2:
        said += f": retrieval is the bottleneck, it costs {lost} answers against {unread}."
        yield Advice("improve retrieval", said, numbers, "answers", True)
    elif sure and unread > lost and wilson(unread / n, n)[0] > evidence.margin / 2:
        said += f": the model misreads more ({unread}) than retrieval misses ({lost})."
        yield Advice("improve reading", said, numbers, "answers", True)
    else:
        said += f"; {lost} answers were lost to retrieval and {unread} to reading."
        yield Advice("note", said, numbers, "answers", False)


def _lacking(evidence: Evidence) -> Iterator[Advice]:
    """Facts or form: which of the two the best untuned recipe still lacks."""
    for quality in QUALITIES:
        best = _rival(evidence, quality)
        held = best.of(quality) if best else None
        if best and held and held.high < evidence.target:
            cure = "more or better passages" if quality == "facts" else "tuning can teach that"
            falls = "Facts fall" if quality == "facts" else "Form falls"
            said = f"{falls} short: {_level(held)} with {best.name}; {cure}."
            yield Advice("note", said, _estimate_numbers(held), "map", True)


def _curve(evidence: Evidence) -> Iterator[Advice]:
    probe = evidence.probe
    if probe is None:
        return
    ahead = probe.predicted
    numbers: dict[str, float | int | str] = {"shape": probe.shape, "margin": probe.margin}
    said = probe.reason
    if ahead:
        numbers |= {"predicted": ahead.mean, "low": ahead.low, "high": ahead.high}
        said += f" The curve lets expect {points(ahead.mean)} from more of the same "
        said += f"({points(ahead.low)} to {points(ahead.high)}), a rule of thumb."
    untried = not any(r.tuned for r in evidence.results)
    if probe.shape == "flattened" and untried and not _short(evidence, "form"):
        said += " Tuning on more of the same will hardly help."
        yield Advice("do not fine-tune", said, numbers, "probe", True)
    else:
        yield Advice("note", said, numbers, "probe", probe.shape != "cannot tell")


def _tuning(evidence: Evidence) -> Iterator[Advice]:
    """Whether tuning adds anything on top of the best untuned recipe."""
    tuned = [r for r in evidence.results if r.tuned]
    if not tuned:
        if _short(evidence, "form"):
            best = _rival(evidence, "form")
            held = best.form if best else None
            if best and held:
                said = f"Fine-tune, for form: the best untuned recipe reaches {_level(held)}, "
                said += "and form is what tuning teaches. Train one adapter and compare."
                yield Advice("fine-tune", said, _estimate_numbers(held), "recipes", True)
        return
    told = [_of_one(evidence, result) for result in tuned]
    helps = [one for one in told if one.action == "fine-tune"]
    settled = [one for one in told if one.action == "do not fine-tune"]
    yield from helps
    if len(settled) == len(told):
        yield from settled
    yield from (one for one in told if one.action in ("weigh up", "cannot tell yet"))


def _of_one(evidence: Evidence, result: Result) -> Advice:
    """What one tuned recipe is worth beside the best untuned one."""
    found = {q: c for (q, n), c in evidence.tuning.items() if n == result.name}
    cost = _price(evidence, result.name)
    big = [
        q for q, c in found.items() if c.verdict == "better" and c.difference.high > evidence.margin
    ]
    worse = [q for q, c in found.items() if c.verdict == "worse"]
    numbers = {f"{q}_{key}": v for q, c in found.items() for key, v in _numbers(c).items()}
    if big and not worse:
        over = evidence.rival[big[0]]
        gains = " and ".join(f"{_gain(found[q].difference)} of {q}" for q in big)
        said = f"Fine-tune, for {' and '.join(big)}: {result.name} adds {gains} over {over}{cost}."
        said += _beside(evidence, found, big)
        return Advice("fine-tune", said, numbers, "results", True)
    small = all(c.difference.high < evidence.margin for c in found.values())
    if found and (small or (worse and not big)):
        why = [
            f"{q} moved by {_span(c.difference)} against {evidence.rival[q]}"
            for q, c in found.items()
        ]
        said = f"Do not fine-tune: with {result.name}, {' and '.join(why)}{cost}."
        return Advice("do not fine-tune", said, numbers, "results", True)
    if big:
        moves = " but ".join(f"{_span(found[q].difference)} of {q}" for q in (*big, *worse))
        said = f"Weigh up: {result.name} brings {moves}; decide which matters, or mix in retrieval."
        return Advice("weigh up", said, numbers, "map", True)
    return Advice("cannot tell yet", _undecided(evidence, result, found), numbers, "results", False)


def _undecided(evidence: Evidence, result: Result, found: Mapping[Quality, Comparison]) -> str:
    if not found:
        return f"{result.name} shares no graded question with an untuned recipe."
    quality, open_one = max(found.items(), key=lambda pair: pair[1].difference.high)
    more = more_questions(open_one, evidence.margin)
    said = f"Cannot tell yet whether {result.name} helps: {quality} moved by "
    said += f"{_span(open_one.difference)} against {evidence.rival[quality]}"
    few = evidence.documents is not None and evidence.documents < 10
    where = " on further documents" if few else ""
    if more > MOST_QUESTIONS:
        return f"{said}; more than {MOST_QUESTIONS:,} questions would be needed{where}."
    return f"{said}; add about {more:,} questions{where}."


def more_questions(comparison: Comparison, margin: float) -> int:
    """About how many more questions would show a difference of the observed size.

    A difference smaller than `margin` is taken as the margin, since less does not matter.
    Two digits; the error falls with the root of the number of questions, clustered or not.
    """
    aim = max(abs(comparison.difference.mean), margin)
    n = comparison.difference.n
    more = n * (((comparison.detectable or 1.0) / aim) ** 2 - 1)
    return max(10, int(float(f"{more:.2g}")))


def _beside(evidence: Evidence, found: Mapping[Quality, Comparison], big: list[Quality]) -> str:
    """What happens to the other quality: held, or open."""
    parts = []
    for quality, one in found.items():
        if quality not in big:
            held = one.difference.low > -evidence.margin
            stays = "Facts stay" if quality == "facts" else "Form stays"
            word = stays if held else f"{quality.capitalize()} may change"
            parts.append(f" {word} ({_span(one.difference)}).")
    return "".join(parts)


def _enough(evidence: Evidence) -> Advice | None:
    """Stop here: an untuned recipe is good enough in everything that is asked."""
    asked = [q for q in QUALITIES if any(r.of(q) for r in evidence.results)]
    for result in evidence.results:
        held = {q: e for q in asked if (e := result.of(q))}
        whole = not result.tuned and held and len(held) == len(asked)
        if whole and all(e.low >= evidence.target for e in held.values()):
            levels = " and ".join(f"{q} {_level(e)}" for q, e in held.items())
            said = f"Stop here: {result.name} is good enough, with {levels}"
            said += f"{_price(evidence, result.name)}."
            numbers = {f"{q}_low": e.low for q, e in held.items()}
            return Advice("stop here", said, numbers, "results", True)
    return None


def _goal(evidence: Evidence) -> Iterator[Advice]:
    """For price or latency: the least of those shown to be as good as the best."""
    if evidence.goal == "quality":
        return
    price = evidence.goal == "price"
    figures = {
        r.name: value
        for r in evidence.results
        if r.name in evidence.as_good
        and (value := r.usd_per_1k if price else r.seconds_p95) is not None
    }
    if not figures:
        return
    name = min(figures, key=lambda n: figures[n])
    value = f"${figures[name]:.2f} per 1,000 questions" if price else f"{figures[name]:.2g} s (p95)"
    said = f"For {evidence.goal}, take {name}: {value}, and at most "
    said += f"{points(evidence.margin)} below the best."
    tuned = next(r for r in evidence.results if r.name == name).tuned
    if tuned and price and evidence.pays_from is not None:
        said += f" It pays from about {evidence.pays_from:,.0f} questions a month on."
    many = len(evidence.as_good) > 1
    view = "breakeven" if price else "results"
    yield Advice("note", said, {evidence.goal: figures[name]}, view, many)


def _short(evidence: Evidence, quality: Quality) -> bool:
    """Whether the best untuned recipe is below the target beyond doubt."""
    best = _rival(evidence, quality)
    held = best.of(quality) if best else None
    return held is not None and held.high < evidence.target


def _rival(evidence: Evidence, quality: Quality) -> Result | None:
    name = evidence.rival.get(quality)
    return next((r for r in evidence.results if r.name == name), None)


def _price(evidence: Evidence, name: str) -> str:
    result = next((r for r in evidence.results if r.name == name), None)
    if result is None or result.usd_per_1k is None:
        return ""
    once = f" and {_usd(result.usd_once)} once" if result.usd_once else ""
    return f", at {_usd(result.usd_per_1k)} per 1,000 questions{once}"


def _usd(amount: float) -> str:
    """Cents where there are some, else two figures that are not zero."""
    return f"${amount:,.2f}" if amount >= 0.1 or amount == 0 else f"${amount:.2g}"


def points(share: float) -> str:
    """A share in points: 0.053 is "5.3 points"."""
    return f"{share * 100:.1f} points"


def _gain(found: Estimate) -> str:
    return f"{points(found.mean)} ({found.low * 100:.1f} to {found.high * 100:.1f})"


def _span(found: Estimate) -> str:
    ends = f"{found.low * 100:+.1f} to {found.high * 100:+.1f}"
    return f"{found.mean * 100:+.1f} points ({ends})"


def _level(found: Estimate) -> str:
    return f"{found.mean:.0%} ({found.low:.0%} to {found.high:.0%})"


def _numbers(found: Comparison) -> dict[str, float | int | str]:
    p_value = found.p_value if found.p_adjusted is None else found.p_adjusted
    return {
        "difference": found.difference.mean,
        "low": found.difference.low,
        "high": found.difference.high,
        "n": found.difference.n,
        "wins": found.wins,
        "losses": found.losses,
        "p": p_value,
    }


def _estimate_numbers(found: Estimate) -> dict[str, float | int | str]:
    return {"mean": found.mean, "low": found.low, "high": found.high, "n": found.n}
