"""Which participants are wanted, in which order? Read from an address or a command; what is unknown is dropped, and told."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from eventreg.core import countries, text
from eventreg.registration import rules, standard

SORTS = ("name", "organisation", "country", "registered")
MOST_CODES = 200
_LONGEST = 160
NOBODY = "none"  # what stands for a list of codes that holds none
_CODE = re.compile(r"R-[A-Z0-9]{2,12}", re.ASCII)


@dataclass(frozen=True)
class ParticipantFilter:
    """Every given part must hold; '' asks for nothing.

    `q` is what was typed into the search box. `day` is an ISO date, `language` the one in which we write,
    `organisation` a code (O-…) or a name as written in the registration, `address` "confirmed" or "unconfirmed",
    `needs` "yes" for those who told access or dietary needs (only for readers who may see them), `codes` registration
    codes joined by commas: people who were ticked.
    """

    q: str = ""
    state: str = ""
    category: str = ""
    sector: str = ""
    country: str = ""
    day: str = ""
    language: str = ""
    organisation: str = ""
    address: str = ""
    needs: str = ""
    codes: str = ""

    def as_args(self) -> dict[str, str]:
        """The parts that ask for something, as an address carries them."""
        return {name: value for name, value in asdict(self).items() if value}

    def without(self, name: str) -> ParticipantFilter:
        """The same filter with one part lifted."""
        return replace(self, **{name: ""})

    @classmethod
    def only(cls, codes: Iterable[str]) -> ParticipantFilter:
        """The filter that wants the people with these codes and nobody else."""
        return cls(codes=_codes(",".join(codes)) or NOBODY)


@dataclass(frozen=True)
class Order:
    """Sorted by one of SORTS; ties by who came first."""

    by: str = "name"
    is_descending: bool = False

    def as_arg(self) -> str:
        """'name', or '-name' downwards."""
        return f"-{self.by}" if self.is_descending else self.by


def participant_filter(args: Mapping[str, str], *, may_see_needs: bool = False) -> ParticipantFilter:
    """The filter that an address asks for. A value that cannot be is dropped, never refused; `ignored` names it."""
    known: dict[str, Collection[str]] = {
        "state": list(rules.State), "category": (*rules.CATEGORIES, *rules.GIVEN_CATEGORIES),
        "sector": rules.CATEGORIES, "language": standard.LANGUAGES, "address": ("confirmed", "unconfirmed"),
        "needs": ("yes",) if may_see_needs else (),
    }  # fmt: skip
    values = {name: args.get(name, "") for name, choices in known.items() if args.get(name, "") in choices}
    country = args.get("country", "").upper()
    return ParticipantFilter(
        q=_line(args, "q"), organisation=_line(args, "organisation"), day=_day(args.get("day", "")),
        country=country if countries.is_country(country) else "", codes=_codes(args.get("codes", "")), **values,
    )  # fmt: skip


def ignored(args: Mapping[str, str], wanted: ParticipantFilter) -> list[tuple[str, str]]:
    """What the address asks for and nobody can want: (part or "sort", value as typed in one line, cut short)."""
    typed = {name: _line(args, name) for name in (*asdict(wanted), "sort") if name not in ("q", "organisation")}
    understood = (wanted.without("codes") if wanted.codes == NOBODY else wanted).as_args()
    if _is_order(typed["sort"]):
        understood["sort"] = typed["sort"]
    return [(name, value[:40]) for name, value in typed.items() if value and name not in understood]


def order(arg: str) -> Order:
    """The order that an address asks for; by name when it asks for none we have."""
    return Order(arg.removeprefix("-"), arg.startswith("-")) if _is_order(arg) else Order()


def _is_order(arg: str) -> bool:
    return arg.removeprefix("-") in SORTS


def _line(args: Mapping[str, str], name: str) -> str:
    return text.clean_line(args.get(name, "")[: 4 * _LONGEST])[:_LONGEST]


def _day(typed: str) -> str:
    is_iso = len(typed) == 10 and typed.isascii() and typed.replace("-", "").isdigit()
    return typed if is_iso else ""


def _codes(typed: str) -> str:
    """Registration codes, each once. What holds something else is nobody, never everybody: a selection must not grow."""
    found = list(dict.fromkeys(filter(None, typed[: 20 * MOST_CODES].split(","))))
    is_sound = len(found) <= MOST_CODES and all(_CODE.fullmatch(code) for code in found)
    return ",".join(found) if is_sound else NOBODY
