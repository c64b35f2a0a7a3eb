"""What do we ask? The whole form at a glance, and what can be done with one press; what that does to answers is told first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, redirect, render_template, request
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from eventreg.core import refusals
from eventreg.core.access import requires
from eventreg.core.questions import checking, editing
from eventreg.core.questions.changing import Untold
from eventreg.core.questions.editing import Wish
from eventreg.core.questions.shape import Asked, Form, Question, Section
from eventreg.core.refusals import Refused
from eventreg.manage import builder
from eventreg.manage.blueprint import bp
from eventreg.manage.builder import Builder
from eventreg.manage.forms_questions import kind_name
from eventreg.registration import labels
from eventreg.registration.answering import is_sensitive

Answer = Response | str | tuple[str, int]

DONE = {
    "added": _l("The question is in the form."),
    "changed": _l("The change is saved."),
    "deleted": _l("It is deleted."),
    "section": _l("The section is saved."),
    "preview": _l("That was the last page of the preview. Nothing was saved."),
    "copied": _l("The form is taken over. Read it through, then look at the preview."),
}


@bp.get("/manage/form")
@requires("form.change")
def form() -> str:
    """Sections and questions in their order, with everything that is set about them."""
    return whole_page(builder.registration())


@bp.post("/manage/form")
@requires("form.change")
def form_do() -> Answer:
    """What one press does: move, stop asking, ask again, delete."""
    return pressed(builder.registration())


def pressed(at: Builder) -> Answer:
    """Do what the button of a whole form asks for; what that does to answers is told first."""
    verb, _colon, code = request.form.get("do", "").partition(":")
    do = _VERBS.get(verb) or abort(400)
    try:
        at.carry_out(do(at.form, code), version=request.form.get("version", ""), seal=request.form.get("seal", ""))
    except Untold as untold:
        return confirm_page(at, untold.outlook, back=at.url("form"))
    except Refused as refused:
        return whole_page(at, refusals.say(refused.refusal)), 409
    return redirect(at.url("form", done="deleted" if "delete" in verb else "changed"), 303)


# ---- what one press does ---------------------------------------------------------------------------------------------


def _question_wish(did: str, edit: Callable[[Form, str], Form], *, asks_first: bool = False) -> Callable[[Form, str], Wish]:
    def wish(form: Form, code: str) -> Wish:
        question = editing.found(form, code)
        facts = {"did": did, "code": code, "name": question.label.as_dict()}
        return Wish(lambda form: edit(form, code), facts, asks_first=asks_first)

    return wish


def _section_wish(did: str, edit: Callable[[Form, str], Form]) -> Callable[[Form, str], Wish]:
    def wish(form: Form, code: str) -> Wish:
        section = editing.section_of(form, code)
        return Wish(lambda form: edit(form, code), {"did": did, "code": code, "name": section.title.as_dict()})

    return wish


_VERBS: Mapping[str, Callable[[Form, str], Wish]] = {
    "up": _question_wish("question_moved", lambda form, code: editing.shifted(form, code, by=-1)),
    "down": _question_wish("question_moved", lambda form, code: editing.shifted(form, code, by=1)),
    "stop": _question_wish("question_stopped", lambda form, code: editing.asking(form, code, is_asked=False)),
    "ask": _question_wish("question_asked", lambda form, code: editing.asking(form, code, is_asked=True)),
    "delete": _question_wish("question_deleted", editing.removed, asks_first=True),
    "section-up": _section_wish("section_moved", lambda form, code: editing.shifted_section(form, code, by=-1)),
    "section-down": _section_wish("section_moved", lambda form, code: editing.shifted_section(form, code, by=1)),
    "section-delete": _section_wish("section_deleted", editing.removed_section),
}


# ---- the page --------------------------------------------------------------------------------------------------------


def whole_page(at: Builder, refusal: str = "") -> str:
    """The whole form, and why nothing was done."""
    counts, missing = at.counts(), _missing(at.form)
    return render_template(
        "manage/form.html", side=at.side(), at=at, version=at.form.version, refusal=refusal, live=at.live(),
        done=DONE.get(request.args.get("done", ""), ""),
        groups=[_group(section, at, counts, missing) for section in editing.ordered(at.form)],
    )  # fmt: skip


def _missing(form: Form) -> dict[str, dict[str, int]]:
    """By question or section: how many texts lack which language."""
    found: dict[str, dict[str, int]] = {}
    for code, _what, lang in checking.missing_words(form):
        of_this = found.setdefault(code, {})
        of_this[lang] = of_this.get(lang, 0) + 1
    return found


def _untranslated(missing: Mapping[str, int]) -> list[str]:
    return [
        ngettext("%(language)s: %(num)s text is missing", "%(language)s: %(num)s texts are missing", number,
                 language=str(labels.LANGUAGE[lang]))
        for lang, number in missing.items()
    ]  # fmt: skip


def _group(section: Section, at: Builder, counts: Mapping[str, int], missing: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """A section for the page: its questions, and where it can go."""
    row = [other for other in editing.ordered(at.form) if other.asked is section.asked]
    place = row.index(section)
    first = 1 if at.fixed and section.asked is Asked.FORM else 0
    return {
        "section": section, "title": at.title_of(section), "is_built_in": section.code in at.sections,
        "is_after": section.asked is Asked.AFTER, "untranslated": _untranslated(missing.get(section.code, {})),
        "may_go_up": place > first, "may_go_down": first <= place < len(row) - 1,
        "is_asked": any(question.is_asked for question in section.questions),
        "rows": [_row(question, section, at, counts, missing) for question in section.questions],
    }  # fmt: skip


def _row(
    question: Question, section: Section, at: Builder, counts: Mapping[str, int], missing: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    """A question for the page."""
    place = section.questions.index(question)
    return {
        "question": question, "label": at.label_of(question), "kind": kind_name(question),
        "is_sensitive": not at.is_call and is_sensitive(question),
        "is_required": question.is_required or question.code in at.always_asked, "condition": at.condition_words(question.when),
        "untranslated": _untranslated(missing.get(question.code, {})), "answers": counts.get(question.code, 0),
        "may_stop": question.code not in at.always_asked, "may_edit": section.code != at.fixed,
        "may_go_up": place > 0, "may_go_down": place < len(section.questions) - 1,
    }  # fmt: skip


# ---- what happens to answers -----------------------------------------------------------------------------------------


def confirm_page(at: Builder, outlook: Any, *, back: str = "") -> str:
    """What the change does to answers, before it is done. `back`: where one goes to leave it; else the page as it was typed."""
    sent = request.form.items(multi=True)
    kept = [(name, value) for name, value in sent if name not in ("csrf_token", "seal", "back")]
    return render_template(
        "manage/form_confirm.html", side=at.side(), kept=kept, seal=outlook.seal, told=at.told(outlook), back=back,
        opens=outlook.opens, live=at.live(),
    )  # fmt: skip
