"""Runs from the queue to stored, graded answers; and what happens when they are disturbed."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from dsmr.core.data import Document, Question
from dsmr.core.errors import EngineError, InputError
from dsmr.core.recipe import Model, Recipe, Retrieval, Shots
from dsmr.work import jobs
from dsmr.work.results import compare_with, latest, result, results


def state(store, run_id):
    return next(p for p in store.queue.progress() if p.run_id == run_id)


def many(store, project, count):
    questions = [Question(f"m{i}", f"Question {i}?", (f"Question {i}?",)) for i in range(count)]
    store.projects.delete_questions(
        project.id, [q.id for q in store.projects.questions(project.id)]
    )
    store.projects.put_questions(project.id, questions)


def texts(store, run_id):
    return {q: a.reply.text for q, a in store.runs.answers(run_id).items()}


def test_retrieval_beats_bare(store, project, bare, quoting):
    without, with_it = (jobs.submit(store, project.id, r) for r in (bare, quoting))
    assert jobs.work_all(store) == 2
    assert [state(store, r).state for r in (without, with_it)] == ["done", "done"]
    found = compare_with(store, without, [with_it], "contains")[with_it]
    assert (found.difference.mean, found.wins, found.losses) == (1.0, 3, 0)
    assert result(store, with_it).recall.mean == 1.0
    assert result(store, without).recall is None
    answer = store.runs.answer(with_it, "q1")
    assert [p.document for p in answer.passages] == ["titan.md"]
    assert answer.messages[-1].content == "What does Titan orbit?"


def test_every_run_has_provenance_latency_and_cost(store, project, bare):
    run_id = jobs.submit(store, project.id, bare)
    jobs.work_all(store)
    provenance, found = store.runs.provenance(run_id), result(store, run_id)
    assert {"dsmr", "python", "packages", "engine", "recipe_id"} <= provenance.keys()
    assert found.p50.n == 3
    assert found.cost.usd >= 0
    assert found.cost.questions == 3


def test_fixed_examples_come_from_the_train_split_only(store, project):
    recipe = Recipe("few-shot", Model("scripted/shots"), shots=Shots(2))
    run_id = jobs.submit(store, project.id, recipe)
    jobs.work_all(store)
    for answer in store.runs.answers(run_id).values():
        shown = {m.content for m in answer.messages if m.role == "user"}
        assert {"What does Io orbit?", "What does Rhea orbit?"} <= shown


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (Recipe("few-shot", Model("scripted/echo"), shots=Shots()), "train split"),
        (Recipe("rag", Model("scripted/echo"), retrieval=Retrieval()), "has none"),
        (Recipe("x", Model("scripted/nothing")), "no such script"),
    ],
)
def test_what_a_recipe_lacks_fails_the_run_in_plain_words(store, recipe, message):
    project = store.projects.add("bare bones")
    store.projects.put_questions(project.id, [Question("q", "Q?", ("a",))])
    run_id = jobs.submit(store, project.id, recipe)
    jobs.work_all(store)
    assert state(store, run_id).state == "failed"
    assert message in state(store, run_id).error


def test_a_run_without_questions_is_refused(store, project):
    with pytest.raises(InputError, match="dev split"):
        jobs.submit(store, project.id, Recipe("x", Model("scripted/echo")), split="dev")


def test_engine_failures_are_missing_not_wrong(store, project):
    run_id = jobs.submit(store, project.id, Recipe("down", Model("scripted/down")))
    jobs.work_all(store)
    assert [s.value for s in store.runs.scores(run_id, "contains")] == [None] * 3
    found = result(store, run_id)
    assert found.metrics == {}
    assert found.usage.failed == 3


def test_some_failures_are_counted_beside_the_mean(store, project):
    run_id = jobs.submit(store, project.id, Recipe("flaky", Model("scripted/flaky")))
    jobs.work_all(store)
    estimate = result(store, run_id).metrics["contains"]
    assert (estimate.n, estimate.missing) == (2, 1)


def test_a_bug_fails_the_run_without_a_stack_trace(store, project, bare, monkeypatch):
    monkeypatch.setattr("dsmr.work.prepare.open_engine", lambda *_: 1 / 0)
    run_id = jobs.submit(store, project.id, bare)
    jobs.work_all(store)
    assert state(store, run_id).state == "failed"
    assert "ZeroDivisionError" in state(store, run_id).error
    assert "Traceback" not in state(store, run_id).error


def test_a_probe_that_fails_leaves_the_answers(store, project, bare, monkeypatch):
    def down(self, request):
        raise EngineError("gone")

    monkeypatch.setattr("dsmr.engines.scripted.Scripted.ask", down)
    run_id = jobs.submit(store, project.id, bare)
    jobs.work_all(store)
    assert state(store, run_id).state == "done"
    assert result(store, run_id).p50 is None
    assert store.runs.provenance(run_id)["latency_missing"] == "gone"


def test_the_same_request_is_answered_once_and_keeps_its_figures(store, project, bare):
    first, second = jobs.submit(store, project.id, bare), jobs.submit(store, project.id, bare)
    jobs.work_all(store)
    one, two = store.runs.answers(first), store.runs.answers(second)
    assert all(a.reply.repeated for a in two.values())
    assert {q: replace(a.reply, repeated=False) for q, a in two.items()} == {
        q: a.reply for q, a in one.items()
    }
    assert result(store, second).cost == result(store, first).cost
    assert result(store, second).spent_usd == 0


def test_several_runs_in_a_row_and_the_newest_of_each_recipe_shows(store, project, bare, quoting):
    runs = [jobs.submit(store, project.id, r) for r in (bare, quoting, bare)]
    jobs.work_all(store)
    assert [r.run.id for r in results(store, project.id)] == runs
    assert [r.run.id for r in latest(results(store, project.id))] == runs[1:]


def test_new_data_starts_a_new_comparison(store, project, bare, quoting):
    jobs.submit(store, project.id, quoting)
    jobs.work_all(store)
    store.projects.put_documents(project.id, [Document("new.md", "Io orbits Jupiter")])
    newer = jobs.submit(store, project.id, bare)
    jobs.work_all(store)
    assert [r.run.id for r in latest(results(store, project.id))] == [newer]


def start_worker(home):
    return subprocess.Popen([sys.executable, "-m", "dsmr", "worker", "--home", str(home)])


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.05)


def test_kill_9_in_mid_run_loses_nothing_and_resumes_with_the_same_results(store, project):
    many(store, project, 60)
    slow = Recipe("slow", Model("scripted/slow:0.05"))
    run_id = jobs.submit(store, project.id, slow)
    worker = start_worker(store.home)
    wait_for(lambda: len(store.runs.answered(run_id)) >= 15)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    kept = store.runs.answers(run_id)
    assert 15 <= len(kept) < 60
    second = start_worker(store.home)
    wait_for(lambda: state(store, run_id).state == "done")
    second.terminate()
    second.wait()
    after = store.runs.answers(run_id)
    assert {q: after[q] for q in kept} == kept  # nothing finished was asked again
    store.forget_replies()
    whole = jobs.submit(store, project.id, slow)
    jobs.work_all(store)
    assert texts(store, run_id) == texts(store, whole)
    assert state(store, run_id).attempt == 2


def test_cancel_keeps_what_was_answered_and_resume_asks_only_the_rest(store, project):
    many(store, project, 60)
    run_id = jobs.submit(store, project.id, Recipe("slow", Model("scripted/slow:0.05")))
    worker = start_worker(store.home)
    wait_for(lambda: len(store.runs.answered(run_id)) >= 5)
    store.queue.cancel(run_id)
    wait_for(lambda: state(store, run_id).state == "cancelled")
    kept = store.runs.answers(run_id)
    assert 5 <= len(kept) < 60
    assert store.queue.resume(run_id)
    wait_for(lambda: state(store, run_id).state == "done")
    worker.terminate()
    worker.wait()
    after = store.runs.answers(run_id)
    assert len(after) == 60
    assert {q: after[q] for q in kept} == kept


def test_ensure_worker_starts_one_only_when_something_waits(store, project, bare):
    assert not jobs.ensure_worker(store)
    run_id = jobs.submit(store, project.id, bare)
    assert jobs.ensure_worker(store)
    wait_for(lambda: state(store, run_id).state == "done")
    assert not jobs.ensure_worker(store)
    found = subprocess.run(["pgrep", "-f", str(store.home)], capture_output=True, text=True)
    for pid in found.stdout.split():
        os.kill(int(pid), signal.SIGTERM)


def test_at_a_temperature_each_question_is_asked_several_times_and_counted_once(store, project):
    recipe = Recipe("warm", Model("scripted/quote"), temperature=0.7, attempts=3)
    run_id = jobs.submit(store, project.id, recipe)
    jobs.work_all(store)
    assert len(store.runs.answered(run_id)) == 9
    assert state(store, run_id).state == "done"
    found = result(store, run_id)
    assert found.usage.answers == 9
    assert found.metrics["contains"].n == 3
    seeds = {a.attempt for n in range(3) for a in store.runs.answers(run_id, attempt=n).values()}
    assert seeds == {0, 1, 2}


def test_greedy_decoding_is_not_repeated(store, project):
    run_id = jobs.submit(store, project.id, Recipe("cold", Model("scripted/quote"), attempts=3))
    jobs.work_all(store)
    assert len(store.runs.answered(run_id)) == 3
