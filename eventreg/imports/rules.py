"""What does a row want, and may it have that? Pure: cells in, values and problems out. Judged by the rules of the form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from eventreg.core import charsets, text
from eventreg.core.refusals import Refusal, Refused
from eventreg.imports import values
from eventreg.people import rules as people
from eventreg.proposals.standard import WORDS
from eventreg.registration import rules as registration
from eventreg.registration.rules import CATEGORIES, GIVEN_CATEGORIES

CELL_LIMIT = 2000  # nothing that we keep is as long
TEXT_LIMIT = 5000  # but for the texts of a proposal
_SECTOR_OF = {"press": "media"}
_TOTALS = {text.fold(word) for word in ("total", "totaux", "total général", "sum", "somme", "المجموع", "مجموع", "الإجمالي")}

# our columns and the answers of the form that they hold
FIELDS: Mapping[str, str] = {
    "name_latin": "name_latin", "name_arabic": "name_arabic", "email": "email", "phone": "phone",
    "organisation": "organisation_name",
    "sector": "sector", "category": "category", "country": "country", "position": "position", "days": "days",
    "languages": "languages", "lang": "lang", "visa_letter": "wants_visa_letter", "photo_consent": "consents_photo",
    "contact_consent": "consents_contact",
}  # fmt: skip
_BY_THE_FORM = ("name_latin", "name_arabic", "organisation_name", "position", "phone", "email")


@dataclass(frozen=True)
class Told:
    """Something to say about a row. `level` is error (the row is wrong) or warning."""

    level: str
    refusal: Refusal
    column: str = ""

    def as_list(self) -> list[Any]:
        """To be kept as JSON."""
        return [self.level, self.refusal.code, dict(self.refusal.params), self.column]

    @classmethod
    def of(cls, kept: Sequence[Any]) -> Told:
        """As it was kept."""
        return cls(kept[0], Refusal(kept[1], kept[2]), kept[3])


def error(code: str, column: str = "", /, **params: object) -> Told:
    """A row with it is wrong."""
    return Told("error", Refusal(code, params), column)


def warning(code: str, column: str = "", /, **params: object) -> Told:
    """To be known, and no obstacle."""
    return Told("warning", Refusal(code, params), column)


@dataclass
class Verdict:
    """What a line of the file would do: outcome is new, changed, unchanged or wrong."""

    line: int
    cells: dict[str, str]
    outcome: str = "new"
    told: list[Told] = field(default_factory=list)
    ref: str = ""
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    found: Any = None  # the registration or organisation that is meant

    @property
    def is_wrong(self) -> bool:
        """Whether something stands against it."""
        return any(one.level == "error" for one in self.told)

    @property
    def is_row(self) -> bool:
        """Whether the line is about somebody or something, and no repeated header or sum."""
        return all(one.refusal.code != "imports.no_row" for one in self.told)

    def came_before(self, lines: dict[str, int], *names: str) -> bool:
        """Whether a line above goes by one of these names; that is told. `lines` are those judged so far by name, and grow."""
        for name in names:
            line = lines.setdefault(name, self.line)
            if line != self.line:
                self.told.append(error("imports.twice", line=line))
                return True
        return False


def cells_of(line: Sequence[str], mapping: Sequence[str]) -> tuple[dict[str, str], list[Told]]:
    """The cells by column, empty ones left out, and what is wrong with the line as such."""
    told: list[Told] = []
    named = {key: cell for key, cell in zip(mapping, line, strict=False) if key}
    found = {key: cell for key, cell in named.items() if not _is_empty(key, cell[: 4 * CELL_LIMIT])}
    if any(cell.strip() for cell in line[len(mapping) :]):
        told.append(error("imports.more_cells", cells=len(line), columns=len(mapping)))
    for key, cell in found.items():
        limit = _limit(key)
        if any(_is_unreadable(sign) for sign in cell[:limit]):
            told.append(error("imports.unreadable", key))
        elif len(cell) > limit:
            told.append(error("answers.too_long", key, limit=limit, length=len(cell)))
        elif meant := charsets.unbroken(cell):
            told.append(error("imports.broken_letters", key, value=cell[:60], meant=meant[:60]))
    return {key: cell[: _limit(key)] for key, cell in found.items()}, told


def _limit(key: str) -> int:
    return TEXT_LIMIT if key in WORDS or key.rpartition("_")[0] in WORDS else CELL_LIMIT


# where a dash or "n/a" stands for an empty cell; elsewhere it may be an answer
_OFTEN_DASHED = frozenset(("name_latin", "name_arabic", "first_name", "email", "phone", "organisation", "position", "sector",
    "days", "languages", "lang", "acronym", "aliases", "level", "parent", "lead", "lead_email", "lead_organisation", "lead_sector",
    "co_organisers", "co_organiser_emails", "co_organiser_organisations", "track", "format", "spoken", "size_min", "size_max",
    "number", "state"))  # fmt: skip


def _is_empty(key: str, cell: str) -> bool:
    return not text.clean_line(cell) or (key in _OFTEN_DASHED and values.is_nothing(cell))


def _is_unreadable(sign: str) -> bool:
    return sign == "\ufffd" or (unicodedata.category(sign) in ("Cc", "Cs", "Co") and not sign.isspace())


def is_total(cells: Mapping[str, str]) -> bool:
    """A line at the end that adds up is nobody."""
    told = [cell for cell in cells.values() if not cell.strip().isdecimal()]
    return not {"email", "country"} <= cells.keys() and len(told) == 1 and bool(_TOTALS & set(text.fold(told[0]).split()))


def name_of(cells: Mapping[str, str]) -> dict[str, str]:
    """The two names: from their own columns, or from one for both scripts, with the first name before it.

    A name that stands in the column of the other script is taken for what it is.
    """
    found = {key: cells[key] for key in ("name_latin", "name_arabic") if key in cells}
    whole = " ".join(filter(None, (cells.get("first_name", ""), cells.get("name", ""))))
    if whole:
        found.setdefault(_column_for(whole), whole)
    return _by_script(found) if misplaced(found) else found


def misplaced(cells: Mapping[str, str]) -> list[str]:
    """The columns of names that hold a name of the other script, where it is clear what is meant."""
    wrong = [key for key in ("name_latin", "name_arabic") if key in cells and text.script_of(cells[key]) == _OTHER[key]]
    held = {key: cells[key] for key in ("name_latin", "name_arabic") if key in cells}
    is_clear = len(_by_script(held)) == len({text.clean_line(name) for name in held.values()})
    return wrong if is_clear else []


_OTHER = {"name_latin": "arabic", "name_arabic": "latin"}


def _column_for(name: str) -> str:
    return "name_arabic" if text.script_of(name) == "arabic" else "name_latin"


def _by_script(names: Mapping[str, str]) -> dict[str, str]:
    return {_column_for(name): name for name in names.values()}


# ---- people ----------------------------------------------------------------------------------------------------------


def read_person(
    cells: Mapping[str, str], *, days: Sequence[date], country: str = ""
) -> tuple[dict[str, Any], list[Told]]:
    """The answers that the cells hold, and what is wrong with them; by the rules of the form.

    `country`: for a phone number in national form when the row names no country.
    """
    raw: dict[str, Any] = {"country": country}
    found: dict[str, Any] = {}
    told: list[Told] = []
    for column, read in _readers(days).items():
        if column in cells:
            try:
                found[FIELDS[column]] = read(cells[column])
            except Refused as refused:
                told.append(Told("error", refused.refusal, column))
    raw["country"] = found.get("country", country)
    plain = name_of(cells) | {key: cells[key] for key in ("email", "organisation", "position") if key in cells}
    told += [warning("imports.other_script", column) for column in misplaced(cells)]
    if "phone" in cells:
        try:
            plain["phone"] = _phone(cells["phone"], raw["country"])
        except Refused as refused:
            told.append(Told("error", refused.refusal, "phone"))
    raw |= {FIELDS[column]: cell for column, cell in plain.items()}
    wanted = [name for name in _BY_THE_FORM if name in raw]
    values_, problems = registration.parse(raw, days=days, only=wanted)
    columns = {name: column for column, name in FIELDS.items()}
    told += [Told("error", refusal, columns[name]) for name, refusal in problems.items()]
    return found | values_, told


def _phone(cell: str, country: str) -> str:
    """The number as typed, with the plus sign that a spreadsheet program dropped."""
    digits = values.phone_digits(cell)
    if re.fullmatch(r"[1-9]\d{9,14}", digits):
        try:
            people.phone(digits, country=country or None)
        except Refused:
            return "+" + digits
    return digits


def _readers(days: Sequence[date]) -> dict[str, Callable[[str], Any]]:
    return {
        "country": values.country, "category": values.category, "sector": _sector, "lang": values.language,
        "languages": values.languages, "days": lambda cell: values.days(cell, of=days), "visa_letter": values.yes,
        "photo_consent": values.yes, "contact_consent": values.yes,
    }  # fmt: skip


def _sector(cell: str) -> str:
    found = values.category(cell)
    if found in GIVEN_CATEGORIES:
        raise Refused(Refusal("imports.category_unknown", {"value": cell[:60]}))
    return found


def lacking(found: Mapping[str, Any], cells: Mapping[str, str]) -> list[Told]:
    """What a new person must have and has not (a cell that is wrong is told already)."""
    told = []
    if not found.get("name_latin") and not found.get("name_arabic") and not name_of(cells):
        told.append(error("answers.name_missing", "name_latin"))
    if "country" not in cells:
        told.append(error("imports.country_missing", "country"))
    if "category" not in cells:
        told.append(error("imports.category_missing", "category"))
    return told


def doubts(found: Mapping[str, Any]) -> list[Told]:
    """What a reader should look at twice."""
    email = found.get("email")
    if email is None:
        return []
    if email.suspicious:
        return [warning("imports.lookalike", "email", address=email.ascii)]
    meant = people.typo_suggestion(email.address)
    return [warning("imports.perhaps_typo", "email", address=email.address, meant=meant)] if meant else []


def sector_for(category: str, said: str) -> str:
    """The sector of a new person: what the file says, else what the category implies; '' where it implies none."""
    return said or (category if category in CATEGORIES else _SECTOR_OF.get(category, ""))
