"""From a project's own runs to break-even plans: tokens per question, assumptions, crossings."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import combinations, pairwise

from dsmr.core.breakeven import Crossing, Outlook, Plan, Range, crossing, per_question, sure, tuned
from dsmr.core.cost import Price
from dsmr.core.trends import Outlook as WhatIf
from dsmr.core.trends import fit, yearly_factor
from dsmr.engines.tokens import estimate_text
from dsmr.market.facts import small_tier_prices
from dsmr.market.prices import find_price
from dsmr.store.records import Store
from dsmr.work.results import Result, latest, own_prices, pricing

DEFAULT_MODEL = "openai/gpt-4.1-mini"
SAMPLE = 30  # answers whose prompts are read for the part that all share
LONG_PROMPT = "long prompt, cached"


@dataclass(frozen=True, slots=True)
class Footing:
    """What one question takes with a technique, in tokens."""

    name: str
    technique: str
    shared: float  # at the start of every prompt, so that a cache can hold it
    own: float  # the rest of the prompt
    out: float
    run_id: str = ""  # "": no run of it yet, typical figures are assumed
    accuracy: float | None = None

    @property
    def measured(self) -> bool:
        return bool(self.run_id)


TYPICAL = (
    Footing("few-shot", "few-shot", 700, 40, 25),
    Footing("retrieval", "retrieval", 60, 640, 25),
    Footing("fine-tuned", "tuned", 40, 40, 25),
)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Everything the user may move. Money in USD, time in months unless named otherwise."""

    model: str = DEFAULT_MODEL  # whose token prices are paid
    volume: float = 20_000.0  # questions a month
    hits: float = 0.8  # share of questions that find the shared part in the prefix cache
    premium: float = 1.5  # what a tuned model's tokens cost relative to its base model's
    training_usd: float = 25.0
    labelling_hours: float = 20.0
    usd_per_hour: float = 60.0  # of the people who label and check
    checking_hours: float = 4.0  # after each training
    hosting_usd: float = 0.0  # a month, for keeping a tuned model ready
    months: float = 24.0
    base_change_months: float | None = 9.0  # between newer base models; None: never
    retirement_months: float | None = 18.0  # until the base model is switched off; None: never
    prices: WhatIf = "stops"  # what the fall of prices does from here on
    tokens: tuple[tuple[str, float, float, float], ...] = ()  # the user's own, by technique


def assumptions(store: Store, project_id: str) -> Assumptions:
    kept = store.setting(f"breakeven {project_id}", {})
    names = {f.name for f in fields(Assumptions)}
    known = {key: value for key, value in kept.items() if key in names}
    known["tokens"] = tuple(map(tuple, known.get("tokens", ())))
    first = {"model": pricing(store).priced_as or DEFAULT_MODEL}
    return Assumptions(**{**first, **known})


def save(store: Store, project_id: str, chosen: Assumptions) -> None:
    store.put_setting(f"breakeven {project_id}", asdict(chosen))


def price(store: Store, chosen: Assumptions) -> Price | None:
    return own_prices(store).get(chosen.model) or find_price(chosen.model)


# --- tokens -----------------------------------------------------------------------------------


def footings(store: Store, found: Sequence[Result]) -> list[Footing]:
    """Tokens per question of the best run of each technique, typical ones where there is none."""
    rows = [r for r in latest(found) if "contains" in r.metrics or "form" in r.metrics]
    made = []
    for typical in TYPICAL:
        same = [r for r in rows if r.run.recipe.technique == typical.technique]
        made.append(_measured(store, max(same, key=_quality)) if same else typical)
    both = [r for r in rows if r.run.recipe.technique == "tuned + retrieval"]
    return [*made, *([_measured(store, max(both, key=_quality))] if both else [])]


def adjusted(ways: Sequence[Footing], chosen: Assumptions) -> list[Footing]:
    """The same with the tokens that the user has set in place of the measured ones."""
    own = {technique: figures for technique, *figures in chosen.tokens}
    return [
        replace(way, shared=own[way.technique][0], own=own[way.technique][1],
                out=own[way.technique][2]) if way.technique in own else way
        for way in ways
    ]  # fmt: skip


def every_way(store: Store, project_id: str, found: Sequence[Result]) -> list[Footing]:
    """All plans of a project as measured or typical, all documents in the prompt among them."""
    whole = long_prompt(store, project_id)
    return [*footings(store, found), *([whole] if whole else [])]


def _quality(result: Result) -> float:
    return max(e.mean for name, e in result.metrics.items() if name in ("contains", "form"))


