from flask import Blueprint

from eventreg.core.access import requires

bp = Blueprint("me", __name__)


@bp.get("/me/")
@requires("registration.own")
def home():
    return "me"


@bp.get("/i/<token>")
@requires("link.open")
def open_link(token):
    return "link"
