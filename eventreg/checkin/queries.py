"""Who is in, who was scanned, who can be found: reads for the door. Presence is always derived from the scans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from eventreg.badges.models import Print
from eventreg.checkin import rules
from eventreg.checkin.models import Device, Scan
from eventreg.checkin.rules import Mark
from eventreg.core.db import db
from eventreg.events.models import Event
from eventreg.registration.models import Registration, Ticket
from eventreg.registration.rules import State

LOG_LENGTH = 20
LOOKS = 50  # as many scans are shown to the organiser as one can look through


@dataclass(frozen=True)
class Outcome:
    """A stored scan and what the door shows of it. `is_live`: it counts and nobody has taken it back."""

    scan: Scan
    registration: Registration | None
    ticket: Ticket | None  # the one that was read
    entry: Mark | None  # of the same day, before this scan
    is_live: bool
    is_first_visit: bool
    is_printed: bool


@dataclass(frozen=True)
class Counts:
    """Today: how many are in, how many are expected, how many came through each door."""

    inside: int
    expected: int
    doors: dict[str, int]


def local_day(event: Event, at: datetime) -> str:
    """The day of a scan on the event's calendar, as ISO date."""
    return at.astimezone(ZoneInfo(event.zone)).date().isoformat()


def passed() -> ColumnElement[bool]:
    """The scans that let somebody pass."""
    return and_(Scan.kind == "entry", Scan.verdict.in_(sorted(rules.PASSED)))


def marks_of(registration_ids: Collection[int]) -> dict[tuple[int, str], list[Mark]]:
    """What counts for presence, by registration and day: one statement."""
    found: dict[tuple[int, str], list[Mark]] = defaultdict(list)
    if not registration_ids:
        return found
    undone = aliased(Scan)
    columns = (Scan.id, Scan.registration_id, Scan.day, Scan.at, Scan.door, Scan.forced, undone.at.label("undoes_from"))
    query = select(*columns).outerjoin(undone, undone.id == Scan.undoes_id)
    query = query.where(Scan.registration_id.in_(registration_ids), or_(passed(), Scan.kind == "undo"))
    for row in db.session.execute(query):
        mark = Mark(row.id, row.at, row.door, undoes_from=row.undoes_from, forced=row.forced)
        found[row.registration_id, row.day].append(mark)
    return found


def outcomes(event_id: int, scan_ids: Collection[str]) -> dict[str, Outcome]:
    """What the door shows of these scans of this event: two statements, however many."""
    return _outcomes(_scans_of(event_id).where(Scan.id.in_(scan_ids)))


def last(event_id: int, *, person_id: int | None, device_id: int | None) -> list[Outcome]:
    """The last 20 scans of this device, or of this volunteer, newest first: two statements."""
    own = Scan.device_id == device_id if device_id is not None else Scan.person_id == person_id
    query = _scans_of(event_id).where(Scan.kind == "entry", own).order_by(Scan.at.desc(), Scan.id).limit(LOG_LENGTH)
    return list(_outcomes(query).values())


def needing_a_look(event_id: int) -> list[Outcome]:
    """For the organiser: refused after the person had passed a door without network; the same badge let in twice."""
    ids = [*_late_refusals(event_id), *_in_twice(event_id)]
    query = _scans_of(event_id).where(Scan.id.in_(ids)).order_by(Scan.at.desc(), Scan.id)
    looks = [one for one in _outcomes(query).values() if one.scan.verdict == "refused" or _is_double(one)]
    return looks[:LOOKS]


def _late_refusals(event_id: int) -> list[str]:
    """The newest refusals that came late; those of the moment, which everybody at the door saw, hide none."""
    columns = (Scan.id, Scan.at, Scan.received_at)
    refused = (Scan.kind == "entry", Scan.verdict == "refused", ~Scan.forced, Scan.registration_id.is_not(None))
    query = select(*columns).where(Scan.event_id == event_id, *refused).order_by(Scan.at.desc(), Scan.id)
    late = [number for number, at, received_at in db.session.execute(query) if received_at - at > rules.SENT_LATE]
    return late[:LOOKS]


