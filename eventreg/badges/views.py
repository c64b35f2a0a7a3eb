"""Pages about badges: the selection with its preview, print again, and the page of a job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from eventreg.badges import faces, queries, rules, services
from eventreg.badges.forms import LAYOUT, WHICH, PrintForm, ReprintForm, Selection
from eventreg.badges.rules import Holder, Where
from eventreg.core import countries, jobs, refusals
from eventreg.core.access import requires
from eventreg.core.i18n import page_lang
from eventreg.core.jobs import Job
from eventreg.core.refusals import Refused
from eventreg.people.models import Person
from eventreg.registration import labels
from eventreg.registration import queries as registrations
from eventreg.registration.models import Registration

bp = Blueprint("badges", __name__)

PREVIEWS = 3
FIELD_OF = {
    "badges.unknown_layout": "layout",
    "badges.reason_required": "reason",
    "badges.reason_too_long": "reason",
}


@bp.get("/manage/badges")
@requires("badges.print")
def batches() -> str:
    """What is printed and what is not, a selection with its preview, the batches so far."""
    where = rules.where_of(request.args)
    return _page(where, PrintForm(data=vars(where)))


@bp.post("/manage/badges")
@requires("badges.print")
def print_batch() -> Any:
    """Queue a batch and follow it."""
    form = PrintForm()
    where = form.where()
    if not form.validate():
        return _page(where, form), 422
    try:
        printing = services.print_batch(g.event.id, form.layout.data or "", where=where, by=g.viewer)
    except Refused as refused:
        _tell(form, refused)
        return _page(where, form), 422
    return _follow(printing)


def _tell(form: PrintForm | ReprintForm, refused: Refused) -> None:
    """Say a refusal at its field, or above the form when it is about the whole."""
    words = refusals.say(refused.refusal)
    field = FIELD_OF.get(refused.refusal.code)
    if field is None:
        form.form_errors.append(words)
    else:
        form[field].errors = [words]


def _page(where: Where, form: PrintForm) -> str:
    everybody = queries.holders(g.event.id)
    chosen = rules.selected(everybody, where)
    event_face = faces.of_event(g.event)
    shown = [faces.preview(face, event_face) for face in faces.of(_worth_a_look(chosen))]
    return render_template(
        "badges/batches.html", counts=rules.counts(everybody), chosen=len(chosen), shown=shown, form=form,
        selection=Selection(where, present={holder.country for holder in everybody}), chips=_chips(where), lines=_lines(),
        layouts=LAYOUT,
    )  # fmt: skip


def _worth_a_look(chosen: list[Holder]) -> list[Holder]:
    """The longest name first, since it is the one that might not fit, then the first ones of the print."""
    if not chosen:
        return []
    longest = max(chosen, key=lambda holder: (max(len(holder.name_own), len(holder.name_other)), holder.code))
    return [longest, *(holder for holder in chosen[:PREVIEWS] if holder is not longest)][:PREVIEWS]


def _chips(where: Where) -> list[tuple[str, str]]:
    said = where.as_dict()
    words = {
        "which": lambda value: str(WHICH[value]),
        "category": lambda value: str(labels.CATEGORY[value]),
        "country": lambda value: countries.name(value, page_lang()),
        "codes": lambda value: ngettext("%(num)d person chosen", "%(num)d people chosen", len(value.split(","))),
    }
    return [
        (words.get(name, str)(value), _without(said, name))
        for name, value in said.items()
        if name != "order"
    ]


def _without(said: dict[str, str], name: str) -> str:
    rest: dict[str, Any] = {key: value for key, value in said.items() if key != name}
    return url_for(".batches", **rest)


def _lines() -> list[dict[str, Any]]:
    """The batches so far; the file is offered to the one who printed it, as long as it is there."""
    return [
        {
            "number": line.number, "at": line.created_at, "by": line.by, "count": line.count, "reason": line.reason,
            "layout": LAYOUT.get(line.layout, line.layout), "state": line.job.state if line.job else "done",
            "url": _own_url(line.job),
        }
        for line in queries.batches(g.event.id)
    ]  # fmt: skip


def _own_url(job: Job | None) -> str | None:
    if job is None or job.person_id != g.viewer.id:
        return None
    return _file_url(job) if job.state == "done" else url_for(".job", code=job.code)


# ---- one badge again -----------------------------------------------------------------------------------------------


@bp.get("/manage/badges/reprint/<code>")
@requires("badges.reprint")
def reprint(code: str) -> str:
    """Ask why a badge is printed again."""
    return _reprint_page(_registration(code), ReprintForm())


@bp.post("/manage/badges/reprint/<code>")
@requires("badges.reprint")
def reprint_now(code: str) -> Any:
    """A new code, a new badge, a mail with the new ticket."""
    registration = _registration(code)
    form = ReprintForm()
    if not form.validate():
        return _reprint_page(registration, form), 422
    try:
        printing = services.reprint(
            registration.id, form.reason.data or "", by=g.viewer, layout=form.layout.data or "a6"
        )
    except Refused as refused:
        _tell(form, refused)
        return _reprint_page(_registration(code), form), 422
    return _follow(printing)


def _registration(code: str) -> Registration:
    return registrations.by_code(g.event.id, code) or abort(404)


def _reprint_page(registration: Registration, form: ReprintForm) -> str:
    return render_template(
        "badges/reprint.html", registration=registration, form=form, prints=queries.prints_of(registration.id),
        ticket=registrations.live_ticket(registration.id),
    )  # fmt: skip


# ---- jobs ----------------------------------------------------------------------------------------------------------


def _follow(printing: services.Printing) -> Response:
    code = printing.job.code if printing.job else abort(404)
    return redirect(url_for(".job", code=code), 303)


@bp.get("/manage/jobs/<code>")
@requires("job.own")
def job(code: str) -> str:
    """How far a job is; only for the person who asked for it."""
    found = _own(code)
    result = found.result or {}
    view = _progress(found) | {
        "url": url_for(".job_state", code=code), "result_url": _file_url(found), "failures_url": None,
        "cancel_url": url_for(".cancel_job", code=code),
    }  # fmt: skip
    batch = queries.batch_of_job(found.id)
    return render_template(
        "badges/job.html", job=view, batch=batch, count=result.get("count", 0), problems=result.get("problems", [])
    )


@bp.get("/manage/jobs/<code>.json")
@requires("job.own")
def job_state(code: str) -> dict[str, Any]:
    """The same for the script that moves the bar."""
    return _progress(_own(code))


@bp.get("/manage/jobs/<code>/file")
@requires("job.own")
def job_file(code: str) -> Response:
    """The file that a job made; 410 when it is no longer kept."""
    found = _own(code)
    if found.state != "done" or not found.file:
        abort(404)
    if not Path(found.file).is_file():
        abort(410)
    batch = queries.batch_of_job(found.id)
    name = f"{g.event.slug}-badges-{batch.number if batch else found.id}{Path(found.file).suffix}"
    return send_file(found.file, as_attachment=True, download_name=name, max_age=0)


@bp.post("/manage/jobs/<code>/cancel")
@requires("job.own")
def cancel_job(code: str) -> Response:
    """Stop it; what is done is done."""
    _own(code)
    services.cancel_job(code, event_id=g.event.id, by=g.viewer)
    return redirect(url_for(".job", code=code), 303)


def _own(code: str) -> Job:
    viewer: Person = g.viewer
    return jobs.find(code, event_id=g.event.id, person_id=viewer.id) or abort(404)


def _file_url(found: Job) -> str | None:
    there = found.state == "done" and found.file is not None and Path(found.file).is_file()
    return url_for(".job_file", code=found.code) if there else None


def _progress(found: Job) -> dict[str, Any]:
    return {"state": found.state, "done": found.done, "total": found.total, "text": _how_far(found)}


def _how_far(found: Job) -> str:
    if found.state == "queued":
        return _("It begins in a moment.")
    if found.state == "running":
        if found.total and found.done == found.total:
            return _("All %(total)d badges are prepared. The file is being made.", total=found.total)
        return _("Badge %(done)d of %(total)d", done=found.done, total=found.total)
    if found.state == "done":
        return _("The work is done.")
    if found.state == "cancelled":
        return _("The work was stopped. Nothing counts as printed.")
    return _("The work failed. Nothing counts as printed: you can start it again.")
