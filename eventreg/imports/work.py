"""The long work of an import: judging every row, writing them, taking them back. Some hundred rows at a time.

Each step is one transaction that also writes down which rows it did, so that a worker that dies leaves nothing half done and
nothing unexplained: the next one goes on with the rows that are left. Registrations of others go on between two steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from eventreg.core import audit, spreadsheets
from eventreg.core.db import db, transaction
from eventreg.core.jobs import Cancelled, Running
from eventreg.core.refusals import Refused
from eventreg.core.spreadsheets import Shape
from eventreg.events.models import Event
from eventreg.imports import judging, organisation_rows, people_rows, proposal_rows, rules, services
from eventreg.imports.judging import CHUNK, Judge
from eventreg.imports.models import ImportBatch, ImportRow
from eventreg.imports.rules import Told, Verdict
from eventreg.people import directory
from eventreg.registration import rules as registration
from eventreg.registration.rules import LimitKey

Progress = Callable[[int, int], None]


# ---- checking --------------------------------------------------------------------------------------------------------


def run_check(job: Running) -> tuple[dict[str, Any], Path | None]:
    """Judge every row of the batch of this job and keep the verdicts."""
    try:
        check(job.params["batch"], job.progress)
    except Cancelled:
        with transaction():
            db.session.get_one(ImportBatch, job.params["batch"]).state = "uploaded"
        raise
    return {}, None


def check(batch_id: int, progress: Progress) -> None:
    """Keep a verdict for every row; those of an earlier check go."""
    batch = db.session.get_one(ImportBatch, batch_id, populate_existing=True)
    data = services.file_of(batch)
    with transaction():
        db.session.execute(delete(ImportRow).where(ImportRow.batch_id == batch_id))
    total = data.count(b"\n") or 1  # as good as it gets without reading the file twice
    done = 0
    claims: Counter[LimitKey] = Counter()
    for chunk in _chunks(judged(batch, data)):
        claims.update(claim for verdict in chunk if verdict.outcome == "new" for claim in claims_of(batch, verdict))
        with transaction() as now:
            db.session.execute(insert(ImportRow), [_as_row(batch_id, verdict) for verdict in chunk])
            db.session.get_one(ImportBatch, batch_id).touched_at = now
        done += len(chunk)
        progress(min(done, total), total)
    with transaction():
        batch = db.session.get_one(ImportBatch, batch_id)
        services.recount(batch)
        batch.counts = batch.counts | {"claims": [[kind, key, number] for (kind, key), number in sorted(claims.items())]}
        batch.state = "checked"


def judged(batch: ImportBatch, data: bytes) -> Iterator[Verdict]:
    """The rows of a batch with what they would do; only reads."""
    shape = Shape.of(batch.shape)
    event = db.session.get_one(Event, batch.event_id)
    header = judging.header_of(spreadsheets.rows(data, shape), shape.header)
    below = (row for row in spreadsheets.rows(data, shape) if row.line > shape.header)
    return judging.verdicts(below, batch.mapping, judge_of(batch, event), header=header)


def judge_of(batch: ImportBatch, event: Event) -> Judge:
    """Who judges the rows of this batch."""
    if batch.what == "organisations":
        return organisation_rows.OrganisationsJudge()
    if batch.what == "proposals":
        return proposal_rows.ProposalsJudge(event, updates_own=bool(batch.choices.get("updates_own")))
    return judging.PeopleJudge(event, updates_own=bool(batch.choices.get("updates_own")))


def claims_of(batch: ImportBatch, verdict: Verdict) -> frozenset[LimitKey]:
    """Under which limits a new person would count, as far as their row tells."""
    if batch.what != "participants":
        return frozenset()
    values = verdict.values
    names = {name: values.get(name, "") for name in ("category", "sector", "country")}
    return registration.claims(**names, gender="", days=values.get("days", ()))


def _chunks(verdicts: Iterator[Verdict]) -> Iterator[list[Verdict]]:
    chunk: list[Verdict] = []
    for verdict in verdicts:
        chunk.append(verdict)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _as_row(batch_id: int, verdict: Verdict) -> dict[str, Any]:
    return {
        "batch_id": batch_id, "line": verdict.line, "outcome": verdict.outcome, "cells": verdict.cells,
        "told": [told.as_list() for told in verdict.told], "ref": verdict.ref,
        "changes": {key: list(pair) for key, pair in verdict.changes.items()}, "done": "", "waited": False, "undo": None,
        "stamp": "",
    }  # fmt: skip


# ---- writing ---------------------------------------------------------------------------------------------------------


def run_apply(job: Running) -> tuple[dict[str, Any], Path | None]:
    """Write the rows of the batch of this job. Stopped on the way, it takes back what it has written."""
    batch_id = job.params["batch"]
    try:
        apply(batch_id, job.progress)
    except Cancelled:
        with transaction():
            db.session.get_one(ImportBatch, batch_id).state = "undoing"
        undo(batch_id, lambda done, total: None, ends_as="checked")
        raise
    return {}, None


def apply(batch_id: int, progress: Progress) -> None:
    """Write every new and changed row that is not written yet."""
    total = _left(batch_id)
    done = 0
    while rows_done := _apply_some(batch_id):
        done += rows_done
        progress(done, max(total, done))
    with transaction() as now:
        batch = db.session.get_one(ImportBatch, batch_id)
        services.recount(batch)
        batch.state, batch.applied_at, batch.touched_at = "applied", now, now
        names = ("rows", "applied_new", "applied_changed", "wrong", "left", "waiting")
        facts = {"what": batch.what, **{name: batch.counts.get(name, 0) for name in names}}
        audit.record("import.applied", batch, event_id=batch.event_id, actor=services.actor(batch), facts=facts)


def _left(batch_id: int) -> int:
    return db.session.scalar(select(func.count()).where(*_to_write(batch_id))) or 0


def _to_write(batch_id: int) -> tuple[Any, ...]:
    return ImportRow.batch_id == batch_id, ImportRow.outcome.in_(("new", "changed")), ImportRow.done == ""


@contextmanager
def _turn(batch_id: int) -> Iterator[tuple[int, datetime]]:
    """The transaction of one step: of the meeting's queue, or one in which no organisation changes otherwise."""
    batch = db.session.get_one(ImportBatch, batch_id)
    event_id, what = batch.event_id, batch.what
    with directory.standing_still() if what == "organisations" else transaction(queue=("event", event_id)) as now:
        yield event_id, now


