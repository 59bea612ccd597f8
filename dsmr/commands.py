"""What each command of `python -m dsmr` does. The same rooms as the pages, without the pages."""

import json
import os
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dsmr.core.data import Document, Problem, Question, fingerprint
from dsmr.core.errors import InputError
from dsmr.core.recipe import LADDER, Model, Recipe, preset
from dsmr.core.scoring import METRICS
from dsmr.engines.endpoint import only_model
from dsmr.ingest.documents import read_documents
from dsmr.ingest.questions import read_question_files
from dsmr.store.projects import Project
from dsmr.store.queue import Progress
from dsmr.store.records import Store, open_store
from dsmr.work import jobs
from dsmr.work.results import (
    Pricing,
    Result,
    as_dict,
    compare_with,
    labels,
    pricing,
    result,
    results,
    save_pricing,
)

SHOWN_PROBLEMS = 20


def compare(chosen: Namespace) -> None:
    """Read, run, print a table, write JSON. Goes on with what an earlier call left."""
    store = open_store(chosen.home)
    recipes = _recipes(chosen)  # a wrong name is told before anything is read
    if chosen.usd_per_hour is not None or chosen.priced_as:
        now = pricing(store)
        rate = now.usd_per_hour if chosen.usd_per_hour is None else chosen.usd_per_hour
        save_pricing(store, Pricing(rate, chosen.priced_as or now.priced_as))
    project = _read(store, chosen)
    if chosen.recipes == "all":
        recipes = [recipe for recipe in recipes if _fits(store, project, recipe)]
    run_ids = [_submit(store, project, recipe, chosen) for recipe in recipes]
    _work(store, run_ids)
    found = [result(store, run_id) for run_id in run_ids]
    _print_table(store, found)
    if chosen.json:
        _write(chosen.json, _report(store, project, found))
    broken = [r for r in found if not r.finished]
    if broken:
        raise InputError(
            broken[0].progress.error or f"it is {broken[0].progress.state}",
            where=f"recipe {broken[0].run.recipe.name!r}",
            fix="The others are above",
        )


def ingest(chosen: Namespace) -> None:
    """Read files into a project and say what was wrong with them."""
    store = open_store(chosen.home)
    project = _read(store, chosen)
    documents, questions = (
        store.projects.document_rows(project.id),
        store.projects.questions(project.id),
    )
    print(f"project {project.name!r}: {len(documents)} documents, {len(questions)} questions")


def train(chosen: Namespace) -> None:
    """Make the adapter of a recipe, or find it made."""
    from dsmr.work.prepare import prepare

    store = open_store(chosen.home)
    chosen.recipes = chosen.recipe
    (recipe,) = _recipes(chosen)
    if not recipe.tuning:
        raise InputError(
            "it trains nothing", where=f"recipe {recipe.name!r}",
            fix="Choose fine-tuned or fine-tuned-rag",
        )  # fmt: skip
    project = _read(store, chosen)
    evalset_id, corpus_id = store.projects.freeze(project.id)
    kit = prepare(store, recipe, store.projects.corpus(corpus_id),
                  store.projects.evalset(evalset_id), _say)  # fmt: skip
    assert kit.adapter
    print(f"adapter {kit.adapter.id}: {kit.adapter.rows} rows, {kit.adapter.steps} steps, "
          f"{kit.adapter.seconds:.0f} s, in {store.made / 'adapter' / kit.adapter.id}")  # fmt: skip


def runs(chosen: Namespace) -> None:
    """A line per run, oldest first."""
    store = open_store(chosen.home)
    projects = [p for p in store.projects.all() if chosen.project in (None, p.name)]
    found = {project.name: results(store, project.id) for project in projects}
    for name, rows in found.items():
        for r in rows:
            p, fact = r.progress, r.metrics.get("contains")
            score = f"contains {fact.mean:6.1%} (n {fact.n})" if fact else ""
            print(f"{r.run.id}  {p.state:9}  {r.usage.answers:4}/{p.total or '?':<4}  "
                  f"{r.run.recipe.name:18}  {name:24}  {score}")  # fmt: skip
    if chosen.json:
        _write(chosen.json, {name: [as_dict(r) for r in rows] for name, rows in found.items()})


def worker(chosen: Namespace) -> None:
    """The worker process that the app starts."""
    import logging

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    jobs.serve(open_store(chosen.home), chosen.idle)


def report(chosen: Namespace) -> None:
    """The report of a project as one HTML file, and its answers beside it."""
    from dsmr.report import write_report

    store = open_store(chosen.home)
    for sentence in write_report(store, chosen.project, chosen.out, chosen.answers):
        print(sentence)


# --- reading ----------------------------------------------------------------------------------


