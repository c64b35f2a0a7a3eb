"""The tables of badges: batches and what was printed in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core.db import Base


class Batch(Base):
    """One printing: a number, a layout, the filter it was made for, its job."""

    __tablename__ = "badge_batch"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    number: Mapped[int]
    layout: Mapped[str]  # a6, a6-fold, a4x8
    filter: Mapped[dict[str, Any]] = mapped_column(JSON)
    count: Mapped[int]
    reason: Mapped[str] = mapped_column(default="")  # of a reprint
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class Print(Base):
    """One badge in a batch. `face_hash` tells whether what the badge says has changed since."""

    __tablename__ = "badge_print"
    __table_args__ = (Index("ix_badge_print_ticket", "ticket_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("badge_batch.id"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    face_hash: Mapped[str]
    printed_at: Mapped[datetime]
