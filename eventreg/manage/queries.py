"""Who is wanted, page by page? Ten thousand people answer like a hundred: no OFFSET, one page in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, func, literal, or_, select, tuple_

from eventreg.core import countries, searching, text, tokens
from eventreg.core.db import db
from eventreg.core.refusals import Refused
from eventreg.manage.filters import Order, ParticipantFilter
from eventreg.manage.rules import Subject
from eventreg.people.models import Organisation, Person
from eventreg.registration import queries as registrations
from eventreg.registration.models import Needs, Registration, Ticket, WaitingEntry
from eventreg.registration.rules import Waiting

PAGE = 20
FEW = 200

Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class ParticipantsPage:
    """One page of a list: rows `first` to `last` of `total`; the pages beside it are found by a row's code."""

    rows: list[Registration]
    first: int
    last: int
    total: int

    @property
    def has_before(self) -> bool:
        """Whether rows stand before this page."""
        return self.first > 1

    @property
    def has_after(self) -> bool:
        """Whether rows stand after this page."""
        return self.last < self.total


@dataclass(frozen=True)
class Cursor:
    """The page that begins after, or ends before, the row with this code."""

    code: str
    is_before: bool = False


# ---- the filter ----------------------------------------------------------------------------------------------------


def conditions_of(event_id: int, wanted: ParticipantFilter) -> Conditions:
    """What the people wanted have in common."""
    return [*_parts(event_id, wanted), *_searched(event_id, wanted.q)]


def how_many(event_id: int, wanted: ParticipantFilter) -> int:
    """How many people are wanted."""
    return _count(conditions_of(event_id, wanted))


def _count(conditions: Conditions) -> int:
    return db.session.scalar(select(func.count(Registration.id)).where(*conditions)) or 0


def _parts(event_id: int, wanted: ParticipantFilter) -> list[ColumnElement[bool]]:
    """Everything but the search box."""
    found: list[ColumnElement[bool]] = [Registration.event_id == event_id]
    same = {
        Registration.state: wanted.state, Registration.category: wanted.category, Registration.sector: wanted.sector,
        Registration.country: wanted.country, Registration.lang: wanted.language,
    }  # fmt: skip
    found += [column == value for column, value in same.items() if value]
    if wanted.day:
        found.append(registrations.comes_on(wanted.day))
    if wanted.organisation:
        its_own = func.coalesce(Organisation.merged_into_id, Organisation.id)  # its code may be older than a merge
        known = select(its_own).where(Organisation.code == wanted.organisation)
        found.append(
            (Registration.organisation_name == wanted.organisation) | Registration.organisation_id.in_(known)
        )
    if wanted.address:
        is_open = Registration.address_confirmed_at.is_(None)
        found.append(is_open if wanted.address == "unconfirmed" else ~is_open)
    if wanted.codes:
        found.append(Registration.code.in_(wanted.codes.split(",")))
    if wanted.needs:
        told = select(Needs.registration_id).where((Needs.access != "") | (Needs.diet != ""))
        found.append(Registration.id.in_(told))
    return found


def _searched(event_id: int, typed: str) -> list[ColumnElement[bool]]:
    """A badge code finds its holder, an address itself, anything else whoever has every word, as typed or as it sounds.

    The sound is asked always: أحمد is in many names, and who wrote only Ahmed is still one of them.
    """
    if not typed:
        return []
    try:
        token = tokens.read_badge_token(typed)
    except Refused:
        bones = [] if "@" in typed else text.skeleton(typed).split()
        ways = [_has_all(typed), *([and_(*map(registrations.has_bones, bones))] if bones else [])]
        return [or_(*ways)]
    holders = select(Ticket.registration_id).where(Ticket.token == token, Ticket.event_id == event_id)
    return [Registration.id.in_(holders)]


def _has_all(typed: str) -> ColumnElement[bool]:
    """Whether every word stands somewhere, in part or whole; an address is one word."""
    folded = text.fold(typed)
    return searching.has_all(Registration.search_key, [folded] if "@" in typed else folded.split())


# ---- one page ------------------------------------------------------------------------------------------------------


def participants_page(
    event_id: int, wanted: ParticipantFilter, *, order: Order, lang: str, cursor: Cursor | None = None
) -> ParticipantsPage:
    """A page of the people wanted; the first one when the cursor's row is gone or nothing stands beyond it."""
    conditions, total = _narrowed(conditions_of(event_id, wanted))
    key = _sort_column(event_id, order, lang=lang)
    rows: list[Registration] = []
    mark = _mark(event_id, cursor.code, key) if cursor else None
    if cursor and mark is not None:
        rows = _rows_beyond(conditions, key, mark, is_before=cursor.is_before, order=order)
    if not rows or (cursor and cursor.is_before and len(rows) < PAGE):
        cursor, rows = None, _first_rows(conditions, key, order=order)
    first = 1 + (_count_before(conditions, key, rows[0], order=order) if cursor else 0)
    return ParticipantsPage(rows, first if rows else 0, first + len(rows) - 1, total)