def _read(store: Store, chosen: Namespace) -> Project:
    documents, unread = read_documents(_files(chosen.documents))
    questions, wrong = read_question_files(
        [(path.name, path.read_bytes()) for path in _existing(chosen.questions)], documents
    )
    _print_problems([*unread, *wrong])
    project = _project(store, chosen, documents, questions)
    store.projects.put_documents(project.id, documents)
    store.projects.put_questions(project.id, questions)
    return project


def _project(
    store: Store, chosen: Namespace, documents: Sequence[Document], questions: Sequence[Question]
) -> Project:
    """The named project, or one named after exactly this data, so that a repeat goes on."""
    name = chosen.project
    if not name:
        if not chosen.questions and not chosen.documents:
            raise InputError(
                "nothing to read", where="the command",
                fix="Give --documents and --questions, or --project of an earlier one",
            )  # fmt: skip
        content = fingerprint(sorted(d.id for d in documents), [asdict(q) for q in questions])
        first = (chosen.questions or chosen.documents)[0]
        name = f"{first.stem} {content[:8]}"
    known = store.projects.named(name)
    if known is None and not chosen.questions and not chosen.documents:
        raise InputError(
            "it does not exist", where=f"project {name!r}",
            fix="Name one that does, or give --documents and --questions",
        )  # fmt: skip
    return known or store.projects.add(name)


def _files(paths: Iterable[Path]) -> list[tuple[str, bytes]]:
    files = []
    for path in _existing(paths):
        inside = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        files += [
            (p.name if p == path else p.relative_to(path).as_posix(), p.read_bytes())
            for p in inside
            if not p.name.startswith(".")
        ]
    return files


def _existing(paths: Iterable[Path]) -> list[Path]:
    for path in paths:
        if not path.exists():
            raise InputError("it does not exist", where=str(path), fix="Check the path")
    return list(paths)


def _print_problems(problems: Sequence[Problem]) -> None:
    for problem in problems[:SHOWN_PROBLEMS]:
        print(f"{problem.severity}: {problem}", file=sys.stderr)
    if len(problems) > SHOWN_PROBLEMS:
        print(f"… and {len(problems) - SHOWN_PROBLEMS} more", file=sys.stderr)


# --- running ----------------------------------------------------------------------------------


def _recipes(chosen: Namespace) -> list[Recipe]:
    names = list(LADDER) if chosen.recipes == "all" else chosen.recipes.split(",")
    for name in names:
        if name not in LADDER:
            raise InputError(
                "there is no such recipe", where=f"recipe {name!r}",
                fix=f"Choose from {', '.join(LADDER)}",
            )  # fmt: skip
    model = _chosen_model(chosen)
    return [
        preset(name, model, chosen.instruction, chosen.form_instruction)
        for name in dict.fromkeys(names)
    ]


def _chosen_model(chosen: Namespace) -> Model:
    text = chosen.model
    if not text.startswith(("http://", "https://")):
        return Model(text)
    url, _, name = text.partition("#")
    return Model(name or only_model(url, chosen.key_env), endpoint=url, key_env=chosen.key_env)


def _fits(store: Store, project: Project, recipe: Recipe) -> bool:
    """Whether the data and the model have what a recipe needs; says so where they do not."""
    train = any(q.split == "train" for q in store.projects.questions(project.id))
    lacks = {
        "examples: no question is in the train split": (recipe.shots or recipe.tuning)
        and not train,
        "documents to search: there are none": recipe.retrieval
        and not store.projects.document_rows(project.id),
        "a local model: adapters cannot be put behind an endpoint": recipe.tuning
        and recipe.model.endpoint,
    }
    for need, missing in lacks.items():
        if missing:
            print(f"left out {recipe.name}, which needs {need}", file=sys.stderr)
    return not any(lacks.values())


def _submit(store: Store, project: Project, recipe: Recipe, chosen: Namespace) -> str:
    """A new run, or the unfinished one of an earlier call with the same data and recipe."""
    evalset_id, corpus_id = store.projects.freeze(project.id)
    states = {p.run_id: p.state for p in store.queue.progress(project.id)}
    for run in store.runs.all(project.id):
        same = (run.recipe, run.evalset_id, run.corpus_id, run.split, run.limit)
        if same == (recipe, evalset_id, corpus_id, chosen.split, chosen.limit):
            if states[run.id] in ("cancelled", "failed"):
                store.queue.resume(run.id)
            if states[run.id] != "done":
                return run.id
    return jobs.submit(store, project.id, recipe, chosen.split, chosen.limit)


def _work(store: Store, run_ids: Sequence[str]) -> None:
    """Work here until these runs are over, or watch the worker that holds them."""
    watching = threading.Event()
    watcher = threading.Thread(target=_watch, args=(store, run_ids, watching), daemon=True)
    watcher.start()
    try:
        while any(p.state in ("queued", "running") for p in _progress(store, run_ids)):
            if jobs.work_one(store) is None:
                time.sleep(0.5)
    finally:
        watching.set()
        watcher.join()


