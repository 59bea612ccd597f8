"""The store as a whole: opened once, with a room for each kind of record."""

import json
import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dsmr.core.run import Adapter, Reply
from dsmr.store import tables as t
from dsmr.store.db import connect, migrate, now, reading, writing
from dsmr.store.projects import Projects
from dsmr.store.queue import Queue
from dsmr.store.ratings import Ratings
from dsmr.store.runs import Runs
from dsmr.store.values import dump, load


class Store:
    """A home folder and a database. Pages, worker and command line meet only here."""

    def __init__(self, home: Path, url: str | None = None) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home.resolve()
        self.url = url or f"sqlite:///{self.home / 'dsmr.sqlite'}"
        migrate(self.url, self.home)
        self.engine = connect(self.url)
        self.projects = Projects(self.engine)
        self.runs = Runs(self.engine)
        self.queue = Queue(self.engine)
        self.ratings = Ratings(self.engine)

    @property
    def made(self) -> Path:
        """Where indexes and adapters live, named by what went into them."""
        return self.home / "made"

    # --- answer cache ---------------------------------------------------------------------

    def replies(self, keys: list[str]) -> dict[str, Reply]:
        """Replies given before to the very same requests."""
        found: dict[str, Reply] = {}
        with reading(self.engine) as db:
            for at in range(0, len(keys), 500):
                query = sa.select(t.reply.c.key, t.reply.c.body)
                part = query.where(t.reply.c.key.in_(keys[at : at + 500]))
                found |= {key: load(Reply, body) for key, body in db.execute(part)}
        return found

    def keep_replies(self, replies: dict[str, Reply]) -> None:
        """The first reply to a request is the one that stays."""
        with writing(self.engine) as db:
            known = set(db.scalars(sa.select(t.reply.c.key).where(t.reply.c.key.in_(replies))))
            rows = [
                {"key": key, "body": dump(reply), "created": now(db)}
                for key, reply in replies.items()
                if key not in known
            ]
            if rows:
                db.execute(sa.insert(t.reply), rows)

    def forget_replies(self) -> None:
        """Empty the answer cache: every question is asked anew."""
        with writing(self.engine) as db:
            db.execute(sa.delete(t.reply))

    # --- adapters -------------------------------------------------------------------------

    def put_adapter(self, adapter: Adapter) -> None:
        with writing(self.engine) as db:
            db.execute(sa.delete(t.adapter).where(t.adapter.c.id == adapter.id))
            row = {"id": adapter.id, "body": dump(adapter), "created": now(db)}
            db.execute(sa.insert(t.adapter).values(row))

    def adapter(self, adapter_id: str) -> Adapter | None:
        with reading(self.engine) as db:
            body = db.scalar(sa.select(t.adapter.c.body).where(t.adapter.c.id == adapter_id))
        return load(Adapter, body) if body else None

    def adapters(self) -> list[Adapter]:
        with reading(self.engine) as db:
            bodies = db.scalars(sa.select(t.adapter.c.body).order_by(t.adapter.c.created))
            return [load(Adapter, body) for body in bodies]

    # --- settings -------------------------------------------------------------------------

    def put_setting(self, key: str, value: Any) -> None:
        """`value` is anything JSON can hold. Keys of services are never settings."""
        with writing(self.engine) as db:
            db.execute(sa.delete(t.setting).where(t.setting.c.key == key))
            db.execute(sa.insert(t.setting).values(key=key, value=json.dumps(value)))

    def setting(self, key: str, default: Any = None) -> Any:
        with reading(self.engine) as db:
            body = db.scalar(sa.select(t.setting.c.value).where(t.setting.c.key == key))
        return default if body is None else json.loads(body)


def open_store(home: str | os.PathLike[str] | None = None) -> Store:
    """The store in `home`, by default DSMR_HOME or ./workspace; Postgres by DSMR_DATABASE."""
    chosen = home or os.environ.get("DSMR_HOME") or "workspace"
    return Store(Path(chosen), os.environ.get("DSMR_DATABASE"))
