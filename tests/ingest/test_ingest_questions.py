"""Question files of every kind to the same questions, each bad row named."""

import json
import time
from pathlib import Path

import pytest

from dsmr.core.data import Document, FormRule, Question
from dsmr.ingest.documents import read_documents
from dsmr.ingest.questions import read_question_files, read_questions
from tests.ingest import making
from tests.ingest.making import errors

HANDBOOK = Path(__file__).parents[3] / "shared" / "data" / "18f"
SCHEMA = {"type": "object", "required": ["city"]}
ROWS = [
    {
        "id": "q1",
        "question": "How long is the warranty?",
        "answer": ["two years", "2 years"],
        "source": "warranty.pdf",
        "kind": "fact",
        "tags": ["number", "legal"],
        "split": "test",
        "evidence": "It lasts two years.",
    },
    {
        "id": "q2",
        "question": "Who owns the moon?",
        "answer": "",
        "source": "",
        "kind": "unanswerable",
        "tags": "",
        "split": "train",
        "evidence": "",
    },
]
WANTED = [
    Question(
        id="q1",
        text="How long is the warranty?",
        accepted=("two years", "2 years"),
        sources=("warranty.pdf",),
        tags=("number", "legal"),
        evidence="It lasts two years.",
    ),
    Question(id="q2", text="Who owns the moon?", accepted=(), kind="unanswerable", split="train"),
]


def cells(separator, join):
    flat = [{k: join(v) if isinstance(v, list) else v for k, v in row.items()} for row in ROWS]
    lines = [list(flat[0]), *[list(row.values()) for row in flat]]
    return "\n".join(separator.join(line) for line in lines).encode()


def as_sheet():
    flat = [{k: json.dumps(v) if isinstance(v, list) else v for k, v in r.items()} for r in ROWS]
    rows = [list(flat[0]), *[list(row.values()) for row in flat]]
    return making.xlsx({"Read me": [["Nothing here"]], "Questions": rows})


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("q.jsonl", making.jsonl(*ROWS)),
        ("q.json", making.jsonl(ROWS)),
        ("q.json", making.jsonl({"version": 1, "items": ROWS})),
        ("q.csv", cells(";", " | ".join).replace(b"number | legal", b"number, legal")),
        ("q.tsv", cells("\t", "||".join).replace(b"number||legal", b"number, legal")),
        ("q.xlsx", as_sheet()),
    ],
)
def test_every_format_gives_the_same_questions(name, data):
    questions, problems = read_questions(name, data)
    assert questions == WANTED
    assert not errors(problems)


def test_squad_gives_titles_as_sources_and_impossible_questions_as_unanswerable():
    asked = [
        {"id": "a", "question": "Who wrote it?", "answers": [{"text": "Ann"}, {"text": "Ann"}]},
        {"id": "b", "question": "When?", "answers": [], "is_impossible": True},
    ]
    article = {"title": "Book", "paragraphs": [{"context": "Ann wrote it.", "qas": asked}]}
    questions, problems = read_questions("s.json", making.jsonl({"data": [article]}))
    assert [(q.id, q.accepted, q.kind, q.sources) for q in questions] == [
        ("a", ("Ann",), "fact", ("Book",)),
        ("b", (), "unanswerable", ("Book",)),
    ]
    assert questions[0].evidence == "Ann wrote it." and not errors(problems)


@pytest.mark.parametrize(
    "header",
    ["question,answer,source", "Prompt,Gold Answer,Document", "QUERY,expected-output,file_name"],
)
def test_columns_go_by_their_usual_names(header):
    questions, _ = read_questions("q.csv", f"{header}\nWhere?,Rome,a.md\n".encode())
    assert [(q.text, q.accepted, q.sources) for q in questions] == [
        ("Where?", ("Rome",), ("a.md",))
    ]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"answer": "Rome"}, "fact"),
        ({"answer": ""}, "unanswerable"),
        ({"answer": []}, "unanswerable"),
        ({"answer": "City: Rome.", "form": r"City: \w+\."}, "form"),
        ({"answer": "Rome", "form": r"City: \w+\."}, "mixed"),
        ({"answer": '{"city": "Rome"}', "form": SCHEMA}, "form"),
        ({"answer": "Rome", "form": SCHEMA}, "mixed"),
        ({"answer": "x", "kind": "Factual"}, "fact"),
    ],
)
def test_a_missing_kind_is_inferred(row, kind):
    questions, problems = read_questions("q.jsonl", making.jsonl({"question": "Where?", **row}))
    assert questions[0].kind == kind and not errors(problems)


@pytest.mark.parametrize(
    ("form", "rule"),
    [
        (r"\d+ days", FormRule(regex=r"\d+ days")),
        ('{"regex": "a|b"}', FormRule(regex="a|b")),
        ({"regex": r"\w+"}, FormRule(regex=r"\w+")),
        (SCHEMA, FormRule(json_schema=json.dumps(SCHEMA))),
        (json.dumps(SCHEMA), FormRule(json_schema=json.dumps(SCHEMA))),
        ({"json_schema": SCHEMA}, FormRule(json_schema=json.dumps(SCHEMA))),
    ],
)
def test_a_form_rule_is_a_pattern_or_a_schema(form, rule):
    row = {"question": "When?", "reply": "7 days", "answer": "7", "kind": "mixed", "form": form}
    questions, _ = read_questions("q.jsonl", making.jsonl(row))
    assert questions[0].form == rule


