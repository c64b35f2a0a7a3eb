"""What the team writes in for others: proposals out of a table, changes of what it entered, and both taken back.

Everything here runs inside the caller's transaction of the event's queue. The call's bounds and limits do not bind the team.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from eventreg.core import audit, links, text, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, take_turn
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.people.rules import Email
from eventreg.proposals import keeping, mails, partners, queries, rules, services, writing
from eventreg.proposals.models import Proposal, ProposalEdit, ProposalPart, ProposalPerson, ProposalSearch
from eventreg.proposals.partners import Described
from eventreg.proposals.queries import Offer
from eventreg.proposals.rules import Answer, Role, State


@dataclass(frozen=True)
class Entry:
    """A new proposal. `raw` are its answers as typed, `values` and `problems` what the rules make of them.

    `number` is what it is quoted by where it has one already and nobody else here; `asked` are invited as co-organisers.
    """

    lang: str
    raw: Mapping[str, Any]
    values: Mapping[str, Any]
    problems: Mapping[str, Any]
    is_sent: bool
    number: int | None
    email: Email
    lead: Described
    asked: tuple[Described, ...] = ()


@dataclass(frozen=True)
class Amendment:
    """What changes of a proposal: answers by field, the lead's description, co-organisers to invite, whether it is sent by it."""

    raw: Mapping[str, Any]
    lead: Described | None = None
    asked: tuple[Described, ...] = ()
    is_sent: bool = False


# ---- new -------------------------------------------------------------------------------------------------------------


def enter(
    event: Event, offer: Offer, entries: Sequence[Entry], *, now: datetime, by: Actor, author_id: int | None, sends_mail: bool
) -> list[Proposal]:
    """Write new proposals in, in a few statements altogether. `author_id`: who wrote them, None for the lead of each."""
    take_turn(("call", event.id))  # numbers are given one after the other
    leads = people.find_or_create_all([(e.email, e.lang, *_names(e.lead.name)) for e in entries])
    numbers = _numbers(event.id, entries)
    made = [
        Proposal(
            event_id=event.id, code=code, lang=entry.lang, lead_id=lead.id, begun_at=now, changed_at=now, entered_at=now,
            number=number, version=0,
        )
        for entry, lead, code, number in zip(entries, leads, _free_codes(event.id, len(entries)), numbers, strict=True)
    ]  # fmt: skip
    db.session.add_all(made)
    db.session.flush()
    authors = [author_id or lead.id for lead in leads]
    behind = [_people(*each, now=now) for each in zip(made, entries, leads, authors, strict=True)]
    parts = [_parts(*each, offer, now=now) for each in zip(made, entries, authors, strict=True)]
    db.session.add_all(ProposalSearch(proposal_id=one.id, event_id=event.id) for one in made)
    db.session.flush()
    for one, entry, found, written, author in zip(made, entries, behind, parts, authors, strict=True):
        _keep_edits(written.values(), now)
        services.derive(one, written, found, offer, values=entry.values, problems=entry.problems)
        if entry.is_sent:
            services.new_version(one, entry.values, offer, by=author, now=now)
            one.state, one.sent_at, one.version = State.SUBMITTED, now, 1
    db.session.flush()
    deeds = [audit.Deed(one, {"state": one.state, "number": one.number, "language": one.lang}, {}) for one in made]
    audit.record_many("proposal.entered", deeds, event_id=event.id, actor=by)
    if sends_mail:
        for one, found in zip(made, behind, strict=True):
            _tell(one, event, found, now=now)
    return made


def _names(name: str) -> tuple[str, str]:
    return ("", name) if text.script_of(name) == "arabic" else (name, "")


def _free_codes(event_id: int, number: int) -> list[str]:
    found: list[str] = []
    while len(found) < number:
        some = {tokens.short_code("W") for _n in range(number - len(found))} - set(found)
        query = select(Proposal.code).where(Proposal.event_id == event_id, Proposal.code.in_(some))
        found += sorted(some - set(db.session.scalars(query)))
    return found


