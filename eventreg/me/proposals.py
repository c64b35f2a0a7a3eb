"""What a person proposes, on their own page: where each proposal stands and what they do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from eventreg.core import clock, times
from eventreg.core.i18n import date_long, instant_long
from eventreg.proposals import queries, rules
from eventreg.proposals.models import Call, Proposal
from eventreg.proposals.rules import Role, State


@dataclass(frozen=True)
class Standing:
    """One proposal as its organiser meets it: the next step in words, and where that is done."""

    proposal: Proposal
    role: str
    next_step: str
    url: str


def of_viewer() -> list[Standing]:
    """The viewer's proposals for this meeting, those that wait for something first."""
    if g.viewer is None:
        return []
    found = queries.of_person(g.event.id, g.viewer.id)
    call = queries.call_of(g.event.id) if found else None
    if call is None:
        return []
    standing = [_standing(proposal, role, call) for proposal, role in found]
    return sorted(standing, key=lambda one: one.next_step == "")


def _standing(proposal: Proposal, role: str, call: Call) -> Standing:
    page = url_for("proposals.one", code=proposal.code)
    window, now = queries.window(call), clock.now()
    late = queries.late_of(proposal, now)
    refusal = rules.why_not_write(window, now, state=proposal.state, begun_at=proposal.begun_at, is_late_guest=late is not None)
    may_write = refusal is None
    words: Any = ""
    if proposal.state == State.DRAFT and may_write:
        until = instant_long(times.last_minute(late.expires_at if late is not None else call.closes_at))
        if proposal.missing:
            words = ngettext(
                "%(num)s answer is missing. Send it by %(until)s.", "%(num)s answers are missing. Send it by %(until)s.",
                proposal.missing, until=until,
            )  # fmt: skip
        elif role == Role.LEAD:
            words, page = _("It is complete: send it by %(until)s.", until=until), url_for("proposals.check", code=proposal.code)
        else:
            words = _("It is complete: its lead sends it.")
    elif proposal.state == State.DRAFT:
        words = _("It was not sent before the call closed.")
    elif proposal.state in rules.UNDECIDED and call.results_on is not None:
        words = _("You will be answered on %(day)s.", day=date_long(call.results_on))
    return Standing(proposal, role, str(words), page)
