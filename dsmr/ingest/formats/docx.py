"""Word documents to text: headings, lists and tables kept, inserted text read, deleted not."""

import io
import re
from collections.abc import Iterator
from typing import Any

from dsmr.core.errors import InputError
from dsmr.ingest.archive import open_zip
from dsmr.ingest.limits import Limits
from dsmr.ingest.parsed import Parsed
from dsmr.ingest.tables import table_text

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_SKIPPED = {f"{_W}del", f"{_W}moveFrom", f"{_MC}Fallback", f"{_W}pPr", f"{_W}rPr"}
_SPACES = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_SPAN = 64  # columns one cell may claim


def read(data: bytes, where: str, limits: Limits) -> Parsed:
    open_zip(data, where, limits)
    import docx

    try:
        document = docx.Document(io.BytesIO(data))
        body = document.element.body
    except (KeyError, ValueError, AttributeError) as error:
        fix = "Open it in Word or LibreOffice and save it as .docx again"
        raise InputError(f"is not a Word document: {error}", where=where, fix=fix) from error
    styles = {style.style_id: style.name or "" for style in document.styles}
    blocks = [_block(element, styles) for element in _elements(body)]
    return Parsed(_joined([block for block in blocks if block.strip()]))


def _elements(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, also those inside content controls."""
    for child in parent.iterchildren():
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _elements(child)


def _block(element: Any, styles: dict[str, str]) -> str:
    if element.tag == f"{_W}tbl":
        return table_text(list(_rows(element)))
    text = _text(element).strip()
    style = styles.get(element.style or "", "")
    if not text:
        return ""
    if heading := re.fullmatch(r"Heading (\d)", style, re.IGNORECASE):
        return "#" * min(6, int(heading[1])) + " " + " ".join(text.split())
    if style == "Title":
        return "# " + " ".join(text.split())
    listed = style.startswith("List") or element.find(f"{_W}pPr/{_W}numPr") is not None
    return "- " + text if listed else text


def _rows(table: Any) -> Iterator[list[str]]:
    """Cells by column; a cell merged downwards is repeated, so each row stands alone."""
    above: list[str] = []
    for row in table.iterchildren(f"{_W}tr"):
        cells: list[str] = []
        for cell in row.iterchildren(f"{_W}tc"):
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            continued = merge is not None and merge.get(f"{_W}val", "continue") == "continue"
            text = "\n".join(_text(p) for p in cell.iter(f"{_W}p"))
            if continued and len(cells) < len(above):
                text = above[len(cells)]
            span = cell.find(f"{_W}tcPr/{_W}gridSpan")
            width = int(span.get(f"{_W}val", "1")) if span is not None else 1
            cells += [text] + [""] * (min(width, _SPAN) - 1)
        above = cells
        yield cells


def _text(element: Any) -> str:
    """What a reader sees, tracked insertions and text boxes included."""
    parts: list[str] = []
    pending = [element]
    while pending:
        node = pending.pop()
        if node.tag in _SKIPPED:
            continue
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        else:
            parts.append(_SPACES.get(node.tag, ""))
            pending.extend(reversed(list(node)))
    return "".join(parts)


def _joined(blocks: list[str]) -> str:
    text = ""
    for block in blocks:
        tight = block.startswith("- ") and text.rsplit("\n", 1)[-1].startswith("- ")
        text += ("\n" if tight else "\n\n") + block
    return text.strip()
