"""Who is this browser? One cookie with a random token; what it may do is read from the database at each request."""

from __future__ import annotations

from flask import Flask, current_app, g, request
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from eventreg.core import access, clock, tokens
from eventreg.core.db import db
from eventreg.people.models import Grant, Person, SignIn
from eventreg.people.services import SignedIn

COOKIE = "signin"


def init_app(app: Flask) -> None:
    """Know the viewer before every view."""
    app.before_request(_load)


def _load() -> None:
    g.viewer, g.sign_in = None, None
    secret = request.cookies.get(COOKIE, "")
    if not 20 <= len(secret) <= 100:
        return
    query = (
        select(SignIn, Person)
        .join(Person, Person.id == SignIn.person_id)
        .where(SignIn.hash == tokens.hash_secret(secret), SignIn.ended_at.is_(None), SignIn.expires_at > clock.now())
    )
    if row := db.session.execute(query).first():
        g.sign_in, g.viewer = row


def roles_here() -> frozenset[str]:
    """The viewer's roles of the access matrix in this request's event; a mail's link gives own pages of its event only."""
    event = g.get("event")
    if g.viewer is None:
        return frozenset({"AN"})
    if g.sign_in.kind == "link":
        own = event is not None and event.id == g.sign_in.event_id
        return frozenset({"AN", "PA"} if own else {"AN"})
    g.grants = grants_of(g.viewer.id, event.id if event is not None else None)
    return frozenset({"AN", "PA", *(grant.role for grant in g.grants)})


def grants_of(person_id: int, event_id: int | None) -> list[Grant]:
    """The roles granted to a person in this event and in the installation."""
    here = or_(Grant.event_id.is_(None), Grant.event_id == event_id) if event_id else Grant.event_id.is_(None)
    return list(db.session.scalars(select(Grant).where(Grant.person_id == person_id, here)))


def has_scope(scope: str) -> bool:
    """Whether one of the viewer's grants here carries this scope, e.g. "needs"."""
    access.roles()
    return any(scope in grant.scopes for grant in g.get("grants", []))


def is_full() -> bool:
    """Whether the viewer really signed in (not only opened a mail's link)."""
    return g.sign_in is not None and g.sign_in.kind == "full"


def keep(response: Response, signed_in: SignedIn) -> Response:
    """Hand the browser its cookie."""
    lasts = signed_in.expires_at - clock.now()  # a length, not a date: the browser's clock may be wrong
    response.set_cookie(
        COOKIE, signed_in.secret, max_age=int(lasts.total_seconds()), httponly=True, samesite="Lax", path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )  # fmt: skip
    return response


def forget(response: Response) -> Response:
    """Take the cookie away."""
    response.delete_cookie(COOKIE, path="/", samesite="Lax", httponly=True)
    return response
