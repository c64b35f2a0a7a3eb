"""One section of the form: what it is called, what stands under its title, when it is asked."""

from __future__ import annotations

from dataclasses import replace

from flask import abort, redirect, render_template, request

from eventreg.core.access import requires
from eventreg.core.i18n import LANGS
from eventreg.core.questions import editing
from eventreg.core.questions.changing import Untold
from eventreg.core.questions.editing import Wish
from eventreg.core.questions.shape import Asked, Form, Section
from eventreg.core.refusals import Refused
from eventreg.manage import builder
from eventreg.manage.blueprint import bp
from eventreg.manage.builder import Builder
from eventreg.manage.form import Answer, confirm_page
from eventreg.manage.forms_sections import SectionForm


@bp.route("/manage/form/sections/new", methods=["GET", "POST"])
@requires("form.change")
def section_new() -> Answer:
    """Another section, at the end of the form."""
    return section_page(builder.registration(), None)


@bp.route("/manage/form/sections/<code>", methods=["GET", "POST"])
@requires("form.change")
def section(code: str) -> Answer:
    """A section as it is, to be changed."""
    at = builder.registration()
    return section_page(at, at.form.section(code) or abort(404))


def section_page(at: Builder, before: Section | None) -> Answer:
    """A section of this form, or a new one."""
    typed = SectionForm(data=_as_stored(at.form, before) if request.method == "GET" else None)
    typed.offer()
    is_built_in = before is not None and before.code in at.sections
    if request.method == "GET" or "back" in request.form:
        return _page(at, typed, before, is_built_in=is_built_in)
    wanted = typed.wanted(before, is_built_in=is_built_in, is_call=at.is_call)
    if wanted is None:
        return _page(at, typed, before, is_built_in=is_built_in), 422
    try:
        at.carry_out(_wish(at, before, wanted), version=typed.version.data or "", seal=typed.seal.data or "")
    except Untold as untold:
        return confirm_page(at, untold.outlook)
    except Refused as refused:
        typed.refuse(refused.refusal)
        is_conflict = refused.refusal.code == "question.form_changed"
        if is_conflict:
            typed.version.data = str(at.form.version)
        return _page(at, typed, before, is_built_in=is_built_in), 409 if is_conflict else 422
    return redirect(at.url("form", done="section"), 303)


def _wish(at: Builder, before: Section | None, wanted: Section) -> Wish:
    def edit(form: Form) -> Form:
        made = wanted
        if not wanted.code:
            said = (wanted.title.en, wanted.title.fr, wanted.title.ar)
            made = replace(wanted, code=editing.free_code(form, said, reserved=at.taken, otherwise="section"))
        return editing.with_section(form, made, code=before.code if before else "")

    did = "section_added" if before is None else "section_changed"
    return Wish(edit, {"did": did, "code": wanted.code, "name": wanted.title.as_dict()})


def _page(at: Builder, typed: SectionForm, before: Section | None, *, is_built_in: bool) -> str:
    return render_template(
        "manage/form_section.html", side=at.side(), at=at, form=typed, is_new=before is None, is_built_in=is_built_in,
        title=at.title_of(before) if before else "", live=at.live(),
    )  # fmt: skip


def _as_stored(form: Form, section: Section | None) -> dict[str, str]:
    known = {"version": str(form.version), "asked": section.asked.value if section else Asked.FORM.value}
    if section is not None:
        known["code"] = section.code
        for lang in LANGS:
            known |= {f"title_{lang}": getattr(section.title, lang), f"intro_{lang}": getattr(section.intro, lang)}
    return known
