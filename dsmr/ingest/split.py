"""Documents to Passages: exact slices, counted in tokens, cut where a reader would."""

import bisect
import re
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


def split_document(document: Document, tokenizer: Any, size: int, overlap: int) -> list[Passage]:
    """Passages of at most `size` tokens that together cover the document.

    `tokenizer` is a `tokenizers.Tokenizer`; its truncation and padding are switched off.
    A passage shares at most `overlap` tokens with the one before, begun at a sentence or
    a word. No passage is only headings, unless the document is. Raises ValueError unless
    0 <= overlap < size.
    """
    if not 0 <= overlap < size:
        raise ValueError(f"overlap must be in [0, size), got overlap={overlap} and size={size}")
    text = document.text
    starts = _token_starts(text, tokenizer)
    ranks = _breaks(text)
    spans = _spans(text, starts, ranks, size, overlap)
    return [_passage(document, start, end) for start, end in spans if text[start:end].strip()]


def _token_starts(text: str, tokenizer: Any) -> list[int]:
    """Where each token begins; a token that begins inside another counts where that begins."""
    tokenizer.no_truncation()
    tokenizer.no_padding()
    offsets = tokenizer.encode(text, add_special_tokens=False).offsets
    return [start for start, end in offsets if start < end]


def _breaks(text: str) -> dict[int, int]:
    """Each place a passage may end, with how good it is."""
    ranks: dict[int, int] = {}
    for rank, pattern in _BREAKS:
        for found in pattern.finditer(text):
            ranks.setdefault(found.end(), rank)
    return ranks


def _spans(
    text: str, starts: list[int], ranks: dict[int, int], size: int, overlap: int
) -> list[tuple[int, int]]:
    cuts = sorted(ranks)
    spans: list[tuple[int, int]] = []
    first = 0  # the passage's first token
    while first < len(starts):
        limit = min(first + size, len(starts))
        end = len(text) if limit == len(starts) else starts[limit]
        if limit < len(starts):
            end = _best_end(text, starts, cuts, ranks, first, limit)
        elif spans and _only_headings(text[starts[first] : end]):
            first = _earlier(starts, cuts, ranks, first, limit - size)
        spans.append((starts[first], end))
        following = bisect.bisect_left(starts, end)
        if following >= len(starts):
            break
        first = max(first + 1, _overlapped(starts, cuts, ranks, following, overlap, end))
    return spans


def _best_end(
    text: str, starts: list[int], cuts: list[int], ranks: dict[int, int], first: int, limit: int
) -> int:
    """The best break in the last half of the window that leaves more than headings before it."""
    start, end = starts[first], starts[limit]
    half = starts[first + max(1, (limit - first) // 2)]
    near = cuts[bisect.bisect_left(cuts, half) : bisect.bisect_right(cuts, end)]
    for cut in sorted(near, key=lambda cut: (ranks[cut], cut), reverse=True):
        if not _only_headings(text[start:cut]):
            return cut
    return end


def _overlapped(
    starts: list[int],
    cuts: list[int],
    ranks: dict[int, int],
    following: int,
    overlap: int,
    end: int,
) -> int:
    """The first token of the next passage: up to `overlap` tokens back, at the best break."""
    if not overlap:
        return following
    earliest = starts[max(0, following - overlap)]
    near = cuts[bisect.bisect_left(cuts, earliest) : bisect.bisect_left(cuts, end)]
    if not near:
        return max(0, following - overlap)
    return bisect.bisect_left(starts, max(near, key=lambda cut: (min(ranks[cut], 3), -cut)))


def _earlier(
    starts: list[int], cuts: list[int], ranks: dict[int, int], first: int, lowest: int
) -> int:
    """A start before trailing headings, so that the last passage says something."""
    lowest = max(0, lowest)
    near = cuts[bisect.bisect_left(cuts, starts[lowest]) : bisect.bisect_left(cuts, starts[first])]
    if not near:
        return lowest
    return bisect.bisect_left(starts, max(near, key=lambda cut: (ranks[cut], cut)))


def _only_headings(text: str) -> bool:
    return not _HEADING_LINE.sub("", text).strip()


def _passage(document: Document, start: int, end: int) -> Passage:
    """Without the white space around, which no reader needs."""
    text = document.text[start:end]
    start += len(text) - len(text.lstrip())
    return Passage(document.name, start, text.strip())
