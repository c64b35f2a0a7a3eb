"""What people do with badges: print a batch, print one again. A badge counts as printed when its file is complete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from eventreg.badges import queries, rules
from eventreg.badges.models import Batch, Print
from eventreg.badges.rules import Holder, Where
from eventreg.core import audit, jobs
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.jobs import Job
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.registration import mails, places
from eventreg.registration.models import Registration
from eventreg.registration.rules import State

JOB_KIND = "badges.batch"


@dataclass(frozen=True)
class Printing:
    """A batch and the job that prints it; no job on the command line, where it is printed at once."""

    batch: Batch
    job: Job | None


def print_batch(event_id: int, layout: str, *, where: Where, by: Person) -> Printing:
    """Queue the printing of the badges that `where` asks for, under the event's next batch number.

    Raises Refused (badges.unknown_layout, badges.nothing_to_print); no number is used up then.
    """
    _check_layout(layout)
    with transaction(queue=("event", event_id)) as now:
        count = len(rules.selected(queries.holders(event_id), where))
        if not count:
            raise Refused(Refusal("badges.nothing_to_print"))
        batch = _new_batch(event_id, layout, where.as_dict(), count=count, now=now, by=by)
        facts = {"number": batch.number, "layout": layout, "which": where.which, "count": count}
        audit.record(
            "badges.batch_asked", _named(batch), event_id=event_id, actor=people.actor_of(by, "organiser"), facts=facts
        )
        return Printing(batch, _queued(batch, by=by, now=now))


def reprint(registration_id: int, reason: str, *, by: Person, layout: str = "a6") -> Printing:
    """Print a lost or wrong badge again with a new code, kill the former code and mail the new ticket.

    Raises Refused (badges.reason_required, badges.reason_too_long, badges.unknown_layout, badges.not_confirmed).
    """
    _check_layout(layout)
    reason = rules.clean_reason(reason)
    event_id = db.session.get_one(Registration, registration_id).event_id
    with transaction(queue=("event", event_id)) as now:
        registration = db.session.get_one(Registration, registration_id, populate_existing=True)
        if registration.state != State.CONFIRMED:
            raise Refused(Refusal("badges.not_confirmed"))
        places.issue_ticket(registration, now=now, because="replaced")
        batch = _new_batch(event_id, layout, {"registration": registration.code}, count=1, now=now, by=by)
        batch.reason = reason
        audit.record(
            "badges.reprinted", registration, event_id=event_id, actor=people.actor_of(by, "organiser"),
            facts={"number": batch.number}, personal={"reason": (None, reason)},
        )  # fmt: skip
        mails.ticket_replaced(registration, db.session.get_one(Event, event_id), now=now)
        return Printing(batch, _queued(batch, by=by, now=now))


def open_batch(event_id: int, layout: str, *, where: Where, begun_at: datetime) -> Batch:
    """Take the next batch number for a printing from the command line; `record_prints` completes it.

    `begun_at`: before its badges were read, so that whoever changes later is known to have changed since.
    """
    _check_layout(layout)
    with transaction(queue=("event", event_id)):
        return _new_batch(event_id, layout, where.as_dict(), count=0, now=begun_at, by=None)


def record_prints(batch_id: int, holders: list[Holder], *, by: Actor) -> None:
    """The file of a batch is complete: these badges count as printed, as they look in it.

    A job that starts anew after a crash records its badges again, and they are still printed once.
    """
    rows = [
        {
            "batch_id": batch_id, "ticket_id": holder.ticket_id, "registration_id": holder.registration_id,
            "face_hash": rules.face_hash(holder),
        }
        for holder in holders
    ]  # fmt: skip
    with transaction() as now:
        batch = db.session.get_one(Batch, batch_id, populate_existing=True)
        again = db.session.execute(delete(Print).where(Print.batch_id == batch_id)).rowcount  # type: ignore[attr-defined]
        if rows:  # thousands at a time, and everybody who registers waits for this transaction
            db.session.execute(insert(Print), [{**row, "printed_at": now} for row in rows])
        batch.count = len(holders)
        if not again:
            facts = {"number": batch.number, "count": batch.count}
            audit.record("badges.printed", _named(batch), event_id=batch.event_id, actor=by, facts=facts)


def cancel_job(code: str, *, event_id: int | None, by: Person) -> None:
    """Stop a job that this person asked for; one that has ended stays as it is. Raises Refused: jobs.not_found."""
    with transaction() as now:
        job = jobs.find(code, event_id=event_id, person_id=by.id)
        if job is None:
            raise Refused(Refusal("jobs.not_found"))
        if job.state in ("queued", "running"):
            job.state, job.finished_at = "cancelled", now


def _check_layout(layout: str) -> None:
    if refusal := rules.why_not_layout(layout):
        raise Refused(refusal)


def _new_batch(
    event_id: int, layout: str, chosen: dict[str, Any], *, count: int, now: datetime, by: Person | None
) -> Batch:
    newest = db.session.scalar(select(func.max(Batch.number)).where(Batch.event_id == event_id))
    batch = Batch(
        event_id=event_id, number=(newest or 0) + 1, layout=layout, filter=chosen, count=count, reason="",
        created_by_id=by.id if by else None, created_at=now,
    )  # fmt: skip
    db.session.add(batch)
    db.session.flush()
    return batch


def _named(batch: Batch) -> tuple[str, str]:
    """How the audit names a batch: by the number that people say."""
    return "badge_batch", str(batch.number)


def _queued(batch: Batch, *, by: Person, now: datetime) -> Job:
    job = jobs.enqueue(JOB_KIND, {"batch": batch.id}, event_id=batch.event_id, person_id=by.id, now=now)
    batch.job_id = job.id
    return job
