"""A whole file at once, for the command line: looked at, judged and written, with a report."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.spreadsheets import Shape
from eventreg.events.models import Event
from eventreg.imports import services, work
from eventreg.imports.models import ImportBatch, ImportRow
from eventreg.imports.rules import Told

IN_ONE_STEP = 5000  # rows that are written in one transaction; more would keep the registrations of others waiting too long
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Wish:
    """How a file is read and what may happen; what is left empty is guessed."""

    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    updates_own: bool = False
    only_good: bool = False
    sends_mail: bool = False
    is_dry_run: bool = False


@dataclass
class Report:
    """`status` is imported (all of it), partial (the good rows) or refused (nothing). Problems: (line or None, what to say)."""

    status: str = "imported"
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("rows", "new", "changed", "unchanged", "wrong"), 0))
    problems: list[tuple[int | None, Told]] = field(default_factory=list)
    code: str = ""

    @property
    def is_no_table(self) -> bool:
        """Whether the file as such could not be read."""
        return self.status == "refused" and not self.counts["rows"]


def import_file(event: Event, what: str, data: bytes, wish: Wish, *, filename: str, progress: Progress) -> Report:
    """Judge every row; then write them all, or the good ones if that is wished, or nothing."""
    report = Report()
    try:
        plan = services.look(data, what, event_id=event.id, wanted=Shape("", wish.encoding, wish.separator, wish.sheet))
    except Refused as refused:
        return _refused(report, refused.refusal)
    report.problems += [(None, note) for note in plan.notes]
    if refusal := services.why_not_check(plan, what):
        return _refused(report, refusal)
    if not plan.survey.is_certain and not wish.is_dry_run:
        return _refused(report, Refusal("imports.choose_encoding", {"encodings": [plan.survey.shape.encoding,
        *plan.survey.others]}))
    choices = {"updates_own": wish.updates_own, "only_good": wish.only_good, "sends_mail": wish.sends_mail}
    sample = ImportBatch(
        event_id=event.id, what=what, shape=plan.survey.shape.as_dict(), mapping=plan.mapping, choices=choices
    )  # fmt: skip
    _judge(report, sample, data)
    if not report.counts["rows"]:
        return _refused(report, Refusal("imports.no_rows"))
    if report.counts["wrong"]:
        report.status = "partial" if wish.only_good and report.counts["wrong"] < report.counts["rows"] else "refused"
    if report.status != "refused" and not wish.is_dry_run and report.counts["new"] + report.counts["changed"]:
        _write(report, event, what, data, plan, choices, filename=filename, progress=progress)
    return report


def _refused(report: Report, refusal: Refusal) -> Report:
    report.status = "refused"
    report.problems.append((None, Told("error", refusal)))
    return report


def _judge(report: Report, batch: ImportBatch, data: bytes) -> None:
    try:
        for verdict in work.judged(batch, data):
            report.counts["rows"] += 1
            report.counts[verdict.outcome] += 1
            report.problems += [(verdict.line, told) for told in verdict.told]
    except Refused as refused:  # a workbook that breaks off
        report.counts = dict.fromkeys(report.counts, 0)
        _refused(report, refused.refusal)
    db.session.expunge_all()


def _write(
    report: Report, event: Event, what: str, data: bytes, plan: services.Plan, choices: dict[str, Any], *, filename: str,
    progress: Progress,
) -> None:  # fmt: skip
    step: AbstractContextManager[Any] = nullcontext()
    if report.counts["rows"] <= IN_ONE_STEP:
        step = transaction(queue=("event", event.id))  # killed on the way, it leaves nothing at all
    with step:
        batch = services.take_in(event.id, what, data, plan, filename=Path(filename).name, by=None)
        batch_id, report.code = batch.id, batch.code
        with transaction():
            kept = db.session.get_one(ImportBatch, batch_id)
            kept.choices, kept.state = choices, "checking"
        work.check(batch_id, lambda done, total: None)
        with transaction():
            db.session.get_one(ImportBatch, batch_id).state = "applying"
        work.apply(batch_id, progress)
    left = select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.done == "left").order_by(ImportRow.line)
    for row in db.session.scalars(left):
        report.status = "partial"
        report.counts[row.outcome] -= 1
        report.counts["unchanged"] += 1
        report.problems.append((row.line, work.told_of(row)[-1]))
