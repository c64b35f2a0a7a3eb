"""The ticket on paper: one page that the door can read, in the holder's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime

import pypdfium2
import pytest
import zxingcpp
from flask import Flask

from eventreg.core import i18n
from eventreg.registration.ticket_pdf import TicketEvent, TicketFace, ticket_pdf

ISSUED = datetime(2022, 9, 27, 9, 10, tzinfo=UTC)
TOKEN = "BCDFGHJKLNPRSTVP"
FACE = TicketFace(TOKEN, "سلمى بناني", "Salma Bennani", "وكالة مثال الرقمية", "المغرب", "حكومة")
EVENT = TicketEvent("لقاء مراكش", "من الثلاثاء فاتح نونبر", "مراكش", ("وثيقة تعريف.",), "+212 500 00 00 00")


@pytest.fixture(autouse=True)
def words() -> Iterator[None]:
    app = Flask("eventreg")
    i18n.init_app(app)
    with app.app_context():
        yield


def only_page(document: bytes) -> pypdfium2.PdfPage:
    pages = pypdfium2.PdfDocument(document)
    assert len(pages) == 1
    return pages[0]


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_the_code_is_read_from_a_coarse_print(lang: str) -> None:
    page = only_page(ticket_pdf(FACE, EVENT, lang=lang, issued_at=ISSUED))

    assert [code.text for code in zxingcpp.read_barcodes(page.render(scale=60 / 72).to_pil())] == [TOKEN]


def test_arabic_copied_from_the_ticket_is_in_the_right_order() -> None:
    page = only_page(ticket_pdf(FACE, EVENT, lang="ar", issued_at=ISSUED))
    lines = unicodedata.normalize("NFKC", page.get_textpage().get_text_range()).splitlines()

    assert {"سلمى بناني", "وكالة مثال الرقمية", "لقاء مراكش"} <= set(lines)


def test_endless_words_stay_on_the_page() -> None:
    face = TicketFace(TOKEN, "W" * 440, "ب" * 200, "M" * 300)
    event = TicketEvent("Meeting " * 40, "1 to 3 November 2022", "Marrakech", ("Bring it along. " * 12,) * 9)

    picture = only_page(ticket_pdf(face, event, lang="en", issued_at=ISSUED)).render(scale=1, grayscale=True).to_numpy()

    assert int(picture[100:800, :50].min()) == int(picture[100:800, -50:].min()) == 255
    assert zxingcpp.read_barcodes(picture)[0].text == TOKEN


def test_equal_tickets_are_equal_bytes() -> None:
    first, second = (ticket_pdf(FACE, EVENT, lang="fr", issued_at=ISSUED) for _time in range(2))

    assert first == second
