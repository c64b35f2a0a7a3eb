"""What was typed stays words in a calendar entry, a mail's head and a PDF, and makes no line, header or command of its own."""

from __future__ import annotations

import email
import email.policy
import io
from pathlib import Path
from types import ModuleType

import icalendar
import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventreg.core import worker
from eventreg.core.i18n import Text
from tests import factories
from tests.support.crawl import Page

NASTY = (
    "x\r\nBcc: thief@example.org", "x\nATTENDEE:mailto:thief@example.org", "x\r\n\r\n<script>", "END:VEVENT\r\nBEGIN:VALARM",
    "a;b,c\\n\\", "\u2028Bcc: thief@example.org", "=?utf-8?q?=0ABcc=3A_thief=40example.org?=", "\u202egpj.exe",
    "#panic() $x$ *b* @a <b>", "=?utf-8?b?CkJjYzogdGhpZWZAZXhhbXBsZS5vcmc=?= =?utf-8?q?=0D=0ATo=3A_thief=40example.org?=",
    "x\x0b\x0cBcc: y", "𝕏" * 60,
)  # fmt: skip


@pytest.mark.sqlite_only
@pytest.mark.parametrize("words", NASTY)
def test_a_meetings_and_a_persons_words_stay_words(app: Flask, client: FlaskClient, clock: ModuleType, words: str) -> None:
    typed = Text(ar=words, fr=words, en=words)
    with clock.at(factories.OPEN):
        event = factories.an_event(name=typed, short_name=typed, venue=typed, city=typed)
        client.post("/en/ogp-2022/register/")
        answers = factories.raw_answers(email="sara@example.org", organisation_name=words, position=words)
        for step in ("email", "name", "organisation", "needs", "consent", "check"):
            page = client.get(f"/en/ogp-2022/register/{step}")
            assert Page("/", page.text) is not None
            client.post(f"/en/ogp-2022/register/{step}", data=answers)
        registration = factories.a_registration(event)
        worker.drain(app)
        calendar = client.get("/en/ogp-2022/event.ics")

    [entry] = icalendar.Calendar.from_ical(calendar.data).walk("VEVENT")
    assert set(entry) <= {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "URL"}
    assert entry.subcomponents == []
    mails = sorted((Path(app.config["INSTANCE"]) / "outbox").glob("*.eml"))
    assert mails and registration
    for file in mails:
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        assert mail["Bcc"] is None and len(mail.get_all("To")) == len(mail.get_all("Subject")) == 1
        assert not {"ATTENDEE", "thief@example.org"} & set(mail.keys())
        assert "thief" not in str(mail["To"]) + str(mail["Reply-To"]) + mail["From"].addresses[0].addr_spec
        assert len(mail["From"].addresses) == 1
        for part in mail.iter_attachments():
            if part.get_content_type() == "application/pdf":
                assert len(pikepdf.open(io.BytesIO(part.get_content())).pages) == 1
