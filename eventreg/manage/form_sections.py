"""One section of the form: what it is called, what stands under its title, when it is asked."""

from __future__ import annotations

from dataclasses import replace

from flask import abort, g, redirect, render_template, request, url_for

from eventreg.core.access import requires
from eventreg.core.i18n import LANGS
from eventreg.core.questions import editing
from eventreg.core.questions.shape import Asked, Form, Section
from eventreg.core.refusals import Refused
from eventreg.manage.blueprint import bp
from eventreg.manage.form import Answer, carry_out, confirm_page, live_notice
from eventreg.manage.forms_sections import SectionForm
from eventreg.manage.side import side
from eventreg.registration import forms, queries, standard
from eventreg.registration.form_changes import Untold, Wish


@bp.route("/manage/form/sections/new", methods=["GET", "POST"])
@requires("form.change")
def section_new() -> Answer:
    """Another section, at the end of the form."""
    return _answer(queries.form_of(g.event.id), None)


@bp.route("/manage/form/sections/<code>", methods=["GET", "POST"])
@requires("form.change")
def section(code: str) -> Answer:
    """A section as it is, to be changed."""
    form = queries.form_of(g.event.id)
    return _answer(form, form.section(code) or abort(404))


def _answer(form: Form, before: Section | None) -> Answer:
    typed = SectionForm(data=_as_stored(form, before) if request.method == "GET" else None)
    typed.offer()
    is_built_in = before is not None and before.code in standard.SECTIONS
    if request.method == "GET" or "back" in request.form:
        return _page(typed, before, is_built_in=is_built_in)
    wanted = typed.wanted(before, is_built_in=is_built_in)
    if wanted is None:
        return _page(typed, before, is_built_in=is_built_in), 422
    try:
        carry_out(_wish(before, wanted), version=typed.version.data or "", seal=typed.seal.data or "")
    except Untold as untold:
        return confirm_page(untold.outlook)
    except Refused as refused:
        typed.refuse(refused.refusal)
        is_conflict = refused.refusal.code == "question.form_changed"
        if is_conflict:
            typed.version.data = str(form.version)
        return _page(typed, before, is_built_in=is_built_in), 409 if is_conflict else 422
    return redirect(url_for(".form", done="section"), 303)


def _wish(before: Section | None, wanted: Section) -> Wish:
    def edit(form: Form) -> Form:
        made = wanted
        if not wanted.code:
            said = (wanted.title.en, wanted.title.fr, wanted.title.ar)
            made = replace(wanted, code=editing.free_code(form, said, reserved=standard.TAKEN, otherwise="section"))
        return editing.with_section(form, made, code=before.code if before else "")

    did = "section_added" if before is None else "section_changed"
    return Wish(edit, {"did": did, "code": wanted.code, "name": wanted.title.as_dict()})


def _page(typed: SectionForm, before: Section | None, *, is_built_in: bool) -> str:
    return render_template(
        "manage/form_section.html", side=side("form"), form=typed, is_new=before is None, is_built_in=is_built_in,
        title=forms.title_of(before) if before else "", live=live_notice(),
    )  # fmt: skip


def _as_stored(form: Form, section: Section | None) -> dict[str, str]:
    known = {"version": str(form.version), "asked": section.asked.value if section else Asked.FORM.value}
    if section is not None:
        known["code"] = section.code
        for lang in LANGS:
            known |= {f"title_{lang}": getattr(section.title, lang), f"intro_{lang}": getattr(section.intro, lang)}
    return known
