"""The base model as training needs it: its files, its weights, and rows as token ids."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsmr.core.errors import InputError
from dsmr.core.recipe import EMBEDDED, Model
from dsmr.core.run import Message
from dsmr.training.rows import TrainingRow

# The transcript of engines.chat, word for word: siblings import nothing of each other,
# and tests/training/test_base.py holds the two together.
TRANSCRIPT = (
    "{% for m in messages %}{{ m['role'] | capitalize }}: {{ m['content'] }}\n\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A row as ids; labels are -100 except on the reply and its end."""

    input_ids: list[int]
    labels: list[int]


def base_folder(base: Model) -> Path:
    """The folder of the base model's files; downloads only if DSMR_ALLOW_HUB=1."""
    if base.endpoint:
        raise InputError(
            "a model behind an endpoint cannot be tuned here",
            where=base.name,
            fix="Choose a local model for fine-tuning",
        )
    if base.name == EMBEDDED:
        return Path(__file__).resolve().parents[2] / "data" / "models" / "reader"
    if Path(base.name).expanduser().is_dir():
        return Path(base.name).expanduser()
    from huggingface_hub import snapshot_download

    offline = os.environ.get("DSMR_ALLOW_HUB") != "1"
    try:
        return Path(
            snapshot_download(
                base.name,
                revision=base.revision,
                local_files_only=offline,
                allow_patterns=["*.json", "*.safetensors", "*.jinja", "*.model", "*.txt"],
            )
        )
    except Exception as error:  # the hub raises a dozen types; all mean: not to be had
        raise InputError(
            "the model is not on this machine",
            where=base.name,
            fix='Give a local folder, choose "reader", or set DSMR_ALLOW_HUB=1 to download it',
        ) from error


def public_name(base: Model) -> str:
    """The name to write into files that travel: never a folder of this machine."""
    return Path(base.name).name if Path(base.name).expanduser().is_dir() else base.name


def weights_name(folder: Path) -> str:
    """Hex digits naming the weights and the tokenizer by their content."""
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.safetensors"), *folder.glob("tokenizer*.json")]):
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]


def open_base(folder: Path, name: str, bfloat16: bool) -> tuple[Any, Any]:
    """Model and tokenizer; nothing in the folder is run, and nothing is fetched."""
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    safe = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **safe)
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype="bfloat16" if bfloat16 else "float32", use_safetensors=True, **safe
        )
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")
        raise InputError(
            f"the model could not be loaded for training: {reason}",
            where=name,
            fix="Check that the folder holds config.json, a tokenizer and *.safetensors",
        ) from error
    return model, tokenizer


def encode(tokenizer: Any, row: TrainingRow) -> Encoded:
    """Prompt ids as at inference, then the reply as the template writes it, to its end."""
    prompt = _prompt(tokenizer, row.messages)
    with_marks = not tokenizer.chat_template
    prompt_ids = tokenizer(prompt, add_special_tokens=with_marks)["input_ids"]
    reply_ids = tokenizer(_reply(tokenizer, prompt, row), add_special_tokens=False)["input_ids"]
    return Encoded(prompt_ids + reply_ids, [-100] * len(prompt_ids) + reply_ids)


def _prompt(tokenizer: Any, messages: Sequence[Message]) -> str:
    turns = [{"role": m.role, "content": m.content} for m in messages]
    try:
        return _render(tokenizer, turns)
    except Exception:  # some templates refuse a system turn; it then precedes the question
        if turns[0]["role"] != "system" or len(turns) < 2:
            raise
        first = {"role": "user", "content": f"{turns[0]['content']}\n\n{turns[1]['content']}"}
        return _render(tokenizer, [first, *turns[2:]])


def _render(tokenizer: Any, turns: list[dict[str, str]]) -> str:
    template = None if tokenizer.chat_template else TRANSCRIPT
    return tokenizer.apply_chat_template(
        turns, chat_template=template, tokenize=False, add_generation_prompt=True
    )


def _reply(tokenizer: Any, prompt: str, row: TrainingRow) -> str:
    end = tokenizer.eos_token or "\n\n"
    if not tokenizer.chat_template:
        return f" {row.completion}{end if end.strip() else end + 'User:'}"
    turns = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": row.completion},
    ]
    closed = tokenizer.apply_chat_template(turns, tokenize=False)
    # what the template writes after a reply is how the model knows to stop
    _, found, after = closed.rpartition(row.completion)
    mark = after.strip() if found and row.completion else ""
    return f"{row.completion}{mark or end}"


def plain_json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True) + "\n"
