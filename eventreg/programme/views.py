from flask import Blueprint

from eventreg.core.access import requires

bp = Blueprint("programme", __name__)


@bp.get("/programme/")
@requires("public.read")
def programme():
    return "programme"
