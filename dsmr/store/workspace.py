"""Folders that are costly to make: built once, found again by what went into them."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock

from dsmr.core.data import fingerprint
from dsmr.core.errors import Cancelled


def ensure(root: Path, inputs: Any, build: Callable[[Path], None]) -> Path:
    """The folder built from `inputs`, by name of content; built in a draft, renamed when whole.

    A build that was killed or cancelled leaves its draft, and the next try of the same
    inputs finds it, so that a training can go on; one that failed leaves nothing. Two
    processes never build the same folder at once.
    """
    name = fingerprint(inputs)
    folder = root / name
    if folder.exists():
        return folder
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / f"{name}.lock"):
        if folder.exists():
            return folder
        draft = root / f"draft-{name}"
        draft.mkdir(exist_ok=True)
        try:
            build(draft)
        except Cancelled:
            raise
        except Exception:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        made_from = json.dumps(inputs, default=asdict, indent=1, ensure_ascii=False)
        (draft / "made_from.json").write_text(made_from, encoding="utf-8")
        draft.rename(folder)
    return folder
