"""What made a run's figures: versions, machine, content hashes. Stored with the run."""

import os
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dsmr import __version__
from dsmr.core import scoring
from dsmr.core.data import fingerprint
from dsmr.retrieval.embed import MiniLM
from dsmr.work.prepare import Kit

PACKAGES = (
    "torch", "transformers", "peft", "trl", "lancedb", "sentence-transformers",
    "openai", "genai-prices",
)  # fmt: skip


def surroundings() -> dict[str, Any]:
    """Versions and machine; no host name, no path, no user."""
    return {
        "dsmr": __version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "scoring": _scoring(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def made_with(kit: Kit) -> dict[str, Any]:
    """Content names of what answered."""
    return {
        "engine": kit.engine.identity,
        "adapter": kit.adapter.id if kit.adapter else None,
        "indexing_seconds": kit.indexing_seconds,
        "embedder": MiniLM.name if kit.retriever or kit.examples else None,
    }


@cache
def _scoring() -> str:
    """Names the way answers are graded, so that a later change of it can be told."""
    return fingerprint(Path(scoring.__file__).read_text(encoding="utf-8"))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
