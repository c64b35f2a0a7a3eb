"""May this badge pass, and which of several scans is the entry? The same facts give the same verdict everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from eventreg.registration.rules import State

UNDO_LASTS = timedelta(minutes=5)
# A clock that is off by less is taken as right: the way to the server takes that long, too.
CLOCK_TOLERANCE = timedelta(seconds=2)
# A scan that reached the server later than this was made without a network.
SENT_LATE = timedelta(minutes=1)
# On the page that tests a scanner; no badge can have it, as nobody is registered with it.
TEST_CODE = "BCDFGHJKLNPRSTVP"


class Result(StrEnum):
    """What the door shows, each in its own colour."""

    OK = "ok"
    AGAIN = "again"
    ATTENTION = "attention"
    REFUSED = "refused"


# With these the person passed the door.
PASSED = frozenset({Result.OK, Result.AGAIN, Result.ATTENTION})
# A lead may let in all the same, with a reason; a code that names nobody of this event can't be let in.
OVERRIDABLE = frozenset({"replaced", "revoked", "cancelled", "declined", "expired", "merged", "waiting", "not_confirmed"})

_REASON_OF_STATE: dict[str, str] = {State.WAITLISTED: "waiting", State.SUBMITTED: "not_confirmed"}


@dataclass(frozen=True)
class Mark:
    """One scan that let somebody pass, or one undo, of one registration on one day.

    `undoes_from` is set for an undo: the time of the scan that it takes back.
    """

    scan_id: str
    at: datetime
    door: str = ""
    undoes_from: datetime | None = None
    forced: bool = False


@dataclass(frozen=True)
class Facts:
    """What is known when a code is read; `unreadable` is the refusal of a code that is none."""

    unreadable: str = ""
    is_test: bool = False
    is_known: bool = True
    is_of_event: bool = True
    ticket_revoked: str | None = None  # because: cancelled, expired, replaced …; None: live
    state: str = State.CONFIRMED
    note: str = ""
    earlier: Mark | None = None  # the entry of the same day before this scan


@dataclass(frozen=True)
class Verdict:
    """The result and its reason: '' for a plain entry."""

    result: Result
    reason: str = ""


def decide(facts: Facts) -> Verdict:
    """Validity first, then the note on the person, then "already in": a cancelled badge is red though it came in."""
    if facts.is_test:
        return Verdict(Result.OK, "test")
    if reason := _why_refused(facts):
        return Verdict(Result.REFUSED, reason)
    if facts.note:
        return Verdict(Result.ATTENTION, "note")
    if facts.earlier is not None:
        return Verdict(Result.AGAIN, "already_in")
    return Verdict(Result.OK)


def _why_refused(facts: Facts) -> str:
    if facts.unreadable:
        return facts.unreadable
    if not facts.is_known:
        return "unknown"
    if not facts.is_of_event:
        return "other_event"
    if facts.ticket_revoked == "replaced":
        return "replaced"
    if facts.state != State.CONFIRMED:
        return _REASON_OF_STATE.get(facts.state, facts.state)
    return "revoked" if facts.ticket_revoked is not None else ""


# ---- several scans of one person on one day ------------------------------------------------------------------------


def live(marks: Iterable[Mark]) -> list[Mark]:
    """The scans that still count, by time, in whatever order they arrived.

    An undo takes back its scan and what was scanned between that and the undo: the same badge once more. An earlier
    entry stays.
    """
    every = list(marks)
    taken_back = [(mark.undoes_from, mark.at) for mark in every if mark.undoes_from is not None]
    counted = [
        mark for mark in every if mark.undoes_from is None and not any(since <= mark.at <= until for since, until in taken_back)
    ]
    return sorted(counted, key=lambda mark: (mark.at, mark.scan_id))


def entry(marks: Iterable[Mark]) -> Mark | None:
    """The entry: the earliest that counts, whichever device sent its scans first."""
    return next(iter(live(marks)), None)


def entry_before(marks: Iterable[Mark], *, at: datetime, scan_id: str) -> Mark | None:
    """The entry that counts for a scan made at `at`; None when it is the first itself."""
    first = entry(marks)
    return first if first is not None and (first.at, first.scan_id) < (at, scan_id) else None


# ---- clocks and undoing --------------------------------------------------------------------------------------------


def clock_error(sent_at: datetime | None, received_at: datetime) -> timedelta:
    """How far the device's clock is behind, to the second; zero when it is right or the device tells no time."""
    error = received_at - sent_at if sent_at is not None else timedelta()
    return timedelta() if abs(error) < CLOCK_TOLERANCE else timedelta(seconds=round(error.total_seconds()))


def corrected(at: datetime, error: timedelta, *, received_at: datetime) -> datetime:
    """The instant of a scan: the device's time plus its error, never later than its arrival."""
    try:
        return min(at + error, received_at)
    except OverflowError:  # a clock in the year 1 or 9999
        return received_at


def can_be_undone(verdict: str, *, forced: bool) -> bool:
    """Whether there is an entry to take back: "already in" made none."""
    return forced or verdict in (Result.OK, Result.ATTENTION)


def why_not_undo(received_at: datetime, now: datetime, *, is_lead: bool, reason: str) -> str | None:
    """Why a scan may not be taken back: volunteers have five minutes, organisers later need a reason; None: it may."""
    if now - received_at <= UNDO_LASTS:
        return None
    if not is_lead:
        return "door.undo_too_late"
    return None if reason else "door.reason_required"
