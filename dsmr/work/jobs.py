"""Long work in its own process. The page and the worker meet only in the store."""

import logging
import os
import platform
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import asdict
from typing import Literal

from filelock import FileLock, Timeout

from dsmr.core.data import Question, Split
from dsmr.core.errors import Cancelled, DsmrError, EngineError, InputError
from dsmr.core.recipe import Recipe
from dsmr.core.run import Run
from dsmr.store.queue import LEASE_SECONDS, LostLease
from dsmr.store.records import Store
from dsmr.work.evaluate import Graded, evaluate, probe, probe_sample
from dsmr.work.prepare import Kit, prepare
from dsmr.work.provenance import made_with, surroundings
from dsmr.work.results import price_of, pricing

log = logging.getLogger("dsmr.worker")
IDLE_SECONDS = 20.0
STORE_EVERY_SECONDS = 0.5  # answers are stored at least so often


def submit(
    store: Store,
    project_id: str,
    recipe: Recipe,
    split: Split | Literal["all"] = "test",
    limit: int | None = None,
    purpose: str = "compare",
) -> str:
    """Freeze the project's data and queue a run over it. Returns the run's id.

    Raises InputError when there is nothing to ask.
    """
    evalset_id, corpus_id = store.projects.freeze(project_id)
    run = Run(uuid.uuid4().hex[:12], project_id, recipe, evalset_id, corpus_id, split, limit,
              purpose)  # fmt: skip
    if not asked(store, run):
        raise InputError(
            f"no question is in the {split} split" if split != "all" else "there is no question",
            where="the project's questions",
            fix="Add questions, or choose another split",
        )
    price = price_of(store, run)
    snapshot = {"price": price.as_dict() if price else None, "pricing": asdict(pricing(store))}
    store.runs.submit(run, {"recipe_id": recipe.id, **surroundings(), **snapshot})
    return run.id


def asked(store: Store, run: Run) -> tuple[Question, ...]:
    """The questions that a run asks."""
    return store.projects.evalset(run.evalset_id).only(run.split, run.limit)


# --- the worker's side ------------------------------------------------------------------------


class Watch:
    """Keeps one run's lease alive from a thread and knows whether to go on."""

    def __init__(self, store: Store, run_id: str, owner: str) -> None:
        self.store, self.run_id, self.owner = store, run_id, owner
        self.cancelled, self.lost = threading.Event(), threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(min(1.0, LEASE_SECONDS / 3)):
            try:
                if self.store.queue.beat(self.run_id, self.owner):
                    self.cancelled.set()
            except LostLease:
                self.lost.set()
                return
            except Exception:  # a busy database: the next beat may get through
                log.warning("no heartbeat for run %s", self.run_id, exc_info=True)

    def report(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Raises Cancelled or LostLease when the work has to stop."""
        if self.lost.is_set():
            raise LostLease(self.run_id)
        if self.cancelled.is_set():
            raise Cancelled("stopped by the user")
        self.store.queue.report(self.run_id, self.owner, stage, done, total, note)


def work_one(store: Store) -> str | None:
    """Claim the oldest free run and bring it to its end. Returns its id; None: nothing to do.

    Resumes: questions already answered are not asked again.
    """
    owner = f"{platform.node()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
    _release_the_dead(store)
    run_id = store.queue.claim(owner)
    if run_id is None:
        return None
    started = time.monotonic()
    state, error = "done", ""
    try:
        with Watch(store, run_id, owner) as watch:
            _work(store, store.runs.get(run_id), watch)
    except Cancelled:
        state = "cancelled"
    except LostLease:
        log.warning("run %s was taken over by another worker", run_id)
        return run_id
    except DsmrError as problem:
        state, error = "failed", str(problem)
    except Exception as problem:  # the worker's edge: nothing may leave a run "running"
        log.exception("run %s failed", run_id)
        state = "failed"
        error = f"{type(problem).__name__}: {problem} (the whole story is in the worker's log)"
    store.queue.finish(run_id, owner, state, error, time.monotonic() - started)  # type: ignore[arg-type]
    return run_id


def _release_the_dead(store: Store) -> None:
    """A worker that was killed on this machine holds nothing any more."""
    if sys.platform == "win32":  # asking after a process is done by signalling it there
        return
    for owner in store.queue.owners():
        node, pid, _ = owner.rsplit(":", 2)
        if node == platform.node() and not _alive(int(pid)):
            store.queue.release(owner)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _work(store: Store, run: Run, watch: Watch) -> None:
    questions = asked(store, run)
    evalset = store.projects.evalset(run.evalset_id)
    documents = store.projects.corpus(run.corpus_id)
    kit = prepare(store, run.recipe, documents, evalset, watch.report)
    try:
        store.runs.add_provenance(run.id, made_with(kit))
        _answers(store, run, questions, kit, watch)
        _latencies(store, run, questions, kit, watch)
    finally:
        kit.engine.close()


def _answers(
    store: Store, run: Run, questions: tuple[Question, ...], kit: Kit, watch: Watch
) -> None:
    mine = {(q.id, attempt) for q in questions for attempt in range(run.recipe.tries)}
    done = store.runs.answered(run.id) & mine
    total, waiting, stored_at = len(mine), [], time.monotonic()
    failures = 0

    def keep(batch: list[Graded]) -> None:
        store.runs.add_answers(run.id, watch.owner, batch)
        note = f"{failures} failed" if failures else ""
        watch.report("answers", len(done), total, note)

    watch.report("answers", len(done), total)
    for graded in evaluate(questions, kit, skip=frozenset(done)):
        waiting.append(graded)
        done.add((graded[0].question_id, graded[0].attempt))
        failures += graded[0].reply is None
        if time.monotonic() - stored_at > STORE_EVERY_SECONDS:
            keep(waiting)
            waiting, stored_at = [], time.monotonic()
    if waiting:
        keep(waiting)


def _latencies(
    store: Store, run: Run, questions: tuple[Question, ...], kit: Kit, watch: Watch
) -> None:
    sample = probe_sample(questions)
    if run.purpose != "compare" or store.runs.latencies(run.id):
        return  # a point of a curve needs no latency; a resumed run has been timed
    watch.report("latency", 0, len(sample), "asking one by one")
    try:
        for count, latency in enumerate(probe(sample, kit), start=1):
            store.runs.add_latency(run.id, latency)
            watch.report("latency", count, len(sample), "asking one by one")
    except EngineError as problem:
        store.runs.add_provenance(run.id, {"latency_missing": str(problem)})


def work_all(store: Store) -> int:
    """Work until the queue is empty. Returns how many runs were worked on."""
    count = 0
    while work_one(store) is not None:
        count += 1
    return count


def serve(store: Store, idle_seconds: float = IDLE_SECONDS) -> None:
    """The worker process: one per home, ends when there has been nothing to do for a while."""
    try:
        with FileLock(store.home / "worker.lock", timeout=0):
            last = time.monotonic()
            while time.monotonic() - last < idle_seconds:
                if work_one(store) is not None:
                    last = time.monotonic()
                else:
                    time.sleep(0.2)
    except Timeout:
        return  # another one is at work


def ensure_worker(store: Store) -> bool:
    """Start a worker if something waits and none is alive. Cheap: call it on every page view."""
    if not store.queue.busy():
        return False
    lock = FileLock(store.home / "worker.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return False
    lock.release()
    with (store.home / "worker.log").open("a") as output:
        subprocess.Popen(
            [sys.executable, "-m", "dsmr", "worker", "--home", str(store.home)],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            **_detached(),
        )  # fmt: skip
    return True


def _detached() -> dict[str, object]:
    """The worker outlives the page's process."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
