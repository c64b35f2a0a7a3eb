"""Which organisation is meant? Found by any of its names; suggestions to strangers come only from the public list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from eventreg.core import text, tokens
from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text
from eventreg.people import organisation_rules
from eventreg.people.models import Organisation, OrganisationName

LONGEST = 200  # letters of a name; SQLite gives up at a pattern of some ten thousand


@dataclass(frozen=True)
class Found:
    """A known organisation; `names` are all its names in one string, for the search column."""

    id: int
    code: str
    sector: str
    names: str


@dataclass(frozen=True)
class Suggestion:
    """What the picker shows: the canonical name, and under which other name it was found."""

    code: str
    name: Text
    country: str
    sector: str
    found_as: str


def add(
    name: Text, *, country: str, sector: str, now: datetime, acronym: str = "", aliases: Iterable[str] = (),
    level: str = "", parent_id: int | None = None, is_public: bool = False,
) -> Organisation:  # fmt: skip
    """Write an organisation with all names under which it will be found. Inside the running transaction."""
    organisation = Organisation(
        code=tokens.short_code("O"), name=name, acronym=acronym, country=country, sector=sector, level=level,
        parent_id=parent_id, is_public=is_public, created_at=now,
    )  # fmt: skip
    db.session.add(organisation)
    write_names(organisation, aliases)
    return organisation


def write_names(organisation: Organisation, aliases: Iterable[str]) -> None:
    """Derive from its names and these aliases by what it is found and sorted. Inside the running transaction."""
    db.session.flush()
    wanted = organisation_rules.written(organisation.name, organisation.acronym, aliases)
    rows = select(OrganisationName).where(OrganisationName.organisation_id == organisation.id)
    kept = {row.key: row for row in db.session.scalars(rows)}
    for key in kept.keys() - wanted.keys():
        db.session.delete(kept.pop(key))
    for key, name in wanted.items():
        row = kept.get(key) or OrganisationName(organisation_id=organisation.id, key=key)
        row.name, row.bones, row.is_alias = name.name, name.bones, name.is_alias
        db.session.add(row)
    organisation.search_key = organisation_rules.found_by(wanted.values(), organisation.code)
    shown = [text.sort_key(organisation.name.in_(lang)) for lang in ("ar", "fr", "en")]
    organisation.sort_ar, organisation.sort_fr, organisation.sort_en = shown
    db.session.flush()


def derive_missing() -> None:
    """Derive anew what organisations from before an upgrade have not: by what they are found and sorted."""
    with transaction():
        for organisation in db.session.scalars(select(Organisation).where(Organisation.search_key == "")).all():
            write_names(organisation, aliases_of(organisation.id))


def aliases_of(organisation_id: int) -> list[str]:
    """Its further names, in the order in which they came."""
    query = select(OrganisationName.name).where(OrganisationName.organisation_id == organisation_id)
    return list(db.session.scalars(query.where(OrganisationName.is_alias).order_by(OrganisationName.id)))


def by_code(code: str) -> Organisation | None:
    """The organisation with this code, also one that was merged; None when there is none."""
    return db.session.scalar(select(Organisation).where(Organisation.code == code))


def with_names(organisation: Organisation) -> Found:
    """What rooms that hold a link to it need to know."""
    query = select(OrganisationName.name).where(OrganisationName.organisation_id == organisation.id)
    names = db.session.scalars(query.order_by(OrganisationName.id))
    return Found(organisation.id, organisation.code, organisation.sector, " ".join(names))


def recognised(code: str, typed: str, country: str) -> Found | None:
    """The organisation chosen by code, or the one that bears the typed name in this country; None for a new one.

    One that was merged is recognised as its survivor.
    """
    query = select(OrganisationName.organisation_id).where(OrganisationName.key == text.fold(typed))
    ids = set(db.session.scalars(query))
    if not ids:
        return None
    candidates = list(db.session.scalars(select(Organisation).where(Organisation.id.in_(ids))))
    pairs = [(organisation, survivor(organisation)) for organisation in candidates]
    chosen = {meant for borne_by, meant in pairs if code in (borne_by.code, meant.code)}
    chosen = chosen or {meant for borne_by, meant in pairs if country in (borne_by.country, meant.country)}
    return with_names(chosen.pop()) if len(chosen) == 1 else None


def recognised_all(wanted: Sequence[tuple[str, str]]) -> list[Found | None]:
    """`recognised` for many (name, country), with one look at the names that nobody bears."""
    keys = {text.fold(typed) for typed, _country in wanted} - {""}
    borne = set(db.session.scalars(select(OrganisationName.key).where(OrganisationName.key.in_(keys))))
    found = {(typed, country): recognised("", typed, country) for typed, country in wanted if text.fold(typed) in borne}
    return [found.get(pair) for pair in wanted]


def survivor(organisation: Organisation) -> Organisation:
    """The organisation itself, or the one into which it was merged in the end."""
    while organisation.merged_into_id is not None:
        organisation = db.session.get_one(Organisation, organisation.merged_into_id)
    return organisation


def survivor_id(organisation_id: int | None) -> int | None:
    """The organisation into which this one was merged, itself when it was not."""
    return None if organisation_id is None else survivor(db.session.get_one(Organisation, organisation_id)).id


def named(code: str, typed: str) -> list[Organisation]:
    """Known organisations that bear this name, whatever their country; the one of `code` alone where it is among them."""
    query = select(OrganisationName.organisation_id).where(OrganisationName.key == text.fold(typed))
    found = db.session.scalars(select(Organisation).where(Organisation.id.in_(query)).order_by(Organisation.id)).all()
    alive = list({meant.id: meant for meant in map(survivor, found)}.values())
    return [one for one in alive if one.code == code] or alive


def suggestions(typed: str, *, country: str = "", limit: int = 8) -> list[Suggestion]:
    """Public organisations with a name of which a word begins with what was typed (2 letters or more).

    Those of `country` come first.
    """
    key = text.fold(typed[:LONGEST])
    if len(key) < 2:
        return []
    safe = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    matches = OrganisationName.key.like(f"{safe}%", escape="\\") | OrganisationName.key.like(f"% {safe}%", escape="\\")
    query = (
        select(Organisation, OrganisationName.name, OrganisationName.is_alias)
        .join(OrganisationName, OrganisationName.organisation_id == Organisation.id)
        .where(matches, Organisation.merged_into_id.is_(None), Organisation.is_public.is_(True))
        .order_by(Organisation.country != country, OrganisationName.is_alias, OrganisationName.key)
    )
    found: dict[str, Suggestion] = {}
    for organisation, name, is_alias in db.session.execute(query.limit(limit * 4)):
        found.setdefault(
            organisation.code,
            Suggestion(organisation.code, organisation.name, organisation.country, organisation.sector, name if is_alias else ""),
        )
    return list(found.values())[:limit]
