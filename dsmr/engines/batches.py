"""Which prompts are answered together, and what they share. Pure: lists of token ids."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsmr.core.run import Request

SHORTEST_PREFIX = 16  # tokens; below this a shared prefix costs more than it saves
SMALLEST_GROUP = 3  # requests with the same turns before the question that get their own prefix


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request as the model reads it."""

    index: int  # among the requests given
    request: Request
    ids: tuple[int, ...]

    def cost(self, prefix: int) -> int:
        """Tokens to process at most, when `prefix` of them are known already."""
        return len(self.ids) - prefix + self.request.max_tokens


def shared_prefix(prompts: Sequence[Prompt]) -> int:
    """Tokens with which all prompts begin, leaving each at least one of its own."""
    first, last = min(p.ids for p in prompts), max(p.ids for p in prompts)
    limit = min(len(p.ids) for p in prompts) - 1
    same = next((i for i in range(limit) if first[i] != last[i]), limit)
    return same if len(prompts) > 1 and same >= SHORTEST_PREFIX else 0


def grouped(prompts: Sequence[Prompt]) -> list[list[Prompt]]:
    """Prompts that share all turns before the last, each group apart; then all the others.

    So two instructions over one question set make two long prefixes, not one short one,
    and prompts that each carry their own passages still share the instruction.
    """
    by_context: dict[tuple, list[Prompt]] = defaultdict(list)
    for prompt in prompts:
        by_context[prompt.request.messages[:-1]].append(prompt)
    groups = [group for group in by_context.values() if len(group) >= SMALLEST_GROUP]
    rest = [p for group in by_context.values() if len(group) < SMALLEST_GROUP for p in group]
    return [*groups, rest] if rest else groups


class Pace:
    """How much to take on at once, so that a batch lasts about `target_seconds`."""

    def __init__(self, tokens: float, rows: int, target_seconds: float = 1.5) -> None:
        self.tokens, self.rows, self.target_seconds = tokens, rows, target_seconds

    def learn(self, seconds: float) -> None:
        """Take on more or less, at most by a factor of two, after a batch that lasted so long."""
        self.tokens *= min(2.0, max(0.5, self.target_seconds / max(seconds, 1e-3)))

    def batches(self, prompts: Sequence[Prompt], prefix: int) -> Iterator[list[Prompt]]:
        """Prompts of like length together, short ones first; never an empty batch."""
        left = sorted(prompts, key=lambda p: len(p.ids))
        while left:
            rows = 1
            while rows < min(self.rows, len(left)) and self._fits(left[: rows + 1], prefix):
                rows += 1
            yield left[:rows]
            left = left[rows:]

    def _fits(self, batch: Sequence[Prompt], prefix: int) -> bool:
        return len(batch) * max(p.cost(prefix) for p in batch) <= self.tokens
