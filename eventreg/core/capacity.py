"""Is there a place left? A pool is a limit and how much of it is taken; places are taken in several pools at once or in none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import CheckConstraint, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from eventreg.core.db import Base, db


class Pool(Base):
    """A limit with a count. `kind` and `key` say of what: ("event", ""), ("category", "media"), ("day", "2022-11-02"), …

    `limit` None is unlimited, 0 is none. A limit may be lowered under `taken`: nobody is thrown out, nobody more gets in.
    """

    __tablename__ = "pool"
    __table_args__ = (
        UniqueConstraint("event_id", "kind", "key"),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint('"limit" IS NULL OR "limit" >= 0', name="limit_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(default="")
    limit: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)

    @property
    def free(self) -> int | None:
        """Places left, never below 0; None when unlimited. Only a reading: no place is promised by it."""
        return None if self.limit is None else max(0, self.limit - self.taken)


def all_pools(event_id: int) -> list[Pool]:
    """Every pool of the event as the database has it now, in id order."""
    query = select(Pool).where(Pool.event_id == event_id).order_by(Pool.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def pools(event_id: int, wanted: Iterable[tuple[str, str]]) -> list[Pool]:
    """The pools of the event among `wanted` (kind, key) pairs, in id order; pairs without a limit have no pool."""
    return among(all_pools(event_id), wanted)


def among(found: Iterable[Pool], wanted: Iterable[tuple[str, str]]) -> list[Pool]:
    """Those of the pools that have one of the `wanted` (kind, key) pairs."""
    pairs = set(wanted)
    return [pool for pool in found if (pool.kind, pool.key) in pairs]


def claim(wanted: Iterable[Pool], *, over_limit: bool = False, number: int = 1) -> Pool | None:
    """Take `number` places in every pool, or none at all: returns the pool that is full, or None when they are taken.

    In id order and by a conditional UPDATE, so that two claims can neither oversell nor deadlock. `over_limit` is the
    right of an invitation to pass the limit. Inside the caller's transaction. The pools handed in count along.
    """
    ordered = sorted(wanted, key=lambda pool: pool.id)
    with db.session.begin_nested() as savepoint:
        for pool in ordered:
            statement = update(Pool).where(Pool.id == pool.id).values(taken=Pool.taken + number)
            if not over_limit:
                statement = statement.where((Pool.limit.is_(None)) | (Pool.taken + number <= Pool.limit))
            result = db.session.execute(statement, execution_options={"synchronize_session": False})
            if result.rowcount == 0:  # type: ignore[attr-defined]
                savepoint.rollback()
                return pool
    for pool in ordered:
        set_committed_value(pool, "taken", pool.taken + number)
    return None


def claim_many(counts: Mapping[Pool, int]) -> bool:
    """Take so many places in each pool, or none in any: whether there were enough. Inside the caller's transaction."""
    with db.session.begin_nested() as savepoint:
        for pool in sorted(counts, key=lambda pool: pool.id):
            statement = update(Pool).where(Pool.id == pool.id, (Pool.limit.is_(None)) | (Pool.taken + counts[pool] <= Pool.limit))
            statement = statement.values(taken=Pool.taken + counts[pool])
            result = db.session.execute(statement, execution_options={"synchronize_session": False})
            if result.rowcount == 0:  # type: ignore[attr-defined]
                savepoint.rollback()
                return False
    return True


def release(wanted: Iterable[Pool]) -> None:
    """Give one place back in every pool. Inside the caller's transaction."""
    for pool in sorted(wanted, key=lambda pool: pool.id):
        statement = update(Pool).where(Pool.id == pool.id).values(taken=Pool.taken - 1)
        db.session.execute(statement, execution_options={"synchronize_session": False})
        set_committed_value(pool, "taken", pool.taken - 1)


def set_limit(event_id: int, kind: str, key: str, limit: int | None) -> Pool:
    """Set, change or lift (None) a limit; makes the pool when there is none. Inside the caller's transaction."""
    pool = next(iter(pools(event_id, [(kind, key)])), None)
    if pool is None:
        pool = Pool(event_id=event_id, kind=kind, key=key, limit=limit, taken=0)
        db.session.add(pool)
    pool.limit = limit
    db.session.flush()
    return pool
