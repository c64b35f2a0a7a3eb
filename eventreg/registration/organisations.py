"""What becomes of registrations when organisations change, and of names that people typed which nobody had noted down."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from eventreg.core import audit, capacity, text
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.questions.judging import field_name
from eventreg.core.questions.shape import Form
from eventreg.events.models import Event
from eventreg.people import directory, organisations
from eventreg.people.directory import Happening, Holder, Holders
from eventreg.people.models import Organisation, OrganisationMerge, Person
from eventreg.people.organisation_rules import Plan
from eventreg.people.organisations import Found
from eventreg.registration import asking, changes, places, queries
from eventreg.registration.asking import Dropped
from eventreg.registration.models import Needs, Registration
from eventreg.registration.rules import State, Waiting

# The sector is the organisation's and follows it, and so do the questions that depend on it; the category stays until an
# organiser changes it at the person, where the other limit is asked for a place.


def refresh(organisation: Organisation, happening: Happening) -> None:
    """Registrations of this organisation are found by its names of today and have its sector."""
    known = organisations.with_names(organisation)
    rows = _with_addresses(Registration.organisation_id == organisation.id)
    for registration, email in rows:
        _bind(registration, email, known, happening, before=organisation.code, why="sector")
    _offer_what_became_free(rows, happening)


def move(source: Organisation, target: Organisation, happening: Happening) -> list[dict[str, Any]]:
    """Bring the registrations of `source` to `target`; what each was before, for `put_back`."""
    known, moved = organisations.with_names(target), []
    rows = list(_with_addresses(Registration.organisation_id == source.id))
    refresh(target, happening)  # it has more names now
    for registration, email in rows:
        row = {"id": registration.id, "sector": registration.sector, "wrote": _mark(registration.organisation_name)}
        gone = _bind(registration, email, known, happening, before=source.code, why="merged")
        moved.append(row | ({"plain": gone.plain, "apart": gone.apart} if gone.codes else {}))
    _offer_what_became_free(rows, happening)
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
        row = was[registration.id]
        sector = row["sector"] if registration.sector == target.sector else registration.sector
        dropped = Dropped(row.get("plain", {}), row.get("apart", {}))
        _bind(registration, email, known, happening, before=target.code, why="unmerged", sector=sector, dropped=dropped)
    refresh(target, happening)
    _offer_what_became_free(back, happening)
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
    registration: Registration, email: str, known: Found, happening: Happening, *, before: str, why: str, sector: str = "",
    dropped: Dropped | None = None,
) -> Dropped:  # fmt: skip
    """Link a registration with an organisation that was not its own, or follow the one that is; the category stays.

    Answers that are not asked of the sector of now go, and are told; those `dropped` before come back where they are asked.
    """
    sectors, found_by = (registration.sector, sector or known.sector), registration.search_key
    is_moved = registration.organisation_id != known.id
    registration.organisation_id, registration.sector = known.id, sectors[1]
    changes.write_keys(registration, email=email, organisation_key=known.names)
    if is_moved or registration.search_key != found_by:
        registration.changed_at = happening.now  # a badge shows the organisation's name in the other script
    if not is_moved and sectors[0] == sectors[1]:
        return Dropped()
    facts = {"before": before, "after": known.code, "why": why} | ({"merge": happening.merge} if happening.merge else {})
    answers, gone = changes.own_seen(registration.answers), Dropped()
    if sectors[0] != sectors[1]:
        facts |= {"sector_before": sectors[0], "sector_after": sectors[1]}
        _move_places(registration, *sectors)
        gone = asking.drop_hidden(registration)
    back = asking.bring_back(registration, dropped, today=_today(registration, happening)) if dropped and dropped.codes else []
    facts |= {name: [field_name(code) for code in codes] for name, codes in (("erased", gone.codes), ("back", back)) if codes}
    after = changes.own_seen(registration.answers)
    told = {name: (answers.get(name, ""), after.get(name, "")) for name in {**answers, **after}}
    personal = {name: pair for name, pair in told.items() if pair[0] != pair[1]}
    event_id = registration.event_id
    audit.record(
        "registration.organisation_set", registration, event_id=event_id, actor=happening.by, facts=facts, personal=personal
    )
    return gone


def _move_places(registration: Registration, before: str, after: str) -> None:
    """A place counts under the sector of now, also beyond its limit: nobody loses a place as their organisation changes."""
    entry = queries.live_entry(registration.id)
    if registration.state != State.CONFIRMED and (entry is None or entry.state != Waiting.OFFERED):
        return
    found = {pool.key: pool for pool in capacity.all_pools(registration.event_id) if pool.kind == "sector"}
    capacity.claim([found[after]] if after in found else [], over_limit=True)
    capacity.release([found[before]] if before in found else [])


def _offer_what_became_free(rows: list[tuple[Registration, str]], happening: Happening) -> None:
    for event_id in sorted({registration.event_id for registration, _email in rows}):
        places.offer_free_places(db.session.get_one(Event, event_id), now=happening.now)


def _today(registration: Registration, happening: Happening) -> date:
    return happening.now.astimezone(ZoneInfo(db.session.get_one(Event, registration.event_id).zone)).date()


@dataclass(frozen=True)
class Loss:
    """What a merge would erase: answers of so many people, to these questions."""

    people: int
    questions: tuple[str, ...]


def loss(source: Organisation, target: Organisation) -> Loss:
    """Answers of the people of `source` that the form does not ask in the sector of `target`; a few statements for all."""
    if source.sector == target.sector:
        return Loss(0, ())
    query = select(Registration, Needs).outerjoin(Needs, Needs.registration_id == Registration.id)
    forms: dict[int, Form] = {}
    people, codes = 0, set()
    for registration, needs in db.session.execute(query.where(Registration.organisation_id == source.id)):
        if registration.event_id not in forms:
            forms[registration.event_id] = queries.form_of(registration.event_id)
        form = forms[registration.event_id]
        gone = asking.hidden(registration, needs, form, sector=target.sector).codes
        people, codes = people + bool(gone), codes | set(gone)
    return Loss(people, tuple(sorted(codes)))


def forget_dropped(event_id: int, code: str) -> None:
    """An answer whose time is over does not lie in a merge either, from where undoing would bring it back."""
    held = _with_dropped(OrganisationMerge.undone_at.is_(None))
    mine = set(db.session.scalars(select(Registration.id).where(Registration.event_id == event_id))) if held else set()
    for made in held:
        rows = made.held[HOLDER.name]
        if any(row["id"] in mine and code in {**row.get("plain", {}), **row.get("apart", {})} for row in rows):
            with transaction(queue=("organisations", 0)):
                kept = db.session.get_one(OrganisationMerge, made.id, populate_existing=True)
                without = [_without(row, code) if row["id"] in mine else row for row in kept.held[HOLDER.name]]
                kept.held = kept.held | {HOLDER.name: without}


def forget_all_dropped(now: datetime) -> None:
    """Merges that cannot be undone any more need no answers to bring back."""
    for made in _with_dropped(OrganisationMerge.undone_at.is_not(None) | (OrganisationMerge.undo_until <= now)):
        with transaction(queue=("organisations", 0)):
            kept = db.session.get_one(OrganisationMerge, made.id, populate_existing=True)
            bare = [{name: row[name] for name in row if name not in _DROPPED} for row in kept.held[HOLDER.name]]
            kept.held = kept.held | {HOLDER.name: bare}


_DROPPED = ("plain", "apart")


def _with_dropped(condition: Any) -> list[OrganisationMerge]:
    made = db.session.scalars(select(OrganisationMerge).where(condition)).all()
    return [one for one in made if any(name in row for row in one.held.get(HOLDER.name, []) for name in _DROPPED)]


def _without(row: dict[str, Any], code: str) -> dict[str, Any]:
    return row | {name: {key: row[name][key] for key in row[name] if key != code} for name in _DROPPED if name in row}


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
