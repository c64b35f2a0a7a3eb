"""When exactly is "30 September, end of day"? Local times as facts, instants derived from them by tz data (R1–R3).

Offsets are asked of the zone at that instant, never of dst(): Morocco's clock goes back for Ramadan, by decree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from eventreg.core.refusals import Refusal, Refused
from eventreg.core.text import latin_digits

FIRST_YEAR, LAST_YEAR = 1970, 2200
_MOMENT = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True)
class LocalMoment:
    """`local` (without zone) and `zone` are the fact, `instant` (UTC) is derived. As a deadline it is exclusive."""

    local: datetime
    zone: str
    instant: datetime


def deadline(typed: str, zone: str, *, fold: int | None = None) -> LocalMoment:
    """The first moment that is too late: a date means the end of that local day, so the next midnight.

    `typed`: "2022-09-30" or "2022-09-30T18:00", digits of any script. `fold` 0 or 1 chooses of an hour that happens
    twice. Raises Refused: times.not_a_date, times.no_such_day, times.out_of_range, times.skipped, times.ambiguous
    (params local, first, second: the offsets to choose from).
    """
    day, hour = _read(typed)
    if hour is None:
        return _moment(datetime.combine(day + timedelta(days=1), time()), zone, fold=fold, whole_day=True)
    return _moment(datetime.combine(day, hour), zone, fold=fold)


def start(typed: str, zone: str, *, fold: int | None = None) -> LocalMoment:
    """The first moment that counts: a date means the beginning of that local day. Otherwise as `deadline`."""
    day, hour = _read(typed)
    return _moment(datetime.combine(day, hour or time()), zone, fold=fold, whole_day=hour is None)


def day(typed: str) -> date:
    """A calendar day: "2022-09-30", digits of any script.

    Raises Refused: times.not_a_date, times.no_such_day, times.out_of_range.
    """
    found, hour = _read(typed)
    if hour is not None:
        raise Refused(Refusal("times.not_a_date"))
    return found


def recompute(local: datetime, zone: str) -> datetime:
    """The instant of a stored local time under today's tz data.

    Never refuses, what was decided must stay decidable: of two the one of `local.fold`, and an hour that a changed
    rule now skips is read with the offset before the jump.
    """
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def offset_text(instant: datetime, zone: str) -> str:
    """'UTC+1', 'UTC', 'UTC−3:30': what the zone's clocks show at that instant."""
    minutes = _offset(instant, zone) // timedelta(minutes=1)
    sign = "+" if minutes > 0 else "−"
    hours, rest = divmod(abs(minutes), 60)
    if not minutes:
        return "UTC"
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"


def last_minute(bound: datetime) -> datetime:
    """The instant to show people for an exclusive bound: the minute before it, 23:59 for midnight."""
    return bound - timedelta(minutes=1)


def _read(typed: str) -> tuple[date, time | None]:
    line = latin_digits(typed[:60].strip())
    found = _MOMENT.fullmatch(line)
    if not found:
        raise Refused(Refusal("times.not_a_date"))
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in found.groups())
    if month and day and not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(Refusal("times.out_of_range"))
    try:
        return date(year, month, day), time(hour, minute, second) if found.group(4) else None
    except ValueError:
        raise Refused(Refusal("times.no_such_day")) from None


def _moment(local: datetime, zone: str, *, fold: int | None, whole_day: bool = False) -> LocalMoment:
    """A day's midnight is never refused: a day begins with its first instant, also where the clock jumps at 0:00."""
    first, second = (recompute(local.replace(fold=which), zone) for which in (0, 1))
    if first == second:
        return LocalMoment(local, zone, first)
    if first > second and not whole_day:
        raise Refused(_skipped(local, zone, before=second, after=first))
    if fold is None and not whole_day:
        offsets = {"first": offset_text(first, zone), "second": offset_text(second, zone)}
        raise Refused(Refusal("times.ambiguous", {"local": f"{local:%Y-%m-%d %H:%M}", **offsets}))
    chosen = local.replace(fold=fold or 0)
    return LocalMoment(chosen, zone, recompute(chosen, zone))


def _skipped(local: datetime, zone: str, *, before: datetime, after: datetime) -> Refusal:
    """Name the jump: the clock's last reading before it and the first after it, on either side of `local`."""
    jump = _jump_between(before, after, zone)
    old = (jump - timedelta(seconds=1)).astimezone(ZoneInfo(zone)) + timedelta(seconds=1)
    new = jump.astimezone(ZoneInfo(zone))
    readings = {"before": f"{old:%H:%M}", "after": f"{new:%H:%M}"}
    return Refusal("times.skipped", {"local": f"{local:%Y-%m-%d %H:%M}", **readings})


def _jump_between(low: datetime, high: datetime, zone: str) -> datetime:
    """The first instant of the new offset, to the second: halved down, as tz data can't be asked for it."""
    old = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if _offset(middle, zone) == old else (low, middle)
    return high


def _offset(instant: datetime, zone: str) -> timedelta:
    return instant.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
