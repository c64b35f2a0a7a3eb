"""The pages of the call and its proposals, in several files; what each of them needs of the proposal in its address."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, abort, g
from flask import session as flask_session

from eventreg.core import clock, times
from eventreg.core.refusals import Refusal
from eventreg.proposals import queries, rules
from eventreg.proposals.models import Call, LateInvitation, Proposal

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
    now = clock.now()
    is_late = queries.late_of(proposal, now) is not None
    return rules.why_not_write(window, now, state=proposal.state, begun_at=proposal.begun_at, is_late_guest=is_late)


LATE = "late_invitation"  # where the browser's own cookie keeps the code of an open link past the closing


def late_code() -> str:
    """The code of the open link past the closing that this browser followed, '' for none."""
    return str(flask_session.get(LATE, ""))


def late_here() -> LateInvitation | None:
    """The invitation with which the viewer may begin a proposal now, though the call has closed."""
    return queries.late_for(g.event.id, g.viewer, late_code(), clock.now())


def late_until(proposal: Proposal | None) -> datetime | None:
    """The last minute until which an invitation lets the viewer write this proposal, or begin one; None without one."""
    found = queries.late_of(proposal, clock.now()) if proposal is not None else late_here()
    return times.last_minute(found.expires_at) if found is not None else None
