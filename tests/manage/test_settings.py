"""Settings as an organiser changes them: the deadline, the places, and what that does to the waiting list."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventreg.core import audit, capacity, clock
from eventreg.core.db import db
from eventreg.events.models import Event
from eventreg.registration import queries
from eventreg.registration.models import Registration, WaitingEntry
from tests.data.badinputs import badinputs
from tests.factories import OPEN, a_person, a_registration, an_event, an_organiser, sign_in, statements

DEADLINE = "/en/ogp-2022/manage/settings/deadline"
LIMITS = "/en/ogp-2022/manage/settings/limits"
WAITING = "/en/ogp-2022/manage/waiting"


def typed(**changes: Any) -> dict[str, Any]:
    return {"day": "2022-10-07", "hour": "", "grace": "5", "reason_en": "More time for visas", **changes}


def after(client: FlaskClient, answer: TestResponse) -> str:
    """The page that a successful form leads to."""
    assert answer.status_code == 303
    return client.get(answer.location).text


def field_errors(page: str) -> dict[str, str]:
    return dict(re.findall(r'id="(\w+)-error">.*?</span>([^<]+)</span></p>', page))


def reload(event: Event) -> Event:
    return db.session.get_one(Event, event.id, populate_existing=True)


def an_event_to_manage(client: FlaskClient, **changes: Any) -> Event:
    event = an_event(**changes)
    sign_in(client, an_organiser(event))
    return event


# ---- deadline ------------------------------------------------------------------------------------------------------


def test_the_deadline_is_told_in_local_time_in_utc_and_as_time_left(app: Flask, client: FlaskClient) -> None:
    an_event_to_manage(client)

    with clock.at(OPEN):
        page = client.get(DEADLINE).text

    assert "Friday 30\u00a0September\u00a02022, 23:59 (Marrakech time, UTC+1). 3 days left." in page
    assert "2022-09-30 23:00 UTC" in page
    assert 'type="date" class="field__input" id="day"' in page and 'value="2022-09-30"' in page


def test_a_moved_deadline_keeps_the_decision_its_reason_and_its_author(app: Flask, client: FlaskClient) -> None:
    event = an_event_to_manage(client)

    with clock.at(OPEN):
        page = after(client, client.post(DEADLINE, data=typed(hour="18:00", grace="0", reason_ar="تمديد")))

    moved = reload(event)
    assert (moved.closes_local, moved.closes_at.isoformat()) == ("2022-10-07T18:00:00", "2022-10-07T17:00:00+00:00")
    assert (moved.grace_minutes, str(moved.deadline_moved_on)) == (0, "2022-09-27")
    assert moved.deadline_reason.as_dict() == {"ar": "تمديد", "en": "More time for visas"}
    line = audit.history(event.id, "event", event.slug)[0]
    assert (line.action, line.facts["before"], line.facts["reason"]) == (
        "event.deadline_moved", {"closes_local": "2022-10-01T00:00:00", "grace_minutes": 5},
        {"ar": "تمديد", "en": "More time for visas"},
    )  # fmt: skip
    assert "The deadline is moved. The public page says so." in page
    assert "Some Body" in page
    assert "10 days left." in page


def test_the_public_page_says_that_the_deadline_was_moved(app: Flask, client: FlaskClient) -> None:
    event = an_event_to_manage(client)
    with clock.at(OPEN):
        before = client.get("/en/ogp-2022/").text
        client.post(DEADLINE, data=typed())

        page = client.get("/en/ogp-2022/").text

    assert "More time for visas" in page and "More time for visas" not in before
    assert "7\u00a0October\u00a02022, 23:59" in page
    assert event.slug in page


DEADLINE_CASES = {case["id"]: case for case in badinputs.load("dates_deadlines") if case["field"] == "deadline"}


@pytest.mark.parametrize(
    ("case", "error"),
    [
        (
            "DAT-08",
            "2022-05-08 02:30 does not exist: that day the clock jumps from 02:00 to 03:00. Choose another hour.",
        ),
        ("DAT-09", "Enter a date as year-month-day, for example 2022-09-30."),
        ("DAT-10", "There is no such day in the calendar. Check the day and the month."),
        ("DAT-11", "There is no such day in the calendar. Check the day and the month."),
        ("DAT-12", "Enter a year between 1970 and 2200."),
    ],
)
@pytest.mark.parametrize("in_one_field", [True, False])
def test_a_deadline_that_cannot_be_is_refused_at_its_field(
    app: Flask, client: FlaskClient, case: str, error: str, in_one_field: bool
) -> None:
    event = an_event_to_manage(client, opens="2022-01-01")
    written = str(badinputs.expand(DEADLINE_CASES[case]))
    day, _t, hour = (written, "", "") if in_one_field else written.partition("T")

    with clock.at("2022-02-01T10:00+01:00"):
        answer = client.post(DEADLINE, data=typed(day=day, hour=hour))

    assert answer.status_code == 422
    errors = field_errors(answer.text)
    assert list(errors.values()) == [error]
    assert set(errors) <= {"day", "hour"}
    assert f'value="{day}"' in answer.text
    assert "More time for visas</textarea>" in answer.text
    assert reload(event).closes_local == "2022-10-01T00:00:00"


def test_arabic_digits_mean_the_same_day(app: Flask, client: FlaskClient) -> None:
    event = an_event_to_manage(client, closes="2022-09-01")
    with clock.at("2022-08-01T10:00+01:00"):
        answer = client.post(DEADLINE, data=typed(day=str(badinputs.expand(DEADLINE_CASES["DAT-13"])), grace="٠"))

    assert answer.status_code == 303
    assert (reload(event).closes_local, reload(event).grace_minutes) == ("2022-10-01T00:00:00", 0)


@pytest.mark.parametrize(("which", "instant"), [("0", "2022-03-27T01:30:00+00:00"), ("1", "2022-03-27T02:30:00+00:00")])
def test_an_hour_that_happens_twice_is_asked_about_and_the_answer_counts(
    app: Flask, client: FlaskClient, which: str, instant: str
) -> None:
    event = an_event_to_manage(client, opens="2022-01-01")
    day, _t, hour = str(badinputs.expand(DEADLINE_CASES["DAT-07"])).partition("T")
    with clock.at("2022-02-01T10:00+01:00"):
        asked = client.post(DEADLINE, data=typed(day=day, hour=hour))

        answered = client.post(DEADLINE, data=typed(day=day, hour=hour, which=which))

    assert asked.status_code == 422
    assert list(field_errors(asked.text)) == ["which"]
    assert re.findall(r'name="which" value="(\d)".*?<span>([^<]+)</span>', asked.text) == [
        ("0", "\u20682022-03-27 02:30\u2069, \u2068UTC+1\u2069"), ("1", "\u20682022-03-27 02:30\u2069, \u2068UTC\u2069"),
    ]  # fmt: skip
    assert answered.status_code == 303
    assert (reload(event).closes_at.isoformat(), reload(event).closes_fold) == (instant, int(which))


def test_a_past_deadline_closes_only_when_that_is_meant(app: Flask, client: FlaskClient) -> None:
    event = an_event_to_manage(client)
    with clock.at(OPEN):
        asked = client.post(DEADLINE, data=typed(day="2022-09-26"))
        untouched = reload(event).closes_local

        page = after(client, client.post(DEADLINE, data=typed(day="2022-09-26", closes_now="y")))

    assert asked.status_code == 422
    assert field_errors(asked.text) == {"closes_now": "This moment is past. Tick the box if registration is to close now."}
    assert untouched == "2022-10-01T00:00:00"
    assert reload(event).closes_local == "2022-09-27T00:00:00"
    assert "Registration closed on Monday 26\u00a0September\u00a02022, 23:59" in page


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"reason_en": ""}, {"reason_ar": "Give the reason in at least one language: the public page shows it."}),
        ({"grace": "16"}, {"grace": "Enter a whole number from 0 to 15."}),
        ({"grace": "-1"}, {"grace": "Enter a whole number from 0 to 15."}),
        ({"grace": ""}, {"grace": "Enter 0 for no grace."}),
        ({"day": ""}, {"day": "Enter the last day of registration."}),
        ({"hour": "25:00"}, {"hour": "Enter the hour as hours and minutes, for example 18:00."}),
        ({"day": "2022-06-01", "closes_now": "y"}, {"day": "The deadline must come after the opening."}),
    ],
)
def test_an_incomplete_deadline_is_refused_at_its_field(
    app: Flask, client: FlaskClient, changes: dict[str, str], errors: dict[str, str]
) -> None:
    event = an_event_to_manage(client)

    with clock.at(OPEN):
        answer = client.post(DEADLINE, data=typed(**changes))

    assert (answer.status_code, field_errors(answer.text)) == (422, errors)
    assert reload(event).deadline_moved_on is None


# ---- places --------------------------------------------------------------------------------------------------------


def limit_of(event: Event, kind: str = "event", key: str = "") -> tuple[int | None, int]:
    (pool,) = capacity.pools(event.id, [(kind, key)])
    return pool.limit, pool.taken


def states(event: Event) -> list[str]:
    query = select(Registration.state).where(Registration.event_id == event.id).order_by(Registration.id)
    return list(db.session.scalars(query))


def limit_lines(event: Event) -> list[dict[str, Any]]:
    return [line.facts for line in audit.history(event.id, "event", event.slug) if line.action == "event.limit_set"][::-1]


def test_a_limit_under_what_is_taken_removes_nobody_and_lets_nobody_in(app: Flask, client: FlaskClient) -> None:
    """CAP-04"""
    event = an_event_to_manage(client, limit=5)
    for _each in range(3):
        a_registration(event)

    with clock.at(OPEN):
        asked = client.post(LIMITS, data={"event": "2"})
        unchanged = limit_of(event)
        page = after(client, client.post(LIMITS, data={"event": "2", "lowered": "y"}))
    a_registration(event)

    assert (asked.status_code, unchanged) == (422, (5, 3))
    assert "More people have a place than this would allow (The whole meeting)." in field_errors(asked.text)["lowered"]
    assert limit_of(event) == (2, 3)
    assert states(event) == ["confirmed", "confirmed", "confirmed", "waitlisted"]
    assert "3 of 2 places are taken: everybody keeps their place, and nobody gets one until fewer than 2 are taken." in page
    assert "The limits are saved. Nobody of the waiting list was offered a place." in page


def test_a_higher_limit_offers_places_to_the_first_in_line_and_says_how_many(app: Flask, client: FlaskClient) -> None:
    event = an_event_to_manage(client, limit=1)
    for _each in range(4):
        a_registration(event)

    with clock.at(OPEN):
        page = after(client, client.post(LIMITS, data={"event": "3"}))

    query = select(WaitingEntry.state).where(WaitingEntry.event_id == event.id).order_by(WaitingEntry.position)
    assert list(db.session.scalars(query)) == ["offered", "offered", "waiting"]
    assert limit_of(event) == (3, 3)
    assert "The limits are saved. 2 people of the waiting list were offered a place." in page
    assert "1 person waits for a place" in page


@pytest.mark.parametrize(
    ("number", "error"),
    [
        ("-1", "A limit cannot be negative. Enter 0 for no places, or leave it empty for no limit."),
        ("many", "Enter a whole number from 0 to 100000."),
        ("1.5", "Enter a whole number from 0 to 100000."),
        ("99999999999999999999", "Enter a whole number from 0 to 100000."),
    ],
)
def test_a_limit_that_is_none_is_refused_at_its_field_and_nothing_is_stored(
    app: Flask, client: FlaskClient, number: str, error: str
) -> None:
    """CAP-05"""
    event = an_event_to_manage(client, limit=5)

    with clock.at(OPEN):
        answer = client.post(LIMITS, data={"event": "7", "category_media": number})

    assert (answer.status_code, field_errors(answer.text)) == (422, {"category_media": error})
    assert re.findall(r'name="(event|category_media)"[^>]* value="([^"]+)"', answer.text) == [
        ("event", "7"), ("category_media", number),
    ]  # fmt: skip
    assert limit_of(event) == (5, 0)


def test_zero_is_no_place_and_empty_is_no_limit(app: Flask, client: FlaskClient) -> None:
    """CAP-06"""
    event = an_event_to_manage(client, limit=5)
    with clock.at(OPEN):
        client.post(LIMITS, data={"event": "", "category_media": "0"})

    a_registration(event, sector="media")
    a_registration(event, sector="academia")

    assert limit_of(event) == (None, 1)
    assert limit_of(event, "category", "media") == (0, 0)
    assert states(event) == ["waitlisted", "confirmed"]


def test_only_changed_limits_are_recorded_and_lower_ones_come_first(app: Flask, client: FlaskClient) -> None:
    """A place that the same form takes away from a category must not be offered to it in between."""
    event = an_event_to_manage(client, limit=1, media=5)
    a_registration(event, sector="academia")
    a_registration(event, sector="media")

    with clock.at(OPEN):
        page = after(client, client.post(LIMITS, data={"event": "2", "category_media": "0"}))

    assert [(facts["key"], facts["before"], facts["after"]) for facts in limit_lines(event)[-2:]] == [
        ("media", 5, 0), ("", 1, 2),
    ]  # fmt: skip
    assert len(limit_lines(event)) == 4
    assert "Nobody of the waiting list was offered a place." in page


def test_places_of_a_category_without_a_limit_are_counted_too(app: Flask, client: FlaskClient) -> None:
    event = an_event_to_manage(client)
    a_registration(event, sector="media")
    a_registration(event, sector="media")

    with clock.at(OPEN):
        page = client.get(LIMITS).text

    hints = dict(re.findall(r'id="(\w+)-hint">([^<]+)<', page))
    assert hints["event"] == hints["category_media"] == "2 places are taken. No limit."
    assert hints["category_donor"] == "0 places are taken. No limit."


# ---- waiting list --------------------------------------------------------------------------------------------------


def test_the_waiting_list_stands_in_order_with_reason_and_offers_apart(app: Flask, client: FlaskClient) -> None:
    event = an_event_to_manage(client, limit=1)
    names = ["Has Place", "First Waiter", "Second Waiter", "Third Waiter"]
    codes = [a_registration(event, name_latin=name, sector="media").code for name in names]
    with clock.at(OPEN):
        client.post(LIMITS, data={"event": "2"})

        page = client.get(WAITING).text

    rows = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr>(.*?)</tr>", page, re.S)]
    told = [[cell for cell in re.split(r"\|+", row) if cell.strip()][:6] for row in rows]
    assert told == [
        ["Name", "Category", "Offered until"],
        ["First Waiter", "Media", "29\u00a0September 09:10"],
        ["Rank", "Name", "Category", "Waits since", "Why", "Offer out of order"],
        ["1", "Second Waiter", "Media", "27\u00a0September 09:10", "The whole meeting", "Offer out of order"],
        ["2", "Third Waiter", "Media", "27\u00a0September 09:10", "The whole meeting", "Offer out of order"],
    ]
    assert f'href="/en/ogp-2022/manage/people/{codes[2]}"' in page
    assert "2 people wait. 1 place is offered." in page


def test_settings_are_for_organisers_of_this_event(app: Flask, client: FlaskClient) -> None:
    event, other = an_event(), an_event(slug="other-2022")
    sign_in(client, an_organiser(other))
    with clock.at(OPEN):
        refused = [client.post(path, data=typed(event="1")).status_code for path in (DEADLINE, LIMITS)]
        refused += [client.get(path).status_code for path in (DEADLINE, LIMITS, WAITING)]
        sign_in(client, a_person())
        refused += [client.get(path).status_code for path in (DEADLINE, LIMITS, WAITING)]

    assert refused == [403] * 8
    assert reload(event).deadline_moved_on is None
    assert limit_of(event) == (None, 0)


def test_thirty_waiting_people_cost_no_more_statements_than_one(app: Flask, client: FlaskClient) -> None:
    event = an_event_to_manage(client, limit=0)
    costs: dict[str, list[int]] = {WAITING: [], LIMITS: [], DEADLINE: []}
    for more in (1, 29):
        for _each in range(more):
            a_registration(event, confirmed_address=False)
        for path, found in costs.items():
            with clock.at(OPEN), statements(app) as sent:
                assert client.get(path).status_code == 200
            found.append(len(sent))

    assert all(one == thirty <= 10 for one, thirty in costs.values()), costs


def test_the_pages_of_settings_invitations_mail_and_audit_have_no_barrier(
    app: Flask, client: FlaskClient, live_server: str, page_in: Any, axe: Any
) -> None:
    event = an_event(limit=1)
    secret = sign_in(client, an_organiser(event))
    for _each in range(2):
        a_registration(event)
    page = page_in("ar", width=360)
    page.context.add_cookies([{"name": "signin", "value": secret, "url": live_server}])
    found: dict[str, Any] = {}

    for path in ("invitations", "invitations/new", "mail", "audit", "settings/deadline", "settings/limits", "waiting"):
        page.goto(f"{live_server}/ar/ogp-2022/manage/{path}")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found[path] = [*axe(page), *([f"wider than the screen by {wider}"] if wider > 0 else [])]

    assert {path: faults for path, faults in found.items() if faults} == {}


def test_a_limit_by_gender_says_when_the_form_does_not_ask_for_it(app: Flask, client: FlaskClient) -> None:
    event = an_event_to_manage(client)
    told = "The form does not ask for gender"
    with clock.at(OPEN):
        assert told not in client.get(LIMITS).text
        client.post(LIMITS, data={"new_limit": "gender:woman", "new_number": "5"})
        assert told in client.get(LIMITS).text
        client.post("/en/ogp-2022/manage/form", data={"do": "ask:gender", "version": "0"})
        assert queries.form_of(event.id).asks("gender")
        assert told not in client.get(LIMITS).text


def test_a_limit_on_anything_that_can_be_counted_is_added_and_lifted(app: Flask, client: FlaskClient) -> None:
    event = an_event_to_manage(client)
    a_registration(event, gender="woman", country="SN", days=["2022-11-01"])
    with clock.at(OPEN):
        for what in ("day:2022-11-01", "country:SN", "gender:woman", "sector:donor", "category:press"):
            assert client.post(LIMITS, data={"new_limit": what, "new_number": "1"}).status_code == 303
        page = client.get(LIMITS).text
        client.post(LIMITS, data={"country_SN": ""})

    hints = dict(re.findall(r'id="([\w-]+)-hint">([^<]+)<', page))
    assert hints["day_2022-11-01"] == hints["country_SN"] == hints["gender_woman"] == "1 of 1 places are taken."
    assert hints["sector_donor"] == hints["category_press"] == "0 of 1 places are taken."
    assert limit_of(event, "country", "SN") == (None, 1)
    assert limit_of(event, "day", "2022-11-01") == (1, 1)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"new_limit": "day:2023-01-01", "new_number": "1"}, "new_limit"),
        ({"new_limit": "table:7", "new_number": "1"}, "new_limit"),
        ({"new_limit": "", "new_number": "1"}, "new_limit"),
        ({"new_limit": "country:SN", "new_number": ""}, "new_number"),
        ({"new_limit": "country:SN", "new_number": "-1"}, "new_number"),
        ({"new_limit": "country:MA", "new_number": "0"}, "lowered"),
    ],
)
def test_a_limit_that_cannot_be_added_is_refused_at_its_field(
    app: Flask, client: FlaskClient, sent: dict[str, str], field: str
) -> None:
    event = an_event_to_manage(client)
    a_registration(event)

    with clock.at(OPEN):
        answer = client.post(LIMITS, data=sent)

    assert (answer.status_code, list(field_errors(answer.text))) == (422, [field])
    assert [pool.kind for pool in capacity.all_pools(event.id)] == ["event"]
