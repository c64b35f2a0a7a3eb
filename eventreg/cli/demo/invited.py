# ruff: noqa: E501 (lists of words read better in long lines)
"""Whom did the organiser invite? Nine invitations, every right and every state; and a list of speakers, some of whom answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from eventreg.cli.demo import story, texts
from eventreg.cli.demo.story import Story
from eventreg.core import times
from eventreg.core.db import db
from eventreg.core.i18n import LANGS
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.people.rules import email_address
from eventreg.registration import batches, invitations
from eventreg.registration.invitations import InvitationPlan
from eventreg.registration.invited_lines import Words
from eventreg.registration.models import Invitation
from eventreg.registration.rules import GIVEN_CATEGORIES


@dataclass(frozen=True)
class _Invited:
    """An invitation of the demo: made on `on`, with rights "d" (deadline), "l" (limit) and "m" (moderation)."""

    on: str
    label: str
    reason: str
    lang: str
    rights: str
    expires: str
    uses: int = 1
    email: str = ""
    category: str = ""
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
                      email="press.agency@example.org", category="press"),
    "court": _Invited("2022-09-15", "Delegates of the Court of Auditors", "follow the track on integrity", "fr", "dm", "2022-10-20",
                      uses=4),
}  # fmt: skip

LISTED_ON = "2022-09-08"
# who does not answer, and is reminded three times
_SILENT = (
    "keynote.ouagadougou@example.org; Fatoumata Ouédraogo; fr; guest", "panel.tunis@example.org; هدى المبروك; ar",
    "panel.amman@example.org; ليث الحباشنة; ar", "moderator.accra@example.org; Kwame Asante; en",
    "press.dakar@example.org; Aïssatou Diop; fr; press", "panel.nairobi@example.org; Wanjiru Kamau; en",
    "panel.praia@example.org; Nilda Tavares; fr",
)  # fmt: skip

# which guest of the story comes by which of them
USED = {5: "keynote", 6: "donors", 7: "donors", **dict.fromkeys(story.LATE, "speakers")}


def who_answers(told: Story) -> list[int]:
    """Guests of the story who come after the list was invited: three by its link, two without looking at it."""
    after = (act for act in told.acts if act.do == "register" and act.at > _morning("2022-09-09"))
    return [act.guest for act in after if act.guest not in told.media and act.guest not in story.LATE][:5]


def moments(
    event: Event, by: Person, ids: dict[str, int], *, answering: dict[int, str]
) -> list[tuple[datetime, Callable[[], None]]]:
    """When each is made or taken back, and how; `ids` is filled with what was made.

    `answering`: who will answer the list, by number of the story, with their addresses.
    """
    found: list[tuple[datetime, Callable[[], None]]] = [(_morning(LISTED_ON), _listing(event, by, ids, answering))]
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
            passes_limit="l" in invited.rights, passes_moderation="m" in invited.rights, category=invited.category, expires=times.deadline(invited.expires, texts.ZONE), max_uses=invited.uses,
            email=email_address(invited.email) if invited.email else None,
        )  # fmt: skip
        ids[name] = invitations.invite(event.id, plan, by=by).invitation.id

    return make


def _listing(event: Event, by: Person, ids: dict[str, int], answering: dict[int, str]) -> Callable[[], None]:
    """The list of speakers: by its link come the first three; each of them is "listed <number>" among `ids`."""

    def make() -> None:
        plan = InvitationPlan(
            label="Speakers of the second day", reason="named by the programme committee", lang="fr", passes_deadline=True,
            passes_limit=False, passes_moderation=True, expires=times.deadline("2022-10-20", texts.ZONE), remind_days=(3, 10, 14),
        )  # fmt: skip
        typed = "\n".join([*(f"{address};;ar" for address in answering.values()), *_SILENT])
        words = Words({lang: lang for lang in LANGS}, {key: key for key in GIVEN_CATEGORIES}, "fr", "")
        batch = batches.invite_all(event.id, plan.label, plan, typed, words, by=by)
        made = db.session.execute(select(Invitation.email, Invitation.id).where(Invitation.batch_id == batch.id)).all()
        by_address = {row.email: row.id for row in made}
        ids.update({f"listed {number}": by_address[address] for number, address in list(answering.items())[:3]})

    return make


def _revoking(event: Event, by: Person, ids: dict[str, int], name: str) -> Callable[[], None]:
    def revoke() -> None:
        invitations.revoke(event.id, db.session.get_one(Invitation, ids[name]).code, by=by)

    return revoke
