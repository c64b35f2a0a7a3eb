"""The form of another meeting, taken over: its sections and questions, with their days moved to those of this one."""

from __future__ import annotations

from dataclasses import replace

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import HiddenField, RadioField

from eventreg.core import refusals
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.forms import PageForm
from eventreg.core.i18n import date_span, mark_text
from eventreg.core.questions.changing import Untold
from eventreg.core.questions.editing import Wish
from eventreg.core.questions.shape import Form, Question, Section, Test, When
from eventreg.core.refusals import Refused
from eventreg.events.models import Event
from eventreg.manage import builder
from eventreg.manage.blueprint import bp
from eventreg.manage.builder import Builder
from eventreg.manage.fields import refuse
from eventreg.manage.form import Answer, confirm_page
from eventreg.people.models import Grant
from eventreg.registration import queries


class CopyForm(PageForm):
    """From which meeting."""

    version = HiddenField()
    seal = HiddenField()
    source = RadioField(_l("From which meeting?"), validate_choice=False)


@bp.route("/manage/form/copy", methods=["GET", "POST"])
@requires("form.change")
def form_copy() -> Answer:
    """Choose a meeting that one organises, too; what becomes of answers is told first."""
    others, at = {event.slug: event for event in _others()}, builder.registration()
    form = CopyForm(data={"version": str(at.form.version)} if request.method == "GET" else None)
    form.source.flags.required = True
    form.source.choices = [(slug, mark_text(event.name) + ", " + date_span(event.first_day, event.last_day))
                           for slug, event in others.items()]  # fmt: skip
    if request.method == "GET" or "back" in request.form:
        return _page(at, form, others)
    source = others.get(form.source.data or "")
    if source is None:
        refuse(form.source, _("Choose a meeting."))
        return _page(at, form, others), 422
    taken = taken_over(queries.form_of(source.id), source, g.event)
    wish = Wish(lambda now: replace(taken, version=now.version), {"did": "copied", "name": source.name.as_dict()}, asks_first=True)
    try:
        at.carry_out(wish, version=form.version.data or "", seal=form.seal.data or "")
    except Untold as untold:
        return confirm_page(at, untold.outlook)
    except Refused as refused:
        form.form_errors.append(refusals.say(refused.refusal))
        form.version.data = str(at.form.version)
        return _page(at, form, others), 409
    return redirect(url_for(".form", done="copied"), 303)


def _page(at: Builder, form: CopyForm, others: dict[str, Event]) -> str:
    return render_template("manage/form_copy.html", side=at.side(), form=form, others=others, live=at.live())


def _others() -> list[Event]:
    """The other meetings that this organiser organises, the latest first."""
    mine = select(Grant.event_id).where(Grant.person_id == g.viewer.id, Grant.role == "OR")
    query = select(Event).where(Event.id.in_(mine), Event.id != g.event.id)
    return list(db.session.scalars(query.order_by(Event.first_day.desc(), Event.id)))


def taken_over(form: Form, source: Event, event: Event) -> Form:
    """The form with the days of this meeting: answers are deleted as long after it, the first day is the first day."""
    days = {old.isoformat(): new.isoformat() for old, new in zip(source.days, event.days, strict=False)}
    later = event.last_day - source.last_day

    def question(one: Question) -> Question:
        delete_on = one.delete_on + later if one.delete_on else None
        return replace(one, delete_on=delete_on, when=_moved(one.when, days) if one.when else None)

    def section(one: Section) -> Section:
        return replace(one, questions=tuple(question(other) for other in one.questions))

    return Form(tuple(section(one) for one in form.sections))


def _moved(when: When, days: dict[str, str]) -> When:
    """The condition with this meeting's days; a day that there is none of is never the answer."""
    tests = (
        Test(test.question, test.op, tuple(days.get(value, value) for value in test.values)) if test.question == "days" else test
        for test in when.tests
    )
    return When(tuple(tests), when.match)
