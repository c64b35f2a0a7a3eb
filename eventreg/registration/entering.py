"""What organisers enter for others: people with their place, changes of what they entered, and both taken back.

Everything here runs inside the caller's transaction of the event's queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from eventreg.core import audit, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db
from eventreg.events.models import Event
from eventreg.people import organisations
from eventreg.people import services as people
from eventreg.people.models import Account, Grant, Person, SignIn
from eventreg.registration import asking, changes, mails, places, queries, rules
from eventreg.registration.asking import Dropped
from eventreg.registration.models import Needs, Registration, Ticket, WaitingEntry
from eventreg.registration.rules import Answers, State

# The columns that an entered change may touch, and that are put back when it is taken back.
KEPT = (
    "name_latin", "name_arabic", "organisation_id", "organisation_name", "sector", "category", "position", "country",
    "phone", "lang",
    "days", "languages", "answers", "wants_visa_letter", "consents_photo", "consents_contact", "consent_version", "search_key",
    "sort_latin", "sort_arabic",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """Answers as somebody else gives them: the category may be one that nobody chooses for themselves."""

    answers: Answers
    category: str
    lang: str


def enter(event: Event, entries: Sequence[Entry], *, now: datetime, by: Actor, sends_mail: bool) -> list[Registration]:
    """Register people whom an organiser names: with a place while there is one, else on the waiting list, in order.

    The deadline does not apply to organisers; that it was over is written down (R9). None of them may be registered yet.
    """
    people_ = people.find_or_create_all([(e.answers.email, e.lang, e.answers.name_latin, e.answers.name_arabic) for e in entries])
    codes = _free_codes(event.id, len(entries))
    known = organisations.recognised_all([(e.answers.organisation_name, e.answers.country) for e in entries])
    made = []
    for entry, person, code, organisation in zip(entries, people_, codes, known, strict=True):
        registration = Registration(
            event_id=event.id, person_id=person.id, code=code, state=State.SUBMITTED, is_entered=True, registered_at=now,
            passed_deadline=now >= event.closes_at,
        )  # fmt: skip
        changes.write_known(registration, entry.answers, organisation, lang=entry.lang, now=now)
        registration.category = entry.category
        made.append(registration)
    db.session.add_all(made)
    db.session.flush()
    places.place_all(made, event, now=now)
    _record(made, event, by=by)
    if sends_mail:
        for registration in made:
            mails.where_you_stand(registration, event, now=now)
    return made


def _free_codes(event_id: int, number: int) -> list[str]:
    found: list[str] = []
    while len(found) < number:
        some = {tokens.short_code("R") for _n in range(number - len(found))} - set(found)
        query = select(Registration.code).where(Registration.event_id == event_id, Registration.code.in_(some))
        found += sorted(some - set(db.session.scalars(query)))
    return found


def _record(made: Sequence[Registration], event: Event, *, by: Actor) -> None:
    deeds = [
        audit.Deed(
            row,
            {"state": row.state, "category": row.category, "country": row.country, "passed_deadline": row.passed_deadline},
            {
                "name_latin": (None, row.name_latin), "name_arabic": (None, row.name_arabic),
                "organisation": (None, row.organisation_name),
            },
        )
        for row in made
    ]  # fmt: skip
    audit.record_many("registration.entered", deeds, event_id=event.id, actor=by)


def amend(registration: Registration, event: Event, entry: Entry, *, now: datetime, by: Actor) -> None:
    """Write other answers and another category into a live registration; its place moves with it.

    Raises Refused (registration.limit_full, registration.answer_offer_first); the caller rolls back to a savepoint.
    """
    changes.apply_answers(registration, event, entry.answers, lang=entry.lang, now=now, by=by)
    if registration.category != entry.category:
        claimed, before = queries.claims_of(registration), registration.category
        registration.category = entry.category
        changes.claim_anew(registration, event, claimed, now=now)
        facts = {"before": before, "after": entry.category}
        audit.record("registration.category_given", registration, event_id=event.id, actor=by, facts=facts)


def kept(registration: Registration) -> dict[str, Any]:
    """What an entered change may touch, as it is now: JSON values."""
    needs = db.session.get(Needs, registration.id)
    apart = {"apart": needs.answers} if needs is not None and needs.answers else {}
    return {name: getattr(registration, name) for name in KEPT} | {"changed_at": registration.changed_at.isoformat()} | apart


def put_back(registration: Registration, event: Event, before: dict[str, Any], *, now: datetime, by: Actor) -> None:
    """Restore what `kept` told before a change. Raises Refused where the former answers have no place any more."""
    claimed = queries.claims_of(registration)
    own, own_before = changes.own_seen(registration.answers), changes.own_seen(before["answers"])
    told = {name: (own.get(name), own_before.get(name)) for name in {**own, **own_before} if own.get(name) != own_before.get(name)}
    for name in KEPT:
        held = getattr(registration, name)
        if held != before[name] and name not in _DERIVED:
            told[name] = (str(held), str(before[name]))
        setattr(registration, name, before[name])
    registration.answers = {}
    today = now.astimezone(ZoneInfo(event.zone)).date()
    asking.bring_back(registration, Dropped(before["answers"], before.get("apart", {})), today=today)
    changes.claim_anew(registration, event, claimed, now=now)
    registration.changed_at = datetime.fromisoformat(before["changed_at"])
    facts = {"changed": sorted(told)}
    audit.record("registration.put_back", registration, event_id=event.id, actor=by, facts=facts, personal=told)


_DERIVED = {"organisation_id", "answers", "consent_version", "search_key", "sort_latin", "sort_arabic"}


def take_back(registration: Registration, event: Event, *, now: datetime, by: Actor) -> None:
    """Remove a registration that was entered: its place and its code are free, nothing of it stays but its lines in the record."""
    if registration.state in rules.LIVE:
        places.leave(registration, event, state=State.CANCELLED, reason="", now=now, by=by)
    audit.record("registration.taken_back", registration, event_id=event.id, actor=by)
    db.session.flush()
    for table in (Ticket, WaitingEntry, Needs):
        db.session.execute(delete(table).where(table.registration_id == registration.id))
    person_id = registration.person_id
    db.session.delete(registration)
    db.session.flush()
    _forget(person_id, since=registration.registered_at)


def _forget(person_id: int, *, since: datetime) -> None:
    """Remove the person, too, if they came with the registration and are nothing else here."""
    person = db.session.get_one(Person, person_id)
    if person.created_at < since or person.email_confirmed_at is not None:
        return
    for column in (Registration.person_id, Grant.person_id, Account.person_id, SignIn.person_id):
        if db.session.scalar(select(column).where(column == person_id).limit(1)) is not None:
            return
    db.session.delete(person)
    db.session.flush()