def _narrowed(conditions: Conditions) -> tuple[Conditions, int]:
    """The conditions with how many they find. Where that is few, they become those very people: the slow part is done once,

    and no sorted index is walked to its end for somebody who is not there.
    """
    few = db.session.scalars(select(Registration.id).where(*conditions).limit(FEW + 1)).all()
    return ([Registration.id.in_(few)], len(few)) if len(few) <= FEW else (conditions, _count(conditions))


def _sort_column(event_id: int, order: Order, *, lang: str) -> ColumnElement[Any]:
    if order.by == "organisation":
        return func.lower(Registration.organisation_name, type_=String())
    if order.by == "registered":
        return Registration.registered_at.expression
    if order.by == "country":
        by_name = sorted(countries_present(event_id), key=lambda code: text.sort_key(countries.name(code, lang)))
        ranks = {code: rank for rank, code in enumerate(by_name)}
        return case(ranks, value=Registration.country, else_=len(ranks)) if ranks else Registration.country.expression
    return (Registration.sort_arabic if lang == "ar" else Registration.sort_latin).expression


def _mark(event_id: int, code: str, key: ColumnElement[Any]) -> tuple[Any, int] | None:
    """Where the row with this code stands in the order."""
    query = select(key, Registration.id).where(Registration.event_id == event_id, Registration.code == code)
    row = db.session.execute(query).first()
    return (row[0], row[1]) if row else None


def _beyond(key: ColumnElement[Any], mark: tuple[Any, int], *, upwards: bool) -> ColumnElement[bool]:
    here = tuple_(key, Registration.id)
    there = tuple_(literal(mark[0], key.type), literal(mark[1]))
    return here > there if upwards else here < there


def _rows_beyond(
    conditions: Conditions, key: ColumnElement[Any], mark: tuple[Any, int], *, is_before: bool, order: Order
) -> list[Registration]:
    upwards = is_before == order.is_descending
    query = select(Registration).where(*conditions, _beyond(key, mark, upwards=upwards)).limit(PAGE)
    rows = list(db.session.scalars(query.order_by(*_ordering(key, is_descending=not upwards))))
    return rows[::-1] if is_before else rows


def _first_rows(conditions: Conditions, key: ColumnElement[Any], *, order: Order) -> list[Registration]:
    query = select(Registration).where(*conditions).order_by(*_ordering(key, is_descending=order.is_descending))
    return list(db.session.scalars(query.limit(PAGE)))


def _ordering(key: ColumnElement[Any], *, is_descending: bool) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return (key.desc(), Registration.id.desc()) if is_descending else (key.asc(), Registration.id.asc())


def _count_before(conditions: Conditions, key: ColumnElement[Any], row: Registration, *, order: Order) -> int:
    mark = _mark(row.event_id, row.code, key)
    return _count([*conditions, _beyond(key, mark, upwards=order.is_descending)]) if mark else 0


# ---- around it -----------------------------------------------------------------------------------------------------


def countries_present(event_id: int) -> list[str]:
    """The countries from which people are registered."""
    query = select(Registration.country).where(Registration.event_id == event_id).distinct()
    return list(db.session.scalars(query.order_by(Registration.country)))


def subjects(event_id: int, wanted: ParticipantFilter, *, most: int) -> list[tuple[Subject, datetime]]:
    """What decides about each of the people wanted, by name, and when they changed last: one statement."""
    query = _subjects().where(*conditions_of(event_id, wanted)).order_by(Registration.sort_latin, Registration.id)
    return [(Subject(*row[:-1]), row[-1]) for row in db.session.execute(query.limit(most))]


def subject(registration: Registration) -> Subject:
    """The same of one person, as they are now."""
    return Subject(*db.session.execute(_subjects().where(Registration.id == registration.id)).one()[:-1])


def _subjects() -> Select[*tuple[Any, ...]]:
    """The parts of a Subject in its order, and the instant of the last change."""
    offers = select(WaitingEntry.id).where(
        WaitingEntry.registration_id == Registration.id, WaitingEntry.state == Waiting.OFFERED
    )
    columns = (
        Registration.code, Registration.state, Registration.category, Registration.door_note, offers.exists(),
        func.coalesce(Person.email_ascii, "") != "", Registration.changed_at,
    )  # fmt: skip
    return select(*columns).join(Person, Person.id == Registration.person_id)


def in_order(
    event_id: int, wanted: ParticipantFilter, *, order: Order, lang: str
) -> Iterator[tuple[Registration, str]]:
    """Everybody wanted with their address ('' without one), some hundreds at a time."""
    key = _sort_column(event_id, order, lang=lang)
    query = (
        select(Registration, func.coalesce(Person.email, ""))
        .join(Person, Person.id == Registration.person_id)
        .where(*conditions_of(event_id, wanted))
        .order_by(*_ordering(key, is_descending=order.is_descending))
        .execution_options(yield_per=500)
    )
    yield from db.session.execute(query)

