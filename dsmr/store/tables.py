"""The tables, as they are now; `migrations/` says how they came to be."""

import sqlalchemy as sa

metadata = sa.MetaData()
Text, Float, Integer = sa.Text, sa.Float, sa.Integer


def _name(column: str, **options: object) -> sa.Column[str]:
    return sa.Column(column, sa.String(200), **options)  # type: ignore[arg-type]


def _of_run() -> sa.Column[str]:
    return sa.Column(
        "run_id", sa.String(200), sa.ForeignKey("run.id", ondelete="CASCADE"), primary_key=True
    )


def _of_project() -> sa.Column[str]:
    return sa.Column(
        "project_id", sa.String(200), sa.ForeignKey("project.id", ondelete="CASCADE"),
        primary_key=True,
    )  # fmt: skip


project = sa.Table(
    "project", metadata,
    _name("id", primary_key=True),
    sa.Column("body", Text, nullable=False),
    sa.Column("created", Float, nullable=False),
)  # fmt: skip

# Documents are named by content and never changed; a project lists the ones it holds now,
# a corpus the ones it held when a run was submitted.
document = sa.Table(
    "document", metadata,
    _name("id", primary_key=True),
    sa.Column("name", sa.String(400), nullable=False),
    sa.Column("text", Text, nullable=False),
    _name("media", nullable=False),
    sa.Column("pages", Integer),
)  # fmt: skip
project_document = sa.Table(
    "project_document", metadata,
    _of_project(),
    sa.Column("name", sa.String(400), primary_key=True),
    _name("document_id", nullable=False),
    sa.Column("added", Float, nullable=False),
)  # fmt: skip
corpus = sa.Table(
    "corpus", metadata,
    _name("id", primary_key=True),
    sa.Column("body", Text, nullable=False),
)  # fmt: skip

project_question = sa.Table(
    "project_question", metadata,
    _of_project(),
    sa.Column("id", sa.String(400), primary_key=True),
    sa.Column("position", Integer, nullable=False),
    sa.Column("body", Text, nullable=False),
    sa.Column("looked_at", sa.Boolean, nullable=False, server_default=sa.false()),
)  # fmt: skip
evalset = sa.Table(
    "evalset", metadata,
    _name("id", primary_key=True),
    sa.Column("body", Text, nullable=False),
)  # fmt: skip
recipe = sa.Table(
    "recipe", metadata,
    _of_project(),
    _name("name", primary_key=True),
    sa.Column("body", Text, nullable=False),
    sa.Column("saved", Float, nullable=False),
)  # fmt: skip

STATES = ("queued", "running", "done", "failed", "cancelled")
run = sa.Table(
    "run", metadata,
    _name("id", primary_key=True),
    sa.Column("project_id", sa.String(200), sa.ForeignKey("project.id", ondelete="CASCADE"),
              nullable=False, index=True),
    sa.Column("body", Text, nullable=False),
    sa.Column("provenance", Text, nullable=False, server_default="{}"),
    sa.Column("created", Float, nullable=False),
    sa.Column("started", Float),
    sa.Column("finished", Float),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    _name("owner"),
    sa.Column("lease_until", Float, nullable=False, server_default="0"),
    sa.Column("attempt", Integer, nullable=False, server_default="0"),
    sa.Column("cancel", sa.Boolean, nullable=False, server_default=sa.false()),
    _name("stage", nullable=False, server_default=""),
    sa.Column("stage_started", Float),
    sa.Column("stage_from", Integer, nullable=False, server_default="0"),
    sa.Column("done", Integer, nullable=False, server_default="0"),
    sa.Column("total", Integer, nullable=False, server_default="0"),
    sa.Column("note", Text, nullable=False, server_default=""),
    sa.Column("error", Text, nullable=False, server_default=""),
    sa.Column("worked_seconds", Float, nullable=False, server_default="0"),
)  # fmt: skip
answer = sa.Table(
    "answer", metadata,
    _of_run(),
    sa.Column("question_id", sa.String(400), primary_key=True),
    sa.Column("attempt", Integer, primary_key=True, autoincrement=False),
    sa.Column("body", Text, nullable=False),
    sa.Column("uncached_in", Integer),
    sa.Column("cached_in", Integer),
    sa.Column("out", Integer),
    sa.Column("cache_write", Integer),
    sa.Column("seconds", Float),
    sa.Column("repeated", sa.Boolean),
)  # fmt: skip
score = sa.Table(
    "score", metadata,
    _of_run(),
    sa.Column("question_id", sa.String(400), primary_key=True),
    sa.Column("metric", sa.String(40), primary_key=True),
    sa.Column("attempt", Integer, primary_key=True, autoincrement=False),
    sa.Column("value", Float),
    sa.Column("note", Text, nullable=False, server_default=""),
)  # fmt: skip
latency = sa.Table(
    "latency", metadata,
    _of_run(),
    sa.Column("question_id", sa.String(400), primary_key=True),
    sa.Column("seconds", Float, nullable=False),
    sa.Column("seconds_to_first_token", Float),
    sa.Column("tokens_out", Integer, nullable=False),
)  # fmt: skip


def _by() -> list[sa.Column[object]]:
    """Who said something about an answer, and what that took."""
    return [
        _name("rater", primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("prompt_hash", sa.String(40), nullable=False, server_default=""),
        sa.Column("tokens_in", Integer, nullable=False, server_default="0"),
        sa.Column("tokens_out", Integer, nullable=False, server_default="0"),
        sa.Column("usd", Float),
        sa.Column("note", Text, nullable=False, server_default=""),
        sa.Column("created", Float, nullable=False),
    ]  # type: ignore[list-item]


def _run(column: str) -> sa.Column[str]:
    key = sa.ForeignKey("run.id", ondelete="CASCADE")
    return sa.Column(column, sa.String(200), key, primary_key=True)


rating = sa.Table(
    "rating", metadata,
    _run("run_id"),
    sa.Column("question_id", sa.String(400), primary_key=True),
    sa.Column("value", Float),
    *_by(),
)  # fmt: skip
preference = sa.Table(
    "preference", metadata,
    _run("first_run_id"),
    _run("second_run_id"),
    sa.Column("question_id", sa.String(400), primary_key=True),
    sa.Column("winner", sa.String(16)),
    *_by(),
)  # fmt: skip

reply = sa.Table(
    "reply", metadata,
    _name("key", primary_key=True),
    sa.Column("body", Text, nullable=False),
    sa.Column("created", Float, nullable=False),
)  # fmt: skip
adapter = sa.Table(
    "adapter", metadata,
    _name("id", primary_key=True),
    sa.Column("body", Text, nullable=False),
    sa.Column("created", Float, nullable=False),
)  # fmt: skip
setting = sa.Table(
    "setting", metadata,
    _name("key", primary_key=True),
    sa.Column("value", Text, nullable=False),
)  # fmt: skip
