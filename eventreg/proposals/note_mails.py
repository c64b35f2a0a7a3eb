"""Which mails a concept note sends; texts in templates/proposals/mail/<name>/."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from eventreg.core import limits, text, times
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.proposals import mails, note_queries, queries
from eventreg.proposals.models import Proposal, ProposalPerson
from eventreg.proposals.note_models import NoteComment

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


def commented(proposal: Proposal, comment: NoteComment, event: Event, *, spoken: Iterable[Person], now: datetime) -> None:
    """To everybody who writes it, and to those of the team who spoke in the thread: what was said, by whom.

    Whoever said it is not told; nobody is told more than once an hour, as the page shows all that was said.
    """
    said = {
        "organisation": text.isolate(comment.body_name), "who": text.isolate(comment.name), "words": text.isolate(comment.words),
    }  # fmt: skip
    writers = [one for one in _with_address(note_queries.members(proposal.id)) if one.person_id != comment.person_id]
    for member in writers:
        if _first_this_hour(proposal, f"member-{member.id}", now):
            mails.send("note_commented", proposal, event, member, page="notes", now=now, **said)
    for person in spoken:
        if person.id != comment.person_id and _first_this_hour(proposal, f"person-{person.id}", now):
            mails.to_team("note_commented", proposal, event, person, endpoint="proposals.notes", **said)


def _first_this_hour(proposal: Proposal, whom: str, now: datetime) -> bool:
    key = f"{proposal.code}-{whom}"
    if limits.count("note-comment-mail", key, now=now, per=timedelta(hours=1)):
        return False
    limits.hit("note-comment-mail", key, now=now)
    return True


def _with_address(to: People) -> list[ProposalPerson]:
    return [person for person in to if person.email]
