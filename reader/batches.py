"""Conversations to training tensors: tokens, which positions are scored with what weight, and
where the evidence stands.
"""

import random
from dataclasses import dataclass, field

import torch
from torch import Tensor

from reader.conversations import Turn, conversation
from reader.makers import Maker
from reader.mixtures import Mixture
from reader.tokenizer import BOS, END, PAD

SCORED_SHARE = 0.15  # of all positions; every answer position comes first
UNSCORED, CONTEXT, ANSWER, PROSE = -1, 0, 1, 2
CONTEXT_WEIGHT, PROSE_WEIGHT = 0.2, 0.4
POINTERS_PER_TOKEN = 1 / 32
SHORTEST_PROSE = 64


@dataclass(slots=True)
class Pointer:
    """At `query`, the reader should look at tokens `evidence`, and inside them at `value` (half-
    open spans).
    """

    query: int
    evidence: tuple[int, int]
    value: tuple[int, int]


@dataclass(slots=True)
class Row:
    """`ends` are the lengths at which it may be cut without cutting a turn."""

    ids: list[int]
    kinds: list[int]
    pointers: list[Pointer]
    ends: list[int] = field(default_factory=list)

    def cut(self, room: int) -> "Row | None":
        """As much of it as fits; None where not even the first answer does."""
        length = max((end for end in self.ends if end <= room), default=0)
        if not length:
            return None
        pointers = [pointer for pointer in self.pointers if pointer.query < length]
        return Row(self.ids[:length], self.kinds[:length], pointers, [length])


@dataclass(slots=True)
class Batch:
    """inputs (B, T); positions/targets/weights (K,): flat scored positions; pointers (P, 6) int,
    pointer_weights (P,).
    """

    inputs: Tensor
    positions: Tensor
    targets: Tensor
    weights: Tensor
    pointers: Tensor
    pointer_weights: Tensor
    answers: int

    def tensors(self) -> tuple[Tensor, ...]:
        return (
            self.inputs,
            self.positions,
            self.targets,
            self.weights,
            self.pointers,
            self.pointer_weights,
        )


class RowMaker:
    """Turns conversations into rows of tokens with their marks."""

    def __init__(self, tokenizer) -> None:
        self.tokenizer = tokenizer
        self.roles = {
            role: tokenizer.convert_tokens_to_ids(f"<|{role}|>")
            for role in ("system", "user", "assistant")
        }

    def encode(self, turns: list[Turn]) -> Row:
        encoded = self.tokenizer([turn.text for turn in turns], return_offsets_mapping=True)
        row = Row([BOS], [UNSCORED], [])
        begins: list[int] = []
        for turn, ids, offsets in zip(
            turns, encoded["input_ids"], encoded["offset_mapping"], strict=True
        ):
            if not turn.role:
                row.ids += ids
                row.kinds += [PROSE] * len(ids)
                row.ends = list(range(SHORTEST_PROSE, len(row.ids) + 1))
                return row
            kind = ANSWER if turn.trained else UNSCORED if turn.role == "assistant" else CONTEXT
            row.ids += [self.roles[turn.role], *ids, END]
            begins.append(len(row.ids) - len(ids) - 1)
            row.kinds += [CONTEXT if kind == CONTEXT else UNSCORED] + [kind] * (len(ids) + 1)
            if turn.trained:
                row.ends.append(len(row.ids))
                row.pointers += self._pointers(
                    turns[: len(begins)], encoded["offset_mapping"], begins, offsets
                )
        return row

    def _pointers(
        self, turns: list[Turn], offsets: list, begins: list[int], answer_offsets: list
    ) -> list[Pointer]:
        turn, begin = turns[-1], begins[-1]
        if turn.fact is None:
            return [Pointer(begin - 1, (0, 1), (0, 1))]
        evidence = turn.fact.evidence
        place = next(
            (i for i, earlier in enumerate(turns[:-1]) if evidence and evidence in earlier.text),
            None,
        )
        if place is None:
            return []
        start = turns[place].text.index(evidence)
        inside = evidence.find(turn.fact.value)
        whole = _token_span(offsets[place], start, start + len(evidence), begins[place])
        value = (
            whole
            if inside < 0
            else _token_span(
                offsets[place], start + inside, start + inside + len(turn.fact.value), begins[place]
            )
        )
        pointers = [Pointer(begin - 1, whole, value)]
        later = turn.text.find(turn.fact.value)
        if later > 0:
            first = _token_span(answer_offsets, later, later + 1, begin)[0]
            pointers.append(Pointer(first - 1, whole, value))
        return pointers


def _token_span(offsets: list, start: int, end: int, shift: int) -> tuple[int, int]:
    """Tokens that overlap characters start..end, as positions in the row."""
    inside = [i for i, (a, b) in enumerate(offsets) if a < end and b > start]
    return (shift + inside[0], shift + inside[-1] + 1) if inside else (shift, shift + 1)


