"""Who stands behind a proposal: the bodies, co-organisers who accept or decline, speakers and contacts who are named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from eventreg.core import audit, countries, limits, links, text, tokens
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.trilingual import LANGS
from eventreg.events.models import Event
from eventreg.people import organisations
from eventreg.people import rules as people_rules
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.proposals import mails, notes, queries, rules, services
from eventreg.proposals.models import Proposal, ProposalPerson
from eventreg.proposals.rules import Answer, Role, State

MOST_EACH = {Role.CO_ORGANISER: 10, Role.SPEAKER: 12, Role.CONTACT: 5}
INVITATIONS_PER_DAY = 40  # of one person: an address book is no list of co-organisers
REMIND_EVERY = timedelta(days=2)
POSITION_LIMIT = 120

Raw = Mapping[str, Any]


class Wrong(Refused):
    """What was typed about somebody does not hold; `problems` maps each field to its refusal."""

    def __init__(self, problems: dict[str, Refusal]) -> None:
        super().__init__(Refusal("proposal.person_wrong"))
        self.problems = problems


@dataclass(frozen=True)
class Described:
    """Somebody as typed, cleaned. `organisation_id` is set for a body of the directory, whose sector then counts."""

    name: str
    email: str
    email_key: str
    position: str
    organisation_id: int | None
    organisation_name: str
    sector: str
    country: str
    lang: str


Recognise = Callable[[Raw, Mapping[str, Any]], "organisations.Found | None"]


def described(raw: Raw, role: Role, *, is_whole: bool = True, recognise: Recognise | None = None) -> Described:
    """Judge what was typed about somebody. Raises Wrong with all problems by field.

    The lead and co-organisers come for a body with its sector and country; a co-organiser has an address to be invited at.
    Not `is_whole`: name and body may come later. `recognise` finds the body for those who ask for many at once.
    """
    problems: dict[str, Refusal] = {}
    values: dict[str, Any] = {}

    def take(field: str, judge: Any) -> None:
        try:
            values[field] = judge()
        except Refused as error:
            values[field] = ""
            problems[field] = error.refusal

    is_writer = is_whole and role in rules.WRITERS
    take("name", lambda: _name(_line(raw, "name"), is_needed=is_whole and role is not Role.CO_ORGANISER))
    take("email", lambda: _email(_line(raw, "email"), is_needed=role is Role.CO_ORGANISER))
    take("position", lambda: _within(_line(raw, "position"), POSITION_LIMIT))
    take("organisation_name", lambda: _organisation(_line(raw, "organisation_name"), is_needed=is_writer))
    take("country", lambda: _country(_line(raw, "country"), is_needed=is_writer))
    found = (recognise or _recognised)(raw, values)
    take("sector", lambda: found.sector if found else _sector(_line(raw, "sector"), is_needed=is_writer))
    if problems:
        raise Wrong(problems)
    email = values["email"] or people_rules.NO_ADDRESS
    lang = raw.get("lang")
    return Described(
        values["name"], email.address, email.key, values["position"], found.id if found else None,
        values["organisation_name"], values["sector"], values["country"], lang if lang in LANGS else "",
    )  # fmt: skip


def _recognised(raw: Raw, values: Mapping[str, Any]) -> organisations.Found | None:
    if not values["organisation_name"]:
        return None
    return organisations.recognised(_line(raw, "organisation_code"), values["organisation_name"], values["country"])


def _line(raw: Raw, field: str) -> str:
    value = raw.get(field)
    return text.clean_line(value) if isinstance(value, str) else ""


def _name(typed: str, *, is_needed: bool) -> str:
    if not typed:
        if is_needed:
            raise Refused(Refusal("proposal.name_missing"))
        return ""
    return people_rules.clean_name(typed)


def _email(typed: str, *, is_needed: bool) -> people_rules.Email | None:
    return people_rules.email_address(typed) if typed or is_needed else None


def _within(value: str, limit: int) -> str:
    if text.graphemes(value) > limit:
        raise Refused(Refusal("answers.too_long", {"limit": limit, "length": text.graphemes(value)}))
    return value


def _organisation(typed: str, *, is_needed: bool) -> str:
    if not typed:
        if is_needed:
            raise Refused(Refusal("answers.organisation_missing"))
        return ""
    return people_rules.clean_organisation(typed)


def _country(typed: str, *, is_needed: bool) -> str:
    code = typed.upper()
    if not countries.is_country(code) and (code or is_needed):
        raise Refused(Refusal("proposal.country_missing"))
    return code


def _sector(typed: str, *, is_needed: bool) -> str:
    if typed not in people_rules.SECTORS and (typed or is_needed):
        raise Refused(Refusal("proposal.sector_missing"))
    return typed


# ---- what the lead does ----------------------------------------------------------------------------------------------


def describe_lead(proposal_id: int, raw: Raw, *, by: int) -> None:
    """Say for which body the lead stands, and what they are called. Raises Wrong, Refused."""
    given = described({**raw, "email": ""}, Role.LEAD)
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal = _led(proposal_id, by, now)
        lead = next(person for person in queries.people(proposal_id) if person.role == Role.LEAD)
        before = lead.organisation_name
        write(lead, given)
        services.refresh(proposal, queries.offer(proposal.event_id))
        proposal.changed_at = now
        _record("proposal.lead_described", proposal, by, personal={"organisation": (before or None, given.organisation_name)})


def invite(proposal_id: int, raw: Raw, *, by: int) -> ProposalPerson:
    """Ask somebody to co-organise, by mail. Raises Wrong, Refused: already there, too many."""
    given = described(raw, Role.CO_ORGANISER)
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal = _led(proposal_id, by, now)
        day = timedelta(days=1)
        limits.check("co-organiser", str(by), now=now, limit=INVITATIONS_PER_DAY, per=day)
        limits.hit("co-organiser", str(by), now=now)
        invited = _add(proposal, given, Role.CO_ORGANISER, Answer.INVITED, by=by, now=now)
        invited.lang = given.lang or proposal.lang
        _mail(invited, proposal, by=by, now=now)
        services.refresh(proposal, queries.offer(proposal.event_id))
        _record("proposal.co_organiser_invited", proposal, by, personal={"organisation": (None, given.organisation_name)})
        return invited


def name(proposal_id: int, raw: Raw, role: Role, *, by: int) -> ProposalPerson:
    """Name a speaker or a contact; nobody is written to. Raises Wrong, Refused."""
    given = described(raw, role)
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal = services.writable(proposal_id, by, now)
        person = _add(proposal, given, role, Answer.NAMED, by=by, now=now)
        services.refresh(proposal, queries.offer(proposal.event_id))
        _record("proposal.person_named", proposal, by, facts={"role": role}, personal={"name": (None, given.name)})
        return person


def remove(proposal_id: int, code: str, *, by: int) -> None:
    """Take somebody out again; a co-organiser's access ends at once. Raises Refused."""
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal = services.writable(proposal_id, by, now)
        person = _one(proposal, code)
        if person.role == Role.LEAD or (person.role == Role.CO_ORGANISER and proposal.lead_id != by):
            raise Refused(Refusal("proposal.lead_sends"))
        person.answer, person.answered_at = Answer.REMOVED, now
        links.revoke("co_organiser", person.code, now, event_id=proposal.event_id)
        db.session.flush()
        services.refresh(proposal, queries.offer(proposal.event_id))
        personal = {"name": (person.name or person.organisation_name, None)}
        _record("proposal.person_removed", proposal, by, facts={"role": person.role}, personal=personal)


