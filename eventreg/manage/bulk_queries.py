"""What does a bulk action meet, and what became of it? A few people by name for each answer, however many there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, select

from eventreg.core.db import db
from eventreg.manage import rules
from eventreg.manage.models import Bulk, BulkItem
from eventreg.people.models import Person
from eventreg.registration.models import Registration

NAMED = 20


@dataclass
class Group:
    """The people of a bulk action that share an answer: `reason`, how many, the first of them."""

    reason: str
    number: int
    people: list[Registration] = field(default_factory=list)

    @property
    def unnamed(self) -> int:
        """How many are not among the first."""
        return self.number - len(self.people)


def planned(bulk: Bulk) -> list[Group]:
    """By what would happen: those to be changed ('') first. Two statements."""
    return _groups(bulk, BulkItem.verdict)


def skipped(bulk: Bulk) -> list[Group]:
    """Those who were skipped, by the reason. Two statements."""
    return _groups(bulk, BulkItem.reason, BulkItem.outcome == "skipped")


def changed(bulk: Bulk) -> list[Group]:
    """Those to whom it was done, as one group, or none. Two statements."""
    return _groups(bulk, BulkItem.outcome, BulkItem.outcome == "done")


def _groups(bulk: Bulk, column: Any, *conditions: ColumnElement[bool]) -> list[Group]:
    here = (BulkItem.bulk_id == bulk.id, *conditions)
    sums = select(column, func.count()).where(*here).group_by(column)
    found = {row[0]: Group(row[0], row[1]) for row in db.session.execute(sums.order_by(column))}
    rank = func.row_number().over(partition_by=column, order_by=BulkItem.rank)
    ranked = select(BulkItem.ref, column.label("answer"), rank.label("place")).where(*here).subquery()
    query = (
        select(Registration, ranked.c.answer)
        .join(ranked, ranked.c.ref == Registration.code)
        .where(Registration.event_id == bulk.event_id, ranked.c.place <= NAMED)
        .order_by(ranked.c.place)
    )
    for registration, answer in db.session.execute(query):
        found[answer].people.append(registration)
    return list(found.values())


def mails(bulk: Bulk) -> dict[tuple[str, str], int]:
    """How many mails of which name will go out in which language. One statement."""
    found: dict[tuple[str, str], int] = {}
    query = _mailed(bulk).with_only_columns(Registration.state, Registration.lang, func.count())
    for state, lang, number in db.session.execute(query.group_by(Registration.state, Registration.lang)):
        if name := rules.mail_of(bulk.kind, state):
            found[name, lang] = found.get((name, lang), 0) + number
    return dict(sorted(found.items()))


def first_mailed(bulk: Bulk, lang: str) -> Registration | None:
    """Somebody who gets a mail, in this language if there is one: for the preview."""
    query = _mailed(bulk).order_by(Registration.lang != lang, BulkItem.rank)
    return db.session.scalars(query.limit(1)).first()


def _mailed(bulk: Bulk) -> Any:
    return (
        select(Registration)
        .join(BulkItem, BulkItem.ref == Registration.code)
        .join(Person, Person.id == Registration.person_id)
        .where(
            Registration.event_id == bulk.event_id, BulkItem.bulk_id == bulk.id, BulkItem.verdict == "",
            func.coalesce(Person.email_ascii, "") != "",
        )
    )  # fmt: skip
