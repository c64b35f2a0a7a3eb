"""What does the call ask? The builder's pages once more, for the questions of a proposal."""

from __future__ import annotations

from flask import abort

from eventreg.core.access import requires
from eventreg.manage import builder
from eventreg.manage.blueprint import bp
from eventreg.manage.form import Answer, pressed, whole_page
from eventreg.manage.form_questions import changed_page, new_page
from eventreg.manage.form_sections import section_page


@bp.get("/manage/call/form")
@requires("call.manage")
def call_form() -> str:
    """Sections and questions in their order, with everything that is set about them."""
    return whole_page(builder.call())


@bp.post("/manage/call/form")
@requires("call.manage")
def call_form_do() -> Answer:
    """What one press does: move, stop asking, ask again, delete."""
    return pressed(builder.call())


@bp.route("/manage/call/form/questions/new", methods=["GET", "POST"])
@requires("call.manage")
def call_question_new() -> Answer:
    """Another question, at the end of a section."""
    return new_page(builder.call())


@bp.route("/manage/call/form/questions/<code>", methods=["GET", "POST"])
@requires("call.manage")
def call_question(code: str) -> Answer:
    """A question as it is, to be changed; of a built-in one only where it stands and whether it must be answered."""
    return changed_page(builder.call(), code)


@bp.route("/manage/call/form/sections/new", methods=["GET", "POST"])
@requires("call.manage")
def call_section_new() -> Answer:
    """Another section, at the end of the form."""
    return section_page(builder.call(), None)


@bp.route("/manage/call/form/sections/<code>", methods=["GET", "POST"])
@requires("call.manage")
def call_section(code: str) -> Answer:
    """A section as it is, to be changed."""
    at = builder.call()
    return section_page(at, at.form.section(code) or abort(404))
