"""Which mails registration sends, to whom, with what; texts in templates/registration/mail/<name>/.

No mail to an address that is not confirmed carries anything that was typed: it could be a stranger's words to a third person.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from eventreg.core import links, outbox, text, times, urls
from eventreg.core.db import db
from eventreg.core.i18n import local
from eventreg.core.questions.shape import Asked
from eventreg.events.models import Event
from eventreg.people.models import Organisation, Person
from eventreg.registration import labels, queries
from eventreg.registration.models import (
    Delegation,
    DelegationPlace,
    Draft,
    Invitation,
    Registration,
    RegistrationDecision,
    WaitingEntry,
)
from eventreg.registration.rules import Full, State, Waiting

LINK_LASTS_AFTER_EVENT = timedelta(days=30)


def where_you_stand(registration: Registration, event: Event, *, now: datetime) -> None:
    """After sending, or an accepted offer: confirmed with ticket and calendar entry, an open offer, or the rank in the list."""
    if registration.state == State.CONFIRMED:
        recipes = [{"maker": maker, "registration": registration.id} for maker in ("ticket.png", "ticket.pdf", "event.ics")]
        more = any(question.is_asked for question in queries.form_of(event.id).own(Asked.AFTER))
        _send("confirmed", registration, event, now=now, attachments=recipes, asks_more=more)
        return
    if registration.state == State.SUBMITTED:
        _send("considered", registration, event, now=now)
        return
    entry = queries.live_entry(registration.id)
    if entry is not None and entry.state == Waiting.OFFERED:
        place_offered(registration, event, entry, now=now)
        return
    full = queries.what_is_full(event, queries.claims_of(registration))
    _send("waiting", registration, event, now=now, rank=rank_of(registration), full=full)


def decided(registration: Registration, event: Event, decision: RegistrationDecision, *, now: datetime) -> None:
    """What an organiser's decision brought: a place, a rank in the waiting list, or a no with its reason."""
    if registration.state == State.DECLINED:
        _send("declined", registration, event, now=now, **_reason(decision))
    else:
        where_you_stand(registration, event, now=now)


def decision_preview(
    registration: Registration, event: Event, decision: RegistrationDecision, *, outcome: State, full: Full
) -> tuple[str, str, str]:
    """Subject, text and HTML of the mail that a decision would bring; its personal link is made only when it leaves."""
    name = {State.CONFIRMED: "confirmed", State.WAITLISTED: "waiting"}.get(outcome, "declined")
    url = urls.absolute("me.open_link", lang=registration.lang, event=event.slug, token="-")
    context = _context(registration, event, url) | _reason(decision)
    context |= {"rank": queries.next_rank(event.id), "full": full}
    return outbox.render(f"registration/{name}", registration.lang, context)


def _reason(decision: RegistrationDecision) -> dict[str, Any]:
    return {"reason": labels.DECISION_REASON.get(decision.reason, ""), "words": decision.words}


def already_registered(registration: Registration, event: Event, *, lang: str, now: datetime) -> None:
    """The same address again: the link to what exists, in the language just used."""
    _send("already", registration, event, now=now, lang=lang)


def place_offered(registration: Registration, event: Event, entry: WaitingEntry, *, now: datetime) -> None:
    """A place is theirs until the offer ends."""
    _send("offered", registration, event, now=now, until=entry.offer_expires_at)


def offer_lapsed(registration: Registration, event: Event, *, now: datetime) -> None:
    """The offer was not answered in time and went on."""
    _send("lapsed", registration, event, now=now)


def cancelled(registration: Registration, event: Event, *, now: datetime) -> None:
    """The registration is cancelled; how to come back."""
    _send("cancelled", registration, event, now=now)


def ticket_replaced(registration: Registration, event: Event, *, now: datetime) -> None:
    """The badge is printed again: the new ticket; the former code is dead."""
    recipes = [{"maker": maker, "registration": registration.id} for maker in ("ticket.png", "ticket.pdf")]
    _send("replaced", registration, event, now=now, attachments=recipes)


def expired(registration: Registration, event: Event, *, now: datetime) -> None:
    """The address was not confirmed in time; the place went on."""
    _send("expired", registration, event, now=now)


