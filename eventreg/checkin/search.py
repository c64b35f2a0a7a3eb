"""Who stands there without a code? Found by name in either script, by registration code, by the end of the badge code.

Volunteers must not be able to walk off with the list: three letters at least, ten people at most, never by address.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select

from eventreg.core import text, tokens
from eventreg.core.db import db
from eventreg.registration import queries as registrations
from eventreg.registration.models import Registration, Ticket
from eventreg.registration.rules import State

SHORTEST = 3
SHORTEST_SOUND = 2  # consonants: "Ali" sounds AL
MOST = 10
TAIL = 4
LONGEST = 100
# Search keys also hold addresses: more rows are read than shown, so many at a time, without those found by address alone.
_READ = 200


@dataclass(frozen=True)
class Found:
    """One row of the answer; `tail` are the last four letters of the live badge, which tell two of one name apart."""

    registration: Registration
    tail: str


def search(event_id: int, typed: str) -> list[Found]:
    """Up to ten people of this meeting, whatever their state: exact parts first, then names that sound alike.

    Two statements when ten are found by their letters, three at most.
    """
    words = text.fold(typed[:LONGEST]).split()
    if sum(map(len, words)) < SHORTEST:
        return []
    ids = _by_parts(event_id, words)
    if len(ids) < MOST:
        ids = list(dict.fromkeys(ids + _by_sound(event_id, typed[:LONGEST])))
    return _found(ids[:MOST])


def _by_parts(event_id: int, words: list[str]) -> list[int]:
    """Every word is part of a name, the organisation or the code, or ends the badge's code."""
    query = _columns(event_id).order_by(Registration.sort_latin, Registration.id)
    for word in words:
        query = query.where(or_(Registration.search_key.contains(word), *_tail(word)))
    with db.session.execute(query.execution_options(yield_per=_READ)) as rows:
        found = (row.id for row in rows if all(_is_in(word, row) for word in words))
        return list(islice(found, MOST))


def _tail(word: str) -> list[ColumnElement[bool]]:
    letters = word.upper()
    return [Ticket.token.endswith(letters)] if _is_tail(letters) else []


def _is_tail(letters: str) -> bool:
    return TAIL <= len(letters) <= tokens.LENGTH and set(letters) <= set(tokens.ALPHABET)


def _is_in(word: str, row: Row[Any]) -> bool:
    shown = text.search_key(row.name_latin, row.name_arabic, row.organisation_name, row.code)
    return word in shown or (_is_tail(word.upper()) and (row.token or "").endswith(word.upper()))


def _by_sound(event_id: int, typed: str) -> list[int]:
    """Every word sounds like a word of the name in one of its scripts: Mohamed, Mohammed, محمّد."""
    wanted = text.skeleton(typed).split()
    if sum(map(len, wanted)) < SHORTEST_SOUND:
        return []
    query = _columns(event_id).where(*map(registrations.has_bones, wanted)).order_by(Registration.sort_latin, Registration.id)
    return [row.id for row in db.session.execute(query) if _sounds_like(wanted, row)]


def _sounds_like(wanted: list[str], row: Row[Any]) -> bool:
    bones = (set(text.skeleton(name).split()) for name in (row.name_latin, row.name_arabic) if name)
    return any(set(wanted) <= known for known in bones)


def _columns(event_id: int) -> Select[*tuple[Any, ...]]:
    columns = (
        Registration.id, Registration.name_latin, Registration.name_arabic, Registration.organisation_name,
        Registration.code, Ticket.token,
    )  # fmt: skip
    live = (Ticket.registration_id == Registration.id) & Ticket.revoked_at.is_(None)
    here = (Registration.event_id == event_id, Registration.state != State.MERGED)
    return select(*columns).outerjoin(Ticket, live).where(*here)


def _found(ids: list[int]) -> list[Found]:
    if not ids:
        return []
    live = (Ticket.registration_id == Registration.id) & Ticket.revoked_at.is_(None)
    query = select(Registration, Ticket.token).outerjoin(Ticket, live).where(Registration.id.in_(ids))
    by_id = {registration.id: Found(registration, (token or "")[-TAIL:]) for registration, token in db.session.execute(query)}
    return [by_id[number] for number in ids]
