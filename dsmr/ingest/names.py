"""Safe, unique names for the files a user brings: a label, never a path."""

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST = 120  # characters of one part; longer names lose their middle


def safe_parts(name: str) -> tuple[str, ...]:
    """The folders and the base name, without drive, root, "..", or control characters."""
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    name = re.sub(r"^[A-Za-z]:(?=[\\/]|$)", "", name.strip())
    parts = (_clean(part) for part in re.split(r"[\\/]", name))
    kept = tuple(part for part in parts if part.strip("."))
    return kept or ("unnamed",)


def base_name(name: str) -> str:
    return safe_parts(name)[-1]


def suffix(name: str) -> str:
    """The lower-case ending without the dot; "" when there is none."""
    return PurePosixPath(base_name(name)).suffix.lower().removeprefix(".")


def unique_label(name: str, taken: set[str]) -> str:
    """The base name, with as many folders before it, or a number behind it, as it takes.

    `taken` holds case-folded labels; the new one is added to it.
    """
    parts = safe_parts(name)
    labels = ["/".join(parts[-count:]) for count in range(1, len(parts) + 1)]
    free = next((label for label in labels if label.casefold() not in taken), None)
    number = 2
    while free is None:
        path = PurePosixPath(labels[0])
        label = f"{path.stem} ({number}){path.suffix}"
        free = label if label.casefold() not in taken else None
        number += 1
    taken.add(free.casefold())
    return free


def _clean(part: str) -> str:
    part = "".join(c for c in part if unicodedata.category(c)[0] != "C").strip()
    part = re.sub(r"\s+", " ", part)
    if len(part) <= LONGEST:
        return part
    ending = PurePosixPath(part).suffix[:12]
    return part[: LONGEST - len(ending) - 1].rstrip() + "…" + ending
