"""What is done with a delegation: it is made, its places are named, sent links, swapped, given back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from eventreg.core import audit, capacity, limits, links, text, times, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people import organisations
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.people.rules import Email, email_address
from eventreg.registration import changes, delegated, mails, members, places, queries, rules, services
from eventreg.registration.models import Delegation, DelegationPlace, Draft, Registration
from eventreg.registration.rules import Answers, State

MOST_PLACES = 100
LINKS_PER_DAY = 5  # to one place
LINKS_PER_HEAD = 100  # a day
NO_ADDRESS = Email("", "", "", suspicious=False)


@dataclass(frozen=True)
class DelegationPlan:
    """A delegation to be made. `category` '' is that of the sector; `names_until`: members may be named after the deadline."""

    name: str
    organisation_name: str
    organisation_code: str
    sector: str
    country: str
    size: int
    category: str = ""
    names_until: times.LocalMoment | None = None


@dataclass(frozen=True)
class Member:
    """Whom the head names: with an address they get a link of their own, without one the head speaks for them."""

    name_latin: str
    name_arabic: str
    lang: str
    email: Email | None = None


# ---- making ----------------------------------------------------------------------------------------------------------


def make(event_id: int, plan: DelegationPlan, head: Email, *, lang: str, by: Person) -> Delegation:
    """An organiser keeps places for the people of a body; the head is told by mail.

    All places or none. Raises Refused: size out of 1…100, or delegation.limit_full with the limit and what is left of it.
    """
    with transaction(queue=("event", event_id)) as now:
        event = db.session.get_one(Event, event_id)
        person = people.find_or_create(head, lang=lang)
        made = _make(event, plan, person, created_by=by, by=people.actor_of(by, "organiser"), now=now)
        mails.delegation_made(made, event, lang=lang, size=plan.size, now=now)
        return made


def register_own(event_id: int, plan: DelegationPlan, *, by: Person) -> Delegation:
    """A participant registers a delegation that they head, within what the meeting allows.

    Raises Refused: delegation.not_allowed, delegation.above_max, the deadline, or as `make`.
    """
    with transaction(queue=("event", event_id)) as now:
        event = db.session.get_one(Event, event_id)
        if not may_register(event, by):
            raise Refused(Refusal("delegation.not_allowed"))
        if refusal := rules.why_not_register(queries.window(event), now):
            raise Refused(refusal)
        left = event.delegation_max - _places_headed(event_id, by.id)
        if plan.size > left:
            raise Refused(Refusal("delegation.above_max", {"left": max(0, left), "most": event.delegation_max}))
        made = _make(event, plan, by, created_by=by, by=people.actor_of(by), now=now)
        mails.delegation_made(made, event, lang=by.lang, size=plan.size, now=now)
        return made


def may_register(event: Event, person: Person) -> bool:
    """Whether this participant may head a delegation: the meeting allows it, and they have a place and a confirmed address.

    Not where registrations need approval: members take their place without one, so an organiser decides by making it.
    """
    registration = queries.of_person(event.id, person.id)
    is_confirmed = registration is not None and registration.state == State.CONFIRMED
    return event.delegation_max > 0 and not event.moderated and is_confirmed and person.email_confirmed_at is not None


def _places_headed(event_id: int, person_id: int) -> int:
    query = select(func.count(DelegationPlace.id)).join(Delegation, Delegation.id == DelegationPlace.delegation_id).where(
        Delegation.event_id == event_id, Delegation.head_id == person_id, DelegationPlace.given_back_at.is_(None)
    )  # fmt: skip
    return db.session.scalar(query) or 0


def _make(
    event: Event, plan: DelegationPlan, head: Person, *, created_by: Person, by: Actor, now: datetime
) -> Delegation:
    if not 1 <= plan.size <= MOST_PLACES:
        raise Refused(Refusal("delegation.size", {"most": MOST_PLACES}))
    if plan.names_until is not None and plan.names_until.instant > times.deadline(event.last_day.isoformat(), event.zone).instant:
        raise Refused(Refusal("delegation.names_after_event"))
    body = organisations.recognised(plan.organisation_code, plan.organisation_name, plan.country)
    sector = body.sector if body else plan.sector
    delegation = Delegation(
        event_id=event.id, code=_free_code(event.id), name=plan.name, head_id=head.id, organisation_id=body.id if body else None,
        organisation_name=plan.organisation_name, sector=sector, country=plan.country, category=plan.category or sector,
        names_until_local=plan.names_until.local.isoformat() if plan.names_until else "",
        names_until_at=plan.names_until.instant if plan.names_until else None, created_by_id=created_by.id, created_at=now,
        search_key=text.search_key(plan.name, plan.organisation_name, body.names if body else "", head.email or ""),
    )  # fmt: skip
    _hold(event, delegated.held(delegation), plan.size)
    db.session.add(delegation)
    db.session.flush()
    db.session.add_all(DelegationPlace(delegation_id=delegation.id, number=number) for number in range(1, plan.size + 1))
    facts = {"size": plan.size, "category": delegation.category, "country": delegation.country, "sector": sector}
    audit.record("delegation.made", delegation, event_id=event.id, actor=by, facts=facts)
    return delegation


def _hold(event: Event, wanted: frozenset[rules.LimitKey], size: int) -> None:
    """Hold this many places under every limit, or refuse with the full one and what is left of it."""
    pools = capacity.pools(event.id, wanted)
    full = capacity.claim(pools, number=size)
    if full is not None:
        params = {"kind": full.kind, "key": full.key, "left": full.free or 0, "asked": size}
        raise Refused(Refusal("delegation.limit_full", params))


def _free_code(event_id: int) -> str:
    while True:
        code = tokens.short_code("D")
        if db.session.scalar(select(Delegation.id).where(Delegation.event_id == event_id, Delegation.code == code)) is None:
            return code


# ---- naming ----------------------------------------------------------------------------------------------------------


def name_place(delegation_id: int, number: int, member: Member, *, by: Actor) -> DelegationPlace:
    """Say who has this place; whoever had it before is out of the meeting in the same transaction, and the place stays held.

    With an address the person gets a link of their own and answers the form; without one they are registered at once, and the
    head is their contact. Raises Refused (delegation.given_back, .too_late, registration.limit_full, limits.too_many).
    """
    with _turn(delegation_id) as (now, delegation, event):
        place = _place(delegation, number)
        if refusal := members.why_not_name(delegation, place, event, now=now):
            raise Refused(refusal)
        _end_before(place, event, now=now, by=by)
        place.name_latin, place.name_arabic, place.lang = member.name_latin, member.name_arabic, member.lang
        if member.email is not None:
            place.email, place.email_key = member.email.address, member.email.key
            place.link_code = tokens.new_secret()[:22]
            _send_link(place, delegation, event, to=member.email, now=now, by=by)
        else:
            _register_without_address(place, delegation, event, member, now=now, by=by)
        return place


def _end_before(place: DelegationPlace, event: Event, *, now: datetime, by: Actor) -> None:
    """Whoever has the place, or holds a link for it, has it no longer."""
    if place.link_code:
        links.revoke("delegation", place.link_code, now, event_id=event.id)
    if place.registration_id is not None:
        registration = db.session.get_one(Registration, place.registration_id, populate_existing=True)
        places.leave(registration, event, state=State.CANCELLED, reason="swapped", now=now, by=by)
        mails.cancelled(registration, event, now=now)
    if place.given_back_at is not None:
        raise Refused(Refusal("delegation.given_back"))  # it could not be kept: the person had moved under other limits
    delegated.empty(place)


def _send_link(place: DelegationPlace, delegation: Delegation, event: Event, *, to: Email, now: datetime, by: Actor) -> None:
    day = timedelta(days=1)
    head = str(delegation.head_id)
    limits.check("delegation-head", head, now=now, limit=LINKS_PER_HEAD, per=day)
    limits.hit("delegation-head", head, now=now)
    limits.hit("delegation-place", str(place.id), now=now)
    place.link_sent_at = now
    until = members.ends_at(delegation, place, event)
    secret = links.make("delegation", place.link_code or "", now=now, expires_at=until, event_id=event.id)
    audit.record("delegation.link_sent", delegation, event_id=event.id, actor=by, facts={"place": place.number})
    mails.delegation_member(place, event, secret, to=to.ascii, until=until)


def _register_without_address(
    place: DelegationPlace, delegation: Delegation, event: Event, member: Member, *, now: datetime, by: Actor
) -> None:
    """Somebody whom the head names and speaks for: all days, the head's language, no consent and no needs."""
    (person,) = people.find_or_create_all([(NO_ADDRESS, member.lang, member.name_latin, member.name_arabic)])
    registration = services.new_row(event, person.id, now=now)
    fixed = members.fixed_answers(delegation)
    answers = Answers(
        email=NO_ADDRESS, name_latin=member.name_latin, name_arabic=member.name_arabic, country=fixed["country"],
        organisation_name=fixed["organisation_name"], organisation_code=fixed["organisation_code"], sector=fixed["sector"],
        position="", phone="", days=tuple(day.isoformat() for day in event.days), languages=(member.lang,), access="", diet="",
        wants_visa_letter=False, consents_photo=False, consents_contact=False,
    )  # fmt: skip
    changes.write_answers(registration, answers, lang=member.lang, now=now)
    registration.category, registration.passed_deadline = delegation.category, now >= event.closes_at
    db.session.add(registration)
    db.session.flush()
    place.is_named_by_head = True
    personal = {"name_latin": (None, member.name_latin), "name_arabic": (None, member.name_arabic)}
    audit.record("registration.named", registration, event_id=event.id, actor=by, facts={"category": delegation.category},
                 personal=personal)  # fmt: skip
    members.bind(place, registration, event, now=now, by=by)


