"""Ratings and preferences, and the way of an old database to them."""

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from dsmr.core.recipe import Model, Recipe
from dsmr.store.db import MIGRATIONS, connect, writing
from dsmr.store.ratings import Preference, Rating
from dsmr.store.records import Store
from dsmr.work import jobs


def answered(store, project):
    made = [
        jobs.submit(store, project.id, Recipe(name, Model("scripted/echo")))
        for name in ("one", "two")
    ]
    jobs.work_all(store)
    return made


def test_a_second_thought_replaces_the_first(store, project):
    one, two = answered(store, project)
    store.ratings.rate(Rating(one, "q1", "me", 0.0))
    store.ratings.rate(Rating(one, "q1", "you", 1.0))
    store.ratings.rate(Rating(one, "q1", "me", 1.0))
    assert {(r.rater, r.value) for r in store.ratings.ratings([one])} == {("me", 1.0), ("you", 1.0)}
    assert store.ratings.ratings([two]) == []


def test_the_two_orders_of_a_pair_are_two_judgements(store, project):
    one, two = answered(store, project)
    store.ratings.prefer(Preference(one, two, "q1", "me", "first"))
    store.ratings.prefer(Preference(two, one, "q1", "me", "second"))
    store.ratings.prefer(Preference(one, two, "q1", "me", "tie"))
    assert len(store.ratings.preferences([one, two])) == 2
    assert store.ratings.preferences([one]) == []


def test_a_deleted_run_takes_its_ratings_along(store, project):
    one, two = answered(store, project)
    store.ratings.rate(Rating(one, "q1", "me", 1.0))
    store.ratings.prefer(Preference(one, two, "q1", "me", "first"))
    store.runs.delete(one)
    assert store.ratings.ratings([one]) == []
    assert store.ratings.preferences([one, two]) == []


def test_a_database_of_the_first_form_keeps_its_data_and_learns_to_rate(store, project):
    """Back to the tables of 0001 with runs in them, then opened as any user would."""
    one, _ = answered(store, project)
    before = store.runs.answers(one)
    with writing(store.engine) as db:
        for table in ("rating", "preference"):
            db.execute(sa.text(f"DROP TABLE {table}"))
        db.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    again = Store(store.home)
    assert again.runs.answers(one) == before
    again.ratings.rate(Rating(one, "q1", "me", 1.0))
    assert [r.value for r in again.ratings.ratings([one])] == [1.0]


def test_each_step_of_the_migrations_can_be_taken_alone(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'steps.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    tables = []
    for step in ("0001", "head"):
        with writing(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, step)
        tables.append(set(sa.inspect(engine).get_table_names()))
    assert {"rating", "preference"} <= tables[1] - tables[0]
