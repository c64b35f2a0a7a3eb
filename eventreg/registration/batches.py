"""Invitations from a list: who of it can be invited, the batch that invites them, what is done with a batch as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from eventreg.core import audit, jobs, times, tokens
from eventreg.core.db import db, transaction
from eventreg.core.jobs import Running
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.people.rules import email_address
from eventreg.registration import invitations, invited_lines, mails, queries, reminders
from eventreg.registration.invitations import InvitationPlan
from eventreg.registration.invited_lines import Guest, Words, Wrong
from eventreg.registration.models import Invitation, InvitationBatch

JOB_KIND = "invitations.batch"
AT_ONCE = 100  # a longer list is worked off by the worker
_STEP = 50  # invitations of one transaction of the worker


@dataclass(frozen=True)
class Listed:
    """What a list comes to: whom it invites, and every line that it does not, with the reason."""

    guests: list[Guest]
    wrong: list[Wrong]


def look_through(event_id: int, typed: str, words: Words, *, now: datetime) -> Listed:
    """Read a list without inviting anybody. Raises Refused (invited.nothing, invited.too_long)."""
    guests, wrong = invited_lines.read(typed, words)
    if not guests and not wrong:
        raise Refused(Refusal("invited.nothing"))
    if len(guests) + len(wrong) > invited_lines.MOST_LINES:
        raise Refused(Refusal("invited.too_long", {"most": invited_lines.MOST_LINES}))
    keys = [guest.email.key for guest in guests]
    guests, registered = invited_lines.without(guests, queries.registered_keys(event_id, keys), "invited.registered")
    guests, invited = invited_lines.without(guests, _invited(event_id, keys, now), "invited.invited")
    return Listed(guests, sorted([*wrong, *registered, *invited], key=lambda line: line.number))


def _invited(event_id: int, keys: Iterable[str], now: datetime) -> set[str]:
    query = select(Invitation.email_key).where(
        Invitation.event_id == event_id, Invitation.email_key.in_(list(keys)), Invitation.revoked_at.is_(None),
        Invitation.expires_at > now, Invitation.uses < Invitation.max_uses,
    )  # fmt: skip
    in_hand = select(InvitationBatch.lines).where(InvitationBatch.event_id == event_id, InvitationBatch.job_id.is_not(None))
    coming = {line["key"] for lines in db.session.scalars(in_hand) for line in lines}
    return {*db.session.scalars(query), *coming}


def invite_all(event_id: int, label: str, plan: InvitationPlan, typed: str, words: Words, *, by: Person) -> InvitationBatch:
    """Invite everybody whom the list names rightly, each by mail: up to a hundred at once, more by the worker.

    `plan` says what all of them have in common. The list is judged anew here, so the same list twice invites nobody twice.
    Raises Refused: nobody left to invite, or what `invitations.why_not_issue` says of so many.
    """
    with transaction(queue=("event", event_id)) as now:
        event = db.session.get_one(Event, event_id)
        guests = look_through(event_id, typed, words, now=now).guests
        if not guests:
            raise Refused(Refusal("invited.nobody"))
        if refusal := invitations.why_not_issue(for_guest(plan, guests[0]), event, now=now, number=len(guests)):
            raise Refused(refusal)
        batch = InvitationBatch(
            event_id=event_id, code=_free_code(event_id), label=label, planned=len(guests), terms=_terms(plan),
            lines=[_line(guest) for guest in guests], created_by_id=by.id, created_at=now,
        )  # fmt: skip
        db.session.add(batch)
        db.session.flush()
        actor = people.actor_of(by, "organiser")
        audit.record("invitation_batch.made", batch, event_id=event_id, actor=actor, facts={"count": len(guests)} | batch.terms)
        if len(guests) <= AT_ONCE:
            _make(batch, event, len(guests), by=by, now=now)
        else:
            job = jobs.enqueue(JOB_KIND, {"batch": batch.id}, event_id=event_id, person_id=by.id, now=now)
            job.total, batch.job_id = len(guests), job.id
        return batch


def _free_code(event_id: int) -> str:
    while True:
        code = tokens.short_code("B")
        query = select(InvitationBatch.id).where(InvitationBatch.event_id == event_id, InvitationBatch.code == code)
        if db.session.scalar(query) is None:
            return code


def for_guest(plan: InvitationPlan, guest: Guest) -> InvitationPlan:
    """The common plan as it is for one guest: one person, one use."""
    return replace(
        plan, label=guest.name, lang=guest.lang, category=guest.category, email=guest.email, organisation_id=None, max_uses=1
    )


def _terms(plan: InvitationPlan) -> dict[str, Any]:
    return {
        "reason": plan.reason, "passes_deadline": plan.passes_deadline, "passes_limit": plan.passes_limit,
        "passes_moderation": plan.passes_moderation, "expires": plan.expires.local.isoformat(),
        "remind_days": list(plan.remind_days),
    }  # fmt: skip


def _line(guest: Guest) -> dict[str, str]:
    email = guest.email
    return {"email": email.address, "key": email.key, "name": guest.name, "lang": guest.lang, "category": guest.category}


def _make(batch: InvitationBatch, event: Event, number: int, *, by: Person, now: datetime) -> None:
    """Turn the next lines of a batch into invitations and mails, inside the event's queue."""
    taken, batch.lines = batch.lines[:number], batch.lines[number:]
    for line in taken:
        plan = _plan(batch, line, event)
        issued = invitations.issue(plan, event, by=by, now=now, batch_id=batch.id)
        mails.invitation(issued.invitation, event, issued.secret, to=email_address(line["email"]).ascii, now=now)


