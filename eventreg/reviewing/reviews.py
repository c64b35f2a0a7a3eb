"""A reviewer writes a review: saved while they write, submitted when it is whole, changed until the closing, every version kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from eventreg.core import audit
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.reviewing import queries, rules
from eventreg.reviewing.models import CriteriaSet, Criterion, Review, ReviewVersion, Score
from eventreg.reviewing.queries import Task
from eventreg.reviewing.rules import AssignmentState, Given, Reviewed


class Wrong(Exception):
    """What is wrong with a review, by field. What could be read was kept as a draft unless `kept` is False."""

    def __init__(self, problems: Mapping[str, Refusal], *, kept: bool) -> None:
        super().__init__(", ".join(problems))
        self.problems, self.kept = problems, kept


class Overtaken(Exception):
    """The review was saved elsewhere since the page was opened: what stands there, and nothing was changed."""

    def __init__(self, stands: Review) -> None:
        super().__init__("overtaken")
        self.stands = stands


@dataclass(frozen=True)
class Saved:
    """A review as it stands now, and what was wrong with what was typed."""

    review: Review
    problems: Mapping[str, Refusal]


def save(
    event_id: int, person: Person, code: str, raw: Mapping[str, Any], *, based_on: int, is_knowing: bool = False
) -> Saved:
    """Keep what a reviewer has typed so far; what cannot be read is told and left out. A submitted review is not changed by this.

    `is_knowing`: they have seen what they saved from another page, and overwrite it; that draft is kept.
    Raises Refused (not theirs, not open, closed, gone), Overtaken.
    """
    with transaction(queue=("reviewing", event_id)) as now:
        task, criteria = _writable(event_id, person, code, now)
        if task.review is not None and task.review.is_submitted:
            raise Refused(Refusal("review.submitted"))
        if is_knowing and task.review is not None and task.review.revision == based_on:
            _keep_version(task.review, now=now, is_draft=True)
        reviewed, problems = rules.read(raw, queries.asked(criteria), lowest=criteria.lowest, highest=criteria.highest)
        return Saved(_keep(task, criteria, reviewed, based_on=based_on, now=now), problems)


def submit(event_id: int, person: Person, code: str, raw: Mapping[str, Any], *, based_on: int) -> Review:
    """Hand a review in. Of an incomplete one the draft is kept; the version submitted before stands until a whole one follows.

    Raises Wrong, Refused, Overtaken.
    """
    wrong: Wrong | None = None
    with transaction(queue=("reviewing", event_id)) as now:
        task, criteria = _writable(event_id, person, code, now)
        asked = queries.asked(criteria)
        reviewed, problems = rules.read(raw, asked, lowest=criteria.lowest, highest=criteria.highest)
        problems = {**rules.why_not_submit(reviewed, asked), **problems}
        is_again = task.review is not None and task.review.is_submitted
        if problems:
            if not is_again:
                _keep(task, criteria, reviewed, based_on=based_on, now=now)
            wrong = Wrong(problems, kept=not is_again)
        else:
            review = _keep(task, criteria, reviewed, based_on=based_on, now=now)
            _hand_in(task, review, criteria, reviewed, person, now=now)
    if wrong is not None:
        raise wrong
    return review


def _writable(event_id: int, person: Person, code: str, now: datetime) -> tuple[Task, CriteriaSet]:
    task = queries.task(event_id, person, code)
    if task is None:
        raise Refused(Refusal("assignment.none_such"))
    criteria = queries.frozen(event_id)
    if refusal := why_not(task, criteria, now):
        raise Refused(refusal)
    assert criteria is not None  # else why_not had said so
    return task, criteria


def why_not(task: Task, criteria: CriteriaSet | None, now: datetime) -> Refusal | None:
    """Say why this review cannot be written or changed now, or None."""
    settings = queries.settings(task.assignment.event_id)
    return rules.why_not_review(
        state=task.assignment.state, proposal_state=task.proposal.state, now=now, is_frozen=criteria is not None,
        opens_at=settings.opens_at if settings else None, closes_at=settings.closes_at if settings else None,
    )  # fmt: skip


def _keep(task: Task, criteria: CriteriaSet, reviewed: Reviewed, *, based_on: int, now: datetime) -> Review:
    review = task.review
    if review is None:
        assignment = task.assignment
        if based_on != 0:
            raise Refused(Refusal("review.erased"))
        review = Review(
            assignment_id=assignment.id, event_id=assignment.event_id, proposal_id=assignment.proposal_id,
            person_id=assignment.person_id, set_id=criteria.id, proposal_version=task.proposal.version, changed_at=now, revision=0,
        )  # fmt: skip
        db.session.add(review)
    elif review.revision != based_on:
        raise Overtaken(review)
    ids = {one.code: one.id for one in criteria.criteria}
    known = {score.criterion_id: score for score in review.scores}
    for code, given in reviewed.given.items():
        score = known.pop(ids[code], None)
        if given == Given():
            if score is not None:
                review.scores.remove(score)
            continue
        if score is None:
            score = Score(criterion_id=ids[code])
            review.scores.append(score)
        score.value, score.unable = given.value, given.unable
    review.set_id, review.confidence = criteria.id, reviewed.confidence
    review.to_committee = reviewed.to_committee[: rules.COMMENT_MOST]
    review.to_proposer = reviewed.to_proposer[: rules.COMMENT_MOST]
    review.proposal_version, review.changed_at = task.proposal.version, now
    review.revision += 1
    if task.assignment.state == AssignmentState.ASSIGNED:
        task.assignment.state, task.assignment.started_at = AssignmentState.STARTED, now
    db.session.flush()
    return review


def _hand_in(task: Task, review: Review, criteria: CriteriaSet, reviewed: Reviewed, person: Person, *, now: datetime) -> None:
    asked = queries.asked(criteria)
    review.total, review.is_submitted, review.submitted_at = rules.total(reviewed.given, asked), True, now
    if task.assignment.state == AssignmentState.STARTED:
        task.assignment.state, task.assignment.submitted_at = AssignmentState.SUBMITTED, now
    db.session.flush()
    facts = {"version": _keep_version(review, now=now), "criteria": criteria.number}
    audit.record("review.submitted", task.assignment, event_id=task.assignment.event_id, actor=people.actor_of(person), facts=facts)


def _keep_version(review: Review, *, now: datetime, is_draft: bool = False) -> int:
    number = 1 + (db.session.scalar(select(func.max(ReviewVersion.number)).where(ReviewVersion.review_id == review.id)) or 0)
    rows = db.session.execute(select(Criterion.id, Criterion.code).where(Criterion.set_id == review.set_id))
    codes: dict[int, str] = {row.id: row.code for row in rows}
    content = {
        "scores": {codes[score.criterion_id]: [score.value, score.unable] for score in review.scores},
        "confidence": review.confidence, "to_committee": review.to_committee, "to_proposer": review.to_proposer,
        "total": review.total, "proposal_version": review.proposal_version,
    }  # fmt: skip
    db.session.add(
        ReviewVersion(
            review_id=review.id, number=number, set_id=review.set_id, content=content, kept_at=now, is_draft=is_draft
        )
    )  # fmt: skip
    db.session.flush()
    return number


def versions(review_id: int) -> list[ReviewVersion]:
    """Every version that was submitted, and drafts that were knowingly overwritten; the newest first."""
    query = select(ReviewVersion).where(ReviewVersion.review_id == review_id).order_by(ReviewVersion.number.desc())
    return list(db.session.scalars(query))
