"""Published results put side by side: settings with several techniques, gains, curves; own runs."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dsmr.core.errors import InputError
from dsmr.core.recipe import Model
from dsmr.core.stats import Estimate
from dsmr.engines.weights import model_folder
from dsmr.market.facts import Published, published_results
from dsmr.work.results import Result

COMPARED = ("baseline", "retrieval", "tuned", "tuned + retrieval")
CURVES = ("few-shot", "few-shot-similar", "tuned")


@dataclass(frozen=True, slots=True)
class Setting:
    """One model on one task, with the best published value of each technique."""

    paper: str
    model: str
    billions: float | None
    task: str
    metric: str
    best: dict[str, Published]  # by technique

    @property
    def label(self) -> str:
        return f"{self.model}, {self.task}"

    def gain(self, technique: str) -> float | None:
        """Over the base model, as a share; None where either is not reported."""
        base, found = self.best.get("baseline"), self.best.get(technique)
        if base is None or found is None or base.share is None or found.share is None:
            return None
        return found.share - base.share


@cache
def settings() -> tuple[Setting, ...]:
    """Settings for which a paper gives at least two of the compared techniques as shares."""
    groups: dict[tuple[object, ...], dict[str, Published]] = {}
    for p in published_results():
        if p.share is None or p.technique not in COMPARED or p.examples:
            continue
        best = groups.setdefault((p.paper, p.table, p.model, p.billions, p.task, p.metric), {})
        known = best.get(p.technique)
        if known is None or p.share > (known.share or 0.0):
            best[p.technique] = p
    return tuple(
        Setting(paper, model, billions, task, metric, best)  # type: ignore[arg-type]
        for (paper, _, model, billions, task, metric), best in groups.items()
        if len(best) > 1
    )


def short(paper: str) -> str:
    """`Soudani et al. 2024` rather than the whole title."""
    year = next((str(p.year) for p in published_results() if p.paper == paper), "")
    return f"{paper.split(',')[0]} {year}".strip()


def chosen(
    papers: Iterable[str], task_words: str = "", billions: tuple[float, float] | None = None
) -> list[Setting]:
    """Settings of these papers (none given: all), tasks holding the words, sizes in the range."""
    wanted, words = set(papers), task_words.casefold().split()
    return [
        s
        for s in settings()
        if (not wanted or s.paper in wanted)
        and all(word in s.label.casefold() for word in words)
        and (billions is None or s.billions is None or billions[0] <= s.billions <= billions[1])
    ]


def wins(found: Sequence[Setting], technique: str, over: str) -> tuple[int, int]:
    """In how many settings a technique beats another, of those that report both."""
    both = [(s.best[technique], s.best[over]) for s in found if {technique, over} <= s.best.keys()]
    return sum((a.share or 0) > (b.share or 0) for a, b in both), len(both)


# --- curves -----------------------------------------------------------------------------------


@cache
def curve_tasks() -> dict[str, tuple[str, ...]]:
    """Tasks with curves over examples, and the models they were drawn for."""
    found: dict[str, set[str]] = {}
    for p in published_results():
        if p.examples and p.share is not None and p.technique == "few-shot":
            found.setdefault(p.task, set()).add(p.model)
    return {task: tuple(sorted(models)) for task, models in sorted(found.items()) if models}


def curves(task: str, model: str) -> dict[str, list[tuple[int, float]]]:
    """By technique: (examples shown or trained on, share right). Tuned: any model of the task."""
    found: dict[str, list[tuple[int, float]]] = {}
    for p in published_results():
        if p.task != task or not p.examples or p.share is None or p.technique not in CURVES:
            continue
        if p.technique == "tuned" or p.model == model:
            found.setdefault(p.technique, []).append((p.examples, p.share))
    return {technique: sorted(points) for technique, points in found.items()}


def passes_at(found: dict[str, list[tuple[int, float]]]) -> tuple[float, int | None]:
    """The best prompted score, and the fewest training examples with which tuning passed it."""
    prompted = [score for t in CURVES[:2] for _, score in found.get(t, [])]
    best = max(prompted, default=0.0)
    return best, next((n for n, score in found.get("tuned", []) if score > best), None)


# --- one's own --------------------------------------------------------------------------------


def own_best(rows: Sequence[Result], metric: str = "contains") -> dict[str, tuple[str, Estimate]]:
    """The best recipe of each compared technique: its name and its figure."""
    found: dict[str, tuple[str, Estimate]] = {}
    for row in rows:
        technique, value = row.run.recipe.technique, row.metrics.get(metric)
        if value and technique in COMPARED:
            known = found.get(technique)
            if known is None or value.mean > known[1].mean:
                found[technique] = (row.run.recipe.name, value)
    return found


def billions_of(model: Model) -> float | None:
    """Parameters of a model in billions: counted in its files, else read off its name."""
    if not model.endpoint:
        try:
            files = sorted(model_folder(model, fetch=False).glob("*.safetensors"))
            return sum(map(_parameters, files)) / 1e9 or None
        except InputError:
            pass
    named = re.search(r"(\d+(?:\.\d+)?)\s*([bm])\b", model.name.casefold())
    return float(named[1]) / (1 if named[2] == "b" else 1000) if named else None


def _parameters(file: Path) -> int:
    """Counted in the header, which gives the shape of every tensor."""
    from math import prod

    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(size))
    return sum(prod(t["shape"]) for name, t in header.items() if name != "__metadata__")
