"""Question files to Questions. Every row that cannot be used is named; the others load."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from dsmr.core.data import Document, Problem, Question
from dsmr.core.errors import InputError
from dsmr.core.ports import Report, quiet
from dsmr.ingest.assign import assign_splits
from dsmr.ingest.checks import check_questions, match_sources
from dsmr.ingest.decode import decode
from dsmr.ingest.delimited import split_rows
from dsmr.ingest.fields import BadRow, Item, columns_of, read_row
from dsmr.ingest.jsonfile import read_json, read_json_lines
from dsmr.ingest.limits import DEFAULT, MIB, Limits
from dsmr.ingest.names import base_name, suffix
from dsmr.ingest.parser import Parser

FORMATS = ("csv", "tsv", "jsonl", "json", "xlsx")
_COLUMNS = "Name two columns question and answer in the first row"
_SHOWN = 50  # bad rows of one file named one by one
Table = tuple[str, list[tuple[str, dict[str, Any]]]]  # where, and each row's place and values


def read_questions(
    name: str, data: bytes, seed: int = 0, limits: Limits = DEFAULT
) -> tuple[list[Question], list[Problem]]:
    """The questions of one csv, tsv, jsonl, json (list or SQuAD) or xlsx file.

    Columns, by any usual name in any case: question, answer (several: a JSON list, or parted
    by " | " or "||"), id, source, kind, form (pattern, {"regex": …}, or JSON schema), reply,
    tags, split, evidence. Rows without a split get one by `assign_splits`. Raises nothing:
    a file that cannot be read at all is one Problem.
    """
    return read_question_files([(name, data)], seed=seed, limits=limits)


def read_question_files(
    files: Iterable[tuple[str, bytes]],
    documents: Sequence[Document] = (),
    seed: int = 0,
    existing: Sequence[Question] = (),
    report: Report = quiet,
    limits: Limits = DEFAULT,
) -> tuple[list[Question], list[Problem]]:
    """The questions of all files, split together, with the problems of `check_questions`.

    `documents`: gold sources are matched to their names and looked for in them; pass them,
    or call `match_sources` and `check_questions` once they are there. `existing`: questions
    a project has already; they keep their splits, and rows that repeat them are left out.
    """
    files = list(files)
    items: list[Item] = []
    problems: list[Problem] = []
    with Parser(limits) as parser:
        for done, (name, data) in enumerate(files):
            where = base_name(name)
            report("reading questions", done, len(files), where)
            try:
                for table in _tables(where, data, parser, problems):
                    items.extend(_items(*table, problems))
            except InputError as error:
                problems.append(Problem(error.where, error.problem, error.fix))
    matched = match_sources([item.question for item in items], documents)
    items = [replace(i, question=q) for i, q in zip(items, matched, strict=True)]
    items = list(_once(items, existing, problems))
    undecided = [item.question for item in items if not item.has_split]
    decided = [item.question for item in items if item.has_split]
    assigned = iter(assign_splits(undecided, seed, [*existing, *decided]) if undecided else ())
    questions = [i.question if i.has_split else next(assigned) for i in items]
    report("reading questions", len(files), len(files))
    return questions, problems + check_questions([*existing, *questions], documents)


def _tables(where: str, data: bytes, parser: Parser, problems: list[Problem]) -> Iterator[Table]:
    """Each table of a file as rows of values by column name."""
    if len(data) > parser.limits.file_bytes:
        fix = f"Bring files of at most {parser.limits.file_bytes / MIB:,.0f} MiB"
        raise InputError(f"is {len(data) / MIB:,.0f} MiB", where=where, fix=fix)
    ending = suffix(where)
    if ending not in FORMATS:
        what = f"is a .{ending} file" if ending else "has no file ending"
        fix = f"Save the questions as one of: {', '.join(FORMATS)}"
        raise InputError(what, where=where, fix=fix)
    if not data.strip():
        raise InputError("is empty", where=where, fix=_COLUMNS)
    if ending == "xlsx":
        sheets, noticed = parser.cells(where, data)
        problems.extend(noticed)
        yield from _sheets(where, sheets, problems)
        return
    text, noticed = decode(data, where)
    problems.extend(noticed)
    if ending in ("csv", "tsv"):
        rows, noticed = split_rows(text, where)
        problems.extend(noticed)
        yield where, list(_records(where, [(r.number, r.cells) for r in rows], problems))
    elif ending == "jsonl":
        lines, bad = read_json_lines(text, where)
        problems.extend(bad)
        yield where, list(_objects([(f"{where}, line {n}", v) for n, v in lines], problems))
    else:
        yield where, list(_objects(_listed(read_json(text, where), where), problems))


def _sheets(where: str, sheets: list[Any], problems: list[Problem]) -> Iterator[Table]:
    """The sheets that have a question column; the others are only mentioned."""
    asking = [s for s in sheets if s[1] and "question" in columns_of(s[1][0][1])]
    filled = [s for s in sheets if s[1]]
    if not filled:
        raise InputError("has no cells with values", where=where, fix=_COLUMNS)
    for title, rows in asking or filled[:1]:
        at = f"{where}, sheet {title}" if len(filled) > 1 else where
        yield at, list(_records(at, rows, problems))
    for title, _ in filled if asking else ():
        if title not in [s[0] for s in asking]:
            fix = "Nothing to do if it holds no questions"
            what = "has no question column and was not read"
            problems.append(Problem(f"{where}, sheet {title}", what, fix, "warning"))


def _records(
    where: str, rows: list[Any], problems: list[Problem]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of cells as values by the header's names; rows with spare cells are left out."""
    header = [name.strip() for name in rows[0][1]] if rows else []
    for number, cells in rows[1:]:
        at = f"{where}, row {number}"
        if any(cell.strip() for cell in cells[len(header) :]):
            what = f"has {len(cells)} cells, the header has {len(header)}"
            fix = "Put quotes around values that hold the separator"
            problems.append(Problem(at, what, fix))
            continue
        yield at, dict(zip(header, cells, strict=False))
    if len(rows) == 1:
        problems.append(Problem(where, "has a header but no rows", "Add questions below it"))


