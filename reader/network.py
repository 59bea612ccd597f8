"""The reader as a plain Llama-shaped network, with a training loss that also says where to look."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

POINTER_WEIGHT = 0.15
STRIPE = 256  # queries whose attention is computed at once on a CPU


@dataclass(frozen=True)
class Shape:
    vocabulary: int = 8192
    width: int = 256
    layers: int = 6
    heads: int = 4
    hidden: int = 640
    theta: float = 10_000.0

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    @property
    def pointing_layers(self) -> tuple[int, int]:
        """Where one head is taught to look at the evidence, and where at the answer in it."""
        return self.layers - 3, self.layers - 2

    def as_dict(self) -> dict:
        return asdict(self)


def _attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Causal attention; written out in stripes on a CPU, where that takes half the time."""
    if query.device.type != "cpu":
        return F.scaled_dot_product_attention(query, key, value, is_causal=True)
    length, query, stripes = query.shape[2], query * query.shape[-1] ** -0.5, []
    for start in range(0, length, STRIPE):
        end = min(start + STRIPE, length)
        later = torch.full((end - start, end), float("-inf"), dtype=query.dtype).triu(start + 1)
        scores = query[:, :, start:end] @ key[:, :, :end].mT + later
        stripes.append(scores.softmax(-1) @ value[:, :, :end])
    return torch.cat(stripes, 2) if len(stripes) > 1 else stripes[0]


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.norm1 = nn.Parameter(torch.ones(width))
        self.norm2 = nn.Parameter(torch.ones(width))
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.gate_up = nn.Linear(width, 2 * shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The new stream, and the first head's turned queries and keys (B, T, head_width) for the
        pointing loss.
        """
        batch, length, width = x.shape
        heads = self.shape.heads
        mixed = (
            self.qkv(F.rms_norm(x, (width,), self.norm1, 1e-5))
            .view(batch, length, 3 * heads, -1)
            .transpose(1, 2)
        )
        turning, value = mixed.split([2 * heads, heads], 1)
        first, second = turning.chunk(2, -1)
        query, key = torch.cat([first * cos - second * sin, second * cos + first * sin], -1).split(
            heads, 1
        )
        seen = _attend(query, key, value)
        x = x + self.out(seen.transpose(1, 2).reshape(batch, length, width))
        gate, up = self.gate_up(F.rms_norm(x, (width,), self.norm2, 1e-5)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up), query[:, 0], key[:, 0]


class Network(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList([Block(shape) for _ in range(shape.layers)])
        self.norm = nn.Parameter(torch.ones(shape.width))
        nn.init.normal_(self.embedding.weight, std=0.02)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2 and "embedding" not in name:
                nn.init.normal_(parameter, std=0.5 / math.sqrt(parameter.shape[1]))
                if name.endswith(("out.weight", "down.weight")):
                    parameter.data.mul_(1 / math.sqrt(2 * shape.layers))
        self._turns: dict[tuple[int, torch.dtype, torch.device], tuple[Tensor, Tensor]] = {}

    def rotations(self, length: int, like: Tensor) -> tuple[Tensor, Tensor]:
        key = (length, like.dtype, like.device)
        if key not in self._turns:
            half = torch.arange(0, self.shape.head_width, 2).float() / self.shape.head_width
            angles = torch.arange(length).float()[:, None] / self.shape.theta**half
            self._turns[key] = (angles.cos().to(like), angles.sin().to(like))
        return self._turns[key]

    def forward(
        self,
        inputs: Tensor,
        positions: Tensor,
        targets: Tensor,
        weights: Tensor,
        pointers: Tensor,
        pointer_weights: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Weighted loss, loss per scored position (K,), pointing loss."""
        x = self.embedding(inputs)
        cos, sin = self.rotations(inputs.shape[1], x)
        pointing = x.new_zeros((), dtype=torch.float32)
        evidence_layer, value_layer = self.shape.pointing_layers
        for number, block in enumerate(self.blocks):
            x, query, key = block(x, cos, sin)
            if number == evidence_layer:
                pointing = pointing + _pointing_loss(
                    query, key, pointers[:, :2], pointers[:, 2:4], pointer_weights
                )
            if number == value_layer:
                pointing = pointing + _pointing_loss(
                    query, key, pointers[:, :2], pointers[:, 4:6], pointer_weights
                )
        scored = x.reshape(-1, x.shape[-1])[positions]
        logits = F.linear(
            F.rms_norm(scored, (x.shape[-1],), self.norm, 1e-5), self.embedding.weight
        )
        each = F.cross_entropy(logits.float(), targets, reduction="none")
        loss = (each * weights).sum() / weights.sum().clamp(min=1)
        return loss + POINTER_WEIGHT * pointing, each.detach(), pointing.detach()


def _pointing_loss(query: Tensor, key: Tensor, at: Tensor, span: Tensor, weights: Tensor) -> Tensor:
    """Minus the log of the attention that falls on the wanted span; mean over pointers."""
    rows, places = at[:, 0], at[:, 1]
    scores = (key[rows] @ query[rows, places].unsqueeze(-1)).squeeze(-1).float() / math.sqrt(
        query.shape[-1]
    )
    index = torch.arange(key.shape[1], device=key.device)[None]
    scores = scores.masked_fill(index > places[:, None], -1e4)
    wanted = (index >= span[:, :1]) & (index < span[:, 1:])
    missed = scores.logsumexp(-1) - scores.masked_fill(~wanted, -1e4).logsumexp(-1)
    return (missed * weights).sum() / weights.sum().clamp(min=1)


def shape_of(folder: Path) -> Shape:
    """The shape of a model folder."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return Shape(
        config["vocab_size"],
        config["hidden_size"],
        config["num_hidden_layers"],
        config["num_attention_heads"],
        config["intermediate_size"],
    )


def to_llama(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Our parameter names to those of transformers' LlamaForCausalLM."""
    renamed = {
        "model.embed_tokens.weight": state["embedding.weight"],
        "model.norm.weight": state["norm"],
    }
    layer = 0
    while f"blocks.{layer}.norm1" in state:
        ours, theirs = f"blocks.{layer}.", f"model.layers.{layer}."
        for name, part in zip("qkv", state[ours + "qkv.weight"].chunk(3, 0), strict=True):
            renamed[f"{theirs}self_attn.{name}_proj.weight"] = part
        gate, up = state[ours + "gate_up.weight"].chunk(2, 0)
        renamed[theirs + "mlp.gate_proj.weight"], renamed[theirs + "mlp.up_proj.weight"] = gate, up
        renamed[theirs + "self_attn.o_proj.weight"] = state[ours + "out.weight"]
        renamed[theirs + "mlp.down_proj.weight"] = state[ours + "down.weight"]
        renamed[theirs + "input_layernorm.weight"] = state[ours + "norm1"]
        renamed[theirs + "post_attention_layernorm.weight"] = state[ours + "norm2"]
        layer += 1
    return {name: tensor.clone().contiguous() for name, tensor in renamed.items()}


def from_llama(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The other way round: a LlamaForCausalLM's weights under our names, in float32."""
    state = {name: tensor.float() for name, tensor in state.items()}
    ours = {
        "embedding.weight": state["model.embed_tokens.weight"],
        "norm": state["model.norm.weight"],
    }
    layer = 0
    while f"model.layers.{layer}.input_layernorm.weight" in state:
        mine, theirs = f"blocks.{layer}.", f"model.layers.{layer}."
        ours[mine + "norm1"] = state[theirs + "input_layernorm.weight"]
        ours[mine + "norm2"] = state[theirs + "post_attention_layernorm.weight"]
        ours[mine + "qkv.weight"] = torch.cat(
            [state[f"{theirs}self_attn.{n}_proj.weight"] for n in "qkv"]
        )
        ours[mine + "out.weight"] = state[theirs + "self_attn.o_proj.weight"]
        ours[mine + "gate_up.weight"] = torch.cat(
            [state[f"{theirs}mlp.{n}_proj.weight"] for n in ("gate", "up")]
        )
        ours[mine + "down.weight"] = state[theirs + "mlp.down_proj.weight"]
        layer += 1
    return ours
