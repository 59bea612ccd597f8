"""Things that answer. `open_engine` is the one place that picks which."""

from pathlib import Path

from dsmr.core.errors import InputError
from dsmr.core.ports import Engine
from dsmr.core.recipe import Model


def open_engine(model: Model, adapter: Path | None = None) -> Engine:
    """The engine of a model, with the adapter in that folder if one is given.

    Cheap: files are checked here, weights are loaded at the first answer, and connections
    are made at the first request. Raises InputError when the model cannot be used as named.
    """
    if model.name.startswith("scripted/"):
        from dsmr.engines.scripted import Scripted

        return Scripted(model.name, adapter)
    if model.endpoint:
        if adapter is not None:
            raise InputError(
                "an adapter trained here cannot be put into a model behind an endpoint",
                where=model.name,
                fix="Leave fine-tuning off, or choose a local model",
            )
        from dsmr.engines.endpoint import Endpoint

        return Endpoint(model)
    from dsmr.engines.local import Local

    return Local(model, adapter)
