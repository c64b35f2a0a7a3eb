"""How is a judged row about a person written, and how is it taken back?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from eventreg.core.audit import Actor
from eventreg.core.db import db
from eventreg.core.refusals import Refused
from eventreg.events.models import Event
from eventreg.imports.models import ImportBatch, ImportRow
from eventreg.imports.rules import Told, Verdict
from eventreg.people.models import Organisation, Person
from eventreg.people.rules import NO_ADDRESS, email_address
from eventreg.registration import changes, entering
from eventreg.registration.entering import Entry
from eventreg.registration.models import Needs, Registration
from eventreg.registration.rules import Answers, State

Pairs = Sequence[tuple[ImportRow, Verdict]]


def write(batch: ImportBatch, event: Event, pairs: Pairs, *, now: datetime, by: Actor) -> None:
    """Enter the new people and change those whom the rows change. Inside the event's transaction."""
    new = [(row, verdict) for row, verdict in pairs if row.outcome == "new"]
    entries = [_entry(verdict.values, event) for _row, verdict in new]
    made = entering.enter(event, entries, now=now, by=by, sends_mail=bool(batch.choices.get("sends_mail"))) if entries else []
    for (row, _verdict), registration in zip(new, made, strict=True):
        row.done, row.ref, row.undo = "applied", registration.code, {"state": registration.state}
        row.waited, row.stamp = registration.state == State.WAITLISTED, registration.changed_at.isoformat()
    for row, verdict in pairs:
        if row.outcome == "changed":
            _change(row, verdict, event, now=now, by=by)


def _entry(values: dict[str, Any], event: Event) -> Entry:
    """A new person's answers; what the file does not say is not known, and they are expected on every day."""
    lang = values.get("lang") or event.default_lang
    answers = Answers(
        email=values.get("email", NO_ADDRESS), name_latin=values.get("name_latin", ""), name_arabic=values.get("name_arabic", ""),
        country=values["country"], organisation_name=values.get("organisation_name", ""), organisation_code="",
        sector=values["sector"], position=values.get("position", ""), phone=values.get("phone", ""),
        days=values.get("days") or tuple(day.isoformat() for day in event.days), languages=values.get("languages", ()),
        access="", diet="",
        wants_visa_letter=values.get("wants_visa_letter", False), consents_photo=values.get("consents_photo", False),
        consents_contact=values.get("consents_contact", False), own=values.get("own", {}), judged=frozenset(values.get("own", {})),
    )  # fmt: skip
    return Entry(answers, values["category"], lang)


def _change(row: ImportRow, verdict: Verdict, event: Event, *, now: datetime, by: Actor) -> None:
    registration: Registration = verdict.found
    before = entering.kept(registration)
    try:
        with db.session.begin_nested():
            entering.amend(registration, event, _amended(registration, verdict.values), now=now, by=by)
    except Refused as refused:
        row.done = "left"
        row.told = [*row.told, Told("error", refused.refusal).as_list()]
        return
    row.done, row.undo, row.stamp = "applied", before, registration.changed_at.isoformat()


def _amended(registration: Registration, values: dict[str, Any]) -> Entry:
    """The answers on record with those of the file over them; needs stay as they are."""
    person = db.session.get_one(Person, registration.person_id)
    code = select(Organisation.code).where(Organisation.id == registration.organisation_id)
    known = db.session.scalar(code) if registration.organisation_id and "organisation_name" not in values else ""
    held = {
        "email": email_address(person.email) if person.email else NO_ADDRESS, "organisation_code": known or "",
        "access": "", "diet": "", "days": tuple(registration.days), "languages": tuple(registration.languages),
    }  # fmt: skip
    names = (
        "name_latin", "name_arabic", "country", "organisation_name", "sector", "position", "phone", "wants_visa_letter",
        "consents_photo", "consents_contact",
    )  # fmt: skip
    held |= {name: getattr(registration, name) for name in names}
    fields = {name: value for name, value in values.items() if name not in ("lang", "category", "own")}
    fields |= {"own": values.get("own", {}), "judged": frozenset(values.get("own", {}))}
    category = values.get("category", registration.category)
    answers = changes.with_needs(Answers(**(held | fields)), db.session.get(Needs, registration.id))
    return Entry(answers, category, values.get("lang", registration.lang))


def take_back(row: ImportRow, event: Event, *, now: datetime, by: Actor) -> bool:
    """Undo one row; False when somebody has changed the registration since."""
    query = select(Registration).where(Registration.event_id == event.id, Registration.code == row.ref)
    registration = db.session.scalar(query.execution_options(populate_existing=True))
    if registration is None:
        return row.outcome == "new"
    if registration.changed_at.isoformat() != row.stamp:
        return False
    undo = row.undo or {}
    if row.outcome == "changed":
        entering.put_back(registration, event, undo, now=now, by=by)
        return True
    if registration.state != undo.get("state") or registration.address_confirmed_at is not None:
        return False
    entering.take_back(registration, event, now=now, by=by)
    return True