def resend(delegation_id: int, number: int, *, by: Actor) -> None:
    """The link once more, to the same address; the earlier one goes on working. Raises Refused (limits.too_many)."""
    with _turn(delegation_id) as (now, delegation, event):
        place = _place(delegation, number)
        if place.link_code is None or place.registration_id is not None:
            raise Refused(Refusal("delegation.no_link"))
        if refusal := members.why_not_name(delegation, place, event, now=now):
            raise Refused(refusal)
        limits.check("delegation-place", str(place.id), now=now, limit=LINKS_PER_DAY, per=timedelta(days=1))
        _send_link(place, delegation, event, to=email_address(place.email), now=now, by=by)


def take_link_back(delegation_id: int, number: int, *, by: Actor) -> None:
    """The link opens nothing any more, and a form that came by it cannot be sent; the place is unnamed again."""
    with _turn(delegation_id) as (now, delegation, event):
        place = _place(delegation, number)
        if place.link_code is None or place.registration_id is not None:
            raise Refused(Refusal("delegation.no_link"))
        links.revoke("delegation", place.link_code, now, event_id=event.id)
        delegated.empty(place)
        audit.record("delegation.link_revoked", delegation, event_id=event.id, actor=by, facts={"place": number})


def give_back(delegation_id: int, number: int, *, by: Actor) -> None:
    """Give a place back to everybody, for good; whoever has it leaves the meeting. The next in line is offered it."""
    with _turn(delegation_id) as (now, delegation, event):
        place = _place(delegation, number)
        if place.given_back_at is not None:
            return
        _end_before(place, event, now=now, by=by)
        place.given_back_at = now
        capacity.release(capacity.pools(event.id, delegated.held(delegation)))
        audit.record("delegation.place_given_back", delegation, event_id=event.id, actor=by, facts={"place": number})
        places.offer_free_places(event, now=now)


