"""The same store on Postgres: set DSMR_TEST_POSTGRES to a URL of an empty database to run it."""

import os

import pytest

from dsmr.store.records import Store
from dsmr.work import jobs
from dsmr.work.results import latest, results

URL = os.environ.get("DSMR_TEST_POSTGRES")
pytestmark = pytest.mark.skipif(
    not URL, reason="DSMR_TEST_POSTGRES names no Postgres database (postgresql+psycopg://…)"
)


@pytest.fixture
def store(home):
    found = Store(home, URL)
    yield found
    for project in found.projects.all():
        found.projects.delete(project.id)


def test_a_run_goes_from_queue_to_results(store, project, bare, quoting):
    runs = [jobs.submit(store, project.id, recipe) for recipe in (bare, quoting)]
    assert jobs.work_all(store) == 2
    found = latest(results(store, project.id))
    assert [r.run.id for r in found] == runs
    assert found[1].metrics["contains"].mean == 1.0


def test_a_run_is_claimed_once(store, project, bare):
    run_id = jobs.submit(store, project.id, bare)
    assert [store.queue.claim("a"), store.queue.claim("b")] == [run_id, None]
    store.queue.cancel(run_id)
    assert store.queue.beat(run_id, "a")
