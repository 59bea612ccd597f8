"""A local model in memory: weights, tokenizer, and what decoding needs to know of them."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsmr.core.errors import InputError
from dsmr.core.run import Message
from dsmr.engines import chat

FLOAT32_PARAMETERS = 1.5e9  # larger models stay in bfloat16 on a CPU, to fit its memory


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model ready to decode."""

    model: Any  # transformers.PreTrainedModel in eval mode, adapter merged or attached
    tokenizer: Any
    device: str  # "cpu" or "cuda"
    parameters: int
    stop_ids: frozenset[int]
    takes: frozenset[str]  # names of the arguments of the model's forward
    shares: bool  # one prefix cache can serve many prompts
    pads: bool  # prompts of unlike length can be answered together

    @property
    def has_template(self) -> bool:
        return bool(self.tokenizer.chat_template)

    def encode(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """The prompt's token ids, up to where the reply begins."""
        text = chat.prompt_text(self._render, messages)
        encoded = self.tokenizer(text, add_special_tokens=not self.has_template)
        return tuple(encoded["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(list(ids), skip_special_tokens=True)

    def _render(self, turns: list[dict[str, str]]) -> str:
        template = None if self.has_template else chat.TRANSCRIPT
        return self.tokenizer.apply_chat_template(
            turns, chat_template=template, tokenize=False, add_generation_prompt=True
        )


def load(folder: Path, adapter: Path | None, name: str) -> Loaded:
    """Loads the weights in `folder`; InputError, naming the model, when that fails.

    Nothing in the folder is run: no pickles, no remote code, no network.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    safe = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **safe)
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=choose_dtype(folder, device), use_safetensors=True, **safe
        )
        if adapter is not None:
            model = _with_adapter(model, adapter)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        raise InputError(
            f"the model could not be loaded: {_first_line(error)}",
            where=name,
            fix="Check that the folder is complete, is a text-generating model, and fits memory",
        ) from error
    model = model.to(device).eval()
    shares, pads = _cache_manners(model)
    return Loaded(
        model=model,
        tokenizer=tokenizer,
        device=device,
        parameters=sum(p.numel() for p in model.parameters()),
        stop_ids=_stop_ids(model, tokenizer),
        takes=frozenset(inspect.signature(_forward_of(model)).parameters),
        shares=shares,
        pads=pads,
    )


def choose_dtype(folder: Path, device: str) -> str:
    """float32 on a CPU while it fits, for replies that do not depend on the batch."""
    if device == "cuda":
        import torch

        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    stored_bytes = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    return "float32" if stored_bytes / 2 <= FLOAT32_PARAMETERS else "bfloat16"


def _with_adapter(model: Any, adapter: Path) -> Any:
    import torch
    from peft import PeftModel

    tuned = PeftModel.from_pretrained(model, adapter, is_trainable=False)
    # merging saves two products per layer and token, but rounds away small changes in 16 bits
    return tuned.merge_and_unload() if model.dtype == torch.float32 else tuned


def _forward_of(model: Any) -> Any:
    plain = getattr(model, "get_base_model", None)
    return (plain() if plain else model).forward


def _cache_manners(model: Any) -> tuple[bool, bool]:
    """Whether the model's cache can be shared, and whether its prompts can be padded.

    Sliding windows count the padding between prefix and question as distance; recurrent
    states read padding as text.
    """
    from transformers.cache_utils import (
        DummyLayer,
        DynamicCache,
        DynamicLayer,
        DynamicSlidingWindowLayer,
    )

    kinds = {type(layer) for layer in DynamicCache(config=model.config).layers}
    shares = kinds <= {DynamicLayer, DummyLayer}
    return shares, kinds <= {DynamicLayer, DummyLayer, DynamicSlidingWindowLayer}


def _stop_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    found: set[int] = set()
    for source in (model.generation_config, model.config, tokenizer):
        ids = getattr(source, "eos_token_id", None)
        found.update(ids if isinstance(ids, list) else [ids])
    special = set(tokenizer.get_added_vocab())
    found.update(tokenizer.convert_tokens_to_ids(m) for m in chat.END_MARKS if m in special)
    return frozenset(i for i in found if i is not None)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")
