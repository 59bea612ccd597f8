"""The human check as the page shows it: what is to be rated, and how far graders agree."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dsmr.charts import Chart, Mark, ranking
from dsmr.core.agreement import Lean, in_words
from dsmr.core.data import Question
from dsmr.core.stats import Estimate
from dsmr.store.projects import Project
from dsmr.store.ratings import Preference, Rating
from dsmr.store.records import Store
from dsmr.ui.evidence import project_results
from dsmr.ui.words import count, interval, percent, tokens, usd
from dsmr.work import ratings
from dsmr.work.judge import Pair
from dsmr.work.ratings import Steadiness, Together
from dsmr.work.results import Result, labels, latest

FIRST_RUNS = 3  # that are offered at the start: the baseline and the best of each sort


@dataclass(frozen=True, slots=True)
class Card:
    """One answer to rate, without its recipe."""

    run_id: str
    question: Question
    reply: str


@dataclass(frozen=True, slots=True)
class Duel:
    """Two answers to compare, without their recipes."""

    pair: Pair
    question: Question
    first: str
    second: str


def rateable(store: Store, project: Project) -> tuple[list[Result], dict[str, str], list[str]]:
    """Newest runs with right answers scored, their names, and those to start with."""
    rows = [r for r in latest(project_results(store, project)) if ratings.FACTS in r.metrics]
    ranked = sorted(rows, key=lambda r: -r.metrics[ratings.FACTS].mean)
    start = [r for r in rows if r.run.recipe.technique == "baseline"][:1]
    for tuned in (False, True):
        start += [r for r in ranked if bool(r.run.recipe.tuning) == tuned and r not in start][:1]
    return rows, labels(rows), [r.run.id for r in (start or rows)[:FIRST_RUNS]]


def next_card(
    store: Store, run_ids: Sequence[str], rater: str, seed: int
) -> tuple[Card | None, int, int]:
    """The next answer nobody of this name has rated; how many are rated, and how many there are."""
    deck = ratings.deck(store, run_ids, seed)
    left = ratings.open_cards(deck, store.ratings.ratings(run_ids), rater)
    if not left:
        return None, len(deck), len(deck)
    run_id, question_id = left[0]
    answer = store.runs.answer(run_id, question_id)
    text = answer.reply.text if answer and answer.reply else ""
    card = Card(run_id, _question(store, run_id, question_id), text)
    return card, len(deck) - len(left), len(deck)


def next_duel(
    store: Store, run_ids: Sequence[str], rater: str, seed: int
) -> tuple[Duel | None, int, int]:
    every = ratings.pairs(store, run_ids, seed)
    left = ratings.open_pairs(every, store.ratings.preferences(run_ids), rater)
    if not left:
        return None, len(every), len(every)
    pair = left[0]
    first, second = (
        answer.reply.text if answer and answer.reply else ""
        for answer in (
            store.runs.answer(pair.first_run_id, pair.question_id),
            store.runs.answer(pair.second_run_id, pair.question_id),
        )
    )
    question = _question(store, pair.first_run_id, pair.question_id)
    return Duel(pair, question, first, second), len(every) - len(left), len(every)


def _question(store: Store, run_id: str, question_id: str) -> Question:
    evalset = store.projects.evalset(store.runs.get(run_id).evalset_id)
    return next(q for q in evalset.questions if q.id == question_id)


def rate(store: Store, card: Card, rater: str, value: float | None) -> None:
    store.ratings.rate(Rating(card.run_id, card.question.id, rater, value))


def prefer(store: Store, duel: Duel, rater: str, winner: str | None) -> None:
    pair = duel.pair
    made = Preference(
        pair.first_run_id,
        pair.second_run_id,
        pair.question_id,
        rater,
        winner,  # type: ignore[arg-type]
    )
    store.ratings.prefer(made)


# --- agreement --------------------------------------------------------------------------------


def agreement_chart(found: Sequence[Together]) -> Chart:
    marks = [
        Mark(f"{one.first} and {one.second}", "preference", "", one.found.share) for one in found
    ]
    best = max(found, key=lambda one: one.found.share.n)
    subtitle = "Share of answers that two graders call the same; line: 95 % interval"
    return ranking(marks, agreement_words(best), subtitle)


def agreement_words(one: Together) -> str:
    """`People and the automatic score agree on 93 %: almost perfect beyond chance`."""
    share, found = one.found.share, one.found.kappa
    first = one.first[:1].upper() + one.first[1:]
    text = f"{first} and {one.second} agree on {percent(share.mean)} of {share.n}"
    if found is None:
        return f"{text}; both always say the same, so chance cannot be taken out"
    return f"{text}; beyond chance {in_words(found.mean)} (κ {found.mean:.2f})"


def agreement_table(found: Sequence[Together]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Graders": f"{one.first} and {one.second}",
                "Answers": one.found.share.n,
                "Agree": percent(one.found.share.mean),
                "95 % interval": interval(one.found.share),
                "κ": _kappa(one.found.kappa),
                "κ between": _between(one.found.kappa),
                "Only the second says right": one.found.more_lenient,
                "Only the first": one.found.more_strict,
                "p": one.found.p_value,
            }
            for one in found
        ]
    )


def _kappa(value: Estimate | None) -> str:
    return "–" if value is None else f"{value.mean:.2f}"


def _between(value: Estimate | None) -> str:
    return "–" if value is None else f"{value.low:.2f} to {value.high:.2f}"


STEADY_FIGURES = (
    "Changes its mind when swapped", "First place wins", "Longer reply wins", "Tokens", "Cost",
)  # fmt: skip


def steadiness_table(found: Sequence[Steadiness]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Who": one.rater,
                "Pairs": one.pairs,
                "Changes its mind when swapped": _share(one.flips),
                "First place wins": _lean(one.first_place),
                "Longer reply wins": _lean(one.length),
                "Tokens": tokens(one.tokens) if one.tokens else "–",
                "Cost": usd(one.usd),
            }
            for one in found
        ]
    )


def _share(value: Estimate | None) -> str:
    return "–" if value is None else f"{percent(value.mean)} ({interval(value)})"


def _lean(value: Lean | None) -> str:
    if value is None:
        return "–"
    told = "leans" if value.leans else "fair"
    return f"{percent(value.share.mean)} ({interval(value.share)}), {told}"


def judging_words(store: Store, run_ids: Sequence[str]) -> list[str]:
    """One line per judge and wording: how much it said and what that cost."""
    said = []
    for one in ratings.dockets(store, run_ids):
        text = f"{one.judge}, wording {one.prompt_hash}: {count(one.verdicts, 'verdict')}"
        if one.undecided:
            text += f" ({one.undecided} undecided)"
        cost = usd(one.usd) if one.usd is not None else "no price known"
        said.append(f"{text}, {tokens(one.tokens)} tokens, {cost}.")
    return said or ["No model has judged these answers yet."]