def _progress(store: Store, run_ids: Sequence[str]) -> list[Progress]:
    return [p for p in store.queue.progress() if p.run_id in set(run_ids)]


def _watch(store: Store, run_ids: Sequence[str], stop: threading.Event) -> None:
    names = {run_id: store.runs.get(run_id).recipe.name for run_id in run_ids}
    said, stage, quiet_until = "", "", 0.0
    pause = 0.0 if sys.stderr.isatty() else 5.0
    while not stop.wait(1.0):
        for number, p in enumerate(_progress(store, run_ids), start=1):
            if p.state == "running" and p.stage:
                left = "" if p.seconds_left is None else f", {p.seconds_left:.0f} s left"
                line = (f"[{number}/{len(run_ids)}] {names[p.run_id]}: {p.stage} "
                        f"{p.done}/{p.total}{left} {p.note}").rstrip()  # fmt: skip
                new_stage = f"{p.run_id} {p.stage}"
                if line != said and (new_stage != stage or time.monotonic() > quiet_until):
                    _show(line)
                    said, stage, quiet_until = line, new_stage, time.monotonic() + pause
    if said and sys.stderr.isatty():
        print(file=sys.stderr)


def _show(line: str) -> None:
    if sys.stderr.isatty():
        width = os.get_terminal_size(sys.stderr.fileno()).columns
        print(f"\r{line[: width - 1]:<{width - 1}}", end="", file=sys.stderr, flush=True)
    else:
        print(line, file=sys.stderr, flush=True)


def _say(stage: str, done: int, total: int, note: str = "") -> None:
    _show(f"{stage} {done}/{total} {note}".rstrip())


# --- telling ----------------------------------------------------------------------------------


def _baseline(found: Sequence[Result]) -> Result:
    named = [r for r in found if r.run.recipe.name == "baseline"]
    return (named or list(found))[0]


def _comparisons(store: Store, found: Sequence[Result]) -> list[dict[str, Any]]:
    base, names, rows = _baseline(found), labels(found), []
    for metric in METRICS:
        compared = compare_with(store, base.run.id, [r.run.id for r in found], metric)
        for run_id, one in compared.items():
            rows.append(
                {
                    "baseline": names[base.run.id],
                    "candidate": names[run_id],
                    "metric": metric,
                    "difference": one.difference.mean,
                    "low": one.difference.low,
                    "high": one.difference.high,
                    "n": one.difference.n,
                    "wins": one.wins,
                    "losses": one.losses,
                    "p_value": one.p_value,
                    "p_adjusted": one.p_adjusted,
                    "verdict": one.verdict,
                }
            )
    return rows


def _report(store: Store, project: Project, found: Sequence[Result]) -> dict[str, Any]:
    run = found[0].run
    evalset = store.projects.evalset(run.evalset_id)
    kinds: dict[str, int] = {}
    for question in evalset.questions:
        kinds[question.kind] = kinds.get(question.kind, 0) + 1
    counts = {split: len(evalset.only(split)) for split in ("train", "dev", "test")}  # type: ignore[arg-type]
    return {
        "evalset": {
            "project": project.name,
            "id": run.evalset_id,
            "corpus": run.corpus_id,
            "documents": len(store.projects.corpus(run.corpus_id)),
            "questions": len(evalset.questions),
            "kinds": kinds,
            "splits": counts,
            "split": run.split,
            "limit": run.limit,
        },
        "runs": [{**as_dict(r), "provenance": store.runs.provenance(r.run.id)} for r in found],
        "comparisons": _comparisons(store, found),
    }


def _print_table(store: Store, found: Sequence[Result]) -> None:
    head = ("recipe", "contains", "95 % interval", "form", "n", "missing", "recall@k",
            "$/1k", "p50 s", "against baseline")  # fmt: skip
    base = _baseline(found).run.id
    compared = compare_with(store, base, [r.run.id for r in found], "contains")
    rows = [head]
    for r in found:
        fact, form = r.metrics.get("contains"), r.metrics.get("form")
        against = compared.get(r.run.id)
        rows.append(
            (
                r.run.recipe.name + ("" if r.finished else f" ({r.progress.state})"),
                f"{fact.mean:.1%}" if fact else "–",
                f"{fact.low:.1%} … {fact.high:.1%}" if fact else "–",
                f"{form.mean:.1%}" if form else "–",
                str(r.usage.answers),
                str(r.usage.failed),
                f"{r.recall.mean:.1%}" if r.recall else "–",
                f"{r.cost.per_1k_questions:.4f}" if r.cost and r.cost.questions else "–",
                f"{r.p50.mean:.2f}" if r.p50 else "–",
                f"{against.difference.mean:+.1%} {against.verdict}" if against else "",
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        cells = [
            row[0].ljust(widths[0]),
            *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
        ]
        print("  ".join(cells).rstrip())


def _write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
