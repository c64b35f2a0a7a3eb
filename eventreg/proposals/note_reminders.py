"""Who has not signed yet? Reminders before the deadline for concept notes, each told once; they stop when all is signed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select

from eventreg.core import audit
from eventreg.core.db import db, transaction
from eventreg.events.models import Event
from eventreg.proposals import note_mails, note_queries, note_rules, queries
from eventreg.proposals.models import Call, Proposal
from eventreg.proposals.note_models import NoteReminder
from eventreg.proposals.note_rules import NoteState
from eventreg.proposals.rules import Body, State


def due(now: datetime) -> None:
    """Remind the bodies that have not signed: one transaction per workshop."""
    first = now + timedelta(days=max(note_rules.REMIND_DAYS))
    for call in db.session.scalars(select(Call).where(Call.notes_at > now, Call.notes_at <= first)).all():
        days = note_rules.reminder(call.notes_at, now) if call.notes_at else None
        if days is not None and call.notes_at is not None:
            for proposal_id in _not_told(call.event_id, days, call.notes_at):
                _remind(proposal_id, days)


def _not_told(event_id: int, days: int, until: datetime) -> list[int]:
    told = exists().where(
        NoteReminder.proposal_id == Proposal.id, NoteReminder.days == days, NoteReminder.until == until
    )  # fmt: skip
    query = select(Proposal.id).where(Proposal.event_id == event_id, Proposal.state == State.ACCEPTED, ~told)
    return list(db.session.scalars(query.order_by(Proposal.id)))


def _remind(proposal_id: int, days: int) -> None:
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal = db.session.get_one(Proposal, proposal_id)
        call = db.session.get_one(Call, proposal.event_id)
        if call.notes_at is None or proposal_id not in _not_told(proposal.event_id, days, call.notes_at):
            return
        db.session.add(NoteReminder(proposal_id=proposal_id, days=days, until=call.notes_at, at=now))
        keys = {body.key for body in bodies_waited_for(proposal)}
        members = [one for one in note_queries.members(proposal_id) if queries.body_key(one) in keys]
        if members:
            event, note = db.session.get_one(Event, proposal.event_id), note_queries.newest(proposal_id)
            note_mails.to_sign(proposal, members, event, number=note.number if note else 0, now=now, reminds=True,
                               is_proposed=note is not None and note.state == NoteState.PROPOSED)  # fmt: skip
            audit.record("note.reminded", proposal, event_id=event.id, actor=audit.SYSTEM, facts={"bodies": len(keys)})


def bodies_waited_for(proposal: Proposal) -> list[Body]:
    """The bodies whose signature is missing; none once a version is signed off."""
    versions = note_queries.versions(proposal.id)
    if any(note.state == NoteState.SIGNED_OFF for note in versions):
        return []
    text = note_queries.text_of(versions[0]) if versions and versions[0].state == NoteState.PROPOSED else None
    signed = note_queries.signed_by(text.id) if text else {}
    return note_rules.who_has_not(note_queries.bodies_of(proposal.id), signed)
