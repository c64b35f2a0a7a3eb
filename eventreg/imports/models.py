"""The tables of imports: a batch, its file, its rows. File and rows hold personal data and are erased after 30 days."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core.db import Base


class ImportBatch(Base):
    """A file that somebody handed in, and what became of it; stays, with its counts, when its data are erased.

    `state`: uploaded, checking, checked, applying, applied, undoing, undone. `what`: participants or organisations. `mapping`:
    for each column of the file the column of ours, '' for none. `choices`: what the organiser ticked.
    """

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    what: Mapped[str]
    filename: Mapped[str]
    state: Mapped[str] = mapped_column(default="uploaded", index=True)
    shape: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    mapping: Mapped[list[str]] = mapped_column(JSON, default=list)
    choices: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    notes: Mapped[list[Any]] = mapped_column(JSON, default=list)  # warnings about the file as a whole
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: the operator, on the command line
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]  # the last sign of whoever works at it
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class ImportFile(Base):
    """The bytes as they came. In the database, since the worker may run on another machine than the page."""

    __tablename__ = "import_file"

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRow(Base):
    """A line of the file: what it says, what it would do, what it did.

    `outcome`: new, changed, unchanged, wrong. `told`: what to say about it, as (level, code, params). `changes`: field → (before,
    after). `done`: '' not yet, applied, left (something stood against it), undone, kept (was changed since, so it stays).
    `undo`: what was before.
    """

    __tablename__ = "import_row"
    __table_args__ = (UniqueConstraint("batch_id", "line"), Index("ix_import_row_outcome", "batch_id", "outcome", "done", "line"))

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    line: Mapped[int]
    outcome: Mapped[str]
    cells: Mapped[dict[str, str]] = mapped_column(JSON)
    told: Mapped[list[Any]] = mapped_column(JSON, default=list)
    ref: Mapped[str] = mapped_column(default="")  # the code of the registration or organisation it is about
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    done: Mapped[str] = mapped_column(default="")
    waited: Mapped[bool] = mapped_column(default=False)  # it came to the waiting list
    undo: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    stamp: Mapped[str] = mapped_column(default="")  # changed_at after it was applied; another one: changed since
