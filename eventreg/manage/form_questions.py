"""One question: its words in three languages, its kind, of whom it is asked. Everything on one page, which works as plain HTML."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import abort, g, redirect, render_template, request

from eventreg.core import clock
from eventreg.core.access import requires
from eventreg.core.i18n import local
from eventreg.core.questions import editing
from eventreg.core.questions.changing import Untold
from eventreg.core.questions.editing import Wish
from eventreg.core.questions.shape import Asked, Form, Kind, Question
from eventreg.core.refusals import Refused
from eventreg.manage import builder, condition_choices
from eventreg.manage.blueprint import bp
from eventreg.manage.builder import Builder
from eventreg.manage.form import Answer, confirm_page
from eventreg.manage.forms_questions import MOST_TESTS, Place, QuestionForm, deletion_hint, made

_ASIDE = frozenset({"options", "tests", "show"})  # buttons that save nothing


@bp.route("/manage/form/questions/new", methods=["GET", "POST"])
@requires("form.change")
def question_new() -> Answer:
    """Another question, at the end of a section."""
    return new_page(builder.registration())


@bp.route("/manage/form/questions/<code>", methods=["GET", "POST"])
@requires("form.change")
def question(code: str) -> Answer:
    """A question as it is, to be changed; of a built-in one only where it stands and whether it must be answered."""
    return changed_page(builder.registration(), code)


def new_page(at: Builder) -> Answer:
    """A new question, in the section that the address names or where it fits."""
    wanted = request.values.get("section", "")
    section = wanted if at.form.section(wanted) and wanted != at.fixed else _usual(at)
    return _answer(Place(g.event, at, section, None))


def _usual(at: Builder) -> str:
    """Where a question goes unless another section is chosen: the end of the form, before the consent."""
    codes = [section.code for section in at.form.sections if section.asked is Asked.FORM]
    return next((code for code in reversed(codes) if code != at.last), codes[-1])


def changed_page(at: Builder, code: str) -> Answer:
    """The question with this code; 404 for none, and for the one that stays as it is."""
    found = at.form.find(code)
    if found is None or found.code == at.fixed:
        abort(404)
    return _answer(Place(g.event, at, at.form.home_of(code).code, found))


def _answer(place: Place) -> Answer:
    if request.method == "GET":
        return _page(made(place), place)
    form = made(place, request.form)
    if request.form.get("do") in _ASIDE or "back" in request.form:
        form.add_options()
        return _page(form, place)
    wanted = form.wanted(today=local(clock.now()).date())
    if wanted is None:
        return _page(form, place), 422
    try:
        wish = _wish(place, wanted, form.section.data or place.section)
        place.at.carry_out(wish, version=form.version.data or "", seal=form.seal.data or "")
    except Untold as untold:
        return confirm_page(place.at, untold.outlook)
    except Refused as refused:
        return _refused(form, place, refused)
    done = "changed" if place.question else "added"
    return redirect(place.at.url("form", done=done, _anchor=f"s-{form.section.data}"), 303)


def _refused(form: QuestionForm, place: Place, refused: Refused) -> Answer:
    """Nothing typed is lost; what others changed meanwhile counts from the next press on."""
    form.refuse(refused.refusal)
    is_conflict = refused.refusal.code == "question.form_changed"
    if is_conflict:
        form.version.data = str(place.at.form.version)
    return _page(form, place), 409 if is_conflict else 422


def _wish(place: Place, wanted: Question, section: str) -> Wish:
    before = place.question

    def edit(form: Form) -> Form:
        if before is not None:
            return editing.with_question(form, wanted, in_section=section)
        said = (wanted.label.en, wanted.label.fr, wanted.label.ar)
        code = editing.free_code(form, said, reserved=place.at.taken)
        return editing.with_question(form, replace(wanted, code=code), in_section=section)

    did = "question_added" if before is None else "question_changed"
    return Wish(edit, {"did": did, "code": before.code if before else "", "name": wanted.label.as_dict()})


def _page(form: QuestionForm, place: Place) -> str:
    found, at = place.question, place.at
    is_own = found is None or found.is_own
    return render_template(
        "manage/form_question.html", side=at.side(), at=at, form=form, question=found, is_own=is_own, live=at.live(),
        label=at.label_of(found) if found else "", deletion_hint=deletion_hint(g.event),
        condition=at.condition_words(found.when) if found else "",
        may_require=is_own or (found is not None and found.code in at.may_be_required),
        answers=at.counts().get(found.code, 0) if found and found.is_own else 0,
        choosable=_choosable(place), may_add_test=form.tests < MOST_TESTS,
    )  # fmt: skip


def _choosable(place: Place) -> list[dict[str, Any]]:
    """For the page's script: the answers of each question that a condition may ask about, and how it may ask."""
    found = []
    for name, _words in condition_choices.questions(place.at, section=place.section, question=place.question):
        other, offered = place.at.form.find(name), place.at.answers_of(name)
        kind = "listed" if offered else "number" if other is not None and other.kind is Kind.NUMBER else "any"
        found.append({"name": name, "kind": kind, "offered": offered, "is_long": len(offered) > 30})
    return found
