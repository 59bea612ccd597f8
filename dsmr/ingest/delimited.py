"""Rows of CSV and TSV text, whatever the separator, with unbalanced quotes survived."""

import csv
import itertools
from dataclasses import dataclass

from dsmr.core.data import Problem

_LINES = 1_000  # a quoted cell may run over so many
_SHOWN = 20  # problems of one file
csv.field_size_limit(2**27)  # the default refuses cells over 128 KiB; files are bounded before


@dataclass(frozen=True, slots=True)
class Row:
    number: int  # as a spreadsheet counts them, the header being row 1
    cells: list[str]


def split_rows(text: str, where: str) -> tuple[list[Row], list[Problem]]:
    """Rows that hold anything, and a warning for each whose quotes do not balance."""
    lines = text.split("\n")
    separator = ""
    if lines[0].lower().startswith("sep=") and len(lines[0].strip()) == 5:
        separator = lines.pop(0).strip()[4]
    separator = separator or _separator(lines, where)
    rows: list[Row] = []
    problems: list[Problem] = []
    at, number = 0, 0
    while at < len(lines):
        cells, used = _record(lines, at, separator)
        number += 1
        if cells is None:
            cells = [cell.strip(' "') for cell in lines[at].split(separator)]
            if len(problems) < _SHOWN:
                what = f"the quotes in line {at + 1} do not balance; it was read without them"
                fix = 'Write a quote inside a quoted value twice, as ""'
                problems.append(Problem(f"{where}, row {number}", what, fix, "warning"))
        if any(cell.strip() for cell in cells):
            rows.append(Row(number, cells))
        at += used
    return rows, problems


def _record(lines: list[str], at: int, separator: str) -> tuple[list[str] | None, int]:
    """The cells of the record that begins at a line, and how many lines it took."""
    if '"' not in lines[at]:
        return lines[at].split(separator), 1
    window = (line + "\n" for line in itertools.islice(lines, at, at + _LINES))
    reader = csv.reader(window, delimiter=separator, strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        return None, 1


def _separator(lines: list[str], where: str) -> str:
    """The one that cuts the first lines into the most columns, all alike if possible."""
    if where.lower().endswith(".tsv"):
        return "\t"
    head = [line for line in lines[:50] if line.strip()][:10]

    def columns(separator: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(head, delimiter=separator)] or [1]
        return (min(counts) if counts[0] > 1 else 1, counts[0])

    return max(",;\t|", key=columns)
