"""What happens at the door: scans come in, one is taken back, somebody is let in all the same.

Scans are never changed: what is answered is stored with each, who is in follows from all of them. Devices may send
theirs late, twice and in any order.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from eventreg.checkin import queries, rules
from eventreg.checkin.incoming import ScanIn
from eventreg.checkin.models import Device, Scan
from eventreg.checkin.rules import Facts, Mark
from eventreg.core import audit, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.registration.models import Registration, Ticket


@dataclass(frozen=True)
class Desk:
    """Who scans where: a volunteer, a device or both.

    `may_force`: let in again and take back; `is_lead`: override a refusal, take back late.
    """

    actor: Actor
    door: str
    person_id: int | None = None
    device_id: int | None = None
    may_force: bool = False
    is_lead: bool = False


@dataclass(frozen=True)
class _Subject:
    """What a reading names."""

    registration: Registration | None
    ticket: Ticket | None
    unreadable: str = ""
    is_test: bool = False


def sync(event_id: int, scans: Sequence[ScanIn], *, desk: Desk, sent_at: datetime | None = None) -> None:
    """Store a batch of scans with their verdicts; one that is known by its id is left as it is.

    `sent_at` is the device's time at the moment of sending: it tells by how much the times of the scans are wrong. A
    single scan with a network is a batch of one. Read what was decided with `queries.outcomes`.
    """
    with transaction(queue=("door", event_id)) as now:
        event = db.session.get_one(Event, event_id)
        error = rules.clock_error(sent_at, now)
        if desk.device_id is not None:
            db.session.get_one(Device, desk.device_id).seen_at = now
        new = _new(scans)
        subjects = _subjects(event_id, new)
        marks = queries.marks_of({one.registration.id for one in subjects.values() if one.registration is not None})
        timed = [(rules.corrected(one.at or now, error, received_at=now), one) for one in new]
        for at, one in sorted(timed, key=lambda pair: (pair[0], pair[1].id)):
            scan = _scan(one, subjects[one.id], at=at, event=event, desk=desk, marks=marks)
            scan.received_at, scan.offset_s = now, round(error.total_seconds())
            db.session.add(scan)
            if scan.verdict in rules.PASSED and scan.registration_id is not None:
                marks[scan.registration_id, scan.day].append(Mark(scan.id, at, scan.door, forced=scan.forced))
            if scan.forced:
                _record("scan.forced", scan, subjects[one.id].registration, desk=desk, reason=one.reason)


def _new(scans: Iterable[ScanIn]) -> list[ScanIn]:
    """Each scan once, without those that came before."""
    by_id = {scan.id: scan for scan in scans}
    known = set(db.session.scalars(select(Scan.id).where(Scan.id.in_(by_id))))
    return [scan for scan in by_id.values() if scan.id not in known]


def _subjects(event_id: int, scans: Sequence[ScanIn]) -> dict[str, _Subject]:
    """Whom each scan names, by its id: one statement for codes, one for people chosen in the search."""
    read = {scan.id: _read(scan) for scan in scans if not scan.registration_code}
    codes = {code for code, unreadable in read.values() if code}
    query = select(Ticket, Registration).join(Registration, Registration.id == Ticket.registration_id)
    tickets = {row[0].token: row for row in db.session.execute(query.where(Ticket.token.in_(codes)))} if codes else {}
    subjects = {}
    for number, (code, unreadable) in read.items():
        ticket, registration = tickets.get(code, (None, None))
        subjects[number] = _Subject(registration, ticket, unreadable, is_test=code == rules.TEST_CODE)
    return subjects | _chosen(event_id, [scan for scan in scans if scan.registration_code])


def _read(scan: ScanIn) -> tuple[str, str]:
    try:
        return tokens.read_badge_token(scan.code), ""
    except Refused as refused:
        return "", refused.refusal.code


def _chosen(event_id: int, scans: Sequence[ScanIn]) -> dict[str, _Subject]:
    found: dict[str, _Subject] = {}
    for scan in scans:
        live = (Ticket.registration_id == Registration.id) & Ticket.revoked_at.is_(None)
        here = (Registration.event_id == event_id, Registration.code == scan.registration_code)
        query = select(Registration, Ticket).outerjoin(Ticket, live).where(*here)
        registration, ticket = db.session.execute(query).first() or (None, None)
        found[scan.id] = _Subject(registration, ticket)
    return found


def _scan(
    one: ScanIn, subject: _Subject, *, at: datetime, event: Event, desk: Desk, marks: dict[tuple[int, str], list[Mark]]
) -> Scan:
    """Judge one reading. Of another meeting's badge nothing is kept but that it was one."""
    is_ours = subject.registration is not None and subject.registration.event_id == event.id
    who, ticket = (subject.registration, subject.ticket) if is_ours else (None, None)
    day = queries.local_day(event, at)
    earlier = rules.entry_before(marks[who.id, day], at=at, scan_id=one.id) if who is not None else None
    facts = Facts(
        unreadable=subject.unreadable, is_test=subject.is_test, is_known=subject.registration is not None,
        is_of_event=is_ours, ticket_revoked=ticket.revoked_because if ticket and ticket.revoked_at else None,
        state=who.state if who else "", note=who.door_note if who else "", earlier=earlier,
    )  # fmt: skip
    verdict = rules.decide(facts)
    forced = bool(one.reason) and may_force(verdict.result, verdict.reason, desk=desk)
    return Scan(
        id=one.id, event_id=event.id, registration_id=who.id if who else None, ticket_id=ticket.id if ticket else None,
        device_id=desk.device_id, person_id=desk.person_id, door=desk.door, day=day, kind="entry", source=one.source,
        verdict=rules.Result.OK if forced else verdict.result, reason=verdict.reason, forced=forced, at=at,
    )  # fmt: skip


