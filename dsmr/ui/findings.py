"""Sentences that say what the figures show, and no more than they show."""

from collections.abc import Sequence

from dsmr.core.stats import Comparison, Estimate
from dsmr.ui.evidence import FACTS, FORM, Board, best
from dsmr.ui.words import count, listing, percent, points, span, usd
from dsmr.work.results import Result

ENOUGH_MORE = 20_000  # beyond this, "more questions" is no advice


def accuracy(board: Board) -> str:
    """The finding of the accuracy chart."""
    ranked = board.ranked
    if not ranked:
        return "Nothing could be graded"
    top = ranked[0]
    if len(ranked) == 1 or board.baseline is None:
        return f"{board.name(top)} gets {percent(board.estimate(top).mean)} right"  # type: ignore[union-attr]
    winner = best(board, tuned=False) or top
    if winner is board.baseline:
        winner = top
    gain = board.comparisons.get(winner.run.id)
    if winner is board.baseline or gain is None or gain.verdict != "better":
        better = [r for r in ranked if _verdict(board, r) == "better"]
        if not better:
            return f"No recipe beats {board.name(board.baseline)} by more than chance"
        winner, gain = better[0], board.comparisons[better[0].run.id]
    text = f"{board.name(winner)} adds {points(gain.difference.mean).lstrip('+')} points"
    return text + _on_top(board, winner)


def _on_top(board: Board, winner: Result) -> str:
    if board.on_top is None or winner.run.recipe.tuning:
        return ""
    if board.on_top.verdict == "better":
        return f"; fine-tuning brings {points(board.on_top.difference.mean)} more"
    if board.on_top.verdict == "worse":
        return (
            f"; no fine-tuned recipe comes within {-100 * board.on_top.difference.mean:.0f} points"
        )
    return "; fine-tuning adds nothing we can tell"


def _verdict(board: Board, row: Result) -> str:
    found = board.comparisons.get(row.run.id)
    return found.verdict if found else ""


def so_far(facts: Board, form: Board | None) -> list[str]:
    """The verdict so far: a sentence on facts, one on form, one on what is missing."""
    sentences = []
    for made, what in ((facts, "right answers"), (form, "replies in the asked form")):
        if made and made.ranked:
            sentences.append(_leader(made, what))
    tuned = [r for r in facts.rows if r.run.recipe.tuning]
    if facts.rows and not tuned:
        sentences.append("Fine-tuning has not been tried yet.")
    elif facts.on_top and facts.ranked:
        sentences.append(_tuning(facts, form))
    return sentences


def _leader(board: Board, what: str) -> str:
    top = board.ranked[0]
    estimate: Estimate = board.estimate(top)  # type: ignore[assignment]
    rate = f"{percent(estimate.mean)} {what}"
    if board.baseline is None or len(board.ranked) == 1:
        return f"{board.name(top)}: {rate} on {count(estimate.n, 'question')}."
    gain = board.comparisons.get(top.run.id)
    if gain is None or gain.verdict != "better":
        start = board.estimate(board.baseline)
        has = f": {board.name(board.baseline)} has {percent(start.mean)} {what}" if start else ""
        return f"No recipe beats the baseline yet by more than chance{has}."
    ends = f"{points(gain.difference.low)} to {points(gain.difference.high)}"
    delta = points(gain.difference.mean)
    return (
        f"{board.name(top)} leads with {rate}: {delta} points on {board.name(board.baseline)} "
        f"(95 % interval {ends})."
    )


def _tuning(facts: Board, form: Board | None) -> str:
    on_facts, on_form = facts.on_top, form.on_top if form else None
    helps = [
        word
        for word, found in (("facts", on_facts), ("form", on_form))
        if found and found.verdict == "better"
    ]
    if helps:
        return f"Fine-tuning pays for {listing(helps)}."
    return "Fine-tuning brings nothing on top that we can tell from chance."


def uncertain(board: Board) -> list[str]:
    """For each recipe whose difference cannot be told: how many more questions would show it."""
    from dsmr.core.stats import questions_needed

    found = []
    for row in board.ranked:
        gain = board.comparisons.get(row.run.id)
        if gain is None or gain.verdict != "cannot tell":
            continue
        found.append(f"{board.name(row)}: {_needs(gain, questions_needed)}")
    return found


def _needs(gain: Comparison, questions_needed: object) -> str:
    size, n = abs(gain.difference.mean), gain.difference.n
    if round(100 * size) == 0:
        return "no difference seen; more questions would hardly change that."
    disagreement = max((gain.wins + gain.losses) / n, size)
    more = questions_needed(size, disagreement) - n  # type: ignore[operator]
    text = f"{points(gain.difference.mean)} points is inside the noise"
    if more <= 0:
        return f"{text} after correcting for the number of recipes compared."
    if more > ENOUGH_MORE:
        return f"{text}; too small to be worth measuring."
    step = 10 if more >= 100 else 5
    return f"{text}; about {-(-more // step) * step:,} more questions would tell."


def form_facts(facts: Board, form: Board) -> str:
    """What moved facts most, and what moved form most."""
    parts = []
    for made, what in ((facts, "facts"), (form, "form")):
        moved = [
            (found.difference.mean, row)
            for row in made.rows
            if (found := made.comparisons.get(row.run.id)) and found.verdict == "better"
        ]
        if moved:
            gain, row = max(moved, key=lambda pair: pair[0])
            parts.append(f"{made.name(row)} moves {what} most ({points(gain)} points)")
    if not parts:
        return "Nothing has moved facts or form by more than chance"
    return "; ".join(parts)


def cost(rows: Sequence[tuple[str, float]]) -> str:
    """Of (name, USD per 1,000 questions)."""
    known = sorted(rows, key=lambda pair: pair[1])
    if not known:
        return "No price is known"
    cheap, dear = known[0], known[-1]
    if len(known) == 1 or cheap[1] <= 0:
        return f"{dear[0]} costs {usd(dear[1])} per 1,000 questions"
    times = dear[1] / cheap[1]
    if times < 1.15:
        return f"All cost about the same: {usd(dear[1])} per 1,000 questions"
    much = f"{times:.0f} times" if times >= 3 else f"{times:.1f} times"
    return f"{dear[0]} costs {much} as much as {cheap[0]}"


def latency(rows: Sequence[tuple[str, float]]) -> str:
    """Of (name, median seconds)."""
    known = sorted(rows, key=lambda pair: pair[1])
    fast, slow = known[0], known[-1]
    if len(known) == 1:
        return f"{fast[0]} answers in {span(fast[1])}"
    return f"{fast[0]} answers in {span(fast[1])}, {slow[0]} takes {span(slow[1])}"


def pareto(names: Sequence[str], total: int) -> str:
    """Which recipes are worth their price."""
    if total == 1:
        return "One recipe so far: run another to compare"
    if len(names) == 1:
        return f"{names[0]} is the most accurate and the cheapest"
    verb = "are" if len(names) > 1 else "is"
    return f"{listing(list(names))} {verb} worth the price: nothing cheaper is as accurate"


def recall(name: str, estimate: Estimate) -> str:
    return f"{name} finds the right document for {percent(estimate.mean)} of the questions"


def has_form(board: Board) -> bool:
    return any(FORM in r.metrics for r in board.rows)


def main_metric(metrics: Sequence[str]) -> str:
    """Facts where there are any."""
    return FACTS if FACTS in metrics or not metrics else metrics[0]
