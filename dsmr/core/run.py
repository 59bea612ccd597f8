"""What happened: requests sent, replies received, answers, scores. Pure values."""

from dataclasses import dataclass
from typing import Literal

from dsmr.core.data import Passage, Split
from dsmr.core.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that decides a reply, apart from the engine."""

    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Tokens:
    """Disjoint buckets: their sum is all that was processed."""

    uncached_in: int = 0
    cached_in: int = 0  # read from a prefix cache
    out: int = 0
    cache_write: int = 0  # input put into a prefix cache, where that is charged apart

    @property
    def all_in(self) -> int:
        """The whole prompt, however it was read."""
        return self.uncached_in + self.cached_in + self.cache_write

    @property
    def total(self) -> int:
        return self.all_in + self.out

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(
            self.uncached_in + other.uncached_in,
            self.cached_in + other.cached_in,
            self.out + other.out,
            self.cache_write + other.cache_write,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said."""

    text: str
    tokens: Tokens
    seconds: float  # machine time of this reply; of a batch, an equal share
    seconds_to_first_token: float | None = None  # None: answered in a batch, not watched
    truncated: bool = False  # stopped by max_tokens, not by the model
    repeated: bool = False  # served from the answer cache; figures are those of the first time


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request got no reply."""

    message: str
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One question through one recipe. Exactly one of `reply` and `failure` is set."""

    question_id: str
    messages: tuple[Message, ...] = ()
    passages: tuple[Passage, ...] = ()
    reply: Reply | None = None
    failure: str | None = None
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    question_id: str
    metric: str
    value: float | None  # 0 wrong … 1 right; None: not graded, and never read as 0
    note: str = ""
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One recipe over one frozen evaluation set and corpus."""

    id: str  # given when submitted; running a recipe again is another run
    project_id: str
    recipe: Recipe
    evalset_id: str
    corpus_id: str
    split: Split | Literal["all"] = "test"
    limit: int | None = None  # so many questions of the split, evenly spread
    purpose: str = "compare"  # or "k-shot": a point of the probe, not a row of the leaderboard


@dataclass(frozen=True, slots=True)
class Adapter:
    """LoRA weights in the workspace, and what making them took."""

    id: str
    rows: int
    steps: int
    tokens: int  # trained on, all epochs
    seconds: float
    losses: tuple[tuple[int, float], ...] = ()  # (step, training loss)


@dataclass(frozen=True, slots=True)
class Latency:
    """One question asked alone, with nothing reused from a cache."""

    question_id: str
    seconds: float
    seconds_to_first_token: float | None
    tokens_out: int
