"""The time machine: a project's own runs as they would have been priced, and fitted, on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dsmr.core.run import Tokens
from dsmr.core.trends import Footprint, Then, back_then
from dsmr.market.facts import context_windows, offers
from dsmr.store.records import Store
from dsmr.work.breakeven import TYPICAL, Footing, long_prompt
from dsmr.work.results import Result, labels, latest

FIRST_DAY = date(2021, 1, 1)
THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Traveller:
    """One recipe on its way through time."""

    name: str
    technique: str
    footprint: Footprint
    measured: bool  # False: typical figures, there is no run yet


def travellers(store: Store, project_id: str, found: Sequence[Result]) -> list[Traveller]:
    """The newest run of each recipe, and all documents in one prompt; typical ones without runs."""
    rows = [r for r in latest(found) if r.usage.answers > r.usage.failed]
    names = labels(rows)
    made = [
        Traveller(names[r.run.id], r.run.recipe.technique, _footprint(store, r), True) for r in rows
    ]
    if not made:
        made = [_typical(way) for way in TYPICAL]
    whole = long_prompt(store, project_id)
    return [*made, *([_typical(whole)] if whole else [])]


def _footprint(store: Store, result: Result) -> Footprint:
    """Tokens of all questions, and the longest prompt with room for its reply."""
    answers = store.runs.answers(result.run.id).values()
    prompts = [a.reply.tokens.all_in for a in answers if a.reply is not None]
    longest = max(prompts, default=0) + result.run.recipe.max_tokens
    answered = result.usage.answers - result.usage.failed
    return Footprint(result.usage.tokens, answered, longest)


def _typical(way: Footing) -> Traveller:
    tokens = Tokens(int(THOUSAND * (way.shared + way.own)), 0, int(THOUSAND * way.out))
    longest = int(way.shared + way.own + 4 * way.out)
    return Traveller(way.name, way.technique, Footprint(tokens, THOUSAND, longest), False)


def makers() -> list[str]:
    """Whose models were for sale, the most listed first."""
    sold = [offer.price.provider for offer in offers()]
    return sorted(set(sold), key=lambda maker: (-sold.count(maker), maker))


def on_day(who: Sequence[Traveller], day: date, maker: str | None = None) -> dict[str, Then]:
    """Each recipe on that day with the cheapest model (of a maker) whose window holds it."""
    sold = [o for o in offers() if maker is None or o.price.provider == maker]
    windows = context_windows() if maker is None else ()
    return back_then({t.name: t.footprint for t in who}, sold, windows, day)


def months_until(today: date) -> list[date]:
    """The first of every month since FIRST_DAY."""
    return [
        date(year, month, 1)
        for year in range(FIRST_DAY.year, today.year + 1)
        for month in range(1, 13)
        if date(year, month, 1) <= today
    ]


def over_time(
    who: Sequence[Traveller], days: Sequence[date], maker: str | None = None
) -> dict[str, list[tuple[date, float | None]]]:
    """USD per 1,000 questions on each day; None where nothing for sale would have held it."""
    found: dict[str, list[tuple[date, float | None]]] = {t.name: [] for t in who}
    for day in days:
        for name, then in on_day(who, day, maker).items():
            found[name].append((day, then.usd_per_1k))
    return found