def _numbers(event_id: int, entries: Sequence[Entry]) -> list[int | None]:
    """The numbers of what is sent: those that were given where they are free, the next ones for the others."""
    given = {entry.number for entry in entries if entry.is_sent and entry.number}
    taken = set(db.session.scalars(select(Proposal.number).where(Proposal.event_id == event_id, Proposal.number.in_(given))))
    after = max([services.next_number(event_id), *(number + 1 for number in given - taken)])
    found: list[int | None] = []
    for entry in entries:
        if not entry.is_sent:
            found.append(None)
        elif entry.number and entry.number not in taken:
            taken.add(entry.number)
            found.append(entry.number)
        else:
            found.append(after)
            after += 1
    return found


def _people(proposal: Proposal, entry: Entry, lead: Person, author_id: int, *, now: datetime) -> list[ProposalPerson]:
    first = ProposalPerson(
        code=tokens.short_code("PP"), proposal_id=proposal.id, person_id=lead.id, role=Role.LEAD, answer=Answer.ACCEPTED, rank=0,
        email=lead.email or "", email_key=lead.email_key or "", lang=lead.lang, added_at=now, added_by_id=author_id,
        answered_at=now,
    )  # fmt: skip
    partners.write(first, entry.lead)
    found = [first, *_asked(proposal, entry.asked, author_id, now=now)]
    db.session.add_all(found)
    return found


def _asked(
    proposal: Proposal, asked: Sequence[Described], author_id: int, *, now: datetime, after: int = 0
) -> list[ProposalPerson]:
    found = []
    for rank, given in enumerate(asked, start=after + 1):
        person = ProposalPerson(
            code=tokens.short_code("PP"), proposal_id=proposal.id, role=Role.CO_ORGANISER, answer=Answer.INVITED, rank=rank,
            lang=given.lang or proposal.lang, added_at=now, added_by_id=author_id,
        )  # fmt: skip
        partners.write(person, given)
        found.append(person)
    return found


def _parts(proposal: Proposal, entry: Entry, author_id: int, offer: Offer, *, now: datetime) -> dict[str, ProposalPart]:
    """The sections that have an answer, and the first one: a proposal begins with it."""
    found: dict[str, ProposalPart] = {}
    for at, section in enumerate(offer.form.sections):
        answers = {field: entry.raw[field] for field in rules.section_fields(section) if field in entry.raw}
        if answers or not at:
            part = ProposalPart(proposal_id=proposal.id, section=section.code, revision=0, changed_by_id=author_id, changed_at=now)
            writing.put(part, answers, by=author_id, now=now)
            found[section.code] = part
    db.session.add_all(found.values())
    return found


def _keep_edits(parts: Any, now: datetime) -> None:
    db.session.add_all(
        ProposalEdit(
            part_id=part.id, revision=part.revision, answers=part.answers, begun_at=now, changed_at=now,
            changed_by_id=part.changed_by_id,
        )
        for part in parts
    )  # fmt: skip


def _tell(proposal: Proposal, event: Event, found: Sequence[ProposalPerson], *, now: datetime) -> None:
    """What was sent is confirmed to its lead; who is to co-organise is asked."""
    lead = next(person for person in found if person.role == Role.LEAD)
    if proposal.version:
        mails.received(proposal, event, db.session.get_one(Person, proposal.lead_id), is_first=proposal.version == 1, now=now)
    inviter = " ".join(filter(None, (lead.name, f"({lead.organisation_name})" if lead.organisation_name else "")))
    for person in found:
        if person.answer == Answer.INVITED:
            mails.co_organiser_invited(person, proposal, event, inviter=inviter or lead.email, now=now)


# ---- changed ---------------------------------------------------------------------------------------------------------


