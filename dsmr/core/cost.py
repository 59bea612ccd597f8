"""Tokens and seconds to money: what answering costs, what was spent, what was paid once."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from dsmr.core.run import Reply, Tokens

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """What a model's tokens cost, in USD per million, on one day."""

    model: str
    provider: str
    input: float
    cached_input: float | None  # None: no discount is known, and the full input price is paid
    output: float
    source: str  # where the figures were read
    date: str  # ISO day for which they hold; "": not known
    cache_write: float | None = None  # None: writing to the cache costs no more than input

    def as_dict(self) -> dict[str, Any]:
        """A snapshot to keep with a run; `Price(**snapshot)` reads it back."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Cost:
    """Money for a number of questions, and what it comes to per unit."""

    usd: float
    tokens: Tokens
    questions: int

    @property
    def per_mtok(self) -> float | None:
        """USD per million tokens of any kind; None when no token was processed."""
        return self.usd / self.tokens.total * MILLION if self.tokens.total else None

    @property
    def per_1k_questions(self) -> float | None:
        """USD per 1,000 questions; None when none was answered."""
        return self.usd / self.questions * 1000 if self.questions else None


@dataclass(frozen=True, slots=True)
class OneOff:
    """What is paid once for a recipe, whatever the number of questions. USD."""

    training: float = 0.0
    labelling: float = 0.0
    indexing: float = 0.0

    @property
    def total(self) -> float:
        return self.training + self.labelling + self.indexing


@dataclass(frozen=True, slots=True)
class Bill:
    """Everything a run cost, each kind apart, so that none hides in another."""

    answering: Cost  # at list price, as if every reply had been asked for
    spent: float  # USD really used up by answering: repeated replies cost nothing
    judge: float = 0.0  # USD of grading by a model; no part of what users will pay
    embedding: float = 0.0  # USD of embedding the questions
    once: OneOff = OneOff()


def priced(tokens: Tokens, price: Price) -> float:
    """USD for these tokens, each bucket at its own price."""
    read = price.input if price.cached_input is None else price.cached_input
    write = price.input if price.cache_write is None else price.cache_write
    usd = tokens.uncached_in * price.input + tokens.cache_write * write
    return (usd + tokens.cached_in * read + tokens.out * price.output) / MILLION


def hardware(seconds: float, usd_per_hour: float) -> float:
    """USD for machine time."""
    return seconds * usd_per_hour / 3600


def bill(
    replies: Iterable[Reply],
    price: Price | None = None,
    usd_per_hour: float = 0.0,
    once: OneOff = OneOff(),
) -> Bill:
    """What a run's replies cost: by token where a price is given, else by machine time.

    A repeated reply (served from the answer cache) counts at its first tokens and
    seconds in the list cost, and not at all in what was spent.
    """
    tokens, listed, spent, questions = Tokens(), 0.0, 0.0, 0
    for reply in replies:
        usd = priced(reply.tokens, price) if price else hardware(reply.seconds, usd_per_hour)
        tokens, listed, questions = tokens + reply.tokens, listed + usd, questions + 1
        spent += 0.0 if reply.repeated else usd
    return Bill(Cost(listed, tokens, questions), spent, once=once)


def blended(price: Price, output_share: float = 0.25) -> float:
    """USD per million tokens of which `output_share` are output and none are cached.

    The market's usual blend is three parts input to one part output.
    """
    return (1 - output_share) * price.input + output_share * price.output
