"""What of an organiser's pages a conflict of interest hides: records and mails about proposals that are hidden from the viewer."""

from __future__ import annotations

from flask import g
from sqlalchemy import ColumnElement, Select, and_, or_, select

from eventreg.core.audit import AuditLine
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.proposals import shield
from eventreg.proposals.models import Proposal

# who reviews what is the chair's to read, on the chair's own pages
CHAIRS_OWN = ("reviewer", "assignment")


def hidden_codes() -> Select[tuple[str]]:
    """The codes of the proposals that are hidden from the viewer."""
    return select(Proposal.code).where(Proposal.event_id == g.event.id, Proposal.id.in_(shield.hidden(g.event.id, g.viewer)))


def hidden_now() -> set[str]:
    """The same codes, read: one statement."""
    return set(db.session.scalars(hidden_codes()))


def lines() -> ColumnElement[bool]:
    """The lines of the record that the viewer may know of."""
    of_hidden = and_(AuditLine.object_kind == "proposal", AuditLine.object_ref.in_(hidden_codes()))
    return and_(AuditLine.object_kind.not_in(CHAIRS_OWN), ~of_hidden)


def mails() -> ColumnElement[bool]:
    """The mails that the viewer may know of."""
    of_hidden = and_(Mail.about_kind == "proposal", Mail.about_ref.in_(hidden_codes()))
    return or_(~of_hidden, Mail.about_ref.is_(None))
