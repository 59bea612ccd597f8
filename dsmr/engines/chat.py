"""How a conversation becomes the text a local model reads, with or without a chat template."""

from collections.abc import Callable, Sequence
from typing import Any

from dsmr.core.run import Message

# A model without a template reads a transcript. It ends after "Assistant:" without a
# space, because most tokenizers keep a space with the word after it.
TRANSCRIPT = (
    "{% for m in messages %}{{ m['role'] | capitalize }}: {{ m['content'] }}\n\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
NEXT_TURNS = ("\nUser:", "\nSystem:", "\nAssistant:")  # where a transcript's reply ends
END_MARKS = ("<|end|>", "<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|endoftext|>", "</s>")

Render = Callable[[list[dict[str, str]]], str]


def prompt_text(render: Render, messages: Sequence[Message]) -> str:
    """The prompt up to where the reply begins.

    Some templates refuse a system turn; its text then goes before the first user turn.
    """
    turns = [{"role": m.role, "content": m.content} for m in messages]
    try:
        return render(turns)
    except Exception:  # templates raise what they like
        if turns[0]["role"] != "system" or len(turns) < 2:
            raise
        first = {"role": "user", "content": f"{turns[0]['content']}\n\n{turns[1]['content']}"}
        return render([first, *turns[2:]])


def prompt_ids(tokenizer: Any, messages: Sequence[Message]) -> tuple[int, ...]:
    """The prompt in the ids of a transformers tokenizer; a template writes its own marks."""
    template = None if tokenizer.chat_template else TRANSCRIPT

    def render(turns: list[dict[str, str]]) -> str:
        return tokenizer.apply_chat_template(
            turns, chat_template=template, tokenize=False, add_generation_prompt=True
        )

    text = prompt_text(render, messages)
    return tuple(tokenizer(text, add_special_tokens=template is not None)["input_ids"])


def until_next_turn(text: str) -> tuple[str, bool]:
    """A transcript's reply without the turns a base model goes on to invent; whether any."""
    cuts = [at for mark in NEXT_TURNS if (at := text.find(mark)) >= 0]
    return (text[: min(cuts)], True) if cuts else (text, False)
