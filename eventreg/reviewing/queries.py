"""Reads about reviewing that several pages need. What a conflict hides is left out here, by proposals.shield."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import joinedload

from eventreg.core.db import db
from eventreg.people.models import Person
from eventreg.proposals import shield
from eventreg.proposals.models import Proposal
from eventreg.reviewing.models import Assignment, CriteriaSet, Review, Reviewer, Reviewing
from eventreg.reviewing.rules import HELD, Asked, AssignmentState, SetState

# ---- settings and criteria -------------------------------------------------------------------------------------------


def settings(event_id: int) -> Reviewing | None:
    """How the meeting reviews, None where nobody has set it up."""
    return db.session.get(Reviewing, event_id)


def settings_or_usual(event_id: int) -> Reviewing:
    """The same, or what goes while nobody has set it up (not stored)."""
    return settings(event_id) or Reviewing(event_id=event_id, per_proposal=3, max_load=25, mixes_sectors=True)


def draft(event_id: int) -> CriteriaSet | None:
    """The criteria that are being written."""
    return db.session.scalar(select(CriteriaSet).where(CriteriaSet.event_id == event_id, CriteriaSet.state == SetState.DRAFT))


def frozen(event_id: int) -> CriteriaSet | None:
    """The criteria in force: the newest that are frozen."""
    query = select(CriteriaSet).where(CriteriaSet.event_id == event_id, CriteriaSet.state == SetState.FROZEN)
    return db.session.scalar(query.order_by(CriteriaSet.number.desc()).limit(1))


def frozen_sets(event_id: int) -> list[CriteriaSet]:
    """Every frozen version, the newest first."""
    query = select(CriteriaSet).where(CriteriaSet.event_id == event_id, CriteriaSet.state == SetState.FROZEN)
    return list(db.session.scalars(query.order_by(CriteriaSet.number.desc())))


def asked(found: CriteriaSet) -> list[Asked]:
    """The criteria as the rules take them."""
    return [Asked(one.code, one.kind, one.weight, one.is_required) for one in found.criteria]


# ---- reviewers -------------------------------------------------------------------------------------------------------


def reviewer(event_id: int, person_id: int) -> Reviewer | None:
    """This person as a reviewer of the meeting; also one who has left."""
    return db.session.get(Reviewer, (event_id, person_id))


def reviewers(event_id: int) -> list[Reviewer]:
    """Those who review, in the order in which they were added."""
    query = select(Reviewer).where(Reviewer.event_id == event_id, Reviewer.left_at.is_(None))
    return list(db.session.scalars(query.order_by(Reviewer.added_at, Reviewer.person_id)))


# ---- a reviewer's own ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """One proposal to review, with the review as far as it is written."""

    assignment: Assignment
    proposal: Proposal
    review: Review | None


def _tasks(event_id: int, person: Person) -> Select[tuple[Assignment, Proposal, Review]]:
    query = select(Assignment, Proposal, Review).join(Proposal, Proposal.id == Assignment.proposal_id)
    query = query.outerjoin(Review, Review.assignment_id == Assignment.id)
    query = query.where(Assignment.event_id == event_id, Assignment.person_id == person.id, Assignment.state.in_(HELD))
    return query.where(shield.visible(event_id, person)).options(joinedload(Proposal.track), joinedload(Proposal.format))


def tasks(event_id: int, person: Person) -> list[Task]:
    """What this person is to review, what is to do first: begun ones, then untouched ones, then those submitted."""
    first = case((Assignment.state == AssignmentState.STARTED, 0), (Assignment.state == AssignmentState.ASSIGNED, 1), else_=2)
    rows = db.session.execute(_tasks(event_id, person).order_by(first, Assignment.id)).unique()
    return [Task(*row) for row in rows]


def task(event_id: int, person: Person, code: str) -> Task | None:
    """The one of these with this code."""
    row = db.session.execute(_tasks(event_id, person).where(Assignment.code == code)).unique().first()
    return Task(*row) if row is not None else None


# ---- the chair's -----------------------------------------------------------------------------------------------------


def reviewable(event_id: int, person: Person) -> Select[tuple[Proposal]]:
    """The proposals that are reviewed, as far as this person may know of them: those sent that still stand."""
    gone = ("draft", "withdrawn", "merged")
    return select(Proposal).where(
        Proposal.event_id == event_id, Proposal.version > 0, Proposal.state.not_in(gone), shield.visible(event_id, person)
    )


@dataclass(frozen=True)
class Load:
    """How much a reviewer has: held, submitted; since when the last one was submitted."""

    held: int
    submitted: int
    last_at: datetime | None


def loads(event_id: int, person: Person) -> dict[int, Load]:
    """The load of each reviewer by person, of the proposals that `person` may know of: one statement."""
    done = case((Assignment.state == AssignmentState.SUBMITTED, 1), else_=0)
    query = select(Assignment.person_id, func.count(), func.sum(done), func.max(Assignment.submitted_at))
    query = query.join(Proposal, Proposal.id == Assignment.proposal_id)
    query = query.where(Assignment.event_id == event_id, Assignment.state.in_(HELD), shield.visible(event_id, person))
    rows = db.session.execute(query.group_by(Assignment.person_id))
    return {row[0]: Load(row[1], row[2], row[3]) for row in rows}


def of_proposals(proposal_ids: Iterable[int]) -> list[tuple[Assignment, Review | None]]:
    """Every assignment that is held of these proposals, with its review: one statement."""
    query = select(Assignment, Review).outerjoin(
        Review, and_(Review.assignment_id == Assignment.id, Review.is_submitted)
    ).where(Assignment.proposal_id.in_(list(proposal_ids)), Assignment.state.in_(HELD)).order_by(Assignment.id)  # fmt: skip
    return [(row[0], row[1]) for row in db.session.execute(query)]


def submitted_of(proposal_id: int) -> list[Review]:
    """The submitted reviews of a proposal, the first submitted first."""
    query = select(Review).where(Review.proposal_id == proposal_id, Review.is_submitted)
    return list(db.session.scalars(query.order_by(Review.submitted_at, Review.id)))
