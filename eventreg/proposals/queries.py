"""Reads about the call and its proposals that several pages need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from eventreg.core import clock, text
from eventreg.core.db import db
from eventreg.core.questions import store
from eventreg.core.questions.shape import Form
from eventreg.events import queries as events
from eventreg.events.models import Event, Track
from eventreg.people.models import Person
from eventreg.proposals import rules, shield, standard
from eventreg.proposals.models import (
    Call,
    LateInvitation,
    Proposal,
    ProposalEdit,
    ProposalFormat,
    ProposalPart,
    ProposalPerson,
    ProposalVersion,
)  # fmt: skip
from eventreg.proposals.rules import Answer, Body, Choices, Role, State
from eventreg.registration.rules import Window
from eventreg.registration.rules import phase as phase_of

# ---- the call --------------------------------------------------------------------------------------------------------


def event_with_call(slug: str) -> tuple[Event, Call | None] | None:
    """The meeting at this address and its call: one statement, as every page asks for both."""
    query = select(Event, Call).outerjoin(Call, Call.event_id == Event.id).where(Event.slug == slug)
    row = db.session.execute(query).first()
    return (row[0], row[1]) if row is not None else None


def call_of(event_id: int) -> Call | None:
    """The meeting's call, None where nobody set one up."""
    return db.session.get(Call, event_id)


def window(call: Call) -> Window:
    """When it is open."""
    return Window(call.opens_at, call.closes_at, timedelta(minutes=call.grace_minutes))


def phase(call: Call) -> str:
    """before, open, soon, grace or closed, now."""
    return phase_of(window(call), clock.now())


def form_of(event_id: int) -> Form:
    """The questions of the call in force: one statement."""
    return store.current(event_id, standard.PURPOSE, default=standard.form)


def formats(event_id: int, *, all_of_them: bool = False) -> list[ProposalFormat]:
    """The formats to choose from, in their order; also those offered no more."""
    query = select(ProposalFormat).where(ProposalFormat.event_id == event_id)
    query = query if all_of_them else query.where(ProposalFormat.is_offered)
    return list(db.session.scalars(query.order_by(ProposalFormat.rank, ProposalFormat.id)))


@dataclass(frozen=True)
class Offer:
    """What the call offers: its questions, tracks and formats; what is stored by id and sent by slug."""

    form: Form
    tracks: tuple[Track, ...]
    formats: tuple[ProposalFormat, ...]

    @property
    def choices(self) -> Choices:
        """For the rules."""
        return Choices(tuple(track.slug for track in self.tracks), tuple(one.slug for one in self.formats if one.is_offered))

    def track_id(self, slug: str | None) -> int | None:
        """The id of a track."""
        return next((track.id for track in self.tracks if track.slug == slug), None)

    def format_id(self, slug: str | None) -> int | None:
        """The id of a format."""
        return next((one.id for one in self.formats if one.slug == slug), None)


def offer(event_id: int) -> Offer:
    """Three statements."""
    return Offer(form_of(event_id), tuple(events.tracks(event_id)), tuple(formats(event_id, all_of_them=True)))


def offer_as_sent(now: Offer, event_id: int, sent: ProposalVersion) -> Offer:
    """What the call offers, with the questions that it asked when this version was sent."""
    if sent.form_version == now.form.version:
        return now
    return replace(now, form=store.at(event_id, standard.PURPOSE, sent.form_version, default=standard.form))


def received(event_id: int) -> dict[int, int]:
    """How many proposals were sent and stand, by track: the public figure."""
    gone = (State.DRAFT, State.WITHDRAWN, State.MERGED)
    query = select(Proposal.track_id, func.count()).where(Proposal.event_id == event_id, Proposal.state.not_in(gone))
    return {track: number for track, number in db.session.execute(query.group_by(Proposal.track_id)) if track is not None}


def late_for(event_id: int, person: Person | None, code: str, now: datetime) -> LateInvitation | None:
    """The invitation with which this person may begin a proposal after the closing: for their address, else that of an open link.

    `code` names the open link that this browser followed, '' for none.
    """
    whose = [LateInvitation.email_key == person.email_key] if person is not None and person.email_key else []
    whose += [(LateInvitation.email_key == "") & (LateInvitation.code == code)] if code else []
    if not whose:
        return None
    query = select(LateInvitation).where(LateInvitation.event_id == event_id, or_(*whose)).order_by(LateInvitation.email_key.desc())
    return next((one for one in db.session.scalars(query) if one.state(now) in ("unused", "used")), None)


def late_of(proposal: Proposal, now: datetime) -> LateInvitation | None:
    """The invitation by which this proposal may still be written after the closing."""
    late = db.session.get(LateInvitation, proposal.late_id) if proposal.late_id else None
    return late if late is not None and late.is_open(now) else None


def drafts(event_id: int, viewer: Person) -> int:
    """How many proposals are begun and not sent, of those that the viewer may know of."""
    query = select(func.count()).where(Proposal.event_id == event_id, Proposal.state == State.DRAFT)
    query = query.where(shield.visible(event_id, viewer))
    return db.session.scalar(query) or 0


# ---- one proposal ----------------------------------------------------------------------------------------------------


def by_code(event_id: int, code: str) -> Proposal | None:
    """The proposal with this code in this meeting, with track, format and lead."""
    query = select(Proposal).where(Proposal.event_id == event_id, Proposal.code == code)
    loaded = (joinedload(Proposal.track), joinedload(Proposal.format), joinedload(Proposal.lead))
    return db.session.scalar(query.options(*loaded))


