"""The tables of the door: devices and append-only scans; who is in is derived from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core.db import Base


class Device(Base):
    """A phone or laptop at a door. `hash` is of the cookie's token once it is paired; revoked at a loss."""

    __tablename__ = "device"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    name: Mapped[str]
    door: Mapped[str]
    hash: Mapped[str | None] = mapped_column(unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who made it
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Scan(Base):
    """One reading at a door, refused ones too; never changed, never deleted. The id is made by the device, so that a
    resend is harmless.

    `kind` is entry or undo (of `undoes_id`); `verdict` what was answered: ok, again, attention, refused (undone for an
    undo); `forced` when somebody was let in all the same, with a reason that the audit keeps. The scans are the record
    of who came in: only undoing and forcing add a line to the audit.
    """

    __tablename__ = "scan"
    __table_args__ = (
        Index("ix_scan_event_at", "event_id", "at"),
        Index("ix_scan_event_day", "event_id", "day", "registration_id"),
        Index("ix_scan_registration", "registration_id", "at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)  # UUID in 36 characters
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # the volunteer
    door: Mapped[str]
    day: Mapped[str]  # local ISO date: one entry a day is expected
    kind: Mapped[str]
    source: Mapped[str]  # wedge, camera, typed, search
    verdict: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    forced: Mapped[bool] = mapped_column(default=False)
    undoes_id: Mapped[str | None] = mapped_column(ForeignKey("scan.id"))
    at: Mapped[datetime]  # the device's time, corrected
    offset_s: Mapped[int] = mapped_column(default=0)  # seconds by which it was corrected; 0: its clock was right
    received_at: Mapped[datetime]
