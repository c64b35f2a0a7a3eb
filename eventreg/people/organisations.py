"""Which organisation is meant? Found by any of its names; suggestions to strangers come only from the public list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from eventreg.core import text, tokens
from eventreg.core.db import db
from eventreg.core.i18n import LANGS, Text
from eventreg.people.models import Organisation, OrganisationName


@dataclass(frozen=True)
class Found:
    """A known organisation; `names` are all its names in one string, for the search column."""

    id: int
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
    name: Text, *, country: str, sector: str, now: datetime, acronym: str = "", aliases: tuple[str, ...] = (),
    level: str = "", is_public: bool = False,
) -> Organisation:  # fmt: skip
    """Note an organisation down with all names under which it will be found. Inside the running transaction."""
    organisation = Organisation(
        code=tokens.short_code("O"), name=name, acronym=acronym, country=country, sector=sector, level=level,
        is_public=is_public, created_at=now,
    )  # fmt: skip
    db.session.add(organisation)
    db.session.flush()
    own = [getattr(name, lang) for lang in LANGS if getattr(name, lang)] + ([acronym] if acronym else [])
    seen: set[str] = set()
    for words, is_alias in [*((n, False) for n in own), *((n, True) for n in aliases)]:
        key = text.fold(words)
        if key and key not in seen:
            seen.add(key)
            db.session.add(OrganisationName(organisation_id=organisation.id, name=words, key=key, is_alias=is_alias))
    db.session.flush()
    return organisation


def recognised(code: str, typed: str, country: str) -> Found | None:
    """The organisation chosen by code, or the one that bears the typed name in this country; None for a new one."""
    query = select(OrganisationName.organisation_id).where(OrganisationName.key == text.fold(typed))
    ids = set(db.session.scalars(query))
    if not ids:
        return None
    candidates = list(db.session.scalars(select(Organisation).where(Organisation.id.in_(ids))))
    chosen = [o for o in candidates if o.code == code] or [o for o in candidates if o.country == country]
    if len(chosen) != 1:
        return None
    organisation = _survivor(chosen[0])
    names = db.session.scalars(select(OrganisationName.name).where(OrganisationName.organisation_id == organisation.id))
    return Found(organisation.id, organisation.sector, " ".join(names))


def _survivor(organisation: Organisation) -> Organisation:
    while organisation.merged_into_id is not None:
        organisation = db.session.get_one(Organisation, organisation.merged_into_id)
    return organisation


def survivor_id(organisation_id: int | None) -> int | None:
    """The organisation into which this one was merged, itself when it was not."""
    return None if organisation_id is None else _survivor(db.session.get_one(Organisation, organisation_id)).id


def named(code: str, typed: str) -> list[Organisation]:
    """Known organisations that bear this name, whatever their country; the one of `code` alone where it is among them."""
    query = select(OrganisationName.organisation_id).where(OrganisationName.key == text.fold(typed))
    found = db.session.scalars(select(Organisation).where(Organisation.id.in_(query)).order_by(Organisation.id)).all()
    alive = list({survivor.id: survivor for survivor in map(_survivor, found)}.values())
    return [one for one in alive if one.code == code] or alive


def suggestions(typed: str, *, country: str = "", limit: int = 8) -> list[Suggestion]:
    """Public organisations with a name of which a word begins with what was typed (2 letters or more).

    Those of `country` come first.
    """
    key = text.fold(typed)
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
