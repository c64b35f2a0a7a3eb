"""Reads about badges that several pages need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from eventreg.badges import rules
from eventreg.badges.models import Batch, Print
from eventreg.badges.rules import Counts, Holder
from eventreg.core import text
from eventreg.core.db import db
from eventreg.core.i18n import Text
from eventreg.core.jobs import Job
from eventreg.people.models import Organisation, Person
from eventreg.registration.models import Registration, Ticket
from eventreg.registration.rules import State


@dataclass(frozen=True)
class BatchLine:
    """A batch for the list: `job` is None when it was printed from the command line."""

    number: int
    layout: str
    count: int
    reason: str
    created_at: datetime
    by: Person | None
    job: Job | None


@dataclass(frozen=True)
class PrintLine:
    """One badge on paper; `is_live` tells whether its code still opens doors."""

    batch: int
    printed_at: datetime
    reason: str
    is_live: bool


_COLUMNS = (
    Registration.id, Registration.code, Registration.name_latin, Registration.name_arabic, Registration.lang,
    Registration.organisation_name, Registration.country, Registration.category, Registration.search_key,
    Registration.sort_latin, Registration.sort_arabic, Ticket.id.label("ticket_id"), Ticket.token,
    Organisation.name.label("known_as"), Print.ticket_id.label("printed_ticket_id"), Print.face_hash,
)  # fmt: skip


def holders(event_id: int) -> list[Holder]:
    """Every confirmed participant with a live code and what was last printed for them: one statement."""
    return [_holder(row) for row in db.session.execute(_held(event_id, *_COLUMNS))]


def _held(event_id: int, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Live codes of confirmed participants beside their last print, if any."""
    last = (
        select(func.max(Print.id).label("id"), Print.registration_id)
        .join(Batch, Batch.id == Print.batch_id)
        .where(Batch.event_id == event_id)
        .group_by(Print.registration_id)
        .subquery()
    )
    return (
        select(*columns)
        .select_from(Registration)
        .join(Ticket, (Ticket.registration_id == Registration.id) & Ticket.revoked_at.is_(None))
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .outerjoin(last, last.c.registration_id == Registration.id)
        .outerjoin(Print, Print.id == last.c.id)
        .where(Registration.event_id == event_id, Registration.state == State.CONFIRMED)
    )


def _holder(row: Any) -> Holder:
    own, other = (row.name_arabic, row.name_latin) if row.lang == "ar" else (row.name_latin, row.name_arabic)
    return Holder(
        registration_id=row.id, code=row.code, ticket_id=row.ticket_id, token=row.token, name_own=own or other,
        name_other=other if own and other != own else "", organisation=row.organisation_name,
        organisation_other=_in_other_script(row.organisation_name, row.known_as, lang=row.lang), country=row.country,
        category=row.category, lang=row.lang, search_key=row.search_key, sort_latin=row.sort_latin,
        sort_arabic=row.sort_arabic, printed_ticket_id=row.printed_ticket_id, printed_hash=row.face_hash,
    )  # fmt: skip


def _in_other_script(typed: str, known_as: Text | None, *, lang: str) -> str:
    """The directory's name in the script in which the organisation was not typed; '' when there is none."""
    if not known_as:
        return ""
    if text.script_of(typed) != "arabic":
        return known_as.ar
    return known_as.en or known_as.fr if lang == "en" else known_as.fr or known_as.en


def counts(event_id: int) -> Counts:
    """How many badges are printed, new and changed: one statement. `.fresh` is what the next print is for."""
    return rules.counts(holders(event_id))


def fresh(event_id: int) -> int:
    """`counts(event_id).fresh` in two statements that read only those who changed something since their last print.

    What a badge says changes together with `changed_at`; since a batch prints what it finds after it was asked for,
    nobody who has not changed since then can look different.
    """
    is_missing = or_(Print.id.is_(None), Print.ticket_id != Ticket.id)
    missing = db.session.scalar(_held(event_id, func.count()).where(is_missing)) or 0
    touched = _held(event_id, *_COLUMNS).join(Batch, Batch.id == Print.batch_id)
    touched = touched.where(Print.ticket_id == Ticket.id, Registration.changed_at >= Batch.created_at)
    return missing + rules.counts(_holder(row) for row in db.session.execute(touched)).changed


def batches(event_id: int, *, limit: int = 50) -> list[BatchLine]:
    """The latest batches, newest first: one statement."""
    query = (
        select(Batch, Person, Job)
        .outerjoin(Person, Person.id == Batch.created_by_id)
        .outerjoin(Job, Job.id == Batch.job_id)
        .where(Batch.event_id == event_id)
        .order_by(Batch.number.desc())
        .limit(limit)
    )
    return [
        BatchLine(batch.number, batch.layout, batch.count, batch.reason, batch.created_at, person, job)
        for batch, person, job in db.session.execute(query)
    ]


def batch_of_job(job_id: int) -> Batch | None:
    """The batch that a job prints."""
    return db.session.scalar(select(Batch).where(Batch.job_id == job_id))


def prints_of(registration_id: int) -> list[PrintLine]:
    """Every badge that was printed for a registration, newest first."""
    query = (
        select(Batch.number, Print.printed_at, Batch.reason, Ticket.revoked_at)
        .join(Batch, Batch.id == Print.batch_id)
        .join(Ticket, Ticket.id == Print.ticket_id)
        .where(Print.registration_id == registration_id)
        .order_by(Print.id.desc())
    )
    return [PrintLine(number, at, reason, revoked is None) for number, at, reason, revoked in db.session.execute(query)]


def is_printed(ticket_id: int) -> bool:
    """Whether this very code is on paper."""
    return db.session.scalar(select(Print.id).where(Print.ticket_id == ticket_id).limit(1)) is not None