def draft_resume(draft: Draft, event: Event, secret: str, *, to: str) -> None:
    """The link back to a form that was begun."""
    url = urls.absolute("me.open_link", lang=draft.lang, event=event.slug, token=secret)
    outbox.queue(
        "registration/draft", to=to, lang=draft.lang, about=("draft", draft.code), event_id=event.id,
        context=_common(event) | {"url": url},
    )  # fmt: skip


def deadline_moved(draft: Draft, event: Event, secret: str, *, to: str) -> None:
    """Registration closes at another time; the link back to the form that was begun."""
    url = urls.absolute("me.open_link", lang=draft.lang, event=event.slug, token=secret)
    context = _common(event) | {"url": url, "last_minute": times.last_minute(event.closes_at)}
    outbox.queue(
        "registration/deadline_moved", to=to, lang=draft.lang, about=("draft", draft.code), event_id=event.id, context=context
    )


def invitation(invitation: Invitation, event: Event, secret: str, *, to: str, now: datetime) -> None:
    """A personal invitation: what it allows, until when, the link."""
    outbox.queue(
        "registration/invitation", to=to, lang=invitation.lang, about=("invitation", invitation.code), event_id=event.id,
        context=_invitation_context(invitation, event, secret, now=now),
    )  # fmt: skip


def invitation_reminder(invitation: Invitation, event: Event, secret: str, *, to: str, now: datetime) -> None:
    """The invitation was not used yet: what it allows, until when, a link."""
    outbox.queue(
        "registration/invitation_reminder", to=to, lang=invitation.lang, about=("invitation", invitation.code),
        event_id=event.id, context=_invitation_context(invitation, event, secret, now=now),
    )  # fmt: skip


def invitation_preview(invitation: Invitation, event: Event, secret: str, *, now: datetime) -> tuple[str, str, str]:
    """Subject, text and HTML of an invitation, to show or to copy; nothing is sent."""
    context = _invitation_context(invitation, event, secret, now=now)
    return outbox.render("registration/invitation", invitation.lang, context)


def _invitation_context(invitation: Invitation, event: Event, secret: str, *, now: datetime) -> dict[str, Any]:
    return _common(event) | {
        "url": urls.absolute("me.open_link", lang=invitation.lang, event=event.slug, token=secret),
        "passes_deadline": invitation.passes_deadline and now >= event.closes_at, "allows": what_it_allows(invitation),
        "last_day": local(lets_register_until(invitation, event) - timedelta(seconds=1), event.zone).date(),
    }


def what_it_allows(invitation: Invitation) -> list[Any]:
    """What an invitation means beside its last day, in sentences for its guest: the same in mails and on its page."""
    words: list[Any] = []
    if invitation.passes_limit:
        words.append(_l("A place is yours even if all places are taken."))
    if invitation.passes_moderation:
        words.append(_l("Your registration needs no further approval."))
    if invitation.category:
        words.append(_l("You register in this category: %(category)s.", category=labels.CATEGORY[invitation.category]))
    if invitation.organisation_id is not None:
        name = db.session.get_one(Organisation, invitation.organisation_id).name.in_(invitation.lang)
        words.append(_l("It is for people of this organisation: %(organisation)s.", organisation=text.isolate(name)))
    return words


def delegation_made(delegation: Delegation, event: Event, *, lang: str, size: int, now: datetime) -> None:
    """To the head: so many places are kept, and the link to the page where they are named."""
    _to_head("delegation_made", delegation, event, lang=lang, now=now, size=size)


def delegation_complete(
    delegation: Delegation, place: DelegationPlace, registration: Registration, event: Event, *, now: datetime
) -> None:
    """To the head: the person of a place is registered; with their ticket when they have no address themselves."""
    recipes = [{"maker": maker, "registration": registration.id} for maker in ("ticket.png", "ticket.pdf")]
    _to_head(
        "delegation_complete", delegation, event, now=now, number=place.number, has_ticket=place.is_named_by_head,
        attachments=recipes if place.is_named_by_head else None,
    )  # fmt: skip


