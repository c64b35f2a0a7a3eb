"""What is a limit called, and what is said when it leaves no place? In the page's or mail's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eventreg.core import countries
from eventreg.core.i18n import date_short, page_lang
from eventreg.registration import labels
from eventreg.registration.rules import Full, LimitKey

KIND = {
    "event": _l("The whole meeting"),
    "category": _l("Category"),
    "sector": _l("Sector"),
    "country": _l("Country"),
    "gender": _l("Gender"),
    "day": _l("Day"),
}


def name(limit: LimitKey) -> str:
    """'2 November', 'Media', 'Morocco': what a limit counts, without its kind."""
    kind, key = limit
    if kind == "event" or not key:
        return str(KIND[kind])
    if kind == "day":
        return date_short(date.fromisoformat(key))
    if kind == "country":
        return countries.name(key, page_lang())
    return str((labels.GENDER if kind == "gender" else labels.CATEGORY).get(key, key))


def names(limits: Iterable[LimitKey]) -> str:
    """'1 November and 3 November': several limits in a sentence."""
    found = [name(limit) for limit in limits]
    if len(found) < 2:
        return "".join(found)
    return _("%(several)s and %(last)s", several=_(", ").join(found[:-1]), last=found[-1])


def full(what: Full) -> str:
    """Which limits are full, one sentence each, and which others of their kind still have places."""
    said = [_is_full(limit) for limit in what.limits]
    if what.open:
        said.append(_still_open(what.open[0][0], names(what.open)))
    return " ".join(said)


def _is_full(limit: LimitKey) -> str:
    kind, _key = limit
    words = {
        "event": _("All places of the meeting are taken."),
        "day": _("All places for %(what)s are taken.", what=name(limit)),
        "country": _("All places for participants from this country (%(what)s) are taken.", what=name(limit)),
        "gender": _("All places for the answer “%(what)s” are taken.", what=name(limit)),
    }
    return words.get(kind) or _("All places for “%(what)s” are taken.", what=name(limit))


def _still_open(kind: str, several: str) -> str:
    if kind == "day":
        return _("There are places on %(days)s.", days=several)
    return _("There are places for: %(several)s.", several=several)
