"""Which proposals are wanted, in which order? Read from an address; what is unknown is dropped, and told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace

from eventreg.core import countries, text
from eventreg.core.trilingual import LANGS
from eventreg.manage.filters import Order
from eventreg.people.rules import SECTORS
from eventreg.proposals.rules import State

SORTS = ("number", "title", "track", "sent", "changed")
JOINT = "joint"  # of the sectors: government and civil society stand behind it together
LACKS = "lacks_"  # of the completeness, before a language that lacks texts
DEFAULT = Order("number")
_LONGEST = 160


@dataclass(frozen=True)
class ProposalFilter:
    """Every given part must hold; '' asks for nothing.

    `q` is what was typed into the search box, `track` and `format` are slugs of the meeting, `sector` one of a body that stands
    behind it or "joint", `language` the one it is written in, `country` that of the lead's body, `texts` "complete", "missing"
    (answers) or "lacks_fr" (texts in a language), `co` "unanswered" for those whose co-organisers have yet to answer.
    """

    q: str = ""
    state: str = ""
    track: str = ""
    format: str = ""
    sector: str = ""
    language: str = ""
    country: str = ""
    texts: str = ""
    co: str = ""

    def as_args(self) -> dict[str, str]:
        """The parts that ask for something, as an address carries them."""
        return {name: value for name, value in asdict(self).items() if value}

    def without(self, name: str) -> ProposalFilter:
        """The same filter with one part lifted."""
        return self.having(name, "")

    def having(self, name: str, value: str) -> ProposalFilter:
        """The same filter with one part changed."""
        return replace(self, **{name: value})


def wanted_of(args: Mapping[str, str], *, tracks: Collection[str], formats: Collection[str]) -> ProposalFilter:
    """The filter that an address asks for. A value that cannot be is dropped, never refused; `ignored` names it."""
    known: dict[str, Collection[str]] = {
        "state": list(State), "track": tracks, "format": formats, "sector": (*SECTORS, JOINT), "language": LANGS,
        "texts": ("complete", "missing", *(f"{LACKS}{lang}" for lang in LANGS)), "co": ("unanswered",),
    }  # fmt: skip
    values = {name: args.get(name, "") for name, choices in known.items() if args.get(name, "") in choices}
    country = args.get("country", "").upper()
    return ProposalFilter(q=_line(args, "q"), country=country if countries.is_country(country) else "", **values)


def order_of(arg: str) -> Order:
    """The order that an address asks for; by number when it asks for none we have."""
    return Order(arg.removeprefix("-"), arg.startswith("-")) if arg.removeprefix("-") in SORTS else DEFAULT


def ignored(args: Mapping[str, str], wanted: ProposalFilter) -> list[tuple[str, str]]:
    """What the address asks for and nobody can want: (part or "sort", value as typed in one line, cut short)."""
    understood = wanted.as_args()
    if args.get("sort", "").removeprefix("-") in SORTS:
        understood["sort"] = args["sort"]
    typed = {name: _line(args, name) for name in (*asdict(wanted), "sort") if name != "q"}
    return [(name, value[:40]) for name, value in typed.items() if value and name not in understood]


def _line(args: Mapping[str, str], name: str) -> str:
    return text.clean_line(args.get(name, "")[: 4 * _LONGEST])[:_LONGEST]
