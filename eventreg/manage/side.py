"""What stands beside an organiser's page? The pages of this room and those below that the viewer may open."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l

from eventreg.core import access

# key (what a page passes as `current`), endpoint, label, action
_ITEMS: tuple[tuple[str, str, Any, str], ...] = (
    ("today", "manage.today", _l("Today"), "event.overview"),
    ("people", "manage.people", _l("People"), "participants.list"),
    ("organisations", "manage.organisations", _l("Organisations"), "organisations.manage"),
    ("waiting", "manage.waiting", _l("Waiting list"), "participants.list"),
    ("import", "imports.batches", _l("Import"), "participants.import"),
    ("moderation", "manage.moderation", _l("Moderation"), "registration.decide"),
    ("invitations", "manage.invitations", _l("Invitations"), "invitations.issue"),
    ("delegations", "manage.delegations", _l("Delegations"), "delegations.manage"),
    ("mail", "manage.mail", _l("Mail"), "mail.read"),
    ("badges", "badges.batches", _l("Badges"), "badges.print"),
    ("devices", "checkin.devices", _l("Door devices"), "door.devices"),
    ("form", "manage.form", _l("Form"), "form.change"),
    ("deadline", "manage.deadline", _l("Deadline"), "event.deadline"),
    ("limits", "manage.limits", _l("Places"), "event.deadline"),
    ("audit", "manage.audit", _l("Record of changes"), "audit.read"),
    ("access", "manage.access_matrix", _l("Who may do what"), "access.read"),
)


def side(current: str) -> list[dict[str, Any]]:
    """The side navigation: label, url, whether it is the page named `current`."""
    return [
        {"label": label, "url": url_for(endpoint), "current": key == current}
        for key, endpoint, label, action in _ITEMS
        if access.allows(action)
    ]
