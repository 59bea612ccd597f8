"""Passages of other people's prose, kept as places in it and not as text.

The repository ships only what this project wrote; the prose itself stays where `READER_TEXT` says.
"""

import json
from functools import cache

from reader.prose import text_folder

Parts = list[list[int] | str]
LONGEST = 2_000


@cache
def texts() -> dict[str, str]:
    """Every document of the prose, under `file/path` and, where that is free, under its path."""
    found: dict[str, str] = {}
    for path in sorted(text_folder().glob("*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                found.setdefault(f"{path.stem}/{row['path']}", row["text"])
                found.setdefault(row["path"], row["text"])
    return found


def quote(passage: str, source: str) -> Parts | None:
    """`passage` as [start, length] pieces of `source` and the blanks and signs between them.

    None where a letter or digit does not stand in the source.
    """
    parts: Parts = []
    at, cursor = 0, 0
    while at < len(passage):
        ahead = passage[at : at + LONGEST]
        piece = _longest_start(ahead, source, cursor) or _longest_start(ahead, source, 0)
        if len(piece) < 2 and not passage[at].isalnum():
            piece = passage[at]
            parts.append(piece)
        elif piece:
            place = source.find(piece, cursor)
            place = source.find(piece) if place < 0 else place
            parts.append([place, len(piece)])
            cursor = place + len(piece)
        else:
            return None
        at += len(piece)
    return parts


def _longest_start(text: str, source: str, cursor: int) -> str:
    """The longest start of `text` that stands in `source` after `cursor`."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if source.find(text[:middle], cursor) >= 0:
            low = middle
        else:
            high = middle - 1
    return text[:low]


def recite(parts: Parts, source: str) -> str:
    """The passage again; the other way round of `quote`."""
    return "".join(
        part if isinstance(part, str) else source[part[0] : part[0] + part[1]] for part in parts
    )
