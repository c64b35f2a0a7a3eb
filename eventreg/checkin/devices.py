"""Which phone or laptop is this? An organiser names devices, pairs them by a link of ten minutes, and can revoke them.

A paired device may scan without anybody signing in: its cookie is sent to the door's pages only. Its token is kept as
a hash.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import abort, after_this_request, current_app, g, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from eventreg.checkin.models import Device
from eventreg.core import audit, links, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import LANGS
from eventreg.core.refusals import Refusal, Refused
from eventreg.people.models import Person

COOKIE = "device"
PURPOSE = "door_device"
PAIRING_LASTS = timedelta(minutes=10)
_PAIRING = frozenset({"checkin.pair", "checkin.pair_now"})  # open to a browser whose former device is revoked
COOKIE_LASTS = timedelta(days=14)


def create(event_id: int, *, name: str, door: str, by: Person) -> Device:
    """Name a device; it is paired by the link of `pairing_secret`."""
    with transaction() as now:
        device = Device(code=tokens.short_code("D"), event_id=event_id, name=name, door=door, person_id=by.id, created_at=now)
        db.session.add(device)
        db.session.flush()
        actor = Actor("organiser", by.code)
        audit.record("device.created", device, event_id=event_id, actor=actor, facts={"door": door})
        return device


def pairing_secret(device_id: int, *, by: Person) -> str:
    """A new link of ten minutes and one use; the ones before are dead. Raises Refused (door.device_revoked)."""
    with transaction() as now:
        device = db.session.get_one(Device, device_id)
        if device.revoked_at is not None:
            raise Refused(Refusal("door.device_revoked"))
        links.revoke(PURPOSE, device.code, now, event_id=device.event_id)
        audit.record("device.pairing_shown", device, event_id=device.event_id, actor=Actor("organiser", by.code))
        return links.make(PURPOSE, device.code, now=now, expires_at=now + PAIRING_LASTS, max_uses=1, event_id=device.event_id)


def waiting_for(event_id: int, secret: str, *, now: datetime) -> Device | None:
    """The device that the pairing link is for, None when the link is unknown, over, or of another meeting."""
    link = links.find(secret)
    if link is None or link.purpose != PURPOSE or link.event_id != event_id or link.state(now) != "open":
        return None
    return db.session.scalar(select(Device).where(Device.code == link.ref, Device.revoked_at.is_(None)))


def pair(event_id: int, secret: str) -> str:
    """Use a pairing link: the secret for the cookie of this browser; whatever was paired to the device before is out.

    Raises Refused (door.pairing_over) when the link is unknown, used or older than ten minutes.
    """
    with transaction() as now:
        link, device = links.find(secret), waiting_for(event_id, secret, now=now)
        if link is None or device is None or not links.use(link.id, now):
            raise Refused(Refusal("door.pairing_over"))
        token = tokens.new_secret()
        device.hash, device.seen_at = tokens.hash_secret(token), now
        audit.record("device.paired", device, event_id=event_id, actor=Actor("device", device.code))
        return token


def revoke(device_id: int, *, by: Person) -> None:
    """The device is lost: red at its next contact, where it forgets what it holds. Again is the same."""
    with transaction() as now:
        device = db.session.get_one(Device, device_id)
        if device.revoked_at is not None:
            return
        device.revoked_at = now
        links.revoke(PURPOSE, device.code, now, event_id=device.event_id)
        audit.record("device.revoked", device, event_id=device.event_id, actor=Actor("organiser", by.code))


# ---- the cookie ----------------------------------------------------------------------------------------------------


def keep(response: Response, token: str, event_slug: str) -> Response:
    """Hand the browser its cookie, for the door's pages of this meeting in each language."""
    for path in _paths(event_slug):
        response.set_cookie(
            COOKIE, token, max_age=int(COOKIE_LASTS.total_seconds()), path=path, httponly=True, samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )  # fmt: skip
    return response


def _paths(event_slug: str) -> list[str]:
    return [f"/{lang}/{event_slug}/desk" for lang in LANGS]


def of_request() -> Device | None:
    """The device whose cookie came with this request, looked up once; answers 410 when it has been revoked."""
    if "device" not in g:
        g.device = _find()
    found: Device | None = g.device
    return found


def _find() -> Device | None:
    token, event = request.cookies.get(COOKIE, ""), g.get("event")
    if event is None or not 20 <= len(token) <= 100 or request.endpoint in _PAIRING:
        return None
    if request.blueprint != "checkin":  # the cookie's path is the browser's promise only
        return None
    query = select(Device).where(Device.hash == tokens.hash_secret(token), Device.event_id == event.id)
    device = db.session.scalar(query)
    if device is not None and device.revoked_at is not None:
        slug, g.device = event.slug, None  # the error page asks for the roles once more
        after_this_request(lambda response: _forget(response, slug))
        abort(410)
    return device


def _forget(response: Response, event_slug: str) -> Response:
    for path in _paths(event_slug):
        response.delete_cookie(COOKIE, path=path, httponly=True, samesite="Lax")
    return response


def roles_here() -> frozenset[str]:
    """A paired device is a check-in volunteer of its meeting; for the table of rights."""
    return frozenset({"CI"}) if of_request() is not None else frozenset()
