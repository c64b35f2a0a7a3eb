"""Who has a place, who waits, who is offered the next one? Everything here runs inside a transaction of the event's queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, not_, or_, select

from eventreg.core import audit, capacity, links, tokens
from eventreg.core.audit import SYSTEM, Actor
from eventreg.core.capacity import Pool
from eventreg.core.db import db
from eventreg.events.models import Event
from eventreg.registration import delegated, mails, queries, rules
from eventreg.registration.models import Needs, Registration, Ticket, WaitingEntry
from eventreg.registration.rules import State, Waiting

# ends that need no words: one's own wish, an address not confirmed, another member of the delegation in their place
ENDS_BY_ITSELF = frozenset({"", "own", "address", "swapped"})
_BATCH = 100  # entries of the waiting list looked at in one statement


def pools_of(registration: Registration) -> list[Pool]:
    """The pools in which this registration takes a place, with what it answers now."""
    return capacity.pools(registration.event_id, queries.claims_of(registration))


def starts_at(event: Event) -> datetime:
    """The instant at which the first day begins: nothing is offered from then on."""
    return datetime.combine(event.first_day, datetime.min.time(), ZoneInfo(event.zone))


def place_or_wait(registration: Registration, event: Event, *, now: datetime, passes_limit: bool) -> Pool | None:
    """Confirm the registration if every pool has a place for it, else put it at the end of the waiting list.

    Returns the pool that was full, None when the place is theirs.
    """
    pools = pools_of(registration)
    full = capacity.claim(pools)
    if full is not None and passes_limit:
        capacity.claim(pools, over_limit=True)
        registration.passed_limit, full = True, None
    if full is None:
        confirm(registration, now=now)
        return None
    registration.state = State.WAITLISTED
    registration.ended_at, registration.end_reason = None, ""
    db.session.add(
        WaitingEntry(
            event_id=event.id, registration_id=registration.id, position=_next_position(event.id),
            full_pool=f"{full.kind}:{full.key}", state=Waiting.WAITING, joined_at=now,
        )
    )  # fmt: skip
    db.session.flush()
    return full


def place_all(made: Sequence[Registration], event: Event, *, now: datetime) -> None:
    """The same for many new registrations: all at once while there are places for all, else one after the other."""
    pools = capacity.all_pools(event.id)
    counts = Counter(pool for registration in made for pool in capacity.among(pools, _claims_of_new(registration)))
    if not capacity.claim_many(counts):
        for registration in made:
            place_or_wait(registration, event, now=now, passes_limit=False)
        return
    for registration in made:
        registration.state, registration.confirmed_at = State.CONFIRMED, now
        db.session.add(
            Ticket(event_id=event.id, registration_id=registration.id, token=tokens.new_badge_token(), issued_at=now)
        )
    db.session.flush()


def _claims_of_new(registration: Registration) -> frozenset[rules.LimitKey]:
    """Of somebody without needs on record, and so without a look at them."""
    return rules.claims(
        category=registration.category, sector=registration.sector, country=registration.country, gender="", days=registration.days
    )


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
    if held and not delegated.keep(registration, now=now, by=by):
        capacity.release(pools_of(registration))
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

    An entry that another full limit bars is passed over without losing its position. The pools are read once; the list is
    read in order, some at a time, without those whom a full limit bars.
    """
    until = rules.offer_until(now, offer_hours=event.offer_hours, event_starts_at=starts_at(event))
    if until is None:
        return []
    db.session.flush()
    pools = capacity.all_pools(event.id)
    offered: list[WaitingEntry] = []
    position = 0
    while batch := _next_in_line(event.id, pools, after=position):
        for entry, registration, wanted in batch:
            position = entry.position
            theirs = capacity.among(pools, wanted)
            if all(pool.free != 0 for pool in theirs) and capacity.claim(theirs) is None:
                _offer(entry, registration, event, until=until, now=now)
                offered.append(entry)
    return offered


def _next_in_line(
    event_id: int, pools: list[Pool], *, after: int
) -> list[tuple[WaitingEntry, Registration, frozenset[rules.LimitKey]]]:
    """The next entries after this position whom no full limit bars, each with what its registration claims."""
    full = [pool for pool in pools if pool.free == 0]
    if any(pool.kind == "event" for pool in full):
        return []
    query = (
        select(WaitingEntry, Registration, func.coalesce(Needs.gender, ""))
        .join(Registration, Registration.id == WaitingEntry.registration_id)
        .outerjoin(Needs, Needs.registration_id == Registration.id)
        .where(WaitingEntry.event_id == event_id, WaitingEntry.state == Waiting.WAITING, WaitingEntry.position > after)
        .order_by(WaitingEntry.position)
    )
    if full:
        query = query.where(not_(or_(*(queries.counts_under(pool.kind, pool.key) for pool in full))))
    return [
        (entry, row, rules.claims(
            category=row.category, sector=row.sector, country=row.country, gender=gender, days=row.days,
        ))
        for entry, row, gender in db.session.execute(query.limit(_BATCH))
    ]  # fmt: skip


def _offer(entry: WaitingEntry, registration: Registration, event: Event, *, until: datetime, now: datetime) -> None:
    """The place is claimed: hold it for them and tell them."""
    entry.state, entry.offered_at, entry.offer_expires_at = Waiting.OFFERED, now, until
    facts = {"position": entry.position, "until": until.isoformat()}
    audit.record("waiting.offered", registration, event_id=event.id, actor=SYSTEM, facts=facts)
    mails.place_offered(registration, event, entry, now=now)


def end_offer(entry: WaitingEntry, event: Event, *, state: Waiting, now: datetime, by: Actor) -> None:
    """An offer is refused or has lapsed: the person stays registered without a place, the place goes on at once."""
    registration = db.session.get_one(Registration, entry.registration_id)
    entry.state, entry.answered_at = state, now
    capacity.release(pools_of(registration))
    before = registration.state
    registration.state, registration.ended_at = State.CANCELLED, now
    registration.end_reason, registration.changed_at = f"offer_{state.value}", now
    facts = {"before": before, "position": entry.position}
    audit.record(f"waiting.{state.value}", registration, event_id=event.id, actor=by, facts=facts)
    if state is Waiting.LAPSED:
        mails.offer_lapsed(registration, event, now=now)
    offer_free_places(event, now=now)
