"""What is in the table of participants? The same people as on the page; never access or dietary needs."""

from __future__ import annotations

from collections.abc import Iterator

from eventreg.core import audit
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.questions.conditions import given_values
from eventreg.core.questions.shape import Question
from eventreg.core.tables import instant
from eventreg.events.models import Event
from eventreg.manage import queries
from eventreg.manage.filters import Order, ParticipantFilter
from eventreg.registration import needs
from eventreg.registration import queries as registrations
from eventreg.registration.models import Registration

# Stable: an import of this table relies on the names. Dates are ISO 8601, instants UTC, lists are joined by one blank.
PARTICIPANT_COLUMNS = (
    "code", "name_latin", "name_arabic", "email", "phone", "organisation", "sector", "category", "country",
    "position", "days", "languages", "lang", "state", "address_confirmed", "registered_at", "confirmed_at", "ended_at",
    "visa_letter", "photo_consent", "contact_consent",
)  # fmt: skip


OWN_COLUMN = "q:"  # before the short name of an organiser's own question


def columns(event_id: int) -> tuple[str, ...]:
    """The columns of this meeting: those of every meeting, then its own questions but for the sensitive ones."""
    return PARTICIPANT_COLUMNS + tuple(OWN_COLUMN + question.code for question in _own(event_id))


def _own(event_id: int) -> list[Question]:
    return [question for question in registrations.form_of(event_id).own() if not question.is_sensitive]


def participants(
    event_id: int, wanted: ParticipantFilter | None = None, *, order: Order | None = None, lang: str = "en"
) -> Iterator[tuple[str, ...]]:
    """The rows of `columns` as the database gives them; in order of registration unless told otherwise."""
    own = _own(event_id)
    in_order = queries.in_order(event_id, wanted or ParticipantFilter(), order=order or Order("registered"), lang=lang)
    for registration, email in in_order:
        yield row(registration, email) + tuple(" ".join(given_values(registration.answers.get(q.code))) for q in own)


def row(registration: Registration, email: str) -> tuple[str, ...]:
    """One person as PARTICIPANT_COLUMNS tell them."""
    return (
        registration.code, registration.name_latin, registration.name_arabic, email, registration.phone,
        registration.organisation_name, registration.sector, registration.category, registration.country,
        registration.position, " ".join(registration.days), " ".join(registration.languages), registration.lang,
        registration.state, yes(registration.address_confirmed_at is not None), instant(registration.registered_at),
        instant(registration.confirmed_at), instant(registration.ended_at), yes(registration.wants_visa_letter),
        yes(registration.consents_photo), yes(registration.consents_contact),
    )  # fmt: skip


def yes(value: bool) -> str:
    """A yes or no as tables to take away write it."""
    return "yes" if value else "no"


def record_export(event_id: int, wanted: ParticipantFilter, *, kind: str, by: Actor) -> int:
    """Write down who took which part of the list out of the house; how many rows that is.

    The words of the search box may be a name, so the chain keeps only that there were some.
    """
    with transaction():
        rows = queries.how_many(event_id, wanted)
        facts = {"filter": wanted.without("q").without("organisation").as_args(), "rows": rows, "kind": kind}
        facts["is_searched"] = bool(wanted.q or wanted.organisation)
        event = db.session.get_one(Event, event_id)
        audit.record("participants.exported", event, event_id=event_id, actor=by, facts=facts)
        if wanted.needs:
            needs.listed(event_id, kind=kind, rows=rows, by=by)
        return rows
