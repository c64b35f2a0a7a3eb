"""Ties between people and proposals: declared, suggested, dismissed; and what a tie does to what somebody was reading.

What a tie hides is `proposals.shield`; here it is written down, and access is cut in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from eventreg.core import audit, text, tokens
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import services as people
from eventreg.people.models import Organisation, Person
from eventreg.proposals import shield
from eventreg.proposals.conflict_models import Tie, TieSuggestion
from eventreg.reviewing import cutting, queries, suggesting
from eventreg.reviewing.models import Reviewer

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
        suggesting.detect(event_id, [person], now=now)  # others bear the name of an organisation that is not in the directory
        cutting.cut(event_id, person, now=now)
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
    cutting.cut(reviewer.event_id, db.session.get_one(Person, reviewer.person_id), now=reviewer.added_at)


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
