"""What people and judges said about answers: ratings, and preferences between two."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _by() -> list[sa.Column]:
    """Who said it, and what it took; the same for both tables."""
    return [
        sa.Column("rater", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("prompt_hash", sa.String(length=40), server_default="", nullable=False),
        sa.Column("tokens_in", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tokens_out", sa.Integer(), server_default="0", nullable=False),
        sa.Column("usd", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "rating",
        sa.Column("run_id", sa.String(length=200), nullable=False),
        sa.Column("question_id", sa.String(length=400), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        *_by(),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "question_id", "rater"),
    )
    op.create_table(
        "preference",
        sa.Column("first_run_id", sa.String(length=200), nullable=False),
        sa.Column("second_run_id", sa.String(length=200), nullable=False),
        sa.Column("question_id", sa.String(length=400), nullable=False),
        sa.Column("winner", sa.String(length=16), nullable=True),
        *_by(),
        sa.ForeignKeyConstraint(["first_run_id"], ["run.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["second_run_id"], ["run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("first_run_id", "second_run_id", "question_id", "rater"),
    )
