"""Token counts of prompts without loading torch, for the estimate before a run."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from dsmr.core.errors import InputError
from dsmr.core.recipe import Model
from dsmr.core.run import Message
from dsmr.engines import chat, weights

CHARACTERS_PER_TOKEN = 4  # a common rule of thumb for English and most API models
TOKENS_PER_MESSAGE = 4  # role marks around each turn


def exact(model: Model) -> bool:
    """Whether `count` uses the model's own tokenizer, or only the number of characters."""
    return model.name.startswith("scripted/") or _folder(model) is not None


def count(model: Model, messages: Sequence[Message]) -> int:
    """Tokens of a prompt; see `exact` for whether it is counted or estimated."""
    if model.name.startswith("scripted/"):
        return sum(len(m.content.split()) for m in messages)
    folder = _folder(model)
    if folder is None:
        return estimate(messages)
    changed_ns = (folder / "tokenizer.json").stat().st_mtime_ns
    tokenizer, template = _opened(folder, changed_ns)
    try:
        text = chat.prompt_text(template.render, messages)
    except Exception:  # a template that only transformers understands
        return estimate(messages)
    return len(tokenizer.encode(text, add_special_tokens=template.adds_special_tokens).ids)


def estimate(messages: Sequence[Message]) -> int:
    """Tokens from characters, where no tokenizer is at hand."""
    return sum(TOKENS_PER_MESSAGE + estimate_text(m.content) for m in messages)


def estimate_text(text: str) -> int:
    """Tokens of a text from its characters, at least one if there are any."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


class Template:
    """A chat template rendered the way transformers does it, without transformers."""

    def __init__(self, source: str | None, marks: dict[str, Any]) -> None:
        from jinja2.ext import loopcontrols
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols]
        )
        environment.filters["tojson"] = lambda value, **_: json.dumps(value, ensure_ascii=False)
        environment.globals["raise_exception"] = _refuse
        environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
        # {% generation %} only marks text for training
        plain = (source or chat.TRANSCRIPT).replace("{% generation %}", "")
        self.template = environment.from_string(plain.replace("{% endgeneration %}", ""))
        self.marks = marks
        self.adds_special_tokens = source is None

    def render(self, turns: list[dict[str, str]]) -> str:
        return self.template.render(messages=turns, add_generation_prompt=True, **self.marks)


def _refuse(message: str) -> None:
    raise ValueError(message)


def _folder(model: Model) -> Path | None:
    """The folder of a model whose tokenizer can be opened here, else None; never downloads."""
    if model.endpoint:
        return None
    try:
        folder = weights.model_folder(model, fetch=False)
    except InputError:
        return None
    return folder if (folder / "tokenizer.json").is_file() else None


@lru_cache(maxsize=4)
def _opened(folder: Path, changed_ns: int) -> tuple[Any, Template]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    settings: dict[str, Any] = {}
    if (folder / "tokenizer_config.json").is_file():
        settings = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    marks = {
        key: value["content"] if isinstance(value, dict) else value
        for key, value in settings.items()
        if key.endswith("_token") and isinstance(value, str | dict)
    }
    return tokenizer, Template(_source(folder, settings), marks)


def _source(folder: Path, settings: dict[str, Any]) -> str | None:
    if (folder / "chat_template.jinja").is_file():
        return (folder / "chat_template.jinja").read_text("utf-8")
    source = settings.get("chat_template")
    if isinstance(source, list):  # several by name
        named = {entry["name"]: entry["template"] for entry in source}
        return named.get("default")
    return source
