"""What becomes of proposals when organisations change: who stands for a body stands for its survivor, with its sector."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from eventreg.core.db import db
from eventreg.people.directory import Happening, Holder
from eventreg.people.models import Organisation
from eventreg.proposals import queries, services
from eventreg.proposals.models import Proposal, ProposalPerson


def refresh(organisation: Organisation, happening: Happening) -> None:
    """People of proposals who stand for this organisation have its sector."""
    _follow(_of(organisation), organisation, organisation.sector)


def move(source: Organisation, target: Organisation, happening: Happening) -> list[dict[str, Any]]:
    """Bring the people of `source` to `target`; what each was before, for `put_back`."""
    people = _of(source)
    moved = [{"id": person.id, "sector": person.sector} for person in people]
    _follow(people, target, target.sector)
    return moved


def put_back(
    moved: list[dict[str, Any]], source: Organisation, target: Organisation, happening: Happening
) -> tuple[int, int]:
    """Bring back those who still stand for `target`; how many went back, how many had changed since."""
    was = {row["id"]: row["sector"] for row in moved}
    back = [person for person in _of(target) if person.id in was]
    for person in back:
        _follow([person], source, was[person.id] if person.sector == target.sector else person.sector)
    return len(back), len(moved) - len(back)


HOLDER = Holder("proposals", refresh, move, put_back)


def _of(organisation: Organisation) -> list[ProposalPerson]:
    query = select(ProposalPerson).where(ProposalPerson.organisation_id == organisation.id)
    return list(db.session.scalars(query.order_by(ProposalPerson.id)))


def _follow(people: list[ProposalPerson], organisation: Organisation, sector: str) -> None:
    changed = [person for person in people if (person.organisation_id, person.sector) != (organisation.id, sector)]
    for person in changed:
        person.organisation_id, person.sector = organisation.id, sector
    db.session.flush()
    for proposal_id in sorted({person.proposal_id for person in changed}):
        proposal = db.session.get_one(Proposal, proposal_id)
        services.refresh(proposal, queries.offer(proposal.event_id))
