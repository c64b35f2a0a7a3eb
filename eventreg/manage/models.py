"""The tables of the organiser's pages: work that only they do. What it changes belongs to the rooms below."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core.db import Base


class Bulk(Base):
    """One action on many people: first shown, then done to exactly those who were shown.

    `state` is shown, running, done or stopped. `params` is what the action needs (a category, a reason, a note) and is emptied
    of what somebody typed when it ends: each registration's own record keeps that, and can be erased.
    """

    __tablename__ = "bulk"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who asked, then who confirmed
    kind: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(default="shown")
    job_id: Mapped[int | None]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BulkItem(Base):
    """A person of a bulk action as they were when it was shown, and what became of it.

    `verdict` is "" (will be done) or why not; `outcome` is "" (not yet), done or skipped; `reason` the
    refusal that skipped it. `ref` is the registration's code: a person erased since is simply not found any more.
    """

    __tablename__ = "bulk_item"
    __table_args__ = (UniqueConstraint("bulk_id", "ref"), Index("ix_bulk_item_open", "bulk_id", "outcome", "rank"))

    id: Mapped[int] = mapped_column(primary_key=True)
    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk.id"))
    rank: Mapped[int]  # the order in which it is done
    ref: Mapped[str]
    changed_at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(default="")
    outcome: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")


class SavedFilter(Base):
    """A filter of the list of people under a name: its owner's, or for all organisers of the meeting."""

    __tablename__ = "saved_filter"
    __table_args__ = (Index("ix_saved_filter_event", "event_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(JSON)  # what the address carries; read like any address when used
    is_shared: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
