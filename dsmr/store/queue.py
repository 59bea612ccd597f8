"""The durable queue: a run is claimed by one worker for as long as that worker's lease lasts.

queued → running → done | failed | cancelled; cancelled and failed may be queued again, and
a running one whose worker fell silent is free to be claimed. Whoever lost the lease can
write nothing more: every write names the owner.
"""

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from dsmr.store import tables as t
from dsmr.store.db import now, reading, writing

State = Literal["queued", "running", "done", "failed", "cancelled"]
LEASE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands."""

    run_id: str
    state: State
    stage: str  # "index", "training", "answers", "latency" …
    done: int
    total: int
    note: str
    error: str
    attempt: int
    seconds_left: float | None  # of this stage; None: cannot tell yet
    silent_seconds: float  # since the worker last reported; 0 when not running
    started: float | None  # unix seconds
    finished: float | None
    worked_seconds: float  # over all attempts


class LostLease(Exception):
    """Another worker has taken the run over; this one must stop."""


class Queue:
    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    def claim(self, owner: str) -> str | None:
        """The oldest free run becomes `owner`'s. None: nothing to do."""
        run = t.run.c
        with writing(self.engine) as db:
            time = now(db)
            free = sa.or_(
                run.state == "queued", sa.and_(run.state == "running", run.lease_until < time)
            )
            first = sa.select(run.id).where(free).order_by(run.created, run.id).limit(1)
            if db.dialect.name == "postgresql":
                first = first.with_for_update(skip_locked=True)
            taken = sa.update(t.run).where(run.id == first.scalar_subquery(), free)
            values = {
                "state": "running", "owner": owner, "lease_until": time + LEASE_SECONDS,
                "attempt": run.attempt + 1, "started": sa.func.coalesce(run.started, time),
                "finished": None, "error": "",
            }  # fmt: skip
            return db.execute(taken.values(values).returning(run.id)).scalar()

    def owners(self) -> list[str]:
        """Who holds a running run."""
        with reading(self.engine) as db:
            return list(db.scalars(sa.select(t.run.c.owner).where(t.run.c.state == "running")))

    def release(self, owner: str) -> None:
        """End the leases of a worker known to be dead, without waiting for them to run out."""
        with writing(self.engine) as db:
            held = sa.update(t.run).where(t.run.c.owner == owner, t.run.c.state == "running")
            db.execute(held.values(lease_until=0.0))

    def beat(self, run_id: str, owner: str) -> bool:
        """Keep the lease. True: the user asked to cancel. Raises LostLease."""
        with writing(self.engine) as db:
            kept = self._mine(run_id, owner).values(lease_until=now(db) + LEASE_SECONDS)
            row = db.execute(kept.returning(t.run.c.cancel)).first()
        if row is None:
            raise LostLease(run_id)
        return bool(row.cancel)

    def report(self, run_id: str, owner: str, stage: str, done: int, total: int, note: str) -> None:
        """Store how far the run is. Raises LostLease."""
        run = t.run.c
        with writing(self.engine) as db:
            time = now(db)
            entered = run.stage != stage
            values = {
                "stage": stage, "done": done, "total": total, "note": note,
                "stage_started": sa.case((entered, time), else_=run.stage_started),
                "stage_from": sa.case((entered, done), else_=run.stage_from),
                "lease_until": time + LEASE_SECONDS,
            }  # fmt: skip
            if not db.execute(self._mine(run_id, owner).values(values)).rowcount:
                raise LostLease(run_id)

    def finish(self, run_id: str, owner: str, to: State, error: str, seconds: float) -> bool:
        """Give the run back in its last state. False: it was no longer ours."""
        with writing(self.engine) as db:
            values = {
                "state": to, "error": error, "owner": None, "finished": now(db), "cancel": False,
                "worked_seconds": t.run.c.worked_seconds + seconds, "stage": "", "note": "",
            }  # fmt: skip
            return bool(db.execute(self._mine(run_id, owner).values(values)).rowcount)

    def cancel(self, run_id: str) -> None:
        """A queued run stops at once, a running one at its next report."""
        run = t.run.c
        with writing(self.engine) as db:
            queued = sa.update(t.run).where(run.id == run_id, run.state == "queued")
            db.execute(queued.values(state="cancelled", finished=now(db)))
            running = sa.update(t.run).where(run.id == run_id, run.state == "running")
            db.execute(running.values(cancel=True))

    def resume(self, run_id: str) -> bool:
        """Queue a stopped run again; what it answered stays. False: it is not stopped."""
        run = t.run.c
        with writing(self.engine) as db:
            stopped = sa.update(t.run).where(
                run.id == run_id, run.state.in_(("cancelled", "failed", "done"))
            )
            values = {"state": "queued", "cancel": False, "error": "", "finished": None}
            return bool(db.execute(stopped.values(values)).rowcount)

    def busy(self) -> bool:
        """Whether anything is queued or running."""
        with reading(self.engine) as db:
            waiting = sa.select(t.run.c.id).where(t.run.c.state.in_(("queued", "running")))
            return db.execute(waiting.limit(1)).first() is not None

    def progress(self, project_id: str | None = None) -> list[Progress]:
        """Of all runs, oldest first."""
        query = sa.select(t.run).order_by(t.run.c.created, t.run.c.id)
        if project_id is not None:
            query = query.where(t.run.c.project_id == project_id)
        with reading(self.engine) as db:
            time = now(db)
            return [_progress(row, time) for row in db.execute(query)]

    def _mine(self, run_id: str, owner: str) -> sa.Update:
        run = t.run.c
        return sa.update(t.run).where(run.id == run_id, run.owner == owner, run.state == "running")


def _progress(row: sa.Row[tuple[object, ...]], time: float) -> Progress:
    running = row.state == "running"
    made = row.done - row.stage_from
    elapsed = time - (row.stage_started or time)
    left = elapsed / made * (row.total - row.done) if running and made > 0 else None
    silent = max(0.0, time - (row.lease_until - LEASE_SECONDS)) if running else 0.0
    return Progress(
        row.id, row.state, row.stage, row.done, row.total, row.note, row.error, row.attempt,
        left, silent, row.started, row.finished, row.worked_seconds,
    )  # fmt: skip
