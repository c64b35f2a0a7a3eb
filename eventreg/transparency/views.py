from flask import Blueprint

from eventreg.core.access import requires

bp = Blueprint("transparency", __name__)
root_bp = Blueprint("transparency_root", __name__)


@bp.get("/")
@requires("public.read")
def home():
    return "home"


@root_bp.get("/<any(ar,fr,en):lang>/")
@requires("public.read")
def events():
    return "events"
