"""What time is it? The only clock of the product: UTC, aware, and movable for the demo and for tests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_offset = timedelta()
_frozen: datetime | None = None


def now() -> datetime:
    """The present instant, UTC and aware. Everything that is judged or stamped reads this and nothing else."""
    if _frozen is not None:
        return _frozen
    return datetime.now(UTC) + _offset


def monotonic() -> float:
    """Seconds for measuring durations; never moved."""
    return time.monotonic()


def shift(seconds: float) -> None:
    """Run the clock `seconds` ahead of (or behind) real time from now on: the demo's "as if it were"."""
    global _offset
    _offset = timedelta(seconds=seconds)


def offset_to(instant: datetime) -> float:
    """Seconds by which the clock must be shifted so that it shows `instant` at this moment."""
    return (instant - datetime.now(UTC)).total_seconds()


@contextmanager
def at(instant: datetime | str) -> Iterator[None]:
    """Stop the clock at `instant` (ISO 8601 with offset when a string) for the length of the block."""
    global _frozen
    before = _frozen
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    if moment.tzinfo is None:
        raise ValueError(f"{instant!r} has no offset: an instant needs one")
    _frozen = moment.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before


def tick(**length: float) -> None:
    """Move the stopped clock on by timedelta(**length); only inside `at`."""
    global _frozen
    if _frozen is None:
        raise RuntimeError("the clock runs by itself: tick() only works inside clock.at()")
    _frozen += timedelta(**length)
