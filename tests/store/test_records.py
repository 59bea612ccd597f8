"""Answer cache, adapters, settings, and folders named by content."""

import pytest
import sqlalchemy as sa

from dsmr.core.errors import Cancelled
from dsmr.core.run import Adapter, Reply, Tokens
from dsmr.store.db import connect, migrate
from dsmr.store.records import Store
from dsmr.store.tables import metadata
from dsmr.store.workspace import ensure


def test_the_first_reply_to_a_request_is_the_one_that_stays(store):
    first, second = Reply("a", Tokens(1, 0, 1), 1.0), Reply("b", Tokens(9, 0, 9), 9.0)
    store.keep_replies({"k": first})
    store.keep_replies({"k": second, "other": second})
    assert store.replies(["k", "other", "unknown"]) == {"k": first, "other": second}
    store.forget_replies()
    assert store.replies(["k"]) == {}


def test_adapters_and_settings_survive(store):
    made = Adapter("x", 80, 100, 5000, 12.5, ((1, 3.0), (2, 1.0)))
    store.put_adapter(made)
    store.put_setting("pricing", {"usd_per_hour": 2.0})
    again = Store(store.home)
    assert again.adapter("x") == made
    assert again.setting("pricing") == {"usd_per_hour": 2.0}
    assert again.setting("absent", 3) == 3


def test_migrations_lead_to_the_tables_as_they_are_now(tmp_path):
    url = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    migrate(url, tmp_path)
    found = sa.inspect(connect(url))
    for table in metadata.sorted_tables:
        assert {c["name"] for c in found.get_columns(table.name)} == set(table.columns.keys())


def test_a_folder_is_built_once_and_never_half(tmp_path):
    built = []

    def build(folder):
        built.append(folder)
        (folder / "part").write_text("x")
        if len(built) == 1:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        ensure(tmp_path, {"a": 1}, build)
    assert not [p for p in tmp_path.iterdir() if p.is_dir()]
    folder = ensure(tmp_path, {"a": 1}, build)
    assert ensure(tmp_path, {"a": 1}, build) == folder
    assert ensure(tmp_path, {"a": 2}, build) != folder
    assert len(built) == 3


def test_a_cancelled_build_goes_on_from_its_draft(tmp_path):
    def stop(folder):
        (folder / "checkpoint").write_text("half")
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        ensure(tmp_path, "adapter", stop)
    seen = []
    ensure(tmp_path, "adapter", lambda folder: seen.append((folder / "checkpoint").read_text()))
    assert seen == ["half"]
