"""Slides to text: title, text, tables and speaker notes of each."""

import io
from collections.abc import Iterator
from typing import Any

from dsmr.core.errors import InputError
from dsmr.ingest.archive import open_zip
from dsmr.ingest.limits import Limits
from dsmr.ingest.parsed import Parsed
from dsmr.ingest.tables import table_text


def read(data: bytes, where: str, limits: Limits) -> Parsed:
    open_zip(data, where, limits)
    from pptx import Presentation

    try:
        slides = list(Presentation(io.BytesIO(data)).slides)
    except (KeyError, ValueError, AttributeError) as error:
        fix = "Open it in PowerPoint or LibreOffice and save it as .pptx again"
        raise InputError(f"is not a presentation: {error}", where=where, fix=fix) from error
    if len(slides) > limits.pages:
        fix = f"Split it into files of at most {limits.pages:,} slides"
        raise InputError(f"has {len(slides):,} slides", where=where, fix=fix)
    texts = ["\n\n".join(_slide(slide)) for slide in slides]
    return Parsed("\n\n".join(filter(None, texts)), len(slides))


def _slide(slide: Any) -> Iterator[str]:
    title = slide.shapes.title
    if title is not None and title.text_frame.text.strip():
        yield "## " + " ".join(title.text_frame.text.split())
    for shape in _shapes(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if getattr(shape, "has_table", False) and shape.has_table:
            yield table_text([[cell.text for cell in row.cells] for row in shape.table.rows])
        elif shape.has_text_frame and shape.text_frame.text.strip():
            yield _lines(shape.text_frame)
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None:
        notes = frame.text.strip()
        if notes:
            yield f"Notes: {notes}"


def _shapes(shapes: Any) -> Iterator[Any]:
    for shape in shapes:
        if hasattr(shape, "shapes"):  # a group
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _lines(frame: Any) -> str:
    lines = [p.text.replace("\v", "\n").strip() for p in frame.paragraphs]
    lines = [line for line in lines if line]
    return lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)
