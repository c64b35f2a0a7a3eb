"""Where did I stop? Answers kept at every step, found by the browser's cookie or by the link of a mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from eventreg.core import limits, links, times, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, take_turn, transaction
from eventreg.core.i18n import Text
from eventreg.core.refusals import Refused
from eventreg.events import services as events
from eventreg.events.models import Event
from eventreg.people import rules as people_rules
from eventreg.registration import answering, mails, members, rules, services, uploads
from eventreg.registration.models import Delegation, Draft, Invitation, Registration

MAILS_PER_HOUR = 1


def key_of(draft: Draft) -> str:
    """The one-time key under which this form registers."""
    return f"draft:{draft.code}"


def about(draft: Draft) -> tuple[str, str]:
    """What the files of a form hang on until it is sent."""
    return ("draft", draft.code)


def start(event_id: int, *, lang: str, invitation_id: int | None = None) -> str:
    """Begin a form; returns the secret of the browser's cookie. Raises Refused when registration is not open to them."""
    with transaction() as now:
        event = db.session.get_one(Event, event_id)
        window = rules.Window(event.opens_at, event.closes_at, timedelta())
        if refusal := rules.why_not_register(window, now, passes_deadline=_passes(invitation_id)):
            raise Refused(refusal)
        return _new(event_id, now=now, lang=lang, invitation_id=invitation_id)


def start_member(event_id: int, code: str, *, lang: str, begun: Draft | None = None) -> str | None:
    """A member's form, by the link of a delegation; a form begun in this browser for the same person goes on (then None).

    Raises Refused (delegation.place_gone, .place_taken, .too_late).
    """
    with transaction() as now:
        place = members.open_place(code, now=now)
        known = members.first_answers(place)
        draft = db.session.get(Draft, begun.id) if begun is not None and begun.sent_at is None else None
        if draft is not None and draft.email_key in ("", place.email_key):
            draft.answers = {**known, **draft.answers, **_fixed(code)}
            draft.delegation_code, draft.email_key = code, place.email_key
            return None
        return _new(event_id, now=now, lang=lang, delegation_code=code, answers=known, email_key=place.email_key)


def _fixed(code: str) -> dict[str, Any]:
    """What a delegation answers for its member; nothing when the place is gone, or there is none."""
    place = members.by_link_code(code)
    return members.fixed_answers(db.session.get_one(Delegation, place.delegation_id)) if place else {}


def passes_deadline(draft: Draft, now: datetime) -> bool:
    """Whether this form may be sent after the deadline: by an invitation, or for an open place of a delegation."""
    return _passes(draft.invitation_id) or (bool(draft.delegation_code) and members.is_open(draft.delegation_code, now=now))


def _passes(invitation_id: int | None) -> bool:
    invitation = db.session.get(Invitation, invitation_id) if invitation_id else None
    return invitation is not None and invitation.passes_deadline


def _new(event_id: int, *, now: datetime, **known: Any) -> str:
    secret = tokens.new_secret()
    known = {"answers": {}, "opened_at": now, **known}
    code = tokens.new_secret()[:22]
    db.session.add(Draft(code=code, event_id=event_id, hash=tokens.hash_secret(secret), saved_at=now, **known))
    return secret


def find(event_id: int, secret: str) -> Draft | None:
    """The draft of this cookie in this event."""
    if not 20 <= len(secret) <= 100:
        return None
    return db.session.scalar(select(Draft).where(Draft.hash == tokens.hash_secret(secret), Draft.event_id == event_id))


def save(draft_id: int, given: dict[str, Any], *, lang: str) -> Draft:
    """Keep some answers (as typed: right or wrong, nothing is lost). The first address brings the mail with the link back."""
    with transaction() as now:
        draft = db.session.get_one(Draft, draft_id)
        before, draft.answers = draft.answers, {**draft.answers, **given, **_fixed(draft.delegation_code)}
        uploads.settle(draft.event_id, about(draft), before=before, after=draft.answers)
        draft.lang, draft.saved_at = lang, now
        _mail_link(draft, now=now)
        return draft


def _mail_link(draft: Draft, *, now: datetime) -> None:
    """A new address gets the link to come back, at most once an hour whoever asks; the link of the one before is dead."""
    try:
        email = people_rules.email_address(str(draft.answers.get("email", "")))
    except Refused:
        return
    if email.key == draft.email_key:
        return
    take_turn(("draft-mail", draft.event_id))
    links.revoke("draft", draft.code, now, event_id=draft.event_id)
    draft.email_key = email.key
    if limits.count("draft-mail", email.key, now=now, per=timedelta(hours=1)) >= MAILS_PER_HOUR:
        return
    limits.hit("draft-mail", email.key, now=now)
    event = db.session.get_one(Event, draft.event_id)
    until = max(event.closes_at, now) + timedelta(days=30)
    secret = links.make("draft", draft.code, now=now, expires_at=until, event_id=event.id)
    mails.draft_resume(draft, event, secret, to=email.ascii)


