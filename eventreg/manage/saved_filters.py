"""Which filters of the list of people have a name? One's own, and those shared with the organisers of the meeting."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from eventreg.core import audit, text, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.manage.filters import Order, ParticipantFilter
from eventreg.manage.models import SavedFilter
from eventreg.people.models import Person
from eventreg.people.services import actor_of

LONGEST_NAME = 60
MOST = 40  # own ones in one meeting


def visible(event_id: int, person: Person) -> list[SavedFilter]:
    """The filters that this person may use here, by name."""
    mine = or_(SavedFilter.person_id == person.id, SavedFilter.is_shared)
    found = db.session.scalars(select(SavedFilter).where(SavedFilter.event_id == event_id, mine))
    return sorted(found, key=lambda one: (text.sort_key(one.name), one.id))


def save(
    event_id: int, name: str, wanted: ParticipantFilter, order: Order, *, is_shared: bool, by: Person
) -> SavedFilter:
    """Keep a filter and its order under a name; people who were ticked are no filter.

    Raises Refused (filter.name_missing, filter.name_long, filter.nothing, filter.too_many).
    """
    name = _clean(name)
    args = wanted.without("codes").as_args()
    if not args or wanted.codes:
        raise Refused(Refusal("filter.nothing"))
    with transaction() as now:
        query = select(func.count()).where(SavedFilter.event_id == event_id, SavedFilter.person_id == by.id)
        if (db.session.scalar(query) or 0) >= MOST:
            raise Refused(Refusal("filter.too_many", {"limit": MOST}))
        saved = SavedFilter(
            code=tokens.new_secret()[:16], event_id=event_id, person_id=by.id, name=name, is_shared=is_shared, made_at=now,
            args=args | ({"sort": order.as_arg()} if order != Order() else {}),
        )  # fmt: skip
        db.session.add(saved)
        db.session.flush()
        _record("filter.saved", saved, by=actor_of(by, "organiser"), before=None, after=name)
        return saved


def change(event_id: int, code: str, *, name: str, is_shared: bool, by: Person) -> SavedFilter:
    """Rename a filter, share it or keep it for oneself. Only its owner takes a shared one back.

    Raises Refused (filter.unknown, filter.name_missing, filter.name_long).
    """
    name = _clean(name)
    with transaction():
        saved = _own_or_shared(event_id, code, by)
        before = saved.name
        saved.name = name
        if saved.person_id == by.id:
            saved.is_shared = is_shared
        _record("filter.changed", saved, by=actor_of(by, "organiser"), before=before, after=name)
        return saved


def remove(event_id: int, code: str, *, by: Person) -> None:
    """Forget a filter; a shared one, too, whoever shared it. Raises Refused (filter.unknown)."""
    with transaction():
        saved = _own_or_shared(event_id, code, by)
        _record("filter.removed", saved, by=actor_of(by, "organiser"), before=saved.name, after=None)
        db.session.delete(saved)


def _own_or_shared(event_id: int, code: str, by: Person) -> SavedFilter:
    mine = or_(SavedFilter.person_id == by.id, SavedFilter.is_shared)
    found = db.session.scalar(select(SavedFilter).where(SavedFilter.event_id == event_id, SavedFilter.code == code, mine))
    if found is None:
        raise Refused(Refusal("filter.unknown"))
    return found


def _clean(name: str) -> str:
    name = text.clean_line(name)
    if not name:
        raise Refused(Refusal("filter.name_missing"))
    if text.graphemes(name) > LONGEST_NAME:
        raise Refused(Refusal("filter.name_long", {"limit": LONGEST_NAME}))
    return name


def _record(action: str, saved: SavedFilter, *, by: Actor, before: str | None, after: str | None) -> None:
    """The name may hold somebody's name, so it is a personal value; the filter itself stays out of the record."""
    audit.record(
        action, saved, event_id=saved.event_id, actor=by, facts={"is_shared": saved.is_shared},
        personal={"filter_name": (before, after)},
    )  # fmt: skip
