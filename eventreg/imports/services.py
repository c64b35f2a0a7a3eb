"""What people do with a file: hand it in, say how to read it, have it checked, write it, take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from eventreg.core import audit, charsets, jobs, spreadsheets, tokens, workbooks
from eventreg.core.audit import OPERATOR, Actor
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.spreadsheets import Shape, Survey
from eventreg.imports import columns, judging, rules
from eventreg.imports.columns import Column
from eventreg.imports.models import ImportBatch, ImportFile, ImportRow
from eventreg.people.models import Person
from eventreg.people.services import actor_of
from eventreg.proposals import queries as proposals
from eventreg.proposals.rules import NO_CALL
from eventreg.registration import queries as registrations

FILE_LIMIT = 10 * 1024 * 1024
KEPT_FOR = timedelta(days=30)
GIVEN_UP = timedelta(minutes=10)  # nobody has worked at it for so long: whoever did is dead
CHECK, APPLY, UNDO = "imports.check", "imports.apply", "imports.undo"


@dataclass(frozen=True)
class Plan:
    """How a file is read and what may happen: found by looking at it, changed by whoever hands it in."""

    survey: Survey
    header: tuple[str, ...]
    mapping: list[str]
    notes: list[rules.Told]


def table_of(event_id: int, what: str) -> tuple[Column, ...]:
    """The columns that a table of this kind may have here: also the meeting's own questions."""
    forms = {"participants": registrations.form_of, "proposals": proposals.form_of}
    own = columns.own(forms[what](event_id).own()) if what in forms else ()
    return columns.TABLES[what] + own


