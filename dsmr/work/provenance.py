"""What made a run's figures: versions, machine, content hashes. Stored with the run."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from dsmr import __version__
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
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def made_with(kit: Kit) -> dict[str, Any]:
    """Content names of what answered."""
    return {
        "engine": kit.engine.identity,
        "adapter": kit.adapter.id if kit.adapter else None,
        "embedder": MiniLM.name if kit.retriever or kit.examples else None,
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
