"""What should an answer of this person say? An organiser corrects a section; sensitive answers stay the person's own."""

from __future__ import annotations

from typing import Any

from flask import abort, g, make_response, redirect, render_template, request, url_for

from eventreg.core import files, limits, refusals
from eventreg.core.access import requires
from eventreg.core.i18n import page_lang
from eventreg.core.questions.shape import Asked, Section
from eventreg.core.refusals import Refused
from eventreg.manage.blueprint import bp
from eventreg.manage.person import registration_or_404
from eventreg.manage.side import side
from eventreg.people.services import actor_of
from eventreg.registration import answering, changes, forms, queries, rules, uploads
from eventreg.registration.models import Registration
from eventreg.registration.rules import State


@bp.get("/manage/people/<code>/answers/<part>")
@requires("registration.change")
def person_answers(code: str, part: str) -> str:
    """A section of somebody's answers, to be changed."""
    registration = _live(code)
    section, raw = _section(part, registration), answering.raw_of(registration)
    progress = answering.progress(g.event, raw, asked=None)
    return _page(registration, section, forms.made(section, progress, g.event.days, given=raw, hidden=True), progress)


@bp.post("/manage/people/<code>/answers/<part>")
@requires("registration.change")
@files.takes_upload()
def save_person_answers(code: str, part: str) -> Any:
    """Change them, as the person could; another limit claims a place anew, or changes nothing and says why."""
    registration = _live(code)
    section, before = _section(part, registration), answering.raw_of(registration)
    form = forms.made(section, answering.progress(g.event, before, asked=None), g.event.days, given=before, hidden=True)
    taken, refused = uploads.take(
        g.event.id, form.shown, request.files, about=uploads.about(registration), network=limits.network(),
        remove=request.form.get("remove", ""),
    )  # fmt: skip
    raw = before | form.raw() | taken
    progress = answering.progress(g.event, raw, asked=None)
    wrong = {field: refusal for field, refusal in progress.problems.items() if field in form.names()} | refused
    if wrong:
        uploads.forget(g.event.id, taken)
        form.show(wrong)
        return make_response(_page(registration, section, form, progress), 422)
    try:
        answers = answering.changed(g.event, raw, form=progress.form, insist=form.names())
        by = actor_of(g.viewer, "organiser")
        changes.change(registration.id, answers, lang=registration.lang, by=by, keep_needs=True)
    except Refused as error:
        uploads.forget(g.event.id, taken)
        return make_response(_page(registration, section, form, progress, refusals.say(error.refusal)), 409)
    return redirect(url_for("manage.person", code=code, done="answers"), 303)


def _live(code: str) -> Registration:
    """A registration whose answers can still be changed."""
    registration = registration_or_404(code)
    return registration if registration.state in rules.LIVE else abort(404)


def _section(part: str, registration: Registration) -> Section:
    section = queries.form_of(g.event.id).section(part)
    if section is None or part == "email" or (section.asked is Asked.AFTER and registration.state != State.CONFIRMED):
        abort(404)
    return section


def _page(
    registration: Registration, section: Section, form: forms.StepForm, progress: answering.Progress, refusal: str = ""
) -> str:
    return render_template(
        "manage/person_answers.html", side=side("people"), registration=registration, section=section, form=form,
        progress=progress, refusal=refusal, name=registration.name_in(page_lang()),
        hides_sensitive=any(answering.is_sensitive(question) for question in section.questions),
    )  # fmt: skip
