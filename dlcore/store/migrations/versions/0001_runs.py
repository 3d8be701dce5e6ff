"""Runs with their tags, histories and checkpoints; sweeps."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False, index=True),
        sa.Column("line", sa.String(32), nullable=False, index=True),
        sa.Column("life", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("data", sa.String(40), nullable=False),
        sa.Column("experiment", sa.Text, nullable=False),
        sa.Column("begun", sa.Float, nullable=False),
        sa.Column("saved", sa.Float, nullable=False),
        sa.Column("deleted", sa.Float),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("train_loss", sa.Float),
        sa.Column("validation_loss", sa.Float),
        sa.Column("test_loss", sa.Float),
        sa.Column("train_score", sa.Float),
        sa.Column("validation_score", sa.Float),
        sa.Column("test_score", sa.Float),
        sa.Column("n_parameters", sa.BigInteger, nullable=False),
        sa.Column("n_bytes", sa.BigInteger, nullable=False),
        sa.Column("parent", sa.String(32), nullable=False),
        sa.Column("parent_step", sa.BigInteger, nullable=False),
        sa.Column("sweep", sa.String(32), nullable=False, index=True),
    )
    op.create_table(
        "tags",
        sa.Column("run", sa.String(32), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tag", sa.String(40), primary_key=True),
    )
    op.create_table(
        "histories",
        sa.Column("run", sa.String(32), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "checkpoints",
        sa.Column("run", sa.String(32), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("step", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("turn", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("n_rows", sa.BigInteger, nullable=False),
        sa.Column("n_bytes", sa.BigInteger, nullable=False),
        sa.Column("picture", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "sweeps",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False, index=True),
        sa.Column("begun", sa.Float, nullable=False),
        sa.Column("deleted", sa.Float),
        sa.Column("plan", sa.Text, nullable=False),
    )