def remind(proposal_id: int, code: str, *, by: int) -> None:
    """Write to an invited co-organiser once more, at most every two days. Raises Refused."""
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal = _led(proposal_id, by, now)
        person = _one(proposal, code)
        if person.answer != Answer.INVITED:
            raise Refused(Refusal("proposal.answered_already"))
        if now - (person.reminded_at or person.added_at) < REMIND_EVERY:
            raise Refused(Refusal("proposal.reminded_lately"))
        person.reminded_at = now
        _mail(person, proposal, by=by, now=now, is_reminder=True)
        _record("proposal.co_organiser_reminded", proposal, by)


def _led(proposal_id: int, person_id: int, now: datetime) -> Proposal:
    """The proposal, for its lead who may write it now. Raises Refused."""
    proposal = services.writable(proposal_id, person_id, now)
    if proposal.lead_id != person_id:
        raise Refused(Refusal("proposal.lead_sends"))
    return proposal


def _one(proposal: Proposal, code: str) -> ProposalPerson:
    found = next((person for person in queries.people(proposal.id) if person.code == code), None)
    if found is None:
        raise Refused(Refusal("proposal.no_such_person"))
    return found


def _add(
    proposal: Proposal, given: Described, role: Role, answer: Answer, *, by: int, now: datetime
) -> ProposalPerson:
    there = queries.people(proposal.id)
    same_role = [person for person in there if person.role == role]
    writers = [person for person in there if person.role in rules.WRITERS]
    clashing = writers if role is Role.CO_ORGANISER else same_role
    if given.email_key and any(person.email_key == given.email_key and person.answer != Answer.DECLINED for person in clashing):
        raise Wrong({"email": Refusal("proposal.already_there")})
    if len(same_role) >= MOST_EACH[role]:
        raise Refused(Refusal("proposal.too_many_people", {"limit": MOST_EACH[role]}))
    last = select(func.max(ProposalPerson.rank)).where(ProposalPerson.proposal_id == proposal.id)
    person = ProposalPerson(
        code=tokens.short_code("PP"), proposal_id=proposal.id, role=role, answer=answer, added_at=now, added_by_id=by,
        rank=1 + (db.session.scalar(last) or 0),
    )  # fmt: skip
    write(person, given)
    db.session.add(person)
    db.session.flush()
    proposal.changed_at = now
    return person