def by_code_or_number(event_id: int, typed: str) -> Proposal | None:
    """The proposal with this code, or with this number as people quote it."""
    if typed.isdecimal() and len(typed) < 9:
        code = db.session.scalar(select(Proposal.code).where(Proposal.event_id == event_id, Proposal.number == int(typed)))
        return by_code(event_id, code) if code else None
    return by_code(event_id, typed)


def own(event_id: int, code: str, person_id: int) -> Proposal | None:
    """The same, where this person leads or co-organises it, or the one into which it was merged."""
    proposal = by_code(event_id, code)
    at = proposal
    while at is not None and writer(at.id, person_id) is None:
        at = db.session.get(Proposal, at.merged_into_id) if at.merged_into_id else None
    return proposal if at is not None else None


def merged_into(proposal_id: int) -> list[Proposal]:
    """The proposals that went into this one, the newest last."""
    query = select(Proposal).where(Proposal.merged_into_id == proposal_id)
    return list(db.session.scalars(query.order_by(Proposal.ended_at, Proposal.id)))


def writer(proposal_id: int, person_id: int) -> ProposalPerson | None:
    """This person as lead or co-organiser of the proposal, None where they are neither."""
    query = select(ProposalPerson).where(ProposalPerson.proposal_id == proposal_id, ProposalPerson.person_id == person_id)
    return db.session.scalar(query.where(_writes()).limit(1))


def _writes() -> Any:
    accepted = (ProposalPerson.role == Role.CO_ORGANISER) & (ProposalPerson.answer == Answer.ACCEPTED)
    return or_(ProposalPerson.role == Role.LEAD, accepted)


def of_person(event_id: int, person_id: int) -> list[tuple[Proposal, str]]:
    """The proposals that a person leads or co-organises, with their role, the newest first: one statement."""
    query = select(Proposal, ProposalPerson.role).join(ProposalPerson, ProposalPerson.proposal_id == Proposal.id)
    query = query.where(Proposal.event_id == event_id, ProposalPerson.person_id == person_id, _writes())
    loaded = (joinedload(Proposal.track), joinedload(Proposal.format))
    rows = db.session.execute(query.order_by(Proposal.id.desc()).options(*loaded))
    return [(proposal, role) for proposal, role in rows]


def roles_of(event_id: int, person_id: int) -> frozenset[str]:
    """PR and CO of the access matrix: what this person is to any proposal of the meeting."""
    query = select(ProposalPerson.role).join(Proposal, Proposal.id == ProposalPerson.proposal_id).distinct()
    query = query.where(Proposal.event_id == event_id, ProposalPerson.person_id == person_id, _writes())
    return frozenset({"PR" if role == Role.LEAD else "CO" for role in db.session.scalars(query)})


def led(event_id: int, person_id: int) -> int:
    """How many proposals that still stand this person leads."""
    gone = (State.WITHDRAWN, State.MERGED)
    query = select(func.count()).where(Proposal.event_id == event_id, Proposal.lead_id == person_id, Proposal.state.not_in(gone))
    return db.session.scalar(query) or 0


def parts(proposal_id: int) -> dict[str, ProposalPart]:
    """The parts that were begun, by section."""
    found = db.session.scalars(select(ProposalPart).where(ProposalPart.proposal_id == proposal_id))
    return {part.section: part for part in found}


def raw_of(found: Mapping[str, ProposalPart]) -> dict[str, Any]:
    """All answers as they are being written, by field."""
    return {field: value for part in found.values() for field, value in part.answers.items()}


def people(proposal_id: int) -> list[ProposalPerson]:
    """Everybody of a proposal in order: lead, co-organisers, speakers, contacts; not those who were removed."""
    query = select(ProposalPerson).where(ProposalPerson.proposal_id == proposal_id, ProposalPerson.answer != Answer.REMOVED)
    return in_order(db.session.scalars(query))


def in_order(found: Iterable[ProposalPerson]) -> list[ProposalPerson]:
    """People of a proposal as they are named: the lead, co-organisers, speakers, contacts."""
    order = [role.value for role in Role]
    return sorted(found, key=lambda person: (order.index(person.role), person.rank, person.id))


def bodies(found: Iterable[ProposalPerson]) -> list[Body]:
    """The organising bodies of these people."""
    writers = [person for person in found if person.role in rules.WRITERS and person.answer != Answer.DECLINED]
    return rules.bodies(
        (body_key(person), person.organisation_name, person.sector, person.country, person.is_writer) for person in writers
    )


def body_key(person: ProposalPerson) -> str:
    """Which people come for the same body: by the directory, else by the name as compared."""
    return f"#{person.organisation_id}" if person.organisation_id else text.fold(person.organisation_name)


def version(proposal_id: int, number: int) -> ProposalVersion | None:
    """One version that was sent."""
    query = select(ProposalVersion).where(ProposalVersion.proposal_id == proposal_id, ProposalVersion.number == number)
    return db.session.scalar(query)


def versions(proposal_id: int) -> list[tuple[ProposalVersion, Person]]:
    """What was sent, the newest first, each with who sent it."""
    query = select(ProposalVersion, Person).join(Person, Person.id == ProposalVersion.sent_by_id)
    rows = db.session.execute(query.where(ProposalVersion.proposal_id == proposal_id).order_by(ProposalVersion.number.desc()))
    return [(one, person) for one, person in rows]


def edits(part_id: int) -> list[tuple[ProposalEdit, Person]]:
    """How a part came to be, the newest first, each with who wrote it."""
    query = select(ProposalEdit, Person).join(Person, Person.id == ProposalEdit.changed_by_id)
    rows = db.session.execute(query.where(ProposalEdit.part_id == part_id).order_by(ProposalEdit.revision.desc()))
    return [(edit, person) for edit, person in rows]
