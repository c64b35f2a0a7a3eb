"""What each purpose of a personal link says before it is followed; `me.views` follows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import g
from flask_babel import gettext as _

from eventreg.core import clock, text
from eventreg.core.db import db, transaction
from eventreg.core.i18n import date_long
from eventreg.core.links import Link
from eventreg.me import proposal_links
from eventreg.people import services as people
from eventreg.people.services import SignedIn
from eventreg.registration import delegations, invitations, mails, members, queries
from eventreg.registration.models import Delegation


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


def _member(link: Link) -> dict[str, Any]:
    place = members.by_link_code(link.ref)
    words = [_("A place is kept for you in a delegation. You answer the form yourself; the head of the delegation sees only your "
               "name and that you have registered.")]  # fmt: skip
    if place is not None:
        delegation = db.session.get_one(Delegation, place.delegation_id)
        words.insert(0, _("Delegation: %(name)s", name=text.isolate(delegation.name)))
        last_day = date_long(members.ends_at(delegation, place, g.event) - timedelta(seconds=1))
        words.append(_("You can register until %(date)s.", date=last_day))
    return {"title": _("A place is kept for you"), "words": words, "action": _("Start now"), "auto": False}


def _head(link: Link) -> dict[str, Any]:
    return {
        "title": _("Your delegation"),
        "words": [_("This confirms your e-mail address and opens the page on which you say who comes.")],
        "action": _("Open the page of the delegation"),
        "auto": True,
    }


def state(link: Link) -> str:
    """open, used, expired or revoked; an invitation can be over before its link is."""
    now = clock.now()
    if link.purpose == "invitation" and link.state(now) == "open":
        invitation = invitations.by_code(g.event.id, link.ref).state(now)
        return {"unused": "open", "used": "open", "used_up": "used"}.get(invitation, invitation)
    if link.purpose in proposal_links.PURPOSES:
        return proposal_links.state(link)
    if link.purpose == "delegation" and link.state(now) == "open":
        place = members.by_link_code(link.ref)
        return "revoked" if place is None else "used" if place.registration_id is not None else "open"
    return link.state(now)


def is_of_another(link: Link) -> bool:
    """Whether following the link would sign the viewer out, as it belongs to another person."""
    if g.viewer is not None and link.purpose in proposal_links.PURPOSES:
        return proposal_links.owner_key(link) not in ("", g.viewer.email_key)
    if link.purpose not in ("registration", "delegation_head") or g.viewer is None:
        return False
    if link.purpose == "delegation_head":
        delegation = delegations.by_code(g.event.id, link.ref)
        return delegation is not None and delegation.head_id != g.viewer.id
    registration = queries.by_code(g.event.id, link.ref)
    return registration is not None and registration.person_id != g.viewer.id


PURPOSES: dict[str, Callable[[Link], dict[str, Any]]] = {
    "registration": _registration,
    "draft": _draft,
    "invitation": _invitation,
    "delegation": _member,
    "delegation_head": _head,
    **proposal_links.PURPOSES,
}


def open_own_pages(person_id: int, *, lasts: timedelta, agent: str) -> SignedIn:
    """Let this browser see this person's own pages of this event, and nothing more; their address is theirs."""
    with transaction() as now:
        people.confirm_address(person_id, now)
        return people.open_session(person_id, "link", now=now, agent=agent, event_id=g.event.id, lasts=lasts)
