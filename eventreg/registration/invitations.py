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
from eventreg.people import organisations
from eventreg.people.models import Organisation, Person
from eventreg.people.rules import Email
from eventreg.registration import mails, queries, rules
from eventreg.registration.models import Invitation, Registration
from eventreg.registration.rules import Answers

MOST_USES = 500
MOST_REMIND_DAYS, MOST_REMINDERS = 60, 3


@dataclass(frozen=True)
class InvitationPlan:
    """An invitation to be made. `expires` is local, its last day counts whole.

    `email`: for this person alone. `organisation_id`: for people of this organisation. Neither: for whoever has the link.
    `category` is given to whoever registers with it; `remind_days` after its making, who has not used it is reminded.
    """

    label: str
    reason: str
    lang: str
    passes_deadline: bool
    passes_limit: bool
    expires: times.LocalMoment
    passes_moderation: bool = False
    category: str = ""
    organisation_id: int | None = None
    max_uses: int = 1
    email: Email | None = None
    remind_days: tuple[int, ...] = ()


@dataclass(frozen=True)
class Issued:
    """A new invitation and its secret, which is shown once."""

    invitation: Invitation
    secret: str


def invite(event_id: int, plan: InvitationPlan, *, by: Person, send_mail: bool = True) -> Issued:
    """Make an invitation; with an address and `send_mail` its link goes out by mail.

    Raises Refused: no right at all, no reason, expiry in the past or after the meeting, uses out of 1…500, more people than
    the venue admits.
    """
    with transaction(queue=("event", event_id)) as now:
        event = db.session.get_one(Event, event_id)
        if refusal := why_not_issue(plan, event, now=now):
            raise Refused(refusal)
        issued = issue(plan, event, by=by, now=now)
        if plan.email is not None and send_mail:
            mails.invitation(issued.invitation, event, issued.secret, to=plan.email.ascii, now=now)
        return issued


def issue(plan: InvitationPlan, event: Event, *, by: Person, now: datetime, batch_id: int | None = None) -> Issued:
    """Write down an invitation that nothing speaks against, and make its link. Inside the event's queue."""
    invitation = as_row(plan, event.id)
    invitation.code, invitation.batch_id = _free_code(event.id), batch_id
    invitation.created_by_id, invitation.created_at = by.id, now
    invitation.remind_at = rules.next_reminder(now, plan.remind_days, now)
    db.session.add(invitation)
    db.session.flush()
    audit.record("invitation.issued", invitation, event_id=event.id, actor=_organiser(by), facts=_facts(invitation))
    return Issued(invitation, another_link(invitation, now=now))


def as_row(plan: InvitationPlan, event_id: int) -> Invitation:
    """The invitation that a plan describes, not yet written down: what its mail would say can be shown before."""
    return Invitation(
        event_id=event_id, label=plan.label, reason=plan.reason, lang=plan.lang,
        email=plan.email.address if plan.email else "", email_key=plan.email.key if plan.email else "",
        passes_deadline=plan.passes_deadline, passes_limit=plan.passes_limit, passes_moderation=plan.passes_moderation,
        category=plan.category, organisation_id=plan.organisation_id, max_uses=plan.max_uses, uses=0,
        expires_local=plan.expires.local.isoformat(), expires_at=plan.expires.instant, remind_days=list(plan.remind_days),
    )  # fmt: skip


def why_not_issue(plan: InvitationPlan, event: Event, *, now: datetime, number: int = 1) -> Refusal | None:
    """Say why `number` invitations like this cannot be made, or None."""
    if not (plan.passes_deadline or plan.passes_limit or plan.passes_moderation or plan.category):
        return Refusal("invitation.no_right")
    if not plan.reason:
        return Refusal("invitation.no_reason")
    if plan.expires.instant <= now:
        return Refusal("invitation.expires_in_past")
    if plan.expires.instant > times.deadline(event.last_day.isoformat(), event.zone).instant:
        return Refusal("invitation.expires_after_event")
    if not plan.passes_deadline and now >= event.closes_at:
        return Refusal("invitation.needs_deadline")
    if not 1 <= plan.max_uses <= MOST_USES:
        return Refusal("invitation.uses_range")
    return _why_not_shape(plan) or _why_not_so_many(plan, event, now=now, number=number)


