"""An engine that never computes the same answer twice: replies are kept in the store."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace

from dsmr.core.data import fingerprint
from dsmr.core.ports import Engine
from dsmr.core.run import Failure, Message, Reply, Request
from dsmr.store.records import Store


class Remembering:
    """Wraps an engine. A repeated reply keeps the tokens and seconds of its first time."""

    def __init__(self, inner: Engine, store: Store) -> None:
        self.inner, self.store = inner, store

    @property
    def identity(self) -> str:
        return self.inner.identity

    @property
    def window(self) -> int | None:
        return self.inner.window

    def generate(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply | Failure]]:
        """Known replies first, marked as repeated; new ones are kept before they are given."""
        keys = [fingerprint(self.identity, asdict(request)) for request in requests]
        known = self.store.replies(keys)
        missing = [i for i, key in enumerate(keys) if key not in known]
        for i, key in enumerate(keys):
            if key in known:
                yield i, replace(known[key], repeated=True)
        for at, reply in self.inner.generate([requests[i] for i in missing]):
            i = missing[at]
            if isinstance(reply, Reply):
                self.store.keep_replies({keys[i]: reply})
            yield i, reply

    def ask(self, request: Request) -> Reply:
        """Asked anew: a latency is measured, not remembered."""
        return self.inner.ask(request)

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return self.inner.count_tokens(messages)

    def close(self) -> None:
        self.inner.close()
