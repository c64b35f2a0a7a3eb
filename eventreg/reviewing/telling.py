"""What reviewers are written by the clock: one mail for all that they were given, and reminders that stop once all is submitted."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import select

from eventreg.core.db import db, transaction
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.proposals import shield
from eventreg.reviewing import mails, queries
from eventreg.reviewing.models import Assignment, Reviewing
from eventreg.reviewing.rules import AssignmentState

WAIT = timedelta(minutes=10)  # for what the chair gives a moment later
REMIND_DAYS = (3, 1)  # before the closing
_OPEN = (AssignmentState.ASSIGNED, AssignmentState.STARTED)


def due(now: datetime) -> None:
    """Tell reviewers what waits for them, once reviewing is open; remind those who have not submitted all."""
    running = select(Reviewing).where(Reviewing.opens_at <= now, Reviewing.closes_at > now)
    for settings in db.session.scalars(running).all():
        for person_id in _new(settings.event_id, now):
            _tell(settings.event_id, person_id)
        closes = settings.closes_at
        days = next((days for days in sorted(REMIND_DAYS) if closes is not None and now >= closes - timedelta(days)), None)
        if days is not None:
            for person_id in _late(settings.event_id, days):
                _remind(settings.event_id, person_id, days)


def _new(event_id: int, now: datetime) -> list[int]:
    query = select(Assignment.person_id).where(
        Assignment.event_id == event_id, Assignment.state.in_(_OPEN), Assignment.told_at.is_(None)
    )
    return list(db.session.scalars(query.where(Assignment.assigned_at <= now - WAIT).distinct()))


def _open_of(event_id: int, person: Person) -> list[Assignment]:
    query = select(Assignment).where(
        Assignment.event_id == event_id, Assignment.person_id == person.id, Assignment.state.in_(_OPEN),
        Assignment.proposal_id.not_in(shield.hidden(event_id, person)),
    )  # fmt: skip
    return list(db.session.scalars(query))


def _tell(event_id: int, person_id: int) -> None:
    with transaction(queue=("reviewing", event_id)) as now:
        person, reviewer = db.session.get_one(Person, person_id), queries.reviewer(event_id, person_id)
        new = [one for one in _open_of(event_id, person) if one.told_at is None]
        for one in new:
            one.told_at = now
        if new and reviewer is not None:
            mails.assigned(reviewer, db.session.get_one(Event, event_id), number=len(new))


def _late(event_id: int, days: int) -> list[int]:
    """Those who have something open about which they were not reminded that near to the closing."""
    query = select(Assignment.person_id, Assignment.reminded_days).where(
        Assignment.event_id == event_id, Assignment.state.in_(_OPEN), Assignment.told_at.is_not(None)
    )
    reminded: dict[int, list[int | None]] = defaultdict(list)
    for person_id, last in db.session.execute(query):
        reminded[person_id].append(last)
    return [one for one, last in reminded.items() if all(value is None or value > days for value in last)]


def _remind(event_id: int, person_id: int, days: int) -> None:
    with transaction(queue=("reviewing", event_id)):
        person, reviewer = db.session.get_one(Person, person_id), queries.reviewer(event_id, person_id)
        late = _open_of(event_id, person)
        for one in late:
            one.reminded_days = days
        if late and reviewer is not None:
            mails.reminder(reviewer, db.session.get_one(Event, event_id), number=len(late))
