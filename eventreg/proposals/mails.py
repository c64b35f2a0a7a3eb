"""Which mails the call sends, to whom, with what; texts in templates/proposals/mail/<name>/."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from eventreg.core import links, outbox, text, times, urls
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.people.rules import Email, email_address
from eventreg.proposals import queries
from eventreg.proposals.models import LateInvitation, Proposal, ProposalPerson
from eventreg.proposals.rules import Role

LINK_LASTS_AFTER_EVENT = timedelta(days=30)


def begin(
    email: Email, event: Event, *, lang: str, now: datetime, until: datetime, expires_at: datetime, late_code: str = ""
) -> None:
    """The link with which somebody begins a proposal: the same mail for an address that is known and one that is not."""
    data = {"email": email.address, "lang": lang, "late": late_code}
    secret = links.make("proposer", email.key, now=now, expires_at=expires_at, event_id=event.id, data=data)
    url = urls.absolute("me.open_link", lang=lang, event=event.slug, token=secret)
    outbox.queue(
        "proposals/begin", to=email.ascii, lang=lang, about=("call", event.slug), event_id=event.id,
        context=_common(event) | {"url": url, "last_minute": times.last_minute(until)},
    )  # fmt: skip


def late(invitation: LateInvitation, event: Event, secret: str, *, to: str) -> None:
    """To somebody who may propose after the closing: until when, and the link."""
    outbox.queue(
        "proposals/late", to=to, lang=invitation.lang, about=("late_invitation", invitation.code), event_id=event.id,
        context=late_context(invitation, event, secret),
    )  # fmt: skip


def late_context(invitation: LateInvitation, event: Event, secret: str) -> dict[str, Any]:
    """What the mail of such an invitation says; its page shows the same words to whoever sends them by hand."""
    url = urls.absolute("me.open_link", lang=invitation.lang, event=event.slug, token=secret)
    call = queries.call_of(event.id)
    return _common(event) | {
        "url": url, "until": times.last_minute(invitation.expires_at), "is_bound": bool(invitation.email),
        "closed": times.last_minute(call.closes_at) if call else None,
    }  # fmt: skip


def received(proposal: Proposal, event: Event, sender: Person, *, is_first: bool, now: datetime) -> None:
    """To everybody who writes it: received under its number, and until when it can be changed."""
    call, late_guest = queries.call_of(event.id), queries.late_of(proposal, now)
    until = late_guest.expires_at if late_guest is not None else call.closes_at if call is not None else None
    for person, lang in _writers(proposal):
        send(
            "received", proposal, event, person, lang=lang, now=now, is_first=is_first, number=proposal.number,
            last_minute=times.last_minute(until) if until else None, results_on=call.results_on if call else None,
        )  # fmt: skip


def withdrawn(proposal: Proposal, event: Event, *, now: datetime) -> None:
    """To everybody who writes it: it was taken back."""
    for person, lang in _writers(proposal):
        send("withdrawn", proposal, event, person, lang=lang, now=now)


def withdrawn_after_all(proposal: Proposal, event: Event, team: Iterable[Person], *, reason: str) -> None:
    """To the programme team: an accepted workshop falls out, and its place in the programme is free."""
    lead = next((person.name or person.email for person in queries.people(proposal.id) if person.role == Role.LEAD), "")
    for person in team:
        said = {"lead": text.isolate(lead), "reason": text.isolate(reason)}
        to_team("withdrawn_team", proposal, event, person, endpoint="manage.proposal", **said)


def restored(proposal: Proposal, event: Event, *, now: datetime) -> None:
    """To everybody who writes it: the team restored it."""
    for person, lang in _writers(proposal):
        send("restored", proposal, event, person, lang=lang, now=now)


def merged(
    source: Proposal, target: Proposal, event: Event, *, writers: set[str], reason: str, undo_until: datetime, now: datetime
) -> None:
    """To everybody who writes either of two that are one now: which stays, whose lead, why. `writers`: those of the other."""
    people = queries.people(target.id)
    lead = next((person.name or person.email for person in people if person.role == Role.LEAD), "")
    for person, lang in _writers(target):
        send(
            "merged", target, event, person, lang=lang, now=now, other=text.isolate(source.title.in_(lang) or source.code),
            lead=text.isolate(lead), reason=text.isolate(reason), came=person.email_key in writers, undo_until=undo_until,
        )  # fmt: skip


def merge_undone(source: Proposal, target: Proposal, event: Event, *, now: datetime) -> None:
    """To everybody who writes either of two that are two again."""
    told: set[str] = set()
    for one, other in ((source, target), (target, source)):
        for person, lang in _writers(one):
            if person.email_key not in told:
                told.add(person.email_key)
                named = text.isolate(other.title.in_(lang) or other.code)
                send("merge_undone", one, event, person, lang=lang, now=now, other=named)


def co_organiser_invited(
    invited: ProposalPerson, proposal: Proposal, event: Event, *, inviter: str, now: datetime, is_reminder: bool = False
) -> None:
    """To somebody named as a co-organiser: which proposal, who asks, and the page on which they accept or decline."""
    expires = _after_event(event, now)
    secret = links.make("co_organiser", invited.code, now=now, expires_at=expires, event_id=event.id)
    url = urls.absolute("me.open_link", lang=invited.lang, event=event.slug, token=secret)
    outbox.queue(
        "proposals/co_organiser", to=_ascii(invited.email), lang=invited.lang, about=("proposal", proposal.code), event_id=event.id,
        context=_common(event) | _named(proposal, invited.lang) | {
            "url": url, "inviter": text.isolate(inviter), "organisation": text.isolate(invited.organisation_name),
            "is_reminder": is_reminder,
        },
    )  # fmt: skip


def co_organiser_answered(answered: ProposalPerson, proposal: Proposal, event: Event, *, now: datetime) -> None:
    """To the lead: somebody accepted or declined."""
    for person, lang in _writers(proposal):
        if person.role == Role.LEAD:
            body = text.isolate(answered.organisation_name or answered.name)
            send("co_organiser_answered", proposal, event, person, lang=lang, now=now, organisation=body, answer=answered.answer)


def _writers(proposal: Proposal) -> list[tuple[ProposalPerson, str]]:
    """Lead and co-organisers with an address, each with the language in which they are written to."""
    found = [person for person in queries.people(proposal.id) if person.is_writer and person.email]
    return [(person, person.lang or proposal.lang) for person in found]


def send(
    name: str, proposal: Proposal, event: Event, person: ProposalPerson, *, now: datetime, lang: str = "", page: str = "",
    **context: Any,
) -> None:  # fmt: skip
    """To somebody of the proposal, with a link of their own that opens it (`page`: "notes" for its concept note)."""
    lang = lang or person.lang or proposal.lang
    data = {"person": person.id, "page": page}
    secret = links.make("proposal", proposal.code, now=now, expires_at=_after_event(event, now), event_id=event.id, data=data)
    url = urls.absolute("me.open_link", lang=lang, event=event.slug, token=secret)
    outbox.queue(
        f"proposals/{name}", to=_ascii(person.email), lang=lang, about=("proposal", proposal.code), event_id=event.id,
        context=_common(event) | _named(proposal, lang) | {"url": url} | context,
    )  # fmt: skip


def to_team(name: str, proposal: Proposal, event: Event, person: Person, *, endpoint: str, **context: Any) -> None:
    """To somebody of the programme team, who signs in to see the page."""
    url = urls.absolute(endpoint, lang=person.lang, event=event.slug, code=proposal.code)
    outbox.queue(
        f"proposals/{name}", to=person.email_ascii or "", lang=person.lang, about=("proposal", proposal.code), event_id=event.id,
        context=_common(event) | _named(proposal, person.lang) | {"url": url} | context,
    )  # fmt: skip


def _common(event: Event) -> dict[str, Any]:
    return {"event": event}


def _named(proposal: Proposal, lang: str) -> dict[str, Any]:
    return {"title": text.isolate(proposal.title.in_(lang)), "number": proposal.number}


def _ascii(address: str) -> str:
    """The address as mail servers take it; it was judged when it was typed."""
    return email_address(address).ascii


def _after_event(event: Event, now: datetime) -> datetime:
    last = datetime.combine(event.last_day, datetime.min.time(), now.tzinfo)
    return max(now, last) + LINK_LASTS_AFTER_EVENT
