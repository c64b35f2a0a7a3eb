from flask import Blueprint

from eventreg.core.access import requires

bp = Blueprint("people", __name__, url_prefix="/<any(ar,fr,en):lang>")


@bp.get("/sign-in")
@requires("public.read")
def sign_in():
    return "sign in"


@bp.get("/sign-in/<token>")
@requires("public.read")
def use_link(token):
    return "x"
