"""Deadlines are local times; the instant follows from tz data, and is never guessed."""

from __future__ import annotations

import os
import time as process_time
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventreg.core import times
from eventreg.core.refusals import Refusal, Refused
from tests.data.badinputs.badinputs import load

CASABLANCA = "Africa/Casablanca"
ZONES = st.sampled_from([CASABLANCA, "Africa/Nairobi", "Europe/Paris", "America/Chicago", "Asia/Kathmandu", "UTC"])

REFUSED: dict[str, Refusal] = {
    "DAT-07": Refusal("times.ambiguous", {"local": "2022-03-27 02:30", "first": "UTC+1", "second": "UTC"}),
    "DAT-08": Refusal("times.skipped", {"local": "2022-05-08 02:30", "before": "02:00", "after": "03:00"}),
    "DAT-09": Refusal("times.not_a_date"),
    "DAT-10": Refusal("times.no_such_day"),
    "DAT-11": Refusal("times.no_such_day"),
    "DAT-12": Refusal("times.out_of_range"),
}


def _last_minute(moment: times.LocalMoment) -> datetime:
    """What the clocks of the place show then."""
    return times.last_minute(moment.instant).astimezone(ZoneInfo(moment.zone)).replace(tzinfo=None)


def refusal_of(typed: str, zone: str = CASABLANCA) -> Refusal:
    with pytest.raises(Refused) as refused:
        times.deadline(typed, zone)
    return refused.value.refusal


@pytest.mark.parametrize("case", [c for c in load("dates_deadlines") if c["id"] in REFUSED], ids=lambda c: c["id"])
def test_a_deadline_that_means_nothing_or_two_things_is_refused(case: dict[str, Any]) -> None:
    assert refusal_of(case["input"]) == REFUSED[case["id"]]


@pytest.mark.parametrize(
    "case", [c for c in load("dates_deadlines") if c["id"] in ("DAT-01", "DAT-13")], ids=lambda c: c["id"]
)
def test_a_date_closes_at_the_end_of_that_local_day(case: dict[str, Any]) -> None:
    moment = times.deadline(case["input"], CASABLANCA)

    assert moment == times.LocalMoment(datetime(2022, 10, 1), CASABLANCA, datetime(2022, 9, 30, 23, tzinfo=UTC))
    assert _last_minute(moment) == datetime(2022, 9, 30, 23, 59)


def test_an_hour_is_the_first_moment_too_late() -> None:
    moment = times.deadline("2022-09-30T18:00", CASABLANCA)

    assert moment.instant == datetime(2022, 9, 30, 17, tzinfo=UTC)
    assert _last_minute(moment) == datetime(2022, 9, 30, 17, 59)


def test_a_day_starts_at_its_midnight() -> None:
    assert times.start("2022-09-01", CASABLANCA).instant == datetime(2022, 8, 31, 23, tzinfo=UTC)
    assert times.start("2022-09-01 09:30", CASABLANCA).instant == datetime(2022, 9, 1, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(("fold", "hour"), [(0, 1), (1, 2)])
def test_of_an_hour_that_happens_twice_one_can_be_chosen(fold: int, hour: int) -> None:
    moment = times.deadline("2022-03-27T02:30", CASABLANCA, fold=fold)

    assert moment.instant == datetime(2022, 3, 27, hour, 30, tzinfo=UTC)
    assert times.recompute(moment.local, CASABLANCA) == moment.instant


@pytest.mark.parametrize(
    ("day", "offset"),
    [
        ("2022-03-26", "UTC+1"), ("2022-03-28", "UTC"), ("2022-05-07", "UTC"), ("2022-05-09", "UTC+1"),
        ("2026-02-14", "UTC+1"), ("2026-02-16", "UTC"), ("2026-03-23", "UTC+1"),
    ],
)  # fmt: skip
def test_morocco_is_at_utc_around_ramadan(day: str, offset: str) -> None:
    assert times.offset_text(times.start(f"{day}T12:00", CASABLANCA).instant, CASABLANCA) == offset


def test_offsets_west_of_greenwich_and_of_half_hours() -> None:
    summer = datetime(2022, 7, 1, tzinfo=UTC)

    assert times.offset_text(summer, "America/St_Johns") == "UTC−2:30"
    assert times.offset_text(summer, "America/Chicago") == "UTC−5"
    assert times.offset_text(summer, "Asia/Kathmandu") == "UTC+5:45"


def test_a_day_that_begins_with_a_jump_begins_with_its_first_instant() -> None:
    moment = times.deadline("2022-04-21", "Africa/Cairo")
    jumped = times.deadline("2023-04-27", "Africa/Cairo")  # 28 April 2023 began at 1:00

    assert moment.instant == datetime(2022, 4, 21, 22, tzinfo=UTC)
    assert jumped.instant == datetime(2023, 4, 27, 22, tzinfo=UTC)
    assert _last_minute(jumped) == datetime(2023, 4, 27, 23, 59)


@pytest.mark.parametrize("typed", ["", "tomorrow", "2022-9-3", "2022-09-30T18", "2022-09-30T18:00Z", "2022-09-30" * 9])
def test_other_forms_are_not_read_as_dates(typed: str) -> None:
    assert refusal_of(typed) == Refusal("times.not_a_date")


@pytest.mark.parametrize(("typed", "code"), [("1969-12-31", "times.out_of_range"), ("2201-01-01", "times.out_of_range"),
                                             ("2022-09-30T25:00", "times.no_such_day")])  # fmt: skip
def test_years_and_hours_have_bounds(typed: str, code: str) -> None:
    assert refusal_of(typed) == Refusal(code)


def test_the_zone_of_the_server_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TZ", "America/Chicago")
    process_time.tzset()
    try:
        moment = times.deadline("2022-09-30", CASABLANCA)
        shown = _last_minute(moment)
    finally:
        monkeypatch.undo()
        process_time.tzset()

    assert moment.instant == datetime(2022, 9, 30, 23, tzinfo=UTC)
    assert shown == datetime(2022, 9, 30, 23, 59)


@given(day=st.dates(date(1970, 1, 1), date(2199, 12, 31)), zone=ZONES)
def test_what_is_stored_gives_the_same_instant_again(day: date, zone: str) -> None:
    moment = times.deadline(day.isoformat(), zone)

    assert times.recompute(moment.local, zone) == moment.instant
    assert _last_minute(moment).date() == day


@given(
    instant=st.datetimes(datetime(1975, 1, 1), datetime(2199, 1, 1)).map(lambda at: at.replace(microsecond=0)),
    zone=ZONES,
)
def test_every_local_time_is_read_refused_or_asked_about(instant: datetime, zone: str) -> None:
    typed = instant.isoformat()
    try:
        moment = times.deadline(typed, zone)
    except Refused as refused:
        assert refused.refusal.code in ("times.skipped", "times.ambiguous")
    else:
        assert moment.local == instant
        assert times.recompute(moment.local, zone) == moment.instant
        assert moment.instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == instant