def _why_not_shape(plan: InvitationPlan) -> Refusal | None:
    """What does not go together, whatever the clock says."""
    if plan.email is not None and plan.organisation_id is not None:
        return Refusal("invitation.one_binding")
    if plan.category and plan.category not in (*rules.CATEGORIES, *rules.GIVEN_CATEGORIES):
        return Refusal("invitation.unknown_category")
    days = plan.remind_days
    if len(days) > MOST_REMINDERS or any(not 1 <= number <= MOST_REMIND_DAYS for number in days):
        return Refusal("invitation.remind_days", {"most": MOST_REMINDERS, "last": MOST_REMIND_DAYS})
    if days and plan.email is None:
        return Refusal("invitation.remind_whom")
    return None


def _why_not_so_many(plan: InvitationPlan, event: Event, *, now: datetime, number: int) -> Refusal | None:
    """The right to pass the limit ends where the venue admits no more people."""
    if not plan.passes_limit or event.venue_capacity is None:
        return None
    taken = queries.places_held(event.id)
    promised = queries.places_promised(event.id, now)
    left = max(0, event.venue_capacity - taken - promised)
    asked = number * plan.max_uses
    if asked <= left:
        return None
    params = {"capacity": event.venue_capacity, "taken": taken, "promised": promised, "left": left, "asked": asked}
    return Refusal("invitation.above_capacity", params)


def _organiser(person: Person) -> Actor:
    return Actor("organiser", person.code)


def _facts(invitation: Invitation) -> dict[str, object]:
    return {
        "passes_deadline": invitation.passes_deadline, "passes_limit": invitation.passes_limit,
        "passes_moderation": invitation.passes_moderation, "category": invitation.category, "reason": invitation.reason,
        "expires_at": invitation.expires_at.isoformat(), "max_uses": invitation.max_uses, "bound": bool(invitation.email),
        "for_organisation": invitation.organisation_id is not None, "remind_days": invitation.remind_days,
    }  # fmt: skip


def _free_code(event_id: int) -> str:
    while True:
        code = tokens.short_code("I")
        query = select(Invitation.id).where(Invitation.event_id == event_id, Invitation.code == code)
        if db.session.scalar(query) is None:
            return code


def another_link(invitation: Invitation, *, now: datetime) -> str:
    """A link beside those that were mailed before, which go on working: only their hashes are kept. Returns its secret."""
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
        return Issued(invitation, another_link(invitation, now=now))


def revoke(event_id: int, code: str, *, by: Person) -> Invitation:
    """Take an invitation back; registrations made with it stay."""
    with transaction() as now:
        invitation = by_code(event_id, code)
        take_back(invitation, by=by, now=now)
        return invitation


def take_back(invitation: Invitation, *, by: Person, now: datetime) -> None:
    """Revoke one invitation inside the running transaction; again is the same."""
    if invitation.revoked_at is None:
        invitation.revoked_at, invitation.remind_at = now, None
        links.revoke("invitation", invitation.code, now, event_id=invitation.event_id)
        audit.record("invitation.revoked", invitation, event_id=invitation.event_id, actor=_organiser(by))


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
        invitation.state(now), invitation.email_key, organisations.survivor_id(invitation.organisation_id)
    )


def usable(invitation_id: int | None, answers: Answers, *, now: datetime) -> Invitation | None:
    """The invitation if it is open for who gave these answers. Raises Refused otherwise. Inside the event's queue."""
    if invitation_id is None:
        return None
    invitation = db.session.get_one(Invitation, invitation_id, populate_existing=True)
    comes_for = None
    if invitation.organisation_id is not None:
        comes_for = organisations.recognised(answers.organisation_code, answers.organisation_name, answers.country)
    if refusal := rules.why_not_invited(rights(invitation, now), answers.email, comes_for.id if comes_for else None):
        is_organisation = refusal.code == "invitation.other_organisation"
        raise Refused(_other_organisation(invitation) if is_organisation else refusal)
    return invitation


def _other_organisation(invitation: Invitation) -> Refusal:
    body = db.session.get_one(Organisation, invitation.organisation_id)
    return Refusal("invitation.other_organisation", {"organisation": body.name})


def check_organisation(registration: Registration) -> None:
    """Who came by an invitation for one organisation stays with it. Raises Refused (invitation.other_organisation)."""
    invitation = db.session.get(Invitation, registration.invitation_id) if registration.invitation_id else None
    if invitation is None or invitation.organisation_id is None:
        return
    if organisations.survivor_id(invitation.organisation_id) != registration.organisation_id:
        raise Refused(_other_organisation(invitation))


def gives_more(invitation: Invitation) -> bool:
    """Whether who may use it gets more than the open form gives: then the wrong address or organisation is told."""
    return invitation.passes_limit or invitation.passes_moderation or bool(invitation.category)


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
