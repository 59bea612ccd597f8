"""Tables as text that retrieves well: short ones as Markdown, long ones row by row."""

import re
from collections.abc import Sequence

MARKDOWN_CHARACTERS = 600  # about one passage; a longer table would be cut from its header
_NUMBER = re.compile(r"[-+]?[\d.,:/\s%€$£¥]*\d[\d.,:/\s%€$£¥]*")


def table_text(rows: Sequence[Sequence[str]], has_header: bool | None = None) -> str:
    """A Markdown table, or lines "- header: value; header: value" when it is long.

    In a long table every row carries its header, so that a passage cut from the middle
    still says what its numbers are. `has_header` None: guessed from the first row.
    """
    rows = _tidy(rows)
    if not rows:
        return ""
    if has_header is None:
        has_header = _looks_like_header(rows)
    if len(rows[0]) == 1:
        return "\n".join(row[0] for row in rows)
    header = rows[0] if has_header else ("",) * len(rows[0])
    body = rows[1:] if has_header else rows
    short = _markdown([header, *body])
    if len(short) <= MARKDOWN_CHARACTERS or not body:
        return short
    return "\n".join(row_text(header, row) for row in body)


def row_text(header: Sequence[str], row: Sequence[str]) -> str:
    pairs = ((h.rstrip(" :"), cell) for h, cell in zip(header, row, strict=True) if cell)
    return "- " + "; ".join(f"{h}: {cell}" if h else cell for h, cell in pairs)


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    cells = [[cell.replace("|", r"\|") for cell in row] for row in rows]
    lines = [cells[0], ["---"] * len(cells[0]), *cells[1:]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _tidy(rows: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Rows of equal length, cells on one line, without empty rows and columns."""
    flat = [[" ".join(cell.split()) for cell in row] for row in rows]
    flat = [row for row in flat if any(row)]
    width = max((len(row) for row in flat), default=0)
    padded = [row + [""] * (width - len(row)) for row in flat]
    used = [i for i in range(width) if any(row[i] for row in padded)]
    return [tuple(row[i] for i in used) for row in padded]


def _looks_like_header(rows: Sequence[Sequence[str]]) -> bool:
    names = [cell for cell in rows[0] if cell]
    numbers = any(_NUMBER.fullmatch(name) for name in names)
    return len(rows) > 1 and not numbers and len(set(names)) == len(names) > len(rows[0]) / 2
