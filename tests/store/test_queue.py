"""The durable queue: one owner at a time, nothing lost, nothing done twice."""

import subprocess
import sys
import time

import pytest

from dsmr.core.recipe import preset
from dsmr.core.run import Answer, Reply, Run, Score, Tokens
from dsmr.store import queue
from dsmr.store.queue import LostLease
from dsmr.store.records import Store


@pytest.fixture
def run_id(store, project):
    evalset_id, corpus_id = store.projects.freeze(project.id)
    store.runs.submit(Run("r1", project.id, preset("rag"), evalset_id, corpus_id), {"a": 1})
    return "r1"


def state(store, run_id):
    return next(p for p in store.queue.progress() if p.run_id == run_id)


def answer(question_id, text="Saturn"):
    reply = Reply(text, Tokens(5, 2, 1), 0.5)
    return Answer(question_id, reply=reply), (Score(question_id, "exact", 1.0),)


def test_a_run_is_claimed_by_one_worker_only(store, run_id):
    assert store.queue.claim("a") == run_id
    assert store.queue.claim("b") is None


def test_a_silent_workers_run_is_taken_over_and_the_loser_can_write_nothing(
    store, run_id, monkeypatch
):
    monkeypatch.setattr(queue, "LEASE_SECONDS", -1.0)
    assert store.queue.claim("a") == run_id
    monkeypatch.setattr(queue, "LEASE_SECONDS", 15.0)
    assert store.queue.claim("b") == run_id
    with pytest.raises(LostLease):
        store.runs.add_answers(run_id, "a", [answer("q1")])
    with pytest.raises(LostLease):
        store.queue.report(run_id, "a", "answers", 1, 2, "")
    with pytest.raises(LostLease):
        store.queue.beat(run_id, "a")
    assert not store.queue.finish(run_id, "a", "done", "", 1.0)
    assert state(store, run_id).attempt == 2
    assert store.runs.answered(run_id) == set()


def test_cancel_stops_a_queued_run_at_once_and_tells_a_running_one(store, run_id):
    store.queue.cancel(run_id)
    assert state(store, run_id).state == "cancelled"
    assert store.queue.resume(run_id)
    store.queue.claim("a")
    assert store.queue.beat(run_id, "a") is False
    store.queue.cancel(run_id)
    assert store.queue.beat(run_id, "a") is True
    assert state(store, run_id).state == "running"


def test_resume_queues_again_and_keeps_the_answers(store, run_id):
    store.queue.claim("a")
    store.runs.add_answers(run_id, "a", [answer("q1")])
    store.queue.finish(run_id, "a", "failed", "broke", 2.0)
    assert state(store, run_id).error == "broke"
    assert store.queue.resume(run_id)
    assert not store.queue.resume(run_id)  # it is queued now
    assert store.queue.claim("b") == run_id
    assert store.runs.answered(run_id) == {("q1", 0)}


def test_a_failed_answer_is_asked_again_and_counts_as_missing(store, run_id):
    store.queue.claim("a")
    failed = (Answer("q1", failure="timeout"), (Score("q1", "exact", None, "timeout"),))
    store.runs.add_answers(run_id, "a", [failed, answer("q2")])
    assert store.runs.answered(run_id) == {("q2", 0)}
    assert store.runs.usage(run_id).failed == 1
    store.runs.add_answers(run_id, "a", [answer("q1")])
    usage = store.runs.usage(run_id)
    assert (usage.answers, usage.failed, usage.tokens) == (2, 0, Tokens(10, 4, 2))


def test_time_left_follows_the_pace_of_the_stage(store, run_id, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(queue, "now", lambda db: clock[0])
    store.queue.claim("a")
    store.queue.report(run_id, "a", "answers", 10, 40, "")
    assert state(store, run_id).seconds_left is None
    clock[0] += 6
    store.queue.report(run_id, "a", "answers", 20, 40, "")
    assert state(store, run_id).seconds_left == pytest.approx(12.0)
    store.queue.report(run_id, "a", "latency", 0, 8, "")
    assert state(store, run_id).seconds_left is None


def test_runs_are_claimed_in_the_order_they_came(store, project, run_id):
    first = store.runs.get(run_id)
    store.runs.submit(Run("r2", project.id, first.recipe, first.evalset_id, first.corpus_id), {})
    assert [store.queue.claim("a"), store.queue.claim("a")] == ["r1", "r2"]


CLAIMER = """
import sys; from pathlib import Path; from dsmr.store.records import Store
store = Store(Path(sys.argv[1])); got = []
while (run := store.queue.claim(sys.argv[2])): got.append(run)
print(*got)
"""


def test_workers_in_different_processes_never_get_the_same_run(store, project, run_id):
    first = store.runs.get(run_id)
    for i in range(40):
        store.runs.submit(
            Run(f"x{i}", project.id, first.recipe, first.evalset_id, first.corpus_id), {}
        )
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMER, str(store.home), name],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    got = [worker.communicate(timeout=60)[0].split() for worker in workers]
    assert sorted(got[0] + got[1]) == sorted(["r1", *(f"x{i}" for i in range(40))])


def test_two_processes_opening_a_new_home_do_not_collide(tmp_path):
    code = "import sys; from pathlib import Path; from dsmr.store.records import Store; Store(Path(sys.argv[1]))"
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "new")]) for _ in "ab"]
    assert [p.wait(timeout=60) for p in both] == [0, 0]


def test_opening_again_migrates_nothing_and_is_quick(store):
    started = time.perf_counter()
    Store(store.home)
    assert time.perf_counter() - started < 2
