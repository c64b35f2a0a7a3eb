"""Which proposals does the team see, and how many are there of each kind? Three thousand answer like thirty."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, case, cast, func, literal, or_, select, union_all
from sqlalchemy import literal_column as text_column
from sqlalchemy.orm import joinedload

from eventreg.core import searching, text
from eventreg.core.db import db
from eventreg.core.trilingual import LANGS
from eventreg.events.models import Track
from eventreg.manage.filters import Order
from eventreg.manage.proposal_filters import JOINT, LACKS, ProposalFilter
from eventreg.manage.sorted_pages import Sorted
from eventreg.people.models import Person
from eventreg.proposals import shield
from eventreg.proposals.models import Proposal, ProposalFormat, ProposalPerson, ProposalSearch
from eventreg.proposals.rules import Answer, Role

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # sorts what was never sent after everything that was

Conditions = Sequence[ColumnElement[bool]]

# ---- the filter ------------------------------------------------------------------------------------------------------


def seen_by(event_id: int, viewer: Person | None) -> list[ColumnElement[bool]]:
    """The proposals of the meeting that the viewer may know of, from which every query here starts; None is the operator."""
    here: list[ColumnElement[bool]] = [Proposal.event_id == event_id]
    return here if viewer is None else [*here, shield.visible(event_id, viewer)]


def conditions_of(event_id: int, wanted: ProposalFilter, viewer: Person | None) -> Conditions:
    """What the proposals wanted have in common. The texts are read once, whatever the page goes on to ask of what is found."""
    found = [*seen_by(event_id, viewer), *_parts(event_id, wanted)]
    if not wanted.q:
        return found
    ids = db.session.scalars(_searched(event_id, wanted.q)).all()
    # numbers of ours, written into the statement: thousands of parameters take longer than the search
    return [*found, Proposal.id.in_(bindparam("found", ids, expanding=True, literal_execute=True))]


def _parts(event_id: int, wanted: ProposalFilter) -> list[ColumnElement[bool]]:
    """Everything but the search box."""
    found: list[ColumnElement[bool]] = []
    same = {Proposal.state: wanted.state, Proposal.lang: wanted.language, Proposal.country: wanted.country}
    found += [column == value for column, value in same.items() if value]
    if wanted.track:
        found.append(Proposal.track_id.in_(select(Track.id).where(Track.event_id == event_id, Track.slug == wanted.track)))
    if wanted.format:
        its_format = select(ProposalFormat.id).where(ProposalFormat.event_id == event_id, ProposalFormat.slug == wanted.format)
        found.append(Proposal.format_id.in_(its_format))
    if wanted.sector:
        found.append(_is_joint() if wanted.sector == JOINT else _holds(Proposal.sectors, wanted.sector))
    if wanted.texts:
        found.append(_texts(wanted.texts))
    if wanted.co:
        found.append(_waits())
    return found


def _holds(column: Any, value: str) -> ColumnElement[bool]:
    """Whether a JSON list of words holds this one."""
    return cast(column, String).like(f'%"{value}"%')


def _is_joint() -> ColumnElement[bool]:
    return and_(_holds(Proposal.sectors, "government"), _holds(Proposal.sectors, "civil_society"))


def _texts(asked: str) -> ColumnElement[bool]:
    if asked.startswith(LACKS):
        return ~_holds(Proposal.languages, asked.removeprefix(LACKS))
    return Proposal.missing == 0 if asked == "complete" else Proposal.missing > 0


def _waits() -> ColumnElement[bool]:
    """Whether a co-organiser has yet to answer."""
    asked = (ProposalPerson.role == Role.CO_ORGANISER) & (ProposalPerson.answer == Answer.INVITED)
    return Proposal.id.in_(select(ProposalPerson.proposal_id).where(asked))


def _searched(event_id: int, typed: str) -> Select[tuple[int]]:
    """Proposals that have every word, in their names or in their texts; or all of them in their names as they sound.

    The short column of names is asked first, so that the long one is read only where it must be.
    """
    words, bones = text.fold(typed).split(), [] if "@" in typed else text.skeleton(typed).split()
    every = [or_(ProposalSearch.names.like(f"%{word}%"), ProposalSearch.words.like(f"%{word}%")) for word in words]
    ways = [and_(*every)] if every else [literal(False).is_(True)]
    if bones:
        ways.insert(0, and_(*(searching.has_bones(ProposalSearch.names, bone) for bone in bones)))
    return select(ProposalSearch.proposal_id).where(ProposalSearch.event_id == event_id, or_(*ways))


# ---- in order --------------------------------------------------------------------------------------------------------


def in_order(event_id: int, wanted: ProposalFilter, order: Order, viewer: Person | None, *, lang: str) -> Sorted:
    """The proposals wanted, each with its lead's line, for a page of them or all of them."""
    query = (
        select(Proposal, ProposalPerson)
        .outerjoin(ProposalPerson, and_(ProposalPerson.proposal_id == Proposal.id, ProposalPerson.role == Role.LEAD))
        .where(*conditions_of(event_id, wanted, viewer))
        .options(joinedload(Proposal.track), joinedload(Proposal.format))
    )
    return Sorted(query, _key(event_id, order.by), Proposal.id.expression, Proposal.code.expression, order.is_descending)