def look(
    data: bytes, what: str, *, event_id: int, wanted: Shape | None = None, mapping: Sequence[str] | None = None
) -> Plan:
    """How the file will be read, by its content and what `wanted` says. Raises Refused (tables.…)."""
    if what == "proposals" and proposals.call_of(event_id) is None:
        raise Refused(NO_CALL)
    table = table_of(event_id, what)
    if len(data) > FILE_LIMIT:
        raise Refused(Refusal("tables.too_large", {"megabytes": FILE_LIMIT // (1024 * 1024)}))
    survey = spreadsheets.survey(data, lambda cells: columns.recognised(cells, table), wanted=wanted)
    header = judging.header_of(spreadsheets.rows(data, survey.shape), survey.shape.header)
    found = columns.matched(header, table)
    if mapping is not None and len(mapping) == len(header):
        keys = {column.key for column in table}
        found = [key if key in keys else columns.IGNORED for key in mapping]
    return Plan(survey, header, found, _notes(data, survey, header, table))


def _notes(data: bytes, survey: Survey, header: Sequence[str], table: Sequence[Column]) -> list[rules.Told]:
    told = []
    if survey.shape.kind == "csv" and survey.shape.encoding not in ("utf-8", "utf-16-le", "utf-16-be"):
        code = "imports.encoding_guessed" if survey.is_certain else "imports.encoding_doubtful"
        told.append(rules.warning(code, encoding=survey.shape.encoding, others=list(survey.others)))
        if charsets.holds_utf_8(data):
            told.append(rules.warning("imports.mixed_encodings"))
    told += [rules.warning("imports.column_twice", name=name[:60]) for name in columns.twice(header, table)]
    if survey.shape.kind == "xlsx":
        odd = workbooks.oddities(data, survey.shape.sheet)
        told += [rules.warning(code, count=vars(odd)[name]) for name, code in _ODD.items() if vars(odd)[name]]
    return told


_ODD = {"hidden": "imports.hidden", "merged": "imports.merged", "uncomputed": "imports.uncomputed"}


def why_not_check(plan: Plan, what: str) -> Refusal | None:
    """Say why a file cannot be checked as it is read now, or None."""
    if not plan.survey.shape.header:
        return Refusal("imports.no_header")
    twice = sorted({key for key in plan.mapping if key and plan.mapping.count(key) > 1})
    if twice:
        return Refusal("imports.mapped_twice", {"columns": twice})
    missing = columns.missing(plan.mapping, what)
    return Refusal("imports.columns_missing", {"columns": missing}) if missing else None


def take_in(event_id: int, what: str, data: bytes, plan: Plan, *, filename: str, by: Person | None) -> ImportBatch:
    """Keep a file that was looked at."""
    with transaction() as now:
        batch = ImportBatch(
            code=tokens.new_secret()[:16], event_id=event_id, what=what, filename=filename, person_id=by.id if by else None,
            created_at=now, touched_at=now,
        )  # fmt: skip
        _keep(batch, plan)
        db.session.add(batch)
        db.session.flush()
        db.session.add(ImportFile(batch_id=batch.id, data=data))
        return batch


def _keep(batch: ImportBatch, plan: Plan) -> None:
    batch.shape, batch.mapping = plan.survey.shape.as_dict(), plan.mapping
    batch.notes = [note.as_list() for note in plan.notes]


def file_of(batch: ImportBatch) -> bytes:
    """The bytes as they came. Raises Refused (imports.erased)."""
    data = db.session.scalar(select(ImportFile.data).where(ImportFile.batch_id == batch.id))
    if data is None:
        raise Refused(Refusal("imports.erased"))
    return bytes(data)


def reread(batch_id: int, *, wanted: Shape | None, mapping: Sequence[str] | None) -> Plan:
    """Look at the file again in another encoding, with another separator, sheet or meaning of its columns."""
    batch = db.session.get_one(ImportBatch, batch_id)
    plan = look(file_of(batch), batch.what, event_id=batch.event_id, wanted=wanted, mapping=mapping)
    with transaction() as now:
        batch = _in_state(batch_id, "uploaded", "checked")
        _keep(batch, plan)
        batch.state, batch.touched_at = "uploaded", now
    return plan


def ask_check(batch_id: int, plan: Plan, choices: Mapping[str, Any], *, by: Person) -> ImportBatch:
    """Have every row judged; nothing is written by it. Raises Refused (imports.columns_missing …)."""
    batch = db.session.get_one(ImportBatch, batch_id)
    if refusal := why_not_check(plan, batch.what):
        raise Refused(refusal)
    with transaction() as now:
        batch = _in_state(batch_id, "uploaded", "checked")
        batch.choices, batch.state = dict(choices), "checking"
        _queue(batch, CHECK, by=by, now=now)
        return batch


def ask_apply(batch_id: int, *, only_good: bool, sends_mail: bool, by: Person) -> ImportBatch:
    """Have the rows written. Raises Refused while there are wrong ones, unless only the good ones are wanted."""
    with transaction() as now:
        batch = _in_state(batch_id, "checked", "applying")
        if batch.state == "checked":
            if batch.counts.get("wrong") and not only_good:
                raise Refused(Refusal("imports.wrong_rows", {"count": batch.counts["wrong"]}))
            if not batch.counts.get("new", 0) + batch.counts.get("changed", 0):
                raise Refused(Refusal("imports.nothing_to_do"))
            batch.choices = batch.choices | {"only_good": only_good, "sends_mail": sends_mail}
        elif not is_stopped(batch):
            raise Refused(Refusal("imports.wrong_state"))
        batch.state = "applying"
        _queue(batch, APPLY, by=by, now=now)
        return batch


def ask_undo(batch_id: int, *, by: Person) -> ImportBatch:
    """Have everything taken back that the import wrote and nobody changed since."""
    with transaction() as now:
        batch = _in_state(batch_id, "applied", "applying", "undoing")
        if batch.state != "applied" and not is_stopped(batch):
            raise Refused(Refusal("imports.wrong_state"))
        if batch.erased_at is not None:
            raise Refused(Refusal("imports.erased"))
        batch.state = "undoing"
        _queue(batch, UNDO, by=by, now=now)
        return batch


def _in_state(batch_id: int, *states: str) -> ImportBatch:
    batch = db.session.get_one(ImportBatch, batch_id, populate_existing=True, with_for_update=True)
    if batch.state not in states:
        raise Refused(Refusal("imports.wrong_state"))
    return batch


def is_stopped(batch: ImportBatch) -> bool:
    """Whether what was begun is not being worked at any more: its job has failed."""
    job = db.session.get(jobs.Job, batch.job_id, populate_existing=True) if batch.job_id else None
    return job is None or job.state in ("failed", "cancelled")


def _queue(batch: ImportBatch, kind: str, *, by: Person, now: datetime) -> None:
    job = jobs.enqueue(kind, {"batch": batch.id}, event_id=batch.event_id, person_id=by.id, now=now)
    batch.job_id, batch.touched_at = job.id, now


def cancel_work(batch_id: int, *, by: Actor) -> None:
    """Stop what is being done: a check is dropped; what an import has written by then is taken back by itself."""
    with transaction():
        batch = _in_state(batch_id, "checking", "applying")
        job = db.session.get_one(jobs.Job, batch.job_id, populate_existing=True)
        if job.state == "queued":
            batch.state = "uploaded" if batch.state == "checking" else "checked"
        if job.state in ("queued", "running"):
            job.state = "cancelled"
            audit.record("import.stopped", batch, event_id=batch.event_id, actor=by)


def discard(batch_id: int) -> None:
    """Throw a file away that was never written."""
    with transaction():
        batch = _in_state(batch_id, "uploaded", "checked")
        erase(batch)
        db.session.delete(batch)


def erase(batch: ImportBatch) -> None:
    """The personal data of a batch. Inside the running transaction."""
    for table in (ImportFile, ImportRow):
        db.session.execute(delete(table).where(table.batch_id == batch.id))


def actor(batch: ImportBatch) -> Actor:
    """In whose name the rows are written."""
    if batch.person_id is None:
        return OPERATOR
    return actor_of(db.session.get_one(Person, batch.person_id), "organiser")


def due(now: datetime) -> None:
    """After 30 days file and rows are erased; an import whose command was killed is finished by the worker."""
    old = select(ImportBatch.id).where(ImportBatch.erased_at.is_(None), ImportBatch.created_at < now - KEPT_FOR)
    for batch_id in db.session.scalars(old.limit(50)).all():
        with transaction() as moment:
            batch = db.session.get_one(ImportBatch, batch_id)
            erase(batch)
            batch.erased_at = moment
            audit.record("import.erased", batch, event_id=batch.event_id, actor=audit.SYSTEM)
    orphaned = select(ImportBatch.id).where(
        ImportBatch.state == "applying", ImportBatch.job_id.is_(None), ImportBatch.touched_at < now - GIVEN_UP
    )
    for batch_id in db.session.scalars(orphaned).all():
        with transaction() as moment:
            batch = db.session.get_one(ImportBatch, batch_id, populate_existing=True)
            if batch.job_id is None:
                job = jobs.enqueue(APPLY, {"batch": batch.id}, event_id=batch.event_id, person_id=None, now=moment)
                batch.job_id, batch.touched_at = job.id, moment


def recount(batch: ImportBatch) -> None:
    """Count the rows by outcome and by what was done. Inside the running transaction."""
    counts: dict[str, int] = {"rows": 0, "new": 0, "changed": 0, "unchanged": 0, "wrong": 0}
    query = select(ImportRow.outcome, ImportRow.done, func.count()).where(ImportRow.batch_id == batch.id)
    for outcome, done, number in db.session.execute(query.group_by(ImportRow.outcome, ImportRow.done)):
        counts[outcome] += number
        counts["rows"] += number
        if done:
            counts[done] = counts.get(done, 0) + number
            counts[f"{done}_{outcome}"] = counts.get(f"{done}_{outcome}", 0) + number
    waiting = select(func.count()).where(ImportRow.batch_id == batch.id, ImportRow.done == "applied", ImportRow.waited.is_(True))
    counts["waiting"] = db.session.scalar(waiting) or 0
    batch.counts = counts
