"""Everything of a proposal as plain values, to be put back exactly: what a table or a merge changes can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy import inspect as inspected

from eventreg.core.db import db
from eventreg.core.i18n import Text
from eventreg.proposals.models import Proposal, ProposalEdit, ProposalPart, ProposalPerson, ProposalSearch, ProposalVersion

Kept = dict[str, Any]

# in the order in which rows may be written; taken away in the other order
_TABLES = (Proposal, ProposalSearch, ProposalPart, ProposalEdit, ProposalVersion, ProposalPerson)


def _table(model: Any) -> Table:
    found: Table = inspected(model).local_table
    return found


def _mine(model: Any, proposal_id: int) -> Any:
    """Which rows of a table are of this proposal."""
    if model is Proposal:
        return Proposal.id == proposal_id
    if model is ProposalEdit:
        return ProposalEdit.part_id.in_(select(ProposalPart.id).where(ProposalPart.proposal_id == proposal_id))
    return model.proposal_id == proposal_id


def kept(proposal_id: int) -> Kept:
    """The proposal with its parts, edits, versions, people and words, as JSON values."""
    db.session.flush()
    found: Kept = {}
    for model in _TABLES:
        rows = db.session.execute(select(_table(model)).where(_mine(model, proposal_id))).mappings()
        found[model.__tablename__] = [{name: _plain(value) for name, value in row.items()} for row in rows]
    return found


def put_back(proposal_id: int, before: Mapping[str, Any]) -> None:
    """Make the proposal what `kept` told: rows that came since go, the others are what they were."""
    db.session.flush()
    for model in reversed(_TABLES[1:]):
        table, key = _table(model), _key(model)
        ids = [row[key.name] for row in before[model.__tablename__]]
        db.session.execute(delete(table).where(_mine(model, proposal_id), key.not_in(ids)))
    for model in _TABLES:
        table, key = _table(model), _key(model)
        there = set(db.session.scalars(select(key).where(_mine(model, proposal_id))))
        for row in before[model.__tablename__]:
            values = {name: _whole(value) for name, value in row.items()}
            statement = update(table).where(key == row[key.name]) if row[key.name] in there else insert(table)
            db.session.execute(statement.values(values))
    db.session.expire_all()


def forget(proposal_id: int) -> None:
    """Take a proposal away with everything of it. Raises IntegrityError where something else hangs on it."""
    db.session.flush()
    for model in reversed(_TABLES):
        db.session.execute(delete(_table(model)).where(_mine(model, proposal_id)))
    db.session.expire_all()


def _key(model: Any) -> Any:
    return next(iter(_table(model).primary_key))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    return {"text": value.as_dict()} if isinstance(value, Text) else value


def _whole(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"instant"}:
        return datetime.fromisoformat(value["instant"])
    return Text.of(value["text"]) if isinstance(value, dict) and set(value) == {"text"} else value
