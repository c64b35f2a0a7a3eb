"""The pages of imports: a file is handed in, looked at, checked, written, taken back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import func, select

from eventreg.core import files, refusals, spreadsheets, tables
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.spreadsheets import Shape
from eventreg.imports import forms, queries, services, words, work
from eventreg.imports.forms import ApplyForm, ReadForm, UploadForm
from eventreg.imports.models import ImportBatch, ImportRow
from eventreg.manage import keyset
from eventreg.manage.side import side
from eventreg.people.services import actor_of
from eventreg.registration import limit_words

bp = Blueprint("imports", __name__)

PREVIEW = 4  # rows shown beside the names of the columns
STATE = {
    "uploaded": (_l("To be looked at"), "open"), "checking": (_l("Being checked"), "waiting"), "checked": (_l("Checked"), "open"),
    "applying": (_l("Being imported"), "waiting"), "applied": (_l("Imported"), "good"), "undoing": (_l("Being taken back"),
    "waiting"),
    "undone": (_l("Taken back"), "ended"),
}  # fmt: skip
OUTCOME = {
    "new": (_l("New"), "good"), "changed": (_l("Changed"), "open"), "unchanged": (_l("Unchanged"), "neutral"),
    "wrong": (_l("Wrong"), "problem"),
}  # fmt: skip
DONE = {"left": _l("Left alone"), "kept": _l("Not taken back"), "undone": _l("Taken back")}
SHOWN = {
    "all": _l("All rows"), "new": _l("New"), "changed": _l("Changed"), "unchanged": _l("Unchanged"), "wrong": _l("Wrong"),
    "left": _l("Left alone"), "kept": _l("Not taken back"),
}  # fmt: skip


@bp.get("/manage/import")
@requires("participants.import")
def batches() -> str:
    """A new file, and the imports so far."""
    return _batches(UploadForm())


@bp.post("/manage/import")
@requires("participants.import")
@files.takes_upload(services.FILE_LIMIT)
def upload() -> Any:
    """Take a file in and show how it is read."""
    form, sent = UploadForm(), request.files.get("file")
    try:
        what = form.what.data if form.what.data in forms.WHAT else "participants"
        data = sent.stream.read(services.FILE_LIMIT + 1) if sent is not None and sent.filename else b""
        if sent is None or not sent.filename:
            raise Refused(Refusal("imports.no_file"))
        plan = services.look(data, what, event_id=g.event.id)
    except Refused as refused:
        form.file.errors = [refusals.say(refused.refusal)]
        return _batches(form), 422
    name = files.shown_name(sent.filename or "")
    batch = services.take_in(g.event.id, what, data, plan, filename=name, by=g.viewer)
    return redirect(url_for(".batch", code=batch.code), 303)


def _batches(form: UploadForm) -> str:
    page = keyset.page_of(queries.batches(g.event.id), ImportBatch.id, kept={})
    return render_template(
        "imports/batches.html", side=side("import"), form=form, page=page, state=STATE, what=forms.WHAT,
        columns={what: [str(words.column(one.key)) for one in services.table_of(g.event.id, what) if not one.is_told]
                 for what in ("participants", "proposals")},
        limit=services.FILE_LIMIT // 1024**2,
    )  # fmt: skip


@bp.get("/manage/import/<code>")
@requires("participants.import")
def batch(code: str) -> str:
    """One import, in whatever state it is."""
    return _page(_found(code))


def _page(found: ImportBatch, *, read: ReadForm | None = None, form: ApplyForm | None = None, trouble: str = "") -> str:
    job = queries.job_of(found)
    is_going = found.state in ("checking", "applying", "undoing") and job is not None and job.state in ("queued", "running")
    known = {
        "side": side("import"), "batch": found, "state": STATE[found.state], "trouble": trouble, "counts": found.counts,
        "notes": [words.said(work.Told.of(note)) for note in found.notes], "what": forms.WHAT[found.what],
    }  # fmt: skip
    if is_going:
        return render_template("imports/going.html", job=_bar(found), **known)
    wants_columns = found.state == "uploaded" or (found.state == "checked" and "columns" in request.args)
    if wants_columns or read is not None:
        return _columns_page(found, read, known)
    return _rows_page(found, form, known)


def _columns_page(found: ImportBatch, read: ReadForm | None, known: dict[str, Any]) -> str:
    data = services.file_of(found)
    plan = services.look(data, found.what, event_id=g.event.id, wanted=Shape.of(found.shape), mapping=found.mapping)
    sample = []
    for row in spreadsheets.rows(data, plan.survey.shape):
        if row.line > plan.survey.shape.header and len(sample) < PREVIEW:
            sample.append(row)
        if len(sample) == PREVIEW:
            break
    refusal = services.why_not_check(plan, found.what)
    return render_template(
        "imports/columns.html", form=read or ReadForm.of(plan, found.choices), plan=plan, sample=sample,
        choices=forms.column_choices(services.table_of(g.event.id, found.what)),
        stands_against=refusals.say(refusal) if refusal else "", **known,
    )  # fmt: skip


def _rows_page(found: ImportBatch, form: ApplyForm | None, known: dict[str, Any]) -> str:
    show = request.args.get("show", "all") if request.args.get("show") in SHOWN else "all"
    page = keyset.page_of(queries.rows(found.id, show), ImportRow.line, kept={"code": found.code, "show": show}, descending=False)
    return render_template(
        "imports/rows.html", form=form or ApplyForm.of(found.what, formdata=None), page=page, show=show, shows=_shows(found, show),
        outcome=OUTCOME, done=DONE, rows=[_row(row[0]) for row in page.rows],
        short=_short(found) if found.state == "checked" else [],
        is_stopped=found.state in ("applying", "undoing", "checking"), **known,
    )  # fmt: skip


# by which cells a row is called: the first of these that say something
_NAMES = (
    ("name_latin",), ("name_arabic",), ("first_name", "name"), ("title",), ("title_ar",), ("title_fr",), ("title_en",),
    ("name_ar",), ("name_fr",), ("name_en",), ("email",), ("lead_email",),
)  # fmt: skip


def _row(row: ImportRow) -> dict[str, Any]:
    name = next(filter(None, (" ".join(filter(None, map(row.cells.get, keys))) for keys in _NAMES)), "")
    changes = [_change(words.column(key), *pair) for key, pair in row.changes.items()]
    told = [(one.level, words.said(one)) for one in work.told_of(row)]
    return {"row": row, "name": name, "changes": changes, "told": told}


def _change(column: Any, before: str, after: str) -> Markup:
    typed = {"before": Markup("<bdi>{}</bdi>").format(before), "after": Markup("<bdi>{}</bdi>").format(after)}
    said = _("%(field)s: “%(before)s” became “%(after)s”.") if before else _("%(field)s: “%(after)s”.")
    return Markup.escape(said) % {"field": str(column), **typed}


def _shows(found: ImportBatch, show: str) -> list[dict[str, Any]]:
    """The filters of the rows, each with its number; those with none are left out."""
    numbers = {name: found.counts.get("rows" if name == "all" else name, 0) for name in SHOWN}
    return [
        {"label": label, "number": numbers[name], "url": url_for(".batch", code=found.code, show=name), "current": name == show}
        for name, label in SHOWN.items()
        if numbers[name] or name == show
    ]


def _short(found: ImportBatch) -> list[str]:
    """What is said where the places do not suffice for the new people."""
    return [
        _("%(limit)s: %(wanted)s new, %(free)s places left.", limit=limit_words.name((pool.kind, pool.key)), wanted=wanted,
        free=pool.free)
        for pool, wanted in queries.short_of(found)
    ]


# ---- what is done ----------------------------------------------------------------------------------------------------


@bp.post("/manage/import/<code>/read")
@requires("participants.import")
def read(code: str) -> Any:
    """Read the file as the form says; then show it, or have it checked."""
    found = _found(code)
    form = ReadForm()
    form.sheet.choices = []
    now = Shape.of(found.shape)
    wanted = form.shape(now)
    is_other = (wanted.encoding, wanted.separator, wanted.sheet) != (now.encoding, now.separator, now.sheet)
    sent = [request.form[name] for name in sorted((n for n in request.form if n.startswith("column-")), key=_number)]
    try:
        plan = services.reread(found.id, wanted=wanted, mapping=None if is_other else sent or None)
        if request.form.get("do") == "check" and not is_other:
            services.ask_check(found.id, plan, {"updates_own": bool(form.updates_own.data)}, by=g.viewer)
    except Refused as refused:
        return _page(_found(code), trouble=refusals.say(refused.refusal)), 422
    return redirect(url_for(".batch", code=code), 303)


def _number(name: str) -> int:
    tail = name.removeprefix("column-")
    return int(tail) if tail.isascii() and tail.isdigit() and len(tail) < 5 else 10**6


@bp.post("/manage/import/<code>/apply")
@requires("participants.import")
def apply(code: str) -> Any:
    """Write the rows."""
    found = _found(code)
    form = ApplyForm.of(found.what)
    try:
        services.ask_apply(found.id, only_good=bool(form.only_good.data), sends_mail=bool(form.sends_mail.data), by=g.viewer)
    except Refused as refused:
        form.refuse(refused.refusal)
        return _page(_found(code), form=form), 422
    return redirect(url_for(".batch", code=code), 303)


@bp.post("/manage/import/<code>/undo")
@requires("participants.import")
def undo(code: str) -> Any:
    """Take the import back."""
    return _do(code, lambda found: services.ask_undo(found.id, by=g.viewer))


@bp.post("/manage/import/<code>/stop")
@requires("participants.import")
def stop(code: str) -> Any:
    """Stop what is being done."""
    return _do(code, lambda found: services.cancel_work(found.id, by=actor_of(g.viewer, "organiser")))


@bp.post("/manage/import/<code>/discard")
@requires("participants.import")
def discard(code: str) -> Any:
    """Throw the file away."""
    return _do(code, lambda found: services.discard(found.id), to=url_for(".batches"))


def _do(code: str, act: Any, *, to: str = "") -> Any:
    try:
        act(_found(code))
    except Refused as refused:
        return _page(_found(code), trouble=refusals.say(refused.refusal)), 422
    return redirect(to or url_for(".batch", code=code), 303)


def _found(code: str) -> ImportBatch:
    return queries.by_code(g.event.id, code[:40]) or abort(404)


# ---- what else the pages need ----------------------------------------------------------------------------------------


@bp.get("/manage/import/<code>.json")
@requires("participants.import")
def state(code: str) -> dict[str, Any]:
    """How far the work is, for the script that moves the bar."""
    return _bar(_found(code))


def _bar(found: ImportBatch) -> dict[str, Any]:
    job = queries.job_of(found)
    if job is None:
        return {"state": "done", "done": 1, "total": 1, "text": ""}
    going = {
        "checking": _("Row %(done)s of about %(total)s is checked.", done=job.done, total=job.total),
        "applying": _("Row %(done)s of %(total)s is imported.", done=job.done, total=job.total),
        "undoing": _("Row %(done)s of %(total)s is taken back.", done=job.done, total=job.total),
    }
    text = _("It begins in a moment.") if job.state == "queued" else going.get(found.state, _("The work is done."))
    urls = {"url": url_for(".state", code=found.code), "cancel_url": None, "result_url": None, "failures_url": None}
    if found.state in ("checking", "applying"):
        urls["cancel_url"] = url_for(".stop", code=found.code)
    return {"state": job.state, "done": job.done, "total": job.total, "text": text, **urls}


@bp.get("/manage/import/<code>.<any(csv):kind>")
@requires("participants.import", kinds=("kind",))
def wrong_rows(code: str, kind: str) -> Response:
    """The wrong rows with the reason beside each: to be corrected and handed in again."""
    found = _found(code)
    keys = [key for key in found.mapping if key]
    query = select(ImportRow).where(ImportRow.batch_id == found.id, (ImportRow.outcome == "wrong") | (ImportRow.done == "left"))
    count = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    if not count:
        abort(404)

    def lines() -> Any:
        for row in db.session.scalars(query.order_by(ImportRow.line).execution_options(yield_per=500)):
            reasons = " ".join(words.said(told) for told in work.told_of(row) if told.level == "error" or row.done == "left")
            yield (str(row.line), reasons, *(row.cells.get(key, "") for key in keys))

    with tables.csv_file(("line", "reason", *keys), lines()) as file:
        body = file.read()
    headers = {"Content-Disposition": f"attachment; filename={g.event.slug}-wrong-rows.{kind}", "Cache-Control": "no-store"}
    return Response(body, content_type=tables.CSV_TYPE, headers=headers)