def write(person: ProposalPerson, given: Described) -> None:
    """Write down what was said about somebody. Inside the running transaction."""
    person.name, person.position = given.name, given.position
    if person.role != Role.LEAD:
        person.email, person.email_key = given.email, given.email_key
    person.organisation_id, person.organisation_name = given.organisation_id, given.organisation_name
    person.sector, person.country = given.sector, given.country


def _mail(invited: ProposalPerson, proposal: Proposal, *, by: int, now: datetime, is_reminder: bool = False) -> None:
    event, lead = db.session.get_one(Event, proposal.event_id), db.session.get_one(Person, by)
    own = queries.writer(proposal.id, by)
    inviter = own.name if own is not None and own.name else lead.name_in(invited.lang)
    if own is not None and own.organisation_name:
        inviter = f"{inviter} ({own.organisation_name})"
    mails.co_organiser_invited(invited, proposal, event, inviter=inviter, now=now, is_reminder=is_reminder)


def _record(
    action: str, proposal: Proposal, by: int, *, facts: Mapping[str, Any] | None = None,
    personal: Mapping[str, tuple[str | None, str | None]] | None = None,
) -> None:  # fmt: skip
    actor = people.actor_of(db.session.get_one(Person, by))
    audit.record(action, proposal, event_id=proposal.event_id, actor=actor, facts=facts, personal=personal)


# ---- what the invited one does ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Invitation:
    """An invitation to co-organise, as its link opens it."""

    person: ProposalPerson
    proposal: Proposal


def invitation(event_id: int, code: str) -> Invitation | None:
    """The invitation with this code in this meeting."""
    query = select(ProposalPerson, Proposal).join(Proposal, Proposal.id == ProposalPerson.proposal_id)
    row = db.session.execute(query.where(Proposal.event_id == event_id, ProposalPerson.code == code)).first()
    return Invitation(row[0], row[1]) if row else None


def answer(event_id: int, code: str, *, accepts: bool) -> Person | None:
    """Accept or decline. Accepting makes them a co-organiser, who may read and write; the person, None when they decline.

    Changing one's mind works as long as the proposal lives. Raises Refused (proposal.invitation_over).
    """
    with transaction(queue=("call", event_id)) as now:
        found = invitation(event_id, code)
        gone = (State.WITHDRAWN, State.MERGED)
        if found is None or found.person.answer == Answer.REMOVED or found.proposal.state in gone:
            raise Refused(Refusal("proposal.invitation_over"))
        invited, proposal = found.person, found.proposal
        person = people.find_or_create(people_rules.email_address(invited.email), lang=invited.lang or proposal.lang)
        before = invited.answer
        invited.answer = Answer.ACCEPTED if accepts else Answer.DECLINED
        invited.person_id = person.id if accepts else None
        if before != invited.answer:
            invited.answered_at = proposal.changed_at = now
            if accepts and not invited.name:
                invited.name = person.name_in(invited.lang)
            db.session.flush()
            services.refresh(proposal, queries.offer(event_id))
            actor, facts = people.actor_of(person), {"answer": invited.answer}
            audit.record("proposal.co_organiser_answered", proposal, event_id=event_id, actor=actor, facts=facts)
            mails.co_organiser_answered(invited, proposal, db.session.get_one(Event, event_id), now=now)
            notes.bodies_changed(proposal, invited, now=now)
        return person if accepts else None


def describe_self(proposal_id: int, raw: Raw, *, by: int) -> None:
    """A co-organiser says their name and position themselves. Raises Wrong, Refused."""
    with transaction(queue=("proposal", proposal_id)) as now:
        services.writable(proposal_id, by, now)
        me = queries.writer(proposal_id, by)
        if me is None:
            raise Refused(Refusal("proposal.not_yours"))
        known = {"organisation_name": me.organisation_name, "country": me.country, "sector": me.sector, "email": me.email}
        given = described({**raw, **known}, Role.SPEAKER)
        me.name, me.position = given.name, given.position
