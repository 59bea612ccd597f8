"""What the Documents page shows: the table of what was read, search, one document."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from dsmr.core.data import Document
from dsmr.store.projects import DocumentRow

PAGE_CHARACTERS = 8_000
MEDIA_NAMES = {
    "md": "Markdown", "txt": "Text", "pdf": "PDF", "docx": "Word", "pptx": "PowerPoint",
    "xlsx": "Excel", "html": "Web page", "csv": "Table", "json": "JSON",
}  # fmt: skip


def table(rows: Sequence[DocumentRow]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Name": [row.name for row in rows],
            "Kind": [MEDIA_NAMES.get(row.media, row.media) for row in rows],
            "Pages": pd.array([row.pages for row in rows], dtype="Int64"),
            "Characters": [row.characters for row in rows],
            "Added": [datetime.fromtimestamp(row.added) for row in rows],
        }
    )


def search(
    rows: Sequence[DocumentRow], documents: Sequence[Document], wanted: str
) -> list[DocumentRow]:
    """Rows whose name or text holds all the words, in any order."""
    words = wanted.casefold().split()
    holding = {
        d.name
        for d in documents
        if all(word in d.name.casefold() or word in d.text.casefold() for word in words)
    }
    return [row for row in rows if row.name in holding]


def pages_of(text: str) -> list[str]:
    """A long text in parts that a browser shows at once, cut at line ends."""
    parts, rest = [], text
    while len(rest) > PAGE_CHARACTERS:
        cut = rest.rfind("\n", PAGE_CHARACTERS // 2, PAGE_CHARACTERS)
        cut = cut + 1 if cut > 0 else PAGE_CHARACTERS
        parts.append(rest[:cut])
        rest = rest[cut:]
    return [*parts, rest]
