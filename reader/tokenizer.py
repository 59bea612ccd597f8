"""The reader's own byte-level BPE: cased, single digits, role marks, a chat template that marks
what the assistant wrote.
"""
# ruff: noqa: E501

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from reader import conversations, prose
from reader.makers import Maker
from reader.mixtures import MAIN

SPECIAL = ["<|pad|>", "<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]
PAD, BOS, END = 0, 1, 2
PIECES = r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z\u00C0-\u024F]+|\d| ?[^\sA-Za-z\u00C0-\u024F\d]{1,3}|\s+(?!\S)|\s+"
TEMPLATE = (
    "{{ '<|bos|>' }}{% for m in messages %}{{ '<|' + m['role'] + '|>' }}"
    "{% if m['role'] == 'assistant' %}{% generation %}{{ m['content'] + '<|end|>' }}{% endgeneration %}"
    "{% else %}{{ m['content'] + '<|end|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def _training_text(seed: int, conversations_drawn: int) -> Iterator[str]:
    rng = random.Random(seed)
    maker = Maker(rng)
    for document in prose.load_prose():
        if document.weight / len(document.passages) >= 1 or rng.random() < 0.3:
            yield "\n\n".join(document.passages)
    for number in range(conversations_drawn):
        turns = conversations.conversation(maker, MAIN, 512)
        text = "\n".join(turn.text for turn in turns)
        yield text.upper()[:400] if number % 10 == 0 else text


def train_tokenizer(
    vocabulary: int, seed: int = 5, conversations_drawn: int = 8000
) -> PreTrainedTokenizerFast:
    bpe = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(PIECES), "isolated")
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False, min_frequency=3, max_token_length=16,
    )  # fmt: skip
    bpe.train_from_iterator(_training_text(seed, conversations_drawn), trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token=SPECIAL[BOS], eos_token=SPECIAL[END], pad_token=SPECIAL[PAD],
        additional_special_tokens=SPECIAL[3:], clean_up_tokenization_spaces=False, model_max_length=2048, padding_side="left",
    )  # fmt: skip
    wrapped.chat_template = TEMPLATE
    return wrapped


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    return AutoTokenizer.from_pretrained(str(folder))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--vocabulary", type=int, default=8192)
    arguments = parser.parse_args()
    tokenizer = train_tokenizer(arguments.vocabulary)
    tokenizer.save_pretrained(str(arguments.out))
    maker = Maker(random.Random(9))
    texts = [
        "\n".join(t.text for t in conversations.conversation(maker, MAIN, 512)) for _ in range(200)
    ]
    print(
        "characters per token",
        sum(map(len, texts)) / sum(len(tokenizer(text).input_ids) for text in texts),
    )


if __name__ == "__main__":
    main()
