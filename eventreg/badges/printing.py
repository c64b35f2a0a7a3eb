"""How does a batch become a file? By a job with progress, or at once for the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from eventreg.badges import faces, queries, rules, services, sheets
from eventreg.badges.models import Batch, Print
from eventreg.badges.rules import Holder
from eventreg.core.audit import OPERATOR, SYSTEM
from eventreg.core.db import db, transaction
from eventreg.core.jobs import Running
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Report:
    """What was printed: batch number, how many badges, and whose characters no font has."""

    batch: int
    count: int
    problems: tuple[sheets.Problem, ...]


def run_batch(job: Running) -> tuple[dict[str, Any], Path | None]:
    """Print the batch of this job: its result for the page, and the file.

    The badges count as printed only when the file is complete; a worker that dies leaves nothing half done, and the job
    starts anew. Without a badge left to print (another batch was faster) there is no file.
    """
    batch = db.session.get_one(Batch, job.params["batch"], populate_existing=True)
    event = db.session.get_one(Event, batch.event_id)
    holders = _holders_of(batch)
    if not holders:
        services.record_prints(batch.id, [], by=SYSTEM)
        return {"batch": batch.number, "count": 0, "problems": []}, None
    file = job.folder() / f"{job.code}.pdf"
    problems = _write(holders, event, batch.layout, file, progress=job.progress)
    job.progress(len(holders), len(holders))  # raises Cancelled if somebody stopped it while the file was made
    services.record_prints(batch.id, holders, by=SYSTEM)
    return {"batch": batch.number, "count": len(holders), "problems": _told(problems, holders)}, file


def render_file(
    event: Event,
    *,
    layout: str,
    only_new: bool,
    where: str,
    out: Path,
    progress: Progress | None = None,
) -> Report:
    """Print to `out` every confirmed participant of `event` that `where` ("category=media, country=MA" …) asks for.

    An empty `where` is everybody. A batch of its own like those of the pages: what it prints is no longer new.
    `progress(done, total)` hears of each badge. Raises Refused (badges.unknown_layout, badges.unknown_filter,
    badges.nothing_to_print) and OSError; no file is left then.
    """
    if refusal := rules.why_not_layout(layout):
        raise Refused(refusal)
    chosen = rules.parse_where(where, only_new=only_new)
    with transaction(queue=("event", event.id)) as begun_at:
        holders = rules.selected(queries.holders(event.id), chosen)
    if not holders:
        raise Refused(Refusal("badges.nothing_to_print"))
    problems = _write(holders, event, layout, out, progress=progress)
    batch = services.open_batch(event.id, layout, where=chosen, begun_at=begun_at)
    services.record_prints(batch.id, holders, by=OPERATOR)
    return Report(batch.number, len(holders), tuple(problems))


def _holders_of(batch: Batch) -> list[Holder]:
    """Whom this batch is for: those it has already recorded (the worker died right after), else by its selection."""
    everybody = queries.holders(batch.event_id)
    if (code := batch.filter.get("registration")) is not None:
        return [holder for holder in everybody if holder.code == code]
    where = rules.where_of(batch.filter)
    recorded = set(db.session.scalars(select(Print.ticket_id).where(Print.batch_id == batch.id)))
    if recorded:
        everybody = [holder for holder in everybody if holder.ticket_id in recorded]
        return rules.selected(everybody, rules.Where(order=where.order))
    return rules.selected(everybody, where)


def _write(
    holders: list[Holder], event: Event, layout: str, file: Path, *, progress: Progress | None
) -> list[sheets.Problem]:
    """Write the file in one step, so that nobody finds half of it; the badges with characters that no font has."""
    badges = faces.of(holders)
    event_face = faces.of_event(event)
    pdf = sheets.render(badges, event_face, layout=cast(sheets.Layout, layout), progress=progress)
    half = file.with_name(file.name + ".part")
    try:
        half.write_bytes(pdf)
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
    return sheets.problems(badges)


def _told(problems: list[sheets.Problem], holders: list[Holder]) -> list[dict[str, str]]:
    """Problems as a page lists them, with the code of the registration; badge codes stay out of the job's row."""
    codes = {holder.token: holder.code for holder in holders}
    return [
        {"code": codes[problem.token], "name": problem.name, "characters": _shown(problem.characters)}
        for problem in problems
    ]


def _shown(characters: tuple[str, ...]) -> str:
    """With their numbers, since the reader's screen may lack them, too."""
    return ", ".join(f"{character} U+{ord(character):04X}" for character in characters)