def _measured(store: Store, result: Result) -> Footing:
    recipe, usage = result.run.recipe, result.usage
    n = max(1, usage.answers - usage.failed)
    read = usage.tokens.all_in / n
    part = _shared_part(store, result.run.id)
    fact = result.metrics.get("contains")
    return Footing(
        recipe.name,
        recipe.technique,
        read * part,
        read * (1 - part),
        usage.tokens.out / n,
        result.run.id,
        fact.mean if fact else None,
    )


def _shared_part(store: Store, run_id: str) -> float:
    """How much of the prompts a prefix cache could reuse, by characters of a sample.

    Of each prompt, the longest beginning that it shares with another one.
    """
    answers = list(store.runs.answers(run_id).values())
    sample = answers[:: max(1, len(answers) // SAMPLE)]
    prompts = sorted("\0".join(m.content for m in a.messages) for a in sample if a.messages)
    if len(prompts) < 2:
        return 0.0
    beside = [_same(a, b) for a, b in pairwise(prompts)]  # sorted: the likest are neighbours
    reused = [max(pair) for pair in zip([0, *beside], [*beside, 0], strict=True)]
    return sum(reused) / max(1, sum(map(len, prompts)))


def _same(first: str, second: str) -> int:
    """Characters that two texts begin with alike."""
    both = zip(first, second, strict=False)
    return next((i for i, (a, b) in enumerate(both) if a != b), min(len(first), len(second)))


def long_prompt(store: Store, project_id: str) -> Footing | None:
    """All documents in every prompt; None: there are no documents."""
    texts = store.projects.documents(project_id)
    tokens = sum(estimate_text(document.text) for document in texts)
    return Footing(LONG_PROMPT, "prompt", tokens + 40.0, 30.0, 25.0) if texts else None


# --- plans ------------------------------------------------------------------------------------


def plans(ways: Sequence[Footing], chosen: Assumptions, paid: Price) -> list[Plan]:
    """A plan per way. Ranges: the cache hit rate ± 0.15, premium and one-off cost by half."""
    return [
        _tuned(way, chosen, paid) if "tuned" in way.technique else _prompted(way, chosen, paid)
        for way in ways
    ]


def _prompted(way: Footing, chosen: Assumptions, paid: Price) -> Plan:
    hits = (min(1.0, chosen.hits + 0.15), chosen.hits, max(0.0, chosen.hits - 0.15))
    costs = [per_question(paid, way.shared, way.own, way.out, h) for h in hits]
    return Plan(way.name, way.technique, _range(*costs))


def _tuned(way: Footing, chosen: Assumptions, paid: Price) -> Plan:
    premiums = (1 + (chosen.premium - 1) / 2, chosen.premium, 1 + (chosen.premium - 1) * 1.5)
    costs = [per_question(paid, way.shared, way.own, way.out, None, p) for p in premiums]
    return tuned(
        way.name,
        _range(*costs),
        about(chosen.training_usd),
        about(chosen.labelling_hours),
        chosen.usd_per_hour,
        chosen.checking_hours,
        sure(chosen.hosting_usd),
        way.technique,
    )


def about(value: float) -> Range:
    """From half to twice a figure that is only guessed."""
    return Range(value / 2, value, value * 2)


def _range(*values: float) -> Range:
    low, likely, high = sorted(values)
    return Range(low, likely, high)


def outlook(chosen: Assumptions) -> Outlook:
    """The months ahead: base-model changes, retirement, and what prices do."""
    likely, low, high = yearly_factor(fit(small_tier_prices()), chosen.prices)
    return Outlook(
        chosen.months,
        _give_or_take(chosen.base_change_months),
        _give_or_take(chosen.retirement_months),
        _range(low, likely, high),
    )


def _give_or_take(months: float | None) -> Range | None:
    return None if months is None else Range(months * 0.67, months, months * 1.5)


def crossings(made: Sequence[Plan], ahead: Outlook) -> list[Crossing]:
    """Every pair of plans that changes places at some volume, smallest volume first."""
    found = [crossing(a, b, ahead) for a, b in combinations(made, 2)]
    known = [one for one in found if one.volume]
    return sorted(known, key=lambda one: one.volume.likely)  # type: ignore[union-attr]


def pays_from(store: Store, project_id: str, found: Sequence[Result]) -> float | None:
    """Questions a month from which a tuned recipe costs less than the best untuned technique.

    None: at no volume, nothing was tuned, or no price is known.
    """
    chosen = assumptions(store, project_id)
    paid, ways = price(store, chosen), [w for w in footings(store, found) if w.measured]
    trained = [w for w in ways if "tuned" in w.technique]
    others = [w for w in ways if "tuned" not in w.technique]
    if paid is None or not trained or not others:
        return None
    top = max(others, key=lambda w: w.accuracy or 0.0)
    pair = plans(adjusted([top, trained[0]], chosen), chosen, paid)
    met = crossing(*pair, outlook(chosen))
    return met.volume.likely if met.volume and met.above == trained[0].name else None
