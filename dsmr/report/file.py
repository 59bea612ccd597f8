"""Puts the report together: the scene, its sections of charts, and the page around them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dsmr import __version__
from dsmr.charts import COLOURS, Chart
from dsmr.core.errors import InputError
from dsmr.report import content, pictures
from dsmr.report.pictures import FACTS, FORM, Scene
from dsmr.store.records import Store
from dsmr.work import advice
from dsmr.work.results import Result, compare_with, labels, latest, results

TEMPLATE = Path(__file__).with_name("page.html.j2")
MOST_BYTES = 5_900_000
ANCHORS = {  # where the report shows what a sentence of the verdict rests on
    "questions": "method",
    "recipes": "provenance",
    "results": "leaderboard",
    "answers": "failures",
    "map": "How-good",
    "probe": "Would-tuning-help-",
    "breakeven": "Break-even",
}
APPENDIX_ROWS = (400, 200, 100, 40, 0)  # fewer where the file would grow too large


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    charts: tuple[Chart, ...]


def make_report(store: Store, project_id: str, now: datetime | None = None) -> str:
    """The HTML text of the report: no external asset, below MOST_BYTES.

    Raises InputError when there is no finished, graded run to report on.
    """
    moment = now or datetime.now(UTC)
    scene = _scene(store, project_id, moment)
    chosen = advice.bar(store, project_id)
    told = advice.advice(store, project_id, chosen, scene.every)
    wrong_of, wrong = content.wrong(scene)
    sections = [s for s in _sections(scene, chosen.margin) if s.charts]
    values = {
        "project": store.projects.get(project_id),
        "made": moment.strftime("%d %B %Y, %H:%M UTC"),
        "version": __version__,
        "counts": _counts(scene),
        "goal": chosen.goal,
        "verdict": told[0] if told else None,
        "findings": told[1:],
        "anchors": _anchors(sections),
        "cautions": content.cautions(scene),
        "head": content.HEAD,
        "lines": content.leaderboard(scene),
        "colours": COLOURS,
        "sections": sections,
        "method": content.method(scene),
        "graders": content.graders(scene),
        "judges": content.judges(scene),
        "provenance": content.provenance(scene),
        "failures": content.failures(scene),
        "wrong_of": wrong_of,
        "wrong": wrong,
        "documents": content.documents(scene),
        "plotly": _plotly(),
    }
    for rows in APPENDIX_ROWS:
        text = _page().render(**values, appendix=content.appendix(scene, rows))
        if len(text.encode()) <= MOST_BYTES:
            break
    return text


def _scene(store: Store, project_id: str, moment: datetime) -> Scene:
    every = results(store, project_id)
    rows = [r for r in latest(every) if FACTS in r.metrics or FORM in r.metrics]
    if not rows:
        raise InputError(
            "no run has finished and been graded yet",
            where="the report",
            fix="Run at least one recipe first",
        )
    base = next((r for r in rows if r.run.recipe.technique == "baseline"), rows[0])
    ids = [r.run.id for r in rows]
    compared = {m: compare_with(store, base.run.id, ids, m) for m in (FACTS, FORM)}
    return Scene(
        store, project_id, tuple(rows), tuple(every), labels(rows), base, compared, moment.date()
    )


def _sections(scene: Scene, margin: float) -> Iterator[Section]:
    parts: tuple[tuple[str, Callable[[], Iterator[Chart]]], ...] = (
        ("How good", lambda: pictures.quality(scene)),
        ("What it costs and how long it takes", lambda: pictures.money(scene)),
        ("Would tuning help?", lambda: pictures.probe(scene, margin)),
        ("Break-even", lambda: pictures.volumes(scene)),
        ("Over time", lambda: pictures.history(scene)),
        ("The market", lambda: pictures.market(scene)),
        ("Published evidence", lambda: pictures.papers(scene)),
    )
    for title, drawn in parts:
        yield Section(title, tuple(drawn()))


def _anchors(sections: Sequence[Section]) -> dict[str, str]:
    """Where each view is in this report; the method stands in for a part that is not there."""
    there = {
        "method",
        "provenance",
        "leaderboard",
        "failures",
        *(anchor(s.title) for s in sections),
    }
    return {view: place if place in there else "method" for view, place in ANCHORS.items()}


def anchor(title: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in title)


def _counts(scene: Scene) -> dict[str, int]:
    run = scene.rows[0].run
    evalset = scene.store.projects.evalset(run.evalset_id)
    return {
        "documents": len(scene.store.projects.corpus(run.corpus_id)),
        "questions": len(evalset.questions),
        "asked": max(_asked(r) for r in scene.rows),
        "recipes": len(scene.rows),
    }


def _asked(row: Result) -> int:
    return row.usage.answers // row.run.recipe.tries


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def _page() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["figure"] = figure_json
    environment.filters["anchor"] = anchor
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))


def figure_json(chart: Chart) -> Any:
    """A figure as JSON that cannot end the script element it stands in."""
    from markupsafe import Markup

    chart.figure.update_layout(template="none")
    text = chart.figure.to_json().replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup(text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))
