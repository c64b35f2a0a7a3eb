"""What people do with a registration: send it, change it, cancel it, confirm their address, answer an offered place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from eventreg.core import audit, capacity, limits, text, tokens
from eventreg.core.audit import SYSTEM, Actor
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people import organisations
from eventreg.people import services as people
from eventreg.registration import invitations, mails, places, rules
from eventreg.registration.models import Draft, Needs, Registration, WaitingEntry
from eventreg.registration.rules import Answers, State, Waiting

RESEND_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Sending:
    """How answers are sent: in which language, with which one-time key, since when the form was open, by which invitation."""

    lang: str
    key: str | None
    form_opened_at: datetime | None = None
    invitation_id: int | None = None


def register(event_id: int, answers: Answers, sending: Sending, *, by: Actor | None = None) -> Registration:
    """Enter a person for an event: with a place while there is one, else on the waiting list.

    The same key again returns the first registration. A known address leads to its existing registration by mail; one whose
    address was never confirmed takes the newer answers. Raises Refused (not yet open, closed, invitation …); nothing is
    written then.
    """
    with transaction(queue=("event", event_id)) as now:
        event = db.session.get_one(Event, event_id)
        if sending.key and (earlier := db.session.scalar(select(Registration).where(Registration.key == sending.key))):
            return earlier
        invitation = invitations.usable(sending.invitation_id, answers.email, now=now)
        window = rules.Window(event.opens_at, event.closes_at, event.grace)
        passes_deadline = invitation is not None and invitation.passes_deadline
        refusal = rules.why_not_register(
            window, now, form_opened_at=sending.form_opened_at, passes_deadline=passes_deadline
        )
        if refusal is not None:
            raise Refused(refusal)
        person = people.find_or_create(
            answers.email, lang=sending.lang, name_latin=answers.name_latin, name_arabic=answers.name_arabic
        )
        actor = by or people.actor_of(person)
        query = select(Registration).where(Registration.event_id == event_id, Registration.person_id == person.id)
        existing = db.session.scalar(query)
        if existing is not None and existing.state in rules.LIVE:
            return _again(existing, event, answers, sending, now=now, by=actor)
        registration = existing or _new(event, person.id, now=now)
        registration.key, registration.registered_at = sending.key, now
        _write_answers(registration, answers, lang=sending.lang, now=now)
        registration.address_confirmed_at = None
        registration.in_grace = rules.is_in_grace(window, now, passes_deadline=passes_deadline)
        registration.passed_deadline = passes_deadline and now >= window.closes_at
        registration.passed_limit = False
        registration.invitation_id = invitation.id if invitation else None
        db.session.add(registration)
        db.session.flush()
        _write_needs(registration.id, answers)
        passes_limit = invitation is not None and invitation.passes_limit
        places.place_or_wait(registration, event, now=now, passes_limit=passes_limit)
        if invitation is not None:
            invitations.count_use(invitation, registration, by=actor)
        _record(registration, sending, by=actor)
        mails.where_you_stand(registration, event, now=now)
        return registration


def _new(event: Event, person_id: int, *, now: datetime) -> Registration:
    return Registration(
        event_id=event.id, person_id=person_id, code=_free_code(event.id), state=State.SUBMITTED,
        consent_version=rules.CONSENT_VERSION, registered_at=now, changed_at=now,
    )  # fmt: skip


def _free_code(event_id: int) -> str:
    while True:
        code = tokens.short_code("R")
        query = select(Registration.id).where(Registration.event_id == event_id, Registration.code == code)
        if db.session.scalar(query) is None:
            return code


def _write_answers(registration: Registration, answers: Answers, *, lang: str, now: datetime) -> None:
    organisation = organisations.recognised(answers.organisation_code, answers.organisation_name, answers.country)
    registration.organisation_id = organisation.id if organisation else None
    registration.organisation_name = answers.organisation_name
    sector = organisation.sector if organisation else answers.sector
    if registration.sector != sector and registration.category not in rules.GIVEN_CATEGORIES:
        registration.category = sector  # the same sector again keeps what an organiser chose
    registration.sector = sector
    registration.name_latin, registration.name_arabic = answers.name_latin, answers.name_arabic
    registration.country, registration.position, registration.phone = answers.country, answers.position, answers.phone
    registration.days, registration.languages = list(answers.days), list(answers.languages)
    registration.wants_visa_letter = answers.wants_visa_letter
    registration.consents_photo, registration.consents_contact = answers.consents_photo, answers.consents_contact
    registration.consent_version = rules.CONSENT_VERSION
    registration.lang, registration.changed_at = lang, now
    write_keys(registration, email=answers.email.address, organisation_key=organisation.names if organisation else "")


def write_keys(registration: Registration, *, email: str, organisation_key: str = "") -> None:
    """Derive the columns for search and sorting from names, organisation and address."""
    names = (registration.name_latin, registration.name_arabic, registration.organisation_name, organisation_key)
    # the skeletons, in capitals, let a name be found that is written in the other script or spelt another way
    bones = (text.skeleton(name) for name in (registration.name_latin, registration.name_arabic) if name)
    found_by = (text.search_key(*names, email, registration.code), *bones)
    registration.search_key = " ".join(dict.fromkeys(filter(None, found_by)))
    registration.sort_latin = text.sort_key(registration.name_latin or registration.name_arabic)
    registration.sort_arabic = text.sort_key(registration.name_arabic or registration.name_latin)


def _write_needs(registration_id: int, answers: Answers) -> None:
    needs = db.session.get(Needs, registration_id)
    if not answers.access and not answers.diet:
        if needs is not None:
            db.session.delete(needs)
        return
    needs = needs or Needs(registration_id=registration_id)
    needs.access, needs.diet = answers.access, answers.diet
    db.session.add(needs)


def _record(registration: Registration, sending: Sending, *, by: Actor) -> None:
    facts = {
        "state": registration.state, "category": registration.category, "country": registration.country,
        "lang": sending.lang, "in_grace": registration.in_grace, "passed_deadline": registration.passed_deadline,
        "passed_limit": registration.passed_limit,
    }  # fmt: skip
    personal = {
        "name_latin": (None, registration.name_latin), "name_arabic": (None, registration.name_arabic),
        "organisation": (None, registration.organisation_name),
    }  # fmt: skip
    audit.record("registration.registered", registration, event_id=registration.event_id, actor=by, facts=facts, personal=personal)


def _again(
    registration: Registration, event: Event, answers: Answers, sending: Sending, *, now: datetime, by: Actor
) -> Registration:
    """A known address: who owns it is told by mail. Until it is confirmed nobody owns it, and the newest answers count."""
    if registration.address_confirmed_at is None:
        apply_answers(registration, event, answers, lang=sending.lang, now=now, by=by)
        mails.where_you_stand(registration, event, now=now)
        return registration
    hour = timedelta(hours=1)
    if limits.count("already", registration.code, now=now, per=hour) == 0:
        limits.hit("already", registration.code, now=now)
        mails.already_registered(registration, event, lang=sending.lang, now=now)
    return registration


def apply_answers(
    registration: Registration, event: Event, answers: Answers, *, lang: str, now: datetime, by: Actor
) -> None:
    """Write changed answers down; a change of category claims anew. Raises Refused (registration.category_full)."""
    before = _seen(registration)
    old_category, was_confirmed = registration.category, registration.state == State.CONFIRMED
    _write_answers(registration, answers, lang=lang, now=now)
    if registration.category != old_category:
        claim_anew(registration, event, old_category, was_confirmed=was_confirmed, now=now)
    _write_needs(registration.id, answers)
    after = _seen(registration)
    changed = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    facts = {"changed": sorted(changed)}
    audit.record("registration.changed", registration, event_id=event.id, actor=by, facts=facts, personal=changed)


def claim_anew(
    registration: Registration, event: Event, old_category: str, *, was_confirmed: bool, now: datetime
) -> None:
    """Another category is another limit: the new one must have a place, or everything stays as it was."""
    entry = places.live_entry(registration.id)
    if entry is not None:
        if entry.state == Waiting.OFFERED:
            raise Refused(Refusal("registration.answer_offer_first"))
        entry.category = registration.category
        places.offer_free_places(event, now=now)
        return
    if not was_confirmed:
        return
    old = {(p.kind, p.key): p for p in places.pools_of(event.id, old_category)}
    new = {(p.kind, p.key): p for p in places.pools_of(event.id, registration.category)}
    full = capacity.claim([pool for pair, pool in new.items() if pair not in old])
    if full is not None:
        raise Refused(Refusal("registration.category_full", {"category": registration.category}))
    capacity.release([pool for pair, pool in old.items() if pair not in new])
    places.offer_free_places(event, now=now)


def _seen(registration: Registration) -> dict[str, str]:
    """What an audit line says of a registration's answers: strings by field (needs are not among them)."""
    names = (
        "name_latin", "name_arabic", "organisation_name", "category", "country", "position", "phone", "days", "languages",
        "wants_visa_letter", "consents_photo", "consents_contact",
    )  # fmt: skip
    return {name: str(getattr(registration, name)) for name in names}


