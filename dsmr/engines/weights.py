"""Where a local model's files lie, whether they can be used, and what they are by content."""

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path

from dsmr.core.data import fingerprint
from dsmr.core.errors import InputError
from dsmr.core.recipe import EMBEDDED, Model

WANTED = ("*.json", "*.safetensors", "*.jinja", "*.model", "*.txt")
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")


def reader_folder() -> Path:
    """The folder of the embedded model."""
    return Path(__file__).resolve().parents[2] / "data" / "models" / "reader"


def hub_allowed() -> bool:
    """Whether the user lets us download models: DSMR_ALLOW_HUB=1."""
    return os.environ.get("DSMR_ALLOW_HUB") == "1"


def model_folder(model: Model, fetch: bool = True) -> Path:
    """The checked local folder of a model: the reader, a folder, or a snapshot of the hub.

    Downloads only if `fetch` and the user allows it. Raises InputError when the model is
    missing, incomplete, or has nothing but pickled weights.
    """
    if model.name == EMBEDDED:
        folder = reader_folder()
    elif Path(model.name).expanduser().is_dir():
        folder = Path(model.name).expanduser()
    elif _looks_like_a_path(model.name):
        raise InputError(
            "there is no such model folder",
            where=model.name,
            fix="Check the path; it must hold config.json, tokenizer.json and *.safetensors",
        )
    else:
        folder = _snapshot(model, fetch and hub_allowed())
    check_folder(folder, model.name)
    return folder


def check_folder(folder: Path, name: str) -> None:
    """Raises InputError, naming the model, unless the folder can be loaded safely."""
    if not (folder / "config.json").is_file():
        raise InputError(
            "the model folder has no config.json",
            where=name,
            fix='Choose a folder written by save_pretrained, or "reader"',
        )
    if not any(folder.glob("*.safetensors")):
        pickled = sorted(p.name for p in folder.iterdir() if p.suffix in PICKLES)
        raise InputError(
            f"the weights are pickled ({pickled[0]}), and opening a pickle can run any program"
            if pickled
            else "the model folder has no *.safetensors weights",
            where=name,
            fix="Save the model with save_pretrained(…, safe_serialization=True)",
        )
    if not any((folder / file).is_file() for file in TOKENIZERS):
        raise InputError(
            "the model folder has no tokenizer",
            where=name,
            fix="Save the tokenizer into the same folder (tokenizer.json)",
        )
    config = _json(folder / "config.json", name)
    if config.get("auto_map") and not config.get("model_type"):
        raise InputError(
            "the model needs program code from its own folder, which is never run here",
            where=name,
            fix="Choose a model that transformers knows by itself",
        )


def check_adapter(folder: Path) -> None:
    """Raises InputError unless the folder holds a PEFT adapter in safetensors."""
    if not (folder / "adapter_config.json").is_file():
        raise InputError(
            "the folder has no adapter_config.json",
            where=folder.name,
            fix="Choose a folder that PEFT saved",
        )
    if not (folder / "adapter_model.safetensors").is_file():
        raise InputError(
            "the adapter has no adapter_model.safetensors; pickled adapters are not opened",
            where=folder.name,
            fix="Save the adapter with safe_serialization=True",
        )


def window(folder: Path) -> int | None:
    """Tokens that prompt and reply may have together, by the model's config; None: not said."""
    config = _json(folder / "config.json", folder.name)
    config = config.get("text_config") or config
    names = ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len")
    return next((config[name] for name in names if isinstance(config.get(name), int)), None)


def content_name(folder: Path) -> str:
    """Sixteen hex digits naming weights, tokenizer and settings files by their content."""
    files = sorted({path for pattern in WANTED for path in folder.glob(pattern)})
    return fingerprint([(path.name, file_hash(path)) for path in files])


def file_hash(path: Path) -> str:
    """The sha256 of a file; read again only when its size or time of change differs."""
    status = path.stat()
    return _hash(str(path.resolve()), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1024)
def _hash(path: str, size: int, changed_ns: int) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _looks_like_a_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or "\\" in name or name.count("/") > 1


def _snapshot(model: Model, fetch: bool) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(
                model.name,
                revision=model.revision,
                local_files_only=not fetch,
                allow_patterns=list(WANTED),
            )
        )
    except Exception as error:  # the hub raises a dozen types; all mean: not to be had
        raise InputError(
            f"the model is not on this machine and could not be fetched ({type(error).__name__})"
            if fetch
            else "the model is not on this machine, and downloads are off",
            where=model.name,
            fix="Check the name and the connection"
            if fetch
            else 'Give a local folder, choose "reader", or set DSMR_ALLOW_HUB=1 to download it',
        ) from error


def _json(path: Path, name: str) -> dict:
    try:
        return json.loads(path.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise InputError(
            f"{path.name} cannot be read: {error}", where=name, fix="Copy the model again"
        ) from error
