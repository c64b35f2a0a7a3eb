"""The steps of the corpus that no other test plays under their id: moments around the deadline, and one place asked for often."""

from __future__ import annotations

import ast
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eventreg.core import audit, capacity
from eventreg.core.clock import now as instant
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refused
from eventreg.events import services as events
from eventreg.events.models import Event
from eventreg.registration import rules, services
from eventreg.registration.models import Registration, WaitingEntry
from tests import factories
from tests.data.badinputs.badinputs import load
from tests.registration.test_attack import at_once

TESTS = Path(__file__).parent.parent
AREAS = ("csv_import", "names", "text", "email", "phone", "dates_deadlines", "capacity", "uploads", "http")
# cases that are read from the corpus by a test for all of their area
PLAYED_BY_AREA = {
    "names": "people/test_rules.py", "email": "people/test_rules.py", "phone": "people/test_rules.py",
    "text": "safety/test_corpus.py", "csv_import": "imports/test_badinputs.py", "uploads": "safety/test_corpus.py",
    "http": "house/test_http.py",
}  # fmt: skip
DEADLINE = "registration/test_corpus_steps.py::test_a_form_is_judged_by_the_instant_at_which_it_is_written"
PLAYED = {
    "DAT-01": "core/test_times.py::test_a_date_closes_at_the_end_of_that_local_day",
    "DAT-02": DEADLINE, "DAT-03": DEADLINE, "DAT-04": DEADLINE, "DAT-05": DEADLINE,
    "DAT-06": "registration/test_corpus_steps.py::test_who_waits_for_the_others_past_the_grace_is_too_late",
    **{f"DAT-{n:02}": "core/test_times.py::test_a_deadline_that_means_nothing_or_two_things_is_refused" for n in range(7, 13)},
    "DAT-13": "core/test_times.py::test_a_date_closes_at_the_end_of_that_local_day",
    "DAT-14": "registration/test_corpus_steps.py::test_a_meeting_cannot_close_before_it_opens",
    "DAT-15": "registration/test_corpus_steps.py::test_when_the_rules_of_a_zone_change_the_local_deadline_stays",
    "DAT-16": "core/test_times.py::test_the_zone_of_the_server_does_not_count",
    "CAP-01": "registration/test_corpus_steps.py::test_of_two_for_the_last_place_one_has_it_and_one_is_first_in_line",
    "CAP-02": "registration/test_rush.py::test_exactly_the_places_there_are_and_the_rest_wait_in_order",
    "CAP-03": "registration/test_delegations.py::test_all_places_or_none_and_the_refusal_says_what_is_left",
    **{f"CAP-{n:02}": "manage/test_settings.py::test_a_limit_that_is_none_is_refused_at_its_field_and_nothing_is_stored"
       for n in (4, 5, 6)},
    "CAP-07": "registration/test_services.py::test_an_offer_that_lapses_goes_to_the_next_and_is_told",
    "CAP-08": "registration/test_services.py::test_an_offer_accepted_in_the_second_it_ends_has_ended",
    "CAP-09": "registration/test_services.py::test_who_cancels_and_comes_again_waits_at_the_end",
    "CAP-10": "registration/test_services.py::test_a_full_category_takes_nothing_from_the_event",
    "CAP-13": "registration/test_corpus_steps.py::test_one_form_sent_many_times_at_once_is_one_place",
    "CAP-14": "registration/test_pages.py::test_the_same_form_sent_twice_registers_once",
    "TXT-08": "registration/test_moderation.py::test_braces_in_an_organisers_words_are_words",
    "UPL-13": "safety/test_corpus.py::test_a_file_far_over_the_limit_is_refused_before_it_is_read",
    "UPL-14": "registration/test_own_questions.py::test_a_file_goes_with_the_form_and_only_its_owner_gets_it",
    "UPL-15": "core/test_files.py::test_a_thing_carries_so_many_files_and_a_network_hands_in_so_many_an_hour",
}  # fmt: skip
NOT_HERE = {"CAP-11", "CAP-12"}  # seats in sessions: nobody books them


def test_every_case_is_played_by_a_test_that_exists() -> None:
    for area in AREAS:
        for case in load(area):
            played = PLAYED.get(case["id"], PLAYED_BY_AREA.get(area, ""))
            assert played or case["id"] in NOT_HERE, case["id"]
            if "::" in played:
                path, name = played.split("::")
                tree = ast.parse((TESTS / path).read_text("utf-8"))
                assert any(isinstance(one, ast.FunctionDef) and one.name == name for one in tree.body), played