def _to_head(
    name: str, delegation: Delegation, event: Event, *, now: datetime, lang: str = "",
    attachments: list[dict[str, Any]] | None = None, **context: Any,
) -> None:  # fmt: skip
    head = db.session.get_one(Person, delegation.head_id)
    if not head.email_ascii:
        return
    lang = lang or head.lang
    expires = max(now, datetime.combine(event.last_day, datetime.min.time(), now.tzinfo)) + LINK_LASTS_AFTER_EVENT
    secret = links.make("delegation_head", delegation.code, now=now, expires_at=expires, event_id=event.id)
    url = urls.absolute("me.open_link", lang=lang, event=event.slug, token=secret)
    outbox.queue(
        f"registration/{name}", to=head.email_ascii, lang=lang, about=("delegation", delegation.code), event_id=event.id,
        context=_common(event) | {"url": url, "delegation": delegation.name} | context, attachments=attachments,
    )  # fmt: skip


def delegation_member(place: DelegationPlace, event: Event, secret: str, *, to: str, until: datetime) -> None:
    """To somebody whom a head names: a place is kept for them. Nothing that the head typed is in it."""
    url = urls.absolute("me.open_link", lang=place.lang, event=event.slug, token=secret)
    delegation = db.session.get_one(Delegation, place.delegation_id)
    last_day = local(until - timedelta(seconds=1), event.zone).date()
    outbox.queue(
        "registration/delegation_member", to=to, lang=place.lang, about=("delegation", delegation.code), event_id=event.id,
        context=_common(event) | {"url": url, "last_day": last_day},
    )  # fmt: skip


def lets_register_until(invitation: Invitation, event: Event) -> datetime:
    """Until when, exclusively, the invitation is good for something: without the right "deadline" not after closing."""
    return invitation.expires_at if invitation.passes_deadline else min(invitation.expires_at, event.closes_at)


def rank_of(registration: Registration) -> int | None:
    """How many stand before this person in the waiting list, plus one; None when they do not wait."""
    mine = db.session.scalar(
        select(WaitingEntry.position).where(
            WaitingEntry.registration_id == registration.id, WaitingEntry.state == Waiting.WAITING
        )
    )
    if mine is None:
        return None
    before = select(func.count()).where(
        WaitingEntry.event_id == registration.event_id, WaitingEntry.state == Waiting.WAITING, WaitingEntry.position < mine
    )
    return (db.session.scalar(before) or 0) + 1


def _common(event: Event) -> dict[str, Any]:
    return {"event": event, "help_email": event.help_email}


def _send(
    name: str,
    registration: Registration,
    event: Event,
    *,
    now: datetime,
    lang: str | None = None,
    attachments: list[dict[str, Any]] | None = None,
    **context: Any,
) -> None:
    person = db.session.get_one(Person, registration.person_id)
    if not person.email_ascii:
        return
    lang = lang or registration.lang
    secret = links.make("registration", registration.code, now=now, expires_at=_link_ends(event, now), event_id=event.id)
    url = urls.absolute("me.open_link", lang=lang, event=event.slug, token=secret)
    outbox.queue(
        f"registration/{name}", to=person.email_ascii, lang=lang, about=("registration", registration.code),
        event_id=event.id, context=_context(registration, event, url) | context, attachments=attachments,
    )  # fmt: skip


def preview(name: str, registration: Registration, event: Event) -> tuple[str, str, str]:
    """Subject, text and HTML of a mail as this person would get it now, with a link that opens nothing; nothing is sent."""
    url = urls.absolute("me.open_link", lang=registration.lang, event=event.slug, token="-")
    context = _context(registration, event, url) | {"rank": rank_of(registration)}
    return outbox.render(f"registration/{name}", registration.lang, context)


def _link_ends(event: Event, now: datetime) -> datetime:
    expires = max(now, event.closes_at) + timedelta(days=1)
    return max(expires, datetime.combine(event.last_day, datetime.min.time(), now.tzinfo) + LINK_LASTS_AFTER_EVENT)


def _context(registration: Registration, event: Event, url: str) -> dict[str, Any]:
    return _common(event) | {
        "url": url, "code": registration.code,
        "is_confirmed_address": registration.address_confirmed_at is not None or registration.is_entered,
        "confirm_by": registration.registered_at + timedelta(hours=event.confirm_hours),
    }  # fmt: skip
