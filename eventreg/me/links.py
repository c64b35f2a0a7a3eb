"""What each purpose of a personal link says before it is followed; `me.views` follows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import g
from flask_babel import gettext as _

from eventreg.core import clock
from eventreg.core.db import transaction
from eventreg.core.i18n import date_long
from eventreg.core.links import Link
from eventreg.people import services as people
from eventreg.people.services import SignedIn
from eventreg.registration import invitations, mails, queries
from eventreg.registration.models import Registration


def _registration(link: Link) -> dict[str, Any]:
    return {
        "title": _("Open your page"),
        "words": [_("This confirms your e-mail address and opens your own page for this meeting.")],
        "action": _("Open my page"),
        "auto": True,
    }


def _draft(link: Link) -> dict[str, Any]:
    return {
        "title": _("Continue your registration"),
        "words": [_("Your answers are kept. Go on where you stopped; nothing is sent before you send it yourself.")],
        "action": _("Continue my registration"),
        "auto": True,
    }


def _invitation(link: Link) -> dict[str, Any]:
    invitation = invitations.by_code(g.event.id, link.ref)
    last_day = date_long(mails.lets_register_until(invitation, g.event) - timedelta(seconds=1))
    words = []
    if invitation.passes_deadline and clock.now() >= g.event.closes_at:
        words.append(_("Registration closed on %(date)s.", date=date_long(g.event.closes_at - timedelta(seconds=1))))
    words.append(_("Your invitation lets you register until %(date)s.", date=last_day))
    words += map(str, mails.what_it_allows(invitation))
    if invitation.email:
        words.append(_("It is for the e-mail address to which it was sent."))
    return {"title": _("You are invited"), "words": words, "action": _("Start now"), "auto": False}


def state(link: Link) -> str:
    """open, used, expired or revoked; an invitation can be over before its link is."""
    now = clock.now()
    if link.purpose == "invitation" and link.state(now) == "open":
        invitation = invitations.by_code(g.event.id, link.ref).state(now)
        return {"unused": "open", "used": "open", "used_up": "used"}.get(invitation, invitation)
    return link.state(now)


def is_of_another(link: Link) -> bool:
    """Whether following the link would sign the viewer out, as it belongs to another person."""
    if link.purpose != "registration" or g.viewer is None:
        return False
    registration = queries.by_code(g.event.id, link.ref)
    return registration is not None and registration.person_id != g.viewer.id


PURPOSES: dict[str, Callable[[Link], dict[str, Any]]] = {
    "registration": _registration,
    "draft": _draft,
    "invitation": _invitation,
}


def open_own_pages(registration: Registration, *, lasts: timedelta, agent: str) -> SignedIn:
    """Let this browser see this person's own pages of this event, and nothing more."""
    with transaction() as now:
        return people.open_session(
            registration.person_id, "link", now=now, agent=agent, event_id=registration.event_id, lasts=lasts
        )
