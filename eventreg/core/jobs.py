"""How far is the long work? A job is a row: kind, parameters, done of total, result; the worker runs it, a page shows its bar."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import JSON, exists, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from eventreg.core import clock, tokens
from eventreg.core.db import Base, db, transaction

log = logging.getLogger("eventreg.jobs")

LEASE = timedelta(minutes=2)  # a worker that died gives its job back after this; progress renews it
MAX_TRIES = 3


class Job(Base):
    """`state` is queued, running, done, failed or cancelled. `file` is a path under instance/jobs when there is a result file."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[int | None]
    kind: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    person_id: Mapped[int | None]  # who asked: the only one who may fetch the result
    state: Mapped[str] = mapped_column(default="queued", index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    file: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Running:
    """What a job's function gets: its parameters, and how it tells its progress and its result."""

    def __init__(self, job: Job) -> None:
        self.id, self.code, self.event_id, self.params = job.id, job.code, job.event_id, job.params
        self.person_id = job.person_id
        self._told = clock.monotonic()

    def progress(self, done: int, total: int) -> None:
        """Tell how far it is; written at most four times a second. Raises Cancelled when somebody stopped the job."""
        if clock.monotonic() - self._told < 0.25 and done != total:
            return
        self._told = clock.monotonic()
        with transaction() as now:
            job = db.session.get_one(Job, self.id)
            if job.state == "cancelled":
                raise Cancelled
            job.done, job.total, job.leased_until = done, total, now + LEASE

    def folder(self) -> Path:
        """Where the result file goes; its name is made of the job's code only."""
        path = Path(current_app.config["INSTANCE"]) / "jobs"
        path.mkdir(parents=True, exist_ok=True, mode=0o750)
        return path


class Cancelled(Exception):
    """The job was stopped by a person."""


Handler = Callable[[Running], tuple[dict[str, Any], Path | None]]


def enqueue(kind: str, params: Mapping[str, Any], *, event_id: int | None, person_id: int | None, now: datetime) -> Job:
    """Queue a job inside the running transaction. `kind` must be listed in wiring.JOBS."""
    job = Job(
        code=tokens.new_secret()[:22], event_id=event_id, kind=kind, params=dict(params), person_id=person_id,
        state="queued", created_at=now,
    )  # fmt: skip
    db.session.add(job)
    db.session.flush()
    return job


def find(code: str, *, event_id: int | None, person_id: int) -> Job | None:
    """The job with this code if this person asked for it in this event; None otherwise."""
    query = select(Job).where(Job.code == code, Job.event_id == event_id, Job.person_id == person_id)
    return db.session.scalar(query.execution_options(populate_existing=True))


def run_next(handlers: Mapping[str, Handler]) -> bool:
    """Run one waiting job to its end; False when there is none. What the worker calls."""
    job = _leased()
    while job is not None and job.state == "failed":
        job = _leased()
    if job is None:
        return False
    running = Running(job)
    try:
        result, file = handlers[job.kind](running)
    except Cancelled:
        return True
    except Exception as error:  # a job's failure must reach its page, not end the worker
        log.exception("job %s (%s) failed", job.id, job.kind)
        _finish(job.id, "failed", {"error": type(error).__name__, "trace": traceback.format_exc(limit=3)}, None)
        return True
    _finish(job.id, "done", result, file)
    return True


def _leased() -> Job | None:
    """The next job, "running" or, when its workers died too often, "failed".

    Those of one kind and event run one after the other, as each prints what the one before left.
    """
    with transaction(queue=("jobs", 0)) as now:
        waiting = (Job.state == "queued") | ((Job.state == "running") & (Job.leased_until < now))
        other = aliased(Job)
        in_hand = (other.state == "running") & (other.leased_until >= now) & (other.kind == Job.kind)
        is_free = ~exists().where(in_hand, other.event_id == Job.event_id)
        query = select(Job).where(waiting, is_free).order_by(Job.id).limit(1).with_for_update(skip_locked=True)
        job = db.session.scalar(query)
        if job is None:
            return None
        job.tries += 1
        if job.tries > MAX_TRIES:
            job.state, job.finished_at, job.result = "failed", now, {"error": "the worker died three times at this"}
            return job
        job.state, job.leased_until = "running", now + LEASE
        return job


def _finish(job_id: int, state: str, result: dict[str, Any], file: Path | None) -> None:
    with transaction() as now:
        job = db.session.get_one(Job, job_id)
        job.state, job.result, job.finished_at, job.leased_until = state, result, now, None
        job.file = str(file) if file else None
        if state == "done":
            job.done = job.total = max(job.total, 1)
