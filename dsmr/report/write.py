"""Writes the report and the answers of a project to files, for the command line."""

from collections.abc import Iterator
from pathlib import Path

from dsmr.core.errors import InputError
from dsmr.report.answers import as_csv, as_jsonl
from dsmr.report.file import make_report
from dsmr.store.projects import Project
from dsmr.store.records import Store
from dsmr.work.results import latest, results

WRITERS = {".csv": as_csv, ".jsonl": as_jsonl}


def write_report(
    store: Store, project_name: str | None, out: Path, answers: Path | None = None
) -> Iterator[str]:
    """Yields a sentence per file written. No name: the home's only project.

    Raises InputError when there is no such project, no finished run, or `answers` ends
    neither in .csv nor in .jsonl.
    """
    project = _project(store, project_name)
    if answers and answers.suffix not in WRITERS:
        raise InputError(
            "the kind of file is not known", where=str(answers), fix="End it .csv or .jsonl"
        )
    text = make_report(store, project.id)
    _write(out, text)
    yield f"{out}: {len(text.encode()) / 1e6:.1f} MB, opens without a network"
    if answers:
        rows = latest(results(store, project.id))
        _write(answers, WRITERS[answers.suffix](store, rows))
        yield f"{answers}: the answers of {len(rows)} runs"


def _project(store: Store, name: str | None) -> Project:
    projects = store.projects.all()
    found = [p for p in projects if name in (None, p.name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(repr(p.name) for p in projects) or "none yet"
    raise InputError(
        "there is no such project" if name else "the home does not hold exactly one",
        where=f"project {name!r}" if name else "the command",
        fix=f"Give --project, one of: {names}",
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
