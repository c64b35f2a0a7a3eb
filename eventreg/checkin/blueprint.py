"""The blueprint of the door, and who stands at it in this request."""

from __future__ import annotations

from urllib.parse import quote, unquote

from flask import Blueprint, current_app, g, request
from werkzeug.wrappers import Response

from eventreg.checkin import devices, incoming
from eventreg.checkin.services import Desk
from eventreg.core import access
from eventreg.core.audit import Actor
from eventreg.people import session

bp = Blueprint("checkin", __name__)
DOOR_COOKIE = "door"


@bp.after_request
def _keep_nothing(response: Response) -> Response:
    """Names of participants stay in no cache of a shared phone."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def desk(door: str = "") -> Desk:
    """Who scans where in this request; a device keeps its door, a volunteer chooses one (`door`, else the cookie)."""
    device = devices.of_request()
    actor = Actor("person", g.viewer.code) if g.viewer is not None else Actor("device", device.code if device else "")
    return Desk(
        actor, device.door if device is not None else door or chosen_door(),
        person_id=g.viewer.id if g.viewer is not None else None,
        device_id=device.id if device is not None else None,
        may_force=access.allows("door.undo"),
        is_lead=access.allows("door.devices") or session.has_scope("lead"),
    )  # fmt: skip


def chosen_door() -> str:
    """The door that this browser said it stands at."""
    return incoming.door_name(unquote(request.cookies.get(DOOR_COOKIE, "")))


def keep_door(response: Response, door: str) -> Response:
    """Remember the door in this browser; cookies hold ASCII only."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(DOOR_COOKIE, quote(door), max_age=14 * 86400, httponly=True, samesite="Lax", secure=secure)
    return response


def wants_json() -> bool:
    """Whether the script of the page asks, not the browser."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
