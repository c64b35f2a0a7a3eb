"""How does the meeting stand? What the first page says, in a handful of statements however many people there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, false, func, or_, select

from eventreg.core import capacity, outbox
from eventreg.core.db import db, is_sqlite
from eventreg.events.models import Event
from eventreg.registration import queries
from eventreg.registration.models import Draft, Registration, WaitingEntry
from eventreg.registration.rules import LIVE, State, Waiting

SOON = timedelta(hours=24)


@dataclass(frozen=True)
class People:
    """Registrations counted once by several columns. `confirmed_by` holds only those with a place, largest first."""

    by_state: Mapping[str, int]
    unconfirmed: int
    confirmed_by: Mapping[str, Mapping[str, int]]
    confirmed_on: Mapping[str, int]  # by ISO day of the meeting

    @property
    def total(self) -> int:
        """All registrations, ended ones too."""
        return sum(self.by_state.values())

    @property
    def confirmed(self) -> int:
        """Those who have a place."""
        return self.by_state.get(State.CONFIRMED, 0)


@dataclass(frozen=True)
class Waits:
    """The waiting list: who waits, for whom there is a place all the same, which offers end within a day."""

    waiting: int
    could_have_a_place: int
    offers: int
    offers_ending: int
    next_end: datetime | None


@dataclass(frozen=True)
class Overview:
    """What the first page shows. `limit` None: no limit. `curve`: (local day, people registered until its end)."""

    people: People
    waits: Waits
    limit: int | None
    mails: Mapping[str, int]
    drafts: int
    curve: tuple[tuple[date, int], ...]


def overview(event: Event, *, now: datetime) -> Overview:
    """How the meeting stands at `now`."""
    pools = capacity.all_pools(event.id)
    whole = next((pool for pool in pools if pool.kind == "event"), None)
    people = _people(event)
    return Overview(
        people=people, waits=_waits(event.id, pools, now=now), limit=whole.limit if whole else None,
        mails=outbox.counts(event.id), drafts=_drafts(event.id), curve=_curve(event),
    )  # fmt: skip


_COLUMNS = ("category", "sector", "country", "lang")


def _people(event: Event) -> People:
    columns = [getattr(Registration, name) for name in _COLUMNS]
    is_open = case((Registration.address_confirmed_at.is_(None), 1), else_=0)
    days = [case((queries.comes_on(day.isoformat()), 1), else_=0) for day in event.days]
    query = (
        select(Registration.state, *columns, func.count(), func.sum(is_open), *map(func.sum, days))
        .where(Registration.event_id == event.id)
        .group_by(Registration.state, *columns)
    )
    by_state, unconfirmed = Counter[str](), 0
    confirmed_by = {name: Counter[str]() for name in _COLUMNS}
    confirmed_on = Counter({day.isoformat(): 0 for day in event.days})
    for state, *rest in db.session.execute(query):
        values, number, open_addresses, on_days = rest[:4], rest[4], rest[5], rest[6:]
        by_state[state] += number
        if state in LIVE:
            unconfirmed += open_addresses
        if state == State.CONFIRMED:
            for name, value in zip(_COLUMNS, values, strict=True):
                confirmed_by[name][value] += number
            for day, people in zip(event.days, on_days, strict=True):
                confirmed_on[day.isoformat()] += people
    ordered = {name: dict(counter.most_common()) for name, counter in confirmed_by.items()}
    return People(dict(by_state), unconfirmed, ordered, dict(confirmed_on))


def _waits(event_id: int, pools: list[capacity.Pool], *, now: datetime) -> Waits:
    full = [queries.counts_under(pool.kind, pool.key) for pool in pools if pool.free == 0]
    is_ending = case((WaitingEntry.offer_expires_at <= now + SOON, 1), else_=0)
    query = (
        select(
            WaitingEntry.state, func.count(), func.sum(is_ending), func.min(WaitingEntry.offer_expires_at),
            func.sum(case((or_(false(), *full), 0), else_=1)),
        )
        .join(Registration, Registration.id == WaitingEntry.registration_id)
        .where(WaitingEntry.event_id == event_id, WaitingEntry.state.in_((Waiting.WAITING, Waiting.OFFERED)))
        .group_by(WaitingEntry.state)
    )  # fmt: skip
    rows = {row[0]: row[1:] for row in db.session.execute(query)}
    waiting, _ending, _end, could = rows.get(Waiting.WAITING, (0, 0, None, 0))
    offers, ending, first_end, _could = rows.get(Waiting.OFFERED, (0, 0, None, 0))
    whole = next((pool.free for pool in pools if pool.kind == "event"), None)
    return Waits(waiting, could if whole is None else min(could, whole), offers, ending, first_end)


def _drafts(event_id: int) -> int:
    query = select(func.count(Draft.id)).where(Draft.event_id == event_id, Draft.sent_at.is_(None))
    return db.session.scalar(query) or 0


def _curve(event: Event) -> tuple[tuple[date, int], ...]:
    """People with a place or in the waiting list, added up by the local day on which they registered."""
    hour = _hour_in_utc()
    query = (
        select(hour, func.count())
        .where(Registration.event_id == event.id, Registration.state.in_(LIVE))
        .group_by(hour)
    )
    per_day = Counter[date]()
    for stamp, number in db.session.execute(query):
        instant = datetime.fromisoformat(f"{stamp}:00:00").replace(tzinfo=UTC)
        per_day[instant.astimezone(ZoneInfo(event.zone)).date()] += number
    total, points = 0, []
    for day in sorted(per_day):
        total += per_day[day]
        points.append((day, total))
    return tuple(points)


def _hour_in_utc() -> ColumnElement[str]:
    """'2022-09-27 08' of registered_at: hours, because the local day begins at another hour than the day of UTC."""
    if is_sqlite():
        return func.strftime("%Y-%m-%d %H", Registration.registered_at)
    return func.to_char(func.timezone("UTC", Registration.registered_at), "YYYY-MM-DD HH24")
