"""What is attached to a confirmation: the ticket as picture and PDF, the meeting as a calendar entry. Made at delivery."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar import Event as CalendarEntry

from eventreg.core import clock, qr, urls
from eventreg.core.db import db
from eventreg.core.i18n import in_language
from eventreg.core.outbox import Part
from eventreg.events.models import Event
from eventreg.registration import queries, tickets
from eventreg.registration.models import Registration

TICKET_PICTURE = "ticket@eventreg"  # cid of the inline picture in the HTML part


def _found(recipe: Mapping[str, Any]) -> tuple[Registration, Event]:
    registration = db.session.get_one(Registration, recipe["registration"], populate_existing=True)
    return registration, db.session.get_one(Event, registration.event_id)


def ticket_png(recipe: Mapping[str, Any]) -> Part | None:
    """The code as an inline picture; nothing when the registration has been cancelled meanwhile."""
    registration, _event = _found(recipe)
    ticket = queries.live_ticket(registration.id)
    if ticket is None:
        return None
    return Part("ticket.png", "image/png", qr.png(ticket.token), content_id=TICKET_PICTURE)


def ticket_pdf(recipe: Mapping[str, Any]) -> Part | None:
    """The ticket on one page, in the person's language."""
    registration, event = _found(recipe)
    ticket = queries.live_ticket(registration.id)
    if ticket is None:
        return None
    return Part(f"{event.slug}-ticket.pdf", "application/pdf", tickets.pdf(registration, event, ticket))


def calendar(recipe: Mapping[str, Any]) -> Part:
    """The days of the meeting as a calendar entry."""
    registration, event = _found(recipe)
    entry = meeting_ics(event, registration.lang, uid=registration.code)
    return Part(f"{event.slug}.ics", "text/calendar; method=PUBLISH; charset=utf-8", entry)


def meeting_ics(event: Event, lang: str, *, uid: str) -> bytes:
    """An iCalendar file with the meeting: first day 00:00 to the end of the last day, in the event's zone.

    The zone is written into the file (VTIMEZONE), since calendars guess abbreviations wrong.
    """
    zone = ZoneInfo(event.zone)
    with in_language(lang, event=event):
        entry = CalendarEntry()
        entry.add("uid", f"{event.slug}-{uid}@eventreg")
        entry.add("dtstamp", clock.now())
        entry.add("dtstart", datetime.combine(event.first_day, datetime.min.time(), zone).replace(hour=9))
        entry.add("dtend", datetime.combine(event.last_day, datetime.min.time(), zone) + timedelta(hours=18))
        entry.add("summary", event.name.in_(lang))
        entry.add("location", ", ".join(filter(None, (event.venue.in_(lang), event.city.in_(lang)))))
        entry.add("url", urls.absolute("transparency.home", lang=lang, event=event.slug))
    file = Calendar()
    file.add("prodid", "-//eventreg//meeting//EN")
    file.add("version", "2.0")
    file.add("method", "PUBLISH")
    file.add_component(entry)
    file.add_missing_timezones()
    return bytes(file.to_ical())
