"""JSON and JSON lines, each bad line named."""

import json
from typing import Any

from dsmr.core.data import Problem
from dsmr.core.errors import InputError

_FIX = "Correct it; a JSON checker in an editor shows the spot"


def read_json(text: str, where: str) -> Any:
    """Raises InputError with the line of the first mistake, or when it nests too deep."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        at = f"{where}, line {error.lineno}"
        raise InputError(f"is not valid JSON: {error.msg}", where=at, fix=_FIX) from error
    except RecursionError as error:
        raise InputError("nests too deep", where=where, fix="Flatten the JSON") from error
    except ValueError as error:  # a number of thousands of digits
        raise InputError(f"is not valid JSON: {error}", where=where, fix=_FIX) from error


def read_json_lines(text: str, where: str) -> tuple[list[tuple[int, Any]], list[Problem]]:
    """Line numbers with values. A file that is one JSON list is taken as such."""
    if text.lstrip().startswith("["):
        value = read_json(text, where)
        if isinstance(value, list):
            return list(enumerate(value, 1)), []
    values, problems = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                values.append((number, read_json(line, where)))
            except InputError as error:
                at = f"{where}, line {number}"
                problems.append(Problem(at, error.problem, "Write one JSON object per line"))
    return values, problems
