"""Which mails reviewing sends, to whom, with what; texts in templates/reviewing/mail/<name>/."""

from __future__ import annotations

from typing import Any

from eventreg.core import outbox, times, urls
from eventreg.core.db import db
from eventreg.core.i18n import Text
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.proposals import shield
from eventreg.reviewing import queries
from eventreg.reviewing.models import Reviewer

CHAIR = ("CH",)  # of the access matrix


def reviewer_added(reviewer: Reviewer, event: Event) -> None:
    """To somebody who was named a reviewer: what is asked of them, and where."""
    _send("reviewer_added", reviewer.person, event, endpoint="reviewing.home", until=_last_minute(event))


def assigned(reviewer: Reviewer, event: Event, *, number: int) -> None:
    """To a reviewer: how many proposals wait for them."""
    _send("assigned", reviewer.person, event, endpoint="reviewing.home", number=number, until=_last_minute(event))


def reminder(reviewer: Reviewer, event: Event, *, number: int) -> None:
    """To a reviewer who has not submitted everything, before the closing."""
    _send("reminder", reviewer.person, event, endpoint="reviewing.home", number=number, until=_last_minute(event))


def criteria_changed(reviewer: Reviewer, event: Event, *, number: int, reason: Text) -> None:
    """To a reviewer whose reviews are open again, as the criteria have changed."""
    lang = reviewer.person.lang
    _send("criteria_changed", reviewer.person, event, endpoint="reviewing.home", number=number, reason=reason.in_(lang))


def conflicts_found(event: Event, proposal_ids: set[int]) -> None:
    """To each chair: so many proposals were taken from a reviewer who is tied to them, of those that this chair may know of."""
    for person in people.holders(event.id, CHAIR):
        if seen := proposal_ids - set(db.session.scalars(shield.hidden(event.id, person))):
            _send("conflicts_found", person, event, endpoint="manage.chair_assign", number=len(seen))


def _last_minute(event: Event) -> Any:
    settings = queries.settings(event.id)
    return times.last_minute(settings.closes_at) if settings is not None and settings.closes_at else None


def _send(name: str, person: Person, event: Event, *, endpoint: str, **context: Any) -> None:
    url = urls.absolute(endpoint, lang=person.lang, event=event.slug)
    outbox.queue(
        f"reviewing/{name}", to=person.email_ascii or "", lang=person.lang, about=("event", event.slug), event_id=event.id,
        context={"event": event, "url": url} | context,
    )  # fmt: skip

