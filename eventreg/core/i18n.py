"""In which words? Three equal languages: texts of the event, dates and numbers as a Moroccan administration writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, force_locale
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import JSON, TypeDecorator
from sqlalchemy.engine.interfaces import Dialect

from eventreg.core.trilingual import LANGS as LANGS
from eventreg.core.trilingual import Text as Text

# `ar` says سبتمبر, Morocco says شتنبر: always ask for ar_MA (digits are Latin there, too)
LOCALES = {"ar": "ar_MA", "fr": "fr", "en": "en_GB"}
LANGUAGE_NAMES = {"ar": "العربية", "fr": "Français", "en": "English"}
RTL = {"ar"}


class TextType(TypeDecorator[Text]):
    """`Text` as a JSON column."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Text | None, dialect: Dialect) -> dict[str, str] | None:
        return None if value is None else value.as_dict()

    def process_result_value(self, value: Any, dialect: Dialect) -> Text:
        data: Mapping[str, str] = json.loads(value) if isinstance(value, str) else (value or {})
        return Text.of(data)


def init_app(app: Flask) -> None:
    """Choose the locale by the address and give the templates their filters."""
    babel = Babel()
    babel.init_app(app, locale_selector=_locale, default_translation_directories="translations")
    app.jinja_env.filters.update(
        text=mark_text, date_long=date_long, date_short=date_short, instant_long=instant_long,
        instant_short=instant_short, hour=hour, number=number, country=_country, day_name=day_name,
    )  # fmt: skip
    app.jinja_env.globals.update(date_span=date_span)


def _locale() -> str:
    return LOCALES[current_lang()]


def current_lang() -> str:
    """The language of what is being made: set by the address or by `in_language`, else the reader's wish, else English."""
    if not g.get("lang"):
        g.lang = (_lang_of_path() or wished_lang()) if has_request_context() else "en"
    lang: str = g.lang
    return lang


def _lang_of_path() -> str | None:
    """The first part of the address, also where no page answers to it (error pages)."""
    first = request.path.split("/", 2)[1]
    return first if first in LANGS else None


def wished_lang(default: str = "en") -> str:
    """The reader's wish where the address says nothing: cookie, then Accept-Language, then `default`."""
    cookie = request.cookies.get("lang", "")
    if cookie in LANGS:
        return cookie
    return request.accept_languages.best_match(LANGS) or default


@contextmanager
def in_language(lang: str, *, event: Any = None) -> Iterator[None]:
    """Everything rendered inside speaks `lang`, with the clock of `event`: for mails and papers, in the receiver's language."""
    before = {name: g.get(name) for name in ("lang", "event")}
    g.lang, g.event = lang, event if event is not None else before["event"]
    try:
        with force_locale(LOCALES[lang]):
            yield
    finally:
        for name, value in before.items():
            setattr(g, name, value)


def page_lang() -> str:
    """The language in force, also inside `in_language`."""
    return current_lang()


def direction(lang: str) -> str:
    """'rtl' or 'ltr', for the dir attribute."""
    return "rtl" if lang in RTL else "ltr"


# ---- filters -------------------------------------------------------------------------------------------------------


_HIGH_SIGNS = re.compile(r" (?=[:;?!»])|(?<=«) ")


def typeset(words: str, lang: str) -> str:
    """Words as they are set in this language: in French no line ends before : ; ? ! » or after «."""
    return _HIGH_SIGNS.sub("\u00a0", words) if lang == "fr" else words


def mark_text(value: Text | str | None) -> Markup:
    """A text in the page's language; a fallback says in which language it is, for eyes and screen readers."""
    if not value:
        return Markup("")
    if isinstance(value, str):
        return Markup("<bdi>{}</bdi>").format(value)
    lang = page_lang()
    words, found = value.found(lang)
    words = typeset(words, found)
    if found == lang:
        return Markup.escape(words)
    return Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(found, direction(found), words)


def zone_in_force() -> ZoneInfo:
    """The event's time zone on an event's page, else UTC."""
    event = g.get("event") if g else None
    return ZoneInfo(event.zone) if event is not None else ZoneInfo("UTC")


def local(instant: datetime, zone: str | None = None) -> datetime:
    """The instant on the wall clock of the event (or of `zone`)."""
    return instant.astimezone(ZoneInfo(zone) if zone else zone_in_force())


# The first of a month is said "1er novembre" and «فاتح نونبر»; CLDR knows neither (DOMAIN R38).
_FIRST = {"fr": "1er", "ar": "فاتح"}


def _day(value: date, pattern: str) -> str:
    lang = page_lang()
    text = format_date(value, pattern, locale=LOCALES[lang])
    if value.day == 1 and lang in _FIRST:
        text = " ".join(_FIRST[lang] if word == "1" else word for word in text.split(" "))
    return text


def _as_local_date(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return local(value).date() if value.tzinfo else value.date()
    return value


def date_long(value: date | datetime) -> str:
    """'Friday 30 September 2022', day, month and year joined by no-break spaces; instants in the event's zone."""
    day = _as_local_date(value)
    weekday, rest = _day(day, "EEEE"), _day(day, "d MMMM y").replace(" ", "\u00a0")
    return f"{weekday} {rest}"


def date_short(value: date | datetime) -> str:
    """'30 September': for lists and charts."""
    return _day(_as_local_date(value), "d MMMM").replace(" ", "\u00a0")


def day_name(value: date | datetime) -> str:
    """'Friday 30 September': for days of the meeting."""
    day = _as_local_date(value)
    return f"{_day(day, 'EEEE')} {_day(day, 'd MMMM')}".replace(" ", "\u00a0")


def hour(value: datetime) -> str:
    """'23:59' on the wall clock of the event (French: '23 h 59' with no-break spaces)."""
    moment = local(value) if value.tzinfo else value
    if page_lang() == "fr":
        return format_datetime(moment, "HH'\u00a0h\u00a0'mm", locale="fr", tzinfo=None)
    return f"{moment:%H:%M}"


def instant_long(value: datetime) -> str:
    """'Friday 30 September 2022, 23:59' in the event's zone; pages name the zone once beside it."""
    words: str = _("%(date)s, %(hour)s", date=date_long(value), hour=hour(value))
    return words


def instant_short(value: datetime) -> str:
    """'27 September 09:10' in the event's zone, for columns of tables; a line may break only before the hour."""
    return f"{date_short(value)} {hour(value)}"


def date_span(first: date, last: date) -> str:
    """'from Tuesday 1 to Thursday 3 November 2022': the days of a meeting, in the page's language."""
    if first == last:
        return date_long(first)
    words: str = _("from %(first)s to %(last)s", first=day_name(first), last=date_long(last))
    return words


def number(value: int | float) -> str:
    """A number for people: grouped from 10,000 on, Latin digits in all three languages."""
    if isinstance(value, int) and abs(value) < 10_000:
        return str(value)
    return str(format_decimal(value, locale=LOCALES[page_lang()]))


def _country(code: str | None) -> str:
    from eventreg.core import countries  # slow: 250 names in three languages, only where a page shows one

    return countries.name(code, page_lang()) if code else ""


def utc_text(instant: datetime) -> str:
    """'2022-09-30 23:00 UTC': the operator's reading of an instant."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def languages_for(url_of: Any) -> list[dict[str, Any]]:
    """The language switch: code, name in itself, address of this very page, whether it is the current one."""
    now = page_lang()
    return [
        {"code": code, "name": LANGUAGE_NAMES[code], "url": url_of(code), "current": code == now} for code in LANGS
    ]
