"""How is one thing done to many people? Shown first, frozen, and done to exactly those who were shown and are still so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import case, delete, func, insert, select

from eventreg.core import audit, jobs, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.manage import queries, rules, services
from eventreg.manage.filters import ParticipantFilter
from eventreg.manage.models import Bulk, BulkItem
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.registration import needs
from eventreg.registration import queries as registrations
from eventreg.registration import services as registration_services
from eventreg.registration.models import Registration

JOB_KIND = "people.bulk"
MOST = 20_000  # people in one action
SHOWN_FOR = timedelta(days=1)
KEPT_FOR = timedelta(days=90)


# ---- show ----------------------------------------------------------------------------------------------------------


def show(event_id: int, wanted: ParticipantFilter, kind: str, params: Mapping[str, Any], *, by: Person) -> Bulk:
    """Freeze who is wanted now and what would happen to each; nothing is done to anybody.

    Raises Refused (bulk.nobody, bulk.too_many).
    """
    with transaction() as now:
        rows = queries.subjects(event_id, wanted, most=MOST + 1)
        changed_at = {who.code: at for who, at in rows}
        if not rows:
            raise Refused(Refusal("bulk.nobody"))
        if len(rows) > MOST:
            raise Refused(Refusal("bulk.too_many", {"limit": MOST}))
        bulk = Bulk(
            code=tokens.new_secret()[:22], event_id=event_id, person_id=by.id, kind=kind, params=dict(params), state="shown",
            made_at=now,
        )  # fmt: skip
        db.session.add(bulk)
        db.session.flush()
        items = [
            {
                "bulk_id": bulk.id, "rank": rank, "ref": who.code, "changed_at": changed_at[who.code],
                "verdict": rules.why_left(kind, params, who), "outcome": "", "reason": "",
            }
            for rank, who in enumerate(rules.in_turn(kind, [who for who, at in rows]), start=1)
        ]  # fmt: skip
        db.session.execute(insert(BulkItem), items)
        if wanted.needs:
            needs.listed(event_id, kind="list", rows=len(rows), by=people.actor_of(by, "organiser"))
        return bulk


def find(event_id: int, code: str) -> Bulk | None:
    """The bulk action with this code in this meeting."""
    query = select(Bulk).where(Bulk.code == code, Bulk.event_id == event_id)
    return db.session.scalar(query.execution_options(populate_existing=True))


# ---- do ------------------------------------------------------------------------------------------------------------


def confirm(bulk_id: int, *, typed: str, by: Person) -> Bulk:
    """Begin what was shown: at once for some, by the worker for many. A second press changes nothing.

    Raises Refused (bulk.type_the_number): a large cancellation wants its number typed.
    """
    event_id = db.session.get_one(Bulk, bulk_id).event_id
    with transaction(queue=("event", event_id)) as now:
        bulk = db.session.get_one(Bulk, bulk_id, populate_existing=True)
        if bulk.state != "shown":
            return bulk
        number = counts(bulk_id).to_do
        if must_type(bulk.kind, number) and typed != str(number):
            raise Refused(Refusal("bulk.type_the_number", {"number": number}))
        bulk.state, bulk.person_id = "running", by.id
        if number > rules.AT_ONCE:
            job = jobs.enqueue(JOB_KIND, {"bulk": bulk.id}, event_id=event_id, person_id=by.id, now=now)
            bulk.job_id = job.id
        else:
            while _next(bulk, people.actor_of(by, "organiser")):
                pass
        return bulk


def must_type(kind: str, number: int) -> bool:
    """Whether the number of people has to be typed before this is done."""
    return kind == "cancel" and number > rules.TYPE_THE_NUMBER_OVER


def run(running: jobs.Running) -> tuple[dict[str, Any], Path | None]:
    """The job of a large one: a transaction per person, so that nobody who registers meanwhile waits for all of it."""
    bulk = db.session.get_one(Bulk, running.params["bulk"])
    actor = people.actor_of(db.session.get_one(Person, bulk.person_id), "organiser")
    event_id, bulk_id, goes_on = bulk.event_id, bulk.id, True
    while goes_on:
        with transaction(queue=("event", event_id)):
            goes_on = _next(db.session.get_one(Bulk, bulk_id), actor)
        found = counts(bulk_id)
        running.progress(found.done + found.skipped, found.total)
    return {"done": found.done, "skipped": found.skipped}, None


def stop(bulk_id: int, *, by: Person) -> None:
    """Leave everybody alone who has not had their turn yet; what is done is done."""
    event_id = db.session.get_one(Bulk, bulk_id).event_id
    with transaction(queue=("event", event_id)):
        bulk = db.session.get_one(Bulk, bulk_id, populate_existing=True)
        if bulk.state == "running":
            _end(bulk, "stopped", people.actor_of(by, "organiser"))


def _next(bulk: Bulk, by: Actor) -> bool:
    """Do it to the next person in turn; False when it has ended."""
    if bulk.state != "running":
        return False
    query = select(BulkItem).where(BulkItem.bulk_id == bulk.id, BulkItem.outcome == "")
    item = db.session.scalars(query.order_by(BulkItem.rank).limit(1)).first()
    if item is None:
        _end(bulk, "done", by)
        return False
    try:
        with db.session.begin_nested():
            _do(bulk, item, by)
            item.outcome = "done"
    except Refused as refused:
        item.outcome, item.reason = "skipped", _kept_reason(refused.refusal)
    return True


def _kept_reason(refusal: Refusal) -> str:
    """The refusal as the list keeps it: by its code, for the page to say it in any language."""
    known = {"registration.limit_full": "bulk.full", "registration.answer_offer_first": "bulk.open_offer"}
    return known.get(refusal.code, refusal.code if refusal.code.startswith("bulk.") else "bulk.not_possible")


def _do(bulk: Bulk, item: BulkItem, by: Actor) -> None:
    """One person's turn. Raises Refused: they were to be left, have changed since, or the action itself says no."""
    if item.verdict:
        raise Refused(Refusal(f"bulk.{item.verdict}"))
    registration = registrations.by_code(bulk.event_id, item.ref)
    who = queries.subject(registration) if registration is not None else None
    if registration is None or who is None or registration.changed_at != item.changed_at:
        raise Refused(Refusal("bulk.changed_meanwhile"))
    if why := rules.why_left(bulk.kind, bulk.params, who):
        raise Refused(Refusal(f"bulk.{why}"))
    _ACTS[bulk.kind](registration, bulk.params, by)


