"""A local model in memory: weights, tokenizer, and what decoding needs to know of them."""

import inspect
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
        return chat.prompt_ids(self.tokenizer, messages)

    def decode(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(list(ids), skip_special_tokens=True)


def load(folder: Path, adapter: Path | None, name: str) -> Loaded:
    """Loads the weights in `folder`; InputError, naming the model, when that fails."""
    device = _device()
    with _loading(name):
        model, tokenizer = open_weights(folder, choose_dtype(folder, device))
        if adapter is not None:
            model = _with_adapter(model, adapter)
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


def open_base(folder: Path, name: str) -> tuple[Any, Any]:
    """Model and tokenizer for training: in float32 on a CPU, in bfloat16 on a GPU."""
    with _loading(name):
        return open_weights(folder, "float32" if _device() == "cpu" else "bfloat16")


def open_weights(folder: Path, dtype: str) -> tuple[Any, Any]:
    """Model and tokenizer. Nothing in the folder is run: no pickles, no remote code, no network."""
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    safe = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(folder, **safe)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, use_safetensors=True, **safe)
    return model, tokenizer


def be_polite() -> None:
    """To be called before torch is loaded: its idle threads sleep, where they would spin.

    Measured on 2 cores shared with other work: spinning made training ten times slower.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _device() -> str:
    be_polite()
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


@contextmanager
def _loading(name: str) -> Iterator[None]:
    """What goes wrong while loading becomes an InputError that names the model."""
    from safetensors import SafetensorError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of the libraries, to each other
            yield
    except (SafetensorError, OSError, ValueError, LookupError, RuntimeError, ImportError) as error:
        raise InputError(
            f"the model could not be loaded: {_first_line(error)}",
            where=name,
            fix="Check that the folder is complete, is a text-generating model, and fits memory",
        ) from error


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