def _apply_some(batch_id: int) -> int:
    """One step: the next rows, all of them or none."""
    with _turn(batch_id) as (event_id, now):
        batch = db.session.get_one(ImportBatch, batch_id)
        event = db.session.get_one(Event, event_id)
        query = select(ImportRow).where(*_to_write(batch_id)).order_by(ImportRow.line).limit(CHUNK)
        rows = list(db.session.scalars(query))
        verdicts = [Verdict(row.line, row.cells) for row in rows]
        judge_of(batch, event).judge(verdicts)
        pairs = [(row, v) for row, v in zip(rows, verdicts, strict=True) if _still(row, v)]
        if batch.what == "organisations":
            organisation_rows.write(pairs, by=services.actor(batch))
        elif batch.what == "proposals":
            proposal_rows.write(batch, event, pairs, now=now, by=services.actor(batch))
        else:
            people_rows.write(batch, event, pairs, now=now, by=services.actor(batch))
        batch.touched_at = now
        db.session.flush()
        db.session.expunge_all()  # whatever the length of the file, memory stays flat
        return len(rows)


def _still(row: ImportRow, verdict: Verdict) -> bool:
    """Whether the row would still do what was shown; what has changed since is left, with a word."""
    shown = {key: tuple(pair) for key, pair in row.changes.items()}
    if not verdict.is_wrong and verdict.outcome == row.outcome and verdict.ref == row.ref and verdict.changes == shown:
        return True
    row.done = "left"
    row.told = [*row.told, *(told.as_list() for told in verdict.told if told.level == "error")] or row.told
    row.told = [*row.told, rules.warning("imports.changed_meanwhile").as_list()]
    return False


# ---- taking back -----------------------------------------------------------------------------------------------------


def run_undo(job: Running) -> tuple[dict[str, Any], Path | None]:
    """Take back what the batch of this job wrote."""
    undo(job.params["batch"], job.progress)
    return {}, None


def undo(batch_id: int, progress: Progress, *, ends_as: str = "undone") -> None:
    """Take back every row that was written and that nobody changed since; the others stay and are named."""
    total = db.session.scalar(select(func.count()).where(ImportRow.batch_id == batch_id, ImportRow.done == "applied")) or 0
    done = 0
    while rows_done := _undo_some(batch_id):
        done += rows_done
        progress(done, max(total, done))
    with transaction() as now:
        batch = db.session.get_one(ImportBatch, batch_id)
        if ends_as == "checked":  # as if it had never been begun, but for what could not be taken back
            for row in db.session.scalars(select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.done == "undone")):
                row.done, row.undo, row.stamp, row.waited = "", None, "", False
        services.recount(batch)
        batch.state, batch.touched_at = ends_as, now
        batch.undone_at = now if ends_as == "undone" else None
        facts = {"what": batch.what, "undone": total - batch.counts.get("kept", 0), "kept": batch.counts.get("kept", 0)}
        audit.record("import.undone", batch, event_id=batch.event_id, actor=services.actor(batch), facts=facts)


def _undo_some(batch_id: int) -> int:
    """One step. Those who wait go first, so that nobody is offered a place who is about to be taken back."""
    with _turn(batch_id) as (event_id, now):
        batch = db.session.get_one(ImportBatch, batch_id)
        event = db.session.get_one(Event, event_id)
        query = select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.done == "applied")
        rows = list(db.session.scalars(query.order_by(ImportRow.waited.desc(), ImportRow.line.desc()).limit(CHUNK // 4)))
        by = services.actor(batch)
        for row in rows:
            _undo_one(row, event, now=now, by=by)
        batch.touched_at = now
        db.session.flush()
        db.session.expunge_all()
        return len(rows)


def _undo_one(row: ImportRow, event: Event, *, now: datetime, by: audit.Actor) -> None:
    try:
        with db.session.begin_nested():
            match db.session.get_one(ImportBatch, row.batch_id).what:
                case "organisations":
                    is_back = organisation_rows.take_back(row, by=by)
                case "proposals":
                    is_back = proposal_rows.take_back(row, event, now=now, by=by)
                case _:
                    is_back = people_rows.take_back(row, event, now=now, by=by)
    except (Refused, IntegrityError):  # its place is gone, or something was made of it since: a badge, a scan
        is_back = False
    row.done = "undone" if is_back else "kept"
    if not is_back:
        row.told = [*row.told, rules.warning("imports.changed_since").as_list()]


def told_of(row: ImportRow) -> Sequence[Told]:
    """What there is to say about a row."""
    return [Told.of(kept) for kept in row.told]
