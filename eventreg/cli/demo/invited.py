# ruff: noqa: E501 (lists of words read better in long lines)
"""Whom did the organiser invite? Eight invitations: every right, for one person or many, and in every state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from eventreg.cli.demo import story, texts
from eventreg.core import times
from eventreg.core.db import db
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.people.rules import email_address
from eventreg.registration import invitations
from eventreg.registration.invitations import InvitationPlan
from eventreg.registration.models import Invitation


@dataclass(frozen=True)
class _Invited:
    """An invitation of the demo: made on `on`, with rights "d" (deadline) and "l" (limit)."""

    on: str
    label: str
    reason: str
    lang: str
    rights: str
    expires: str
    uses: int = 1
    email: str = ""
    revoked_on: str = ""


_INVITED = {
    "minister": _Invited("2022-09-20", "Minister of Justice, with delegation", "opens the meeting", "fr", "dl", "2022-10-20",
                         email="minister.office@example.org"),
    "keynote": _Invited("2022-06-27", "Keynote speaker", "keynote of the first day", "en", "l", "2022-09-30"),
    "donors": _Invited("2022-06-28", "Donors' delegation", "the envelope's partners", "en", "l", "2022-10-15", uses=10),
    "wrong": _Invited("2022-07-12", "Panel moderator", "moderates the panel on open justice", "ar", "d", "2022-10-10",
                      email="moderator@example.org", revoked_on="2022-07-13"),
    "early": _Invited("2022-07-05", "Venue partner", "visit of the rooms in August", "fr", "l", "2022-08-31"),
    "auditor": _Invited("2022-09-08", "Court of Auditors", "asked for by the committee", "fr", "l", "2022-10-10",
                        email="cour.comptes@example.org"),
    "speakers": _Invited("2022-09-22", "Speakers of accepted workshops", "speakers may be named after the deadline", "en", "d",
                         "2022-10-20", uses=30),
    "press": _Invited("2022-09-24", "National press agency", "covers the opening", "ar", "dl", "2022-10-25",
                      email="press.agency@example.org"),
}  # fmt: skip

# which guest of the story comes by which of them
USED = {5: "keynote", 6: "donors", 7: "donors", **dict.fromkeys(story.LATE, "speakers")}


def moments(event: Event, by: Person, ids: dict[str, int]) -> list[tuple[datetime, Callable[[], None]]]:
    """When each is made or taken back, and how; `ids` is filled with what was made."""
    found: list[tuple[datetime, Callable[[], None]]] = []
    for name, invited in _INVITED.items():
        found.append((_morning(invited.on), _making(event, by, ids, name)))
        if invited.revoked_on:
            found.append((_morning(invited.revoked_on), _revoking(event, by, ids, name)))
    return found


def _morning(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:30+01:00")


def _making(event: Event, by: Person, ids: dict[str, int], name: str) -> Callable[[], None]:
    invited = _INVITED[name]

    def make() -> None:
        plan = InvitationPlan(
            label=invited.label, reason=invited.reason, lang=invited.lang, passes_deadline="d" in invited.rights,
            passes_limit="l" in invited.rights, expires=times.deadline(invited.expires, texts.ZONE), max_uses=invited.uses,
            email=email_address(invited.email) if invited.email else None,
        )  # fmt: skip
        ids[name] = invitations.invite(event.id, plan, by=by).invitation.id

    return make


def _revoking(event: Event, by: Person, ids: dict[str, int], name: str) -> Callable[[], None]:
    def revoke() -> None:
        invitations.revoke(event.id, db.session.get_one(Invitation, ids[name]).code, by=by)

    return revoke