def _in_twice(event_id: int) -> list[str]:
    """The newest entries of those who have several on one day; some may be taken back."""
    plain = (Scan.event_id == event_id, passed(), Scan.verdict == "ok", ~Scan.forced)
    twice = select(Scan.registration_id).where(*plain).group_by(Scan.registration_id, Scan.day).having(func.count() > 1)
    query = select(Scan.id).where(*plain, Scan.registration_id.in_(twice)).order_by(Scan.at.desc(), Scan.id)
    return list(db.session.scalars(query.limit(10 * LOOKS)))


def _is_double(one: Outcome) -> bool:
    return one.is_live and one.entry is not None


def _scans_of(event_id: int) -> Select[*tuple[Any, ...]]:
    printed = exists().where(Print.ticket_id == Ticket.id)
    return (
        select(Scan, Registration, Ticket, printed)
        .outerjoin(Registration, Registration.id == Scan.registration_id)
        .outerjoin(Ticket, Ticket.id == Scan.ticket_id)
        .where(Scan.event_id == event_id)
    )


def _outcomes(query: Select[*tuple[Any, ...]]) -> dict[str, Outcome]:
    rows = db.session.execute(query).all()
    marks = marks_of({scan.registration_id for scan, *rest in rows if scan.registration_id is not None})
    found: dict[str, Outcome] = {}
    for scan, registration, ticket, printed in rows:
        number = scan.registration_id or 0
        today = marks.get((number, scan.day), [])
        other_days = [day for who, day in marks if who == number and day < scan.day and rules.live(marks[who, day])]
        found[scan.id] = Outcome(
            scan, registration, ticket, rules.entry_before(today, at=scan.at, scan_id=scan.id),
            is_live=any(mark.scan_id == scan.id for mark in rules.live(today)),
            is_first_visit=not other_days, is_printed=bool(printed),
        )  # fmt: skip
    return found


# ---- numbers -------------------------------------------------------------------------------------------------------


def counts(event: Event, now: datetime) -> Counts:
    """Who is in today: three statements, whatever the number of people."""
    live = _live(event.id, local_day(event, now))
    confirmed = select(func.count()).where(Registration.event_id == event.id, Registration.state == State.CONFIRMED)
    people = func.count(Scan.registration_id.distinct())
    query = select(Scan.door, people).where(live).group_by(Scan.door).order_by(Scan.door)
    doors = {row[0]: row[1] for row in db.session.execute(query)}
    number = db.session.scalar(select(people).where(live)) or 0
    return Counts(number, db.session.scalar(confirmed) or 0, doors)


def _live(event_id: int, day: str) -> ColumnElement[bool]:
    """The scans of somebody that count and were not taken back: `rules.live`, said in SQL."""
    undo, undone = aliased(Scan), aliased(Scan)
    taken_back = (
        select(undo.id)
        .join(undone, undone.id == undo.undoes_id)
        .where(undo.registration_id == Scan.registration_id, undo.kind == "undo", undo.day == Scan.day)
        .where(undone.at <= Scan.at, Scan.at <= undo.at)
    )
    of_the_day = (Scan.event_id == event_id, Scan.day == day, Scan.registration_id.is_not(None))
    return and_(*of_the_day, passed(), ~taken_back.correlate(Scan).exists())


def standing(registration_id: int, day: str) -> Mark | None:
    """The entry of one person on a day; None: not in."""
    return rules.entry(marks_of([registration_id]).get((registration_id, day), []))


# ---- devices -------------------------------------------------------------------------------------------------------


def devices(event_id: int) -> list[Device]:
    """The devices of a meeting, the newest first."""
    return list(db.session.scalars(select(Device).where(Device.event_id == event_id).order_by(Device.id.desc())))


def device(event_id: int, code: str) -> Device | None:
    """The device with this code."""
    return db.session.scalar(select(Device).where(Device.event_id == event_id, Device.code == code))
