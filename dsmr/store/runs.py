"""Saves and loads runs and what came of them: answers, scores, latencies, tokens."""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from dsmr.core.errors import InputError
from dsmr.core.run import Answer, Latency, Run, Score, Tokens
from dsmr.store import tables as t
from dsmr.store.db import now, reading, writing
from dsmr.store.queue import LostLease
from dsmr.store.values import dump, load


@dataclass(frozen=True, slots=True)
class Usage:
    """Sums over a run's answers. `spent_seconds` leaves out replies served from the cache."""

    answers: int
    failed: int
    repeated: int
    tokens: Tokens
    seconds: float
    spent_seconds: float
    spent_tokens: Tokens


class Runs:
    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    def submit(self, run: Run, provenance: dict[str, Any]) -> None:
        """Store a run and queue it."""
        with writing(self.engine) as db:
            row = {"id": run.id, "project_id": run.project_id, "body": dump(run),
                   "provenance": json.dumps(provenance), "created": now(db),
                   "state": "queued"}  # fmt: skip
            db.execute(sa.insert(t.run).values(row))

    def get(self, run_id: str) -> Run:
        """Raises InputError when there is none."""
        with reading(self.engine) as db:
            body = db.scalar(sa.select(t.run.c.body).where(t.run.c.id == run_id))
        if body is None:
            raise InputError("it does not exist", where=f"run {run_id!r}", fix="Open Results")
        return load(Run, body)

    def all(self, project_id: str) -> list[Run]:
        """Oldest first."""
        run = t.run.c
        query = sa.select(run.body).where(run.project_id == project_id)
        with reading(self.engine) as db:
            return [load(Run, b) for b in db.scalars(query.order_by(run.created, run.id))]

    def created(self, project_id: str) -> dict[str, float]:
        """When each run was submitted, unix seconds."""
        run = t.run.c
        with reading(self.engine) as db:
            query = sa.select(run.id, run.created).where(run.project_id == project_id)
            return dict(db.execute(query).all())

    def delete(self, run_id: str) -> None:
        with writing(self.engine) as db:
            db.execute(sa.delete(t.run).where(t.run.c.id == run_id))

    def provenance(self, run_id: str) -> dict[str, Any]:
        """Versions, hashes and settings that made the run's figures."""
        with reading(self.engine) as db:
            body = db.scalar(sa.select(t.run.c.provenance).where(t.run.c.id == run_id))
        return dict(json.loads(body or "{}"))

    def add_provenance(self, run_id: str, more: dict[str, Any]) -> None:
        with writing(self.engine) as db:
            here = t.run.c.id == run_id
            body = db.scalar(sa.select(t.run.c.provenance).where(here))
            merged = json.dumps({**json.loads(body or "{}"), **more})
            db.execute(sa.update(t.run).where(here).values(provenance=merged))

    # --- answers and scores ---------------------------------------------------------------

    def add_answers(
        self, run_id: str, owner: str, graded: Iterable[tuple[Answer, Collection[Score]]]
    ) -> None:
        """A batch of answers and their scores together or not at all.

        Raises LostLease when another worker has taken the run over.
        """
        with writing(self.engine) as db:
            held = sa.select(t.run.c.id).where(t.run.c.id == run_id, t.run.c.owner == owner)
            if db.execute(held).first() is None:
                raise LostLease(run_id)
            for answer, scores in graded:
                _insert(db, run_id, answer, scores)

    def answered(self, run_id: str) -> set[tuple[str, int]]:
        """Question id and attempt of each reply; failed ones are asked again on resume."""
        here = t.answer.c
        with reading(self.engine) as db:
            query = sa.select(here.question_id, here.attempt).where(
                here.run_id == run_id, here.uncached_in.is_not(None)
            )
            return {(question_id, attempt) for question_id, attempt in db.execute(query)}

    def answers(self, run_id: str, attempt: int = 0) -> dict[str, Answer]:
        """By question id, of one attempt."""
        here = t.answer.c
        with reading(self.engine) as db:
            query = sa.select(here.body).where(here.run_id == run_id, here.attempt == attempt)
            found = [load(Answer, body) for body in db.scalars(query)]
        return {answer.question_id: answer for answer in found}

    def answer(self, run_id: str, question_id: str, attempt: int = 0) -> Answer | None:
        here = t.answer.c
        with reading(self.engine) as db:
            query = sa.select(here.body).where(
                here.run_id == run_id, here.question_id == question_id, here.attempt == attempt
            )
            body = db.scalar(query)
        return load(Answer, body) if body else None

    def scores(self, run_id: str, metric: str | None = None) -> list[Score]:
        """Of one metric, or of all."""
        here = t.score.c
        query = sa.select(here.question_id, here.metric, here.value, here.note, here.attempt)
        query = query.where(here.run_id == run_id).order_by(here.question_id, here.attempt)
        if metric is not None:
            query = query.where(here.metric == metric)
        with reading(self.engine) as db:
            return [Score(*row) for row in db.execute(query)]

    def usage(self, run_id: str) -> Usage:
        """Sums in the database: no answer text is read."""
        here = t.answer.c
        fresh = sa.case((here.repeated, 0), else_=1)
        buckets = (here.uncached_in, here.cached_in, here.out, here.cache_write)
        count, total = sa.func.count, lambda column: sa.func.coalesce(sa.func.sum(column), 0)
        query = sa.select(
            count(), count() - count(here.uncached_in), total(sa.case((here.repeated, 1), else_=0)),
            total(here.seconds), total(here.seconds * fresh),
            *(total(bucket) for bucket in buckets), *(total(b * fresh) for b in buckets),
        ).where(here.run_id == run_id)  # fmt: skip
        with reading(self.engine) as db:
            n, failed, repeated, seconds, spent, *tokens = db.execute(query).one()
        listed, used = Tokens(*map(int, tokens[:4])), Tokens(*map(int, tokens[4:]))
        return Usage(n, failed, repeated, listed, float(seconds), float(spent), used)

    # --- latency probe --------------------------------------------------------------------

    def add_latency(self, run_id: str, latency: Latency) -> None:
        here = t.latency.c
        with writing(self.engine) as db:
            same = (here.run_id == run_id, here.question_id == latency.question_id)
            db.execute(sa.delete(t.latency).where(*same))
            row = {"run_id": run_id, "question_id": latency.question_id,
                   "seconds": latency.seconds, "tokens_out": latency.tokens_out,
                   "seconds_to_first_token": latency.seconds_to_first_token}  # fmt: skip
            db.execute(sa.insert(t.latency).values(row))

    def latencies(self, run_id: str) -> list[Latency]:
        here = t.latency.c
        query = sa.select(
            here.question_id, here.seconds, here.seconds_to_first_token, here.tokens_out
        ).where(here.run_id == run_id)
        with reading(self.engine) as db:
            return [Latency(*row) for row in db.execute(query)]


def _insert(db: sa.Connection, run_id: str, answer: Answer, scores: Collection[Score]) -> None:
    """In place of what the same attempt left before."""
    for table in (t.answer, t.score):
        here = table.c
        same = (
            here.run_id == run_id,
            here.question_id == answer.question_id,
            here.attempt == answer.attempt,
        )
        db.execute(sa.delete(table).where(*same))
    db.execute(sa.insert(t.answer).values(_answer_row(run_id, answer)))
    rows = [{"run_id": run_id, **asdict(score)} for score in scores]
    if rows:
        db.execute(sa.insert(t.score), rows)


def _answer_row(run_id: str, answer: Answer) -> dict[str, Any]:
    reply = answer.reply
    return {
        "run_id": run_id,
        "question_id": answer.question_id,
        "attempt": answer.attempt,
        "body": dump(answer),
        "uncached_in": reply.tokens.uncached_in if reply else None,
        "cached_in": reply.tokens.cached_in if reply else None,
        "out": reply.tokens.out if reply else None,
        "cache_write": reply.tokens.cache_write if reply else None,
        "seconds": reply.seconds if reply else None,
        "repeated": reply.repeated if reply else None,
    }
