"""The links that the call mails: what each says before it is followed, and where it leads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import g, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from eventreg.core import clock, text, times
from eventreg.core.db import transaction
from eventreg.core.i18n import instant_long, mark_text, page_lang
from eventreg.core.links import Link
from eventreg.people import rules as people_rules
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.proposals import beginning, late, note_labels, note_queries, partners, queries
from eventreg.proposals.blueprint import LATE
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


def _late(link: Link) -> dict[str, Any]:
    found, call = late.by_code(g.event.id, link.ref), queries.call_of(g.event.id)
    words = []
    if call is not None and clock.now() >= call.closes_at:
        words.append(_("The call closed on %(when)s.", when=instant_long(times.last_minute(call.closes_at))))
    if found is not None:
        until = instant_long(times.last_minute(found.expires_at))
        words.append(_("Your invitation lets you propose a workshop until %(when)s.", when=until))
        if found.email:
            words.append(_("It is for the e-mail address to which it was sent."))
    return {"title": _("You are invited to propose a workshop"), "words": words, "action": _("Start now"), "auto": False}


PURPOSES: dict[str, Callable[[Link], dict[str, Any]]] = {
    "proposer": _proposer, "proposal": _proposal, "co_organiser": _co_organiser, late.PURPOSE: _late,
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
    if link.purpose == late.PURPOSE and found == "open":
        guest = late.by_code(g.event.id, link.ref)
        now_is = guest.state(clock.now()) if guest is not None else "revoked"
        # whoever it is for alone comes back by it to what they have begun
        is_over = now_is in ("expired", "revoked") or (now_is == "used_up" and guest is not None and not guest.email)
        return {"used_up": "used"}.get(now_is, now_is) if is_over else "open"
    return found


def owner_key(link: Link) -> str:
    """The address, as compared, of whom the link belongs to; '' where nobody is known."""
    if link.purpose == "proposer":
        return link.ref
    if link.purpose == "co_organiser":
        found = _invitation(link)
        return found.person.email_key if found else ""
    if link.purpose == late.PURPOSE:
        guest = late.by_code(g.event.id, link.ref)
        return guest.email_key if guest is not None else ""
    person = beginning.writer_of(link)
    return (person.email_key or "") if person else ""


def follow(link: Link, as_person: Callable[[int, str, timedelta], AnyResponse]) -> AnyResponse | None:
    """Go where the link leads, as the person it belongs to; None when that is nowhere any more."""
    if link.purpose == "co_organiser":
        return _answer(link, as_person)
    if link.purpose == late.PURPOSE:
        return _begin_late(link, as_person)
    with transaction():
        person = beginning.person_of(link)
    if person is None:
        return None
    if link.data.get("late"):
        session[LATE] = link.data["late"]
    return as_person(person.id, _begin_or_continue(person) if link.purpose == "proposer" else _page_of(link), _lasts(link))


def _begin_or_continue(person: Person) -> str:
    """To the draft they have begun, else to a new one."""
    drafts = [proposal for proposal, _role in queries.of_person(g.event.id, person.id) if proposal.state == State.DRAFT]
    return url_for("proposals.one", code=drafts[0].code) if drafts else url_for("proposals.new")


def _begin_late(link: Link, as_person: Callable[[int, str, timedelta], AnyResponse]) -> AnyResponse | None:
    """For one address: as that person, to their draft or a new one. For whoever has it: this browser keeps its code."""
    guest = late.by_code(g.event.id, link.ref)
    if guest is None:
        return None
    if not guest.email:
        session[LATE] = guest.code
        if g.viewer is not None:
            mine = late.take_up(guest, g.viewer)
            return redirect(url_for("proposals.one", code=mine.code) if mine else url_for("proposals.new"), 303)
        return redirect(url_for("proposals.start"), 303)
    with transaction():
        person = people.find_or_create(people_rules.email_address(guest.email), lang=guest.lang)
    mine = late.take_up(guest, person)
    return as_person(person.id, url_for("proposals.one", code=mine.code) if mine else url_for("proposals.new"), _lasts(link))


def _page_of(link: Link) -> str:
    return url_for("proposals.notes" if link.data.get("page") == "notes" else "proposals.one", code=link.ref)


def _lasts(link: Link) -> timedelta:
    return link.expires_at - clock.now()


def _answer(link: Link, as_person: Callable[[int, str, timedelta], AnyResponse]) -> AnyResponse | None:
    accepts = request.form.get("answer") != "refuse"
    person = partners.answer(g.event.id, link.ref, accepts=accepts)
    found = _invitation(link)
    if person is None or found is None:
        return None
    return as_person(person.id, url_for("proposals.one", code=found.proposal.code), _lasts(link))


def note_tasks() -> list[tuple[Any, Any, str]]:
    """What the viewer is waited for at concept notes: what, of which workshop, where."""
    return [
        (note_labels.TODO[one.what], mark_text(one.proposal.title), url_for("proposals.notes", code=one.proposal.code))
        for one in note_queries.todo(g.event.id, g.viewer.id)
    ]
