"""How many places are there, how many are taken, and who gets one when a limit rises?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select

from eventreg.core import capacity
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.events.models import Event
from eventreg.registration import queries
from eventreg.registration import services as registration
from eventreg.registration.models import Registration, WaitingEntry
from eventreg.registration.rules import CATEGORIES, GIVEN_CATEGORIES, LIMIT_KINDS, LimitKey, Waiting
from eventreg.registration.standard import GENDERS

ALWAYS_SHOWN: tuple[LimitKey, ...] = (("event", ""), *(("category", name) for name in CATEGORIES))


@dataclass(frozen=True)
class PoolState:
    """A limit (None: no limit), how many places of it are held, how many people wait who count under it."""

    limit: int | None
    taken: int
    waiting: int

    @property
    def is_over(self) -> bool:
        """More people have a place than the limit allows, because it was lowered or passed."""
        return self.limit is not None and self.taken > self.limit

    @property
    def free(self) -> int | None:
        """Places left; None without a limit."""
        return None if self.limit is None else max(0, self.limit - self.taken)


def shown(event_id: int) -> list[LimitKey]:
    """The meeting, its categories, and whatever else has a limit: by kind, then by key."""
    limited = {(pool.kind, pool.key) for pool in capacity.all_pools(event_id) if pool.limit is not None}
    others = sorted(limited - set(ALWAYS_SHOWN), key=lambda limit: (LIMIT_KINDS.index(limit[0]), limit[1]))
    return [*ALWAYS_SHOWN, *others]


def possible(event: Event, countries: Iterable[str]) -> Mapping[str, list[LimitKey]]:
    """On what a limit can be set, by kind."""
    return {
        "day": [("day", day.isoformat()) for day in event.days],
        "category": [("category", name) for name in (*CATEGORIES, *GIVEN_CATEGORIES)],
        "sector": [("sector", name) for name in CATEGORIES],
        "gender": [("gender", name) for name in GENDERS],
        "country": [("country", code) for code in countries],
    }


def states(event_id: int, limits: Sequence[LimitKey]) -> dict[LimitKey, PoolState]:
    """How each of these limits stands, also where none is set: three statements."""
    pools = {(pool.kind, pool.key): pool for pool in capacity.all_pools(event_id)}
    held = _counted(limits, Registration.event_id == event_id, queries.holds_place())
    in_line = select(WaitingEntry.registration_id).where(
        WaitingEntry.event_id == event_id, WaitingEntry.state == Waiting.WAITING
    )
    waiting = _counted(limits, Registration.id.in_(in_line))
    return {
        limit: PoolState(pools[limit].limit if limit in pools else None, held[limit], waiting[limit]) for limit in limits
    }


def _counted(limits: Sequence[LimitKey], *conditions: ColumnElement[bool]) -> dict[LimitKey, int]:
    """How many of these registrations count under each limit: one statement."""
    sums = [func.coalesce(func.sum(case((queries.counts_under(*limit), 1), else_=0)), 0) for limit in limits]
    return dict(zip(limits, db.session.execute(select(*sums).where(*conditions)).one(), strict=True))


def change(event_id: int, wanted: Mapping[LimitKey, int | None], *, by: Actor) -> int:
    """Set the limits that differ, all or none; how many people of the waiting list were offered a place by it.

    Lower ones first: a place that another limit of the same form takes away must not be offered in between.
    """
    with transaction(queue=("event", event_id)):
        now_set = {limit: state.limit for limit, state in states(event_id, list(wanted)).items()}
        changed = [(limit, number) for limit, number in wanted.items() if number != now_set[limit]]
        changed.sort(key=lambda change: _rises(now_set[change[0]], change[1]))
        return sum(len(registration.set_limit(event_id, *limit, number, by=by)) for limit, number in changed)


def _rises(before: int | None, after: int | None) -> bool:
    return before is not None and (after is None or after > before)
