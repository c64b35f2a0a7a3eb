"""The proposals of a call, ready to be compared: made anew when one of them changed."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import func, select

from eventreg.core import text
from eventreg.core.db import db
from eventreg.proposals import queries
from eventreg.proposals.models import Proposal, ProposalPerson, ProposalSearch
from eventreg.proposals.rules import Answer, State
from eventreg.proposals.similarity import Described, Index

_kept: dict[int, tuple[Any, Index]] = {}  # by event: what it was made of, and the index
_GONE = (State.WITHDRAWN, State.MERGED)


def index(event_id: int) -> Index:
    """All proposals that stand, compared with each other; one statement while nothing changed, three otherwise."""
    standing = (Proposal.event_id == event_id, Proposal.state.not_in(_GONE))
    # the codes tell two databases apart that one process has seen
    what = (func.count(), func.max(Proposal.changed_at), func.max(Proposal.id), func.min(Proposal.code), func.max(Proposal.code))
    mark = db.session.execute(select(*what).where(*standing)).one()
    known = _kept.get(event_id)
    if known is not None and known[0] == tuple(mark):
        return known[1]
    made = Index(_described(standing))
    _kept[event_id] = (tuple(mark), made)
    return made


def _described(standing: tuple[Any, ...]) -> list[Described]:
    people: dict[int, list[ProposalPerson]] = defaultdict(list)
    named = select(ProposalPerson).join(Proposal, Proposal.id == ProposalPerson.proposal_id)
    for person in db.session.scalars(named.where(*standing, ProposalPerson.answer.not_in((Answer.REMOVED, Answer.DECLINED)))):
        people[person.proposal_id].append(person)
    query = select(Proposal.id, Proposal.code, Proposal.lang, Proposal.title, ProposalSearch.words)
    rows = db.session.execute(query.outerjoin(ProposalSearch, ProposalSearch.proposal_id == Proposal.id).where(*standing))
    return [
        Described(
            row.code, text.search_key(*row.title.as_dict().values()), row.words or "",
            frozenset(person.email_key for person in people[row.id] if person.email_key),
            frozenset(queries.body_key(person) for person in people[row.id] if person.organisation_name),
            row.lang,
        )
        for row in rows
    ]  # fmt: skip
