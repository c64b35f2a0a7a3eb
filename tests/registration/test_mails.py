"""The confirmation mail as it arrives at a real mail server: words, ticket, calendar, one link."""

from __future__ import annotations

import email.policy
from email import message_from_bytes

import numpy
import pypdfium2
import zxingcpp
from icalendar import Calendar
from PIL import Image

from eventreg.core import clock, worker
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.registration import queries
from tests import factories
from tests.factories import OPEN


def delivered(app, smtp, **changes):
    """Register somebody, run the worker, and take what the server received."""
    event = factories.an_event(limit=5)
    registration = factories.a_registration(event, confirmed_address=False, email="salma@example.org", **changes)
    worker.drain(app)
    [raw] = smtp.to("salma@example.org")
    return registration, raw


def parts_of(message):
    return {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}


def test_the_confirmation_arrives_in_the_persons_language_with_ticket_and_calendar(app, smtp):
    with clock.at(OPEN):
        registration, message = delivered(app, smtp, lang="ar", name_latin="Salma Bennani", name_arabic="سلمى بناني")

    parts = parts_of(message)
    assert set(parts) == {"text/plain", "text/html", "image/png", "application/pdf", "text/calendar"}
    html = parts["text/html"].get_content()
    assert '<html lang="ar" dir="rtl">' in html and 'src="cid:ticket@eventreg"' in html
    assert parts["image/png"]["Content-ID"] == "<ticket@eventreg>"
    assert message["Content-Language"] == "ar" and message["Auto-Submitted"] == "auto-generated"
    token = queries.live_ticket(registration.id).token
    assert decoded_picture(parts["image/png"].get_content()) == [token]
    assert decoded_pdf(parts["application/pdf"].get_content()) == [token]


def test_a_mail_to_an_unconfirmed_address_carries_nothing_that_was_typed(app, smtp):
    typed = {"name_latin": "Pay Here Now", "organisation_name": "[win](https://evil.example)", "position": "Boss of all"}
    with clock.at(OPEN):
        _registration, message = delivered(app, smtp, lang="en", **typed)

    parts = parts_of(message)
    words = parts["text/plain"].get_content() + parts["text/html"].get_content() + message["Subject"]
    assert [value for value in typed.values() if value in words] == []


def test_the_calendar_entry_has_the_days_in_the_events_zone(app, smtp):
    with clock.at(OPEN):
        _registration, message = delivered(app, smtp, lang="fr")

    calendar = Calendar.from_ical(parts_of(message)["text/calendar"].get_payload(decode=True))
    [entry] = calendar.walk("VEVENT")
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Africa/Casablanca"]
    assert entry["DTSTART"].dt.isoformat() == "2022-11-01T09:00:00+01:00"
    assert entry["DTEND"].dt.isoformat() == "2022-11-03T18:00:00+01:00"


def test_a_server_that_says_later_gets_the_same_mail_later(app, smtp):
    with clock.at(OPEN):
        smtp.answer = "451 try later"
        event = factories.an_event()
        factories.a_registration(event, email="salma@example.org")
        worker.drain(app)
        [mail] = db.session.query(Mail).all()
        db.session.refresh(mail)
        assert (mail.state, mail.tries, smtp.to("salma@example.org")) == ("waiting", 1, [])

        smtp.answer = "250 OK"
        clock.tick(minutes=1)
        worker.drain(app)

    [message] = smtp.to("salma@example.org")
    assert message["Message-ID"] == mail.message_id


def test_a_refused_address_lands_in_the_list_of_failures(app, smtp):
    with clock.at(OPEN):
        smtp.answer = "550 no such user"
        factories.a_registration(factories.an_event())
        worker.drain(app)

    [mail] = db.session.query(Mail).populate_existing().all()
    assert (mail.state, "550" in mail.last_answer) == ("failed", True)


def decoded_picture(data):
    import io

    picture = numpy.array(Image.open(io.BytesIO(data)).convert("L"))
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def decoded_pdf(data):
    page = pypdfium2.PdfDocument(data)[0]
    return [code.text for code in zxingcpp.read_barcodes(page.render(scale=2).to_numpy())]


def test_the_raw_mail_is_plain_for_any_mail_program(app, smtp):
    with clock.at(OPEN):
        _registration, message = delivered(app, smtp, lang="ar")

    again = message_from_bytes(bytes(message), policy=email.policy.default)
    assert again["Subject"] == message["Subject"]
    assert again["To"] == "salma@example.org"
