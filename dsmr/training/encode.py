"""Training rows as token ids: the prompt as when asking, the reply as the template ends it."""

from dataclasses import dataclass
from typing import Any

from dsmr.engines import chat
from dsmr.training.rows import TrainingRow

IGNORED = -100  # the label that no loss is taken of


@dataclass(frozen=True, slots=True)
class Encoded:
    """A row as ids; labels are IGNORED except on the reply and its end."""

    input_ids: list[int]
    labels: list[int]


def encode(tokenizer: Any, row: TrainingRow) -> Encoded:
    """Prompt and reply are tokenised apart, as generation meets them."""
    prompt = list(chat.prompt_ids(tokenizer, row.messages))
    reply = tokenizer(_reply(tokenizer, row), add_special_tokens=False)["input_ids"]
    return Encoded(prompt + reply, [IGNORED] * len(prompt) + reply)


def _reply(tokenizer: Any, row: TrainingRow) -> str:
    """The reply and the mark that ends it, by which the model learns to stop."""
    if not tokenizer.chat_template:
        return f" {row.completion}" + (tokenizer.eos_token or "\n\nUser:")
    turns = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": "~reply~"},
    ]
    closed = tokenizer.apply_chat_template(turns, tokenize=False)
    _, _, mark = closed.rpartition("~reply~")
    return f"{row.completion}{mark.strip() or tokenizer.eos_token or ''}"
