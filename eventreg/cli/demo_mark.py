"""Is this database the demo's, and what time is it there? `eventreg demo` writes it in the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, select

from eventreg.core import audit, clock
from eventreg.core.audit import OPERATOR, AuditLine
from eventreg.core.db import db, transaction

BEGUN, BUILT, STARTED = "demo.begun", "demo.built", "demo.started"


@dataclass(frozen=True)
class Mark:
    """Of a demo that was begun: what it was asked to be, and whether it was finished."""

    is_finished: bool
    at: datetime | None
    participants: int
    proposals: int


def read() -> Mark | None:
    """The demo in this database, None when there is none."""
    begun, built = _last(BEGUN), _last(BUILT)
    if begun is None:
        return None
    if built is None:
        return Mark(False, None, 0, 0)
    facts = built.facts
    return Mark(True, datetime.fromisoformat(facts["at"]), int(facts["participants"]), int(facts.get("proposals", 0)))


def write(action: str, slug: str, facts: Mapping[str, Any]) -> None:
    """Note that the demo was begun, built or started."""
    with transaction():
        audit.record(action, ("demo", slug), event_id=None, actor=OPERATOR, facts=facts)


def clock_offset() -> float:
    """By how many seconds the clock of this database's demo is off; 0 when it holds no demo."""
    started = _last(STARTED)
    return float(started.facts["clock_offset"]) if started is not None else 0.0


def start_clock(slug: str, at: datetime) -> float:
    """Let the demo's clock go on from `at`, for every command on this database. Returns the offset in seconds."""
    offset = clock.offset_to(at)
    with clock.at(at):
        write(STARTED, slug, {"clock_offset": offset})
    return offset


def _last(action: str) -> AuditLine | None:
    if not inspect(db.engine).has_table(AuditLine.__tablename__):
        return None
    query = select(AuditLine).where(AuditLine.chain == audit.INSTALLATION, AuditLine.action == action)
    return db.session.scalar(query.order_by(AuditLine.seq.desc()).limit(1))
