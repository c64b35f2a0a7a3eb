"""The programme: for now, when it will be there."""

from __future__ import annotations

from flask import Blueprint, render_template

from eventreg.core.access import requires

bp = Blueprint("programme", __name__)


@bp.get("/programme/")
@requires("public.read")
def programme() -> str:
    """Not published yet: the date on which it will be."""
    return render_template("programme/programme.html")
