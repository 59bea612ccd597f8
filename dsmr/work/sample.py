"""The sample project: the files in data/sample, read like anybody's upload."""

import json
from pathlib import Path

from dsmr.core.errors import InputError
from dsmr.ingest.documents import read_documents
from dsmr.ingest.questions import read_question_files
from dsmr.store.projects import Project
from dsmr.store.records import Store

FOLDER = Path(__file__).resolve().parents[2] / "data" / "sample"
QUESTIONS = ("questions.csv", "form.jsonl")


def install_sample(store: Store) -> Project:
    """The sample project, read in if it is not there yet. Its runs come from running it."""
    from filelock import FileLock

    words = json.loads((FOLDER / "project.json").read_text(encoding="utf-8"))
    with FileLock(store.home / "sample.lock"):
        known = store.projects.named(words["name"])
        if known:
            return known
        files = [(p.name, p.read_bytes()) for p in sorted((FOLDER / "documents").iterdir())]
        documents, unread = read_documents(files)
        sheets = [(name, (FOLDER / name).read_bytes()) for name in QUESTIONS]
        questions, wrong = read_question_files(sheets, documents)
        bad = [p for p in (*unread, *wrong) if p.severity == "error"]
        if bad:
            raise InputError(str(bad[0]), where="data/sample", fix="Install the app again")
        project = store.projects.add(**words)
        store.projects.put_documents(project.id, documents)
        store.projects.put_questions(project.id, questions)
        return project
