"""The form as people see it, page by page, in each language; it can be filled and sent on, and nothing is kept."""

from __future__ import annotations

import json
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for

from eventreg.core.access import requires
from eventreg.core.questions.judging import field_name
from eventreg.core.questions.shape import Asked, Form, Kind, Section
from eventreg.manage.blueprint import bp
from eventreg.manage.form import Answer
from eventreg.registration import answering, forms, labels, queries, standard
from eventreg.registration.answering import Progress

_LONGEST = 100  # letters of one answer that goes along: a condition asks for no more


@bp.route("/manage/form/preview/<name>", methods=["GET", "POST"])
@requires("form.change")
def preview(name: str) -> Answer:
    """One section, with what a condition needs to know of the pages before; the address carries it, nothing is stored."""
    form = queries.form_of(g.event.id)
    section = form.section(name) or abort(404)
    so_far = _so_far(form)
    progress = answering.progress(g.event, so_far, form=form, asked=None)
    page = forms.made(section, progress, g.event.days, given=so_far)
    if request.method == "GET":
        return _page(page, section, progress, so_far)
    progress = answering.progress(g.event, {**so_far, **page.raw()}, form=form, asked=None)
    files = {field_name(question.code) for question in section.questions if question.kind is Kind.FILE}
    wrong = {field: why for field, why in progress.problems.items() if field in page.names() and field not in files}
    page.show(wrong)
    if wrong or {"find", "choose", "remove"} & request.form.keys():
        return _page(page, section, progress, so_far), 422 if wrong else 200
    following = _following(section, progress)
    if following is None:
        return redirect(url_for(".form", done="preview"), 303)
    return redirect(url_for(".preview", name=following, so_far=json.dumps(_carried(form, progress))), 303)


def _page(page: forms.StepForm, section: Section, progress: Progress, so_far: dict[str, Any]) -> str:
    codes = [other.code for other in _sections(progress)]
    at = codes.index(section.code) if section.code in codes else 0
    return render_template(
        "manage/form_preview.html", form=page, section=section, progress=progress, number=at + 1, total=len(codes),
        before=codes[at - 1] if at else None, so_far=json.dumps(so_far) if so_far else None, sectors=labels.CATEGORY,
        sector_codes=standard.SECTORS, sector=progress.known.get("sector", ""), is_after=section.asked is Asked.AFTER,
        needs_visa=bool(progress.known.get("wants_visa_letter")), is_asked=section.code in codes,
    )  # fmt: skip


def _sections(progress: Progress) -> list[Section]:
    """What is asked of this person, in the form and after a place is confirmed."""
    return [section for asked in Asked for section in progress.sections(asked)]


def _following(section: Section, progress: Progress) -> str | None:
    order = [other.code for asked in Asked for other in progress.form.sections if other.asked is asked]
    rest = order[order.index(section.code) + 1 :]
    return next((other.code for other in _sections(progress) if other.code in rest), None)


def _carried(form: Form, progress: Progress) -> dict[str, Any]:
    """The answers that conditions ask about: only these go along, so that addresses stay short."""
    asked = {test.question for question in form.questions() if question.when for test in question.when.tests}
    asked |= {"sector", "wants_visa_letter"}
    known = {name: progress.known[name] for name in sorted(asked) if progress.known.get(name)}
    return {
        name if name in standard.TESTABLE else field_name(name): value[:_LONGEST] if isinstance(value, str) else value
        for name, value in known.items()
    }


def _so_far(form: Form) -> dict[str, Any]:
    """What the address says was answered before; as whom one looks can be chosen on the page."""
    try:
        given = json.loads(request.args.get("so_far", "") or "{}")
    except ValueError:
        given = {}
    names = set(standard.QUESTION_OF) | {field_name(question.code) for question in form.own()}
    known = {name: value for name, value in given.items() if name in names} if isinstance(given, dict) else {}
    if request.args.get("sector") in standard.SECTORS:
        known["sector"] = request.args["sector"]
    if request.args.get("visa") in ("yes", "no"):
        known["wants_visa_letter"] = request.args["visa"] == "yes"
    return known
