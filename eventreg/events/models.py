"""The tables of a meeting."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core.db import Base
from eventreg.core.i18n import Text, TextType


class Event(Base):
    """A meeting. A deadline is kept as what was decided (`…_local`, wall clock of `zone`) and what follows from it (`…_at`)."""

    __tablename__ = "event"
    __table_args__ = (CheckConstraint("grace_minutes BETWEEN 0 AND 15", name="grace_range"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[Text] = mapped_column(TextType)
    short_name: Mapped[Text] = mapped_column(TextType)
    aims: Mapped[Text] = mapped_column(TextType)
    city: Mapped[Text] = mapped_column(TextType)
    venue: Mapped[Text] = mapped_column(TextType)
    host: Mapped[Text] = mapped_column(TextType)
    country: Mapped[str]
    zone: Mapped[str]
    zone_label: Mapped[Text] = mapped_column(TextType)  # "Marrakech time", said once a page
    default_lang: Mapped[str] = mapped_column(default="en")
    first_day: Mapped[date]
    last_day: Mapped[date]
    opens_local: Mapped[str]  # ISO 8601 without offset
    opens_at: Mapped[datetime]
    closes_local: Mapped[str]
    closes_fold: Mapped[int] = mapped_column(default=0)  # 1: the second of two equal hours, when the clock goes back
    closes_at: Mapped[datetime]  # exclusive: open is opens_at <= now < closes_at
    deadline_moved_on: Mapped[date | None]
    deadline_reason: Mapped[Text] = mapped_column(TextType, default=Text())
    grace_minutes: Mapped[int] = mapped_column(default=5)
    confirm_hours: Mapped[int] = mapped_column(default=24)
    offer_hours: Mapped[int] = mapped_column(default=48)
    moderated: Mapped[bool] = mapped_column(default=False)  # a registration needs an organiser's yes before it gets a place
    help_email: Mapped[str] = mapped_column(default="")
    help_phone: Mapped[str] = mapped_column(default="")
    wifi: Mapped[str] = mapped_column(default="")
    venue_capacity: Mapped[int | None]  # how many people the venue admits; None: not told
    delegation_max: Mapped[int] = mapped_column(default=0)  # places of a delegation that a participant may register; 0: none
    programme_on: Mapped[date | None]  # the day on which the programme will be published
    answers_swept_on: Mapped[date | None]  # the day on which answers whose time was over were last looked for
    created_at: Mapped[datetime]

    @property
    def days(self) -> list[date]:
        """The days of the meeting."""
        return [self.first_day + timedelta(days=n) for n in range((self.last_day - self.first_day).days + 1)]

    @property
    def grace(self) -> timedelta:
        """How long after closing a form that was opened before may still be sent."""
        return timedelta(minutes=self.grace_minutes)


class Track(Base):
    """A subject area; `look` chooses its colour and pattern (civic, digital, justice, integrity)."""

    __tablename__ = "track"
    __table_args__ = (UniqueConstraint("event_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    slug: Mapped[str]
    look: Mapped[str]
    rank: Mapped[int]
    name: Mapped[Text] = mapped_column(TextType)
    summary: Mapped[Text] = mapped_column(TextType)
