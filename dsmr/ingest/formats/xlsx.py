"""Workbooks to tables: cell values as the sheet shows them."""

import datetime
import io
import itertools
import zipfile
from collections.abc import Iterator
from typing import Any

from dsmr.core.data import Problem
from dsmr.core.errors import InputError
from dsmr.ingest.archive import open_zip
from dsmr.ingest.limits import Limits
from dsmr.ingest.parsed import Parsed
from dsmr.ingest.tables import table_text

Row = tuple[int, list[str]]  # the row's number in the sheet, its cells
_COLUMNS = 1_000
_SAVE = "Open it in Excel or LibreOffice and save it as .xlsx again"


def read(data: bytes, where: str, limits: Limits) -> Parsed:
    sheets, problems = cells(data, where, limits)
    texts = []
    for title, rows in sheets:
        tables = [_titled_table(block) for block in _blocks(rows)]
        if tables:
            texts.append("\n\n".join([f"## {title}", *tables]))
    return Parsed("\n\n".join(texts), None, tuple(problems))


def cells(
    data: bytes, where: str, limits: Limits
) -> tuple[list[tuple[str, list[Row]]], list[Problem]]:
    """Each sheet's title and its rows that hold anything, all cells as text."""
    archive = open_zip(data, where, limits)
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [(sheet.title, list(_rows(sheet, limits))) for sheet in book.worksheets]
    except (KeyError, ValueError, TypeError, AttributeError, SyntaxError, OSError) as error:
        what = f"is not a workbook that can be read: {error}"[:300]
        raise InputError(what, where=where, fix=_SAVE) from error
    if not sheets:
        raise InputError("has no sheet with cells", where=where, fix="Put the table in a sheet")
    problems = _uncalculated(data, where) if _has_formulas(archive) else []
    return sheets, problems


def _rows(sheet: Any, limits: Limits) -> Iterator[Row]:
    sheet.reset_dimensions()  # many programs write a wrong one
    total = 0
    for number, row in enumerate(sheet.iter_rows(max_col=_COLUMNS), 1):
        values = [_shown(cell) for cell in row]
        while values and not values[-1]:
            values.pop()
        if values:
            total += sum(map(len, values))
            if total > limits.characters:
                raise ValueError(f"sheet {sheet.title} holds too much text")
            yield number, values


def _shown(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float | int):
        if "%" in (getattr(cell, "number_format", None) or ""):
            return f"{value * 100:.10g}%"
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    return str(value)


def _has_formulas(archive: zipfile.ZipFile) -> bool:
    for name in archive.namelist():
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            with archive.open(name) as file:
                tail = b""
                while chunk := file.read(2**20):
                    if b"<f>" in tail + chunk or b"<f " in tail + chunk:
                        return True
                    tail = chunk[-2:]
    return False


def _uncalculated(data: bytes, where: str) -> list[Problem]:
    """One warning per sheet that has formulas whose result was never saved."""
    import openpyxl

    written = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    results = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    problems = []
    for formulas, values in zip(written.worksheets, results.worksheets, strict=True):
        formulas.reset_dimensions()
        values.reset_dimensions()
        missing = [
            cell.coordinate
            for row, shown in zip(formulas.iter_rows(), values.iter_rows(), strict=False)
            for cell, result in itertools.zip_longest(row, shown)
            if cell is not None
            and cell.data_type == "f"
            and (result is None or result.value is None)
        ]
        if missing:
            listed = ", ".join(missing[:5]) + ("…" if len(missing) > 5 else "")
            what = f"{len(missing)} formula cells ({listed}) have no saved result and read as empty"
            fix = "Open it in Excel or LibreOffice, let it calculate, and save it"
            problems.append(Problem(f"{where}, sheet {formulas.title}", what, fix, "warning"))
    return problems


def _blocks(rows: list[Row]) -> Iterator[list[list[str]]]:
    """Runs of rows without an empty row between them: one table each."""
    for _, block in itertools.groupby(enumerate(rows), lambda pair: pair[1][0] - pair[0]):
        yield [values for _, (_, values) in block]


def _titled_table(rows: list[list[str]]) -> str:
    """A table with the lines above it that fill a single cell, such as its title."""
    width = max(sum(map(bool, row)) for row in rows)
    above = list(itertools.takewhile(lambda row: sum(map(bool, row)) == 1 < width, rows))
    lines = [cell for row in above for cell in row if cell]
    return "\n\n".join(filter(None, ["\n".join(lines), table_text(rows[len(above) :])]))
