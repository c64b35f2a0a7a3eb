"""What organisers do with somebody's registration: give a category, leave a note for the door, mail them again."""

from __future__ import annotations

from eventreg.core import audit, text
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.registration import changes, mails, queries, rules
from eventreg.registration.models import Registration

NOTE_LIMIT = 140  # characters: what a volunteer reads at a glance


def give_category(registration_id: int, category: str, *, by: Actor) -> Registration:
    """Count a person under another category, also guest, press or organising team; their place moves with them.

    Raises Refused (registration.wrong_state, registration.limit_full, registration.answer_offer_first).
    """
    event_id = db.session.get_one(Registration, registration_id).event_id
    with transaction(queue=("event", event_id)) as now:
        registration = db.session.get_one(Registration, registration_id)
        before = registration.category
        if category == before:
            return registration
        if registration.state not in rules.LIVE:
            raise Refused(Refusal("registration.wrong_state", {"state": registration.state}))
        event = db.session.get_one(Event, event_id)
        claimed = queries.claims_of(registration)
        registration.category, registration.changed_at = category, now
        changes.claim_anew(registration, event, claimed, now=now)
        facts = {"before": before, "after": category}
        audit.record("registration.category_given", registration, event_id=event_id, actor=by, facts=facts)
        return registration


def note_for_door(registration_id: int, note: str, *, by: Actor) -> Registration:
    """Leave what the door shall say when this person comes; '' takes it away. Raises Refused (answers.too_long)."""
    note = text.clean_line(note)
    if text.graphemes(note) > NOTE_LIMIT:
        raise Refused(Refusal("answers.too_long", {"limit": NOTE_LIMIT, "length": text.graphemes(note)}))
    with transaction() as now:
        registration = db.session.get_one(Registration, registration_id)
        before = registration.door_note
        if note == before:
            return registration
        registration.door_note, registration.changed_at = note, now
        audit.record(
            "registration.door_note", registration, event_id=registration.event_id, actor=by,
            facts={"is_empty": not note}, personal={"door_note": (before, note)},
        )  # fmt: skip
        return registration


def send_confirmation_again(registration_id: int, *, by: Actor) -> Registration:
    """Mail them once more where they stand, with a new link and, when confirmed, their ticket.

    Raises Refused (registration.wrong_state, manage.no_address).
    """
    with transaction() as now:
        registration = db.session.get_one(Registration, registration_id)
        if registration.state not in rules.LIVE:
            raise Refused(Refusal("registration.wrong_state", {"state": registration.state}))
        if not db.session.get_one(Person, registration.person_id).email_ascii:
            raise Refused(Refusal("manage.no_address"))
        event = db.session.get_one(Event, registration.event_id)
        mails.where_you_stand(registration, event, now=now)
        audit.record("registration.mailed_again", registration, event_id=event.id, actor=by)
        return registration
