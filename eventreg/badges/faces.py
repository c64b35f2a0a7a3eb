"""What does a badge say, in words? Holders become faces for paper, and faces become previews for pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from babel.dates import format_interval
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from eventreg.badges import rules
from eventreg.badges.rules import Holder
from eventreg.badges.sheets import BadgeFace, EventFace
from eventreg.core import countries, qr, urls, zellige
from eventreg.core.i18n import LANGS, LOCALES, Text, in_language
from eventreg.events.models import Event
from eventreg.registration import labels

ROLE = {
    "participant": _l("Participant"),
    "speaker": _l("Speaker"),
    "organiser": _l("Organiser"),
    "press": _l("Press"),
    "volunteer": _l("Volunteer"),
}
# The second language of the ribbon: the other script of the holder's.
SECOND_LANG = {"ar": "fr", "fr": "ar", "en": "ar"}


def of(holders: list[Holder]) -> list[BadgeFace]:
    """The faces of these holders, in their order, each in its holder's language."""
    words = _Words()
    return [_face(holder, words) for holder in holders]


class _Words:
    """Labels by language, each translated once for a batch of thousands."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], dict[str, str]] = {}

    def label(self, kind: str, key: str, *, lang: str) -> str:
        """The label of a category or role in `lang`; an unknown category is its own label."""
        if (kind, lang) not in self._said:
            names = labels.CATEGORY if kind == "category" else ROLE
            with in_language(lang):
                self._said[kind, lang] = {name: str(words) for name, words in names.items()}
        return self._said[kind, lang].get(key, key)


def _face(holder: Holder, words: _Words) -> BadgeFace:
    role = rules.role_kind(holder.category)
    return BadgeFace(
        token=holder.token, name_own=holder.name_own, name_other=holder.name_other, organisation=holder.organisation,
        organisation_other=holder.organisation_other, country=countries.name(holder.country, holder.lang),
        category=holder.category, category_label=words.label("category", holder.category, lang=holder.lang),
        role_kind=role, role_label=words.label("role", role, lang=holder.lang),
        role_label_other=words.label("role", role, lang=SECOND_LANG[holder.lang]), lang=holder.lang,
    )  # fmt: skip


def of_event(event: Event) -> EventFace:
    """What all badges of this event say, in three languages."""
    days = {lang: span(event.first_day, event.last_day, lang) for lang in LANGS}
    lines = {lang: f"{event.city.in_(lang)}{_COMMA[lang]}{days[lang]}" for lang in LANGS}
    programme = {lang: urls.absolute("programme.programme", lang=lang, event=event.slug) for lang in LANGS}
    return EventFace(
        name=event.name, line=Text(**lines), programme_url=Text(**programme), help=event.help_phone, wifi=event.wifi
    )


_COMMA = {"ar": "، ", "fr": ", ", "en": ", "}


def span(first: date, last: date, lang: str) -> str:
    """'1–3 Nov 2022': the days as short as a badge needs them."""
    return str(format_interval(first, last, "yMMMd", locale=LOCALES[lang]))


def preview(face: BadgeFace, event: EventFace) -> dict[str, Any]:
    """What the macro badge_preview shows of a face."""
    return {
        "event_name": event.name.in_(face.lang), "event_place": event.line.in_(face.lang), "name": face.name_own,
        "name_other": face.name_other, "organisation": face.organisation, "country": face.country,
        "role_label": face.role_label, "role_label_other": face.role_label_other, "role_kind": face.role_kind,
        # both are drawn by the product from the code's letters alone
        "seal_svg": Markup(zellige.rosette(face.token)), "qr_svg": qr.svg(face.token), "token": face.token,
        "pending": "", "lang": face.lang,
    }  # fmt: skip
