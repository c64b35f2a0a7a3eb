"""Every mail renders in three languages, so that none first fails on the night of the deadline."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from eventreg.core import outbox
from eventreg.core.i18n import LANGS
from tests import factories

TEMPLATES = Path(__file__).parents[2] / "templates"
KINDS = sorted(f"{path.parents[1].name}/{path.name}" for path in TEMPLATES.glob("*/mail/*"))
SOON = datetime(2022, 10, 1, tzinfo=UTC)
CONTEXT = {
    "url": "https://meeting.example/x", "code": "R-TEST", "is_confirmed_address": False, "confirm_by": SOON, "rank": 3,
    "until": SOON, "last_minute": SOON, "undo_until": SOON, "help_email": "help@example.org", "passes_deadline": True,
    "allows": ["A place is yours."], "delegation": "Ministry", "size": 6, "number": 2, "has_ticket": True,
    "last_day": SOON.date(), "minutes": 15,
    "agent": "Firefox", "device_used": {"browser": "Firefox", "system": "Linux"}, "at": SOON, "reason": "lost",
    "words": "Next year",
}  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.sqlite_only
def test_it_has_subject_text_and_html_with_one_link(app, kind, lang):
    event = factories.an_event()

    subject, text, html = outbox.render(kind, lang, {**CONTEXT, "event": event})

    assert subject and "\n" not in subject
    assert text.count("https://") <= 1 and "<" not in text
    assert f'<html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">' in html
    assert subject.startswith(event.short_name.in_(lang)) or kind.startswith("people/")