def change(registration_id: int, answers: Answers, *, lang: str, by: Actor, keep_needs: bool = False) -> Registration:
    """Change the answers of a live registration. The address stays as it is. Raises Refused; nothing is written then.

    `keep_needs` leaves access and dietary needs alone (they were not shown to whoever changed the rest).
    """
    registration = db.session.get_one(Registration, registration_id)
    with transaction(queue=("event", registration.event_id)) as now:
        registration = db.session.get_one(Registration, registration_id)
        event = db.session.get_one(Event, registration.event_id)
        if registration.state not in rules.LIVE:
            raise Refused(Refusal("registration.wrong_state", {"state": registration.state}))
        if keep_needs:
            answers = _with_needs(answers, db.session.get(Needs, registration_id))
        apply_answers(registration, event, answers, lang=lang, now=now, by=by)
        return registration


def _with_needs(answers: Answers, needs: Needs | None) -> Answers:
    kept = {"access": needs.access if needs else "", "diet": needs.diet if needs else ""}
    return Answers(**{**answers.__dict__, **kept})


def cancel(registration_id: int, *, by: Actor, reason: str = "") -> Registration:
    """Cancel a registration at any time; the place goes to the next in line in the same transaction. Again is the same."""
    event_id = db.session.get_one(Registration, registration_id).event_id
    with transaction(queue=("event", event_id)) as now:
        registration = db.session.get_one(Registration, registration_id)
        event = db.session.get_one(Event, event_id)
        if registration.state == State.CANCELLED:
            return registration
        if refusal := rules.why_not_move(registration.state, State.CANCELLED):
            raise Refused(refusal)
        places.leave(registration, event, state=State.CANCELLED, reason=reason, now=now, by=by)
        mails.cancelled(registration, event, now=now)
        return registration


