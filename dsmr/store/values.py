"""Values of `core` to JSON text and back, checked on the way in."""

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def dump(value: object) -> str:
    return _adapter(type(value)).dump_json(value).decode()


def load(kind: type[T], body: str) -> T:
    return _adapter(kind).validate_json(body)  # type: ignore[no-any-return]
