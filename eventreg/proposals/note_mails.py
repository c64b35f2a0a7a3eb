"""Which mails a concept note sends; texts in templates/proposals/mail/<name>/."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from eventreg.core import text, times
from eventreg.events.models import Event
from eventreg.proposals import mails, queries
from eventreg.proposals.models import Proposal, ProposalPerson

People = Iterable[ProposalPerson]


def to_sign(
    proposal: Proposal, to: People, event: Event, *, number: int, now: datetime, reminds: bool = False, is_proposed: bool = True
) -> None:
    """To the people of the bodies that must sign: the text is there to sign; or, before the deadline, what is missing."""
    call = queries.call_of(event.id)
    last = times.last_minute(call.notes_at) if call and call.notes_at else None
    for person in _with_address(to):
        mails.send(
            "note_to_sign", proposal, event, person, page="notes", now=now, version=number, last_minute=last,
            organisation=text.isolate(person.organisation_name), is_reminder=reminds, is_proposed=is_proposed,
        )  # fmt: skip


def taken_back(
    proposal: Proposal, to: People, event: Event, *, number: int, body: str, why: str, words: str, now: datetime
) -> None:
    """To everybody who writes it: changes were asked for, or it was changed; what was signed is void."""
    for person in _with_address(to):
        mails.send(
            "note_taken_back", proposal, event, person, page="notes", now=now, version=number, organisation=text.isolate(body),
            why=why, words=text.isolate(words),
        )  # fmt: skip


def signed_off(proposal: Proposal, to: People, event: Event, *, number: int, now: datetime) -> None:
    """To everybody who writes it: every body has signed."""
    for person in _with_address(to):
        mails.send("note_signed_off", proposal, event, person, page="notes", now=now, version=number)


def _with_address(to: People) -> list[ProposalPerson]:
    return [person for person in to if person.email]
