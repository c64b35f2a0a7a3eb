"""What becomes of registrations when organisations change, and of names that people typed which nobody had noted down."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from sqlalchemy import func, select

from eventreg.core import audit, text
from eventreg.core.audit import Actor
from eventreg.core.db import db
from eventreg.people import directory, organisations
from eventreg.people.directory import Happening, Holder, Holders
from eventreg.people.models import Organisation, Person
from eventreg.people.organisation_rules import Plan
from eventreg.people.organisations import Found
from eventreg.registration import changes
from eventreg.registration.models import Registration

# The sector is the organisation's and follows it; the category is a place in a limit and stays until an organiser changes
# it at the person, where the other limit is asked for a place.


def refresh(organisation: Organisation, happening: Happening) -> None:
    """Registrations of this organisation are found by its names of today and have its sector."""
    known = organisations.with_names(organisation)
    for registration, email in _with_addresses(Registration.organisation_id == organisation.id):
        _bind(registration, email, known, happening, before=organisation.code, why="sector")


def move(source: Organisation, target: Organisation, happening: Happening) -> list[dict[str, Any]]:
    """Bring the registrations of `source` to `target`; what each was before, for `put_back`."""
    known, moved = organisations.with_names(target), []
    rows = list(_with_addresses(Registration.organisation_id == source.id))
    refresh(target, happening)  # it has more names now
    for registration, email in rows:
        row = {"id": registration.id, "sector": registration.sector, "wrote": _mark(registration.organisation_name)}
        _bind(registration, email, known, happening, before=source.code, why="merged")
        moved.append(row)
    for event_id, facts in _by_event(rows, source, target, happening):
        audit.record("organisation.registrations_moved", target, event_id=event_id, actor=happening.by, facts=facts)
    return moved


def put_back(
    moved: list[dict[str, Any]], source: Organisation, target: Organisation, happening: Happening
) -> tuple[int, int]:
    """Bring back what `move` moved and nobody changed since; how many went back, how many were left."""
    known, was = organisations.with_names(source), {row["id"]: row for row in moved}
    rows = _with_addresses(Registration.organisation_id == target.id, Registration.id.in_(was))
    back = [(r, email) for r, email in rows if _mark(r.organisation_name) == was[r.id]["wrote"]]
    for registration, email in back:
        sector = was[registration.id]["sector"] if registration.sector == target.sector else registration.sector
        _bind(registration, email, known, happening, before=target.code, why="unmerged", sector=sector)
    refresh(target, happening)
    for event_id, facts in _by_event(back, source, target, happening):
        audit.record("organisation.registrations_put_back", target, event_id=event_id, actor=happening.by, facts=facts)
    return len(back), len(moved) - len(back)


HOLDER = Holder("registration", refresh, move, put_back)


def _with_addresses(*conditions: Any) -> list[tuple[Registration, str]]:
    query = (
        select(Registration, func.coalesce(Person.email, ""))
        .join(Person, Person.id == Registration.person_id)
        .where(*conditions)
        .order_by(Registration.id)
    )
    db.session.flush()
    return [(registration, email) for registration, email in db.session.execute(query)]


def _bind(
    registration: Registration, email: str, known: Found, happening: Happening, *, before: str, why: str, sector: str = ""
) -> None:
    """Link a registration with an organisation that was not its own, or follow the one that is; the category stays."""
    sectors, found_by = (registration.sector, sector or known.sector), registration.search_key
    is_moved = registration.organisation_id != known.id
    registration.organisation_id, registration.sector = known.id, sectors[1]
    changes.write_keys(registration, email=email, organisation_key=known.names)
    if is_moved or registration.search_key != found_by:
        registration.changed_at = happening.now  # a badge shows the organisation's name in the other script
    if not is_moved and sectors[0] == sectors[1]:
        return
    facts = {"before": before, "after": known.code, "why": why} | ({"merge": happening.merge} if happening.merge else {})
    if sectors[0] != sectors[1]:
        facts |= {"sector_before": sectors[0], "sector_after": sectors[1]}
    event_id = registration.event_id
    audit.record("registration.organisation_set", registration, event_id=event_id, actor=happening.by, facts=facts)


def _mark(name: str) -> str:
    """Tells whether somebody wrote another name since, without keeping what they wrote."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _by_event(
    rows: list[tuple[Registration, str]], source: Organisation, target: Organisation, happening: Happening
) -> list[tuple[int, dict[str, Any]]]:
    """What each meeting's record tells of it: one line with the number of its registrations."""
    numbers = Counter(registration.event_id for registration, _email in rows)
    facts = {"source": source.code, "target": target.code, "merge": happening.merge}
    return [(event_id, facts | {"registrations": number}) for event_id, number in sorted(numbers.items())]


# ---- names that people typed -----------------------------------------------------------------------------------------


def link_typed(event_id: int, name: str, country: str, code: str, *, holders: Holders, by: Actor) -> int:
    """People of this meeting who typed this name are of that organisation, and so is whoever types it from now on.

    How many registrations were linked. Raises Refused (organisation.unknown, organisation.merged).
    """
    with directory.standing_still() as now:
        organisation = directory.standing(code)
        return _link(event_id, name, country, organisation, holders=holders, happening=Happening(now, by))


def add_typed(event_id: int, name: str, country: str, plan: Plan, *, holders: Holders, by: Actor) -> tuple[Organisation, int]:
    """Note a typed name down as an organisation, and link those who typed it. Raises Refused as `directory.add`."""
    with directory.standing_still() as now:
        made = directory.add(plan, by=by)
        return made, _link(event_id, name, country, made, holders=holders, happening=Happening(now, by))


def _link(
    event_id: int, name: str, country: str, organisation: Organisation, *, holders: Holders, happening: Happening
) -> int:
    rows = [(r, email) for r, email in _with_addresses(*unnamed(event_id, country)) if _is_typed(r, name)]
    if rows:
        directory.add_alias(organisation, rows[0][0].organisation_name, holders=holders, happening=happening)
    known = organisations.with_names(organisation)
    for registration, email in rows:
        _bind(registration, email, known, happening, before="", why="linked")
    return len(rows)


def _is_typed(registration: Registration, name: str) -> bool:
    return same_name(registration.organisation_name) == same_name(name)


def same_name(name: str) -> str:
    """What two spellings of one typed name have in common; a name without letters is only its own."""
    return text.fold(name) or name


def unnamed(event_id: int, country: str = "") -> list[Any]:
    """Conditions: registrations of the meeting whose organisation nobody noted down (in that country)."""
    conditions: list[Any] = [Registration.event_id == event_id, Registration.organisation_id.is_(None)]
    return [*conditions, *([Registration.country == country] if country else [])]
