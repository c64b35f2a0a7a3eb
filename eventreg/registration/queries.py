"""Reads about registration that several pages need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, select, true

from eventreg.core import capacity, searching
from eventreg.core.capacity import Pool
from eventreg.core.db import db
from eventreg.core.questions import store
from eventreg.core.questions.shape import Form
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.registration import rules, standard
from eventreg.registration.models import (
    Delegation,
    DelegationPlace,
    Invitation,
    Needs,
    Registration,
    Ticket,
    WaitingEntry,
)  # fmt: skip
from eventreg.registration.rules import Full, LimitKey, State, Waiting

PURPOSE = "registration"  # of the questions in core.questions.store


@dataclass(frozen=True)
class Standing:
    """How full a meeting is: places taken and the limit (None: no limit), how many wait."""

    taken: int
    limit: int | None
    waiting: int

    @property
    def is_full(self) -> bool:
        """Whether the event's own limit is reached."""
        return self.limit is not None and self.taken >= self.limit


def standing(event_id: int) -> Standing:
    """How full the meeting is now: one statement."""
    waiting = select(func.count()).where(WaitingEntry.event_id == event_id, WaitingEntry.state == Waiting.WAITING)
    whole = (Pool.event_id == Event.id) & (Pool.kind == "event") & (Pool.key == "")
    query = select(Pool.taken, Pool.limit, waiting.scalar_subquery()).select_from(Event).outerjoin(Pool, whole)
    taken, limit, number = db.session.execute(query.where(Event.id == event_id)).one()
    return Standing(taken or 0, limit, number)


def claims_of(registration: Registration) -> frozenset[LimitKey]:
    """Under which limits this registration counts."""
    needs = db.session.get(Needs, registration.id)
    return rules.claims(
        category=registration.category, sector=registration.sector, country=registration.country,
        gender=needs.gender if needs else "", days=registration.days,
    )  # fmt: skip


def what_is_full(event: Event, wanted: frozenset[LimitKey]) -> Full:
    """What stands against a place for `wanted` now: one statement. No place is promised by it."""
    free = {(pool.kind, pool.key): pool.free for pool in capacity.all_pools(event.id)}
    return rules.what_is_full(wanted, free, days=[day.isoformat() for day in event.days])


def counts_under(kind: str, key: str) -> ColumnElement[bool]:
    """`rules.claims` as a condition: whether a registration counts under this limit."""
    if kind == "day":
        return comes_on(key)
    if kind == "gender":
        return Registration.id.in_(select(Needs.registration_id).where(Needs.gender == key))
    columns = {"category": Registration.category, "sector": Registration.sector, "country": Registration.country}
    return columns[kind] == key if kind in columns else true()


def comes_on(day: str) -> ColumnElement[bool]:
    """Whether the registration is for this day (ISO date)."""
    return cast(Registration.days, String).like(f'%"{day}"%')


def next_rank(event_id: int) -> int:
    """The rank that whoever joins the waiting list now would have."""
    query = select(func.count()).where(WaitingEntry.event_id == event_id, WaitingEntry.state == Waiting.WAITING)
    return (db.session.scalar(query) or 0) + 1


def holds_place() -> ColumnElement[bool]:
    """Whether a registration holds a place: confirmed, or a place is offered and kept for it."""
    offered = select(WaitingEntry.registration_id).where(WaitingEntry.state == Waiting.OFFERED)
    return (Registration.state == State.CONFIRMED) | Registration.id.in_(offered)


def form_of(event_id: int) -> Form:
    """The sections and questions that registration for this meeting asks: one statement."""
    return store.current(event_id, PURPOSE, default=standard.form)


def window(event: Event) -> rules.Window:
    """The event's registration window."""
    return rules.Window(event.opens_at, event.closes_at, event.grace)


def phase(event: Event, now: datetime) -> str:
    """before, open, soon, grace or closed: where registration stands."""
    return rules.phase(window(event), now)


def spread(event_id: int) -> tuple[dict[str, int], int]:
    """Confirmed registrations by category (largest first), and from how many countries they are: one statement."""
    query = select(Registration.category, Registration.country, func.count()).where(
        Registration.event_id == event_id, Registration.state == State.CONFIRMED
    )
    by_category: dict[str, int] = {}
    countries: set[str] = set()
    for category, country, number in db.session.execute(query.group_by(Registration.category, Registration.country)):
        by_category[category] = by_category.get(category, 0) + number
        countries.add(country)
    ordered = sorted(by_category.items(), key=lambda pair: (-pair[1], pair[0]))
    return dict(ordered), len(countries)


