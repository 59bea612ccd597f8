"""Documents to Passages: exact slices, counted in tokens, cut where a reader would."""

import bisect
import re
from dataclasses import dataclass
from typing import Any

from dsmr.core.data import Document, Passage

_HEADING_LINE = re.compile(r"(?m)^#{1,6} .*$")
# (rank, what ends where a passage may end); a higher rank is a better place
_BREAKS = (
    (6, re.compile(r"\n(?=#{1,6} )")),
    (5, re.compile(r"\n[ \t]*\n\s*")),
    (4, re.compile(r"\n(?=[ \t]*(?:[-*+•|]|\d+[.)]) ?)")),  # a list item or a table row
    (3, re.compile(r"(?<=[.!?])[\"'”’)\]*_]*\s+|(?<=[。！？])[」』”）]*")),
    (2, re.compile(r"\n")),
    (1, re.compile(r"\s+|(?<=[、，；;,])")),
)
_SENTENCE = 3
_LONGEST_TOKEN = 40  # characters


def split_document(document: Document, tokenizer: Any, size: int, overlap: int) -> list[Passage]:
    """Passages of at most `size` tokens that together cover the document.

    `tokenizer` is a `tokenizers.Tokenizer`; its truncation and padding are switched off.
    A passage shares at most `overlap` tokens with the one before, begun at a sentence or
    a word. No passage is only headings, unless the document is, or one heading fills a
    passage. Raises ValueError unless 0 <= overlap < size.
    """
    if not 0 <= overlap < size:
        raise ValueError(f"overlap must be in [0, size), got overlap={overlap} and size={size}")
    spans = _spans(_grid(document.text, tokenizer), size, overlap)
    cut = (_passage(document, start, end) for start, end in spans)
    return [passage for passage in cut if passage.text]


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where a text may be cut, in characters; tokens are counted by their starts."""

    text: str
    starts: list[int]  # of each token
    cuts: list[int]  # all places with a rank
    ranks: dict[int, int]
    tokenizer: Any

    def fits(self, start: int, end: int, size: int) -> bool:
        """Whether a slice has at most `size` tokens when read alone, as it will be.

        Only slices that begin or end inside a word can have more than they had in the text.
        """
        if not (self._inside(start) or self._inside(end)):
            return True
        alone = self.tokenizer.encode(self.text[start:end], add_special_tokens=False)
        return len(alone.ids) <= size

    def _inside(self, place: int) -> bool:
        return 0 < place < len(self.text) and place not in self.ranks

    def token_at(self, place: int) -> int:
        """The first token that begins at a place or after it."""
        return bisect.bisect_left(self.starts, place)

    def between(self, low: int, high: int) -> list[int]:
        """The cuts in [low, high)."""
        return self.cuts[bisect.bisect_left(self.cuts, low) : bisect.bisect_left(self.cuts, high)]

    def better(self, cut: int) -> tuple[int, int]:
        return self.ranks[cut], cut


def _grid(text: str, tokenizer: Any) -> _Grid:
    tokenizer.no_truncation()
    tokenizer.no_padding()
    offsets = tokenizer.encode(text, add_special_tokens=False).offsets
    ranks: dict[int, int] = {}
    for rank, pattern in _BREAKS:
        for found in pattern.finditer(text):
            ranks.setdefault(found.end(), rank)
    starts = [place for start, end in offsets for place in _places(start, end)]
    return _Grid(text, starts, sorted(ranks), ranks, tokenizer)


def _places(start: int, end: int) -> range:
    """A token's start; of one that swallows a very long word as "unknown", every letter's."""
    return range(start, end) if end - start > _LONGEST_TOKEN else range(start, min(start + 1, end))


def _spans(grid: _Grid, size: int, overlap: int) -> list[tuple[int, int]]:
    """(start, end) of each passage, in characters."""
    starts = grid.starts
    spans: list[tuple[int, int]] = []
    first = 0  # the passage's first token
    while first < len(starts):
        limit = min(first + size, len(starts))
        end = _end(grid, first, limit)
        while limit > first + 1 and not grid.fits(starts[first], end, size):
            limit -= 1
            end = _end(grid, first, limit)
        if spans and limit == len(starts) and _only_headings(grid.text[starts[first] :]):
            first = _earlier(grid, first, max(0, limit - size))
        spans.append((starts[first], end))
        following = grid.token_at(end)
        if following >= len(starts):
            break
        first = max(first + 1, _overlapped(grid, following, overlap))
    return spans


def _end(grid: _Grid, first: int, limit: int) -> int:
    """The best break in the last half of the window that leaves more than headings before it."""
    if limit == len(grid.starts):
        return len(grid.text)
    start, end = grid.starts[first], grid.starts[limit]
    half = grid.starts[first + max(1, (limit - first) // 2)]
    for cut in sorted(grid.between(half, end + 1), key=grid.better, reverse=True):
        if not _only_headings(grid.text[start:cut]):
            return cut
    return end


def _overlapped(grid: _Grid, following: int, overlap: int) -> int:
    """The first token of the next passage: up to `overlap` tokens back, where a sentence begins."""
    earliest = max(0, following - overlap)
    if not overlap:
        return following
    near = grid.between(grid.starts[earliest], grid.starts[following])
    if not near:
        return earliest
    return grid.token_at(min(near, key=lambda cut: (-min(grid.ranks[cut], _SENTENCE), cut)))


def _earlier(grid: _Grid, first: int, lowest: int) -> int:
    """A start before trailing headings, so that the last passage says something."""
    near = grid.between(grid.starts[lowest], grid.starts[first])
    for cut in sorted(near, key=grid.better, reverse=True):
        if not _only_headings(grid.text[cut:]):
            return grid.token_at(cut)
    return first


def _only_headings(text: str) -> bool:
    return not _HEADING_LINE.sub("", text).strip()


def _passage(document: Document, start: int, end: int) -> Passage:
    """Without the white space around it, which no reader needs."""
    text = document.text[start:end]
    return Passage(document.name, start + len(text) - len(text.lstrip()), text.strip())
