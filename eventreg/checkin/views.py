from flask import Blueprint

from eventreg.core.access import requires

bp = Blueprint("checkin", __name__)


@bp.get("/desk/scan")
@requires("door.scan")
def scan():
    return "scan"
