"""May this person be a member of the delegation, and what happens when they are? Inside a transaction of the event's queue."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from eventreg.core import audit, capacity, links
from eventreg.core.audit import Actor
from eventreg.core.db import db
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Organisation, Person
from eventreg.registration import delegated, mails, places, queries
from eventreg.registration.models import Delegation, DelegationPlace, Registration
from eventreg.registration.rules import State, Waiting


def by_link_code(code: str) -> DelegationPlace | None:
    """The place that a member's link or form goes by, as the database has it now."""
    query = select(DelegationPlace).where(DelegationPlace.link_code == code)
    return db.session.scalar(query.execution_options(populate_existing=True)) if code else None


def ends_at(delegation: Delegation, place: DelegationPlace, event: Event) -> datetime:
    """Until when, exclusively, this place can be named: registration's deadline, the delegation's own day, or, for another
    person in the place of one who had it, the last day of the meeting."""
    if place.was_complete:
        last = datetime.combine(event.last_day, datetime.min.time(), ZoneInfo(event.zone))
        return last + timedelta(days=1)
    return max(event.closes_at, delegation.names_until_at or event.closes_at)


def why_not_name(delegation: Delegation, place: DelegationPlace, event: Event, *, now: datetime) -> Refusal | None:
    """Say why nobody can be named for this place now, or None."""
    if place.given_back_at is not None:
        return Refusal("delegation.given_back")
    until = ends_at(delegation, place, event)
    return Refusal("delegation.too_late", {"until": until}) if now >= until else None


def open_place(code: str, *, now: datetime) -> DelegationPlace:
    """The place for which this link or form still counts. Raises Refused (delegation.place_gone, .place_taken, .too_late)."""
    place = by_link_code(code)
    if place is None:
        raise Refused(Refusal("delegation.place_gone"))
    if place.registration_id is not None:
        raise Refused(Refusal("delegation.place_taken"))
    delegation = db.session.get_one(Delegation, place.delegation_id)
    if refusal := why_not_name(delegation, place, db.session.get_one(Event, delegation.event_id), now=now):
        raise Refused(refusal)
    return place


def is_open(code: str, *, now: datetime) -> bool:
    """Whether a form that came by this link may still be sent."""
    try:
        open_place(code, now=now)
    except Refused:
        return False
    return True


def fixed_answers(delegation: Delegation) -> dict[str, Any]:
    """What the delegation answers for its members, as a form has it."""
    body = db.session.get(Organisation, delegation.organisation_id) if delegation.organisation_id else None
    return {
        "country": delegation.country, "organisation_name": delegation.organisation_name,
        "organisation_code": body.code if body else "", "sector": delegation.sector,
    }  # fmt: skip


def first_answers(place: DelegationPlace) -> dict[str, Any]:
    """With what a member's form begins: what the delegation answers, and whom its head meant."""
    meant = {"email": place.email, "name_latin": place.name_latin, "name_arabic": place.name_arabic}
    fixed = fixed_answers(db.session.get_one(Delegation, place.delegation_id))
    return {name: value for name, value in {**meant, **fixed}.items() if value}


def bind(place: DelegationPlace, registration: Registration, event: Event, *, now: datetime, by: Actor) -> None:
    """The place is this registration's: it counts by its own answers from now on, and has a ticket.

    Raises Refused (registration.limit_full) when what is known only now, a day or a gender, has no place left.
    """
    delegation = db.session.get_one(Delegation, place.delegation_id)
    entry = queries.live_entry(registration.id)
    has_place = registration.state == State.CONFIRMED or (entry is not None and entry.state == Waiting.OFFERED)
    theirs, kept = queries.claims_of(registration), delegated.held(delegation)
    pools = capacity.all_pools(event.id)
    if has_place:
        capacity.release(capacity.among(pools, kept))  # they bring a place of their own
    else:
        if capacity.claim(capacity.among(pools, theirs - kept)) is not None:
            raise Refused(Refusal("registration.limit_full", {"full": queries.what_is_full(event, theirs - kept)}))
        capacity.release(capacity.among(pools, kept - theirs))
    if entry is not None:
        entry.state, entry.answered_at = Waiting.ACCEPTED, now
    place.registration_id, place.was_complete = registration.id, True
    registration.delegation_id = delegation.id
    if registration.state != State.CONFIRMED:
        places.confirm(registration, now=now)
    _tell(place, delegation, registration, event, now=now, by=by)
    if has_place:
        places.offer_free_places(event, now=now)


def _tell(
    place: DelegationPlace, delegation: Delegation, registration: Registration, event: Event, *, now: datetime, by: Actor
) -> None:
    """The link has done its work; whoever got it at their address has shown that the address is theirs; the head is told."""
    person = db.session.get_one(Person, registration.person_id)
    if place.link_code:
        links.revoke("delegation", place.link_code, now, event_id=event.id)
    if person.email_key and person.email_key == place.email_key and registration.address_confirmed_at is None:
        registration.address_confirmed_at = now
        people.confirm_address(person.id, now)
    facts = {"place": place.number, "registration": registration.code}
    audit.record("delegation.member_complete", delegation, event_id=event.id, actor=by, facts=facts)
    mails.delegation_complete(delegation, place, registration, event, now=now)
