"""What does this invitation allow? Three separate rights, an expiry, a number of uses; every step is audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from eventreg.core import audit, links, times, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.people.rules import Email
from eventreg.registration import mails, rules
from eventreg.registration.models import Invitation, Registration


@dataclass(frozen=True)
class InvitationPlan:
    """An invitation to be made. `email` None: whoever has the link. `expires` is local, its last day counts whole."""

    label: str
    reason: str
    lang: str
    passes_deadline: bool
    passes_limit: bool
    expires: times.LocalMoment
    max_uses: int = 1
    email: Email | None = None


@dataclass(frozen=True)
class Issued:
    """A new invitation and its secret, which is shown once."""

    invitation: Invitation
    secret: str


def invite(event_id: int, plan: InvitationPlan, *, by: Person, send_mail: bool = True) -> Issued:
    """Make an invitation; with an address and `send_mail` its link goes out by mail.

    Raises Refused: no right at all, no reason, expiry in the past or after the meeting, uses out of 1…500.
    """
    with transaction(queue=("event", event_id)) as now:
        event = db.session.get_one(Event, event_id)
        if refusal := _why_not_issue(plan, event, now):
            raise Refused(refusal)
        invitation = Invitation(
            event_id=event_id, code=_free_code(event_id), label=plan.label, reason=plan.reason, lang=plan.lang,
            email=plan.email.address if plan.email else "", email_key=plan.email.key if plan.email else "",
            passes_deadline=plan.passes_deadline, passes_limit=plan.passes_limit, max_uses=plan.max_uses,
            expires_local=plan.expires.local.isoformat(), expires_at=plan.expires.instant, created_by_id=by.id, created_at=now,
        )  # fmt: skip
        db.session.add(invitation)
        db.session.flush()
        secret = _link(invitation, now=now)
        audit.record("invitation.issued", invitation, event_id=event_id, actor=_organiser(by), facts=_facts(invitation))
        if plan.email is not None and send_mail:
            mails.invitation(invitation, event, secret, to=plan.email.ascii, now=now)
        return Issued(invitation, secret)


def _why_not_issue(plan: InvitationPlan, event: Event, now: datetime) -> Refusal | None:
    if not plan.passes_deadline and not plan.passes_limit:
        return Refusal("invitation.no_right")
    if not plan.reason:
        return Refusal("invitation.no_reason")
    if plan.expires.instant <= now:
        return Refusal("invitation.expires_in_past")
    if plan.expires.instant > times.deadline(event.last_day.isoformat(), event.zone).instant:
        return Refusal("invitation.expires_after_event")
    if not plan.passes_deadline and now >= event.closes_at:
        return Refusal("invitation.needs_deadline")
    if not 1 <= plan.max_uses <= 500:
        return Refusal("invitation.uses_range")
    return None


def _organiser(person: Person) -> Actor:
    return Actor("organiser", person.code)


def _facts(invitation: Invitation) -> dict[str, object]:
    return {
        "passes_deadline": invitation.passes_deadline, "passes_limit": invitation.passes_limit, "reason": invitation.reason,
        "expires_at": invitation.expires_at.isoformat(), "max_uses": invitation.max_uses, "bound": bool(invitation.email),
    }  # fmt: skip


def _free_code(event_id: int) -> str:
    while True:
        code = tokens.short_code("I")
        query = select(Invitation.id).where(Invitation.event_id == event_id, Invitation.code == code)
        if db.session.scalar(query) is None:
            return code


def _link(invitation: Invitation, *, now: datetime) -> str:
    return links.make(
        "invitation", invitation.code, now=now, expires_at=invitation.expires_at, event_id=invitation.event_id
    )


def new_link(event_id: int, code: str, *, by: Person) -> Issued:
    """A new link for an invitation whose link was lost; the old one is dead. Raises Refused when it is no longer open."""
    with transaction() as now:
        invitation = by_code(event_id, code)
        if invitation.state(now) not in {"unused", "used"}:
            raise Refused(Refusal(f"invitation.{invitation.state(now)}"))
        links.revoke("invitation", code, now, event_id=event_id)
        audit.record("invitation.link_renewed", invitation, event_id=event_id, actor=_organiser(by))
        return Issued(invitation, _link(invitation, now=now))


def revoke(event_id: int, code: str, *, by: Person) -> Invitation:
    """Take an invitation back; registrations made with it stay."""
    with transaction() as now:
        invitation = by_code(event_id, code)
        if invitation.revoked_at is None:
            invitation.revoked_at = now
            links.revoke("invitation", code, now, event_id=event_id)
            audit.record("invitation.revoked", invitation, event_id=event_id, actor=_organiser(by))
        return invitation


def by_code(event_id: int, code: str) -> Invitation:
    """The invitation with this code. Raises Refused (invitation.unknown)."""
    query = select(Invitation).where(Invitation.event_id == event_id, Invitation.code == code)
    invitation = db.session.scalar(query)
    if invitation is None:
        raise Refused(Refusal("invitation.unknown"))
    return invitation


def opened(event_id: int, code: str) -> Invitation:
    """Somebody opened the link: written down, and refused when it is over."""
    with transaction() as now:
        invitation = by_code(event_id, code)
        if refusal := rules.why_not_invited(rights(invitation, now), None):
            raise Refused(refusal)
        audit.record("invitation.opened", invitation, event_id=event_id, actor=Actor("link"))
        return invitation


def rights(invitation: Invitation, now: datetime) -> rules.InvitationRights:
    """What the rules need to know of an invitation at `now`."""
    return rules.InvitationRights(
        invitation.state(now), invitation.email_key, invitation.passes_deadline, invitation.passes_limit
    )


def usable(invitation_id: int | None, email: Email, *, now: datetime) -> Invitation | None:
    """The invitation if it is open for this address. Raises Refused otherwise. Inside the event's queue."""
    if invitation_id is None:
        return None
    invitation = db.session.get_one(Invitation, invitation_id, populate_existing=True)
    if refusal := rules.why_not_invited(rights(invitation, now), email):
        raise Refused(refusal)
    return invitation


def count_use(invitation: Invitation, registration: Registration, *, by: Actor) -> None:
    """Count one use, inside the event's queue; the audit says what was passed."""
    statement = update(Invitation).where(Invitation.id == invitation.id, Invitation.uses < Invitation.max_uses)
    result = db.session.execute(statement.values(uses=Invitation.uses + 1), execution_options={"synchronize_session": False})
    if result.rowcount == 0:  # type: ignore[attr-defined]
        raise Refused(Refusal("invitation.used_up"))
    facts = {
        "registration": registration.code, "passed_deadline": registration.passed_deadline,
        "passed_limit": registration.passed_limit,
    }  # fmt: skip
    audit.record("invitation.used", invitation, event_id=invitation.event_id, actor=by, facts=facts)
