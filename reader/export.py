"""Writes a checkpoint as a model folder that transformers, peft and TRL load: safetensors in bf16,
tokenizer, card.
"""

import argparse
import shutil
from pathlib import Path

import torch
from torch import Tensor
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

from reader.network import Shape, to_llama
from reader.tokenizer import BOS, END, PAD, TEMPLATE, load_tokenizer

CARD = Path(__file__).parent / "material" / "model-card.md"


def llama_config(shape: Shape) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        intermediate_size=shape.hidden,
        tie_word_embeddings=True,
        max_position_embeddings=2048,
        rms_norm_eps=1e-5,
        bos_token_id=BOS,
        eos_token_id=END,
        pad_token_id=PAD,
        rope_theta=shape.theta,
    )


def export(checkpoint: Path, tokenizer: Path, out: Path) -> None:
    saved = torch.load(checkpoint, weights_only=True)
    write_folder(saved["masters"], Shape(**saved["shape"]), tokenizer, out)


def write_folder(weights: dict[str, Tensor], shape: Shape, tokenizer: Path, out: Path) -> None:
    """`weights` are named as in `Network`; raises ValueError where they do not fit the shape."""
    model = LlamaForCausalLM(llama_config(shape))
    missing = model.load_state_dict(to_llama(weights), strict=False)
    if set(missing.missing_keys) - {"lm_head.weight"} or missing.unexpected_keys:
        raise ValueError(f"the checkpoint does not fit the layout: {missing}")
    model.tie_weights()
    model = model.bfloat16()
    model.generation_config = GenerationConfig(
        do_sample=False, max_new_tokens=64, bos_token_id=BOS, eos_token_id=END, pad_token_id=PAD
    )
    out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(str(out))
    words = load_tokenizer(tokenizer)
    words.chat_template = TEMPLATE
    words.save_pretrained(str(out))
    if CARD.exists():
        shutil.copyfile(CARD, out / "README.md")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    export(arguments.checkpoint, arguments.tokenizer, arguments.out)


if __name__ == "__main__":
    main()