def test_a_whole_reply_in_the_asked_form_may_hold_the_separator():
    data = rb"""question,answer,form
When?,Mon | Tue,\w+ \| \w+
"""
    questions, _ = read_questions("q.csv", data)
    assert questions[0].accepted == ("Mon | Tue",)


def test_a_context_that_is_the_passage_itself_is_kept_as_evidence():
    row = {"question": "Where?", "answer": "Rome", "context": "They met in Rome. " * 20}
    questions, _ = read_questions("q.jsonl", making.jsonl(row))
    assert questions[0].sources == () and questions[0].evidence.startswith("They met")


def test_a_missing_id_is_made_from_the_content():
    data = b"question,answer\nWhere?,Rome\nWhen?,Today\n"
    first, second = read_questions("q.csv", data)[0]
    again = read_questions("other.csv", data)[0]
    assert first.id == again[0].id != second.id


def test_numbers_in_a_sheet_read_as_they_look():
    rows = [["question", "answer"], ["How many?", 42], ["Share?", 0.5], ["Really?", True]]
    questions, _ = read_questions("q.xlsx", making.xlsx({"S": rows}))
    assert [q.accepted for q in questions] == [("42",), ("0.5",), ("TRUE",)]


# case: (file, bytes, questions left, where, what)
GOOD_ROW = '{"question": "Good?", "answer": "Yes"}\n'
SLOW = {"question": "Slow?", "answer": "a" * 40 + "!", "kind": "form", "form": "(a|aa)+[bc]"}
BAD = {
    "empty file": ("q.csv", b"", 0, "q.csv", "is empty"),
    "header alone": ("q.csv", b"question,answer\n", 0, "q.csv", "no rows"),
    "no question column": ("q.csv", b"foo,answer\n1,2\n", 0, "q.csv", "no question column"),
    "no answer column": ("q.csv", b"question,foo\n1,2\n", 0, "q.csv", "no answer column"),
    "sheet without cells": ("q.xlsx", making.xlsx({"S": []}), 0, "q.xlsx", "no cells"),
    "sheet that is junk": ("q.xlsx", b"PK junk", 0, "q.xlsx", "damaged"),
    "a pdf": ("q.pdf", b"%PDF", 0, "q.pdf", "is a .pdf file"),
    "json cut short": ("q.json", b'[{"question"', 0, "q.json, line 1", "not valid JSON"),
    "json that is no list": ("q.json", b"42", 0, "q.json", "not a list"),
    "json that nests without end": ("q.json", b"[" * 200_000, 0, "q.json", "nests too deep"),
    "bad line": (
        "q.jsonl",
        (GOOD_ROW + "{oops\n").encode(),
        1,
        "q.jsonl, line 2",
        "not valid JSON",
    ),
    "line that is no object": (
        "q.jsonl",
        (GOOD_ROW + "7\n").encode(),
        1,
        "q.jsonl, line 2",
        "not a JSON object",
    ),
    "too many cells": (
        "q.csv",
        b"question,answer\nA?,b\nC?,d,e\n",
        1,
        "q.csv, row 3",
        "has 3 cells",
    ),
    "no question": ("q.csv", b"question,answer\nA?,b\n,d\n", 1, "q.csv, row 3", "no question"),
    "no answer": (
        "q.csv",
        b"question,answer,kind\nA?,b,\nC?,,fact\n",
        1,
        "q.csv, row 3",
        "no answer",
    ),
    "bad split": (
        "q.csv",
        b"question,answer,split\nA?,b,test\nC?,d,trial\n",
        1,
        "q.csv, row 3",
        'split "trial"',
    ),
    "bad kind": (
        "q.csv",
        b"question,answer,kind\nA?,b,fact\nC?,d,poem\n",
        1,
        "q.csv, row 3",
        'kind "poem"',
    ),
    "bad pattern": (
        "q.csv",
        b"question,answer,form\nA?,b,\nC?,d,(\n",
        1,
        "q.csv, row 3",
        "pattern is not valid",
    ),
    "broken schema": (
        "q.jsonl",
        making.jsonl({"question": "A?", "answer": "b", "form": {"type": "thing"}}),
        0,
        "q.jsonl, line 1",
        "schema is not valid",
    ),
    "schema cut short": (
        "q.jsonl",
        making.jsonl({"question": "A?", "answer": "b", "form": '{"type":'}),
        0,
        "q.jsonl, line 1",
        "looks like JSON",
    ),
    "schema from elsewhere": (
        "q.jsonl",
        making.jsonl({"question": "A?", "answer": "b", "form": {"$ref": "http://x.invalid/"}}),
        0,
        "q.jsonl, line 1",
        "outside of itself",
    ),
    "form without rule": (
        "q.csv",
        b"question,answer,kind\nC?,d,form\n",
        0,
        "q.csv, row 2",
        "no form rule",
    ),
    "same id twice": (
        "q.csv",
        b"id,question,answer\n1,A?,b\n1,C?,d\n",
        1,
        "q.csv, row 3",
        "q.csv, row 2 has already",
    ),
    "same row twice": (
        "q.csv",
        b"question,answer\nA?,b\nA?,b\n",
        1,
        "q.csv, row 3",
        "repeats q.csv, row 2",
    ),
    "unbalanced quotes": (
        "q.csv",
        b'question,answer\n"A?,b\nC?,d\n',
        2,
        "q.csv, row 2",
        "quotes in line 2",
    ),
    "formula cells": (
        "q.xlsx",
        making.xlsx({"S": [["question", "answer"], ["A?", "b"], ["C?", "=1+1"]]}),
        2,
        "q.xlsx, sheet S",
        "no saved result",
    ),
    "catastrophic pattern": (
        "q.jsonl",
        making.jsonl(*[{**SLOW, "id": n, "question": f"Slow {n} {n * 7}?"} for n in range(50)]),
        50,
        "q.jsonl, line 1",
        "takes too long",
    ),
    "pattern that explodes": (
        "q.csv",
        b"question,answer,form\nA?,b,\nC?,d,(?:(?:a{999}){999}){999}\n",
        1,
        "q.csv, row 3",
        "repeats too much",
    ),
    "own answer breaks the form": (
        "q.jsonl",
        making.jsonl({"question": "A?", "answer": "b", "kind": "form", "form": "c"}),
        1,
        "q.jsonl, line 1",
        "does not follow",
    ),
    "wrong bytes": ("q.csv", bytes(range(1, 9)) * 99, 0, "q.csv", "not text"),
    "train row to learn nothing from": (
        "q.jsonl",
        making.jsonl({"question": "A?", "kind": "form", "form": "c", "split": "train"}),
        0,
        "q.jsonl, line 1",
        "to learn from",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_each_bad_row_is_named_and_the_good_ones_load(case):
    name, data, count, where, what = BAD[case]
    start = time.monotonic()
    questions, problems = read_questions(name, data)
    assert time.monotonic() - start < 10
    assert len(questions) == count
    named = [p for p in problems if p.where == where and what in p.what]
    assert named, [str(p) for p in problems]
    assert all(len(problem.fix) > 10 for problem in problems)


def test_many_bad_rows_are_counted_after_the_first_fifty():
    data = "question,answer,kind\n" + "".join(f"Q{n}?,,fact\n" for n in range(200))
    problems = errors(read_questions("q.csv", data.encode())[1])
    assert len(problems) == 51 and "150 more" in problems[-1].what


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_question_files_may_have_any_encoding(encoding):
    data = "question;answer\nWie heißt die Straße für Gäste?;Müllerstraße\n".encode(encoding)
    assert read_questions("q.csv", data)[0][0].accepted == ("Müllerstraße",)


def test_sources_are_written_as_the_documents_are_named():
    data = b"question,answer,source\nA?,b,docs/Guide.PDF\n"
    found, problems = read_question_files([("q.csv", data)], [Document("guide.pdf", "b")])
    assert found[0].sources == ("guide.pdf",)
    assert not [p for p in problems if "not among" in p.what]


def test_questions_the_project_has_already_are_left_out_and_keep_their_split():
    old, _ = read_questions(
        "a.jsonl", making.jsonl({"question": "A?", "answer": "b", "source": "x", "split": "train"})
    )
    data = making.jsonl(
        {"question": "A?", "answer": "b", "source": "x"},
        {"question": "New one?", "answer": "c", "source": "x"},
    )
    new, problems = read_question_files([("b.jsonl", data)], existing=old)
    assert [(q.text, q.split) for q in new] == [("New one?", "train")]
    assert "repeats the project" in errors(problems)[0].what


@pytest.mark.skipif(not HANDBOOK.exists(), reason="the 18F pages are not beside this checkout")
def test_the_18f_questions_load_as_they_are_with_facts_and_forms_in_train_and_test():
    pages = [(path.name, path.read_bytes()) for path in sorted(HANDBOOK.glob("corpus/*.md"))]
    documents, _ = read_documents(pages)
    names = ("questions.jsonl", "form.jsonl")
    files = [(name, (HANDBOOK / name).read_bytes()) for name in names]
    questions, problems = read_question_files(files, documents)
    assert len(questions) == 136 and not errors(problems)
    for kind in ("fact", "form"):
        of_kind = [q.split for q in questions if q.kind == kind]
        assert 0.3 <= of_kind.count("train") / len(of_kind) <= 0.5
        assert 0.4 <= of_kind.count("test") / len(of_kind) <= 0.6
    sources = {
        s: {q.split for q in questions if s in q.sources} for q in questions for s in q.sources
    }
    assert all(len(splits) == 1 for splits in sources.values())
    assert not [p for p in problems if "not among the documents" in p.what]
