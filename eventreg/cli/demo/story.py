"""Who registers when, and what happens to them? A whole summer as acts in time; pure, always the same."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from eventreg.cli.demo.texts import ZONE

OPENS = datetime(2022, 7, 1, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
CLOSES = datetime(2022, 10, 1, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
DEFAULT_AT = datetime(2022, 9, 27, 9, 10, tzinfo=ZoneInfo(ZONE))

WAITING, CANCELLED, EXPIRED, OFFERED = 8, 9, 4, 2  # of those who wait only the media; scarce.py has the others
MEDIA_LATE = 6 + WAITING  # media who come when their places are taken
FEWEST = 20  # under this the story has not enough people
LATE = range(10**6, 10**6 + 3)  # speakers named after the deadline, by invitation


@dataclass(frozen=True)
class Act:
    """At this instant `guest` (a number) does something: register, confirm, cancel, accept, refuse."""

    at: datetime
    do: str
    guest: int


@dataclass(frozen=True)
class Story:
    """`acts` in order of time; `media` are the numbers of those who come as media; `ends_at` when all has happened."""

    acts: tuple[Act, ...]
    media: frozenset[int]
    media_limit: int
    ends_at: datetime


def story(participants: int, at: datetime, *, seed: int = 2022) -> Story:
    """The summer in which, in the end, exactly `participants` have a place.

    It ends at `at`, but not before 27 September (an earlier `at` sees less of it) and not after the deadline.
    """
    rng = Random(seed)
    end = min(max(at.astimezone(UTC), DEFAULT_AT.astimezone(UTC)), CLOSES - timedelta(minutes=20))
    limit = max(6, round(participants * 0.06))
    others = participants - (limit - OFFERED)
    acts: list[Act] = []
    instants = _growing(others + CANCELLED, OPENS, end, rng)
    for guest, instant in enumerate(instants):
        acts += _arrival(guest, instant, rng, end)
    first_media = len(instants)
    acts += _cancellations(instants, rng, end)
    media = range(first_media, first_media + limit + MEDIA_LATE)
    for guest, instant in zip(media, _media_instants(limit, end, rng), strict=True):
        acts += _arrival(guest, instant, rng, end)
    acts += _media_story(media, limit, end)
    expiring = range(media.stop, media.stop + EXPIRED)
    acts += [Act(end - timedelta(days=3 + 5 * number, hours=2), "register", guest) for number, guest in enumerate(expiring)]
    for number, guest in enumerate(LATE, start=1):
        acts += _arrival(guest, CLOSES + timedelta(days=3 + number, hours=11), rng, CLOSES + timedelta(days=14))
    return Story(tuple(sorted(acts, key=lambda act: (act.at, act.guest, act.do))), frozenset(media), limit, end)


def _growing(number: int, start: datetime, end: datetime, rng: Random) -> list[datetime]:
    """Instants that come closer together towards the end, at hours when people are awake."""
    span = (end - start) / timedelta(seconds=1)
    made = []
    for index in range(number):
        instant = start + timedelta(seconds=span * math.pow((index + rng.random()) / number, 1 / 2.2))
        awake = instant.replace(hour=min(23, max(6, int(rng.gauss(13, 4)))))
        made.append(awake if start + timedelta(minutes=5) < awake < end else instant)
    return sorted(made)


def _arrival(guest: int, instant: datetime, rng: Random, end: datetime) -> list[Act]:
    """Somebody registers and opens the link of our mail some minutes later."""
    opened = instant + timedelta(minutes=rng.choice((2, 3, 4, 7, 12, 25, 60)), seconds=rng.randrange(60))
    opened = min(opened, max(end - timedelta(seconds=1), instant + timedelta(seconds=30)))
    return [Act(instant, "register", guest), Act(opened, "confirm", guest)]


def _cancellations(instants: list[datetime], rng: Random, end: datetime) -> list[Act]:
    """Some of the early ones cannot come after all."""
    early = [guest for guest, instant in enumerate(instants) if instant < end - timedelta(days=9)]
    return [
        Act(instants[guest] + timedelta(days=rng.randrange(2, 8), hours=1), "cancel", guest)
        for guest in sorted(rng.sample(early, CANCELLED))
    ]


def _media_instants(limit: int, end: datetime, rng: Random) -> list[datetime]:
    """The first fill the limit in July and August; six come at the end of August, the others until the end."""
    full = datetime(2022, 8, 28, tzinfo=UTC)
    filling = _growing(limit, OPENS + timedelta(days=2), full, rng)
    early = [full + timedelta(hours=20 * number + 10) for number in range(1, 7)]
    later = _growing(WAITING, datetime(2022, 9, 4, tzinfo=UTC), end - timedelta(hours=26), rng)
    return [*filling, *early, *later]


def _media_story(media: range, limit: int, end: datetime) -> list[Act]:
    """Four with a place cancel: the waiting list moves by an acceptance, a lapse, a refusal, and two open offers."""
    waiting = media[limit:]
    september = datetime(2022, 9, 1, 9, tzinfo=UTC)
    return [
        Act(september + timedelta(days=4), "cancel", media[0]),
        Act(september + timedelta(days=4, hours=3), "accept", waiting[0]),
        Act(september + timedelta(days=9), "cancel", media[1]),  # offered to waiting[1], who lets it lapse
        Act(september + timedelta(days=12), "refuse", waiting[2]),
        Act(september + timedelta(days=12, hours=3), "accept", waiting[3]),
        Act(end - timedelta(hours=20), "cancel", media[2]),
        Act(end - timedelta(hours=14), "cancel", media[3]),
    ]
