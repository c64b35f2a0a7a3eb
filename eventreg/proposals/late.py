"""Who may propose a workshop after the call has closed? A small invitation of the call's own.

It is none of registration's invitations: those count registrations, and their other rights say nothing about a proposal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from eventreg.core import audit, links, times, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.people.rules import Email
from eventreg.proposals import mails, queries, rules
from eventreg.proposals.models import LateInvitation, Proposal
from eventreg.proposals.rules import State

PURPOSE = "late"  # of the links
MOST_USES = 100


@dataclass(frozen=True)
class LatePlan:
    """An invitation to be made: for this address alone, or for whoever has the link. `expires`: its last day counts whole."""

    label: str
    reason: str
    lang: str
    expires: times.LocalMoment
    max_uses: int = 1
    email: Email | None = None


@dataclass(frozen=True)
class Issued:
    """A new invitation and the secret of its link, which is shown once."""

    invitation: LateInvitation
    secret: str


def invite(event_id: int, plan: LatePlan, *, by: Person) -> Issued:
    """Make an invitation; with an address its link goes out by mail.

    Raises Refused: no call, no reason, it ends before the call closes or in the past, it ends after the meeting, uses out of range.
    """
    with transaction(queue=("call", event_id)) as now:
        event = db.session.get_one(Event, event_id)
        if refusal := _why_not_issue(plan, event, now):
            raise Refused(refusal)
        invitation = LateInvitation(
            event_id=event_id, code=_free_code(event_id), label=plan.label, reason=plan.reason, lang=plan.lang,
            email=plan.email.address if plan.email else "", email_key=plan.email.key if plan.email else "",
            expires_local=plan.expires.local.isoformat(), expires_at=plan.expires.instant, max_uses=plan.max_uses, uses=0,
            created_by_id=by.id, created_at=now,
        )  # fmt: skip
        db.session.add(invitation)
        db.session.flush()
        facts = {"expires_at": invitation.expires_at.isoformat(), "max_uses": plan.max_uses, "bound": plan.email is not None,
                 "reason": plan.reason}  # fmt: skip
        audit.record("late_invitation.issued", invitation, event_id=event_id, actor=_organiser(by), facts=facts)
        issued = Issued(invitation, _link(invitation, now))
        if plan.email is not None:
            mails.late(invitation, event, issued.secret, to=plan.email.ascii)
        return issued


def _why_not_issue(plan: LatePlan, event: Event, now: datetime) -> Refusal | None:
    call = queries.call_of(event.id)
    if call is None:
        return rules.NO_CALL
    if not plan.reason:
        return Refusal("invitation.no_reason")
    if plan.expires.instant <= now:
        return Refusal("invitation.expires_in_past")
    if plan.expires.instant <= call.closes_at:
        return Refusal("late.before_closing")
    if plan.expires.instant > times.deadline(event.last_day.isoformat(), event.zone).instant:
        return Refusal("invitation.expires_after_event")
    return None if 1 <= plan.max_uses <= MOST_USES else Refusal("late.uses_range", {"most": MOST_USES})


def _free_code(event_id: int) -> str:
    while True:
        code = tokens.short_code("L")
        if by_code(event_id, code) is None:
            return code


def _organiser(person: Person) -> Actor:
    return Actor("organiser", person.code)


def _link(invitation: LateInvitation, now: datetime) -> str:
    return links.make(PURPOSE, invitation.code, now=now, expires_at=invitation.expires_at, event_id=invitation.event_id)


def by_code(event_id: int, code: str) -> LateInvitation | None:
    """The invitation with this code in this meeting."""
    return db.session.scalar(select(LateInvitation).where(LateInvitation.event_id == event_id, LateInvitation.code == code))


def new_link(event_id: int, code: str, *, by: Person) -> Issued:
    """A new link for one that was lost; the old one is dead. Raises Refused: it is over, or there is no such invitation."""
    with transaction(queue=("call", event_id)) as now:
        invitation = _existing(event_id, code)
        if not invitation.is_open(now):
            raise Refused(Refusal(f"invitation.{invitation.state(now)}"))
        links.revoke(PURPOSE, code, now, event_id=event_id)
        audit.record("late_invitation.link_renewed", invitation, event_id=event_id, actor=_organiser(by))
        return Issued(invitation, _link(invitation, now))


def revoke(event_id: int, code: str, *, by: Person) -> None:
    """Take it back: what was sent stays, what is being written with it can be changed no more. Again is the same."""
    with transaction(queue=("call", event_id)) as now:
        invitation = _existing(event_id, code)
        if invitation.revoked_at is None:
            invitation.revoked_at = now
            links.revoke(PURPOSE, code, now, event_id=event_id)
            audit.record("late_invitation.revoked", invitation, event_id=event_id, actor=_organiser(by))


def _existing(event_id: int, code: str) -> LateInvitation:
    invitation = by_code(event_id, code)
    if invitation is None:
        raise Refused(Refusal("invitation.unknown"))
    return invitation


# ---- using it --------------------------------------------------------------------------------------------------------


def take_up(invitation: LateInvitation, person: Person) -> Proposal | None:
    """Who has a draft from before the closing goes on with it; the invitation is used by that. The proposal, None without one.

    Their proposal that this invitation lets them write already is found again and uses nothing.
    """
    with transaction(queue=("call", invitation.event_id)) as now:
        led = [one for one, role in queries.of_person(invitation.event_id, person.id) if role == rules.Role.LEAD]
        mine = next((one for one in led if one.late_id == invitation.id), None)
        draft = next((one for one in led if one.state == State.DRAFT and one.late_id is None), None)
        call = queries.call_of(invitation.event_id)
        if mine is not None or draft is None or call is None or now < call.closes_at:
            return mine
        fresh = db.session.get_one(LateInvitation, invitation.id, populate_existing=True)
        if fresh.state(now) not in ("unused", "used"):
            return None
        count_use(fresh, draft, person)
        return draft


def count_use(invitation: LateInvitation, proposal: Proposal, person: Person) -> None:
    """This proposal is written by this invitation. Raises Refused when it was used up meanwhile. Inside the call's queue."""
    left = update(LateInvitation).where(LateInvitation.id == invitation.id, LateInvitation.uses < LateInvitation.max_uses)
    result = db.session.execute(left.values(uses=LateInvitation.uses + 1), execution_options={"synchronize_session": False})
    if result.rowcount == 0:  # type: ignore[attr-defined]
        raise Refused(Refusal("invitation.used_up"))
    db.session.refresh(invitation)
    proposal.late_id = invitation.id
    facts = {"proposal": proposal.code}
    audit.record("late_invitation.used", invitation, event_id=proposal.event_id, actor=people.actor_of(person), facts=facts)
