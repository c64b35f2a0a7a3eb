"""What people do with a registration: send it, change it, cancel it, confirm their address, answer an offered place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from eventreg.core import audit, capacity, limits, links, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.registration import asking, changes, delegated, invitations, mails, members, places, queries, rules
from eventreg.registration.models import Delegation, DelegationPlace, Invitation, Needs, Registration, WaitingEntry
from eventreg.registration.rules import Answers, State, Waiting

RESEND_AFTER = timedelta(seconds=60)
RESENDS_PER_DAY = 5
MAILS_PER_HOUR = 2


@dataclass(frozen=True)
class Sending:
    """How answers are sent.

    In which language, with which one-time key, since when the form was open, by which invitation or as whose member (a
    delegation's link). `corrects` is the key of a form whose address was wrong: its registration moves to the right one.
    `keep_needs`: the needs that are on record stay, as they were not shown to whoever sends.
    """

    lang: str
    key: str | None
    form_opened_at: datetime | None = None
    invitation_id: int | None = None
    delegation_code: str = ""
    corrects: str = ""
    keep_needs: bool = False


def register(event_id: int, answers: Answers, sending: Sending, *, by: Actor | None = None) -> Registration:
    """Enter a person for an event: with a place while there is one, else on the waiting list; where the meeting is moderated
    without a place until an organiser says yes, unless an invitation passes that.

    The same key again returns the first registration. A known address leads to its existing registration by mail; one whose
    address was never confirmed takes the newer answers. Raises Refused (not yet open, closed, invitation …); nothing is
    written then.
    """
    with transaction(queue=("event", event_id)) as now:
        event = db.session.get_one(Event, event_id)
        if sending.key and (earlier := _by_key(sending.key)):
            return earlier
        person = people.find_or_create(
            answers.email, lang=sending.lang, name_latin=answers.name_latin, name_arabic=answers.name_arabic
        )
        actor = by or people.actor_of(person)
        query = select(Registration).where(Registration.event_id == event_id, Registration.person_id == person.id)
        existing = db.session.scalar(query)
        wrong = _correctable(sending.corrects) if existing is None else None
        if wrong is not None:
            if delegated.place_of(wrong.id) is None:
                _why_not_now(event, sending, now=now)
            return _correct_address(wrong, event, answers, sending, person_id=person.id, now=now, by=actor)
        if sending.delegation_code:
            return _join(existing or new_row(event, person.id, now=now), event, answers, sending, now=now, by=actor)
        invitation = _admitted(event, answers, sending, now=now)
        is_declined = existing is not None and existing.state == State.DECLINED
        if is_declined and not (invitation is not None and invitation.passes_moderation):
            return _still_declined(existing, event, answers, sending, now=now)
        if existing is not None and existing.state in rules.LIVE:
            return _again(existing, event, answers, sending, invitation=invitation, now=now, by=actor)
        return _enter(existing or new_row(event, person.id, now=now), event, answers, sending, invitation, now=now, by=actor)


def _join(
    registration: Registration, event: Event, answers: Answers, sending: Sending, *, now: datetime, by: Actor
) -> Registration:
    """A member of a delegation takes the place of their link; who is registered already brings what they have into it.

    That is only for the address to which the link went: another known address is told by mail, as everywhere, and the place
    stays open.
    """
    place = members.open_place(sending.delegation_code, now=now)
    if registration.state in rules.LIVE and registration.id is not None:
        if place.email_key != answers.email.key or delegated.place_of(registration.id) is not None:
            return _again(registration, event, answers, sending, invitation=None, now=now, by=by)
        members.bind(place, registration, event, now=now, by=by)
        mails.where_you_stand(registration, event, now=now)
        return registration
    return _enter(registration, event, answers, sending, None, now=now, by=by, place=place)


def _by_key(key: str) -> Registration | None:
    return db.session.scalar(select(Registration).where(Registration.key == key))


def _correctable(key: str) -> Registration | None:
    """The registration that the form with this key made, while it is live, not confirmed, and nobody else sent one since."""
    found = _by_key(key) if key else None
    if found is None or found.made_by != key or found.state not in rules.LIVE or found.address_confirmed_at is not None:
        return None
    return found


def _why_not_now(event: Event, sending: Sending, *, now: datetime) -> None:
    """Raises Refused when this form, by itself or by the invitation it came with, is not welcome now."""
    window = queries.window(event)
    invitation = db.session.get(Invitation, sending.invitation_id) if sending.invitation_id else None
    passes = invitation is not None and invitation.passes_deadline and now < invitation.expires_at
    refusal = rules.why_not_register(window, now, form_opened_at=sending.form_opened_at, passes_deadline=passes)
    if refusal is not None:
        raise Refused(refusal)


def _admitted(event: Event, answers: Answers, sending: Sending, *, now: datetime) -> Invitation | None:
    """The invitation that counts, if any. Raises Refused when this form is not welcome now.

    An invitation that cannot be used does not shut out whom the open form lets in; only where it would give more than that
    is the wrong address or organisation told, so that it can be corrected.
    """
    window = queries.window(event)
    refusal = rules.why_not_register(window, now, form_opened_at=sending.form_opened_at)
    try:
        invitation = invitations.usable(sending.invitation_id, answers, now=now)
    except Refused as error:
        meant = db.session.get_one(Invitation, sending.invitation_id)
        is_for_others = error.refusal.code in ("invitation.other_address", "invitation.other_organisation")
        if refusal is not None or (is_for_others and invitations.gives_more(meant)):
            raise
        return None
    if refusal is not None and not (invitation is not None and invitation.passes_deadline):
        raise Refused(refusal)
    return invitation


def _enter(
    registration: Registration,
    event: Event,
    answers: Answers,
    sending: Sending,
    invitation: Invitation | None,
    *,
    now: datetime,
    by: Actor,
    place: DelegationPlace | None = None,
) -> Registration:
    """A new registration, or one that had ended, claims a place, waits for a decision, or joins the line.

    A member takes the delegation's place.
    """
    if sending.keep_needs and registration.id is not None:
        answers = changes.with_needs(answers, db.session.get(Needs, registration.id))
    window = queries.window(event)
    passes_deadline = place is not None or (invitation is not None and invitation.passes_deadline)
    registration.key, registration.made_by, registration.registered_at = sending.key, sending.key, now
    changes.write_answers(registration, answers, lang=sending.lang, now=now)
    registration.address_confirmed_at = None
    registration.in_grace = rules.is_in_grace(window, now, passes_deadline=passes_deadline)
    registration.passed_deadline = passes_deadline and now >= window.closes_at
    registration.passed_limit = False
    registration.invitation_id = invitation.id if invitation else None
    registration.category = _given_category(invitation, place) or registration.category
    registration.delegation_id = place.delegation_id if place else None
    db.session.add(registration)
    db.session.flush()
    changes.write_needs(registration, answers)
    asking.drop_hidden(registration)
    if place is not None:
        members.bind(place, registration, event, now=now, by=by)
    elif event.moderated and not (invitation is not None and invitation.passes_moderation):
        registration.state, registration.confirmed_at = State.SUBMITTED, None
        registration.ended_at, registration.end_reason = None, ""
    else:
        passes_limit = invitation is not None and invitation.passes_limit
        places.place_or_wait(registration, event, now=now, passes_limit=passes_limit)
    if invitation is not None:
        invitations.count_use(invitation, registration, by=by)
    _record(registration, sending, by=by)
    _may_mail(answers, now=now)
    mails.where_you_stand(registration, event, now=now)
    return registration


def _given_category(invitation: Invitation | None, place: DelegationPlace | None) -> str:
    if place is not None:
        return db.session.get_one(Delegation, place.delegation_id).category
    return invitation.category if invitation else ""


def _may_mail(answers: Answers, *, now: datetime) -> bool:
    """Whether this address may get another mail because somebody sent a form: twice in an hour, whoever sends."""
    if limits.count("form-mail", answers.email.key, now=now, per=timedelta(hours=1)) >= MAILS_PER_HOUR:
        return False
    limits.hit("form-mail", answers.email.key, now=now)
    return True


def _correct_address(
    registration: Registration, event: Event, answers: Answers, sending: Sending, *, person_id: int, now: datetime, by: Actor
) -> Registration:
    """The same registration under the right address; links and code that went to the wrong one are dead."""
    registration.person_id, registration.key, registration.made_by = person_id, sending.key, sending.key
    links.revoke("registration", registration.code, now, event_id=event.id)
    if registration.state == State.CONFIRMED:
        places.issue_ticket(registration, now=now)
    _newest_answers(registration, event, answers, sending, now=now, by=by)
    audit.record("registration.address_corrected", registration, event_id=event.id, actor=by)
    if _may_mail(answers, now=now):
        mails.where_you_stand(registration, event, now=now)
    return registration


def _newest_answers(
    registration: Registration, event: Event, answers: Answers, sending: Sending, *, now: datetime, by: Actor
) -> None:
    """Take the newer answers, or keep the earlier ones where those would lose the place (another limit is full)."""
    try:
        with db.session.begin_nested():
            changes.apply_answers(registration, event, answers, lang=sending.lang, now=now, by=by)
    except Refused:
        return


def new_row(event: Event, person_id: int, *, now: datetime) -> Registration:
    """A registration of this person, not yet written down."""
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
    registration: Registration,
    event: Event,
    answers: Answers,
    sending: Sending,
    *,
    invitation: Invitation | None,
    now: datetime,
    by: Actor,
) -> Registration:
    """A known address: who owns it is told by mail. Until it is confirmed nobody owns it, and the newest answers count.

    Whatever is known of the address, the page answers the same.
    """
    is_unconfirmed = registration.address_confirmed_at is None and not registration.is_entered
    if is_unconfirmed:
        registration.key = sending.key
        _newest_answers(registration, event, answers, sending, now=now, by=by)
    helped = invitation is not None and (
        _pass_moderation(registration, event, invitation, now=now, by=by)
        or _pass_the_line(registration, invitation, now=now, by=by)
    )
    if not _may_mail(answers, now=now):
        return registration
    if is_unconfirmed or helped:
        mails.where_you_stand(registration, event, now=now)
    else:
        mails.already_registered(registration, event, lang=sending.lang, now=now)
    return registration


def _still_declined(
    registration: Registration, event: Event, answers: Answers, sending: Sending, *, now: datetime
) -> Registration:
    """Whom an organiser declined sends a form again: that changes nothing, and their page says where they stand."""
    if _may_mail(answers, now=now):
        mails.already_registered(registration, event, lang=sending.lang, now=now)
    return registration


def _pass_moderation(
    registration: Registration, event: Event, invitation: Invitation, *, now: datetime, by: Actor
) -> bool:
    """An invitation with the right to pass moderation takes somebody on who waits for a decision."""
    if not invitation.passes_moderation or registration.state != State.SUBMITTED:
        return False
    registration.invitation_id = invitation.id
    places.place_or_wait(registration, event, now=now, passes_limit=invitation.passes_limit)
    invitations.count_use(invitation, registration, by=by)
    return True


def _pass_the_line(registration: Registration, invitation: Invitation, *, now: datetime, by: Actor) -> bool:
    """An invitation with the right to pass the limit gives a place to somebody who waits already."""
    entry = queries.live_entry(registration.id)
    if not invitation.passes_limit or entry is None:
        return False
    if entry.state == Waiting.WAITING:
        capacity.claim(places.pools_of(registration), over_limit=True)
        registration.passed_limit = True
    entry.state, entry.answered_at = Waiting.ACCEPTED, now
    registration.invitation_id = invitation.id
    places.confirm(registration, now=now)
    invitations.count_use(invitation, registration, by=by)
    return True


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
    event_id = db.session.get_one(Registration, registration_id).event_id
    with transaction(queue=("event", event_id)) as now:
        registration = db.session.get_one(Registration, registration_id, populate_existing=True)
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
    found = _by_key(key)
    if found is None:
        return
    with transaction(queue=("event", found.event_id)) as now:
        registration = _by_key(key)
        if registration is None or registration.address_confirmed_at is not None or registration.state not in rules.LIVE:
            return
        if limits.count("resend", registration.code, now=now, per=RESEND_AFTER):
            return
        if limits.count("resend", registration.code, now=now, per=timedelta(days=1)) >= RESENDS_PER_DAY:
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
    entry = queries.live_entry(registration_id)
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
            pool.taken = queries.places_held(event_id, kind, key)
        facts = {"kind": kind, "key": key, "before": before, "after": limit}
        audit.record("event.limit_set", event, event_id=event_id, actor=by, facts=facts)
        return places.offer_free_places(event, now=now)