class Packer:
    """Fills rows with conversations; the last may lose its last questions."""

    IN_HAND = 8

    def __init__(self, rows: RowMaker, maker: Maker, mixture: Mixture, length: int) -> None:
        self.rows, self.maker, self.mixture, self.length = rows, maker, mixture, length
        self.hand: list[Row] = []

    def draw(self) -> Row:
        """In longer rows, half of the conversations are made for a shorter one."""
        shorter = self.length > 256 and self.maker.chance(0.5)
        length = self.length // 2 if shorter else self.length
        return self.rows.encode(conversation(self.maker, self.mixture, length))

    def row(self) -> Row:
        """At most length + 1 tokens; the first conversation in hand, then what fills it best."""
        row = Row([], [], [])
        while True:
            self.hand += [self.draw() for _ in range(self.IN_HAND - len(self.hand))]
            room = self.length + 1 - len(row.ids)
            offers = [(number, each.cut(room)) for number, each in enumerate(self.hand)]
            fitting = [(number, part) for number, part in offers if part is not None]
            if not fitting:
                if row.ids:
                    return row
                self.hand.clear()  # nothing in hand fits an empty row
                continue
            number, part = fitting[0]
            if row.ids:
                number, part = max(fitting, key=lambda offer: len(offer[1].ids))
            del self.hand[number]
            self._add(row, part)

    def _add(self, row: Row, drawn: Row) -> None:
        shift = len(row.ids)
        row.ids += drawn.ids
        row.kinds += drawn.kinds
        row.pointers += [_shifted(p, shift) for p in drawn.pointers]


def _shifted(pointer: Pointer, by: int) -> Pointer:
    return Pointer(
        pointer.query + by,
        (pointer.evidence[0] + by, pointer.evidence[1] + by),
        (pointer.value[0] + by, pointer.value[1] + by),
    )


def make_batch(rows: RowMaker, seed: str, mixture: Mixture, length: int, tokens: int) -> Batch:
    """A batch of `tokens` tokens in rows of `length`, fully determined by its seed."""
    rng = random.Random(seed)
    maker = Maker(rng)
    packer = Packer(rows, maker, mixture, length)
    drawn = [packer.row() for _ in range(max(1, tokens // length))]
    ids = torch.full((len(drawn), length + 1), PAD)
    kinds = torch.full((len(drawn), length + 1), UNSCORED)
    for number, row in enumerate(drawn):
        ids[number, : len(row.ids)] = torch.tensor(row.ids, dtype=torch.long)
        kinds[number, : len(row.kinds)] = torch.tensor(row.kinds, dtype=torch.long)
    positions, weights, answers = _choose_positions(kinds[:, 1:].reshape(-1), rng)
    pointers, pointer_weights = _pack_pointers(drawn, length, int(tokens * POINTERS_PER_TOKEN), rng)
    targets = ids[:, 1:].reshape(-1)[positions]
    return Batch(
        ids[:, :-1].contiguous(), positions, targets, weights, pointers, pointer_weights, answers
    )


def _choose_positions(kinds: Tensor, rng: random.Random) -> tuple[Tensor, Tensor, int]:
    """A fixed number of positions to score, answers first; unused places carry weight 0."""
    room = int(len(kinds) * SCORED_SHARE)
    answers = (kinds == ANSWER).nonzero()[:, 0].tolist()
    others = ((kinds == CONTEXT) | (kinds == PROSE)).nonzero()[:, 0].tolist()
    rng.shuffle(answers)
    answers = answers[:room]
    chosen = answers + rng.sample(others, min(len(others), room - len(answers)))
    positions = torch.zeros(room, dtype=torch.long)
    positions[: len(chosen)] = torch.tensor(chosen, dtype=torch.long)
    by_kind = torch.tensor([CONTEXT_WEIGHT, 1.0, PROSE_WEIGHT])
    weights = torch.zeros(room)
    weights[: len(chosen)] = by_kind[kinds[positions[: len(chosen)]].clamp(min=0)]
    return positions, weights, len(answers)


def _pack_pointers(
    drawn: list[Row], length: int, room: int, rng: random.Random
) -> tuple[Tensor, Tensor]:
    found = [
        (number, p.query, *p.evidence, *p.value)
        for number, row in enumerate(drawn)
        for p in row.pointers
        if p.query < length
    ]
    rng.shuffle(found)
    packed, weights = torch.zeros(room, 6, dtype=torch.long), torch.zeros(room)
    packed[:, 3] = packed[:, 5] = 1
    for place, pointer in enumerate(found[:room]):
        packed[place] = torch.tensor(pointer)
        weights[place] = 1.0
    return packed, weights