def by_code(event_id: int, code: str) -> Registration | None:
    """The registration with this code in this event."""
    return db.session.scalar(select(Registration).where(Registration.event_id == event_id, Registration.code == code))


def of_person(event_id: int, person_id: int) -> Registration | None:
    """A person's registration for this event."""
    query = select(Registration).where(Registration.event_id == event_id, Registration.person_id == person_id)
    return db.session.scalar(query)


def live_ticket(registration_id: int) -> Ticket | None:
    """The one code that opens doors for this registration."""
    query = select(Ticket).where(Ticket.registration_id == registration_id, Ticket.revoked_at.is_(None))
    return db.session.scalar(query)


def had_ticket(registration_id: int) -> bool:
    """Whether a code was ever issued for this registration: it held a place once."""
    return db.session.scalar(select(Ticket.id).where(Ticket.registration_id == registration_id).limit(1)) is not None


def needs_of(registration_id: int) -> Needs | None:
    """Access and dietary needs: only for pages whose reader may see them."""
    return db.session.get(Needs, registration_id)


def person_of(registration: Registration) -> Person:
    """Who it is."""
    return db.session.get_one(Person, registration.person_id)


def live_entry(registration_id: int) -> WaitingEntry | None:
    """The waiting-list entry that waits or is offered."""
    states = (Waiting.WAITING, Waiting.OFFERED)
    query = select(WaitingEntry).where(WaitingEntry.registration_id == registration_id, WaitingEntry.state.in_(states))
    return db.session.scalar(query)


def after_deadline(event_id: int) -> int:
    """How many live registrations were made after the deadline, by invitation: a public figure."""
    query = select(func.count()).where(
        Registration.event_id == event_id, Registration.state.in_(tuple(rules.LIVE)), Registration.passed_deadline.is_(True)
    )
    return db.session.scalar(query) or 0


def registered_keys(event_id: int, keys: Iterable[str]) -> set[str]:
    """Which of these addresses (as compared) have a live registration, by whatever way."""
    query = select(Person.email_key).join(Registration, Registration.person_id == Person.id).where(
        Registration.event_id == event_id, Registration.state.in_(tuple(rules.LIVE)), Person.email_key.in_(list(keys))
    )  # fmt: skip
    return {key for key in db.session.scalars(query) if key}


def places_held(event_id: int, kind: str = "event", key: str = "") -> int:
    """How many places count under this limit now, whether or not it is set: of registrations, offered, of delegations."""
    theirs = (Registration.event_id == event_id, holds_place(), counts_under(kind, key))
    held = db.session.scalar(select(func.count(Registration.id)).where(*theirs)) or 0
    return held + (db.session.scalar(unnamed_places(event_id, kind, key)) or 0)


def unnamed_places(event_id: int, kind: str, key: str) -> Select[tuple[int]]:
    """`rules.held_claims` as a count: the places of delegations that count under this limit while nobody is named for them."""
    columns = {"category": Delegation.category, "sector": Delegation.sector, "country": Delegation.country}
    counts = columns[kind] == key if kind in columns else literal(kind == "event")
    return (
        select(func.count(DelegationPlace.id))
        .join(Delegation, Delegation.id == DelegationPlace.delegation_id)
        .where(
            Delegation.event_id == event_id, DelegationPlace.registration_id.is_(None),
            DelegationPlace.given_back_at.is_(None), counts,
        )
    )  # fmt: skip


def places_promised(event_id: int, now: datetime) -> int:
    """How many more people may still come past the limit, by invitations that are open."""
    query = select(func.sum(Invitation.max_uses - Invitation.uses)).where(
        Invitation.event_id == event_id, Invitation.passes_limit, Invitation.revoked_at.is_(None),
        Invitation.expires_at > now, Invitation.uses < Invitation.max_uses,
    )  # fmt: skip
    return int(db.session.scalar(query) or 0)


def has_bones(bones: str) -> ColumnElement[bool]:
    """Whether a name of the registration has a word with these bones (core.text.skeleton)."""
    return searching.has_bones(Registration.search_key, bones)
