"""Saves and loads what people and model judges said about answers."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Literal

import sqlalchemy as sa

from dsmr.core.agreement import Winner
from dsmr.store import tables as t
from dsmr.store.db import now, reading, writing

Kind = Literal["human", "judge"]


@dataclass(frozen=True, slots=True)
class Rating:
    """One answer, called right or wrong."""

    run_id: str
    question_id: str
    rater: str
    value: float | None  # 1 right, 0 wrong; None: looked at and not decided
    kind: Kind = "human"
    prompt_hash: str = ""  # of a judge: names the wording that it was asked with
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float | None = None  # of asking a judge; None: no price is known
    note: str = ""


@dataclass(frozen=True, slots=True)
class Preference:
    """Two answers to one question, side by side; the first was shown first."""

    first_run_id: str
    second_run_id: str
    question_id: str
    rater: str
    winner: Winner | None  # by its place; None: looked at and not decided
    kind: Kind = "human"
    prompt_hash: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float | None = None
    note: str = ""


class Ratings:
    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    def rate(self, rating: Rating) -> None:
        """A second rating of the same answer by the same rater replaces the first."""
        keys = ("run_id", "question_id", "rater")
        self._put(t.rating, asdict(rating), keys)

    def prefer(self, preference: Preference) -> None:
        """The same pair in the other order is another judgement."""
        keys = ("first_run_id", "second_run_id", "question_id", "rater")
        self._put(t.preference, asdict(preference), keys)

    def ratings(self, run_ids: Iterable[str]) -> list[Rating]:
        """In the order in which they were given."""
        here = t.rating.c
        columns = [here[f.name] for f in fields(Rating)]
        query = sa.select(*columns).where(here.run_id.in_(list(run_ids)))
        with reading(self.engine) as db:
            return [Rating(*row) for row in db.execute(query.order_by(here.created))]

    def preferences(self, run_ids: Sequence[str]) -> list[Preference]:
        """Between any two of these runs, in the order in which they were given."""
        here = t.preference.c
        columns = [here[f.name] for f in fields(Preference)]
        query = sa.select(*columns).where(
            here.first_run_id.in_(run_ids), here.second_run_id.in_(run_ids)
        )
        with reading(self.engine) as db:
            return [Preference(*row) for row in db.execute(query.order_by(here.created))]

    def _put(self, table: sa.Table, values: dict[str, object], keys: Sequence[str]) -> None:
        with writing(self.engine) as db:
            same = [table.c[key] == values[key] for key in keys]
            db.execute(sa.delete(table).where(*same))
            db.execute(sa.insert(table).values(**values, created=now(db)))