def set_names_until(delegation_id: int, until: times.LocalMoment | None, *, by: Actor) -> None:
    """Until when members may be named although registration is closed (None: not after it). Raises Refused."""
    with _turn(delegation_id) as (_now, delegation, event):
        if until is not None and until.instant > times.deadline(event.last_day.isoformat(), event.zone).instant:
            raise Refused(Refusal("delegation.names_after_event"))
        before = delegation.names_until_local
        delegation.names_until_local = until.local.isoformat() if until else ""
        delegation.names_until_at = until.instant if until else None
        facts = {"before": before, "after": delegation.names_until_local}
        audit.record("delegation.names_until_set", delegation, event_id=event.id, actor=by, facts=facts)


def mail_head(delegation_id: int, *, by: Actor) -> None:
    """The mail to the head with a link to their page, once more."""
    with _turn(delegation_id) as (now, delegation, event):
        size = len([place for place in places_of(delegation.id) if place.given_back_at is None])
        head = db.session.get_one(Person, delegation.head_id)
        mails.delegation_made(delegation, event, lang=head.lang, size=size, now=now)
        audit.record("delegation.head_mailed", delegation, event_id=event.id, actor=by)


# ---- reading ---------------------------------------------------------------------------------------------------------


@contextmanager
def _turn(delegation_id: int) -> Iterator[tuple[datetime, Delegation, Event]]:
    """A transaction of the event's queue, with the delegation as it is at this turn."""
    event_id = db.session.get_one(Delegation, delegation_id).event_id
    with transaction(queue=("event", event_id)) as now:
        delegation = db.session.get_one(Delegation, delegation_id, populate_existing=True)
        yield now, delegation, db.session.get_one(Event, event_id)


