"""Reads for the pages of imports."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from eventreg.core import capacity
from eventreg.core.capacity import Pool
from eventreg.core.db import db
from eventreg.core.jobs import Job
from eventreg.imports.models import ImportBatch, ImportRow
from eventreg.people.models import Person


def by_code(event_id: int, code: str) -> ImportBatch | None:
    """The batch with this code in this event."""
    query = select(ImportBatch).where(ImportBatch.event_id == event_id, ImportBatch.code == code)
    return db.session.scalar(query.execution_options(populate_existing=True))


def batches(event_id: int) -> Select[ImportBatch, Person]:  # type: ignore[type-var]
    """All batches of the event with whoever handed them in."""
    return (
        select(ImportBatch, Person)
        .outerjoin(Person, Person.id == ImportBatch.person_id)
        .where(ImportBatch.event_id == event_id)
    )  # type: ignore[return-value]


def rows(batch_id: int, show: str) -> Select[ImportRow]:  # type: ignore[type-var]
    """The rows of a batch of which the page shows some."""
    query = select(ImportRow).where(ImportRow.batch_id == batch_id)
    if show in ("new", "changed", "unchanged", "wrong"):
        return query.where(ImportRow.outcome == show)  # type: ignore[return-value]
    if show in ("left", "kept"):
        return query.where(ImportRow.done == show)  # type: ignore[return-value]
    return query  # type: ignore[return-value]


def job_of(batch: ImportBatch) -> Job | None:
    """The job that works at the batch, or did last."""
    return db.session.get(Job, batch.job_id, populate_existing=True) if batch.job_id else None


def short_of(batch: ImportBatch) -> list[tuple[Pool, int]]:
    """Limits under which the new people of a checked batch would find too few places: (limit, how many are wanted)."""
    wanted: dict[tuple[str, str], int] = {(kind, key): number for kind, key, number in batch.counts.get("claims", [])}
    pools: list[Any] = capacity.among(capacity.all_pools(batch.event_id), wanted)
    return [
        (pool, wanted[pool.kind, pool.key]) for pool in pools if pool.free is not None and pool.free < wanted[pool.kind, pool.key]
    ]
