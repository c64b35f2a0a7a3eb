"""Which organisations are wanted, which of them may be one, and what did people type that nobody noted down?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from sqlalchemy import ColumnElement, Select, String, Subquery, and_, case, exists, func, or_, select, union
from sqlalchemy.orm import aliased

from eventreg.core import countries, searching, text
from eventreg.core.db import db
from eventreg.manage.filters import Order
from eventreg.manage.sorted_pages import Sorted
from eventreg.people import organisation_rules
from eventreg.people import rules as people_rules
from eventreg.people.models import NotTheSame, Organisation, OrganisationName
from eventreg.people.organisation_rules import Known
from eventreg.registration import rules
from eventreg.registration.models import Registration
from eventreg.registration.organisations import same_name, unnamed

SORTS = ("name", "country", "people")
MOST_TYPED = 1000  # different names that are read at once
_LONGEST = 160


@dataclass(frozen=True)
class OrganisationFilter:
    """Every given part must hold; '' asks for nothing. `public` and `twins` are "yes" or "no" and "yes"."""

    q: str = ""
    country: str = ""
    sector: str = ""
    level: str = ""
    public: str = ""
    twins: str = ""

    def as_args(self) -> dict[str, str]:
        """The parts that ask for something, as an address carries them."""
        return {name: value for name, value in asdict(self).items() if value}

    def without(self, name: str) -> OrganisationFilter:
        """The same filter with one part lifted."""
        return replace(self, **{name: ""})


def wanted_of(args: Mapping[str, str]) -> OrganisationFilter:
    """The filter that an address asks for. A value that cannot be is dropped, never refused."""
    known: dict[str, Collection[str]] = {
        "sector": people_rules.SECTORS, "level": organisation_rules.LEVELS, "public": ("yes", "no"), "twins": ("yes",),
    }  # fmt: skip
    values = {name: args.get(name, "") for name, choices in known.items() if args.get(name, "") in choices}
    country = args.get("country", "").upper()
    q = text.clean_line(args.get("q", "")[: 4 * _LONGEST])[:_LONGEST]
    return OrganisationFilter(q=q, country=country if countries.is_country(country) else "", **values)


def order_of(arg: str) -> Order:
    """The order that an address asks for; by name when it asks for none we have."""
    by = arg.removeprefix("-")
    return Order(by, arg.startswith("-")) if by in SORTS else Order()


# ---- the list --------------------------------------------------------------------------------------------------------


def in_order(event_id: int, wanted: OrganisationFilter, order: Order, *, lang: str) -> Sorted:
    """Rows (organisation, live registrations of this meeting), those that went into others left out."""
    numbers = _people(event_id)
    number = func.coalesce(numbers.c.number, 0)
    query = (
        select(Organisation, number.label("people"))
        .outerjoin(numbers, numbers.c.organisation_id == Organisation.id)
        .where(*_conditions(wanted))
    )
    key = {"country": _by_country(lang), "people": number}.get(order.by, _by_name(lang))
    return Sorted(query, key, Organisation.id, Organisation.code, order.is_descending)


def _people(event_id: int) -> Subquery:
    query = (
        select(Registration.organisation_id, func.count().label("number"))
        .where(Registration.event_id == event_id, Registration.state.in_(tuple(rules.LIVE)))
        .where(Registration.organisation_id.is_not(None))
        .group_by(Registration.organisation_id)
    )
    return query.subquery()


def _by_name(lang: str) -> ColumnElement[str]:
    columns = {"ar": Organisation.sort_ar, "fr": Organisation.sort_fr, "en": Organisation.sort_en}
    return columns[lang].expression


def _by_country(lang: str) -> ColumnElement[int]:
    names = sorted(countries_present(), key=lambda code: text.sort_key(countries.name(code, lang)))
    ranks = {code: rank for rank, code in enumerate(names)}
    return case(ranks, value=Organisation.country, else_=len(ranks)) if ranks else Organisation.id.expression


def countries_present() -> list[str]:
    """The countries of which organisations are noted down."""
    query = select(Organisation.country).where(Organisation.merged_into_id.is_(None)).distinct()
    return list(db.session.scalars(query.order_by(Organisation.country)))


def _conditions(wanted: OrganisationFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Organisation.merged_into_id.is_(None)]
    same = {Organisation.country: wanted.country, Organisation.sector: wanted.sector, Organisation.level: wanted.level}
    found += [column == value for column, value in same.items() if value]
    if wanted.q:
        found.append(searching.matches(Organisation.search_key, wanted.q))
    if wanted.public:
        found.append(Organisation.is_public.is_(wanted.public == "yes"))
    if wanted.twins:
        pairs = _pairs().subquery()
        found.append(Organisation.id.in_(union(select(pairs.c.low), select(pairs.c.high))))
    return found


def search(typed: str, *, country: str = "", limit: int = 10) -> list[Organisation]:
    """Organisations with a name that holds what was typed, as written or as it sounds; those of the country first."""
    query = select(Organisation).where(*_conditions(OrganisationFilter(q=typed)))
    return list(db.session.scalars(query.order_by(Organisation.country != country, Organisation.id).limit(limit)))


# ---- twins -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Twins:
    """Two organisations that may be one, and why (organisation_rules.NAME, ACRONYM, SOUND)."""

    one: Organisation
    other: Organisation
    reasons: tuple[str, ...]


def _pairs() -> Select[tuple[int, int]]:
    """Pairs (low, high) of one country that have a name or its bones in common, and that nobody said are not the same.

    Of two countries only bodies that are no state's, by a name in full: every country has a Ministry of Justice.
    """
    mine, theirs = aliased(OrganisationName), aliased(OrganisationName)
    low, high = aliased(Organisation), aliased(Organisation)
    here = low.country == high.country
    abroad = and_(mine.key == theirs.key, mine.bones != "", low.sector != "government", high.sector != "government")
    alike = (mine.key == theirs.key, and_(mine.bones == theirs.bones, mine.bones != ""))
    said = exists().where(NotTheSame.low_id == low.id, NotTheSame.high_id == high.id)
    ways = [
        select(low.id.label("low"), high.id.label("high"))
        .join(mine, mine.organisation_id == low.id)
        .join(theirs, and_(way, theirs.organisation_id > mine.organisation_id))
        .join(high, high.id == theirs.organisation_id)
        .where(low.merged_into_id.is_(None), high.merged_into_id.is_(None), or_(here, abroad), ~said)
        for way in alike
    ]
    pairs = union(*ways).subquery()
    return select(pairs.c.low, pairs.c.high).order_by(pairs.c.low, pairs.c.high)


def probable_twins(*, limit: int = 50) -> list[Twins]:
    """Pairs to look at: three statements."""
    pairs = [(row.low, row.high) for row in db.session.execute(_pairs().limit(limit))]
    ids = {key for pair in pairs for key in pair}
    if not ids:
        return []
    rows = {row.id: row for row in db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)))}
    names: dict[int, dict[str, str]] = {key: {} for key in ids}
    for name in db.session.scalars(select(OrganisationName).where(OrganisationName.organisation_id.in_(ids))):
        names[name.organisation_id][name.key] = name.bones
    known = {key: Known(rows[key].country, text.fold(rows[key].acronym), names[key]) for key in ids}
    return [Twins(rows[a], rows[b], organisation_rules.why_twins(known[a], known[b])) for a, b in pairs]


# ---- typed names -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Typed:
    """A name that nobody noted down, as most wrote it; `people` are live registrations, `sector` what most of them chose."""

    name: str
    country: str
    sector: str
    people: int


def typed_names(event_id: int, q: str = "") -> list[Typed]:
    """Names typed by people of this meeting that match no organisation, the most frequent first: one statement."""
    people = func.count().label("people")
    query = (
        select(Registration.organisation_name, Registration.country, Registration.sector, people)
        .where(*unnamed(event_id), Registration.state.in_(tuple(rules.LIVE)))
        .group_by(Registration.organisation_name, Registration.country, Registration.sector)
        .order_by(people.desc(), func.lower(Registration.organisation_name, type_=String()))
        .limit(MOST_TYPED)
    )
    words = text.fold(q).split()
    groups: dict[tuple[str, str], Typed] = {}
    for name, country, sector, number in db.session.execute(query):
        key = (same_name(name), country)
        if all(word in key[0] for word in words):
            first = groups.get(key, Typed(name, country, sector, 0))
            groups[key] = replace(first, people=first.people + number)
    return sorted(groups.values(), key=lambda typed: -typed.people)


def how_many_typed(event_id: int) -> int:
    """How many live registrations name an organisation that nobody noted down."""
    live = Registration.state.in_(tuple(rules.LIVE))
    return db.session.scalar(select(func.count()).where(*unnamed(event_id), live)) or 0


def who_typed(event_id: int, name: str, country: str) -> list[Registration]:
    """The registrations that a typed name stands for, also those that are over."""
    query = select(Registration).where(*unnamed(event_id, country)).order_by(Registration.id)
    return [row for row in db.session.scalars(query) if same_name(row.organisation_name) == same_name(name)]


# ---- the table to take away ------------------------------------------------------------------------------------------

# Stable: an import of this table relies on the names. Aliases are joined by " | ", the parent is its code.
COLUMNS = (
    "code", "name_ar", "name_fr", "name_en", "acronym", "aliases", "country", "sector", "level", "parent", "is_public"
)  # fmt: skip
_BATCH = 500


def table(event_id: int, wanted: OrganisationFilter, order: Order, *, lang: str) -> Iterator[tuple[str, ...]]:
    """The rows of COLUMNS, some hundreds at a time."""
    query = in_order(event_id, wanted, order, lang=lang).rows().execution_options(yield_per=_BATCH)
    for part in db.session.execute(query).partitions():
        rows = [row[0] for row in part]
        aliases, codes = _aliases([row.id for row in rows]), _codes({row.parent_id for row in rows})
        for row in rows:
            yield (
                row.code, row.name.ar, row.name.fr, row.name.en, row.acronym, " | ".join(aliases.get(row.id, [])),
                row.country, row.sector, row.level, codes.get(row.parent_id, ""), "yes" if row.is_public else "no",
            )  # fmt: skip


def _aliases(ids: Collection[int]) -> dict[int, list[str]]:
    query = select(OrganisationName.organisation_id, OrganisationName.name).where(OrganisationName.organisation_id.in_(ids))
    found: dict[int, list[str]] = {}
    for key, name in db.session.execute(query.where(OrganisationName.is_alias).order_by(OrganisationName.id)):
        found.setdefault(key, []).append(name)
    return found


def _codes(ids: Collection[int | None]) -> dict[int | None, str]:
    query = select(Organisation.id, Organisation.code).where(Organisation.id.in_([key for key in ids if key]))
    return {row.id: row.code for row in db.session.execute(query)}