def amend(
    proposal: Proposal, event: Event, offer: Offer, wanted: Amendment, *, now: datetime, by: Actor, author_id: int | None,
    sends_mail: bool,
) -> None:  # fmt: skip
    """Write changes into a proposal; one that was sent is sent anew with them.

    Raises Refused (Incomplete where an answer is missing for sending); the caller rolls back to a savepoint.
    """
    author = author_id or proposal.lead_id
    for section in offer.form.sections:
        fields = [field for field in rules.section_fields(section) if field in wanted.raw]
        if fields:
            part = queries.parts(proposal.id).get(section.code)
            answers = {**(part.answers if part else {}), **{field: wanted.raw[field] for field in fields}}
            given = {field: wanted.raw[field] for field in fields}
            services.write_part(proposal, section.code, answers, given=given, by=author, now=now)
    there = queries.people(proposal.id)
    lead = next(person for person in there if person.role == Role.LEAD)
    if wanted.lead is not None:
        partners.write(lead, wanted.lead)
    new = _asked(proposal, wanted.asked, author, now=now, after=max(person.rank for person in there))
    db.session.add_all(new)
    db.session.flush()
    services.refresh(proposal, offer)
    is_new_version = wanted.is_sent or bool(proposal.version and wanted.raw)
    if is_new_version:
        _send(proposal, offer, author, now=now)
    proposal.changed_at = proposal.entered_at = now
    facts = {"changed": sorted(wanted.raw), "count": len(new), "version": proposal.version}
    organisation = (None, wanted.lead.organisation_name if wanted.lead else None)
    audit.record("proposal.amended", proposal, event_id=event.id, actor=by, facts=facts, personal={"organisation": organisation})
    if sends_mail:
        _tell(proposal, event, [lead, *new], now=now)


def _send(proposal: Proposal, offer: Offer, author: int, *, now: datetime) -> None:
    found = queries.people(proposal.id)
    values = services.complete(proposal, offer, found)
    version = services.new_version(proposal, values, offer, by=author, now=now)
    if proposal.number is None:
        take_turn(("call", proposal.event_id))
        proposal.number = services.next_number(proposal.event_id)
    proposal.state, proposal.sent_at, proposal.version, proposal.in_grace = State.SUBMITTED, now, version.number, False
    services.show(proposal, values, offer)
    services.find_by_names(proposal, found)


# ---- taken back ------------------------------------------------------------------------------------------------------


def stamp(proposal: Proposal) -> str:
    """What the proposal is; another one later means that it was changed since."""
    state = State.SUBMITTED if proposal.state == State.IN_REVIEW else proposal.state  # the clock's doing, not a person's
    return f"{proposal.changed_at.isoformat()} {proposal.version} {state}"


def put_back(proposal: Proposal, event: Event, before: Mapping[str, Any], *, by: Actor) -> None:
    """Restore what `keeping.kept` told before a change."""
    code = proposal.code
    keeping.put_back(proposal.id, before)
    audit.record("proposal.put_back", ("proposal", code), event_id=event.id, actor=by)


def take_back(proposal: Proposal, event: Event, *, now: datetime, by: Actor) -> None:
    """Remove a proposal that was entered, and its lead where they came with it; nothing stays but its lines in the record."""
    code, lead_id, since = proposal.code, proposal.lead_id, proposal.begun_at
    invited = select(ProposalPerson.code).where(ProposalPerson.proposal_id == proposal.id, ProposalPerson.role != Role.LEAD)
    for invitation in db.session.scalars(invited).all():
        links.revoke("co_organiser", invitation, now, event_id=event.id)
    keeping.forget(proposal.id)
    audit.record("proposal.taken_back", ("proposal", code), event_id=event.id, actor=by)
    _forget_person(lead_id, since=since)


def _forget_person(person_id: int, *, since: datetime) -> None:
    person = db.session.get_one(Person, person_id)
    if person.created_at < since or person.email_confirmed_at is not None:
        return
    try:
        with db.session.begin_nested():
            db.session.execute(delete(Person).where(Person.id == person_id))
    except IntegrityError:  # by now they are something else here, too
        return