def _cancel(registration: Registration, params: Mapping[str, Any], by: Actor) -> None:
    registration_services.cancel(registration.id, by=by, reason=params["reason"])


def _give_category(registration: Registration, params: Mapping[str, Any], by: Actor) -> None:
    services.give_category(registration.id, params["category"], by=by)


def _note(registration: Registration, params: Mapping[str, Any], by: Actor) -> None:
    services.note_for_door(registration.id, params["note"], by=by)


def _mail(registration: Registration, params: Mapping[str, Any], by: Actor) -> None:
    services.send_confirmation_again(registration.id, by=by)


_ACTS = {"cancel": _cancel, "category": _give_category, "note": _note, "mail": _mail}


def _end(bulk: Bulk, state: str, by: Actor) -> None:
    with transaction() as now:
        found = counts(bulk.id)
        bulk.state, bulk.ended_at = state, now
        bulk.params = {name: value for name, value in bulk.params.items() if name == "category"}
        facts = {"kind": bulk.kind, "done": found.done, "skipped": found.skipped, "untouched": found.open}
        if "category" in bulk.params:
            facts["category"] = bulk.params["category"]
        audit.record("participants.bulk", ("bulk", bulk.code), event_id=bulk.event_id, actor=by, facts=facts)


# ---- tell ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counts:
    """How many people of a bulk action: to be changed, changed, skipped, not yet looked at, altogether."""

    to_do: int
    done: int
    skipped: int
    open: int
    total: int


def counts(bulk_id: int) -> Counts:
    """How far it is: one statement."""
    db.session.flush()

    def sum_of(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    outcome = BulkItem.outcome
    sums = (sum_of(BulkItem.verdict == ""), sum_of(outcome == "done"), sum_of(outcome == "skipped"), sum_of(outcome == ""))
    row = db.session.execute(select(*sums, func.count()).where(BulkItem.bulk_id == bulk_id)).one()
    return Counts(*map(int, row))


def due(now: datetime) -> None:
    """Forget what was shown and never confirmed, and after a while the lists of what was done: the record keeps the facts."""
    with transaction():
        forgotten = (Bulk.state == "shown") & (Bulk.made_at < now - SHOWN_FOR)
        old = Bulk.ended_at.is_not(None) & (Bulk.ended_at < now - KEPT_FOR)
        ids = db.session.scalars(select(Bulk.id).where(forgotten | old)).all()
        if ids:
            db.session.execute(delete(BulkItem).where(BulkItem.bulk_id.in_(ids)))
            db.session.execute(delete(Bulk).where(Bulk.id.in_(ids)))
