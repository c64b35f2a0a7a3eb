"""What a tie does to what somebody was reading: it is taken from them in the same transaction, and the chair is told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from eventreg.core import audit
from eventreg.core.db import db
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.proposals import shield
from eventreg.proposals.models import Proposal
from eventreg.reviewing import mails
from eventreg.reviewing.models import Assignment, Review
from eventreg.reviewing.rules import HELD, AssignmentState


def cut(event_id: int, person: Person, *, now: datetime) -> int:
    """Take from a person what is hidden from them now; drafts are erased, the chair is told. Inside the running transaction.

    Returns how many proposals that were.
    """
    query = select(Assignment).where(
        Assignment.event_id == event_id, Assignment.person_id == person.id, Assignment.state.in_(HELD),
        Assignment.proposal_id.in_(shield.hidden(event_id, person)),
    )  # fmt: skip
    taken = list(db.session.scalars(query))
    for assignment in taken:
        review = db.session.scalar(select(Review).where(Review.assignment_id == assignment.id))
        if review is not None and not review.is_submitted:
            db.session.delete(review)
        assignment.state, assignment.ended_at = AssignmentState.CONFLICTED, now
        audit.record("assignment.conflicted", assignment, event_id=event_id, actor=audit.SYSTEM)
    if taken:
        db.session.flush()
        mails.conflicts_found(db.session.get_one(Event, event_id), {assignment.proposal_id for assignment in taken})
    return len(taken)


def touched_by(proposal: Proposal, *, now: datetime) -> int:
    """The people of a proposal have changed: who reviews it and is tied to it now loses it. Inside the running transaction."""
    query = select(Person).join(Assignment, Assignment.person_id == Person.id)
    query = query.where(Assignment.proposal_id == proposal.id, Assignment.state.in_(HELD))
    return sum(cut(proposal.event_id, person, now=now) for person in list(db.session.scalars(query)))