def _plan(batch: InvitationBatch, line: dict[str, str], event: Event) -> InvitationPlan:
    terms = batch.terms
    local = datetime.fromisoformat(terms["expires"])
    return InvitationPlan(
        label=line["name"], reason=terms["reason"], lang=line["lang"], category=line["category"],
        passes_deadline=terms["passes_deadline"], passes_limit=terms["passes_limit"],
        passes_moderation=terms["passes_moderation"], email=email_address(line["email"]),
        expires=times.LocalMoment(local, event.zone, times.recompute(local, event.zone)),
        remind_days=tuple(terms["remind_days"]),
    )  # fmt: skip


def run_batch(job: Running) -> tuple[dict[str, Any], Path | None]:
    """Invite the lines of a long list, some in each transaction: a worker that dies leaves the rest for the next one."""
    left = True
    while left:
        with transaction(queue=("event", job.event_id or 0)) as now:
            batch = db.session.get_one(InvitationBatch, job.params["batch"], populate_existing=True)
            event = db.session.get_one(Event, batch.event_id)
            if batch.revoked_at is not None:
                batch.lines = []
            _make(batch, event, _STEP, by=db.session.get_one(Person, batch.created_by_id), now=now)
            left, done, total = bool(batch.lines), batch.planned - len(batch.lines), batch.planned
        job.progress(done, total)
    return {"count": total}, None


def by_code(event_id: int, code: str) -> InvitationBatch:
    """The batch with this code. Raises Refused (invitation.unknown)."""
    query = select(InvitationBatch).where(InvitationBatch.event_id == event_id, InvitationBatch.code == code)
    found = db.session.scalar(query)
    if found is None:
        raise Refused(Refusal("invitation.unknown"))
    return found


def revoke(event_id: int, code: str, *, by: Person) -> int:
    """Take back every invitation of the batch that is still open, and make no more of it; how many that were."""
    with transaction(queue=("event", event_id)) as now:
        batch = by_code(event_id, code)
        batch.revoked_at, batch.lines = batch.revoked_at or now, []
        still_open = [one for one in _of(batch) if one.state(now) in ("unused", "used")]
        for invitation in still_open:
            invitations.take_back(invitation, by=by, now=now)
        actor = people.actor_of(by, "organiser")
        audit.record("invitation_batch.revoked", batch, event_id=event_id, actor=actor, facts={"count": len(still_open)})
        return len(still_open)


def remind(event_id: int, code: str, *, by: Person) -> int:
    """Remind everybody of the batch who has not used their invitation, at most once a day; how many were written to."""
    with transaction(queue=("event", event_id)) as now:
        batch = by_code(event_id, code)
        event = db.session.get_one(Event, event_id)
        whom = reminders.who_may_be_reminded(_of(batch), event, now=now)
        for invitation in whom:
            reminders.send(invitation, event, by=people.actor_of(by, "organiser"), now=now)
        return len(whom)


def how_many_may_be_reminded(batch: InvitationBatch, event: Event, *, now: datetime) -> int:
    """How many `remind` would write to now."""
    return len(reminders.who_may_be_reminded(_of(batch), event, now=now))


def _of(batch: InvitationBatch) -> list[Invitation]:
    return list(db.session.scalars(select(Invitation).where(Invitation.batch_id == batch.id).order_by(Invitation.id)))
