"""How is a part written? On the revision that was looked at, and never over somebody else's words. Proposals and notes share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from eventreg.core.refusals import Refusal, Refused

ONE_GO = timedelta(minutes=10)  # what one person writes without a longer break is one edit


class Part(Protocol):
    """What a part of anything has that several people write."""

    answers: Any
    revision: Any
    changed_by_id: Any
    changed_at: Any


@dataclass(frozen=True)
class Standing:
    """How a part stands: its answers, its revision, who changed it last and when."""

    answers: Mapping[str, Any]
    revision: int
    changed_by_id: int
    changed_at: datetime


class Overtaken(Refused):
    """Somebody else changed the part since it was looked at; nothing is written. `now` is how it stands."""

    def __init__(self, part: Part) -> None:
        super().__init__(Refusal("proposal.overtaken"))
        # the row itself does not outlive the transaction that this undoes
        self.now = Standing(dict(part.answers), part.revision, part.changed_by_id, part.changed_at)


@dataclass(frozen=True)
class Saved:
    """A part after saving: its revision, when, and how many answers it lacks."""

    revision: int
    at: datetime
    missing: int


def is_change(part: Part, given: Mapping[str, Any], *, based_on: int) -> bool:
    """Whether there is something to write. Raises Overtaken when somebody changed the part since `based_on`."""
    if part.answers == dict(given):
        return False
    if part.revision != based_on:
        raise Overtaken(part)
    return True


def is_same_go(part: Part, *, by: int, now: datetime) -> bool:
    """Whether this person is still at it: the part was theirs last, and they made no longer break."""
    return part.changed_by_id == by and now - part.changed_at <= ONE_GO


def put(part: Part, given: Mapping[str, Any], *, by: int, now: datetime) -> None:
    """Write it down: one revision more."""
    part.answers, part.revision, part.changed_by_id, part.changed_at = dict(given), part.revision + 1, by, now
