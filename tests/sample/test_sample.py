"""The sample project keeps its promises: counts, answers, forms, splits."""

import csv
import importlib.util
import io
import json
import re
import statistics
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
DOCUMENTS = SAMPLE / "documents"
STOP = set(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "if",
        "of",
        "to",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "without",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "do",
        "does",
        "did",
        "have",
        "has",
        "had",
        "i",
        "me",
        "my",
        "we",
        "our",
        "us",
        "you",
        "your",
        "he",
        "she",
        "it",
        "its",
        "they",
        "them",
        "their",
        "this",
        "that",
        "these",
        "those",
        "who",
        "whom",
        "whose",
        "which",
        "what",
        "when",
        "where",
        "why",
        "how",
        "much",
        "many",
        "long",
        "often",
        "can",
        "could",
        "may",
        "might",
        "must",
        "should",
        "would",
        "will",
        "shall",
        "not",
        "no",
        "so",
        "than",
        "then",
        "there",
        "here",
        "up",
        "out",
        "off",
        "over",
        "into",
        "per",
        "one",
        "s",
        "m",
        "ve",
        "re",
    ]
)


def read_md(path):
    return path.read_text(encoding="utf-8")


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len({len(row) for row in rows}) == 1, f"{path.name}: rows of different length"
    return "\n".join(", ".join(row) for row in rows)


def read_html(path):
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    return "\n".join(e.get_text(" ") for e in soup.main.find_all(["h1", "h2", "p", "li", "tr"]))


def read_pdf(path):
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(str(path)).pages)


def read_docx(path):
    from docx import Document

    doc = Document(str(path))
    rows = [" ".join(cell.text for cell in row.cells) for table in doc.tables for row in table.rows]
    return "\n".join([p.text for p in doc.paragraphs] + rows)


def read_xlsx(path):
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(path.read_bytes()), read_only=True)
    return "\n".join(
        ", ".join(str(c) for c in row if c is not None)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
    )


def read_pptx(path):
    from pptx import Presentation

    return "\n".join(
        shape.text_frame.text
        for slide in Presentation(str(path)).slides
        for shape in slide.shapes
        if shape.has_text_frame
    )


READ = {
    "md": read_md,
    "txt": read_md,
    "csv": read_csv,
    "html": read_html,
    "pdf": read_pdf,
    "docx": read_docx,
    "xlsx": read_xlsx,
    "pptx": read_pptx,
}


def kind_of(path):
    return path.suffix[1:]


@cache
def text_of(name):
    path = DOCUMENTS / name
    return READ[kind_of(path)](path)


def flat(text):
    return re.sub(r"\s+", " ", text.replace("*", "").replace("|", " ")).strip().lower()


def occurs(answer, text):
    return re.search(rf"(?<!\w){re.escape(flat(answer))}(?!\w)", flat(text)) is not None


def words(text):
    return {re.sub(r"(ies|es|s)$", "", w) for w in re.findall(r"[a-z0-9]+", text.lower())} - STOP


