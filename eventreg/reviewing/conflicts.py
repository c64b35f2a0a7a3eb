"""Ties between people and proposals: declared, suggested, dismissed; and what a tie does to what somebody was reading.

What a tie hides is `proposals.shield`; here it is written down, and access is cut in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from eventreg.core import audit, text, tokens
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Organisation, Person
from eventreg.proposals import shield
from eventreg.proposals.conflict_models import Tie, TieSuggestion
from eventreg.proposals.models import Proposal
from eventreg.reviewing import mails, queries
from eventreg.reviewing.models import Assignment, Review, Reviewer
from eventreg.reviewing.rules import HELD, AssignmentState

MOST_WORDS = 500


@dataclass(frozen=True)
class TiePlan:
    """A tie as it is said: to a proposal, to an organisation of the directory, or to one by its name."""

    kind: str
    proposal_id: int | None = None
    organisation_id: int | None = None
    organisation_name: str = ""
    words: str = ""


def declare(event_id: int, person_id: int, plans: Sequence[TiePlan], *, by: int) -> list[Tie]:
    """Write ties down; what they touch is taken from the person at once, and what was written there and not submitted is erased.

    Raises Refused: a kind that there is not, nothing that it is tied to.
    """
    with transaction(queue=("reviewing", event_id)) as now:
        made = [_new(event_id, person_id, plan, by=by, now=now) for plan in plans]
        person = db.session.get_one(Person, person_id)
        cut(event_id, person, now=now)
        return made


def look_through(event_id: int, person_id: int) -> None:
    """The person has looked through who proposes, and said all that there is to say."""
    with transaction(queue=("reviewing", event_id)) as now:
        reviewer = queries.reviewer(event_id, person_id)
        if reviewer is not None:
            reviewer.ties_at = now
            person = db.session.get_one(Person, person_id)
            audit.record("conflict.looked", ("reviewer", person.code), event_id=event_id, actor=people.actor_of(person))


def own_organisation(reviewer: Reviewer, *, by: int) -> None:
    """A reviewer is tied to the organisation that they come from. Inside the running transaction."""
    plan = TiePlan(
        "own_organisation", organisation_id=reviewer.organisation_id, organisation_name=reviewer.organisation_name
    )
    if not plan.organisation_id and not plan.organisation_name:
        return
    known = _standing(reviewer.event_id, reviewer.person_id)
    if not any(_same(tie, plan) for tie in known):
        _new(reviewer.event_id, reviewer.person_id, plan, by=by, now=reviewer.added_at)
    cut(reviewer.event_id, db.session.get_one(Person, reviewer.person_id), now=reviewer.added_at)


def _same(tie: Tie, plan: TiePlan) -> bool:
    if plan.organisation_id:
        return tie.organisation_id == plan.organisation_id
    if plan.proposal_id:
        return tie.proposal_id == plan.proposal_id
    return bool(tie.organisation_key) and tie.organisation_key == text.fold(plan.organisation_name)


def _standing(event_id: int, person_id: int) -> list[Tie]:
    query = select(Tie).where(Tie.event_id == event_id, Tie.person_id == person_id, Tie.withdrawn_at.is_(None))
    return list(db.session.scalars(query.order_by(Tie.id)))


def ties_of(event_id: int, person_id: int) -> list[Tie]:
    """The ties that a person has, the first said first."""
    return _standing(event_id, person_id)


def _new(event_id: int, person_id: int, plan: TiePlan, *, by: int, now: datetime) -> Tie:
    if plan.kind not in shield.TIES:
        raise Refused(Refusal("conflict.kind_missing"))
    if plan.organisation_id is None and plan.proposal_id is None and not text.fold(plan.organisation_name):
        raise Refused(Refusal("conflict.nothing"))
    for tie in _standing(event_id, person_id):
        if _same(tie, plan):
            return tie
    organisation = db.session.get(Organisation, plan.organisation_id) if plan.organisation_id else None
    name = organisation.name.in_("en") if organisation else plan.organisation_name
    tie = Tie(
        code=tokens.short_code("T"), event_id=event_id, person_id=person_id, proposal_id=plan.proposal_id,
        organisation_id=plan.organisation_id, organisation_name=name, organisation_key=text.fold(name) if name else "",
        kind=plan.kind, words=plan.words[:MOST_WORDS], declared_at=now, declared_by_id=by,
    )  # fmt: skip
    db.session.add(tie)
    db.session.flush()
    _record("conflict.declared", event_id, person_id, by, {"kind": plan.kind, "tie": tie.code})
    return tie


def _record(action: str, event_id: int, person_id: int, by: int, facts: dict[str, Any]) -> None:
    person, actor = db.session.get_one(Person, person_id), db.session.get_one(Person, by)
    who = people.actor_of(actor, "person" if by == person_id else "organiser")
    audit.record(action, ("reviewer", person.code), event_id=event_id, actor=who, facts=facts)


def withdraw(event_id: int, code: str, *, by: int) -> None:
    """A tie was none: the proposals can be seen again, what was taken from the person stays with the chair to give.

    Raises Refused: none such; only the chair withdraws a tie, as access comes back with it.
    """
    with transaction(queue=("reviewing", event_id)) as now:
        tie = db.session.scalar(select(Tie).where(Tie.event_id == event_id, Tie.code == code, Tie.withdrawn_at.is_(None)))
        if tie is None:
            raise Refused(Refusal("conflict.none_such"))
        if tie.person_id == by:
            raise Refused(Refusal("conflict.own"))
        tie.withdrawn_at = now
        _record("conflict.withdrawn", event_id, tie.person_id, by, {"tie": tie.code, "kind": tie.kind})


# ---- what the product sees -------------------------------------------------------------------------------------------


def dismiss(event_id: int, person_id: int, proposal_id: int, words: str, *, by: int) -> None:
    """The chair says that what the product saw is no tie, for good. Raises Refused: no reason, none such, one's own."""
    if not words.strip():
        raise Refused(Refusal("conflict.reason_missing"))
    with transaction(queue=("reviewing", event_id)) as now:
        found = db.session.get(TieSuggestion, (person_id, proposal_id))
        if found is None or found.event_id != event_id or found.dismissed_at is not None:
            raise Refused(Refusal("conflict.none_such"))
        if person_id == by:
            raise Refused(Refusal("conflict.own"))
        found.dismissed_at, found.dismissed_by_id, found.dismissed_words = now, by, words.strip()[:MOST_WORDS]
        _record("conflict.dismissed", event_id, person_id, by, {"evidence": [one[0] for one in found.evidence]})


def suggest(event_id: int, found: Iterable[tuple[int, int, list[tuple[str, str]]]], *, now: datetime) -> int:
    """Write down what was seen: (person, proposal, evidence). What was dismissed stays so. Inside the running transaction.

    What is seen no more goes, unless it was dismissed. Returns how many are new.
    """
    query = select(TieSuggestion).where(TieSuggestion.event_id == event_id)
    known = {(one.person_id, one.proposal_id): one for one in db.session.scalars(query)}
    seen, new, touched = set(), 0, set()
    for person_id, proposal_id, evidence in found:
        seen.add((person_id, proposal_id))
        one = known.get((person_id, proposal_id))
        if one is None:
            one = TieSuggestion(event_id=event_id, person_id=person_id, proposal_id=proposal_id, found_at=now)
            db.session.add(one)
            new += 1
            touched.add(person_id)
        if one.dismissed_at is None:
            one.evidence = [list(pair) for pair in evidence]
    for key, one in known.items():
        if key not in seen and one.dismissed_at is None:
            db.session.delete(one)
    db.session.flush()
    for person_id in sorted(touched):
        cut(event_id, db.session.get_one(Person, person_id), now=now)
    return new


# ---- what a tie does -------------------------------------------------------------------------------------------------


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
