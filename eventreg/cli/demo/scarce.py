"""What else runs out? On the last morning two limits are lowered to what is taken; who comes then waits for another reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from eventreg.cli.demo import guests
from eventreg.cli.demo.guests import KnownBody
from eventreg.core.audit import OPERATOR
from eventreg.events.models import Event
from eventreg.manage import limits
from eventreg.registration import answering
from eventreg.registration import services as registration

COUNTRY = "NG"
SECTOR = "private"
# of each: comes from the sector that is full, comes from the country that is full
WHO_WAITS = ((True, False), (False, True), (True, True), (True, False))
_FIRST = 2 * 10**6  # numbers of guests that the story leaves free


def moments(event: Event, ends_at: datetime, bodies: Sequence[KnownBody]) -> list[tuple[datetime, Callable[[], object]]]:
    """When the limits are lowered, and when people come who find them full."""
    days = [day.isoformat() for day in event.days]
    coming = [
        _guest(days, bodies, of_sector=of_sector, of_country=of_country, nth=at)
        for at, (of_sector, of_country) in enumerate(WHO_WAITS)
    ]
    found: list[tuple[datetime, Callable[[], object]]] = [(ends_at - timedelta(minutes=10), lambda: _lower(event))]
    for at, (lang, raw) in enumerate(coming):
        when = ends_at - timedelta(minutes=8 - 2 * at)
        found.append((when, lambda lang=lang, raw=raw, when=when: _come(event, lang, raw, when)))  # type: ignore[misc]
    return found


def _guest(
    days: list[str], bodies: Sequence[KnownBody], *, of_sector: bool, of_country: bool, nth: int
) -> tuple[str, dict[str, Any]]:  # fmt: skip
    """The language and the answers of the first guest after the nth thousand who is such a one."""
    for number in count(_FIRST + 10_000 * nth):
        lang, raw = guests.answers(number, days=days, bodies=bodies, is_media=False)
        if (raw["sector"] == SECTOR, raw["country"] == COUNTRY) == (of_sector, of_country):
            return lang, raw
    raise AssertionError


def _lower(event: Event) -> None:
    wanted = [("category", SECTOR), ("country", COUNTRY)]
    taken = limits.states(event.id, wanted)
    for limit in wanted:
        registration.set_limit(event.id, *limit, taken[limit].taken, by=OPERATOR)


def _come(event: Event, lang: str, raw: dict[str, Any], when: datetime) -> None:
    sending = registration.Sending(lang=lang, key=None, form_opened_at=when - timedelta(minutes=6))
    row = registration.register(event.id, answering.complete(event, raw), sending)
    registration.confirm_address(row.id)
