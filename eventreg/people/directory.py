"""What organisers do with the directory of organisations: note one down, change it, give it a further name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from eventreg.core import audit, text
from eventreg.core.audit import Actor
from eventreg.core.db import db, take_turn, transaction
from eventreg.core.i18n import LANGS
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people import organisation_rules, organisations
from eventreg.people.models import Organisation, OrganisationName
from eventreg.people.organisation_rules import Plan

_DEEPEST = 20  # a ministry's directorate's division's … : more is a mistake


@dataclass(frozen=True)
class Happening:
    """What a room above is told when organisations change: when, by whom, and by which merge ('' when by none)."""

    now: datetime
    by: Actor
    merge: str = ""


@dataclass(frozen=True)
class Holder:
    """A room above that holds links to organisations, listed in wiring.py. Everything inside the running transaction.

    `refresh` derives anew what it derived from an organisation's names and sector. `move` brings its rows from one
    organisation to another and tells what it moved; `put_back` takes that and tells how many rows were moved back and how
    many were left, as they had changed since.
    """

    name: str
    refresh: Callable[[Organisation, Happening], None]
    move: Callable[[Organisation, Organisation, Happening], list[dict[str, Any]]]
    put_back: Callable[[list[dict[str, Any]], Organisation, Organisation, Happening], tuple[int, int]]


Holders = Iterable[Holder]


@contextmanager
def standing_still() -> Iterator[datetime]:
    """A transaction in which no organisation changes and no meeting writes a registration that names one."""
    with transaction(queue=("organisations", 0)) as now:
        for event_id in db.session.scalars(select(Event.id).order_by(Event.id)).all():
            take_turn(("event", event_id))
        yield now


def add(plan: Plan, *, by: Actor) -> Organisation:
    """Note an organisation down.

    Raises Refused (organisation.no_name, .known_name, .no_parent … ); nothing is written then.
    """
    plan = organisation_rules.cleaned(plan)
    with transaction(queue=("organisations", 0)) as now:
        _why_not_named(plan, None)
        parent = _parent(plan, None)
        made = organisations.add(
            plan.name, country=plan.country, sector=plan.sector, now=now, acronym=plan.acronym, aliases=plan.aliases,
            level=plan.level, parent_id=parent.id if parent else None, is_public=plan.is_public,
        )  # fmt: skip
        facts = {"country": made.country, "sector": made.sector}
        audit.record("organisation.added", made, event_id=None, actor=by, facts=facts, personal=_told({}, seen(made)))
        return made


def change(code: str, plan: Plan, *, holders: Holders, by: Actor) -> Organisation:
    """Change what is noted of an organisation; registrations are found by its new names and follow its sector.

    Their category stays: it is their place in a limit. Raises Refused as `add`, organisation.merged; nothing is written then.
    """
    plan = organisation_rules.cleaned(plan)
    with standing_still() as now:
        organisation = standing(code)
        _why_not_named(plan, organisation)
        parent = _parent(plan, organisation)
        before = seen(organisation)
        organisation.name, organisation.acronym, organisation.country = plan.name, plan.acronym, plan.country
        organisation.sector, organisation.level, organisation.is_public = plan.sector, plan.level, plan.is_public
        organisation.parent_id = parent.id if parent else None
        organisations.write_names(organisation, plan.aliases)
        after = seen(organisation)
        if after == before:
            return organisation
        facts = {"changed": sorted(name for name in after if after[name] != before[name])}
        audit.record("organisation.changed", organisation, event_id=None, actor=by, facts=facts, personal=_told(before, after))
        _tell(holders, organisation, Happening(now, by))
        return organisation


def remove(organisation: Organisation, *, by: Actor) -> bool:
    """Take an organisation out of the directory again, inside a transaction that stands still; False when something needs it.

    Only for what was noted down by mistake: the record keeps that it was there.
    """
    child = select(Organisation.id).where(
        (Organisation.parent_id == organisation.id) | (Organisation.merged_into_id == organisation.id)
    )
    if db.session.scalar(child.limit(1)) is not None:
        return False
    audit.record("organisation.removed", organisation, event_id=None, actor=by, personal=_told(seen(organisation), {}))
    db.session.execute(delete(OrganisationName).where(OrganisationName.organisation_id == organisation.id))
    db.session.delete(organisation)
    db.session.flush()  # a registration that names it stands against it here
    return True


def add_alias(organisation: Organisation, name: str, *, holders: Holders, happening: Happening) -> None:
    """Let an organisation be found by one more name, inside a transaction that stands still; a name it bears is enough."""
    aliases = organisations.aliases_of(organisation.id)
    wanted = organisation_rules.clean_aliases([*aliases, name])
    before = seen(organisation)
    organisations.write_names(organisation, wanted)
    after = seen(organisation)
    if after != before:
        facts = {"changed": ["aliases"]}
        personal = _told(before, after)
        audit.record("organisation.changed", organisation, event_id=None, actor=happening.by, facts=facts, personal=personal)
    _tell(holders, organisation, happening)


def standing(code: str) -> Organisation:
    """The organisation with this code, as it is now. Raises Refused (organisation.unknown, organisation.merged)."""
    organisation = organisations.by_code(code)
    if organisation is None:
        raise Refused(Refusal("organisation.unknown"))
    if organisation.merged_into_id is not None:
        raise Refused(Refusal("organisation.merged"))
    return organisation


def seen(organisation: Organisation) -> dict[str, str]:
    """What a line of the record says of an organisation: strings by field."""
    parent = db.session.get(Organisation, organisation.parent_id) if organisation.parent_id else None
    names = {f"name_{lang}": getattr(organisation.name, lang) for lang in LANGS}
    return names | {
        "acronym": organisation.acronym, "aliases": " | ".join(organisations.aliases_of(organisation.id)),
        "organisation_country": organisation.country, "sector": organisation.sector, "level": organisation.level,
        "parent": parent.code if parent else "", "is_public": "yes" if organisation.is_public else "no",
    }  # fmt: skip


def _told(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """A name may be somebody's own: the chain holds only commitments to it."""
    return {name: (before.get(name) or None, after[name] or None) for name in after if before.get(name, "") != after[name]}


