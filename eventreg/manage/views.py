from flask import Blueprint

from eventreg.core.access import requires

bp = Blueprint("manage", __name__)


@bp.get("/manage/")
@requires("event.overview")
def today():
    return "today"
