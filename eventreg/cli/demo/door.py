"""Who has come by now? On the meeting's days: scans at two doors for the hours that have passed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select

from eventreg.checkin import devices
from eventreg.checkin import services as checkin
from eventreg.checkin.incoming import ScanIn
from eventreg.checkin.services import Desk
from eventreg.core import clock
from eventreg.core.audit import Actor
from eventreg.core.db import db
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.registration.models import Registration, Ticket
from eventreg.registration.rules import State

DOORS = ("Main entrance", "Garden entrance")
NOTES = (
    "Needs help with the wheelchair ramp",
    "Letter to hand over at the desk",
    "Interpreter waits at the information point",
    "Ask for the new spelling of the name",
    "Speaks at 10:00: straight to the main hall",
)
_COMES, _BATCH = 0.86, 10
_DEVICES_MADE = timedelta(days=3)  # before the first day


@dataclass(frozen=True)
class _Arrival:
    at: datetime
    door: str
    token: str


def open_doors(event: Event, at: datetime) -> None:
    """Name the devices three days before the meeting, then scan who came until `at`."""
    first = datetime.combine(event.first_day, time(8), ZoneInfo(event.zone))
    if at < first - _DEVICES_MADE:
        return
    people = {person.email_key: person for person in db.session.scalars(select(Person).where(Person.email_key.in_(_STAFF)))}
    with clock.at(first - _DEVICES_MADE):
        for door in DOORS:
            devices.create(event.id, name=f"Phone, {door.lower()}", door=door, by=people[_STAFF[0]])
    volunteer = people[_STAFF[1]]
    for door in DOORS:
        arrivals = [arrival for arrival in _arrivals(event) if arrival.at <= at and arrival.door == door]
        desk = Desk(actor=Actor("organiser", volunteer.code), door=door, person_id=volunteer.id)
        for index in range(0, len(arrivals), _BATCH):
            batch = arrivals[index : index + _BATCH]
            scans = [ScanIn(id=_uuid(arrival), at=arrival.at, source="camera", code=arrival.token) for arrival in batch]
            with clock.at(batch[-1].at):
                checkin.sync(event.id, scans, desk=desk)


_STAFF = ("organiser@example.org", "door@example.org")


def _arrivals(event: Event) -> list[_Arrival]:
    """Everybody who will come, on each of their days, in order of time; two show a dead code on the first."""
    rng = Random(20221101)
    found = []
    query = select(Registration.days, Ticket.token).join(Ticket, Ticket.registration_id == Registration.id)
    confirmed = query.where(Registration.event_id == event.id, Registration.state == State.CONFIRMED, Ticket.revoked_at.is_(None))
    for days, token in db.session.execute(confirmed.order_by(Registration.id)).all():
        door = DOORS[rng.random() < 0.3]
        found += [_Arrival(_morning(date.fromisoformat(day), event, rng), door, token) for day in days if rng.random() < _COMES]
    revoked = select(Ticket.token).where(Ticket.event_id == event.id, Ticket.revoked_at.is_not(None))
    opening = datetime.combine(event.first_day, time(8), ZoneInfo(event.zone))
    for minutes, token in zip((40, 65), db.session.scalars(revoked.order_by(Ticket.id).limit(2)), strict=False):
        found.append(_Arrival(opening + timedelta(minutes=minutes), DOORS[0], token))
    return sorted(found, key=lambda arrival: arrival.at)


def _morning(day: date, event: Event, rng: Random) -> datetime:
    """Most come between eight and half past nine."""
    minutes = min(200.0, max(1.0, rng.gauss(55, 30)))
    return datetime.combine(day, time(8), ZoneInfo(event.zone)) + timedelta(minutes=minutes)


def _uuid(arrival: _Arrival) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{arrival.token} {arrival.at.isoformat()}"))
