"""Two proposals are one: the people of both stand behind it, both texts stay readable, and for 30 days it can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from eventreg.core import audit, text, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, take_turn, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.proposals import mails, queries, rules, services
from eventreg.proposals.models import Proposal, ProposalMerge, ProposalNotSame, ProposalPerson
from eventreg.proposals.rules import Answer, Role, State

UNDO = timedelta(days=30)  # as for organisations (R13)
REASON_LIMIT = 500
_STAND = frozenset({State.DRAFT, State.SUBMITTED, State.IN_REVIEW})


@dataclass(frozen=True)
class Joins:
    """Somebody of the one that goes: as what they join the other, and their line there where they have one already."""

    person: ProposalPerson
    role: Role
    answer: str
    there: ProposalPerson | None

    @property
    def is_news(self) -> bool:
        """Whether the other proposal changes by it."""
        return self.there is None or (self.answer == Answer.ACCEPTED and not self.there.is_writer)


def may_merge(one: Proposal) -> bool:
    """Whether it may be one of two that are merged: nobody has decided about it, and it has not ended."""
    return State(one.state) in _STAND


def why_not(source: Proposal, target: Proposal) -> Refusal | None:
    """Why `source` cannot go into `target`, or None: both stand undecided, and what was sent does not become a draft."""
    if source.id == target.id:
        return Refusal("proposal.merge_same")
    for one in (source, target):
        if not may_merge(one):
            return Refusal("proposal.merge_state", {"code": one.code, "state": one.state})
    if source.version and not target.version:
        return Refusal("proposal.merge_into_draft", {"code": target.code})
    return None


def joining(source: Sequence[ProposalPerson], target: Sequence[ProposalPerson]) -> list[Joins]:
    """Who of the one joins the other, and as what: its lead organises it too; nobody stands there twice."""
    found = []
    for person in source:
        if person.answer == Answer.DECLINED:
            continue
        role = Role.CO_ORGANISER if person.role in rules.WRITERS else Role(person.role)
        found.append(Joins(person, role, person.answer, _there(person, role, target)))
    return found


def _there(person: ProposalPerson, role: Role, target: Iterable[ProposalPerson]) -> ProposalPerson | None:
    """The same person among those of the other proposal who are there for the same."""
    roles: Sequence[str] = rules.WRITERS if role is Role.CO_ORGANISER else (role,)
    for one in (one for one in target if one.role in roles):
        if person.email_key and one.email_key == person.email_key:
            return one
        if not person.email_key and not one.email_key and text.fold(one.name) == text.fold(person.name):
            return one
    return None


# ---- merge -----------------------------------------------------------------------------------------------------------


def merge(event_id: int, source_code: str, target_code: str, *, reason: str, both_agreed: bool, by: Actor) -> ProposalMerge:
    """Let the source go into the target, which stays with its lead, its text and its number. `both_agreed`: both leads did.

    Raises Refused: no reason, no consent, either has ended or was decided, they are one.
    """
    reason = text.clean_text(reason)
    if not both_agreed:
        raise Refused(Refusal("proposal.merge_no_consent"))
    if not reason:
        raise Refused(Refusal("proposal.merge_no_reason"))
    if (length := text.graphemes(reason)) > REASON_LIMIT:
        raise Refused(Refusal("answers.too_long", {"limit": REASON_LIMIT, "length": length}))
    with transaction(queue=("call", event_id)) as now:
        source, target = _both(event_id, source_code, target_code)
        if refusal := why_not(source, target):
            raise Refused(refusal)
        writers = {person.email_key for person in queries.people(source.id) if person.is_writer}
        moved = _move(source, target, by=by, now=now)
        made = ProposalMerge(
            code=tokens.short_code("M"), event_id=event_id, source_id=source.id, target_id=target.id, reason=reason, moved=moved,
            merged_at=now, merged_by=str(by), undo_until=now + UNDO,
        )  # fmt: skip
        db.session.add(made)
        facts = {"merge": made.code, "source": source.code, "target": target.code, "people": len(moved["added"])}
        told: dict[str, Any] = {"event_id": event_id, "actor": by, "facts": facts, "personal": {"reason": (None, reason)}}
        audit.record("proposal.merged", target, **told)
        audit.record("proposal.merged_away", source, **told)
        event = db.session.get_one(Event, event_id)
        mails.merged(source, target, event, writers=writers, reason=reason, undo_until=made.undo_until, now=now)
        _ask_again(target, event, moved["added"], now)
        return made


def _ask_again(target: Proposal, event: Event, added: Sequence[int], now: datetime) -> None:
    """Who had not answered yet is asked about the one that stays; the link they have is over."""
    people = queries.people(target.id)
    lead = next(person for person in people if person.role == Role.LEAD)
    for person in people:
        if person.id in added and person.answer == Answer.INVITED:
            person.lang = person.lang or target.lang
            mails.co_organiser_invited(person, target, event, inviter=lead.name or lead.email, now=now)


def _both(event_id: int, *codes: str) -> list[Proposal]:
    """The two, nobody else writing them meanwhile. Raises Refused (proposal.merge_unknown)."""
    found = [db.session.scalar(select(Proposal).where(Proposal.event_id == event_id, Proposal.code == code)) for code in codes]
    known = [one for one in found if one is not None]
    if len(known) < len(codes):
        raise Refused(Refusal("proposal.merge_unknown"))
    for number in sorted({one.id for one in known}):
        take_turn(("proposal", number))
    for one in known:
        db.session.refresh(one)
    return known


def _move(source: Proposal, target: Proposal, *, by: Actor, now: datetime) -> dict[str, Any]:
    """Bring the people over and end the source, whose own rows stay as its history; what was before, for `undo`."""
    there = queries.people(target.id)
    rank = max(person.rank for person in there)
    added: list[ProposalPerson] = []
    raised: list[dict[str, Any]] = []
    for joins in joining(queries.people(source.id), there):
        if joins.there is None:
            rank += 1
            added.append(_copy(joins, target, rank, now))
        elif joins.is_news:
            raised.append({"id": joins.there.id, "answer": joins.there.answer, "person_id": joins.there.person_id})
            joins.there.answer, joins.there.person_id = Answer.ACCEPTED, joins.person.person_id
    db.session.add_all(added)
    moved = {"raised": raised, "target_changed_at": target.changed_at.isoformat(), "merged_at": now.isoformat()}
    source.state_before, source.state = source.state, State.MERGED
    source.ended_at, source.end_reason, source.merged_into_id = now, "", target.id
    target.changed_at = now
    db.session.flush()
    services.refresh(target, queries.offer(target.event_id))
    return moved | {"added": [person.id for person in added]}


_SAME = ("person_id", "name", "email", "email_key", "position", "organisation_id", "organisation_name", "sector", "country", "lang",
         "added_by_id", "answered_at")  # fmt: skip


def _copy(joins: Joins, target: Proposal, rank: int, now: datetime) -> ProposalPerson:
    return ProposalPerson(
        code=tokens.short_code("PP"), proposal_id=target.id, role=joins.role, answer=joins.answer, rank=rank, added_at=now,
        **{name: getattr(joins.person, name) for name in _SAME},
    )  # fmt: skip


# ---- undo ------------------------------------------------------------------------------------------------------------


def undo(event_id: int, code: str, *, by: Actor) -> Proposal:
    """Put both back to what they were, as far as nobody changed it since; the proposal that is back.

    Raises Refused (proposal.merge_unknown, .merge_undone, .merge_undo_over, .merged_since).
    """
    with transaction(queue=("call", event_id)) as now:
        made = by_code(event_id, code)
        if made is None:
            raise Refused(Refusal("proposal.merge_unknown"))
        codes = (db.session.get_one(Proposal, key).code for key in (made.source_id, made.target_id))
        source, target = _both(event_id, *codes)
        db.session.refresh(made)
        if refusal := why_not_undo(made, target, now):
            raise Refused(refusal)
        for person in queries.people(target.id):
            if person.id in made.moved["added"]:
                _take_out(person, now)
        _lower(target, made.moved["raised"])
        source.state, source.state_before, source.merged_into_id, source.ended_at = source.state_before, "", None, None
        is_untouched = target.changed_at.isoformat() == made.moved["merged_at"]
        target.changed_at = datetime.fromisoformat(made.moved["target_changed_at"]) if is_untouched else now
        made.undone_at = now
        db.session.flush()
        services.refresh(target, queries.offer(event_id))
        facts = {"merge": made.code, "source": source.code, "target": target.code}
        for one in (source, target):
            audit.record("proposal.merge_undone", one, event_id=event_id, actor=by, facts=facts)
        mails.merge_undone(source, target, db.session.get_one(Event, event_id), now=now)
        return source


def by_code(event_id: int, code: str) -> ProposalMerge | None:
    """The merge with this code in this meeting."""
    return db.session.scalar(select(ProposalMerge).where(ProposalMerge.event_id == event_id, ProposalMerge.code == code))


def why_not_undo(made: ProposalMerge, target: Proposal, now: datetime) -> Refusal | None:
    """Why this merge cannot be undone (any more), or None."""
    if made.undone_at is not None:
        return Refusal("proposal.merge_undone")
    if now >= made.undo_until:
        return Refusal("proposal.merge_undo_over")
    return Refusal("proposal.merged_since") if target.merged_into_id is not None else None


def _take_out(person: ProposalPerson, now: datetime) -> None:
    """Who came by the merge goes with it; who has signed something since stays in its history."""
    try:
        with db.session.begin_nested():
            db.session.execute(delete(ProposalPerson).where(ProposalPerson.id == person.id))
        db.session.expunge(person)
    except IntegrityError:
        person.answer, person.answered_at = Answer.REMOVED, now


def _lower(target: Proposal, raised: Sequence[dict[str, Any]]) -> None:
    """Who had not accepted before has not accepted now."""
    for was in raised:
        person = db.session.get(ProposalPerson, was["id"])
        if person is not None and person.proposal_id == target.id and person.answer == Answer.ACCEPTED:
            person.answer, person.person_id = was["answer"], was["person_id"]


# ---- look-alikes that are two ----------------------------------------------------------------------------------------


def not_the_same(event_id: int, one_code: str, other_code: str, *, by: Actor) -> None:
    """Remember that these two only look alike; said again is the same. Raises Refused (proposal.merge_unknown, .merge_same)."""
    with transaction(queue=("call", event_id)) as now:
        low, high = sorted(_both(event_id, one_code, other_code), key=lambda one: one.id)
        if low.id == high.id:
            raise Refused(Refusal("proposal.merge_same"))
        if db.session.get(ProposalNotSame, (low.id, high.id)) is None:
            db.session.add(ProposalNotSame(low_id=low.id, high_id=high.id, said_at=now, said_by=str(by)))
            audit.record("proposal.not_the_same", low, event_id=event_id, actor=by, facts={"other": high.code})


def told_apart(event_id: int) -> set[frozenset[str]]:
    """The pairs of codes of which somebody said that they are two."""
    low, high = aliased(Proposal), aliased(Proposal)
    query = select(low.code, high.code).select_from(ProposalNotSame)
    query = query.join(low, low.id == ProposalNotSame.low_id).join(high, high.id == ProposalNotSame.high_id)
    return {frozenset(pair) for pair in db.session.execute(query.where(low.event_id == event_id)).all()}


# ---- reading ---------------------------------------------------------------------------------------------------------


def merges(event_id: int, *, of: int | None = None, limit: int = 50) -> list[tuple[ProposalMerge, Proposal, Proposal]]:
    """The newest merges with source and target; `of`: those of one proposal, either way."""
    query = select(ProposalMerge).where(ProposalMerge.event_id == event_id).order_by(ProposalMerge.id.desc()).limit(limit)
    if of is not None:
        query = query.where((ProposalMerge.source_id == of) | (ProposalMerge.target_id == of))
    made = list(db.session.scalars(query))
    ids = {key for one in made for key in (one.source_id, one.target_id)}
    known = {one.id: one for one in db.session.scalars(select(Proposal).where(Proposal.id.in_(ids)))}
    return [(one, known[one.source_id], known[one.target_id]) for one in made]
