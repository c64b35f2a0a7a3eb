"""What an organiser does with the call: set it up, move its bounds, say what it offers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import String, cast, select

from eventreg.core import audit, times
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text, local
from eventreg.core.refusals import Refusal, Refused
from eventreg.events import services as events
from eventreg.events.models import Event
from eventreg.proposals.models import Call, LateInvitation, Proposal, ProposalFormat, ProposalPart
from eventreg.proposals.rules import State


@dataclass(frozen=True)
class CallPlan:
    """What a call is: bounds on the event's clock, limits (None: none), what everybody reads, when everybody is answered.

    `notes` is until when concept notes are to be signed, None while that is not said. `reason` is told when the closing moves.
    """

    opens: times.LocalMoment
    closes: times.LocalMoment
    grace_minutes: int = 5
    intro: Text = Text()
    per_person: int | None = None
    per_organisation: int | None = None
    results_on: date | None = None
    notes: times.LocalMoment | None = None
    reason: Text = Text()


def set_call(event_id: int, plan: CallPlan, *, by: Actor) -> Call:
    """Set the call up or change it.

    Raises Refused: a date before the one that it follows; an announced closing moves without a reason.
    """
    if refusal := why_not_set(plan):
        raise Refused(refusal)
    with transaction(queue=("event", event_id)) as now:
        event = db.session.get_one(Event, event_id)
        call = db.session.get(Call, event_id)
        before = _facts(call) if call is not None else {}
        if call is None:
            call = Call(event_id=event_id, created_at=now, opens_at=now, closes_at=now, opens_local="", closes_local="")
            db.session.add(call)
        elif call.closes_at != plan.closes.instant and now >= call.opens_at:
            if not plan.reason:
                raise Refused(Refusal("call.reason_missing"))
            call.moved_on, call.moved_reason = local(now, event.zone).date(), plan.reason
        _write(call, plan)
        db.session.flush()
        after = _facts(call)
        if before != after:
            facts = {"before": before, "after": after, "reason": plan.reason.as_dict()}
            audit.record("call.set" if before else "call.made", ("call", event.slug), event_id=event_id, actor=by, facts=facts)
        return call


def why_not_set(plan: CallPlan) -> Refusal | None:
    """Say which date comes before the one that it follows, or None."""
    if plan.closes.instant <= plan.opens.instant:
        return Refusal("call.closes_before_opens")
    if plan.results_on is not None and plan.results_on < times.last_minute(plan.closes.local).date():
        return Refusal("call.results_too_early")
    if plan.notes is not None and plan.notes.instant <= plan.closes.instant:
        return Refusal("call.notes_too_early")
    return None


def _write(call: Call, plan: CallPlan) -> None:
    call.opens_local, call.opens_at = plan.opens.local.isoformat(), plan.opens.instant
    call.closes_local, call.closes_fold = plan.closes.local.isoformat(), plan.closes.local.fold
    call.closes_at, call.grace_minutes = plan.closes.instant, plan.grace_minutes
    call.intro, call.results_on = plan.intro, plan.results_on
    call.per_person, call.per_organisation = plan.per_person, plan.per_organisation
    call.notes_local = plan.notes.local.isoformat() if plan.notes else ""
    call.notes_at = plan.notes.instant if plan.notes else None


def _facts(call: Call) -> dict[str, Any]:
    return {
        "opens_local": call.opens_local, "closes_local": call.closes_local, "grace_minutes": call.grace_minutes,
        "per_person": call.per_person, "per_organisation": call.per_organisation, "intro": call.intro.as_dict(),
        "results_on": call.results_on.isoformat() if call.results_on else None, "notes_local": call.notes_local or None,
    }  # fmt: skip


@dataclass(frozen=True)
class FormatPlan:
    """A format: its name in three languages and its length in minutes."""

    name: Text
    minutes: int
    slug: str = ""  # of an existing one


MOST_FORMATS = 20


def set_formats(event_id: int, plans: list[FormatPlan], *, by: Actor) -> list[ProposalFormat]:
    """What the call offers from now on, in this order; one that proposals chose and that is left out is kept for them.

    Raises Refused: no name, a length out of range, too many.
    """
    if len(plans) > MOST_FORMATS:
        raise Refused(Refusal("call.too_many_formats", {"limit": MOST_FORMATS}))
    if not all(plan.name for plan in plans):
        raise Refused(Refusal("call.format_no_name"))
    if not all(5 <= plan.minutes <= 600 for plan in plans):
        raise Refused(Refusal("call.format_minutes"))
    with transaction(queue=("event", event_id)):
        query = select(ProposalFormat).where(ProposalFormat.event_id == event_id)
        known = {one.slug: one for one in db.session.scalars(query)}
        before = _as_facts(known.values())
        for rank, plan in enumerate(plans, start=1):
            one = known.pop(plan.slug, None) or _new_format(event_id, plan, rank)
            one.name, one.minutes, one.rank, one.is_offered = plan.name, plan.minutes, rank, True
        for left in known.values():
            chosen = db.session.scalar(select(Proposal.id).where(Proposal.format_id == left.id).limit(1))
            if chosen is None:
                db.session.delete(left)
            left.is_offered = False
        db.session.flush()
        found = list(db.session.scalars(query.order_by(ProposalFormat.rank)))
        facts = {"before": before, "after": _as_facts(found)}
        audit.record("call.formats_set", ("event", str(event_id)), event_id=event_id, actor=by, facts=facts)
        return found


def _new_format(event_id: int, plan: FormatPlan, rank: int) -> ProposalFormat:
    taken = set(db.session.scalars(select(ProposalFormat.slug).where(ProposalFormat.event_id == event_id)))
    slug = next(f"f{number}" for number in range(1, 1000) if f"f{number}" not in taken) if not plan.slug else plan.slug
    one = ProposalFormat(event_id=event_id, slug=slug, rank=rank, name=plan.name, minutes=plan.minutes)
    db.session.add(one)
    db.session.flush()
    return one


def _as_facts(formats: Any) -> list[dict[str, Any]]:
    return [{"name": one.name.as_dict(), "minutes": one.minutes} for one in formats if one.is_offered]


def close(now: datetime) -> None:
    """What was sent is under review once the call has closed and its grace is over (DOMAIN 5.3)."""
    query = select(Call.event_id).where(Call.closes_at < now).order_by(Call.event_id)
    for event_id in db.session.scalars(query).all():
        writes_on = select(LateInvitation.id).where(LateInvitation.revoked_at.is_(None), LateInvitation.expires_at > now)
        is_written = Proposal.late_id.is_not(None) & Proposal.late_id.in_(writes_on)
        sent = (Proposal.event_id == event_id, Proposal.state == State.SUBMITTED, ~is_written)
        if db.session.scalar(select(Proposal.id).where(*sent).limit(1)) is None:
            continue
        with transaction(queue=("call", event_id)) as instant:
            call = db.session.get_one(Call, event_id)
            if instant < call.closes_at + call.grace:
                continue
            proposals = db.session.scalars(select(Proposal).where(*sent)).all()
            for proposal in proposals:
                proposal.state = State.IN_REVIEW
            event, facts = db.session.get_one(Event, event_id), {"count": len(proposals)}
            audit.record("call.closed", ("call", event.slug), event_id=event_id, actor=audit.SYSTEM, facts=facts)


def remove_track(event_id: int, slug: str, *, by: Actor) -> None:
    """Remove a track under which nobody writes or has written. Raises Refused: it is used, or there is no such track."""
    with transaction(queue=("call", event_id)):
        said = cast(ProposalPart.answers, String).contains(f'"track": "{slug}"', autoescape=True)
        here = select(Proposal.id).where(Proposal.event_id == event_id)
        if db.session.scalar(select(ProposalPart.id).where(ProposalPart.proposal_id.in_(here), said).limit(1)) is not None:
            raise Refused(Refusal("events.track_used"))
        events.remove_track(event_id, slug, by=by)


def recompute(now: datetime) -> None:
    """Derive the instants anew from the local times: time-zone data change by decree."""
    query = select(Call, Event).join(Event, Event.id == Call.event_id).where(Event.last_day >= now.date())
    for call, event in db.session.execute(query).all():
        opens = times.recompute(datetime.fromisoformat(call.opens_local), event.zone)
        closes = times.recompute(datetime.fromisoformat(call.closes_local).replace(fold=call.closes_fold), event.zone)
        notes = times.recompute(datetime.fromisoformat(call.notes_local), event.zone) if call.notes_local else None
        if (opens, closes, notes) == (call.opens_at, call.closes_at, call.notes_at):
            continue
        with transaction(queue=("event", event.id)):
            fresh = db.session.get_one(Call, event.id)
            facts = {"opens_at": [fresh.opens_at.isoformat(), opens.isoformat()],
                     "closes_at": [fresh.closes_at.isoformat(), closes.isoformat()]}  # fmt: skip
            fresh.opens_at, fresh.closes_at, fresh.notes_at = opens, closes, notes
            audit.record("call.clock_rules_changed", ("call", event.slug), event_id=event.id, actor=audit.SYSTEM, facts=facts)
    for late, zone in db.session.execute(select(LateInvitation, Event.zone).join(Event, Event.id == LateInvitation.event_id)).all():
        expires = times.recompute(datetime.fromisoformat(late.expires_local), zone)
        if expires != late.expires_at:
            with transaction(queue=("call", late.event_id)):
                db.session.get_one(LateInvitation, late.id).expires_at = expires
