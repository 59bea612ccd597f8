"""From results to what tables and charts take."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from dsmr import charts
from dsmr.charts import Chart, Line, Mark, Spot, Timing
from dsmr.charts.axes import value_text
from dsmr.core.stats import Estimate, whole_percent
from dsmr.store.records import Store
from dsmr.ui import findings
from dsmr.ui.evidence import Board, groups
from dsmr.ui.models import short_name
from dsmr.ui.words import KIND_NAMES, METRIC_MEANS, SPLIT_NAMES, STATE_NAMES, interval, points, usd
from dsmr.work.results import Result

MOST_GROUPS = 10


def leaderboard(board: Board) -> pd.DataFrame:
    """One row per recipe, best first; percentages as numbers, so that columns sort."""
    rows = []
    for row in board.ranked:
        value: Estimate = board.estimate(row)  # type: ignore[assignment]
        found = board.comparisons.get(row.run.id)
        rows.append(
            {
                "Recipe": board.name(row),
                "Technique": [row.run.recipe.technique],
                "Mean": 100 * value.mean,
                "95 % interval": interval(value),
                "Questions": value.n,
                "Missing": value.missing,
                "Difference": 100 * found.difference.mean if found else None,
                "Between": _between(found.difference) if found else "",
                "Won : lost": f"{found.wins} : {found.losses}" if found else "",
                "p": (found.p_adjusted if found.p_adjusted is not None else found.p_value)
                if found
                else None,
                "Verdict": found.verdict if found else "the baseline",
                "USD per 1,000": row.cost.per_1k_questions if row.cost else None,
                "Median seconds": row.p50.mean if row.p50 else None,
            }
        )
    return pd.DataFrame(rows)


def _between(difference: Estimate) -> str:
    return f"{points(difference.low)} to {points(difference.high)}"


def _exactly(value: float, n: int) -> Estimate:
    return Estimate(value, value, value, n)


def _drawn(board: Board) -> str:
    row = board.rows[0]
    split = SPLIT_NAMES[row.run.split].lower()
    limited = f", the first {row.run.limit}" if row.run.limit else ""
    return f"{split} questions{limited}" if split != "all questions" else f"all questions{limited}"


def accuracy_chart(board: Board) -> Chart:
    marks = [
        Mark(board.name(r), r.run.recipe.technique, r.run.id, board.estimate(r))  # type: ignore[arg-type]
        for r in board.ranked
    ]
    subtitle = f"{METRIC_MEANS[board.metric].capitalize()}, {_drawn(board)}; line: 95 % interval"
    return charts.ranking(marks, findings.accuracy(board), subtitle)


def cost_charts(board: Board) -> tuple[Chart, Chart] | None:
    """Per 1,000 questions, and per million tokens; None where no price is known."""
    rows = [r for r in board.rows if r.cost and r.cost.per_1k_questions is not None]
    if not rows:
        return None
    each = [(board.name(r), r.cost.per_1k_questions) for r in rows]  # type: ignore[union-attr]
    questions = [_price_mark(board, r, r.cost.per_1k_questions) for r in rows]  # type: ignore[union-attr]
    millions = [_price_mark(board, r, r.cost.per_mtok) for r in rows]  # type: ignore[union-attr]
    per_mtok = [m for m in millions if m]
    return (
        charts.bars([m for m in questions if m], findings.cost(each), "USD per 1,000 questions"),
        charts.bars(
            per_mtok, _per_million(per_mtok), "USD per million tokens, read and written together"
        ),
    )


def _price_mark(board: Board, row: Result, value: float | None) -> Mark | None:
    if value is None:
        return None
    exact = _exactly(value, row.usage.answers)
    return Mark(board.name(row), row.run.recipe.technique, row.run.id, exact)


def _per_million(marks: Sequence[Mark]) -> str:
    ends = [m.value.mean for m in marks]
    if not ends:
        return "No tokens were counted"
    low, high = min(ends), max(ends)
    if high <= 1.15 * low:
        return f"A million tokens cost {charts.money(high)}"
    return f"A million tokens cost {charts.money(low)} to {charts.money(high)}"


def latency_chart(board: Board) -> Chart | None:
    rows = [r for r in board.rows if r.p50]
    if not rows:
        return None
    timed = [
        Timing(board.name(r), r.run.recipe.technique, r.run.id, r.p50, r.p95, r.ttft)  # type: ignore[arg-type]
        for r in rows
    ]
    n = max(t.p50.n for t in timed)
    subtitle = (
        f"Seconds for one question asked alone, {n} questions; filled: median (p50), "
        "ring: 19 of 20 are faster (p95), tick: first token"
    )
    return charts.timings(timed, findings.latency([(t.name, t.p50.mean) for t in timed]), subtitle)


def pareto_chart(board: Board) -> Chart | None:
    spots = [
        Spot(
            board.name(r), r.run.recipe.technique, r.run.id,
            _exactly(r.cost.per_1k_questions, r.usage.answers), board.estimate(r),
        )
        for r in board.ranked
        if r.cost and r.cost.per_1k_questions is not None
    ]  # type: ignore[arg-type]  # fmt: skip
    if not spots:
        return None
    edge = [s.name for s in charts.frontier(spots)]
    subtitle = "Accuracy against cost per 1,000 questions; dotted: best accuracy for the money"
    return charts.pareto(spots, findings.pareto(edge, len(spots)), subtitle)


def map_chart(facts: Board, form: Board) -> Chart | None:
    """The form–facts map; None unless both can be scored."""
    spots = [
        Spot(facts.name(r), r.run.recipe.technique, r.run.id, form.estimate(r), facts.estimate(r))
        for r in facts.rows
        if facts.estimate(r) and form.estimate(r)
    ]  # type: ignore[arg-type]
    if not spots:
        return None
    subtitle = "Each arrow is what a recipe moved, from the baseline; lines: 95 % intervals"
    return charts.form_facts_map(spots, findings.form_facts(facts, form), subtitle)


def recall_chart(board: Board) -> Chart | None:
    marks = [
        Mark(board.name(r), r.run.recipe.technique, r.run.id, r.recall)
        for r in board.rows
        if r.recall
    ]
    if not marks:
        return None
    best = max(marks, key=lambda m: m.value.mean)
    ks = sorted({r.run.recipe.retrieval.top_k for r in board.rows if r.run.recipe.retrieval})
    within = " or ".join(map(str, ks))
    return charts.ranking(
        marks,
        findings.recall(best.name, best.value),
        f"Recall: the document with the answer is among the {within} passages; 95 % interval",
    )


def group_chart(store: Store, board: Board, by: str) -> Chart | None:
    """By kind or tag; the largest groups first."""
    found: dict[str, list[Mark]] = {}
    for row in board.ranked:
        for group, value in groups(store, store.url, row.run.id, board.metric, by).items():
            shown = KIND_NAMES.get(group, group) if by == "kind" else group
            mark = Mark(board.name(row), row.run.recipe.technique, row.run.id, value)
            found.setdefault(shown, []).append(mark)
    if not found:
        return None
    ordered = sorted(found.items(), key=lambda pair: -max(m.value.n for m in pair[1]))
    shown_groups = dict(ordered[:MOST_GROUPS])
    subtitle = f"{METRIC_MEANS[board.metric].capitalize()}; line: 95 % interval"
    if len(ordered) > MOST_GROUPS:
        subtitle += f"; the {MOST_GROUPS} largest of {len(ordered)} tags"
    return charts.by_group(shown_groups, _hardest(shown_groups), subtitle)


def _hardest(found: dict[str, list[Mark]]) -> str:
    best = {group: max(m.value.mean for m in marks) for group, marks in found.items()}
    if len(best) == 1:
        return f"All questions graded here are of one sort: {next(iter(best))}"
    low, high = min(best, key=best.__getitem__), max(best, key=best.__getitem__)
    return (
        f"Hardest: {low} ({whole_percent(best[low])} % at best); "
        f"easiest: {high} ({whole_percent(best[high])} %)"
    )


# --- over time --------------------------------------------------------------------------------


def history_charts(
    found: Sequence[Result], metric: str, changes: Sequence[tuple[float, str]]
) -> list[Chart]:
    """Accuracy, cost and latency of each recipe over its runs, changes of what was run marked."""
    done = [r for r in found if r.finished]
    made = []
    for unit, title, subtitle, value in (
        ("share", "accuracy", METRIC_MEANS[metric].capitalize(), lambda r: r.metrics.get(metric)),
        ("usd", "cost", "USD per 1,000 questions", _cost_of),
        ("s", "latency", "Median seconds for one question asked alone", lambda r: r.p50),
    ):
        lines = _lines(done, value)
        if lines:
            made.append(
                charts.over_time(lines, _trend(lines, title, unit), subtitle, unit, changes)
            )
    return made


def _cost_of(row: Result) -> Estimate | None:
    if row.cost is None or row.cost.per_1k_questions is None:
        return None
    return _exactly(row.cost.per_1k_questions, row.usage.answers)


def _lines(done: Sequence[Result], value: object) -> list[Line]:
    points_of: dict[tuple[str, str], list[tuple[float, str, Estimate]]] = {}
    for row in done:
        estimate = value(row)  # type: ignore[operator]
        if estimate:
            key = (row.run.recipe.name, row.run.recipe.technique)
            points_of.setdefault(key, []).append((_moment(row), row.run.id, estimate))
    return [Line(name, technique, tuple(p)) for (name, technique), p in points_of.items()]


def _moment(row: Result) -> float:
    """When the run ended: runs queued together start at one moment, but end one by one."""
    return row.progress.finished or row.created


def _trend(lines: Sequence[Line], what: str, unit: str) -> str:
    """What moved most between the last two runs of one recipe."""
    moved = [
        (abs(line.points[-1][2].mean - line.points[-2][2].mean), line)
        for line in lines
        if len(line.points) > 1
    ]
    if not moved:
        return f"One run of each recipe so far: {what} has no trend yet"
    _, line = max(moved, key=lambda pair: pair[0])
    old, new = line.points[-2][2], line.points[-1][2]
    was, became = value_text(old.mean, unit), value_text(new.mean, unit)
    if was == became:
        return f"{what.capitalize()} stayed the same from run to run"
    note = "" if new.low > old.high or new.high < old.low else ", within their intervals"
    if unit != "share":
        note = ""
    return f"{what.capitalize()} of {line.name} went from {was} to {became}{note}"


def how_priced(chosen: object, board: Board) -> str:
    """Where the money figures come from, training apart."""
    local = [r for r in board.rows if not r.run.recipe.model.endpoint]
    parts = []
    if local and chosen.priced_as:  # type: ignore[attr-defined]
        parts.append(f"Local runs are priced as {chosen.priced_as}.")  # type: ignore[attr-defined]
    elif local:
        parts.append(
            f"Local runs: measured seconds at {usd(chosen.usd_per_hour)} an hour."  # type: ignore[attr-defined]
        )
    if len(local) < len(board.rows):
        parts.append("Endpoints: listed token prices.")
    trained = {
        r.training.id: r.training_usd
        for r in board.rows
        if r.training and r.training_usd is not None
    }
    if trained:
        parts.append(f"Training cost {usd(sum(trained.values()))} once, and is not in the bars.")
    return " ".join([*parts, "Change this in Settings."])


def run_table(found: Sequence[Result], metric: str) -> pd.DataFrame:
    """All runs, newest first."""
    rows = [
        {
            "Started": datetime.fromtimestamp(r.created),
            "Recipe": r.run.recipe.name,
            "Technique": [r.run.recipe.technique],
            "Model": short_name(r.run.recipe.model),
            "State": STATE_NAMES[r.progress.state],
            "Mean": 100 * r.metrics[metric].mean if metric in r.metrics else None,
            "95 % interval": interval(r.metrics.get(metric)),
            "n": r.metrics[metric].n if metric in r.metrics else 0,
            "Missing": r.metrics[metric].missing if metric in r.metrics else r.usage.failed,
            "USD per 1,000": r.cost.per_1k_questions if r.cost else None,
            "Spent": r.spent_usd,
            "Median": r.p50.mean if r.p50 else None,
        }
        for r in reversed(found)
    ]
    return pd.DataFrame(rows)
