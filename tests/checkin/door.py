"""What tests of the door need: people with badges, somebody at the door, scans as a device sends them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from eventreg.checkin import queries, services
from eventreg.checkin.incoming import ScanIn
from eventreg.checkin.queries import Outcome
from eventreg.checkin.services import Desk
from eventreg.core import clock
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db, transaction
from eventreg.events.models import Event
from eventreg.registration import places
from eventreg.registration.models import Registration, Ticket

MORNING = "2022-11-01T08:31+01:00"  # the first day of the meeting
VOLUNTEER = Desk(OPERATOR, "North door", may_force=True)
OTHER_DOOR = Desk(OPERATOR, "South door", may_force=True)
LEAD = Desk(OPERATOR, "North door", may_force=True, is_lead=True)


def token_of(registration: Registration) -> str:
    """The code on the badge, live or not."""
    found = db.session.query(Ticket).filter_by(registration_id=registration.id).order_by(Ticket.id.desc()).first()
    assert found is not None
    return found.token


def a_ticket_for(registration: Registration) -> str:
    """A live code for somebody who has none, such as a person on the waiting list."""
    with transaction():
        return places.issue_ticket(db.session.get_one(Registration, registration.id), now=clock.now()).token


def replaced(registration: Registration) -> str:
    """Reprint: the code that is now dead."""
    old = token_of(registration)
    a_ticket_for(registration)
    return old


def a_scan(code: str, at: str | datetime | None = None, **changes: Any) -> ScanIn:
    """A reading as a device makes it."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return ScanIn(**{"id": str(uuid.uuid4()), "at": moment, "source": "wedge", "code": code, **changes})


def scan(event: Event, *scans: ScanIn, desk: Desk = VOLUNTEER, sent_at: datetime | None = None) -> list[Outcome]:
    """Send scans and read what was decided, in their order."""
    services.sync(event.id, scans, desk=desk, sent_at=sent_at)
    found = queries.outcomes(event.id, [one.id for one in scans])
    return [found[one.id] for one in scans]


def verdict(outcome: Outcome) -> tuple[str, str]:
    """Result and reason."""
    return outcome.scan.verdict, outcome.scan.reason


def inside(event: Event) -> int:
    """How many are in today."""
    return queries.counts(event, clock.now()).inside
