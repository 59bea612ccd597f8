"""Form rules as users write them: a pattern, or a JSON schema."""

import json
import re
from functools import lru_cache
from typing import Any

from dsmr.core.data import FormRule

LONGEST = 20_000  # characters of a pattern or a schema
LARGEST = 100_000  # parts of a pattern, its counted repeats written out
_TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{(?P<count>[1-9]\d*)(?:,\d*)?\}|.", re.DOTALL)
_SCHEMA_WORD = re.compile(
    r"\$schema|\$ref|\$defs|type|properties|required|enum|const|items|prefixItems|anyOf|oneOf|allOf|"
    "not|if|then|else|contains|format|additionalProperties|(min|max)(imum|Properties|Items|Length)"
)


@lru_cache(maxsize=4096)
def read_form(text: str) -> FormRule:
    """The rule in a cell's text. Raises ValueError with what is wrong.

    Text that begins with "{" is JSON: {"regex": "…"}, {"json_schema": {…}}, or a JSON schema
    itself, known by a keyword such as "type" or "properties". All else is a pattern.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise ValueError(f"the form rule has {len(text):,} characters (limit {LONGEST:,})")
    if not text.startswith("{"):
        return _pattern(text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        hint = 'a pattern that begins with "{" is written {"regex": "…"}'
        raise ValueError(f"the form looks like JSON but is not ({error}); {hint}") from error
    if isinstance(value.get("regex"), str):
        return _pattern(value["regex"])
    for name in ("json_schema", "schema"):
        if name in value:
            inner = value[name]
            return _schema(json.loads(inner) if isinstance(inner, str) else inner)
    if any(map(_SCHEMA_WORD.fullmatch, value)):
        return _schema(value)
    raise ValueError('the form is a JSON object but no schema: it has no "type" or "properties"')


def _pattern(text: str) -> FormRule:
    import regex  # as in core.scoring, which applies it

    if _unrolled(text) > LARGEST:
        raise ValueError("the form pattern repeats too much, such as a{1000000}")
    try:
        regex.compile(text, regex.DOTALL)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ValueError(f"the form pattern is not valid: {error}") from error
    return FormRule(regex=text)


def _unrolled(pattern: str) -> int:
    """About how many parts a pattern has once its counted repeats are written out.

    Compiling writes them out, so a{9999999} would take all memory there is.
    """
    groups, last = [0], 0  # the size of each open group; of the latest part
    for token in _TOKEN.finditer(pattern):
        if token[0] == "(":
            groups.append(0)
        elif token[0] == ")" and len(groups) > 1:
            last = groups.pop()
            groups[-1] += last
        elif token["count"]:
            groups[-1] += last * (int(token["count"][:9]) - 1)
            last *= int(token["count"][:9])
        else:
            last = 1
            groups[-1] += 1
    return sum(groups)


def _schema(value: Any) -> FormRule:
    import jsonschema

    try:
        jsonschema.validators.validator_for(value).check_schema(value)
    except jsonschema.SchemaError as error:
        raise ValueError(f"the JSON schema is not valid: {error.message}") from error
    except (TypeError, AttributeError, RecursionError) as error:
        raise ValueError("the JSON schema is not valid: it is not an object") from error
    if outside := _remote(value):
        raise ValueError(f"the JSON schema refers to {outside}, outside of itself")
    return FormRule(json_schema=json.dumps(value, ensure_ascii=False))


def _remote(value: Any) -> str | None:
    """A "$ref" that would be fetched from somewhere else; checking answers must not."""
    if isinstance(value, dict):
        target = value.get("$ref")
        if isinstance(target, str) and not target.startswith("#"):
            return target
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next(filter(None, map(_remote, inner)), None)
