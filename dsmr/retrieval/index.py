"""Passages in LanceDB: built once into a folder, then searched by word, by meaning, or by both."""

import os
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from dsmr.core.data import Passage
from dsmr.core.ports import Embedder, Report, quiet

Mode = Literal["keyword", "vector", "hybrid"]
TABLE = "passages"
FLAT_UNTIL = 100_000  # rows; below it search is exact, which a comparison wants
ADD_ROWS = 256
RECALL = 4  # hybrid fuses this many times top_k from each side


def title(document: str) -> str:
    """A document's name as words: pages__travel-guide.md → pages travel guide."""
    stem = document.rsplit(".", 1)[0] if "." in document else document
    return " ".join(re.split(r"[\s_\-/]+", stem)).strip()


def build_index(
    passages: Sequence[Passage], folder: Path, embedder: Embedder, report: Report = quiet
) -> None:
    """Write table, full-text index and, past FLAT_UNTIL rows, a vector index into `folder`.

    A passage is searched together with its document's title, which often holds the words
    that its own text takes for granted.
    """
    import pyarrow

    table = _database(folder).create_table(TABLE, schema=_schema())
    for start in range(0, len(passages), ADD_ROWS):
        report("index", start, len(passages), f"{start} of {len(passages)} passages read")
        part = passages[start : start + ADD_ROWS]
        searched = [f"{title(p.document)}\n{p.text}" for p in part]
        vectors: Any = embedder.embed(searched)
        columns = {
            "document": [p.document for p in part],
            "start": [p.start for p in part],
            "text": [p.text for p in part],
            "searched": searched,
            "vector": pyarrow.FixedSizeListArray.from_arrays(
                pyarrow.array(vectors.ravel(), pyarrow.float32()), vectors.shape[1]
            ),
        }
        table.add(pyarrow.table(columns, schema=_schema(vectors.shape[1])))
    _index(table, len(passages))
    report("index", len(passages), len(passages), f"{len(passages)} passages")


def _schema(dimensions: int = 384) -> Any:
    import pyarrow

    return pyarrow.schema(
        [
            ("document", pyarrow.string()),
            ("start", pyarrow.int64()),
            ("text", pyarrow.string()),
            ("searched", pyarrow.string()),
            ("vector", pyarrow.list_(pyarrow.float32(), dimensions)),
        ]
    )


def _index(table: Any, rows: int) -> None:
    from lancedb.index import FTS, HnswSq

    # "icu/split" finds words in Chinese and Japanese too; the default finds none there.
    words = FTS(base_tokenizer="icu/split", language="English", stem=True, remove_stop_words=False)
    table.create_index("searched", config=words)
    if rows > FLAT_UNTIL:
        table.create_index("vector", config=HnswSq(distance_type="cosine"))


def _database(folder: Path) -> Any:
    os.environ.setdefault("LANCEDB_LOG", "error")
    import lancedb

    return lancedb.connect(str(folder), read_consistency_interval=timedelta(0))


class Index:
    """A folder written by `build_index`, opened for searching in one mode."""

    def __init__(self, folder: Path, mode: Mode, embedder: Embedder) -> None:
        self.table = _database(folder).open_table(TABLE)
        self.mode, self.embedder = mode, embedder

    def search(self, texts: Sequence[str], top_k: int) -> list[tuple[Passage, ...]]:
        """For each text at most `top_k` passages, best first; ties by document and place."""
        if not texts or not self.table.count_rows():
            return [() for _ in texts]
        vectors: Any = self.embedder.embed(texts) if self.mode != "keyword" else [None] * len(texts)
        return [self._one(text, v, top_k) for text, v in zip(texts, vectors, strict=True)]

    def _one(self, text: str, vector: Any, top_k: int) -> tuple[Passage, ...]:
        if self.mode == "vector":
            return _passages(self._by_meaning(vector, top_k))
        if self.mode == "keyword":
            return _passages(self._by_words(text, top_k))
        sides = (self._by_words(text, RECALL * top_k), self._by_meaning(vector, RECALL * top_k))
        return _passages(fuse(*sides)[:top_k])

    def _by_words(self, text: str, limit: int) -> list[dict[str, Any]]:
        found = self.table.search(text, query_type="fts", fts_columns="searched")
        return _rows(found.select(["document", "start", "text", "_score"]), limit, "_score", -1)

    def _by_meaning(self, vector: Any, limit: int) -> list[dict[str, Any]]:
        found = self.table.search(vector, vector_column_name="vector").distance_type("cosine")
        if self.table.count_rows() > FLAT_UNTIL:
            found = found.refine_factor(10)
        return _rows(found.select(["document", "start", "text", "_distance"]), limit, "_distance")


def _rows(found: Any, limit: int, key: str, sign: int = 1) -> list[dict[str, Any]]:
    rows = found.limit(limit).to_list()
    return sorted(rows, key=lambda row: (sign * row[key], row["document"], row["start"]))


def fuse(*rankings: Sequence[dict[str, Any]], constant: int = 60) -> list[dict[str, Any]]:
    """Reciprocal rank fusion (Cormack, Clarke & Büttcher, SIGIR 2009), best first."""
    scores: dict[tuple[str, int], float] = {}
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for ranking in rankings:
        for rank, row in enumerate(ranking, start=1):
            key = (row["document"], row["start"])
            rows[key] = row
            scores[key] = scores.get(key, 0.0) + 1 / (constant + rank)
    return [rows[key] for key in sorted(scores, key=lambda key: (-scores[key], key))]


def _passages(rows: Sequence[dict[str, Any]]) -> tuple[Passage, ...]:
    return tuple(Passage(row["document"], row["start"], row["text"]) for row in rows)
