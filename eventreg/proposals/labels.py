"""What parts, states and roles of a proposal are called on pages and in mails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from eventreg.proposals.rules import Answer, Role, State

STATE: Mapping[str, Any] = {
    State.DRAFT: _l("Draft"),
    State.SUBMITTED: _l("Sent"),
    State.IN_REVIEW: _l("Under review"),
    State.SHORTLISTED: _l("Shortlisted"),
    State.ACCEPTED: _l("Accepted"),
    State.RESERVE: _l("Reserve list"),
    State.DECLINED: _l("Not selected"),
    State.WITHDRAWN: _l("Withdrawn"),
    State.MERGED: _l("Merged"),
}
# family of the status tag: good, waiting, ended, problem, neutral
STATE_FAMILY: Mapping[str, str] = {
    State.DRAFT: "neutral", State.SUBMITTED: "waiting", State.IN_REVIEW: "waiting", State.SHORTLISTED: "waiting",
    State.ACCEPTED: "good", State.RESERVE: "waiting", State.DECLINED: "problem", State.WITHDRAWN: "ended", State.MERGED: "ended",
}  # fmt: skip

ROLE: Mapping[str, Any] = {
    Role.LEAD: _l("Lead"),
    Role.CO_ORGANISER: _l("Co-organiser"),
    Role.SPEAKER: _l("Speaker"),
    Role.CONTACT: _l("Contact"),
}
ANSWER: Mapping[str, Any] = {
    Answer.NAMED: _l("Named"),
    Answer.INVITED: _l("Has not answered yet"),
    Answer.ACCEPTED: _l("Has accepted"),
    Answer.DECLINED: _l("Has declined"),
    Answer.REMOVED: _l("Removed"),
}

SECTION: Mapping[str, Any] = {
    "title": _l("Title and track"),
    "approach": _l("Approach and methodology"),
    "objectives": _l("Objectives"),
    "outputs": _l("Expected outputs"),
    "practical": _l("Format, languages and size"),
    "people": _l("Organising bodies and people"),
}
FIELD: Mapping[str, Any] = {
    "title": _l("Title"),
    "summary": _l("Summary"),
    "approach": _l("Approach and methodology"),
    "objectives": _l("Objectives"),
    "outputs": _l("Expected outputs"),
    "track": _l("Track"),
    "format": _l("Format"),
    "spoken": _l("Languages of the workshop"),
    "size_min": _l("At least this many participants"),
    "size_max": _l("At most this many participants"),
}
HINT: Mapping[str, Any] = {
    "title": _l("As it would stand in the programme: short, and saying what people will do or learn."),
    "summary": _l("What the workshop is about and why it matters now, for a reader who does not know you."),
    "approach": _l("What happens in the room, minute by minute if you know it: who speaks, how participants take part."),
    "objectives": _l("What will have changed for the participants at the end. One line for each objective."),
    "outputs": _l("What the workshop leaves behind: a recommendation, a draft commitment, a network, a guide."),
    "spoken": _l("In which languages people will speak. Interpretation is decided with the programme."),
    "size": _l("A range, for example 40 to 60: it decides the room."),
}


def state_for_writers(state: str) -> Any:
    """What those who propose read of a state: a shortlist is the committee's own until decisions are released."""
    return STATE[_told(state)]


def family_for_writers(state: str) -> str:
    """The family of its tag, by what they read."""
    return STATE_FAMILY[_told(state)]


def _told(state: str) -> State:
    return State.IN_REVIEW if state == State.SHORTLISTED else State(state)