def _tell(holders: Holders, organisation: Organisation, happening: Happening) -> None:
    for holder in holders:
        holder.refresh(organisation, happening)


def _why_not_named(plan: Plan, organisation: Organisation | None) -> None:
    """A new full name must not be another's of the same country: what people type would mean neither of the two."""
    keys = {text.fold(name) for name in plan.own_names}
    if organisation is not None:
        own = select(OrganisationName.key).where(OrganisationName.organisation_id == organisation.id)
        keys -= set(db.session.scalars(own))
    query = (
        select(Organisation.code)
        .join(OrganisationName, OrganisationName.organisation_id == Organisation.id)
        .where(OrganisationName.key.in_(keys), Organisation.country == plan.country, Organisation.merged_into_id.is_(None))
    )
    other = db.session.scalar(query.limit(1))
    if other is not None:
        raise Refused(Refusal("organisation.known_name", {"code": other}))


def _parent(plan: Plan, organisation: Organisation | None) -> Organisation | None:
    """The organisation to which this one belongs. Raises Refused (organisation.no_parent, organisation.circle)."""
    if not plan.parent:
        return None
    parent = organisations.by_code(plan.parent)
    if parent is None:
        raise Refused(Refusal("organisation.no_parent"))
    parent = organisations.survivor(parent)
    line = line_above(parent)
    if organisation is not None and organisation.id in (parent.id, *line):
        raise Refused(Refusal("organisation.circle"))
    if len(line) >= _DEEPEST:
        raise Refused(Refusal("organisation.no_parent"))
    return parent


def line_above(organisation: Organisation) -> list[int]:
    """The ids of those to which it belongs: its parent, the parent's parent …"""
    line: list[int] = []
    while organisation.parent_id is not None and organisation.parent_id not in line:
        line.append(organisation.parent_id)
        organisation = db.session.get_one(Organisation, organisation.parent_id)
    return line