def confirm_address(registration_id: int) -> Registration:
    """The person opened the link of our mail: the address is theirs."""
    with transaction() as now:
        registration = db.session.get_one(Registration, registration_id)
        if registration.address_confirmed_at is None and registration.state in rules.LIVE:
            registration.address_confirmed_at = now
            person = people.confirm_address(registration.person_id, now)
            actor = people.actor_of(person)
            audit.record("registration.address_confirmed", registration, event_id=registration.event_id, actor=actor)
        return registration


def send_mail_again(key: str) -> None:
    """The mail that says where one stands, once more, for the registration that this form made; at most once a minute.

    Does nothing, and says nothing, when there is none or its address is confirmed.
    """
    with transaction() as now:
        registration = db.session.scalar(select(Registration).where(Registration.key == key))
        if registration is None or registration.address_confirmed_at is not None or registration.state not in rules.LIVE:
            return
        if limits.count("resend", registration.code, now=now, per=RESEND_AFTER):
            return
        limits.hit("resend", registration.code, now=now)
        mails.where_you_stand(registration, db.session.get_one(Event, registration.event_id), now=now)


def accept_offer(registration_id: int, *, by: Actor) -> Registration:
    """Take the place that is offered. Raises Refused (waiting.no_offer, waiting.lapsed): decided at this very transaction."""
    event_id = db.session.get_one(Registration, registration_id).event_id
    with transaction(queue=("event", event_id)) as now:
        registration = db.session.get_one(Registration, registration_id)
        if registration.state == State.CONFIRMED:
            return registration
        event = db.session.get_one(Event, event_id)
        entry = _offered(registration_id, now)
        entry.state, entry.answered_at = Waiting.ACCEPTED, now
        places.confirm(registration, now=now)
        registration.changed_at = now
        facts = {"position": entry.position}
        audit.record("waiting.accepted", registration, event_id=event_id, actor=by, facts=facts)
        mails.where_you_stand(registration, event, now=now)
        return registration


