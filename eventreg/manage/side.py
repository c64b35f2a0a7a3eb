"""What stands beside an organiser's page? The pages of this room and those below that the viewer may open, under five headings."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l

from eventreg.core import access

_Item = tuple[str, str, Any, str]  # key (what a page passes as `current`), endpoint, label, action

_GROUPS: tuple[tuple[Any, tuple[_Item, ...]], ...] = (
    ("", (("today", "manage.today", _l("Today"), "event.overview"),)),
    (
        _l("Who comes"),
        (
            ("people", "manage.people", _l("People"), "participants.list"),
            ("organisations", "manage.organisations", _l("Organisations"), "organisations.manage"),
            ("moderation", "manage.moderation", _l("Moderation"), "registration.decide"),
            ("waiting", "manage.waiting", _l("Waiting list"), "participants.list"),
            ("import", "imports.batches", _l("Import"), "participants.import"),
        ),
    ),
    (
        _l("Workshops"),
        (
            ("call", "manage.call", _l("Call for workshops"), "call.manage"),
            ("proposals", "manage.proposals", _l("Proposals"), "proposals.list"),
        ),
    ),
    (
        _l("Selection"),
        (
            ("chair", "manage.chair", _l("Overview"), "assignment.manage"),
            ("criteria", "manage.chair_criteria", _l("Criteria"), "criteria.edit"),
            ("reviewing", "manage.chair_settings", _l("Reviewing"), "assignment.manage"),
            ("reviewers", "manage.chair_reviewers", _l("Reviewers"), "assignment.manage"),
            ("conflicts", "manage.chair_conflicts", _l("Conflicts of interest"), "conflict.others"),
            ("assign", "manage.chair_assign", _l("Assignment"), "assignment.manage"),
            ("ranking", "manage.chair_ranking", _l("Ranking"), "selection.read"),
        ),
    ),
    (
        _l("Invite and write"),
        (
            ("invitations", "manage.invitations", _l("Invitations"), "invitations.issue"),
            ("delegations", "manage.delegations", _l("Delegations"), "delegations.manage"),
            ("mail", "manage.mail", _l("Mail"), "mail.read"),
        ),
    ),
    (
        _l("At the venue"),
        (
            ("badges", "badges.batches", _l("Badges"), "badges.print"),
            ("devices", "checkin.devices", _l("Door devices"), "door.devices"),
        ),
    ),
    (
        _l("Rules and record"),
        (
            ("form", "manage.form", _l("Form"), "form.change"),
            ("deadline", "manage.deadline", _l("Deadline"), "event.deadline"),
            ("limits", "manage.limits", _l("Places"), "event.deadline"),
            ("audit", "manage.audit", _l("Record of changes"), "audit.read"),
            ("access", "manage.access_matrix", _l("Who may do what"), "access.read"),
        ),
    ),
)


def side(current: str) -> list[dict[str, Any]]:
    """The side navigation by heading: each page's label, url, whether it is the one named `current`."""
    groups = [
        {"title": title, "pages": [_page(item, current) for item in items if access.allows(item[3])]} for title, items in _GROUPS
    ]
    return [group for group in groups if group["pages"]]


def _page(item: _Item, current: str) -> dict[str, Any]:
    key, endpoint, label, _action = item
    return {"label": label, "url": url_for(endpoint), "current": key == current}
