"""One action for many people: who and what, then what will happen to how many, then how far it is and what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from eventreg.badges import rules as badges
from eventreg.core import capacity, refusals
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import direction, page_lang
from eventreg.core.jobs import Job
from eventreg.core.refusals import Refusal, Refused
from eventreg.manage import bulk, bulk_queries, filters, forms_bulk, queries, rules
from eventreg.manage.blueprint import bp
from eventreg.manage.bulk import Counts
from eventreg.manage.bulk_queries import Group
from eventreg.manage.filters import ParticipantFilter
from eventreg.manage.mail import masked
from eventreg.manage.mail_words import KIND_NAME
from eventreg.manage.models import Bulk
from eventreg.manage.people import may_see_needs
from eventreg.manage.side import side
from eventreg.registration import labels, mails

Answer = str | tuple[str, int] | Response


# ---- who, and what -------------------------------------------------------------------------------------------------


@bp.get("/manage/people/bulk")
@requires("participants.bulk")
def bulk_ask() -> Answer:
    """What the action needs to know; reading ones lead on to their own pages."""
    wanted, what = _wanted(), request.args.get("what", "")
    if what in forms_bulk.READING:
        return redirect(_reading(what, wanted), 303)
    if what not in rules.KINDS:
        return redirect(url_for("manage.people", **_given(wanted)), 303)
    return _ask_page(what, wanted, forms_bulk.FORMS[what](formdata=None))


@bp.post("/manage/people/bulk")
@requires("participants.bulk")
def bulk_show() -> Answer:
    """Freeze the selection and show what will happen to it."""
    kept = dict(parse_qsl(request.form.get("filter", "")))  # apart: a category wanted is not the category to give
    wanted = filters.participant_filter(kept, may_see_needs=may_see_needs())
    what = request.form.get("what", "")
    form = forms_bulk.FORMS[what]() if what in rules.KINDS else abort(400)
    try:
        if (problem := form.problem()) is not None:
            raise Refused(problem)
        shown = bulk.show(g.event.id, wanted, what, forms_bulk.params_of(what, form), by=g.viewer)
    except Refused as refused:
        _tell(form, forms_bulk.FIELD.get(what, ""), refused.refusal)
        return _ask_page(what, wanted, form), 422
    return redirect(url_for("manage.bulk_one", code=shown.code), 303)


def _wanted() -> ParticipantFilter:
    """The people ticked, or all that the filter finds."""
    if request.args.get("who") == "ticked":
        return ParticipantFilter.only(request.args.getlist("code"))
    return filters.participant_filter(request.args, may_see_needs=may_see_needs())


def _given(wanted: ParticipantFilter) -> dict[str, Any]:
    return dict(wanted.as_args())


def _reading(what: str, wanted: ParticipantFilter) -> str:
    if what in ("csv", "xlsx"):
        return url_for("manage.people_export", kind=what, **_given(wanted))
    if what == "print":
        return url_for("manage.people_print", **_given(wanted))
    return _badges_url(wanted)


def _badges_url(wanted: ParticipantFilter) -> str:
    """The page of badges with the same people: by its own filter where it has one, else by their codes."""
    plain = replace(wanted, state="") if wanted.state == "confirmed" else wanted
    if set(plain.as_args()) <= {"category", "country", "codes"}:
        return url_for("badges.batches", **_given(plain))
    found = queries.subjects(g.event.id, wanted, most=filters.MOST_CODES + 1)
    if len(found) > filters.MOST_CODES:
        return url_for("manage.people", told="badges", **_given(wanted))
    codes = ",".join(who.code for who, _at in found) or filters.NOBODY
    return url_for("badges.batches", **badges.Where(codes=codes).as_dict())


def _ask_page(what: str, wanted: ParticipantFilter, form: Any) -> str:
    return render_template(
        "manage/bulk_ask.html", side=side("people"), what=what, title=forms_bulk.TITLE[what], form=form,
        kept=urlencode(_given(wanted)),
        field=form[forms_bulk.FIELD[what]] if what in forms_bulk.FIELD else None,
        number=queries.how_many(g.event.id, wanted), back_url=url_for("manage.people", **_given(wanted)),
    )  # fmt: skip


def _tell(form: Any, name: str, refusal: Refusal) -> None:
    words = refusals.say(refusal)
    if name and not refusal.code.startswith("bulk."):
        form[name].errors = [words]
    else:
        form.form_errors.append(words)


# ---- what will happen, how far it is, what came of it --------------------------------------------------------------


@bp.get("/manage/people/bulk/<code>")
@requires("participants.bulk")
def bulk_one(code: str) -> str:
    """The action as it stands."""
    return _page(_found(code), forms_bulk.NumberForm(formdata=None))


@bp.post("/manage/people/bulk/<code>")
@requires("participants.bulk")
def bulk_confirm(code: str) -> Answer:
    """Do what was shown."""
    found, form = _found(code), forms_bulk.NumberForm()
    try:
        bulk.confirm(found.id, typed=form.typed(), by=g.viewer)
    except Refused as refused:
        form.number.errors = [refusals.say(refused.refusal)]
        return _page(_found(code), form), 422
    return redirect(url_for("manage.bulk_one", code=code), 303)


@bp.post("/manage/people/bulk/<code>/stop")
@requires("participants.bulk")
def bulk_stop(code: str) -> Response:
    """Leave the rest alone."""
    bulk.stop(_found(code).id, by=g.viewer)
    return redirect(url_for("manage.bulk_one", code=code), 303)


@bp.get("/manage/people/bulk/<code>.json")
@requires("participants.bulk")
def bulk_state(code: str) -> dict[str, Any]:
    """How far it is, for the script that moves the bar."""
    found = _found(code)
    return _progress(found, bulk.counts(found.id))


def _found(code: str) -> Bulk:
    return bulk.find(g.event.id, code) or abort(404)


def _page(found: Bulk, form: Any) -> str:
    numbers = bulk.counts(found.id)
    progress = _progress(found, numbers)
    common = {
        "side": side("people"), "bulk": found, "title": forms_bulk.TITLE[found.kind], "numbers": numbers, "progress": progress,
        "form": form, "people_url": url_for("manage.people"),
    }  # fmt: skip
    if found.state == "shown":
        return render_template("manage/bulk_shown.html", **common, **_plan(found, numbers))
    is_over = progress["state"] not in ("queued", "running")
    groups = _groups(bulk_queries.skipped(found), found) if is_over else []
    changed = bulk_queries.changed(found) if is_over else []
    return render_template("manage/bulk_done.html", **common, skipped=groups, changed=changed[0] if changed else None)


def _plan(found: Bulk, numbers: Counts) -> dict[str, Any]:
    planned = bulk_queries.planned(found)
    return {
        "groups": _groups([group for group in planned if group.reason], found),
        "changed": next((group for group in planned if not group.reason), None),
        "does": forms_bulk.does(found.kind, found.params), "mails": _mails(found), "preview": _preview(found),
        "free": _free(found, numbers), "must_type": bulk.must_type(found.kind, numbers.to_do),
    }  # fmt: skip


def _groups(groups: list[Group], found: Bulk) -> list[tuple[str, Group]]:
    return [(_why(group), group) for group in groups]


def _why(group: Group) -> str:
    code = group.reason if "." in group.reason else f"bulk.{group.reason}"
    return refusals.say(Refusal(code))


def _mails(found: Bulk) -> list[tuple[Any, Any, int]]:
    """(mail, language, number), in words."""
    return [
        (KIND_NAME[f"registration/{name}"], labels.LANGUAGE[lang], number)
        for (name, lang), number in bulk_queries.mails(found).items()
    ]


def _preview(found: Bulk) -> dict[str, Any] | None:
    someone = bulk_queries.first_mailed(found, page_lang())
    name = rules.mail_of(found.kind, someone.state) if someone is not None else ""
    if someone is None or not name:
        return None
    subject, words, _html = mails.preview(name, someone, g.event)
    lines = masked(words).strip().split("\n")
    return {"subject": subject, "lines": lines, "lang": someone.lang, "dir": direction(someone.lang)}


def _free(found: Bulk, numbers: Counts) -> int | None:
    """How many places the category has left, where that is fewer than the people who shall get it."""
    if found.kind != "category":
        return None
    pools = capacity.pools(g.event.id, [("category", found.params["category"])])
    free = [pool.free for pool in pools if pool.free is not None and pool.free < numbers.to_do]
    return min(free) if free else None


def _progress(found: Bulk, numbers: Counts) -> dict[str, Any]:
    job = db.session.get(Job, found.job_id) if found.job_id else None
    state = {"stopped": "cancelled"}.get(found.state, found.state)
    if found.state == "running" and job is not None:
        state = job.state if job.state in ("queued", "failed", "cancelled") else "running"
    done = numbers.done + numbers.skipped
    text = _("Person %(done)s of %(total)s", done=done, total=numbers.total)
    return {"state": state, "done": done, "total": numbers.total, "text": text}
