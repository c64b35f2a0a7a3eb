"""Who waits for a decision, which are prepared, what became of those released? In a few statements each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from eventreg.core.db import db
from eventreg.manage import queries
from eventreg.manage.filters import ParticipantFilter
from eventreg.registration import moderation
from eventreg.registration.models import Registration, RegistrationDecision
from eventreg.registration.rules import State

MOST = 1000  # people decided at once
BATCHES_SHOWN = 10
WHICH = ("open", "prepared", "released", "declined")

_OPEN = (RegistrationDecision.registration_id == Registration.id, *moderation.OPEN)


def _is(which: str) -> list[ColumnElement[bool]]:
    """`which` as conditions on a registration beside its open decision, if it has one."""
    submitted = Registration.state == State.SUBMITTED
    return {
        "open": [submitted, RegistrationDecision.id.is_(None)],
        "prepared": [RegistrationDecision.id.is_not(None), RegistrationDecision.released_at.is_(None)],
        "released": [RegistrationDecision.released_at.is_not(None)],
        "declined": [Registration.state == State.DECLINED, RegistrationDecision.id.is_(None)],
    }[which]


def queue(event_id: int, which: str, wanted: ParticipantFilter) -> Select[tuple[Registration, RegistrationDecision]]:
    """The people wanted, each with the decision about them that does not hold yet."""
    query = select(Registration, RegistrationDecision).outerjoin(RegistrationDecision, _all(_OPEN))
    return query.where(*queries.conditions_of(event_id, wanted), *_is(which))


def _all(conditions: tuple[ColumnElement[bool], ...]) -> ColumnElement[bool]:
    first, *rest = conditions
    for condition in rest:
        first = first & condition
    return first


def ids(event_id: int, which: str, wanted: ParticipantFilter) -> list[int]:
    """All people wanted, the earliest first; at most MOST."""
    query = queue(event_id, which, wanted).with_only_columns(Registration.id)
    return list(db.session.scalars(query.order_by(Registration.id).limit(MOST)))


def ids_of(event_id: int, codes: list[str]) -> list[int]:
    """The people with these codes here."""
    known = [code for code in codes if code.isascii() and code.isprintable() and len(code) <= 20][:MOST]
    query = select(Registration.id).where(Registration.event_id == event_id, Registration.code.in_(known))
    return list(db.session.scalars(query))


def numbers(event_id: int) -> dict[str, int]:
    """How many people stand in each part of the queue: one statement."""
    sums = [func.coalesce(func.sum(case((_all(tuple(_is(which))), 1), else_=0)), 0) for which in WHICH]
    query = select(*sums).select_from(Registration).outerjoin(RegistrationDecision, _all(_OPEN))
    return dict(zip(WHICH, db.session.execute(query.where(Registration.event_id == event_id)).one(), strict=True))


@dataclass(frozen=True)
class Batch:
    """What was released together, and what it brought."""

    number: int
    released_at: datetime
    due_at: datetime
    people: int
    applied: int
    outcomes: dict[str, int]

    def is_running(self, now: datetime) -> bool:
        """Whether it can still be taken back."""
        return now < self.due_at and self.applied < self.people


def batches(event_id: int, number: int | None = None) -> list[Batch]:
    """The newest batches, or one: one statement."""
    outcome = [func.sum(case((RegistrationDecision.outcome == name, 1), else_=0)) for name in _OUTCOMES]
    query: Any = (
        select(
            RegistrationDecision.batch, func.min(RegistrationDecision.released_at), func.max(RegistrationDecision.due_at),
            func.count(), func.count(RegistrationDecision.applied_at), *outcome,
        )
        .where(RegistrationDecision.event_id == event_id, RegistrationDecision.batch.is_not(None))
        .group_by(RegistrationDecision.batch)
        .order_by(RegistrationDecision.batch.desc())
        .limit(BATCHES_SHOWN)
    )  # fmt: skip
    if number is not None:
        query = query.where(RegistrationDecision.batch == number)
    return [Batch(*row[:5], dict(zip(_OUTCOMES, row[5:], strict=True))) for row in db.session.execute(query)]


_OUTCOMES = ("confirmed", "waitlisted", "declined", "void")


def of_batch(event_id: int, number: int) -> Select[tuple[RegistrationDecision, Registration]]:
    """The decisions of a batch with whom they are about."""
    return (
        select(RegistrationDecision, Registration)
        .join(Registration, Registration.id == RegistrationDecision.registration_id)
        .where(RegistrationDecision.event_id == event_id, RegistrationDecision.batch == number)
    )
