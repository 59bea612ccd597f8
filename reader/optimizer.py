"""Muon (Jordan et al. 2024) for the matrices, Adam for embeddings and norms; float32 masters
outside the network.
"""

import math

import torch
from torch import Tensor

from reader.initial import hand_written_parameters

HEAD_STRENGTH = 0.07  # cap on the spread of a head's query and key weights, lest attention freezes
WEIGHT_DECAY = 0.1
PARTS = {"qkv": 3, "gate_up": 2}  # fused matrices are updated part by part


def orthogonalised(gradient: Tensor, steps: int = 5) -> Tensor:
    """Newton-Schulz iteration towards the nearest orthogonal matrix, batched (N, rows, columns)."""
    x = gradient.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT.contiguous() if tall else x
    x = x / (x.float().norm(dim=(-2, -1), keepdim=True) + 1e-7).bfloat16()
    for _ in range(steps):
        square = x @ x.mT
        inner = torch.baddbmm(square, square, square, beta=-4.7750, alpha=2.0315)
        x = torch.baddbmm(x, inner, x, beta=3.4445)
    return (x.mT if tall else x).float()


class Optimizer:
    """Updates `masters` in place from summed gradients. `rest` names parameters that are held,
    then slowed.
    """

    def __init__(
        self,
        masters: dict[str, Tensor],
        matrix_rate: float,
        adam_rate: float,
        rest_steps: int,
        heads: int,
    ) -> None:
        self.heads = heads
        self.masters, self.matrix_rate, self.adam_rate, self.rest_steps = (
            masters,
            matrix_rate,
            adam_rate,
            rest_steps,
        )
        self.matrices = [n for n, p in masters.items() if p.dim() == 2 and "embedding" not in n]
        self.others = [n for n in masters if n not in self.matrices]
        self.resting = hand_written_parameters() if rest_steps else set()
        self.state = {"step": 0}
        self.momentum = {n: torch.zeros_like(masters[n]) for n in self.matrices}
        self.first = {n: torch.zeros_like(masters[n]) for n in self.others}
        self.second = {n: torch.zeros_like(masters[n]) for n in self.others}

    def state_dict(self) -> dict:
        return {
            "state": self.state,
            "momentum": self.momentum,
            "first": self.first,
            "second": self.second,
        }

    def load_state_dict(self, saved: dict) -> None:
        self.state = dict(saved["state"])
        for name in ("momentum", "first", "second"):
            for key, value in getattr(self, name).items():
                value.copy_(saved[name][key])

    @torch.no_grad()
    def step(self, gradients: dict[str, Tensor], scale: float) -> None:
        self.state["step"] += 1
        self._matrices(gradients, scale)
        self._adam(gradients, scale)
        self._soften_heads()

    def _soften_heads(self) -> None:
        """Scales back queries and keys that grew so large that their softmax passes no gradient.

        In the manner of QK-clip (Kimi K2, arXiv:2507.20534), by weights instead of by logits.
        """
        free = [n for n in self.matrices if "qkv" in n and n not in hand_written_parameters()]
        for name in free:
            queries_and_keys = self.masters[name].chunk(3, 0)[:2]
            for part in queries_and_keys:
                by_head = part.view(self.heads, -1, part.shape[1])
                spread = by_head.flatten(1).square().mean(1).sqrt()
                by_head.mul_((HEAD_STRENGTH / spread).clamp(max=1.0)[:, None, None])

    def _slowed(self, name: str) -> float:
        if name not in self.resting:
            return 1.0
        return 0.0 if self.state["step"] <= self.rest_steps else 0.2

    def _matrices(self, gradients: dict[str, Tensor], scale: float) -> None:
        groups: dict[tuple[int, ...], list[tuple[str, int, Tensor]]] = {}
        for name in self.matrices:
            momentum = self.momentum[name].mul_(0.95).add_(gradients[name], alpha=0.05)
            update = gradients[name] * 0.05 + momentum * 0.95
            parts = next((count for mark, count in PARTS.items() if mark in name), 1)
            for number, part in enumerate(update.chunk(parts, 0)):
                groups.setdefault(tuple(part.shape), []).append((name, number, part))
        for size, members in groups.items():
            directions = orthogonalised(torch.stack([part for *_, part in members]))
            for direction, (name, number, part) in zip(directions, members, strict=True):
                rate = self.matrix_rate * scale * self._slowed(name)
                master = self.masters[name][number * len(part) : (number + 1) * len(part)]
                master.mul_(1 - WEIGHT_DECAY * rate).add_(
                    direction, alpha=-rate * 0.2 * math.sqrt(max(size))
                )

    def _adam(self, gradients: dict[str, Tensor], scale: float) -> None:
        count = self.state["step"]
        for name in self.others:
            gradient = gradients[name]
            first = self.first[name].mul_(0.9).add_(gradient, alpha=0.1)
            second = self.second[name].mul_(0.98).addcmul_(gradient, gradient, value=0.02)
            update = (first / (1 - 0.9**count)) / ((second / (1 - 0.98**count)).sqrt() + 1e-8)
            if "embedding" in name:
                update[:, 0] = 0  # the constant that the hand-written heads rely on
            self.masters[name].add_(update, alpha=-self.adam_rate * scale)