def may_force(result: str, reason: str, *, desk: Desk) -> bool:
    """Whether this desk may let somebody in who was answered so."""
    if result == rules.Result.AGAIN:
        return desk.may_force
    return result == rules.Result.REFUSED and reason in rules.OVERRIDABLE and desk.is_lead


def force(event_id: int, scan_id: str, *, new_id: str, desk: Desk, reason: str) -> None:
    """Let in all the same the person whom an earlier scan named; the new scan has the id `new_id`.

    Raises Refused: door.reason_required, door.may_not_force.
    """
    if not reason:
        raise Refused(Refusal("door.reason_required"))
    with transaction(queue=("door", event_id)):
        scan = _entry(event_id, scan_id)
        if scan is None or scan.registration_id is None or not may_force(scan.verdict, scan.reason, desk=desk):
            raise Refused(Refusal("door.may_not_force"))
        registration = db.session.get_one(Registration, scan.registration_id)
        ticket = db.session.get(Ticket, scan.ticket_id) if scan.ticket_id is not None else None
        again = ScanIn(
            new_id, None, scan.source, code=ticket.token if ticket else "",
            registration_code="" if ticket else registration.code, reason=reason,
        )  # fmt: skip
        sync(event_id, [again], desk=desk)


def undo(event_id: int, scan_id: str, *, desk: Desk, reason: str = "") -> Scan:
    """Take an entry back: the undo is a scan of its own, both stay. The same again gives the first undo.

    Raises Refused: door.nothing_to_undo, door.undo_too_late (a volunteer after five minutes), door.reason_required.
    """
    with transaction(queue=("door", event_id)) as now:
        scan = _entry(event_id, scan_id)
        if scan is None or scan.registration_id is None or not rules.can_be_undone(scan.verdict, forced=scan.forced):
            raise Refused(Refusal("door.nothing_to_undo"))
        earlier = db.session.scalar(select(Scan).where(Scan.undoes_id == scan.id))
        if earlier is not None:
            return earlier
        refusal = rules.why_not_undo(scan.received_at, now, is_lead=desk.is_lead, reason=reason)
        if refusal is not None:
            raise Refused(Refusal(refusal))
        taken_back = Scan(
            id=str(uuid.uuid4()), event_id=event_id, registration_id=scan.registration_id, ticket_id=scan.ticket_id,
            device_id=desk.device_id, person_id=desk.person_id, door=desk.door, day=scan.day, kind="undo",
            source=scan.source, verdict="undone", undoes_id=scan.id, at=now, received_at=now,
        )  # fmt: skip
        db.session.add(taken_back)
        registration = db.session.get_one(Registration, scan.registration_id)
        _record("scan.undone", scan, registration, desk=desk, reason=reason)
        return taken_back


def _entry(event_id: int, scan_id: str) -> Scan | None:
    return db.session.scalar(select(Scan).where(Scan.id == scan_id, Scan.event_id == event_id, Scan.kind == "entry"))


def _record(action: str, scan: Scan, registration: Registration | None, *, desk: Desk, reason: str) -> None:
    facts = {"scan": scan.id, "door": scan.door, "answer": scan.reason}
    said = {"reason": (None, reason)} if reason else {}
    audit.record(action, registration or scan, event_id=scan.event_id, actor=desk.actor, facts=facts, personal=said)
