"""The models a user can choose from: the one that ships, and those added in Settings."""

from dataclasses import asdict

from dsmr.core.errors import InputError
from dsmr.core.recipe import EMBEDDED, Model
from dsmr.store.records import Store

SHIPPED = Model()


def models(store: Store) -> list[Model]:
    """The default one first."""
    added = [Model(**row) for row in store.setting("models", [])]
    every = [SHIPPED, *(m for m in added if m != SHIPPED)]
    default = store.setting("default_model", 0)
    first = every[default] if 0 <= default < len(every) else SHIPPED
    return [first, *(m for m in every if m != first)]


def added(store: Store) -> list[Model]:
    return [Model(**row) for row in store.setting("models", [])]


def add_model(store: Store, model: Model) -> None:
    """Raises InputError when the name is empty or the address is none."""
    if not model.name.strip():
        raise InputError("the name is empty", where="the model", fix="Give its name or folder")
    if model.endpoint and not model.endpoint.startswith(("http://", "https://")):
        raise InputError(
            "this is not a web address",
            where="the endpoint",
            fix="Write it like http://localhost:11434/v1",
        )
    kept = [m for m in added(store) if m != model]
    store.put_setting("models", [asdict(m) for m in (*kept, model)])


def remove_model(store: Store, model: Model) -> None:
    default = models(store)[0]
    store.put_setting("models", [asdict(m) for m in added(store) if m != model])
    make_default(store, default if default != model else SHIPPED)


def make_default(store: Store, model: Model) -> None:
    every = [SHIPPED, *(m for m in added(store) if m != SHIPPED)]
    store.put_setting("default_model", every.index(model) if model in every else 0)


def title_of(model: Model) -> str:
    """What a reader calls it."""
    if model == SHIPPED:
        return "Reader (ships with the app)"
    short = model.name.rstrip("/").rsplit("/", 1)[-1] or model.name
    if model.endpoint:
        address = model.endpoint.split("://", 1)[-1].split("/", 1)[0]
        return f"{short} at {address}"
    return short


def short_name(model: Model) -> str:
    return EMBEDDED if model == SHIPPED else title_of(model)
