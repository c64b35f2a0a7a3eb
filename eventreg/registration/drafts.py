"""Where did I stop? Answers kept at every step, found by the browser's cookie or by the link of a mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from eventreg.core import limits, links, tokens
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refused
from eventreg.events.models import Event
from eventreg.people import rules as people_rules
from eventreg.registration import mails, rules, services
from eventreg.registration.models import Draft, Invitation, Registration

MAILS_PER_HOUR = 1


def start(event_id: int, *, lang: str, invitation_id: int | None = None) -> str:
    """Begin a form; returns the secret of the browser's cookie. Raises Refused when registration is not open to them."""
    secret = tokens.new_secret()
    with transaction() as now:
        event = db.session.get_one(Event, event_id)
        window = rules.Window(event.opens_at, event.closes_at, timedelta())
        if refusal := rules.why_not_register(window, now, passes_deadline=_passes(invitation_id)):
            raise Refused(refusal)
        db.session.add(
            Draft(
                event_id=event_id, hash=tokens.hash_secret(secret), lang=lang, answers={}, invitation_id=invitation_id,
                opened_at=now, saved_at=now,
            )
        )  # fmt: skip
    return secret


def _passes(invitation_id: int | None) -> bool:
    invitation = db.session.get(Invitation, invitation_id) if invitation_id else None
    return invitation is not None and invitation.passes_deadline


def find(event_id: int, secret: str) -> Draft | None:
    """The draft of this cookie in this event."""
    if not 20 <= len(secret) <= 100:
        return None
    return db.session.scalar(select(Draft).where(Draft.hash == tokens.hash_secret(secret), Draft.event_id == event_id))


def save(draft_id: int, given: dict[str, Any], *, lang: str, quietly: bool = False) -> Draft:
    """Keep some answers (as typed: right or wrong, nothing is lost).

    The first address brings the mail with the link back, unless `quietly` (who it belongs to is known already).
    """
    with transaction() as now:
        draft = db.session.get_one(Draft, draft_id)
        draft.answers = {**draft.answers, **given}
        draft.lang, draft.saved_at = lang, now
        if not quietly:
            _mail_link(draft, now=now)
        return draft


def _mail_link(draft: Draft, *, now: datetime) -> None:
    """A new address gets the link to come back, at most once an hour whoever asks."""
    try:
        email = people_rules.email_address(str(draft.answers.get("email", "")))
    except Refused:
        return
    if email.key == draft.email_key:
        return
    draft.email_key = email.key
    if limits.count("draft-mail", email.key, now=now, per=timedelta(hours=1)) >= MAILS_PER_HOUR:
        return
    limits.hit("draft-mail", email.key, now=now)
    event = db.session.get_one(Event, draft.event_id)
    secret = links.make(
        "draft", str(draft.id), now=now, expires_at=max(event.closes_at, now) + timedelta(days=30), event_id=event.id
    )
    mails.draft_resume(draft, event, secret, to=email.ascii)


def take_over(draft_id: int) -> str:
    """Another browser came by the mail's link: the draft is now its own; returns the new cookie's secret."""
    secret = tokens.new_secret()
    with transaction():
        draft = db.session.get_one(Draft, draft_id)
        draft.hash = tokens.hash_secret(secret)
    return secret


def send(draft_id: int) -> None:
    """Send the form: once, however often it is pressed; what came of it is told by mail, alike for known and new addresses.

    Raises Incomplete with all problems, or Refused.
    """
    draft = db.session.get_one(Draft, draft_id)
    with transaction(queue=("event", draft.event_id)) as now:
        draft = db.session.get_one(Draft, draft_id)
        event = db.session.get_one(Event, draft.event_id)
        key = f"draft:{draft.hash}"
        if draft.sent_at is not None:
            return
        answers = rules.answers(draft.answers, days=event.days)
        sending = services.Sending(
            lang=draft.lang, key=key, form_opened_at=draft.opened_at, invitation_id=draft.invitation_id
        )
        services.register(event.id, answers, sending)
        draft.sent_at = now



def copy(draft_id: int, *, lang: str) -> str:
    """A new draft with the answers of a sent one (the address was wrong); returns its cookie's secret. Raises Refused."""
    answers = dict(db.session.get_one(Draft, draft_id).answers)
    secret = start(db.session.get_one(Draft, draft_id).event_id, lang=lang)
    with transaction():
        draft = db.session.scalar(select(Draft).where(Draft.hash == tokens.hash_secret(secret)))
        if draft is not None:
            draft.answers = answers
    return secret


def _registration(draft: Draft) -> Registration | None:
    return db.session.scalar(select(Registration).where(Registration.key == f"draft:{draft.hash}"))


def is_address_confirmed(draft: Draft) -> bool:
    """Whether the mail's link of the registration made by this very form was opened, on whatever device."""
    registration = _registration(draft)
    return registration is not None and registration.address_confirmed_at is not None


def resend_from(draft: Draft) -> datetime:
    """From when on the mail may be asked for again."""
    return (draft.sent_at or draft.saved_at) + services.RESEND_AFTER
