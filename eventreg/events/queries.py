"""Reads about meetings."""

from __future__ import annotations

from sqlalchemy import select

from eventreg.core.db import db
from eventreg.events.models import Event, Track


def by_slug(slug: str) -> Event | None:
    """The meeting with this address, or None."""
    return db.session.scalar(select(Event).where(Event.slug == slug))


def all_events() -> list[Event]:
    """Every meeting of the installation, the latest first."""
    return list(db.session.scalars(select(Event).order_by(Event.first_day.desc(), Event.id)))


def tracks(event_id: int) -> list[Track]:
    """The tracks of a meeting in their order."""
    return list(db.session.scalars(select(Track).where(Track.event_id == event_id).order_by(Track.rank)))
