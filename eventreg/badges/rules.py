"""Which badges are to be printed, in which order, and which are new since the last print? Pure: rows in, rows out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from eventreg.core import countries, text
from eventreg.core.refusals import Refusal, Refused

LAYOUTS = ("a6", "a6-fold", "a4x8")
WHICH = ("all", "new", "one_script")
CATEGORIES = (
    "government", "civil_society", "donor", "international", "media", "academia", "private", "guest", "press", "staff",
)  # fmt: skip
REASON_LIMIT = 200
_LONGEST = {"codes": 4000}  # 200 registrations

_ROLES = {"media": "press", "press": "press", "staff": "organiser"}
# "category=media, country=MA": a comma inside a value is no separator unless another key follows
_NEXT_KEY = re.compile(r",\s*(?=\w+\s*=)")


class News(StrEnum):
    """What the last print says about a badge: none yet, its code is dead, its face has changed, or nothing."""

    NEVER = "never"
    REPLACED = "replaced"
    CHANGED = "changed"
    NONE = "none"


@dataclass(frozen=True)
class Holder:
    """A confirmed participant with the live code, and what was printed for them last (None: nothing)."""

    registration_id: int
    code: str
    ticket_id: int
    token: str
    name_own: str
    name_other: str
    organisation: str
    organisation_other: str
    country: str
    category: str
    lang: str
    search_key: str
    sort_latin: str
    sort_arabic: str
    printed_ticket_id: int | None = None
    printed_hash: str | None = None


@dataclass(frozen=True)
class Where:
    """Which badges, in which order: `which` of WHICH; `q` and `organisation` as typed; `order` a key of ORDERS; `codes` of
    registrations, joined by commas: people who were ticked.
    """

    which: str = "all"
    category: str = ""
    country: str = ""
    organisation: str = ""
    q: str = ""
    order: str = "latin"
    codes: str = ""

    def as_dict(self) -> dict[str, str]:
        """What differs from "every badge in Latin order": for addresses and for the batch's record."""
        return {name: value for name, value in asdict(self).items() if value != getattr(Where(), name)}


@dataclass(frozen=True)
class Counts:
    """Confirmed participants by what the last print says of their badge."""

    confirmed: int
    never: int
    replaced: int
    changed: int

    @property
    def fresh(self) -> int:
        """Badges that are not on paper as they should be."""
        return self.never + self.replaced + self.changed

    @property
    def printed(self) -> int:
        """Badges that are on paper as they should be."""
        return self.confirmed - self.fresh


def role_kind(category: str) -> str:
    """The ribbon that follows from the category: participant, press or organiser."""
    return _ROLES.get(category, "participant")


def face_hash(holder: Holder) -> str:
    """A fingerprint of what the badge says about its holder.

    Not the code (a replaced one is told apart by its ticket), nor the back: a moved session makes no badge wrong.
    """
    said = [
        holder.name_own, holder.name_other, holder.organisation, holder.organisation_other, holder.country,
        holder.category, holder.lang,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def news(holder: Holder) -> News:
    """What the last print says about this badge."""
    if holder.printed_ticket_id is None:
        return News.NEVER
    if holder.printed_ticket_id != holder.ticket_id:
        return News.REPLACED
    return News.NONE if holder.printed_hash == face_hash(holder) else News.CHANGED


def counts(holders: Iterable[Holder]) -> Counts:
    """How many badges are printed, new and changed."""
    found = [news(holder) for holder in holders]
    return Counts(len(found), found.count(News.NEVER), found.count(News.REPLACED), found.count(News.CHANGED))


def selected(holders: Iterable[Holder], where: Where) -> list[Holder]:
    """The holders that `where` asks for, in its order; equal ones by code, so that the order is always the same."""
    order = ORDERS.get(where.order, ORDERS["latin"])
    return sorted((h for h in holders if _is_meant(h, where)), key=lambda h: (*order(h), h.code))


def _is_meant(holder: Holder, where: Where) -> bool:
    if where.codes and holder.code not in where.codes.split(","):
        return False
    if where.which == "new" and news(holder) is News.NONE:
        return False
    if where.which == "one_script" and holder.name_other:
        return False
    if where.category not in ("", holder.category) or where.country not in ("", holder.country):
        return False
    names = f"{holder.organisation} {holder.organisation_other}"
    return _holds(text.fold(names), where.organisation) and _holds(holder.search_key, where.q)


def _holds(key: str, typed: str) -> bool:
    return all(word in key for word in text.fold(typed).split())


def _by_organisation(holder: Holder) -> tuple[str, ...]:
    return (text.sort_key(holder.organisation), holder.sort_latin)


# By either alphabet, by delegation (country, then organisation), by organisation.
ORDERS: Mapping[str, Callable[[Holder], tuple[str, ...]]] = {
    "latin": lambda holder: (holder.sort_latin,),
    "arabic": lambda holder: (holder.sort_arabic,),
    "country": lambda holder: (holder.country, *_by_organisation(holder)),
    "organisation": _by_organisation,
}


def where_of(values: Mapping[str, Any]) -> Where:
    """A selection from an address or a stored record; what is unknown there counts as not said."""
    said = {name: str(values.get(name) or "").strip()[:_LONGEST.get(name, 200)] for name in asdict(Where())}
    known = {"which": WHICH, "category": CATEGORIES, "order": tuple(ORDERS)}
    said |= {name: "" for name, choices in known.items() if said[name] not in choices}
    said["country"] = said["country"] if countries.is_country(said["country"]) else ""
    return Where(**{name: value for name, value in said.items() if value})


def parse_where(typed: str, *, only_new: bool = False) -> Where:
    """A selection from "category=media, country=MA, organisation=…, name=…", as typed on the command line.

    An empty one is everybody. Raises Refused: badges.unknown_filter, with the part that is not understood.
    """
    said = {"which": "new" if only_new else "all"}
    for part in filter(None, map(str.strip, _NEXT_KEY.split(typed))):
        key, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or not value or not _is_known(key, value):
            raise Refused(Refusal("badges.unknown_filter", {"part": part}))
        said["q" if key == "name" else key] = value
    return Where(**said)


def _is_known(key: str, value: str) -> bool:
    if key == "category":
        return value in CATEGORIES
    if key == "country":
        return countries.is_country(value)
    return key in ("organisation", "name")


def why_not_layout(layout: str) -> Refusal | None:
    """Say why badges cannot be printed in this layout, or None."""
    return None if layout in LAYOUTS else Refusal("badges.unknown_layout", {"layout": layout})


def clean_reason(typed: str) -> str:
    """Why a badge is printed again. Raises Refused: badges.reason_required, badges.reason_too_long."""
    reason = " ".join(typed.split())
    if not reason:
        raise Refused(Refusal("badges.reason_required"))
    if text.graphemes(reason) > REASON_LIMIT:
        raise Refused(Refusal("badges.reason_too_long", {"limit": REASON_LIMIT}))
    return reason