def refuse_offer(registration_id: int, *, by: Actor) -> Registration:
    """Give the offered place back: the next in line is offered it at once."""
    event_id = db.session.get_one(Registration, registration_id).event_id
    with transaction(queue=("event", event_id)) as now:
        registration = db.session.get_one(Registration, registration_id)
        event = db.session.get_one(Event, event_id)
        places.end_offer(_offered(registration_id, now), event, state=Waiting.REFUSED, now=now, by=by)
        return registration


def _offered(registration_id: int, now: datetime) -> WaitingEntry:
    entry = places.live_entry(registration_id)
    if entry is None or entry.state != Waiting.OFFERED or entry.offer_expires_at is None:
        raise Refused(Refusal("waiting.no_offer"))
    if now >= entry.offer_expires_at:
        raise Refused(Refusal("waiting.lapsed", {"until": entry.offer_expires_at}))
    return entry


def set_limit(event_id: int, kind: str, key: str, limit: int | None, *, by: Actor) -> list[WaitingEntry]:
    """Set a limit (None: unlimited, 0: none); who was offered a place by it. Lowered, it throws nobody out."""
    if limit is not None and limit < 0:
        raise Refused(Refusal("registration.limit_negative"))
    with transaction(queue=("event", event_id)) as now:
        event = db.session.get_one(Event, event_id)
        before = next((pool.limit for pool in capacity.pools(event_id, [(kind, key)])), None)
        pool = capacity.set_limit(event_id, kind, key, limit)
        if before is None and pool.taken == 0:
            pool.taken = _holders(event_id, kind, key)
        facts = {"kind": kind, "key": key, "before": before, "after": limit}
        audit.record("event.limit_set", event, event_id=event_id, actor=by, facts=facts)
        return places.offer_free_places(event, now=now)


def _holders(event_id: int, kind: str, key: str) -> int:
    """How many places are held now: confirmed registrations and open offers."""
    query = select(Registration.id).outerjoin(
        WaitingEntry,
        (WaitingEntry.registration_id == Registration.id) & (WaitingEntry.state == Waiting.OFFERED),
    ).where(
        Registration.event_id == event_id,
        (Registration.state == State.CONFIRMED) | WaitingEntry.id.is_not(None),
    )  # fmt: skip
    if kind == "category":
        query = query.where(Registration.category == key)
    return len(db.session.scalars(query).all())


# ---- what the clock does -------------------------------------------------------------------------------------------


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
        entry = places.live_entry(registration_id)
        still = entry is not None and entry.state == Waiting.OFFERED and entry.offer_expires_at is not None
        if entry is None or not still or entry.offer_expires_at is None or entry.offer_expires_at > now:
            return
        event = db.session.get_one(Event, event_id)
        places.end_offer(entry, event, state=Waiting.LAPSED, now=now, by=SYSTEM)


def _unconfirmed(now: datetime) -> list[int]:
    found: list[int] = []
    for event_id, hours in db.session.execute(select(Event.id, Event.confirm_hours)):
        query = select(Registration.id).where(
            Registration.event_id == event_id, Registration.state.in_((State.CONFIRMED, State.WAITLISTED)),
            Registration.address_confirmed_at.is_(None), Registration.registered_at <= now - timedelta(hours=hours),
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
            db.session.delete(draft)
