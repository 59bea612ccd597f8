"""Batches made ahead of their use by other processes, so that a GPU need not wait for them."""

from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from reader.batches import Batch, RowMaker, make_batch
from reader.mixtures import Mixture
from reader.tokenizer import load_tokenizer

_rows: RowMaker | None = None


def _begin(tokenizer: str) -> None:
    global _rows
    _rows = RowMaker(load_tokenizer(Path(tokenizer)))


def _make(seed: str, mixture: Mixture, length: int, tokens: int) -> Batch:
    return make_batch(_rows, seed, mixture, length, tokens)


class Makers:
    """`processes` of them; 0 makes each batch when it is asked for, in this process.

    `take` wants the wishes of the batches to come in their order, each a (seed, mixture, length,
    tokens); the same wishes give the same batches however many processes there are.
    """

    def __init__(self, tokenizer: str, processes: int) -> None:
        self.waiting: deque[tuple[tuple, Future]] = deque()
        self.pool = None
        if processes:
            self.pool = ProcessPoolExecutor(
                processes, get_context("spawn"), initializer=_begin, initargs=(tokenizer,)
            )
        else:
            _begin(tokenizer)

    def take(self, wishes: list[tuple]) -> Batch:
        """The first of `wishes`; the others are begun where they are not yet."""
        if self.pool is None:
            return _make(*wishes[0])
        while self.waiting and self.waiting[0][0] != wishes[0]:
            self.waiting.popleft()[1].cancel()
        for wish in wishes[len(self.waiting) :]:
            self.waiting.append((wish, self.pool.submit(_make, *wish)))
        return self.waiting.popleft()[1].result()
