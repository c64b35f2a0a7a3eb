"""Every component with its states on one page: for people who build pages, and for the check of accessibility."""

from __future__ import annotations

from flask import render_template

from eventreg.core.access import requires
from eventreg.manage.blueprint import bp
from eventreg.manage.components_form import example
from eventreg.manage.side import side


@bp.get("/manage/components")
@requires("components.look")
def components() -> str:
    """All components, some right and some wrong."""
    return render_template("manage/components.html", side=side(""), form=example())
