"""Published evidence as the page shows it, with the project's own runs laid over it."""

from collections.abc import Sequence
from statistics import median

import pandas as pd

from dsmr.charts import Chart
from dsmr.charts.evidence import NAMES, Gain, Row, Trail, by_size, examples_curves, paired
from dsmr.core.stats import Estimate
from dsmr.market.facts import published_results
from dsmr.ui.words import points
from dsmr.work import published
from dsmr.work.kshot import Probe
from dsmr.work.published import Setting
from dsmr.work.results import Result, latest

MOST_ROWS = 12
FIRST_PAPERS = ("Soudani", "Zhang et al., RAFT")
CURVE_NAMES = {
    "few-shot": ("examples at random", "solid"),
    "few-shot-similar": ("most similar examples", "dot"),
    "tuned": ("fine-tuned", "solid"),
}


def papers() -> list[str]:
    return sorted({s.paper for s in published.settings()})


def first_papers() -> list[str]:
    return [p for p in papers() if p.startswith(FIRST_PAPERS)]


def sizes() -> list[float]:
    return sorted({s.billions for s in published.settings() if s.billions})


def paired_chart(found: Sequence[Setting], own: Sequence[Result]) -> Chart:
    rows = [Row(s.label, {t: (p.share or 0.0, p.condition) for t, p in s.best.items()})
            for s in found[:MOST_ROWS]]  # fmt: skip
    mine = published.own_best(latest(own))
    if mine:
        values = {t: (e.mean, name) for t, (name, e) in mine.items()}
        spans: dict[str, Estimate] = {t: e for t, (_, e) in mine.items()}
        rows = [Row("Your runs", values, spans), *rows]
    subtitle = "Share right as published, best variant of each; papers give no intervals"
    if mine:
        subtitle += "; your runs with theirs (95 %)"
    return paired(rows, _who_wins(found), subtitle)


def _who_wins(found: Sequence[Setting]) -> str:
    rag, both = published.wins(found, "retrieval", "tuned")
    more, of = published.wins(found, "tuned + retrieval", "retrieval")
    parts = []
    if both:
        parts.append(f"Retrieval beats fine-tuning in {rag} of {both} settings")
    if of:
        parts.append(f"tuning on top of retrieval adds in {more} of {of}")
    text = "; ".join(parts) or "No setting here reports two techniques"
    return text[:1].upper() + text[1:]


def size_chart(found: Sequence[Setting], own: Sequence[Result]) -> Chart | None:
    gains = [
        Gain(f"{s.label} ({published.short(s.paper)})", technique, s.billions, gain)
        for s in found
        if s.billions
        for technique in ("retrieval", "tuned", "tuned + retrieval")
        if (gain := s.gain(technique)) is not None
    ]
    gains += _own_gains(own)
    if not gains:
        return None
    subtitle = "Each dot: one model on one task, points over the base model; diamonds: your runs"
    return by_size(gains, _medians(gains), subtitle)


def _own_gains(own: Sequence[Result]) -> list[Gain]:
    rows = latest(own)
    mine = published.own_best(rows)
    base = mine.pop("baseline", None)
    size = published.billions_of(rows[0].run.recipe.model) if rows else None
    if base is None or size is None:
        return []
    return [Gain(f"Your {name}", technique, size, value.mean - base[1].mean, own=True)
            for technique, (name, value) in mine.items()]  # fmt: skip


def _medians(gains: Sequence[Gain]) -> str:
    parts = []
    for technique, name in NAMES.items():
        known = [g.points for g in gains if g.technique == technique and not g.own]
        if known:
            parts.append(f"{name} {points(median(known))}")
    return "Median gain in points: " + ", ".join(parts) if parts else "Your runs"


def curve_chart(task: str, model: str, probe: Probe | None) -> Chart:
    found = published.curves(task, model)
    trails = [Trail(CURVE_NAMES[t][0], _technique(t), tuple(line), CURVE_NAMES[t][1])
              for t, line in found.items()]  # fmt: skip
    trails += _own_trails(probe)
    best, at = published.passes_at(found)
    title = f"{task}: no tuned model here passes the best prompt ({best:.0%})"
    if at is not None:
        title = f"{task}: tuning passes the best prompt ({best:.0%}) with {at:,} examples"
    subtitle = f"Share right; prompted: {model}; fine-tuned: Llama-2-7B (LoRA), Bertsch et al. 2024"
    if len(trails) > len(found):
        subtitle += "; diamonds: your probe, on your questions"
    return examples_curves(trails, title, subtitle)


def _technique(curve: str) -> str:
    return "tuned" if curve == "tuned" else "few-shot"


def _own_trails(probe: Probe | None) -> list[Trail]:
    best = probe.best("contains") if probe else None
    if best is None:
        return []
    rungs = [r for r in best[1].curve if r.examples]
    if not rungs:
        return []
    line = tuple((float(r.examples), r.score.mean) for r in rungs)
    return [Trail("your probe", "few-shot", line, "dash", tuple(r.score for r in rungs))]


def table() -> pd.DataFrame:
    """Every published number, as it is in the papers."""
    return pd.DataFrame(
        [
            {
                "Paper": p.paper,
                "arXiv": p.arxiv,
                "Table": p.table,
                "Model": p.model,
                "Billions": p.billions,
                "Task": p.task,
                "Condition": p.condition,
                "Value": p.value,
                "Metric": p.metric,
                "Checked": p.verified,
                "Note": p.note,
            }
            for p in published_results()
        ]
    )
