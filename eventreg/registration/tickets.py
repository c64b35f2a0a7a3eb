"""Whose ticket is it, and for what? A registration becomes the one-page PDF that its holder prints or shows."""

from __future__ import annotations

from flask_babel import gettext as _

from eventreg.core import countries
from eventreg.core.i18n import date_span, in_language
from eventreg.events.models import Event
from eventreg.registration import labels
from eventreg.registration.models import Registration, Ticket
from eventreg.registration.ticket_pdf import TicketEvent, TicketFace, ticket_pdf


def pdf(registration: Registration, event: Event, ticket: Ticket) -> bytes:
    """The ticket in its holder's language; the same ticket gives the same bytes. Needs an app context."""
    lang = registration.lang
    with in_language(lang, event=event):
        face = TicketFace(
            token=ticket.token, name_own=registration.name_own, name_other=registration.name_other,
            organisation=registration.organisation_name, country=countries.name(registration.country, lang),
            category_label=str(labels.CATEGORY.get(registration.category, registration.category)),
        )  # fmt: skip
        about = TicketEvent(
            name=event.name.in_(lang), dates=date_span(event.first_day, event.last_day),
            place=_(", ").join(filter(None, (event.venue.in_(lang), event.city.in_(lang)))),
            bring=(
                _("Bring this ticket and your identity card or passport."),
                _("You receive your badge at the entrance. Wear it during the whole meeting."),
            ),
            help=event.help_phone,
        )  # fmt: skip
    return ticket_pdf(face, about, lang=lang, issued_at=ticket.issued_at)
