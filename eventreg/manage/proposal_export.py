"""Which proposals leave as a table, and what is written down of that? Its columns are those of proposals/table.py."""

from __future__ import annotations

from collections.abc import Iterator

from eventreg.core import audit
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.events.models import Event
from eventreg.manage import proposal_queries as queries
from eventreg.manage.filters import Order
from eventreg.manage.proposal_filters import ProposalFilter
from eventreg.people.models import Person
from eventreg.proposals import table
from eventreg.proposals.models import Proposal
from eventreg.proposals.queries import Offer


def rows(
    event_id: int, offer: Offer, wanted: ProposalFilter, order: Order, viewer: Person | None, *, lang: str
) -> Iterator[tuple[str, ...]]:
    """The rows of the proposals wanted that the viewer may know of, in this order; None is the operator."""
    listed = queries.in_order(event_id, wanted, order, viewer, lang=lang)
    ids = list(db.session.scalars(listed.rows().with_only_columns(Proposal.id, maintain_column_froms=True)))
    return table.rows(ids, offer)


def record(event_id: int, wanted: ProposalFilter, viewer: Person | None, *, kind: str, by: Actor) -> int:
    """Write down who took which part of the list out of the house; how many rows that is.

    The words searched may be a name, so the chain keeps only that there were some.
    """
    with transaction():
        count = queries.how_many(event_id, wanted, viewer)
        facts = {"filter": wanted.without("q").as_args(), "rows": count, "kind": kind, "is_searched": bool(wanted.q)}
        audit.record("proposals.exported", db.session.get_one(Event, event_id), event_id=event_id, actor=by, facts=facts)
        return count
