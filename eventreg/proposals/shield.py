"""What does a conflict of interest hide? One predicate, from which every query of the team on proposals starts (DOMAIN R18).

Hidden from somebody is a proposal that they are a person of, of whose people one stands for an organisation of theirs (or for one
above or below it, or merged with it), to which they said that they are tied, or of which the product thinks so until the chair
dismisses it; and what was merged with such a one.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, Subquery, and_, or_, select, union
from sqlalchemy.orm import aliased

from eventreg.core.db import db
from eventreg.people.models import Organisation, Person
from eventreg.proposals.conflict_models import Tie, TieSuggestion
from eventreg.proposals.models import Proposal, ProposalPerson
from eventreg.registration.models import Registration

TIES = ("own_organisation", "co_author", "family", "other")


def visible(event_id: int, person: Person) -> ColumnElement[bool]:
    """The condition on `Proposal` under which this person may know of it at all."""
    return Proposal.id.not_in(hidden(event_id, person))


def is_hidden(proposal: Proposal, person: Person) -> bool:
    """Whether this one proposal is hidden from the person: one statement."""
    query = select(Proposal.id).where(Proposal.id == proposal.id, Proposal.id.in_(hidden(proposal.event_id, person)))
    return db.session.scalar(query) is not None


def hidden(event_id: int, person: Person) -> Select[tuple[int]]:
    """The ids of the proposals of the meeting that are hidden from the person."""
    seen = select(TieSuggestion.proposal_id).where(
        TieSuggestion.event_id == event_id, TieSuggestion.person_id == person.id, TieSuggestion.dismissed_at.is_(None)
    )
    return _with_merged(event_id, [*_tied(event_id, person), seen])


def certain(event_id: int, person: Person) -> Select[tuple[int]]:
    """Those of them that are hidden for another reason than that the product thinks so."""
    return _with_merged(event_id, _tied(event_id, person))


def _with_merged(event_id: int, parts: list[Select[tuple[int]]]) -> Select[tuple[int]]:
    tied = union(*parts).subquery()
    tied_ids = select(tied.c[0])
    source = aliased(Proposal)
    swallowed = select(source.merged_into_id).where(source.id.in_(tied_ids), source.merged_into_id.is_not(None))
    touched = or_(Proposal.id.in_(tied_ids), Proposal.merged_into_id.in_(tied_ids), Proposal.id.in_(swallowed))
    return select(Proposal.id).where(Proposal.event_id == event_id, touched)


def _tied(event_id: int, person: Person) -> list[Select[tuple[int]]]:
    of_event = select(ProposalPerson.proposal_id).join(Proposal, Proposal.id == ProposalPerson.proposal_id)
    of_event = of_event.where(Proposal.event_id == event_id)
    # somebody who was taken off a proposal, or declined, has seen it all the same
    is_them = ProposalPerson.person_id == person.id
    if person.email_key:
        is_them = or_(is_them, ProposalPerson.email_key == person.email_key)
    bodies = organisations(event_id, person.id)
    said = select(Tie.proposal_id).where(
        Tie.event_id == event_id, Tie.person_id == person.id, Tie.withdrawn_at.is_(None), Tie.proposal_id.is_not(None)
    )
    return [of_event.where(is_them), of_event.where(ProposalPerson.organisation_id.in_(bodies)), said]  # type: ignore[list-item]


def organisations(event_id: int, person_id: int) -> Select[tuple[int]]:
    """The ids of the organisations of a person, those above and below them, and those merged with any of these.

    Theirs are those that they said they are tied to, and the one for which they are registered.
    """
    said = select(Tie.organisation_id.label("id")).where(
        Tie.event_id == event_id, Tie.person_id == person_id, Tie.withdrawn_at.is_(None), Tie.organisation_id.is_not(None)
    )
    registered = select(Registration.organisation_id).where(
        Registration.event_id == event_id, Registration.person_id == person_id, Registration.organisation_id.is_not(None)
    )
    return _related(union(said, registered).subquery())


def _related(own: Subquery) -> Select[tuple[int]]:
    """These organisations, those above and below them, and those merged with any of these."""
    # recursions that follow an edge at most once each, as UNION drops what was found before
    above = select(own.c.id).cte("above", recursive=True)
    below = select(own.c.id).cte("below", recursive=True)
    lower, upper = aliased(Organisation), aliased(Organisation)
    up = and_(lower.id == above.c.id, or_(upper.id == lower.parent_id, upper.id == lower.merged_into_id))
    above = above.union(select(upper.id).select_from(above).join(lower, lower.id == above.c.id).join(upper, up))
    child = aliased(Organisation)
    down = or_(child.parent_id == below.c.id, child.merged_into_id == below.c.id)
    below = below.union(select(child.id).select_from(below).join(child, down))
    return select(above.c.id).union(select(below.c.id)).subquery().select()  # type: ignore[return-value]


def tied_people(proposal: Proposal) -> set[int]:
    """The ids of the people from whom this proposal is hidden: the same rule seen from the other side, in a few statements."""
    around = or_(
        Proposal.id == proposal.id, Proposal.merged_into_id == proposal.id, Proposal.id == (proposal.merged_into_id or 0)
    )
    ids = select(Proposal.id).where(around)
    of_them = ProposalPerson.proposal_id.in_(ids)
    by_address = select(ProposalPerson.email_key).where(of_them, ProposalPerson.email_key != "")
    bodies = select(ProposalPerson.organisation_id.label("id")).where(of_them, ProposalPerson.organisation_id.is_not(None))
    related = _related(bodies.subquery())
    here, stands = Tie.event_id == proposal.event_id, Tie.withdrawn_at.is_(None)
    parts = [
        select(ProposalPerson.person_id).where(of_them, ProposalPerson.person_id.is_not(None)),
        select(Person.id).where(Person.email_key.in_(by_address)),
        select(Tie.person_id).where(here, stands, or_(Tie.proposal_id.in_(ids), Tie.organisation_id.in_(related))),
        select(Registration.person_id).where(
            Registration.event_id == proposal.event_id, Registration.organisation_id.in_(related)
        ),
        select(TieSuggestion.person_id).where(TieSuggestion.proposal_id.in_(ids), TieSuggestion.dismissed_at.is_(None)),
    ]  # fmt: skip
    return {found for part in parts for found in db.session.scalars(part) if found is not None}
