"""Has this been tried too often? Counts per key in the database, so that all processes and machines count together."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from flask import request
from sqlalchemy import Index, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core.db import Base, db
from eventreg.core.refusals import Refusal, Refused


class Attempt(Base):
    """One try; the key is hashed, so the table names neither addresses nor networks. Old rows are swept by `due`."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


def _hashed(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}\0{value}".encode()).hexdigest()


def count(kind: str, value: str, *, now: datetime, per: timedelta) -> int:
    """How many tries there were in the last `per`."""
    query = select(func.count()).where(Attempt.key == _hashed(kind, value), Attempt.at > now - per)
    return db.session.scalar(query) or 0


def hit(kind: str, value: str, *, now: datetime) -> None:
    """Write one try down, inside the running transaction."""
    db.session.add(Attempt(key=_hashed(kind, value), at=now))


def check(kind: str, value: str, *, now: datetime, limit: int, per: timedelta) -> None:
    """Refuse (code limits.too_many, with the minutes to wait) when there were `limit` tries in the last `per`."""
    key = _hashed(kind, value)
    recent = select(Attempt.at).where(Attempt.key == key, Attempt.at > now - per).order_by(Attempt.at.desc())
    tries = list(db.session.scalars(recent.limit(limit)))
    if len(tries) >= limit:
        wait = tries[-1] + per - now
        raise Refused(Refusal("limits.too_many", {"minutes": max(1, -(-int(wait.total_seconds()) // 60))}))


def network() -> str:
    """The network of the request: /24 or /48 of the address that the server saw (a proxy only if configured)."""
    address = request.remote_addr or ""
    if ":" in address:
        return ":".join(address.split(":")[:3])
    return ".".join(address.split(".")[:3])


def sweep(now: datetime) -> None:
    """Forget tries older than a day, inside the running transaction."""
    db.session.execute(delete(Attempt).where(Attempt.at < now - timedelta(days=1)))
