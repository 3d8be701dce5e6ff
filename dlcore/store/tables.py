"""The tables of the store.  Every change to them is a migration beside this file."""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ID = 32
LONGEST_NAME = 120
LONGEST_NOTES = 20_000
LONGEST_TAG = 40
MOST_TAGS = 20


class Base(DeclarativeBase):
    """What alembic compares the database with."""


class RunRow(Base):
    """A saved run: everything that a gallery shows, finds and sorts by.  Times are seconds since 1970."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    """A hash of the visitor's token: who reads the database cannot become that visitor."""
    line: Mapped[str] = mapped_column(String(ID), index=True)
    """The engine's run that trains it, or did."""
    life: Mapped[int] = mapped_column(BigInteger)
    """When its last worker was started, in nanoseconds: an older worker's word does not count any more."""
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    about: Mapped[str] = mapped_column(Text)
    """What it is in few words, to be searched."""
    data: Mapped[str] = mapped_column(String(40))
    experiment: Mapped[str] = mapped_column(Text)
    begun: Mapped[float] = mapped_column(Float)
    saved: Mapped[float] = mapped_column(Float)
    deleted: Mapped[float | None] = mapped_column(Float, default=None)
    state: Mapped[str] = mapped_column(String(12))
    message: Mapped[str] = mapped_column(Text)
    epoch: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float] = mapped_column(Float)
    train_loss: Mapped[float | None] = mapped_column(Float)
    validation_loss: Mapped[float | None] = mapped_column(Float)
    test_loss: Mapped[float | None] = mapped_column(Float)
    train_score: Mapped[float | None] = mapped_column(Float)
    validation_score: Mapped[float | None] = mapped_column(Float)
    test_score: Mapped[float | None] = mapped_column(Float)
    n_parameters: Mapped[int] = mapped_column(BigInteger)
    n_bytes: Mapped[int] = mapped_column(BigInteger)
    """What its checkpoints and its history weigh."""
    parent: Mapped[str] = mapped_column(String(ID), default="")
    parent_step: Mapped[int] = mapped_column(BigInteger, default=0)
    sweep: Mapped[str] = mapped_column(String(ID), default="", index=True)


class TagRow(Base):
    """One tag of one run."""

    __tablename__ = "tags"

    run: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(LONGEST_TAG), primary_key=True)


class HistoryRow(Base):
    """The losses and scores of a run, and how its epochs went by, as safetensors."""

    __tablename__ = "histories"

    run: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class CheckpointRow(Base):
    """One moment of a run: its checkpoint as safetensors, without the history, and its small picture."""

    __tablename__ = "checkpoints"

    run: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    turn: Mapped[int] = mapped_column(BigInteger)
    """How often somebody had put the run back to an earlier moment."""
    epoch: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float] = mapped_column(Float)
    n_rows: Mapped[int] = mapped_column(BigInteger)
    """So many rows of the run's history belong to it."""
    n_bytes: Mapped[int] = mapped_column(BigInteger)
    picture: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary)  # last: what is listed lies before it


class SweepRow(Base):
    """A sweep: what is tried, as JSON."""

    __tablename__ = "sweeps"

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    begun: Mapped[float] = mapped_column(Float)
    deleted: Mapped[float | None] = mapped_column(Float, default=None)
    """Kept for a day, so that the last words of its workers are known to be unwanted."""
    plan: Mapped[str] = mapped_column(Text)
