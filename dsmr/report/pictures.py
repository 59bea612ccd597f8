"""The charts of the report, each with its finding as the title."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from dsmr import charts
from dsmr.charts import Chart, Line, Mark, Spot, Timing
from dsmr.charts.curves import Curve, gains, over_examples
from dsmr.charts.dated import Group, dated, projected
from dsmr.charts.evidence import Row, paired
from dsmr.charts.volumes import Cost, Meeting, against_volume
from dsmr.core.breakeven import conclusion, monthly
from dsmr.core.stats import Comparison, Estimate
from dsmr.core.trends import fit, frontier, yearly_factor
from dsmr.market.facts import context_windows, market_prices, small_tier_prices
from dsmr.store.records import Store
from dsmr.work import breakeven, kshot, published
from dsmr.work.history import marks
from dsmr.work.results import Result, breakdown

FACTS, FORM = "contains", "form"
WORDS = {FACTS: "right answers", FORM: "replies in the asked form"}
PICKS = {"fixed": "the same for all", "similar": "most similar"}
POWERS = (2, 7)  # of ten, of questions a month


@dataclass(frozen=True, slots=True)
class Scene:
    """What the charts are drawn from: the newest run of each recipe."""

    store: Store
    project_id: str
    rows: tuple[Result, ...]
    every: tuple[Result, ...]
    names: Mapping[str, str]  # by run id
    baseline: Result
    compared: Mapping[str, Mapping[str, Comparison]]  # by metric and run id
    today: date

    def name(self, row: Result) -> str:
        return self.names[row.run.id]

    def with_metric(self, metric: str) -> list[Result]:
        return sorted((r for r in self.rows if metric in r.metrics),
                      key=lambda r: -r.metrics[metric].mean)  # fmt: skip


def quality(scene: Scene) -> Iterator[Chart]:
    """Accuracy of facts and form, the form–facts map, facts by kind of question, recall."""
    for metric in (FACTS, FORM):
        rows = scene.with_metric(metric)
        if rows:
            marks = [_mark(scene, r, r.metrics[metric]) for r in rows]
            subtitle = f"Share of {WORDS[metric]}; line: 95 % interval"
            yield charts.ranking(marks, leader(scene, metric), subtitle)
    spots = [
        Spot(scene.name(r), r.run.recipe.technique, r.run.id, r.metrics[FORM], r.metrics[FACTS])
        for r in scene.rows
        if FACTS in r.metrics and FORM in r.metrics
    ]
    if spots:
        subtitle = "Each arrow is what a recipe moved, from the baseline; lines: 95 % intervals"
        yield charts.form_facts_map(spots, _moved(scene), subtitle)
    found = [_mark(scene, r, r.recall) for r in scene.rows if r.recall]
    if found:
        best = max(found, key=lambda m: m.value.mean)
        title = f"{best.name} finds the right document for {_percent(best.value.mean)}"
        yield charts.ranking(found, title, "Share of questions; line: 95 % interval")
    yield from _by_kind(scene)


def _by_kind(scene: Scene) -> Iterator[Chart]:
    groups: dict[str, list[Mark]] = {}
    for row in scene.with_metric(FACTS):
        for kind, value in breakdown(scene.store, row.run.id, FACTS).items():
            groups.setdefault(kind, []).append(_mark(scene, row, value))
    if len(groups) > 1:
        best = {kind: max(m.value.mean for m in marks) for kind, marks in groups.items()}
        hardest = min(best, key=best.__getitem__)
        title = f"Hardest: {hardest} questions, {_percent(best[hardest])} at best"
        yield charts.by_group(groups, title, "Right answers by kind of question; 95 % intervals")


def money(scene: Scene) -> Iterator[Chart]:
    """Cost per 1,000 questions, the frontier of accuracy and cost, latency."""
    rows = [r for r in scene.rows if r.cost and r.cost.per_1k_questions is not None]
    if rows:
        marks = [_mark(scene, r, _exactly(r.cost.per_1k_questions, r)) for r in rows]  # type: ignore[union-attr]
        cheap, dear = (f(marks, key=lambda m: m.value.mean) for f in (min, max))
        title = f"{dear.name} costs {charts.money(dear.value.mean)} per 1,000 questions, "
        title += f"{cheap.name} {charts.money(cheap.value.mean)}"
        yield charts.bars(marks, title, "USD per 1,000 questions, training left out")
        spots = [
            Spot(scene.name(r), r.run.recipe.technique, r.run.id,
                 _exactly(r.cost.per_1k_questions, r), r.metrics[FACTS])
            for r in rows
            if FACTS in r.metrics
        ]  # type: ignore[union-attr]  # fmt: skip
        if len(spots) > 1:
            edge = " and ".join(s.name for s in charts.frontier(spots))
            title = f"Worth their price: {edge}"
            yield charts.pareto(spots, title, "Right answers against USD per 1,000 questions")
    timed = [
        Timing(scene.name(r), r.run.recipe.technique, r.run.id, r.p50, r.p95, r.ttft)
        for r in scene.rows
        if r.p50
    ]
    if timed:
        fast, slow = (f(timed, key=lambda t: t.p50.mean) for f in (min, max))
        title = f"{fast.name} answers in {charts.seconds(fast.p50.mean)}, "
        title += f"{slow.name} in {charts.seconds(slow.p50.mean)}"
        subtitle = "Filled: median; ring: 19 of 20 are faster; tick: first token"
        yield charts.timings(timed, title, subtitle)


def probe(scene: Scene, margin: float) -> Iterator[Chart]:
    """The curve over examples, and predicted beside real gain, of facts and of form."""
    found = kshot.read(scene.store, scene.project_id)
    if found is None:
        return
    for metric, name in ((FACTS, "Facts"), (FORM, "Form")):
        best = found.best(metric, margin)
        if best is None or not best[1].steps:
            continue
        curves = [
            Curve(PICKS[p], tuple((r.examples, r.score, r.draws) for r in curve.curve),
                  p == "fixed")
            for p in kshot.PICKS
            if (curve := found.curve(metric, p, margin)).curve
        ]  # fmt: skip
        subtitle = f"{name} against worked examples in the prompt; 95 % intervals over the draws"
        actual = kshot.actual_gain(scene.store, scene.project_id, found, metric)
        tuned = next((r for r in scene.rows if actual and r.run.id == actual.run_id), None)
        mark = _mark(scene, tuned, tuned.metrics[metric]) if tuned else None
        yield over_examples(curves, mark, kshot.headline(name, best[1]), subtitle)
        if actual and best[1].predicted and not kshot.at_floor(best[1]):
            marks = [Mark("lets expect", "few-shot", "", best[1].predicted),
                     Mark("really brought", "tuned", "", actual.gain.difference)]  # fmt: skip
            title = f"{name}: what the curve let expect, and what {actual.name} brought"
            yield gains(marks, title, "Points over the best prompt of the curve", margin)


def volumes(scene: Scene) -> Iterator[Chart]:
    """Break-even with the assumptions that the user has set."""
    chosen = breakeven.assumptions(scene.store, scene.project_id)
    paid = breakeven.price(scene.store, chosen)
    if paid is None:
        return
    ways = breakeven.every_way(scene.store, scene.project_id, scene.every)
    made = breakeven.plans(breakeven.adjusted(ways, chosen), chosen, paid)
    ahead = breakeven.outlook(chosen)
    at = [10 ** (POWERS[0] + (POWERS[1] - POWERS[0]) * i / 24) for i in range(25)]
    lines = []
    for plan in made:
        costs = [(volume, monthly(plan, volume, ahead)) for volume in at]
        points = tuple((v, (c.likely, c.low, c.high)) for v, c in costs)
        lines.append(Cost(plan.name, plan.technique, points))
    meetings = []
    for one in breakeven.crossings(made, ahead):
        span = one.volume
        if span and at[0] <= span.likely <= at[-1]:
            plan = next(p for p in made if p.name == one.below)
            usd = monthly(plan, span.likely, ahead).likely
            volume = (span.likely, span.low, min(span.high, at[-1]))
            meetings.append(Meeting(one.below, one.above or "", volume, usd))
    subtitle = (
        f"USD a month at the prices of {chosen.model}; one-off cost over {chosen.months:.0f} "
        "months; bands and bars: the range; dotted: your volume"
    )
    title = conclusion(made, chosen.volume, ahead)
    yield against_volume(lines, meetings, chosen.volume, title, subtitle)


def history(scene: Scene) -> Iterator[Chart]:
    """Right answers run after run, where a recipe was run more than once."""
    lines: dict[tuple[str, str], list[tuple[float, str, Estimate]]] = {}
    for row in scene.every:
        if row.finished and FACTS in row.metrics:
            key = (row.run.recipe.name, row.run.recipe.technique)
            lines.setdefault(key, []).append((row.created, row.run.id, row.metrics[FACTS]))
    if any(len(points) > 1 for points in lines.values()):
        drawn = [Line(name, tech, tuple(points)) for (name, tech), points in lines.items()]
        subtitle = "Share; 95 % intervals; dotted: what changed between runs of a recipe"
        changed = marks(scene.store, scene.every)
        yield charts.over_time(drawn, "Right answers, run after run", subtitle, changes=changed)


def market(scene: Scene) -> Iterator[Chart]:
    """Prices with their trend, windows, and the papers' comparison with one's own beside it."""
    chosen = breakeven.assumptions(scene.store, scene.project_id)
    tier = small_tier_prices()
    trend = fit(tier)
    ahead = []
    title = "Prices of the cheap tier"
    if trend:
        factor = yearly_factor(trend, chosen.prices)
        ahead = projected(scene.today, trend.at(scene.today)[0], factor)
        title = f"The cheap tier fell by {1 - trend.per_year:.0%} a year since 2021 "
        title += f"({1 - trend.high:.0%} to {1 - trend.low:.0%})"
    groups = [Group("all models on the price sheet", market_prices(), strong=False),
              Group("the cheap tier of large providers", tier)]  # fmt: skip
    subtitle = "USD per million tokens, a quarter of them output; hollow: not verified"
    yield dated(groups, title, subtitle, "USD per million tokens", trend, ahead)
    points = context_windows()
    best = frontier(p for p in points if p.kind == "product" and p.verified)
    kinds = {"product": "on sale", "preview": "preview", "research": "research"}
    held = [Group(name, tuple(p for p in points if p.kind == kind), kind == "product")
            for kind, name in kinds.items()]  # fmt: skip
    title = f"The largest window on sale grew from {best[0].value:,.0f} to {best[-1].value:,.0f}"
    yield dated(held, title, "Tokens; line: the largest on sale", "tokens", records=best)


def papers(scene: Scene) -> Iterator[Chart]:
    found = [s for s in published.settings() if len(s.best) == 4 and s.paper.startswith("Soudani")]
    mine = published.own_best(scene.rows)
    rows = [Row(s.label, {t: (p.share or 0.0, p.condition) for t, p in s.best.items()})
            for s in found]  # fmt: skip
    if mine:
        spans = {t: e for t, (_, e) in mine.items()}
        rows = [Row("Your runs", {t: (e.mean, n) for t, (n, e) in mine.items()}, spans), *rows]
    if found:
        title = "Your runs beside a published comparison"
        yield paired(rows, title, f"Share right; {published.short(found[0].paper)}, Table 3")


# --- words ------------------------------------------------------------------------------------


def leader(scene: Scene, metric: str) -> str:
    """Who leads, and whether that is more than chance."""
    top = scene.with_metric(metric)[0]
    text = f"{scene.name(top)} leads with {_percent(top.metrics[metric].mean)} {WORDS[metric]}"
    found = scene.compared.get(metric, {}).get(top.run.id)
    if found is None:
        return text
    if found.verdict != "better":
        return f"{text}, no more than chance over {scene.name(scene.baseline)}"
    gain = found.difference
    span = f"{100 * gain.low:+.0f} to {100 * gain.high:+.0f}".replace("-", "−")
    name = scene.name(scene.baseline)
    return f"{text}, {100 * gain.mean:+.0f} points on {name} ({span})"


def _moved(scene: Scene) -> str:
    parts = []
    for metric, word in ((FACTS, "facts"), (FORM, "form")):
        better = {
            run_id: one.difference.mean
            for run_id, one in scene.compared.get(metric, {}).items()
            if one.verdict == "better"
        }
        if better:
            run_id = max(better, key=better.__getitem__)
            parts.append(f"{scene.names[run_id]} moves {word} most ({100 * better[run_id]:+.0f})")
    return "; ".join(parts) or "Nothing has moved facts or form by more than chance"


def _mark(scene: Scene, row: Result, value: Estimate) -> Mark:
    return Mark(scene.name(row), row.run.recipe.technique, row.run.id, value)


def _exactly(value: float | None, row: Result) -> Estimate:
    known = value or 0.0
    return Estimate(known, known, known, row.usage.answers)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
