"""The pages of the call and its proposals, in several files; what each of them needs of the proposal in its address."""

from __future__ import annotations

from flask import Blueprint, abort, g

from eventreg.core import clock
from eventreg.core.refusals import Refusal
from eventreg.proposals import queries, rules
from eventreg.proposals.models import Call, Proposal

bp = Blueprint("proposals", __name__)


def call_here() -> Call:
    """The call of this meeting; 404 where there is none."""
    return queries.call_of(g.event.id) or abort(404)


def mine(code: str) -> Proposal:
    """The viewer's own proposal with this code; 404 for any other."""
    return queries.own(g.event.id, code, g.viewer.id) or abort(404)


def why_not_write(proposal: Proposal) -> Refusal | None:
    """Say why this proposal cannot be changed now, or None."""
    window = queries.window(call_here())
    return rules.why_not_write(window, clock.now(), state=proposal.state, begun_at=proposal.begun_at)
