"""Opens the database (SQLite file by default, Postgres by URL) and brings its tables up to date."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock

MIGRATIONS = Path(__file__).parent / "migrations"
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON")


@cache
def connect(url: str) -> sa.Engine:
    """One engine per process and database. SQLite waits for a lock instead of failing."""
    engine = sa.create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare)
        sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: object, _record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # we say BEGIN ourselves
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]


def _begin(connection: sa.Connection) -> None:
    # A writer takes its lock at once: upgrading a read lock later can fail at once as "locked".
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One consistent view."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """All of the block or none of it."""
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        yield connection


def now(connection: sa.Connection) -> float:
    """Unix seconds; the database's clock where several machines may share it."""
    if connection.dialect.name == "sqlite":
        return time.time()
    return float(connection.scalar(sa.select(sa.func.extract("epoch", sa.func.clock_timestamp()))))


def migrate(url: str, home: Path) -> None:
    """Bring the tables to the newest form. Two processes starting at once do not collide."""
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    engine = connect(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with FileLock(home / "migrate.lock", timeout=60):
        with reading(engine) as connection:
            if MigrationContext.configure(connection).get_current_revision() == newest:
                return
        with writing(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