def _key(event_id: int, by: str) -> ColumnElement[Any]:
    """What is not there yet stands at the end: no number, no track, never sent."""
    match by:
        case "title":
            return Proposal.sort_title.expression
        case "track":
            ranks = select(Track.rank).where(Track.id == Proposal.track_id).scalar_subquery()
            return func.coalesce(ranks, 10**6)
        case "changed":
            return Proposal.changed_at.expression
        case "sent":
            return func.coalesce(Proposal.sent_at, literal(_NEVER, Proposal.sent_at.type))
        case _:
            return func.coalesce(Proposal.number, 10**9)


def how_many(event_id: int, wanted: ProposalFilter, viewer: Person | None) -> int:
    """How many proposals are wanted."""
    return db.session.scalar(select(func.count(Proposal.id)).where(*conditions_of(event_id, wanted, viewer))) or 0


# ---- how many of each ------------------------------------------------------------------------------------------------


def counts(event_id: int, viewer: Person | None) -> Mapping[str, Mapping[str, int]]:
    """How many proposals of the meeting each value of each filter would find: two statements.

    Parts of the filter by name; tracks and formats by their slug.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    seen = and_(*seen_by(event_id, viewer))
    for name, value, number in db.session.execute(_tally(seen)):
        for counted in _values(name, value):
            found[_PART.get(name, name)][counted] += number
    waiting = select(func.count(Proposal.id)).where(seen, _waits())
    found["co"]["unanswered"] = db.session.scalar(waiting) or 0
    return found


_PART = {"languages": "texts", "missing": "texts", "sectors": "sector"}


def _tally(here: ColumnElement[bool]) -> Any:
    """(column, value, how many) of every column that a filter asks for: one statement."""
    columns: dict[str, ColumnElement[Any]] = {
        "state": Proposal.state.expression, "language": Proposal.lang.expression, "country": Proposal.country.expression,
        "track": Track.slug.expression, "format": ProposalFormat.slug.expression, "sectors": cast(Proposal.sectors, String),
        "languages": cast(Proposal.languages, String), "missing": case((Proposal.missing == 0, "complete"), else_="missing"),
    }  # fmt: skip
    homes = {"track": (Track, Track.id == Proposal.track_id), "format": (ProposalFormat, ProposalFormat.id == Proposal.format_id)}
    each = []
    for name, column in columns.items():
        query = select(literal(name), column.label("value"), func.count()).select_from(Proposal).where(here)
        each.append((query.join(*homes[name]) if name in homes else query).group_by(text_column("value")))
    return union_all(*each)


def _values(name: str, value: str) -> list[str]:
    """The values of its filter that find a row with this in this column."""
    if name == "sectors":
        sectors = json.loads(value)
        return [*sectors, *([JOINT] if {"government", "civil_society"} <= set(sectors) else [])]
    if name == "languages":
        return [f"{LACKS}{lang}" for lang in LANGS if lang not in json.loads(value)]
    return [value]