def _place(delegation: Delegation, number: int) -> DelegationPlace:
    query = select(DelegationPlace).where(DelegationPlace.delegation_id == delegation.id, DelegationPlace.number == number)
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise Refused(Refusal("delegation.unknown"))
    return found


def by_code(event_id: int, code: str) -> Delegation | None:
    """The delegation with this code in this event."""
    return db.session.scalar(select(Delegation).where(Delegation.event_id == event_id, Delegation.code == code))


def headed_by(event_id: int, person_id: int) -> list[Delegation]:
    """The delegations of this event that this person heads."""
    query = select(Delegation).where(Delegation.event_id == event_id, Delegation.head_id == person_id)
    return list(db.session.scalars(query.order_by(Delegation.id)))


def places_of(delegation_id: int) -> list[DelegationPlace]:
    """The places of a delegation in order."""
    query = select(DelegationPlace).where(DelegationPlace.delegation_id == delegation_id)
    return list(db.session.scalars(query.order_by(DelegationPlace.number)))


@dataclass(frozen=True)
class Seat:
    """A place as its head sees it: `state` is unnamed, link_sent, filling, complete or given_back; the member's name and
    registration where there is one, and nothing of what they answered."""

    place: DelegationPlace
    state: str
    registration: Registration | None


def seats(delegation_id: int) -> list[Seat]:
    """All places with their states: two statements."""
    query = (
        select(DelegationPlace, Registration)
        .outerjoin(Registration, Registration.id == DelegationPlace.registration_id)
        .where(DelegationPlace.delegation_id == delegation_id)
        .order_by(DelegationPlace.number)
    )
    rows = db.session.execute(query).all()
    codes = [place.link_code for place, _registration in rows if place.link_code]
    begun = set(db.session.scalars(select(Draft.delegation_code).where(Draft.delegation_code.in_(codes), Draft.sent_at.is_(None))))
    return [Seat(place, _state(place, begun), registration) for place, registration in rows]


def _state(place: DelegationPlace, begun: set[str]) -> str:
    if place.given_back_at is not None:
        return "given_back"
    if place.registration_id is not None:
        return "complete"
    if place.link_code is None:
        return "unnamed"
    return "filling" if place.link_code in begun else "link_sent"
