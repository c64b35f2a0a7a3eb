"""Which verdict for which facts, and which of several scans is the entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventreg.checkin import rules
from eventreg.checkin.rules import Facts, Mark, Result, Verdict
from eventreg.registration.rules import State

T = datetime(2022, 11, 1, 8, 31, tzinfo=UTC)
EARLIER = Mark("a", T, "North door")

TABLE = [
    ("plain entry", Facts(), Result.OK, ""),
    ("came in before", Facts(earlier=EARLIER), Result.AGAIN, "already_in"),
    ("note on the person", Facts(note="Headset"), Result.ATTENTION, "note"),
    ("note is shown each time", Facts(note="Headset", earlier=EARLIER), Result.ATTENTION, "note"),
    ("torn badge", Facts(unreadable="token.incomplete", is_known=False), Result.REFUSED, "token.incomplete"),
    ("misread", Facts(unreadable="token.check_failed", is_known=False), Result.REFUSED, "token.check_failed"),
    ("digits", Facts(unreadable="token.letters_only", is_known=False), Result.REFUSED, "token.letters_only"),
    ("no code", Facts(unreadable="token.not_a_code", is_known=False), Result.REFUSED, "token.not_a_code"),
    ("right code of nobody", Facts(is_known=False), Result.REFUSED, "unknown"),
    ("other event", Facts(is_of_event=False, state=""), Result.REFUSED, "other_event"),
    ("reprinted", Facts(ticket_revoked="replaced"), Result.REFUSED, "replaced"),
    ("registered anew", Facts(ticket_revoked="cancelled"), Result.REFUSED, "revoked"),
    ("cancelled", Facts(ticket_revoked="cancelled", state=State.CANCELLED), Result.REFUSED, "cancelled"),
    ("expired", Facts(ticket_revoked="expired", state=State.EXPIRED), Result.REFUSED, "expired"),
    ("declined", Facts(state=State.DECLINED), Result.REFUSED, "declined"),
    ("merged", Facts(state=State.MERGED), Result.REFUSED, "merged"),
    ("waiting list", Facts(state=State.WAITLISTED), Result.REFUSED, "waiting"),
    ("not confirmed", Facts(state=State.SUBMITTED), Result.REFUSED, "not_confirmed"),
    ("cancelled after entry", Facts(state=State.CANCELLED, earlier=EARLIER), Result.REFUSED, "cancelled"),
    ("cancelled with a note", Facts(state=State.CANCELLED, note="Headset"), Result.REFUSED, "cancelled"),
    ("test code", Facts(is_test=True, is_known=False), Result.OK, "test"),
]


@pytest.mark.parametrize(("facts", "result", "reason"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_each_reason_has_its_colour(facts: Facts, result: Result, reason: str) -> None:
    assert rules.decide(facts) == Verdict(result, reason)


facts_of_a_bad_badge = st.builds(
    Facts,
    is_known=st.booleans(), is_of_event=st.booleans(), note=st.sampled_from(["", "Headset"]),
    state=st.sampled_from(list(State)), earlier=st.sampled_from([None, EARLIER]),
    ticket_revoked=st.sampled_from([None, "replaced", "cancelled"]),
).filter(
    lambda facts: not facts.is_known or not facts.is_of_event or facts.ticket_revoked is not None
    or facts.state != State.CONFIRMED
)  # fmt: skip


@given(facts_of_a_bad_badge)
def test_validity_wins_over_having_come_in_before(facts: Facts) -> None:
    assert rules.decide(facts).result == Result.REFUSED


moments = st.integers(0, 20).map(lambda minutes: T + timedelta(minutes=minutes))
scans = st.lists(st.builds(Mark, st.uuids().map(str), moments, st.sampled_from(["North", "South"])), max_size=6)
undos = st.lists(st.builds(Mark, st.uuids().map(str), moments, undoes_from=moments), max_size=2)


@given(scans, undos, st.randoms())
def test_the_order_in_which_devices_send_changes_nothing(scans: list[Mark], undos: list[Mark], random: object) -> None:
    marks = scans + undos
    shuffled = list(marks)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert rules.live(shuffled) == rules.live(marks)
    assert rules.entry(shuffled) == rules.entry(marks)


@given(scans)
def test_the_earliest_scan_is_the_entry(scans: list[Mark]) -> None:
    first = min(scans, key=lambda mark: (mark.at, mark.scan_id), default=None)

    assert rules.entry(scans) == first


def test_an_undo_takes_back_its_scan_and_the_repeats_but_no_earlier_entry() -> None:
    before, entry, repeat = (Mark(name, T + timedelta(minutes=n)) for n, name in enumerate(("before", "entry", "repeat")))
    undo = Mark("undo", T + timedelta(minutes=3), undoes_from=entry.at)

    assert rules.entry([entry, repeat, undo]) is None
    assert rules.live([before, entry, repeat, undo]) == [before]


def test_a_clock_a_year_behind_is_corrected_and_never_into_the_future() -> None:
    year = timedelta(days=365)
    error = rules.clock_error(T - year, T)

    assert error == year
    assert rules.corrected(T - year - timedelta(minutes=5), error, received_at=T) == T - timedelta(minutes=5)
    assert rules.corrected(T - year + timedelta(minutes=5), error, received_at=T) == T
    assert rules.corrected(datetime.max.replace(tzinfo=UTC), error, received_at=T) == T


def test_the_way_to_the_server_is_no_error_of_the_clock() -> None:
    assert rules.clock_error(T - timedelta(seconds=1.9), T) == timedelta()
    assert rules.clock_error(None, T) == timedelta()


@pytest.mark.parametrize(
    ("minutes", "is_lead", "reason", "refusal"),
    [
        (5, False, "", None),
        (6, False, "Wrong badge", "door.undo_too_late"),
        (6, True, "", "door.reason_required"),
        (6, True, "Wrong badge", None),
    ],
)
def test_volunteers_undo_within_five_minutes_and_leads_later_with_a_reason(
    minutes: int, is_lead: bool, reason: str, refusal: str | None
) -> None:
    now = T + timedelta(minutes=minutes)

    assert rules.why_not_undo(T, now, is_lead=is_lead, reason=reason) == refusal