def sent(event: Event, key: str, opened: Any, **changes: Any) -> Registration:
    answers = rules.answers(factories.raw_answers(**changes), days=event.days)
    return services.register(event.id, answers, services.Sending(lang="en", key=key, form_opened_at=opened))


@pytest.mark.parametrize(
    ("opened", "at", "fits"),
    [
        pytest.param("2022-09-30T22:59:59.999+00:00", "2022-09-30T22:59:59.999+00:00", True, id="DAT-02"),
        pytest.param("2022-09-30T23:00:00+00:00", "2022-09-30T23:00:00+00:00", False, id="DAT-03"),
        pytest.param("2022-09-30T22:58:00+00:00", "2022-09-30T23:04:59+00:00", True, id="DAT-04"),
        pytest.param("2022-09-30T22:58:00+00:00", "2022-09-30T23:05:00+00:00", False, id="DAT-05"),
    ],
)
def test_a_form_is_judged_by_the_instant_at_which_it_is_written(
    app: Flask, clock: ModuleType, opened: str, at: str, fits: bool
) -> None:
    event = factories.an_event()
    with clock.at(opened):
        began = instant()
    with clock.at(at):
        try:
            made = sent(event, "k", began)
        except Refused as refused:
            assert refused.refusal.code == "registration.closed"
            made = None

    assert (made is not None) == fits
    if at != opened and made is not None:
        line = db.session.scalars(select(audit.AuditLine).where(audit.AuditLine.action == "registration.registered")).one()
        assert line.facts["in_grace"] is True


@pytest.mark.postgres_only
def test_who_waits_for_the_others_past_the_grace_is_too_late(app: Flask, clock: ModuleType) -> None:
    event = factories.an_event()
    event_id, days, said = event.id, event.days, []
    with clock.at("2022-09-30T22:59:59.990+00:00"):
        began = instant()

        def late() -> None:
            with app.app_context():
                answers = rules.answers(factories.raw_answers(), days=days)
                try:
                    services.register(event_id, answers, services.Sending(lang="en", key="k", form_opened_at=began))
                    said.append("registered")
                except Refused as refused:
                    said.append(refused.refusal.code)

        with transaction(queue=("event", event_id)):  # the others
            other = threading.Thread(target=late)
            other.start()
            other.join(0.5)
            assert said == []
            clock.tick(seconds=300.02)
        other.join()

    assert said == ["registration.closed"]


def test_a_meeting_cannot_close_before_it_opens(app: Flask) -> None:
    with pytest.raises(Refused) as refused:
        factories.an_event(opens="2022-09-01", closes="2022-08-01")
    assert refused.value.refusal.code == "events.closes_before_opens"


def test_when_the_rules_of_a_zone_change_the_local_deadline_stays(app: Flask, clock: ModuleType) -> None:
    event = factories.an_event()
    local, right, event_id = event.closes_local, event.closes_at, event.id
    with transaction():
        db.session.get_one(Event, event_id).closes_at = right.replace(hour=right.hour - 1)  # as the former rules had it
    with clock.at(factories.OPEN):
        events.recompute_deadlines(instant())

    event = db.session.get_one(Event, event_id, populate_existing=True)
    assert (event.closes_local, event.closes_at) == (local, right)
    newest = select(audit.AuditLine.action).order_by(audit.AuditLine.id.desc())
    assert db.session.scalars(newest).first() == "event.clock_rules_changed"


def test_of_two_for_the_last_place_one_has_it_and_one_is_first_in_line(app: Flask, clock: ModuleType) -> None:
    event = factories.an_event(limit=1)
    with clock.at(factories.OPEN):
        states = [sent(event, key, instant()).state for key in ("a", "b")]

    assert states == ["confirmed", "waitlisted"]
    assert db.session.scalars(select(WaitingEntry.position)).all() == [1]


@pytest.mark.postgres_only
def test_one_form_sent_many_times_at_once_is_one_place(app: Flask, clock: ModuleType) -> None:
    event = factories.an_event(limit=5)
    with clock.at(factories.OPEN):
        answers = rules.answers(factories.raw_answers(), days=event.days)
        sending = services.Sending(lang="en", key="k", form_opened_at=instant())
        event_id = event.id
        assert at_once(app, *[lambda: services.register(event_id, answers, sending)] * 10) == []

    assert len(db.session.scalars(select(Registration)).all()) == 1
    assert capacity.pools(event_id, [("event", "")])[0].taken == 1