@pytest.fixture(scope="module")
def facts():
    with (SAMPLE / "questions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["answers"] = [a.strip() for a in row["answer"].split(" | ") if a.strip()]
    return rows


@pytest.fixture(scope="module")
def forms():
    return [
        json.loads(line)
        for line in (SAMPLE / "form.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def model_reply(row):
    return row["answer"][0] if row["kind"] == "form" else row["reply"]


def test_counts(facts, forms):
    formats = Counter(kind_of(p) for p in DOCUMENTS.iterdir())
    assert sum(formats.values()) >= 40
    assert all(formats[f] >= 5 for f in ("md", "pdf", "docx", "html"))
    assert formats["xlsx"] >= 3 and formats["csv"] >= 3
    assert sum(p.stat().st_size for p in SAMPLE.rglob("*") if p.is_file()) < 3_000_000
    kinds = Counter(row["kind"] for row in facts + forms)
    assert kinds["fact"] >= 120 and kinds["unanswerable"] >= 12
    assert kinds["form"] + kinds["mixed"] >= 90 and kinds["mixed"] >= 20
    both = Counter((row["split"], row["kind"] in ("form", "mixed")) for row in facts + forms)
    assert both["test", False] >= 45 and both["test", True] >= 30 and both["train", True] >= 35
    share = {
        s: n / sum(both.values()) for s, n in Counter(r["split"] for r in facts + forms).items()
    }
    assert 0.38 < share["train"] < 0.5 and 0.1 < share["dev"] < 0.2 and 0.35 < share["test"] < 0.47
    assert {r["split"] for r in facts if r["kind"] == "unanswerable"} == {"train", "dev", "test"}


def test_every_document_parses_and_has_some_length():
    for path in DOCUMENTS.iterdir():
        count = len(re.findall(r"\S+", text_of(path.name)))
        assert 140 <= count <= 650, f"{path.name}: {count} words"


def test_ids_and_questions_are_unique(facts, forms):
    rows = facts + forms
    assert len({r["id"] for r in rows}) == len(rows)
    assert len({flat(r["question"]) for r in rows}) == len(rows)


def test_answers_stand_in_their_source(facts, forms):
    for row in facts:
        if row["kind"] == "unanswerable":
            assert not row["answer"] and not row["source"]
            continue
        assert occurs(row["answers"][0], text_of(row["source"])), (
            row["id"],
            row["answers"][0],
            row["source"],
        )
        assert all(1 <= len(a.split()) <= 8 for a in row["answers"]), row["id"]
    for row in forms:
        assert (DOCUMENTS / row["source"]).is_file(), row["id"]
        if row["kind"] == "mixed":
            assert any(occurs(a, text_of(row["source"])) for a in row["answer"]), (
                row["id"],
                row["answer"],
            )
            assert any(occurs(a, row["reply"]) for a in row["answer"]), row["id"]


def test_every_model_reply_has_the_form_and_plain_text_has_not(forms):
    rules = {row["form"]["regex"] for row in forms}
    assert len(rules) == 1
    rule = re.compile(rules.pop(), re.DOTALL)
    for row in forms:
        reply = model_reply(row)
        assert rule.fullmatch(reply), (row["id"], reply)
        assert len(reply.split("\n")[1].split()) <= 19, row["id"]  # "> " and 18 words
        title, order, sign = reply.split("\n")
        for wrong in (
            order[2:],
            order,
            f"{title}\n{order}",
            reply + "\n",
            f"{title} {order} {sign}",
            reply.replace("> ", ""),
            f"{title}\n> The answer is as follows today.\n{sign}",
            f"{title}\n{order}\n{sign.split(' (')[0]} (OTHER)",
            f"Sure!\n{reply}",
        ):
            assert not rule.fullmatch(wrong), (row["id"], wrong)


def test_splits_do_not_share_documents_or_questions(facts, forms):
    splits = defaultdict(set)
    rows = facts + forms
    for row in rows:
        assert row["split"] in ("train", "dev", "test")
        if row["source"]:
            splits[row["source"]].add(row["split"])
    assert all(len(s) == 1 for s in splits.values())
    assert set(splits) == {p.name for p in DOCUMENTS.iterdir()}, "every document has questions"
    bags = [(row, words(row["question"])) for row in rows]
    for i, (a, wa) in enumerate(bags):
        for b, wb in bags[i + 1 :]:
            if a["split"] != b["split"]:
                assert len(wa & wb) / len(wa | wb) < 0.6, (a["question"], b["question"])


def test_questions_share_few_words_with_their_evidence(facts):
    shares = []
    for row in facts:
        if row["kind"] != "fact":
            continue
        asked = words(row["question"])
        lines = [
            line
            for line in re.split(r"\n|(?<=[.!?]) ", text_of(row["source"]).replace(" \n", " "))
            if occurs(row["answers"][0], line)
        ]
        if asked and lines:
            shares.append(max(len(asked & words(line)) / len(asked) for line in lines))
    median = statistics.median(shares)
    assert len(shares) > 100
    assert 0.1 <= median <= 0.3, f"median overlap {median:.2f} over {len(shares)} questions"


def test_build_gives_the_committed_documents(tmp_path):
    pytest.importorskip("reportlab")
    spec = importlib.util.spec_from_file_location("sample_build", SAMPLE / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    made = build.build(tmp_path / "documents")
    assert {p.name for p in made} == {p.name for p in DOCUMENTS.iterdir()}
    for path in made:
        assert flat(READ[kind_of(path)](path)) == flat(text_of(path.name)), (
            f"{path.name}: run data/sample/build.py"
        )


def test_instructions_are_short():
    project = json.loads((SAMPLE / "project.json").read_text(encoding="utf-8"))
    assert {"name", "description", "instruction", "form_instruction"} <= set(project)
    assert (
        len(project["instruction"].split()) <= 40 and len(project["form_instruction"].split()) <= 45
    )
