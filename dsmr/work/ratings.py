"""Blind rating: decks of answers without names, and how far graders agree."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dsmr.core.agreement import (
    Agreement,
    Lean,
    Winner,
    agreement,
    first_place_bias,
    flip_rate,
    length_bias,
)
from dsmr.core.run import Score
from dsmr.core.stats import Estimate
from dsmr.store.ratings import Preference, Rating
from dsmr.store.records import Store
from dsmr.work.judge import Pair

FACTS = "contains"
Card = tuple[str, str]  # run id, question id
Marks = dict[str, float | None]  # by run and question


@dataclass(frozen=True, slots=True)
class Together:
    """Two graders over the answers that both graded."""

    first: str
    second: str
    found: Agreement


@dataclass(frozen=True, slots=True)
class Steadiness:
    """What should not matter to a judge of pairs, and how much it does."""

    rater: str
    pairs: int
    flips: Estimate | None  # None: no pair was judged in both orders
    first_place: Lean | None
    length: Lean | None
    usd: float | None
    tokens: int


def deck(store: Store, run_ids: Sequence[str], seed: int) -> list[Card]:
    """Every graded answer of these runs, shuffled by the seed, so that no recipe shows."""
    cards = [(run_id, score.question_id) for run_id in run_ids for score in _graded(store, run_id)]
    return random.Random(seed).sample(cards, len(cards))


def _graded(store: Store, run_id: str) -> list[Score]:
    scores = store.runs.scores(run_id, FACTS)
    return [s for s in scores if s.value is not None and s.attempt == 0]


def pairs(store: Store, run_ids: Sequence[str], seed: int) -> list[Pair]:
    """Two different replies to one question, order and side drawn by the seed."""
    replies = {
        run_id: {id: a.reply.text for id, a in store.runs.answers(run_id).items() if a.reply}
        for run_id in run_ids
    }
    chance, made = random.Random(seed), []
    for place, first in enumerate(run_ids):
        for second in run_ids[place + 1 :]:
            for id in sorted(replies[first].keys() & replies[second].keys()):
                if replies[first][id].strip() != replies[second][id].strip():
                    pair = Pair(first, second, id)
                    made.append(pair if chance.random() < 0.5 else pair.swapped)
    return chance.sample(made, len(made))


def open_cards(cards: Iterable[Card], given: Iterable[Rating], rater: str) -> list[Card]:
    """Those that this rater has not seen."""
    done = {(r.run_id, r.question_id) for r in given if r.rater == rater}
    return [card for card in cards if card not in done]


def open_pairs(every: Iterable[Pair], given: Iterable[Preference], rater: str) -> list[Pair]:
    """Those that this rater has seen in neither order."""
    done = {
        frozenset((p.first_run_id, p.second_run_id, p.question_id))
        for p in given
        if p.rater == rater
    }
    return [
        p for p in every if frozenset((p.first_run_id, p.second_run_id, p.question_id)) not in done
    ]


# --- agreement --------------------------------------------------------------------------------


def together(store: Store, run_ids: Sequence[str]) -> list[Together]:
    """People, judges and the automatic score, two by two, as far as they graded the same."""
    given = store.ratings.ratings(run_ids)
    graders: dict[str, Marks] = {}
    people = [r for r in given if r.kind == "human"]
    if people:
        graders["people"] = _mean_mark(people)
    graders["automatic score"] = {
        _key(run_id, s.question_id): s.value
        for run_id in run_ids
        for s in store.runs.scores(run_id, FACTS)
        if s.attempt == 0
    }
    for judge in dict.fromkeys(r.rater for r in given if r.kind == "judge"):
        graders[judge] = _mean_mark([r for r in given if r.rater == judge and r.kind == "judge"])
    names = list(graders)
    found = []
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            one = agreement(graders[first], graders[second])
            if one:
                found.append(Together(first, second, one))
    return found


def _mean_mark(given: Sequence[Rating]) -> Marks:
    """One mark per answer; of several people the mean, undecided ones left out."""
    marks: dict[str, list[float]] = {}
    for rating in given:
        held = marks.setdefault(_key(rating.run_id, rating.question_id), [])
        if rating.value is not None:
            held.append(rating.value)
    return {key: sum(v) / len(v) if v else None for key, v in marks.items()}


def _key(*parts: str) -> str:
    return "\0".join(parts)


def steadiness(store: Store, run_ids: Sequence[str]) -> list[Steadiness]:
    """For everyone who compared pairs: flips when swapped, first place, length, cost."""
    given = store.ratings.preferences(run_ids)
    lengths = {
        run_id: {id: len(a.reply.text) for id, a in store.runs.answers(run_id).items() if a.reply}
        for run_id in run_ids
    }
    raters = dict.fromkeys(p.rater for p in given)
    return [_steady([p for p in given if p.rater == rater], lengths) for rater in raters]


def _steady(given: Sequence[Preference], lengths: Mapping[str, Mapping[str, int]]) -> Steadiness:
    decided: dict[tuple[str, str, str], dict[str, Winner]] = {}
    for p in given:
        if p.winner:
            low, high = sorted((p.first_run_id, p.second_run_id))
            pair = decided.setdefault((low, high, p.question_id), {})
            pair["asked" if p.first_run_id == low else "swapped"] = p.winner
    asked, swapped = (
        {_key(*key): orders[side] for key, orders in decided.items() if side in orders}
        for side in ("asked", "swapped")
    )
    costs = [p.usd for p in given if p.usd is not None]
    return Steadiness(
        given[0].rater,
        len(decided),
        flip_rate(asked, swapped),
        first_place_bias(winner for orders in decided.values() for winner in _by_place(orders)),
        length_bias(
            (lengths[low].get(id, 0), lengths[high].get(id, 0), _by_run(orders))
            for (low, high, id), orders in decided.items()
        ),
        sum(costs) if costs else None,
        sum(p.tokens_in + p.tokens_out for p in given),
    )


def _by_place(orders: Mapping[str, Winner]) -> set[Winner]:
    """Each pair speaks once: in both orders only where it named the same place twice."""
    named = set(orders.values())
    return named if len(named) == 1 else set()


def _by_run(orders: Mapping[str, Winner]) -> Winner:
    """The winner of a pair whatever its place; a tie where swapping changed it."""
    turned: dict[Winner, Winner] = {"first": "second", "second": "first", "tie": "tie"}
    named = {w if side == "asked" else turned[w] for side, w in orders.items()}
    return named.pop() if len(named) == 1 else "tie"


@dataclass(frozen=True, slots=True)
class Docket:
    """What one judge, asked with one wording, has said and what that took."""

    judge: str
    prompt_hash: str
    verdicts: int
    undecided: int
    tokens: int
    usd: float | None  # None: no price is known


def dockets(store: Store, run_ids: Sequence[str]) -> list[Docket]:
    """Of model judges on these runs, in the order of their first verdict."""
    groups: dict[tuple[str, str], list[Rating | Preference]] = {}
    for one in (*store.ratings.ratings(run_ids), *store.ratings.preferences(run_ids)):
        if one.kind == "judge":
            groups.setdefault((one.rater, one.prompt_hash), []).append(one)
    return [_docket(*key, given) for key, given in groups.items()]


def _docket(judge: str, prompt_hash: str, given: Sequence[Rating | Preference]) -> Docket:
    costs = [one.usd for one in given if one.usd is not None]
    said = [one.value if isinstance(one, Rating) else one.winner for one in given]
    return Docket(
        judge,
        prompt_hash,
        len(given),
        said.count(None),
        sum(one.tokens_in + one.tokens_out for one in given),
        sum(costs) if costs else None,
    )


def spent_on_judging(store: Store, run_ids: Sequence[str]) -> float | None:
    """USD for model judges on these runs; None: none was asked, or no price is known."""
    costs = [docket.usd for docket in dockets(store, run_ids) if docket.usd is not None]
    return sum(costs) if costs else None
