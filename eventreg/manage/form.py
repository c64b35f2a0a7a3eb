"""What do we ask? The whole form at a glance, and what can be done with one press; what that does to answers is told first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from eventreg.core import clock, refusals
from eventreg.core.access import requires
from eventreg.core.audit import Actor
from eventreg.core.questions import checking, editing, words
from eventreg.core.questions.changing import Effect
from eventreg.core.questions.shape import Asked, Form, Question, Section
from eventreg.core.refusals import Refused
from eventreg.manage.blueprint import bp
from eventreg.manage.forms_questions import kind_name
from eventreg.manage.people import may_see_needs
from eventreg.manage.side import side
from eventreg.registration import form_changes, forms, labels, queries, standard
from eventreg.registration.form_changes import Outlook, Untold, Wish

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
    return _page()


@bp.post("/manage/form")
@requires("form.change")
def form_do() -> Answer:
    """What one press does: move, stop asking, ask again, delete."""
    verb, _colon, code = request.form.get("do", "").partition(":")
    do = _VERBS.get(verb) or abort(400)
    try:
        wish = do(queries.form_of(g.event.id), code)
        carry_out(wish, version=request.form.get("version", ""), seal=request.form.get("seal", ""))
    except Untold as untold:
        return confirm_page(untold.outlook, back=url_for(".form"))
    except Refused as refused:
        return _page(refusals.say(refused.refusal)), 409
    return redirect(url_for(".form", done="deleted" if "delete" in verb else "changed"), 303)


def carry_out(wish: Wish, *, version: str, seal: str) -> Form:
    """Do what is wished, as this organiser. Raises Untold, Refused."""
    known = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1
    by = Actor("organiser", g.viewer.code)
    return form_changes.change(g.event.id, wish, version=known, seal=seal, may_open=may_see_needs(), by=by)


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


def _page(refusal: str = "") -> str:
    form = queries.form_of(g.event.id)
    counts, missing = form_changes.answer_counts(g.event.id), _missing(form)
    return render_template(
        "manage/form.html", side=side("form"), version=form.version, refusal=refusal, live=live_notice(),
        done=DONE.get(request.args.get("done", ""), ""),
        groups=[_group(section, form, counts, missing) for section in editing.ordered(form)],
    )  # fmt: skip


def live_notice() -> str:
    """What a change means while people fill in the form; '' while registration is not open."""
    now = clock.now()
    if queries.phase(g.event, now) not in ("open", "soon", "grace"):
        return ""
    number = form_changes.filling_in(g.event.id, now=now)
    if number == 0:
        return _("Registration is open: every change counts from the moment it is saved.")
    return str(
        ngettext(
            "Registration is open and %(num)s person is filling in the form now. They will see a change when they go on.",
            "Registration is open and %(num)s people are filling in the form now. They will see a change when they go on.",
            number,
        )
    )


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


def _group(section: Section, form: Form, counts: Mapping[str, int], missing: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """A section for the page: its questions, and where it can go."""
    row = [other for other in editing.ordered(form) if other.asked is section.asked]
    at = row.index(section)
    first = 1 if section.asked is Asked.FORM else 0  # the address stays first
    return {
        "section": section, "title": forms.title_of(section), "is_built_in": section.code in standard.SECTIONS,
        "is_after": section.asked is Asked.AFTER, "untranslated": _untranslated(missing.get(section.code, {})),
        "may_go_up": at > first, "may_go_down": first <= at < len(row) - 1,
        "is_asked": any(question.is_asked for question in section.questions),
        "rows": [_row(question, section, form, counts, missing) for question in section.questions],
    }  # fmt: skip


def _row(
    question: Question, section: Section, form: Form, counts: Mapping[str, int], missing: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    """A question for the page."""
    at = section.questions.index(question)
    return {
        "question": question, "label": forms.label_of(question), "kind": kind_name(question),
        "is_sensitive": forms.is_sensitive(question),
        "is_required": question.is_required or question.code in standard.ALWAYS_ASKED,
        "condition": forms.condition_words(question.when, form) if question.when else "",
        "untranslated": _untranslated(missing.get(question.code, {})), "answers": counts.get(question.code, 0),
        "may_stop": question.code not in standard.ALWAYS_ASKED, "may_edit": section.code != "email",
        "may_go_up": at > 0, "may_go_down": at < len(section.questions) - 1,
    }  # fmt: skip


# ---- what happens to answers -----------------------------------------------------------------------------------------


def confirm_page(outlook: Outlook, *, back: str = "") -> str:
    """What the change does to answers, before it is done. `back`: where one goes to leave it; else the page as it was typed."""
    sent = request.form.items(multi=True)
    kept = [(name, value) for name, value in sent if name not in ("csrf_token", "seal", "back")]
    told = [_told(effect, outlook) for effect in outlook.effects.values() if effect.is_telling or effect.code in outlook.moved]
    return render_template(
        "manage/form_confirm.html", side=side("form"), kept=kept, seal=outlook.seal, told=told, back=back, opens=outlook.opens,
        live=live_notice(),
    )  # fmt: skip


def _told(effect: Effect, outlook: Outlook) -> dict[str, Any]:
    """What happens to the answers to one question, in sentences, with examples."""
    old, new = outlook.old.find(effect.code), outlook.new.find(effect.code)
    question = new or old
    if question is None:
        abort(404)
    number = effect.kept + effect.rewritten + effect.erased.total()
    said = []
    if effect.kept:
        said.append(ngettext("%(num)s answer stays.", "%(num)s answers stay.", effect.kept))
    if effect.code in outlook.moved:
        apart = new is not None and new.is_sensitive
        said.append(_("From now on they are kept apart and read only by those with that right.") if apart else
                    _("They were kept apart. From now on everybody who works with the list can read them."))  # fmt: skip
    if effect.rewritten:
        said.append(ngettext("%(num)s answer is rewritten.", "%(num)s answers are rewritten.", effect.rewritten))
    said += [_erased(reason, count) for reason, count in effect.erased.items()]
    if effect.missing:
        said.append(
            ngettext(
                "%(num)s person who is asked now has no answer: it will stand as a task on their page.",
                "%(num)s people who are asked now have no answer: it will stand as a task on their page.",
                effect.missing,
            )
        )
    examples = [
        (words.said(old, example.before), words.said(new, example.after) if new is not None and example.after is not None else "")
        for example in outlook.examples.get(effect.code, ())
        if old is not None
    ]
    return {"label": forms.label_of(question), "number": number, "said": said, "examples": examples}


def _erased(reason: str, number: int) -> str:
    match reason:
        case "hidden":
            words = ngettext(
                "%(num)s answer is erased: the question is not asked of that person any more.",
                "%(num)s answers are erased: the question is not asked of those people any more.",
                number,
            )
        case "option":
            words = ngettext(
                "%(num)s answer is erased: it cannot be chosen any more.",
                "%(num)s answers are erased: they cannot be chosen any more.",
                number,
            )
        case "unreadable":
            words = ngettext(
                "%(num)s answer is erased: it is none of the new kind.",
                "%(num)s answers are erased: they are none of the new kind.",
                number,
            )
        case _:
            words = ngettext(
                "%(num)s answer is erased with the question.", "%(num)s answers are erased with the question.", number
            )
    return str(words)
