"""What a format reader hands back: a file's text and what was noticed while reading it."""

from dataclasses import dataclass

from dsmr.core.data import Problem


@dataclass(frozen=True, slots=True)
class Parsed:
    text: str
    pages: int | None = None  # None: the format has no pages
    problems: tuple[Problem, ...] = ()
