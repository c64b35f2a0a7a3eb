"""Who has a place, who waits, who is offered the next one? Everything here runs inside a transaction of the event's queue."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from eventreg.core import audit, capacity, links, tokens
from eventreg.core.audit import SYSTEM, Actor
from eventreg.core.capacity import Pool
from eventreg.core.db import db
from eventreg.events.models import Event
from eventreg.registration import mails, queries, rules
from eventreg.registration.models import Registration, Ticket, WaitingEntry
from eventreg.registration.rules import State, Waiting

ENDS_BY_ITSELF = frozenset({"", "own", "address"})  # ends that need no words: one's own wish, an address not confirmed


def pools_of(event_id: int, category: str) -> list[Pool]:
    """The pools in which a registration of this category takes a place."""
    return capacity.pools(event_id, [("event", ""), ("category", category)])


def starts_at(event: Event) -> datetime:
    """The instant at which the first day begins: nothing is offered from then on."""
    return datetime.combine(event.first_day, datetime.min.time(), ZoneInfo(event.zone))


def place_or_wait(registration: Registration, event: Event, *, now: datetime, passes_limit: bool) -> Pool | None:
    """Confirm the registration if every pool has a place for it, else put it at the end of the waiting list.

    Returns the pool that was full, None when the place is theirs.
    """
    pools = pools_of(event.id, registration.category)
    full = capacity.claim(pools)
    if full is not None and passes_limit:
        capacity.claim(pools, over_limit=True)
        registration.passed_limit, full = True, None
    if full is None:
        confirm(registration, now=now)
        return None
    registration.state = State.WAITLISTED
    db.session.add(
        WaitingEntry(
            event_id=event.id, registration_id=registration.id, position=_next_position(event.id),
            category=registration.category, full_pool=full.kind, state=Waiting.WAITING, joined_at=now,
        )
    )  # fmt: skip
    db.session.flush()
    return full


def confirm(registration: Registration, *, now: datetime) -> None:
    """The place is theirs: state and the one live code."""
    registration.state, registration.confirmed_at = State.CONFIRMED, now
    registration.ended_at, registration.end_reason = None, ""
    issue_ticket(registration, now=now)


def issue_ticket(registration: Registration, *, now: datetime, because: str = "replaced") -> Ticket:
    """A new live code; the one before, if any, is dead from now on."""
    revoke_ticket(registration.id, because, now=now)
    ticket = Ticket(
        event_id=registration.event_id, registration_id=registration.id, token=tokens.new_badge_token(), issued_at=now
    )
    db.session.add(ticket)
    db.session.flush()
    return ticket


def revoke_ticket(registration_id: int, because: str, *, now: datetime) -> None:
    """Kill the live code, if there is one."""
    live = select(Ticket).where(Ticket.registration_id == registration_id, Ticket.revoked_at.is_(None))
    for ticket in db.session.scalars(live):
        ticket.revoked_at, ticket.revoked_because = now, because


def _next_position(event_id: int) -> int:
    newest = db.session.scalar(select(func.max(WaitingEntry.position)).where(WaitingEntry.event_id == event_id))
    return (newest or 0) + 1


def leave(registration: Registration, event: Event, *, state: State, reason: str, now: datetime, by: Actor) -> None:
    """End a registration: its place, its entry in the waiting list and its code are free, the next in line is offered."""
    held = registration.state == State.CONFIRMED
    entry = queries.live_entry(registration.id)
    if entry is not None:
        held = held or entry.state == Waiting.OFFERED
        entry.state, entry.answered_at = Waiting.REMOVED, now
    if held:
        capacity.release(pools_of(event.id, registration.category))
    revoke_ticket(registration.id, state.value, now=now)
    links.revoke("registration", registration.code, now, event_id=event.id)
    before = registration.state
    registration.state, registration.ended_at, registration.end_reason = state, now, reason
    registration.confirmed_at = None
    registration.changed_at = now
    # what somebody typed about a person can be erased, the chain's own facts cannot
    personal = {"reason": (None, reason)} if reason not in ENDS_BY_ITSELF else {}
    facts = {"before": before} | ({} if personal else {"why": reason})
    audit.record(f"registration.{state.value}", registration, event_id=event.id, actor=by, facts=facts, personal=personal)
    if held:
        offer_free_places(event, now=now)


def offer_free_places(event: Event, *, now: datetime) -> list[WaitingEntry]:
    """Offer every free place to the first in line who may have it, and hold it for them; who was offered.

    An entry whose category is full is passed over without losing its position.
    """
    until = rules.offer_until(now, offer_hours=event.offer_hours, event_starts_at=starts_at(event))
    if until is None:
        return []
    db.session.flush()
    offered: list[WaitingEntry] = []
    full: set[int] = set()
    waiting = select(WaitingEntry).where(WaitingEntry.event_id == event.id, WaitingEntry.state == Waiting.WAITING)
    for entry in db.session.scalars(waiting.order_by(WaitingEntry.position)).all():
        pools = pools_of(event.id, entry.category)
        if any(pool.id in full for pool in pools):
            continue
        refused_by = capacity.claim(pools)
        if refused_by is not None:
            full.add(refused_by.id)
            if refused_by.kind == "event":
                break
            continue
        entry.state, entry.offered_at, entry.offer_expires_at = Waiting.OFFERED, now, until
        _tell_offer(entry, event, now=now)
        offered.append(entry)
    return offered


def _tell_offer(entry: WaitingEntry, event: Event, *, now: datetime) -> None:
    registration = db.session.get_one(Registration, entry.registration_id)
    facts = {"position": entry.position, "until": entry.offer_expires_at.isoformat() if entry.offer_expires_at else None}
    audit.record("waiting.offered", registration, event_id=event.id, actor=SYSTEM, facts=facts)
    mails.place_offered(registration, event, entry, now=now)


def end_offer(entry: WaitingEntry, event: Event, *, state: Waiting, now: datetime, by: Actor) -> None:
    """An offer is refused or has lapsed: the person stays registered without a place, the place goes on at once."""
    registration = db.session.get_one(Registration, entry.registration_id)
    entry.state, entry.answered_at = state, now
    capacity.release(pools_of(event.id, entry.category))
    before = registration.state
    registration.state, registration.ended_at = State.CANCELLED, now
    registration.end_reason, registration.changed_at = f"offer_{state.value}", now
    facts = {"before": before, "position": entry.position}
    audit.record(f"waiting.{state.value}", registration, event_id=event.id, actor=by, facts=facts)
    if state is Waiting.LAPSED:
        mails.offer_lapsed(registration, event, now=now)
    offer_free_places(event, now=now)
