"""Whom does a pasted list name? Lines "address; name; language; category" become guests, or a reason why not. Pure."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from eventreg.core import text
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import rules as people
from eventreg.people.rules import Email

MOST_LINES = 1000
LABEL_LIMIT = 120
_HEADINGS = frozenset({
    "e mail", "email", "mail", "e mail address", "email address", "address", "courriel", "adresse", "adresse electronique",
    "adresse e mail", "adresse mail", text.fold("البريد الإلكتروني"), text.fold("العنوان الإلكتروني"),
})  # fmt: skip
_SEPARATORS = ("\t", ";", "؛", ",", "،")  # noqa: RUF001  the first that a line has parts it


@dataclass(frozen=True)
class Guest:
    """A line that can become an invitation."""

    number: int
    email: Email
    name: str
    lang: str
    category: str


@dataclass(frozen=True)
class Wrong:
    """A line that cannot: its number, what stands in it, and why."""

    number: int
    line: str
    refusal: Refusal


@dataclass(frozen=True)
class Words:
    """How languages and categories may be written: folded words to our keys; what holds where a line says nothing."""

    langs: Mapping[str, str]
    categories: Mapping[str, str]
    lang: str
    category: str


def read(typed: str, words: Words) -> tuple[list[Guest], list[Wrong]]:
    """The guests of a list, and the lines that name none. Empty lines and a line of headings are passed over."""
    guests: list[Guest] = []
    wrong: list[Wrong] = []
    first_with: dict[str, int] = {}
    for number, line in enumerate(typed.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        cells = _cells(line)
        if not any(cells) or (not guests and not wrong and _is_heading(cells)):
            continue
        try:
            guest = _guest(number, cells, words)
            if (earlier := first_with.setdefault(guest.email.key, number)) != number:
                raise Refused(Refusal("invited.twice", {"line": earlier}))
        except Refused as refused:
            wrong.append(Wrong(number, text.clean_line(line)[:200], refused.refusal))
        else:
            guests.append(guest)
    return guests, wrong


def without(guests: list[Guest], keys: Collection[str], code: str) -> tuple[list[Guest], list[Wrong]]:
    """The guests whose address is not among `keys`, and the others as wrong lines with this reason."""
    kept = [guest for guest in guests if guest.email.key not in keys]
    gone = [Wrong(guest.number, guest.email.address, Refusal(code)) for guest in guests if guest.email.key in keys]
    return kept, gone


def _cells(line: str) -> list[str]:
    separator = next((sign for sign in _SEPARATORS if sign in line), ";")
    try:
        row = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        row = line.split(separator)
    return [text.clean_line(cell) for cell in row]


def _is_heading(cells: list[str]) -> bool:
    return text.fold(cells[0]) in _HEADINGS


def _guest(number: int, cells: list[str], words: Words) -> Guest:
    if len(cells) > 4 and any(cells[4:]):
        raise Refused(Refusal("invited.cells", {"count": len(cells)}))
    email, name, lang, category = (*cells, "", "", "", "")[:4]
    address = people.email_address(email)
    if text.graphemes(name) > LABEL_LIMIT:
        raise Refused(Refusal("invited.name_long", {"limit": LABEL_LIMIT}))
    return Guest(
        number, address, name or address.address,
        _known(lang, words.langs, "invited.language") or words.lang,
        _known(category, words.categories, "invited.category") or words.category,
    )  # fmt: skip


def _known(typed: str, names: Mapping[str, str], code: str) -> str:
    if not typed:
        return ""
    found = names.get(text.fold(typed))
    if found is None:
        raise Refused(Refusal(code, {"typed": typed}))
    return found
