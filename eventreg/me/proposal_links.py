"""The links that the call mails: what each says before it is followed, and where it leads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from eventreg.core import clock, text
from eventreg.core.db import transaction
from eventreg.core.i18n import page_lang
from eventreg.core.links import Link
from eventreg.people.models import Person
from eventreg.proposals import beginning, partners, queries
from eventreg.proposals.partners import Invitation
from eventreg.proposals.rules import Answer, State


def _proposer(link: Link) -> dict[str, Any]:
    return {
        "title": _("Propose a workshop"),
        "words": [_("This confirms your e-mail address and lets you write. Nothing is sent before you send it yourself.")],
        "action": _("Go on"),
        "auto": True,
    }


def _proposal(link: Link) -> dict[str, Any]:
    return {
        "title": _("Open your proposal"),
        "words": [_("This opens the proposal that you organise.")],
        "action": _("Open the proposal"),
        "auto": True,
    }


def _co_organiser(link: Link) -> dict[str, Any]:
    found = _invitation(link)
    if found is None:
        return {"title": _("You are asked to co-organise a workshop"), "words": [], "action": _("Accept"), "auto": False}
    lang = page_lang()
    words = [
        _("Workshop: %(title)s", title=text.isolate(found.proposal.title.in_(lang))),
        _("As a co-organiser for: %(organisation)s", organisation=text.isolate(found.person.organisation_name)),
        _("If you accept, you can read and change the proposal, and your organisation stands behind it."),
    ]
    if found.person.answer == Answer.DECLINED:
        words.append(_("You declined this invitation. You can still accept it."))
    return {
        "title": _("You are asked to co-organise a workshop"), "words": words, "action": _("Accept"), "auto": False,
        "refuse": _("Decline"),
    }  # fmt: skip


PURPOSES: dict[str, Callable[[Link], dict[str, Any]]] = {
    "proposer": _proposer, "proposal": _proposal, "co_organiser": _co_organiser,
}  # fmt: skip


def _invitation(link: Link) -> Invitation | None:
    return partners.invitation(g.event.id, link.ref)


def state(link: Link) -> str:
    """open, used, expired or revoked: an invitation is over when its proposal is."""
    found = link.state(clock.now())
    if link.purpose == "co_organiser" and found == "open":
        invitation = _invitation(link)
        gone = (State.WITHDRAWN, State.MERGED)
        if invitation is None or invitation.person.answer == Answer.REMOVED or invitation.proposal.state in gone:
            return "revoked"
    return found


def owner_key(link: Link) -> str:
    """The address, as compared, of whom the link belongs to; '' where nobody is known."""
    if link.purpose == "proposer":
        return link.ref
    if link.purpose == "co_organiser":
        found = _invitation(link)
        return found.person.email_key if found else ""
    person = beginning.writer_of(link)
    return (person.email_key or "") if person else ""


def follow(link: Link, as_person: Callable[[int, str, timedelta], AnyResponse]) -> AnyResponse | None:
    """Go where the link leads, as the person it belongs to; None when that is nowhere any more."""
    if link.purpose == "co_organiser":
        return _answer(link, as_person)
    with transaction():
        person = beginning.person_of(link)
    if person is None:
        return None
    return as_person(person.id, _begin_or_continue(person) if link.purpose == "proposer" else _page_of(link), _lasts(link))


def _begin_or_continue(person: Person) -> str:
    """To the draft they have begun, else to a new one."""
    drafts = [proposal for proposal, _role in queries.of_person(g.event.id, person.id) if proposal.state == State.DRAFT]
    return url_for("proposals.one", code=drafts[0].code) if drafts else url_for("proposals.new")


def _page_of(link: Link) -> str:
    return url_for("proposals.one", code=link.ref)


def _lasts(link: Link) -> timedelta:
    return link.expires_at - clock.now()


def _answer(link: Link, as_person: Callable[[int, str, timedelta], AnyResponse]) -> AnyResponse | None:
    accepts = request.form.get("answer") != "refuse"
    person = partners.answer(g.event.id, link.ref, accepts=accepts)
    found = _invitation(link)
    if person is None or found is None:
        return None
    return as_person(person.id, url_for("proposals.one", code=found.proposal.code), _lasts(link))
