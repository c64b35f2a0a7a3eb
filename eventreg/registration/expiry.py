"""What runs out by the clock: offered places, addresses that nobody confirmed, drafts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from eventreg.core import files
from eventreg.core.audit import SYSTEM
from eventreg.core.db import db, transaction
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.registration import mails, places, queries, rules
from eventreg.registration.models import Draft, Registration, WaitingEntry
from eventreg.registration.rules import State, Waiting


def due(now: datetime) -> None:
    """Offers lapse, unconfirmed addresses lose their place, old drafts go: one idempotent transaction per thing."""
    for registration_id in _lapsed(now):
        _lapse(registration_id)
    for registration_id in _unconfirmed(now):
        _expire(registration_id)
    _sweep_drafts(now)


def _lapsed(now: datetime) -> list[int]:
    query = select(WaitingEntry.registration_id).where(
        WaitingEntry.state == Waiting.OFFERED, WaitingEntry.offer_expires_at <= now
    )
    return list(db.session.scalars(query.order_by(WaitingEntry.offer_expires_at, WaitingEntry.position)))


def _lapse(registration_id: int) -> None:
    event_id = db.session.get_one(Registration, registration_id).event_id
    with transaction(queue=("event", event_id)) as now:
        entry = queries.live_entry(registration_id)
        still = entry is not None and entry.state == Waiting.OFFERED and entry.offer_expires_at is not None
        if entry is None or not still or entry.offer_expires_at is None or entry.offer_expires_at > now:
            return
        event = db.session.get_one(Event, event_id)
        places.end_offer(entry, event, state=Waiting.LAPSED, now=now, by=SYSTEM)


def _unconfirmed(now: datetime) -> list[int]:
    found: list[int] = []
    for event_id, hours in db.session.execute(select(Event.id, Event.confirm_hours)):
        query = select(Registration.id).join(Person, Person.id == Registration.person_id).where(
            Registration.event_id == event_id, Registration.state.in_(tuple(rules.LIVE)),
            Registration.address_confirmed_at.is_(None), Registration.is_entered.is_(False),
            Person.email_key.is_not(None),
            Registration.registered_at <= now - timedelta(hours=hours),
            # who signed in by a mailed link since has shown that the address is theirs
            (Person.email_confirmed_at.is_(None)) | (Person.email_confirmed_at < Registration.registered_at),
        )  # fmt: skip
        found += db.session.scalars(query.order_by(Registration.registered_at))
    return found


def _expire(registration_id: int) -> None:
    event_id = db.session.get_one(Registration, registration_id).event_id
    with transaction(queue=("event", event_id)) as now:
        registration = db.session.get_one(Registration, registration_id)
        if registration.address_confirmed_at is not None or registration.state not in rules.LIVE:
            return
        event = db.session.get_one(Event, event_id)
        places.leave(registration, event, state=State.EXPIRED, reason="address", now=now, by=SYSTEM)
        mails.expired(registration, event, now=now)


def _sweep_drafts(now: datetime) -> None:
    """Sent drafts after a day; unsent ones 30 days after closing (their answers were promised to be kept until then)."""
    query = select(Draft.id).join(Event, Event.id == Draft.event_id).where(
        ((Draft.sent_at.is_not(None)) & (Draft.sent_at < now - timedelta(days=1)))
        | ((Event.closes_at < now - timedelta(days=30)) & (Draft.saved_at < now - timedelta(days=30)))
    )  # fmt: skip
    ids = list(db.session.scalars(query.limit(200)))
    if not ids:
        return
    with transaction():
        for draft in db.session.scalars(select(Draft).where(Draft.id.in_(ids))):
            files.delete_of(("draft", draft.code))
            db.session.delete(draft)
