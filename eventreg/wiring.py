"""Who hears what: what the worker runs, what the clock does, what attachments are made of, what the menu shows."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import gettext as _

from eventreg.badges import printing
from eventreg.checkin import devices
from eventreg.core import access, files, limits
from eventreg.core.db import transaction
from eventreg.events import services as events
from eventreg.imports import services as imports
from eventreg.imports import work as importing
from eventreg.manage import bulk, side
from eventreg.people import session
from eventreg.proposals import calls, note_reminders
from eventreg.proposals import form_changes as call_changes
from eventreg.proposals import organisations as proposing_organisations
from eventreg.proposals import queries as proposals
from eventreg.registration import attachments, batches, expiry, moderation, reminders, retention
from eventreg.registration import organisations as registered_organisations
from eventreg.reviewing import balancing, suggesting, telling

JOBS = {
    "badges.batch": printing.run_batch,
    call_changes.JOB: call_changes.derive_all,
    batches.JOB_KIND: batches.run_batch,
    bulk.JOB_KIND: bulk.run,
    imports.CHECK: importing.run_check,
    imports.APPLY: importing.run_apply,
    imports.UNDO: importing.run_undo,
    balancing.JOB: balancing.run,
}
MAKERS = {"ticket.png": attachments.ticket_png, "ticket.pdf": attachments.ticket_pdf, "event.ics": attachments.calendar}

# rooms that hold links to organisations, and move them when two become one
HOLDERS = (registered_organisations.HOLDER, proposing_organisations.HOLDER)


def _sweep_attempts(now: Any) -> None:
    with transaction():
        limits.sweep(now)


DUE = [
    moderation.due, expiry.due, imports.due, reminders.due, retention.due, events.recompute_deadlines, calls.recompute, calls.close,
    files.due, bulk.due, note_reminders.due, suggesting.due, telling.due, _sweep_attempts,
]  # fmt: skip


def connect(app: Flask) -> None:
    """Hand core what the rooms above it do."""
    app.extensions["eventreg.jobs"] = JOBS
    app.extensions["eventreg.makers"] = MAKERS
    app.extensions["eventreg.due"] = DUE
    app.extensions["eventreg.holders"] = HOLDERS
    # rooms below manage/ show its side navigation beside their own organiser's pages, and may not import it
    app.jinja_env.globals["manage_side"] = side.side


def roles_here() -> frozenset[str]:
    """The viewer's roles in this request: granted ones, and those of a device at the door."""
    return session.roles_here() | devices.roles_here()


def derived_here() -> frozenset[str]:
    """What the viewer is by leading or co-organising proposals of this event."""
    if "PA" not in access.roles() or g.get("event") is None:
        return frozenset()
    return proposals.roles_of(g.event.id, g.viewer.id)


def navigation() -> list[dict[str, Any]]:
    """The main menu of this page: only what exists and what the viewer may open."""
    if g.get("event") is None:
        return []
    items = [("programme.programme", _("Programme"), "public.read")]
    if g.get("call") is not None:
        items.append(("proposals.call", _("Call for workshops"), "public.read"))
    items += [("me.home", _("My page"), "registration.own")]
    items += [("reviewing.home", _("Review"), "review.write")]
    items += [("manage.chair", _("Selection"), "assignment.manage")]
    items += [("manage.today", _("Manage"), "event.overview"), ("checkin.scan", _("Door"), "door.scan")]
    return [
        {"label": label, "url": url_for(endpoint), "current": _is_current(endpoint)}
        for endpoint, label, action in items
        if access.allows(action)
    ]


def _is_current(endpoint: str) -> bool:
    """Whether the page of this request belongs to that item of the menu."""
    is_chairs = (request.endpoint or "").startswith("manage.chair")
    if endpoint == "manage.chair" or is_chairs:
        return is_chairs and endpoint == "manage.chair"
    here = {"badges": "manage", "imports": "manage"}.get(request.blueprint or "", request.blueprint)  # made under manage/
    return here == endpoint.partition(".")[0]
