"""What do the cells of a proposal's row say? Its answers as the form would send them, its lead, whom it asks. No database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eventreg.core import text
from eventreg.core.questions import judging
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.trilingual import LANGS, Text
from eventreg.imports import own_answers, rules, values
from eventreg.imports.rules import Told
from eventreg.people import rules as people
from eventreg.people.rules import SECTORS, Email
from eventreg.proposals import standard, table
from eventreg.proposals.queries import Offer
from eventreg.proposals.rules import State

_STATES = {
    State.DRAFT: "brouillon | مسودة",
    State.SUBMITTED: "sent | received | تم الإرسال | envoyée | envoyé | soumise | soumis | reçue | مرسل | مرسلة | مقدم",
}  # fmt: skip
_MOST = 999_999  # the largest number that is one


@dataclass
class Said:
    """A row as read. `raw` are answers by field, `columns` says in which column each stands; `asked` are co-organisers as typed.

    `lang`, `state`: '' where the row does not tell.
    """

    lang: str = ""
    state: str = ""
    number: int | None = None
    email: Email | None = None
    raw: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    lead: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def titles(self) -> list[str]:
        """The title in every language that has one, as compared."""
        found = (text.fold(str(self.raw.get(standard.field_of("title", lang), ""))) for lang in LANGS)
        return [title for title in found if title]


def read(cells: Mapping[str, str], offer: Offer) -> tuple[Said, list[Told]]:
    """What the cells say, and what is wrong with them as cells; whether the answers hold, the rules of the call decide."""
    said, told = Said(), []

    def take(column: str, reader: Callable[[str], Any]) -> Any:
        try:
            return reader(cells[column]) if column in cells else None
        except Refused as refused:
            told.append(Told("error", refused.refusal, column))
            return None

    said.lang = take("lang", values.language) or ""
    said.state = take("state", _state) or ""
    said.number = take("number", _number)
    said.email = take("lead_email", people.email_address)
    readers: dict[str, Callable[[str], Any]] = {
        "track": lambda cell: _one_of(cell, {t.slug: t.name for t in offer.tracks}, "track"),
        "format": lambda cell: _one_of(cell, {f.slug: f.name for f in offer.formats}, "format"),
        "spoken": lambda cell: list(values.languages(cell)), "size_min": _size, "size_max": _size,
    }  # fmt: skip
    for column, reader in readers.items():
        _answer(said, column, column, take(column, reader))
    told += _texts(said, cells)
    raw, own_told = own_answers.raw_of(cells, table.readable_own(offer))
    for code, answer in raw.items():
        _answer(said, judging.field_name(code), table.OWN + code, answer)
    lead = {
        "name": cells.get("lead"), "organisation_name": cells.get("lead_organisation"), "country": take("country", values.country),
        "sector": take("lead_sector", _sector),
    }  # fmt: skip
    said.lead = {name: found for name, found in lead.items() if found}
    said.asked = _asked(cells)
    return said, told + own_told


def _answer(said: Said, name: str, column: str, value: Any) -> None:
    if value not in (None, "", []):
        said.raw[name], said.columns[name] = value, column


def _texts(said: Said, cells: Mapping[str, str]) -> list[Told]:
    """The texts: from the column of a language, or from one for whatever language the row is written in."""
    told = []
    for name in standard.WORDS:
        for lang in LANGS:
            column = standard.field_of(name, lang)
            _answer(said, column, column, text.clean_text(cells.get(column, "")))
    for name in standard.WORDS:
        if name in cells:
            lang = said.lang or ("ar" if text.script_of(cells[name]) == "arabic" else "")
            if lang:
                _answer(said, standard.field_of(name, lang), name, text.clean_text(cells[name]))
            else:
                told.append(rules.error("imports.language_missing", name))
    said.lang = said.lang or _written_in(said.raw)
    return told


def _written_in(raw: Mapping[str, Any]) -> str:
    """Of a row that does not say: the language that has a title and most of the other texts."""
    has = {lang: sum(1 for name in standard.WORDS if standard.field_of(name, lang) in raw) for lang in LANGS}
    titled = [lang for lang in LANGS if standard.field_of("title", lang) in raw]
    return max(titled, key=lambda lang: has[lang], default="")


def _state(cell: str) -> str:
    """draft or submitted; another state that we know is given back as it is."""
    wanted = text.fold(cell.replace("_", " "))
    for state in State:
        if wanted in {text.fold(word) for word in (state.replace("_", " "), *_STATES.get(state, "").split("|"))}:
            return state
    raise Refused(Refusal("imports.state_unknown", {"value": text.clean_line(cell)[:60]}))


def _number(cell: str) -> int:
    digits = re.sub(r"[.,]0+$", "", text.latin_digits(text.clean_line(cell)))
    if not digits.isdecimal() or not 1 <= int(digits[:7]) <= _MOST:
        raise Refused(Refusal("imports.number_wrong", {"value": text.clean_line(cell)[:60]}))
    return int(digits)


def _size(cell: str) -> str:
    """What is typed, without the zeros that a spreadsheet program put behind it."""
    return re.sub(r"(?<=\d)[.,]0+$", "", text.clean_line(cell))


def _one_of(cell: str, offered: Mapping[str, Text], what: str) -> str:
    """A slug, by itself or by a name in any language."""
    wanted = text.fold(cell.replace("_", " ").replace("-", " "))
    for slug, name in offered.items():
        words = (slug.replace("_", " ").replace("-", " "), *(getattr(name, lang).replace("-", " ") for lang in LANGS))
        if wanted in {text.fold(word) for word in words if word}:
            return slug
    raise Refused(Refusal(f"imports.{what}_unknown", {"value": text.clean_line(cell)[:60]}))


def _sector(cell: str) -> str:
    found = values.category(cell)
    if found not in SECTORS:
        raise Refused(Refusal("imports.category_unknown", {"value": cell[:60]}))
    return found


def _asked(cells: Mapping[str, str]) -> list[dict[str, str]]:
    """The co-organisers by their addresses; with name and body where as many of these are told, in the same order."""
    addresses = _parts(cells.get("co_organiser_emails", ""))
    names, bodies = _parts(cells.get("co_organisers", "")), _parts(cells.get("co_organiser_organisations", ""))
    more = {"name": names, "organisation_name": bodies}
    told = {name: found for name, found in more.items() if len(found) == len(addresses)}
    return [{"email": address, **{name: found[at] for name, found in told.items()}} for at, address in enumerate(addresses)]


def _parts(cell: str) -> list[str]:
    return [part for part in map(text.clean_line, re.split(r"[;\n،؛|]", cell)) if part]
