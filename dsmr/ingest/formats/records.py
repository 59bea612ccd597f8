"""JSON and JSON lines to text: lists of flat objects as tables, the rest as pretty JSON."""

import json
from dataclasses import replace
from typing import Any

from dsmr.core.errors import InputError
from dsmr.ingest.decode import decode
from dsmr.ingest.jsonfile import read_json, read_json_lines
from dsmr.ingest.limits import Limits
from dsmr.ingest.parsed import Parsed
from dsmr.ingest.tables import table_text

_SHOWN = 20  # bad lines named one by one


def read(data: bytes, where: str, limits: Limits) -> Parsed:
    text, problems = decode(data, where)
    if not text.strip():
        return Parsed("", None, problems)
    if where.lower().endswith(".jsonl"):
        lines, bad = read_json_lines(text, where)
        if bad and not lines:
            raise InputError(bad[0].what, where=bad[0].where, fix=bad[0].fix)
        left_out = [replace(problem, severity="warning") for problem in bad[:_SHOWN]]
        return Parsed(_text([value for _, value in lines]), None, (*problems, *left_out))
    return Parsed(_text(read_json(text, where)), None, problems)


def _text(value: Any) -> str:
    if not isinstance(value, list) or not value or not all(_flat(item) for item in value):
        return json.dumps(value, ensure_ascii=False, indent=2)
    header = list(dict.fromkeys(key for item in value for key in item))
    rows = [[_cell(item.get(key)) for key in header] for item in value]
    return table_text([header, *rows], has_header=True)


def _flat(item: Any) -> bool:
    return isinstance(item, dict) and not any(isinstance(v, dict | list) for v in item.values())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
