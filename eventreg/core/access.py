"""May this person do that here? One table, role × action; every view names its action; no action, no view.

Roles are those of the access matrix: AN anyone, PA a signed-in person (own things), and what is granted per event: CI check-in,
OR organiser, AD admin, … Rights are read from the database at each request; the session stores none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

P = ParamSpec("P")
R = TypeVar("R")

ROLES = ("AN", "PA", "PR", "CO", "SP", "RE", "CH", "SC", "CI", "OR", "FO", "DO", "CM", "SE", "AD")
Table = Mapping[str, Mapping[str, str]]


class SignedOut(Unauthorized):
    """Something was typed on a page of one's own, and one is signed in no more: the answer gives the words back."""


DERIVED = frozenset({"PR", "CO"})  # roles that nobody grants: they follow from what somebody does


def init_app(
    app: Flask, table: Table, roles_here: Callable[[], frozenset[str]], derived_here: Callable[[], frozenset[str]]
) -> None:
    """`table` maps action -> role -> cell (Y, O, A, C, 2); `roles_here` tells the viewer's roles for this request.

    `derived_here` tells those of DERIVED; it is asked only where an action hangs on them.
    """
    app.extensions["eventreg.access"] = table
    app.extensions["eventreg.roles"] = roles_here
    app.extensions["eventreg.derived_roles"] = derived_here


def requires(action: str, *, kinds: Collection[str] = ()) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Guard a view: the table must allow `action` to one of the viewer's roles.

    Else: the sign-in page for a stranger (raises SignedOut where they had typed something), 404 where the address names an
    object, 403 for a function. `kinds`: parts of the address that choose how the function answers and name no object.
    """

    def guard(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            if not allows(action):
                return _denied(kinds)
            return view(*args, **kwargs)

        guarded.access_action = action  # type: ignore[attr-defined]
        return guarded

    return guard


def allows(action: str) -> bool:
    """Whether the viewer may do `action` in this event (for links and buttons: show only what works)."""
    row = current_app.extensions["eventreg.access"][action]
    return any(role in row for role in roles()) or (bool(DERIVED & row.keys()) and any(role in row for role in _derived_roles()))


def roles() -> frozenset[str]:
    """The viewer's roles in the event of this request; looked up once."""
    if "roles" not in g:
        g.roles = current_app.extensions["eventreg.roles"]()
    found: frozenset[str] = g.roles
    return found


def _derived_roles() -> frozenset[str]:
    """What the viewer is by what they do in this event; looked up once."""
    if "derived_roles" not in g:
        g.derived_roles = current_app.extensions["eventreg.derived_roles"]()
    found: frozenset[str] = g.derived_roles
    return found


def _denied(kinds: Collection[str]) -> Response:
    if g.get("viewer") is None:
        if request.method == "POST" and any(name != "csrf_token" for name in request.form):
            raise SignedOut
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("people.sign_in", next=target), 303)
    return abort(404 if set(request.view_args or {}) - {"lang", "event", *kinds} else 403)


def action_of(view: Any) -> str | None:
    """The action that a view names, for the test that walks the table."""
    return getattr(view, "access_action", None)
