"""What becomes of reviews when the criteria change after they were frozen? They are looked at again, and nothing is lost."""

from __future__ import annotations

from sqlalchemy import select

from eventreg.core.db import db
from eventreg.events.models import Event
from eventreg.reviewing import mails, queries
from eventreg.reviewing.models import Assignment, CriteriaSet, Review, Score
from eventreg.reviewing.rules import AssignmentState


def reopen(new: CriteriaSet, old: CriteriaSet) -> int:
    """Bring every review to the new criteria and open those that were submitted; their reviewers are told, once each.

    A score stays where its criterion has the same code and the scale is the same. The versions submitted are kept.
    Inside the running transaction; returns how many were opened.
    """
    codes = {one.id: one.code for one in old.criteria}
    ids = {one.code: one.id for one in new.criteria}
    is_same_scale = (new.lowest, new.highest) == (old.lowest, old.highest)
    told: dict[int, int] = {}
    rows = db.session.execute(
        select(Review, Assignment).join(Assignment, Assignment.id == Review.assignment_id).where(Review.event_id == new.event_id)
    )
    for review, assignment in rows.all():
        kept = [score for score in review.scores if is_same_scale and codes.get(score.criterion_id) in ids]
        carried = [(ids[codes[score.criterion_id]], score.value, score.unable) for score in kept]
        review.scores.clear()
        db.session.flush()
        review.scores = [Score(criterion_id=at, value=value, unable=unable) for at, value, unable in carried]
        review.set_id, review.total, review.revision = new.id, None, review.revision + 1
        if review.is_submitted:
            review.is_submitted = False
            told[assignment.person_id] = told.get(assignment.person_id, 0) + 1
            if assignment.state == AssignmentState.SUBMITTED:
                assignment.state, assignment.submitted_at = AssignmentState.STARTED, None
    event = db.session.get_one(Event, new.event_id)
    for person_id, number in sorted(told.items()):
        reviewer = queries.reviewer(new.event_id, person_id)
        if reviewer is not None:
            mails.criteria_changed(reviewer, event, number=number, reason=new.reason)
    return sum(told.values())
