"""How many places are there, how many are taken, and who gets one when a limit rises?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from eventreg.core.audit import Actor
from eventreg.core.capacity import Pool
from eventreg.core.db import db, transaction
from eventreg.registration import services as registration
from eventreg.registration.models import Registration, WaitingEntry
from eventreg.registration.rules import CATEGORIES, State, Waiting

PoolKey = tuple[str, str]  # ("event", "") or ("category", name)


@dataclass(frozen=True)
class PoolState:
    """A limit (None: no limit), how many places of it are held, how many people wait for one."""

    limit: int | None
    taken: int
    waiting: int

    @property
    def is_over(self) -> bool:
        """More people have a place than the limit allows, because it was lowered or passed by invitation."""
        return self.limit is not None and self.taken > self.limit


def states(event_id: int) -> dict[PoolKey, PoolState]:
    """The event's own pool, then one per category: three statements."""
    pools = {(pool.kind, pool.key): pool for pool in db.session.scalars(select(Pool).where(Pool.event_id == event_id))}
    held, waiting = _held(event_id), _waiting(event_id)
    found = {("event", ""): _state(pools.get(("event", "")), sum(held.values()), sum(waiting.values()))}
    for category in CATEGORIES:
        pool = pools.get(("category", category))
        found["category", category] = _state(pool, held.get(category, 0), waiting.get(category, 0))
    return found


def _state(pool: Pool | None, held: int, waiting: int) -> PoolState:
    return PoolState(pool.limit, pool.taken, waiting) if pool else PoolState(None, held, waiting)


def _held(event_id: int) -> dict[str, int]:
    """Places held by category: confirmed registrations and open offers."""
    offer = and_(WaitingEntry.registration_id == Registration.id, WaitingEntry.state == Waiting.OFFERED)
    query = (
        select(Registration.category, func.count())
        .outerjoin(WaitingEntry, offer)
        .where(Registration.event_id == event_id)
        .where(or_(Registration.state == State.CONFIRMED, WaitingEntry.id.is_not(None)))
        .group_by(Registration.category)
    )
    return dict(db.session.execute(query).all())


def _waiting(event_id: int) -> dict[str, int]:
    query = select(WaitingEntry.category, func.count()).where(
        WaitingEntry.event_id == event_id, WaitingEntry.state == Waiting.WAITING
    )
    return dict(db.session.execute(query.group_by(WaitingEntry.category)).all())


def change(event_id: int, wanted: Mapping[PoolKey, int | None], *, by: Actor) -> int:
    """Set the limits that differ, all or none; how many people of the waiting list were offered a place by it.

    Lower ones first: a place that another limit of the same form takes away must not be offered in between.
    """
    with transaction(queue=("event", event_id)):
        now_set = {key: state.limit for key, state in states(event_id).items()}
        changed = [(key, limit) for key, limit in wanted.items() if limit != now_set[key]]
        changed.sort(key=lambda change: _rises(now_set[change[0]], change[1]))
        return sum(len(registration.set_limit(event_id, *key, limit, by=by)) for key, limit in changed)


def _rises(before: int | None, after: int | None) -> bool:
    return before is not None and (after is None or after > before)
