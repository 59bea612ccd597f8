"""The seams. Everything slow, costly or random sits behind one of them."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from dsmr.core.data import Passage
from dsmr.core.run import Failure, Message, Reply, Request


class Engine(Protocol):
    """A model that answers, with its adapter if it has one."""

    @property
    def identity(self) -> str:
        """Content name of weights, adapter and settings: equal identity, equal greedy replies."""
        ...

    def generate(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply | Failure]]:
        """Each request's index with its reply, in any order, as they come.

        Batches and shared prefixes are the engine's business. Raises EngineError only
        when nothing at all can be answered (weights missing, server unreachable).
        """
        ...

    def ask(self, request: Request) -> Reply:
        """One request alone, nothing reused, `seconds_to_first_token` watched."""
        ...

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens of a prompt, exact where the tokenizer is at hand, else estimated."""
        ...

    @property
    def window(self) -> int | None:
        """Tokens that prompt and reply may have together; None: unknown."""
        ...

    def close(self) -> None:
        """Free memory and connections. Safe to call twice."""
        ...


class Retriever(Protocol):
    def search(self, texts: Sequence[str], top_k: int) -> list[tuple[Passage, ...]]:
        """For each text at most `top_k` passages, best first."""
        ...


class Embedder(Protocol):
    def embed(self, texts: Sequence[str]) -> "object":
        """Unit vectors, a float32 numpy array of shape (N, D)."""
        ...


class Report(Protocol):
    def __call__(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Tell the watcher how far we are. Raises Cancelled if the user said stop."""
        ...


def quiet(stage: str, done: int, total: int, note: str = "") -> None:
    """A Report for callers who do not watch."""
