"""What is stored and decided when scans come in: late, twice, in any order, from devices with wrong clocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import ModuleType

import pytest
from flask import Flask

from eventreg.checkin import queries, search, services
from eventreg.checkin.models import Scan
from eventreg.core import audit
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refused
from eventreg.registration import services as registration
from eventreg.registration.models import Registration
from tests import factories as make
from tests.checkin import door
from tests.checkin.door import LEAD, MORNING, OTHER_DOOR, a_scan, inside, scan, token_of, verdict


def stored() -> int:
    return db.session.query(Scan).count()


def test_a_badge_lets_in_once_and_is_told_where_and_when_at_the_second_door(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    person = make.a_registration(event)
    with clock.at(MORNING):
        (first,) = scan(event, a_scan(token_of(person)))
        clock.tick(seconds=3)
        (second,) = scan(event, a_scan(token_of(person)), desk=OTHER_DOOR)

        assert verdict(first) == ("ok", "")
        assert verdict(second) == ("again", "already_in")
        assert second.entry is not None
        assert (second.entry.door, second.entry.at) == ("North door", datetime.fromisoformat(MORNING))
        assert inside(event) == 1


def test_the_next_day_is_a_new_entry(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    person = make.a_registration(event)
    with clock.at(MORNING):
        scan(event, a_scan(token_of(person)))
    with clock.at("2022-11-02T08:31+01:00"):
        assert inside(event) == 0
        (second,) = scan(event, a_scan(token_of(person)))

        assert verdict(second) == ("ok", "")
        assert second.is_first_visit is False


def test_of_another_meetings_badge_nothing_is_kept(app: Flask, clock: ModuleType) -> None:
    event, stranger = make.an_event(), make.a_registration(make.an_event(slug="other"))
    with clock.at(MORNING):
        (refused,) = scan(event, a_scan(token_of(stranger)))

    assert verdict(refused) == ("refused", "other_event")
    assert (refused.scan.registration_id, refused.scan.ticket_id) == (None, None)


def test_the_same_scan_sent_fifty_times_is_one_scan_with_one_answer(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    one = a_scan(token_of(make.a_registration(event)))
    with clock.at(MORNING):
        answers = {verdict(outcome) for _time in range(50) for outcome in scan(event, one)}

        assert answers == {("ok", "")}
        assert stored() == 1
        assert inside(event) == 1


def test_a_batch_sent_again_after_a_lost_answer_is_stored_once(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    people = [make.a_registration(event) for _n in range(4)]
    batch = [a_scan(token_of(person), MORNING) for person in people]
    with clock.at(MORNING):
        clock.tick(minutes=1)
        scan(event, *batch[:3])
        again = scan(event, *batch)

        assert [verdict(one) for one in again] == [("ok", "")] * 4
        assert stored() == 4


@pytest.mark.parametrize("first", ["A", "B"])
def test_the_earlier_scan_is_the_entry_whichever_device_sends_first(app: Flask, clock: ModuleType, first: str) -> None:
    event = make.an_event()
    person = make.a_registration(event)
    a, b = a_scan(token_of(person), "2022-11-01T08:31:10+01:00"), a_scan(token_of(person), "2022-11-01T08:31:05+01:00")
    with clock.at("2022-11-01T08:40+01:00"):
        order = [(a, LEAD), (b, OTHER_DOOR)] if first == "A" else [(b, OTHER_DOOR), (a, LEAD)]
        for one, desk in order:
            scan(event, one, desk=desk)

        entry = queries.standing(person.id, "2022-11-01")
        assert entry is not None
        assert entry.scan_id == b.id
        assert inside(event) == 1


def test_a_double_made_without_network_is_shown_to_the_organiser(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    person = make.a_registration(event)
    late, early = a_scan(token_of(person), "2022-11-01T08:31:10+01:00"), a_scan(token_of(person), MORNING)
    with clock.at("2022-11-01T08:40+01:00"):
        scan(event, late)
        scan(event, early, desk=OTHER_DOOR)

    assert [one.scan.id for one in queries.needing_a_look(event.id)] == [late.id]


def test_a_clock_one_year_behind_is_corrected_and_marked(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    person = make.a_registration(event)
    with clock.at(MORNING):
        now = datetime.fromisoformat(MORNING)
        year = timedelta(days=365)
        (one,) = scan(event, a_scan(token_of(person), now - year - timedelta(minutes=7)), sent_at=now - year)

        assert one.scan.at == now - timedelta(minutes=7)
        assert one.scan.day == "2022-11-01"
        assert one.scan.offset_s == year.total_seconds()
        assert inside(event) == 1


def test_cancelled_after_the_entry_is_red(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    person = make.a_registration(event)
    token = token_of(person)
    with clock.at(MORNING):
        scan(event, a_scan(token))
        registration.cancel(person.id, by=OPERATOR)
        (second,) = scan(event, a_scan(token))

    assert verdict(second) == ("refused", "cancelled")


def test_let_in_offline_though_cancelled_is_kept_and_shown_to_the_organiser(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    person = make.a_registration(event, cancelled=True)
    with clock.at("2022-11-01T08:40+01:00"):
        (late,) = scan(event, a_scan(token_of(person), MORNING))

    assert verdict(late) == ("refused", "cancelled")
    assert [one.scan.id for one in queries.needing_a_look(event.id)] == [late.scan.id]


def test_a_waiting_person_and_a_replaced_badge_are_refused(app: Flask, clock: ModuleType) -> None:
    event = make.an_event(limit=1)
    inside_, waiting = make.a_registration(event), make.a_registration(event)
    with clock.at(MORNING):
        old = door.replaced(inside_)
        outcomes = scan(event, a_scan(door.a_ticket_for(waiting)), a_scan(old), a_scan(token_of(inside_)))

    assert [verdict(one) for one in outcomes] == [("refused", "waiting"), ("refused", "replaced"), ("ok", "")]


def test_a_note_on_the_person_asks_for_attention_and_counts_as_entry(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    person = make.a_registration(event)
    with transaction():
        db.session.get_one(Registration, person.id).door_note = "Needs help at the desk"
    with clock.at(MORNING):
        (one,) = scan(event, a_scan(token_of(person)))

        assert verdict(one) == ("attention", "note")
        assert inside(event) == 1


def test_an_undo_leaves_both_scans_and_the_person_outside(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    person = make.a_registration(event)
    with clock.at(MORNING):
        (one,) = scan(event, a_scan(token_of(person)))
        clock.tick(minutes=5)
        first = services.undo(event.id, one.scan.id, desk=LEAD)
        second = services.undo(event.id, one.scan.id, desk=LEAD)

        assert first.id == second.id
        assert stored() == 2
        assert inside(event) == 0
        assert [line.action for line in audit.history(event.id, "registration", person.code)][0] == "scan.undone"
        clock.tick(seconds=1)
        assert verdict(scan(event, a_scan(token_of(person)))[0]) == ("ok", "")
        assert inside(event) == 1


def test_after_five_minutes_a_volunteer_may_not_undo_and_an_organiser_says_why(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    person = make.a_registration(event)
    with clock.at(MORNING):
        (one,) = scan(event, a_scan(token_of(person)))
        clock.tick(minutes=5, seconds=1)
        with pytest.raises(Refused, match=r"door\.undo_too_late"):
            services.undo(event.id, one.scan.id, desk=door.VOLUNTEER, reason="Wrong person")
        with pytest.raises(Refused, match=r"door\.reason_required"):
            services.undo(event.id, one.scan.id, desk=LEAD)
        services.undo(event.id, one.scan.id, desk=LEAD, reason="Wrong person")

        (line, *_rest) = audit.history(event.id, "registration", person.code)
        (value,) = audit.values_of([line])[line.id]
        assert (value.name, value.after) == ("reason", "Wrong person")
        assert audit.verify(event.id) is None


def test_a_repeat_is_nothing_to_undo(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    person = make.a_registration(event)
    with clock.at(MORNING):
        scan(event, a_scan(token_of(person)))
        clock.tick(seconds=9)
        (again,) = scan(event, a_scan(token_of(person)))
        with pytest.raises(Refused, match=r"door\.nothing_to_undo"):
            services.undo(event.id, again.scan.id, desk=LEAD)

        assert inside(event) == 1


def test_letting_in_again_takes_a_reason_and_is_written_down(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    person = make.a_registration(event)
    with clock.at(MORNING):
        scan(event, a_scan(token_of(person)))
        clock.tick(minutes=30)
        (again,) = scan(event, a_scan(token_of(person), reason="Came back from lunch"))

        assert (again.scan.verdict, again.scan.reason, again.scan.forced) == ("ok", "already_in", True)
        assert inside(event) == 1
        assert audit.history(event.id, "registration", person.code)[0].action == "scan.forced"


def test_only_a_lead_overrides_a_refusal_and_nobody_an_unknown_code(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    person = make.a_registration(event, cancelled=True)
    with clock.at(MORNING):
        (refused,) = scan(event, a_scan(token_of(person), reason="I know him"))
        assert verdict(refused) == ("refused", "cancelled")
        with pytest.raises(Refused, match=r"door\.may_not_force"):
            services.force(event.id, refused.scan.id, new_id=a_scan("").id, desk=door.VOLUNTEER, reason="I know him")
        new_id = a_scan("").id
        services.force(event.id, refused.scan.id, new_id=new_id, desk=LEAD, reason="Minister's order")
        forced = queries.outcomes(event.id, [new_id])[new_id]
        assert (forced.scan.verdict, forced.scan.forced) == ("ok", True)
        (unknown,) = scan(event, a_scan("XXXXXXXXXXXXXXXL", reason="I know him"), desk=LEAD)

        assert verdict(unknown) == ("refused", "unknown")


def test_a_scan_costs_the_same_statements_alone_and_among_fifty(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    people = [make.a_registration(event) for _n in range(30)]
    tokens = [token_of(person) for person in people]
    with clock.at(MORNING):
        with make.statements(app) as one:
            scan(event, a_scan(tokens[0]))
        with make.statements(app) as many:
            scan(event, *[a_scan(token) for token in tokens[1:]])

    assert len([sql for sql in one if not sql.startswith(("BEGIN", "COMMIT", "SELECT pg_"))]) <= 7
    assert len(many) <= len(one)


# ---- search ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["Mohamed", "محمّد", "Mohammed", "mohamed alaoui", "علوي"])
def test_a_name_is_found_in_any_spelling_and_script(app: Flask, typed: str) -> None:
    event = make.an_event()
    wanted = make.a_registration(event, name_latin="Mohamed Alaoui", name_arabic="محمد العلوي")
    make.a_registration(event, name_latin="Salma Bennani", name_arabic="سلمى بناني")

    assert [found.registration.id for found in search.search(event.id, typed)] == [wanted.id]


def test_the_registration_code_and_the_last_letters_of_the_badge_find_the_person(app: Flask) -> None:
    event = make.an_event()
    wanted, _other = make.a_registration(event), make.a_registration(event)

    by_code = search.search(event.id, wanted.code)
    by_tail = search.search(event.id, token_of(wanted)[-4:].lower())

    assert [found.registration.id for found in by_code] == [wanted.id]
    assert [found.registration.id for found in by_tail] == [wanted.id]
    assert by_tail[0].tail == token_of(wanted)[-4:]


def test_the_search_gives_at_most_ten_and_nobody_by_address_or_by_two_letters(app: Flask) -> None:
    event = make.an_event()
    for _n in range(12):
        make.a_registration(event, name_latin="Amina Fassi", name_arabic="")

    assert len(search.search(event.id, "amina")) == 10
    assert search.search(event.id, "am") == []
    assert len(search.search(event.id, "ami")) == 10
    assert search.search(event.id, "example.org") == []


def test_people_of_another_meeting_are_not_found(app: Flask) -> None:
    event, other = make.an_event(), make.an_event(slug="other")
    make.a_registration(other, name_latin="Salma Bennani", name_arabic="")

    assert search.search(event.id, "Salma") == []
