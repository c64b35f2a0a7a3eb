"""Who reads what: given by hand or as the solver proposed it, declined, taken away; what is already reviewed is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from eventreg.core import audit, tokens
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.proposals import shield
from eventreg.proposals.models import Proposal
from eventreg.reviewing import queries, rules, suggesting
from eventreg.reviewing.models import Assignment, Review, Reviewer
from eventreg.reviewing.rules import HELD, AssignmentState

MOST_WORDS = 500


@dataclass(frozen=True)
class Pair:
    """A proposal for a reviewer, with why it is them (codes of labels.REASON)."""

    proposal_id: int
    person_id: int
    reasons: tuple[str, ...] = ()


def assign(event_id: int, pairs: Sequence[Pair], *, by: int, by_solver: bool = False) -> list[Assignment]:
    """Give proposals to reviewers, all or none; a pair that is held already stays as it is. Reviewers are told in a digest.

    Raises Refused: somebody does not review, is tied to the proposal, or it is not to be reviewed.
    """
    with transaction(queue=("reviewing", event_id)) as now:
        suggesting.look_again(event_id, now=now)
        reviewers = {one.person_id: one for one in queries.reviewers(event_id)}
        hidden = {person_id: _hidden(event_id, person_id, reviewers) for person_id in {pair.person_id for pair in pairs}}
        proposals = _reviewable(event_id, {pair.proposal_id for pair in pairs})
        made = [_give(event_id, pair, hidden, proposals, now=now, by_solver=by_solver) for pair in pairs]
        actor = people.actor_of(db.session.get_one(Person, by), "organiser")
        given = [one for one in made if one.assigned_at == now and one.state == AssignmentState.ASSIGNED]
        audit.record_many(
            "assignment.given", [audit.Deed(one, {"by_solver": by_solver}, {}) for one in given], event_id=event_id, actor=actor
        )
        return made


def _hidden(event_id: int, person_id: int, reviewers: dict[int, Reviewer]) -> set[int]:
    if person_id not in reviewers:
        raise Refused(Refusal("reviewer.none_such"))
    return set(db.session.scalars(shield.hidden(event_id, db.session.get_one(Person, person_id))))


def _reviewable(event_id: int, ids: Iterable[int]) -> dict[int, Proposal]:
    query = select(Proposal).where(Proposal.event_id == event_id, Proposal.id.in_(list(ids)), Proposal.version > 0)
    return {one.id: one for one in db.session.scalars(query) if one.state not in ("draft", "withdrawn", "merged")}


def _give(
    event_id: int, pair: Pair, hidden: dict[int, set[int]], proposals: dict[int, Proposal], *, now: datetime, by_solver: bool
) -> Assignment:
    if pair.proposal_id not in proposals:
        raise Refused(Refusal("assignment.not_reviewed"))
    if pair.proposal_id in hidden[pair.person_id]:
        raise Refused(Refusal("assignment.tied"))
    query = select(Assignment).where(Assignment.proposal_id == pair.proposal_id, Assignment.person_id == pair.person_id)
    found = db.session.scalar(query)
    if found is not None and found.state in HELD:
        return found
    if found is None:
        found = Assignment(
            code=tokens.short_code("A"), event_id=event_id, proposal_id=pair.proposal_id, person_id=pair.person_id, assigned_at=now
        )
        db.session.add(found)
    found.state, found.by_solver, found.reasons = AssignmentState.ASSIGNED, by_solver, list(pair.reasons)
    found.assigned_at, found.told_at, found.ended_at, found.words = now, None, None, ""
    db.session.flush()
    return found


def take_away(event_id: int, code: str, words: str, *, by: int) -> Assignment:
    """The chair takes a proposal from a reviewer who has not submitted; what they wrote is erased. Raises Refused."""
    with transaction(queue=("reviewing", event_id)) as now:
        assignment = db.session.scalar(select(Assignment).where(Assignment.event_id == event_id, Assignment.code == code))
        if assignment is None:
            raise Refused(Refusal("assignment.none_such"))
        _end(assignment, AssignmentState.TAKEN_AWAY, words, now=now)
        actor = people.actor_of(db.session.get_one(Person, by), "organiser")
        personal = {"reason": (None, words.strip()[:MOST_WORDS] or None)}
        audit.record("assignment.taken_away", assignment, event_id=event_id, actor=actor, personal=personal)
        return assignment


def decline(event_id: int, person: Person, code: str, words: str) -> Assignment:
    """A reviewer gives a proposal back, with a reason; the chair finds somebody else. Raises Refused."""
    if not words.strip():
        raise Refused(Refusal("assignment.reason_missing"))
    with transaction(queue=("reviewing", event_id)) as now:
        task = queries.task(event_id, person, code)
        if task is None:
            raise Refused(Refusal("assignment.none_such"))
        _end(task.assignment, AssignmentState.DECLINED, words, now=now)
        personal = {"reason": (None, words.strip()[:MOST_WORDS])}
        audit.record("assignment.declined", task.assignment, event_id=event_id, actor=people.actor_of(person), personal=personal)
        return task.assignment


def _end(assignment: Assignment, state: AssignmentState, words: str, *, now: datetime) -> None:
    if refusal := rules.why_not_move(assignment.state, state):
        raise Refused(refusal)
    review = db.session.scalar(select(Review).where(Review.assignment_id == assignment.id))
    if review is not None:
        db.session.delete(review)
    assignment.state, assignment.ended_at, assignment.words = state, now, words.strip()[:MOST_WORDS]
    db.session.flush()


def free(event_id: int, person_id: int, *, now: datetime) -> int:
    """What somebody who leaves had and did not submit. Inside the running transaction; how many that were."""
    query = select(Assignment).where(Assignment.event_id == event_id, Assignment.person_id == person_id)
    open_ones = list(db.session.scalars(query.where(Assignment.state.in_((AssignmentState.ASSIGNED, AssignmentState.STARTED)))))
    for assignment in open_ones:
        _end(assignment, AssignmentState.TAKEN_AWAY, "", now=now)
    return len(open_ones)
