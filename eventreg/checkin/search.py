"""Who stands there without a code? Found by name in either script, by registration code, by the last letters of the badge.

Volunteers must not be able to walk off with the list: two letters at least, ten people at most, never by address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Row, or_, select

from eventreg.core import text, tokens
from eventreg.core.db import db
from eventreg.registration.models import Registration, Ticket
from eventreg.registration.rules import State

SHORTEST = 2
MOST = 10
_TAIL = 4
# One letter of a name's skeleton is shared by too many names.
_SHORTEST_SKELETON = 2


@dataclass(frozen=True)
class Found:
    """One row of the answer; `tail` are the last four letters of the live badge, which tell two of one name apart."""

    registration: Registration
    tail: str


def search(event_id: int, typed: str) -> list[Found]:
    """Up to ten people of this meeting, whatever their state: exact parts of names first, then names that sound alike."""
    words = text.fold(typed[:100]).split()
    if sum(map(len, words)) < SHORTEST:
        return []
    first = _by_parts(event_id, words, typed.strip()[:100].upper())
    if len(first) < MOST:
        known = {registration.id for registration, tail in first}
        first += [row for row in _by_sound(event_id, typed[:100]) if row[0] not in known]
    return _with_registrations(first[:MOST])


Hit = tuple[int, str]


def _by_parts(event_id: int, words: list[str], typed: str) -> list[tuple[Registration, str]]:
    raise NotImplementedError
