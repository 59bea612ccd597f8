"""Token by token: prompts in, written tokens out. The only loop over a model's forward."""

import copy
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsmr.core.run import Request
from dsmr.engines import chat
from dsmr.engines.batches import Prompt
from dsmr.engines.loaded import Loaded


@dataclass(slots=True)
class Written:
    """What a model wrote for one prompt."""

    prompt: Prompt
    ids: list[int] = field(default_factory=list)  # with the stop token, if it came
    stopped: bool = False  # by itself; else by max_tokens
    broken: bool = False  # the model's numbers overflowed

    @property
    def going(self) -> bool:
        done = self.stopped or self.broken or len(self.ids) >= self.prompt.request.max_tokens
        return not done


@dataclass(frozen=True, slots=True)
class Prefix:
    """The computed beginning that the prompts of a group share."""

    length: int = 0  # tokens
    cache: Any = None  # transformers.DynamicCache for one row; None: nothing is shared


def read_prefix(loaded: Loaded, ids: Sequence[int]) -> Prefix:
    """Computes the keys and values of a shared beginning once."""
    import torch

    cache = _empty_cache(loaded)
    with torch.inference_mode():
        _forward(loaded, torch.tensor([list(ids)]), torch.ones(1, len(ids), dtype=int), cache)
    return Prefix(len(ids), cache)


def write(
    loaded: Loaded,
    prompts: Sequence[Prompt],
    prefix: Prefix | None = None,
    on_first: Callable[[], None] | None = None,
) -> list[Written]:
    """Answers prompts together: [prefix | padding | own tokens] in every row.

    Positions come from the mask, so the padding in the middle changes nothing.
    `on_first` is called when the first token of the batch is known.
    """
    import torch

    prefix = prefix or Prefix()
    rows = [Written(prompt) for prompt in prompts]
    ids, mask = _padded(rows, prefix.length)
    cache = _repeated(loaded, prefix, len(rows))
    generators = [_generator(prompt) for prompt in prompts]
    with torch.inference_mode():
        logits = _forward(loaded, ids, mask, cache)
        active = list(range(len(rows)))  # rows of the tensors, as places in `rows`
        while True:
            chosen = _choose(logits, [rows[a] for a in active], [generators[a] for a in active])
            for place, token in zip(active, chosen, strict=True):
                _note(loaded, rows[place], token)
            if on_first:
                on_first()
                on_first = None
            going = [i for i, place in enumerate(active) if rows[place].going]
            if not going:
                return rows
            if len(going) <= len(active) // 2:  # finished rows cost as much as the others
                kept = torch.tensor(going)
                cache.batch_select_indices(kept.to(loaded.device))
                mask, chosen = mask[kept], [chosen[i] for i in going]
                active = [active[i] for i in going]
            mask = torch.cat([mask, torch.ones(len(active), 1, dtype=mask.dtype)], dim=1)
            step = torch.tensor(chosen).clamp(min=0)[:, None]
            logits = _forward(loaded, step, mask, cache)


def reply_text(loaded: Loaded, written: Written) -> str:
    """The reply without stop tokens, without invented further turns, stripped."""
    ids = [i for i in written.ids if i not in loaded.stop_ids]
    text = loaded.decode(ids)
    return (text if loaded.has_template else chat.until_next_turn(text)[0]).strip()


def _padded(rows: Sequence[Written], known: int) -> tuple[Any, Any]:
    """Own tokens (rows, longest) padded on the left, and the mask with the prefix before."""
    import torch

    own = [row.prompt.ids[known:] for row in rows]
    longest = max(map(len, own))
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), known + longest, dtype=torch.long)
    mask[:, :known] = 1
    for row, tokens in enumerate(own):
        ids[row, longest - len(tokens) :] = torch.tensor(tokens)
        mask[row, known + longest - len(tokens) :] = 1
    return ids, mask


def _forward(loaded: Loaded, ids: Any, mask: Any, cache: Any) -> Any:
    """Logits after the last token of every row, float32 on the CPU."""
    arguments = {"input_ids": ids, "past_key_values": cache, "use_cache": True}
    if "attention_mask" in loaded.takes and loaded.pads:
        arguments["attention_mask"] = mask
    if "position_ids" in loaded.takes and loaded.pads:
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        arguments["position_ids"] = positions[:, -ids.shape[1] :]
    if "logits_to_keep" in loaded.takes:
        arguments["logits_to_keep"] = 1
    moved = {k: v.to(loaded.device) if hasattr(v, "to") else v for k, v in arguments.items()}
    return loaded.model(**moved).logits[:, -1].float().cpu()


def _empty_cache(loaded: Loaded) -> Any:
    from transformers import DynamicCache

    return DynamicCache(config=loaded.model.config)


def _repeated(loaded: Loaded, prefix: Prefix, rows: int) -> Any:
    if prefix.cache is None:
        return _empty_cache(loaded)
    cache = copy.deepcopy(prefix.cache)
    cache.batch_repeat_interleave(rows)
    return cache


def _generator(prompt: Prompt) -> Any:
    """Chance of one request's own: the same whatever else is in the batch; None for greedy."""
    import torch

    request: Request = prompt.request
    if request.temperature <= 0:
        return None
    named = hashlib.sha256(repr((request.seed, prompt.ids)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(named[:7], "big"))


def _choose(logits: Any, rows: Sequence[Written], generators: Sequence[Any]) -> list[int]:
    """The next token of each row; -1 where the numbers are not finite."""
    import torch

    best = logits.max(-1)
    chosen = torch.where(torch.isfinite(best.values), best.indices, -1).tolist()
    for i, (row, generator) in enumerate(zip(rows, generators, strict=True)):
        if generator is not None and chosen[i] >= 0 and row.going:
            odds = torch.softmax(logits[i] / row.prompt.request.temperature, -1)
            chosen[i] = int(torch.multinomial(odds, 1, generator=generator))
    return chosen


def _note(loaded: Loaded, row: Written, token: int) -> None:
    if not row.going:
        return
    if token < 0:
        row.broken = True
        return
    row.ids.append(token)
    row.stopped = token in loaded.stop_ids
    if not loaded.has_template and not row.stopped:
        row.stopped = chat.until_next_turn(loaded.decode(row.ids[-12:]))[1]