def take_over(event_id: int, code: str) -> str | None:
    """Another browser came by the mail's link: the form is now its own; the new cookie's secret, None when it is gone or sent."""
    secret = tokens.new_secret()
    with transaction():
        draft = db.session.scalar(select(Draft).where(Draft.code == code, Draft.event_id == event_id, Draft.sent_at.is_(None)))
        if draft is None:
            return None
        draft.hash = tokens.hash_secret(secret)
    return secret


def use_invitation(draft_id: int, invitation_id: int) -> None:
    """A form that was begun goes on with an invitation; nothing typed is lost."""
    with transaction():
        db.session.get_one(Draft, draft_id).invitation_id = invitation_id


def send(draft_id: int) -> None:
    """Send the form: once, however often it is pressed; what came of it is told by mail, alike for known and new addresses.

    Raises Incomplete with all problems, or Refused.
    """
    draft = db.session.get_one(Draft, draft_id)
    with transaction(queue=("event", draft.event_id)) as now:
        draft = db.session.get_one(Draft, draft_id)
        event = db.session.get_one(Event, draft.event_id)
        if draft.sent_at is not None:
            return
        answers = answering.complete(event, {**draft.answers, **_fixed(draft.delegation_code)})
        sending = services.Sending(
            lang=draft.lang, key=key_of(draft), form_opened_at=draft.opened_at, invitation_id=draft.invitation_id,
            delegation_code=draft.delegation_code, corrects=draft.corrects, keep_needs=draft.keeps_needs,
        )  # fmt: skip
        services.register(event.id, answers, sending)
        draft.sent_at = now
        links.revoke("draft", draft.code, now, event_id=event.id)


def correct(draft_id: int, *, lang: str) -> str:
    """The address of a sent form was wrong: the same answers in a new form, as old as the first; its cookie's secret.

    Whether the sent one can still be corrected is decided when this one is sent: the page says nothing about it.
    """
    with transaction() as now:
        sent = db.session.get_one(Draft, draft_id)
        return _new(
            sent.event_id, now=now, lang=lang, invitation_id=sent.invitation_id, answers=dict(sent.answers),
            corrects=key_of(sent), email_key=sent.email_key, opened_at=sent.opened_at,
        )  # fmt: skip


def again(registration: Registration, answers: dict[str, Any], *, email_key: str, lang: str, keeps_needs: bool) -> str:
    """Come back after cancelling: a form with the same answers; its cookie's secret. Raises Refused when closed."""
    with transaction() as now:
        event = db.session.get_one(Event, registration.event_id)
        window = rules.Window(event.opens_at, event.closes_at, timedelta())
        if refusal := rules.why_not_register(window, now):
            raise Refused(refusal)
        # the address is known and confirmed: no mail with a link back is needed
        return _new(event.id, now=now, lang=lang, answers=answers, email_key=email_key, keeps_needs=keeps_needs)


def move_deadline(event_id: int, closes: times.LocalMoment, *, reason: Text, grace_minutes: int, by: Actor) -> int:
    """Move the deadline and tell those who have begun a form, in one transaction; how many were told. Raises Refused."""
    with transaction(queue=("event", event_id)) as now:
        before = db.session.get_one(Event, event_id).closes_at
        event = events.move_deadline(event_id, closes, reason=reason, grace_minutes=grace_minutes, by=by)
        if event.closes_at == before:
            return 0
        begun = select(Draft).where(Draft.event_id == event_id, Draft.sent_at.is_(None), Draft.email_key != "")
        told = 0
        for draft in db.session.scalars(begun.order_by(Draft.id)).all():
            to = people_rules.email_address(str(draft.answers["email"])).ascii
            until = max(event.closes_at, now) + timedelta(days=30)
            secret = links.make("draft", draft.code, now=now, expires_at=until, event_id=event.id)
            mails.deadline_moved(draft, event, secret, to=to)
            told += 1
        return told


def is_address_confirmed(draft: Draft) -> bool:
    """Whether the mail's link of the registration made by this very form was opened, on whatever device."""
    registration = db.session.scalar(select(Registration).where(Registration.key == key_of(draft)))
    return registration is not None and registration.address_confirmed_at is not None


def resend_from(draft: Draft) -> datetime:
    """From when on the mail may be asked for again."""
    return (draft.sent_at or draft.saved_at) + services.RESEND_AFTER
