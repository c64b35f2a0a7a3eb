"""Who read what is sensitive? Needs are shown on purpose only; each showing is written down and told to whom they belong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select

from eventreg.core import audit, clock
from eventreg.core.audit import Actor, AuditLine
from eventreg.core.db import db, transaction
from eventreg.events.models import Event
from eventreg.registration import queries
from eventreg.registration.models import Needs, Registration

LISTED = "needs.listed"
READ = "needs.read"
ONE_LOOK = timedelta(hours=1)  # pages of one list turned within it are one reading


@dataclass(frozen=True)
class Reading:
    """Somebody's needs were shown, or stood in a list of those who told some (`is_list`)."""

    at: datetime
    role: str  # kind of the actor: organiser …
    actor: str
    is_list: bool


def told(needs: Needs | None) -> bool:
    """Whether there is anything to read."""
    return needs is not None and bool(needs.access or needs.diet or needs.gender or needs.answers)


def read(registration_id: int, *, by: Actor) -> None:
    """Write down that somebody's needs are shown now; call it before they are."""
    with transaction():
        registration = db.session.get_one(Registration, registration_id)
        audit.record("needs.read", registration, event_id=registration.event_id, actor=by)


def listed(event_id: int, *, kind: str, rows: int, by: Actor) -> None:
    """Write down that somebody saw or took away the list of those who told needs: `kind` is list, csv, xlsx or print.

    Looking at pages of it is one reading an hour; each file counts.
    """
    if kind == "list" and _seen_lately(event_id, by, since=clock.now() - ONE_LOOK):
        return
    with transaction():
        event = db.session.get_one(Event, event_id)
        facts = {"kind": kind, "rows": rows}
        audit.record("needs.listed", ("needs", event.slug), event_id=event_id, actor=by, facts=facts)


def _seen_lately(event_id: int, by: Actor, *, since: datetime) -> bool:
    query = select(AuditLine.facts).where(
        *_lists(event_id), AuditLine.actor == str(by), AuditLine.action == LISTED, AuditLine.at >= since
    )
    return any(facts.get("kind") == "list" for facts in db.session.scalars(query))


def _lists(event_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return AuditLine.chain == event_id, AuditLine.object_kind == "needs"


def readings(registration: Registration) -> list[Reading]:
    """Who read this person's needs, newest first; lists count from the day on which they registered, while there are needs."""
    own = (AuditLine.object_kind == "registration") & (AuditLine.object_ref == registration.code)
    meant = own & (AuditLine.action == READ)
    if told(queries.needs_of(registration.id)):
        meant = or_(meant, (AuditLine.object_kind == "needs") & (AuditLine.at >= registration.registered_at))
    query = select(AuditLine).where(AuditLine.chain == registration.event_id, meant)
    found = db.session.scalars(query.order_by(AuditLine.seq.desc()))
    return [Reading(line.at, line.actor.partition(":")[0], line.actor, line.action == LISTED) for line in found]