def _objects(
    values: Iterable[tuple[str, Any]], problems: list[Problem]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for at, value in values:
        if isinstance(value, dict):
            yield at, value
        else:
            fix = 'Write {"question": "…", "answer": "…"}'
            problems.append(Problem(at, "is not a JSON object", fix))


def _listed(value: Any, where: str) -> list[tuple[str, Any]]:
    """The items of a list, of SQuAD (v1, v2), or of the first list in an object."""
    if isinstance(value, dict):
        articles = [a for a in _dicts(value, "data") if "paragraphs" in a]
        if articles:
            return list(_squad(articles, where))
        if columns_of(list(value)).get("question"):
            return [(f"{where}, item 1", value)]
        lists = [item for item in value.values() if isinstance(item, list)]
        value = lists[0] if len(lists) == 1 else value
    if not isinstance(value, list):
        fix = 'Write a list: [{"question": "…", "answer": "…"}, …]'
        raise InputError("is not a list of questions", where=where, fix=fix)
    return [(f"{where}, item {n}", item) for n, item in enumerate(value, 1)]


def _squad(articles: list[Any], where: str) -> Iterator[tuple[str, Any]]:
    """Rajpurkar et al. 2016 and 2018 (arXiv:1606.05250, 1806.03822); the title is the source."""
    number = 0
    for article in articles:
        for paragraph in _dicts(article, "paragraphs"):
            for asked in _dicts(paragraph, "qas"):
                number += 1
                row = {key: asked[key] for key in ("id", "question", "answers") if key in asked}
                row["is_impossible"] = bool(asked.get("is_impossible"))
                row["source"] = [str(article.get("title") or "")]
                row["evidence"] = paragraph.get("context")
                yield f"{where}, question {number}", row


def _dicts(value: Any, key: str) -> list[dict[str, Any]]:
    inner = value.get(key) if isinstance(value, dict) else None
    return [item for item in inner if isinstance(item, dict)] if isinstance(inner, list) else []


def _items(
    where: str, rows: list[tuple[str, dict[str, Any]]], problems: list[Problem]
) -> Iterator[Item]:
    """Rows as questions. Raises InputError when the needed columns are not there."""
    if not rows:
        return
    names = list(dict.fromkeys(str(name) for _, row in rows for name in row))
    columns = columns_of(names)
    if "question" not in columns:
        found = ", ".join(names[:8])[:200] or "none"
        raise InputError(f"has no question column (found: {found})", where=where, fix=_COLUMNS)
    if not {"answer", "form", "reply", "kind", "is_impossible"} & set(columns):
        found = ", ".join(names[:8])[:200]
        raise InputError(f"has no answer column (found: {found})", where=where, fix=_COLUMNS)
    slow: set[str] = set()
    bad = odd = 0
    for at, row in rows:
        try:
            item, noticed = read_row(row, columns, at, slow)
        except BadRow as error:
            bad += 1
            if bad <= _SHOWN:
                problems.append(Problem(at, error.what, error.fix))
            continue
        odd += bool(noticed)
        if odd <= _SHOWN:
            problems.extend(noticed)
        yield item
    for count, what, severity in ((bad, "cannot be used", "error"), (odd, "are odd", "warning")):
        if count > _SHOWN:
            what = f"{count - _SHOWN} more rows {what}"
            problems.append(Problem(where, what, "Correct the rows named before", severity))


def _once(
    items: Iterable[Item], existing: Sequence[Question], problems: list[Problem]
) -> Iterator[Item]:
    """Each id and each whole row once."""
    ids = {question.id: "the project" for question in existing}
    rows = {_content(question): "the project" for question in existing}
    for item in items:
        question = item.question
        if (first := rows.get(_content(question))) is not None:
            problems.append(Problem(item.where, f"repeats {first}", "Delete one of the two"))
        elif (first := ids.get(question.id)) is not None:
            what = f'has the id "{question.id[:60]}", which {first} has already'
            problems.append(Problem(item.where, what, "Give each question an id of its own"))
        else:
            ids[question.id] = rows[_content(question)] = item.where
            yield item


def _content(question: Question) -> Question:
    return replace(question, id="", split="test", tags=(), evidence="")
