"""Whether a model answers, tried for real; what the store takes on disk."""

import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dsmr.core.recipe import Model
from dsmr.core.run import Message, Request
from dsmr.store.records import Store
from dsmr.ui.words import shorten, span

PATIENCE_SECONDS = 30.0
HELLO = Request((Message("user", "Reply with the word ready."),), max_tokens=16)


@dataclass(frozen=True, slots=True)
class Checked:
    ok: bool
    text: str


def check(model: Model) -> Checked:
    """An endpoint is asked one short question; of a local model only the files are looked at.

    Raises nothing that the engine means to tell: that becomes the text.
    """
    from dsmr.core.errors import DsmrError
    from dsmr.engines import open_engine

    started = time.monotonic()
    try:
        if not model.endpoint:
            open_engine(model)
            return Checked(True, "The files are there and complete.")
        from dsmr.engines.endpoint import Endpoint

        engine = Endpoint(model, timeout_seconds=PATIENCE_SECONDS, retries=0)
        try:
            reply = engine.ask(HELLO)
        finally:
            engine.close()
    except DsmrError as error:
        return Checked(False, str(error))
    took = span(time.monotonic() - started)
    return Checked(True, f"Answered in {took}: “{shorten(reply.text, 60) or 'an empty reply'}”")


def place_of(store: Store) -> str:
    """Where the database is, without a password."""
    parts = urlsplit(store.url)
    if parts.scheme.startswith("sqlite"):
        return str(store.home / "dsmr.sqlite")
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def megabytes(folder: Path) -> float:
    """Of all files below; a file that vanishes meanwhile counts as nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total / 1e6
