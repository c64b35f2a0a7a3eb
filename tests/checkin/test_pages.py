"""The door's pages as volunteers and organisers use them, without a script."""

from __future__ import annotations

import re
import uuid
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventreg.checkin import queries
from eventreg.checkin.models import Device, Scan
from eventreg.core.db import db
from eventreg.events.models import Event
from tests import factories as make
from tests.checkin.door import MORNING, token_of

DESK = "/en/ogp-2022/desk"


@pytest.fixture
def event(app: Flask) -> Event:
    return make.an_event()


@pytest.fixture
def volunteer(event: Event, client: FlaskClient) -> FlaskClient:
    """A signed-in check-in volunteer at the north door."""
    make.sign_in(client, make.staff("CI", event))
    client.post(f"{DESK}/door", data={"door": "الباب الشمالي"})
    return client


def screen(client: FlaskClient, address: str) -> tuple[str, str]:
    """The result and the words on the coloured screen."""
    page = client.get(address).text
    found = re.search(r'<section class="scan" data-result="(\w+)".*?data-screen(.*?)</section>', page, re.S)
    assert found is not None
    return found[1], " ".join(re.sub(r"<[^>]+>", " ", "<" + found[2]).split())


def post_code(client: FlaskClient, code: str, **fields: str) -> str:
    answer = client.post(f"{DESK}/scan", data={"code": code, **fields})
    assert answer.status_code == 303
    return str(answer.location)


def test_a_typed_code_shows_who_it_is_and_what_to_hand_out(volunteer: FlaskClient, event: Event, clock: ModuleType) -> None:
    person = make.a_registration(event, name_latin="Salma Bennani", name_arabic="سلمى بناني", lang="ar")
    with clock.at(MORNING):
        result, words = screen(volunteer, post_code(volunteer, token_of(person)))

    assert result == "ok"
    for part in ("Entry recorded", "سلمى بناني", "Salma Bennani", "Civil society", "Morocco", "Print a badge."):
        assert part in words


def test_the_same_form_sent_twice_is_one_entry(volunteer: FlaskClient, event: Event, clock: ModuleType) -> None:
    token, number = token_of(make.a_registration(event)), str(uuid.uuid4())
    with clock.at(MORNING):
        first = post_code(volunteer, token, id=number)
        assert post_code(volunteer, token, id=number) == first
        assert screen(volunteer, first)[0] == "ok"

    assert db.session.query(Scan).count() == 1


def test_the_second_time_it_says_when_and_where(volunteer: FlaskClient, event: Event, clock: ModuleType) -> None:
    token = token_of(make.a_registration(event))
    with clock.at(MORNING):
        post_code(volunteer, token)
        clock.tick(minutes=2)
        result, words = screen(volunteer, post_code(volunteer, token))

    assert result == "again"
    assert "Already recorded at 08:31, الباب الشمالي." in words


def test_letting_in_again_asks_for_a_reason(volunteer: FlaskClient, event: Event, clock: ModuleType) -> None:
    token = token_of(make.a_registration(event))
    with clock.at(MORNING):
        post_code(volunteer, token)
        clock.tick(minutes=2)
        number = post_code(volunteer, token).partition("seen=")[2]
        refused = volunteer.post(f"{DESK}/force", data={"scan": number, "reason": " "})
        allowed = volunteer.post(f"{DESK}/force", data={"scan": number, "reason": "Back from lunch"})

        assert (refused.status_code, allowed.status_code) == (422, 303)
        assert "Enter the reason." in refused.text
        assert screen(volunteer, allowed.location)[0] == "ok"


def test_a_volunteer_cannot_override_a_cancelled_registration_and_an_organiser_can(
    app: Flask, volunteer: FlaskClient, event: Event, clock: ModuleType
) -> None:
    token = token_of(make.a_registration(event, cancelled=True))
    organiser = app.test_client()
    make.sign_in(organiser, make.an_organiser(event))
    with clock.at(MORNING):
        shown = post_code(volunteer, token)
        number = shown.partition("seen=")[2]

        assert "Let in" not in screen(volunteer, shown)[1]
        assert "Let in" in screen(organiser, shown)[1]
        reason = {"scan": number, "reason": "Minister's guest"}
        assert volunteer.post(f"{DESK}/force", data=reason).status_code == 422
        assert organiser.post(f"{DESK}/force", data=reason).status_code == 303


def test_somebody_without_a_code_comes_in_by_name_in_two_taps(volunteer: FlaskClient, event: Event, clock: ModuleType) -> None:
    make.a_registration(event, name_latin="Mohamed Alaoui", name_arabic="محمد العلوي", organisation_name="Forum A")
    with clock.at(MORNING):
        found = volunteer.get(f"{DESK}/search?q=محمّد").text
        fields = dict(re.findall(r'name="(id|registration)" value="([^"]+)"', found))
        answer = volunteer.post(f"{DESK}/search", data=fields)

        assert "Forum A" in found
        assert screen(volunteer, answer.location)[0] == "ok"
        assert queries.counts(event, clock.now()).inside == 1


def test_the_search_says_when_nobody_is_found(volunteer: FlaskClient) -> None:
    assert "Nobody was found. Send the person to the help desk." in volunteer.get(f"{DESK}/search?q=zzzz").text


def test_the_log_offers_undo_for_five_minutes(volunteer: FlaskClient, event: Event, clock: ModuleType) -> None:
    token = token_of(make.a_registration(event))
    with clock.at(MORNING):
        number = post_code(volunteer, token).partition("seen=")[2]
        address = f"{DESK}/undo/{number}"
        assert f'action="{address}"' in volunteer.get(f"{DESK}/scan").text
        clock.tick(minutes=5, seconds=1)
        assert f'action="{address}"' not in volunteer.get(f"{DESK}/scan").text
        late = volunteer.post(address, headers={"Accept": "application/json"})
        assert late.status_code == 409
        assert late.json == {"verdict": "An entry can be taken back within five minutes. Ask an organiser."}


def test_undo_answers_the_script_and_the_plain_form(volunteer: FlaskClient, event: Event, clock: ModuleType) -> None:
    first, second = (token_of(make.a_registration(event)) for _n in range(2))
    with clock.at(MORNING):
        numbers = [post_code(volunteer, token).partition("seen=")[2] for token in (first, second)]
        scripted = volunteer.post(f"{DESK}/undo/{numbers[0]}", headers={"Accept": "application/json"})
        plain = volunteer.post(f"{DESK}/undo/{numbers[1]}")

        assert scripted.json == {"result": "undone", "verdict": "Taken back at 08:31"}
        assert (plain.status_code, plain.location) == (303, f"{DESK}/scan")
        assert queries.counts(event, clock.now()).inside == 0


def test_counts_tell_in_expected_and_this_door(volunteer: FlaskClient, event: Event, clock: ModuleType) -> None:
    people = [make.a_registration(event) for _n in range(3)]
    with clock.at(MORNING):
        post_code(volunteer, token_of(people[0]))

        assert volunteer.get(f"{DESK}/counts").json == {"counts": {"in": 1, "expected": 3, "here": 1}}


def test_the_test_code_says_that_the_scanner_works_and_records_nobody(
    volunteer: FlaskClient, event: Event, clock: ModuleType
) -> None:
    with clock.at(MORNING):
        result, words = screen(volunteer, post_code(volunteer, "BCDFGHJKLNPRSTVP"))

        assert (result, "Scanner OK" in words) == ("ok", True)
        assert queries.counts(event, clock.now()).inside == 0


def test_the_page_may_use_camera_and_decoder_and_is_kept_in_no_cache(volunteer: FlaskClient) -> None:
    headers = volunteer.get(f"{DESK}/scan").headers

    assert "'wasm-unsafe-eval'" in headers["Content-Security-Policy"]
    assert "camera=(self)" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "private, no-store"


def test_the_page_holds_everything_that_the_script_looks_for(volunteer: FlaskClient) -> None:
    page = volunteer.get(f"{DESK}/scan").text

    assert set(re.findall(r'<template data-verdict="(\w+)"', page)) == {
        "idle", "ok", "again", "attention", "refused", "held", "unread",
    }  # fmt: skip
    assert set(re.findall(r'<template data-line="(\w+)"', page)) == {"ok", "again", "attention", "refused", "held"}
    assert set(re.findall(r'<template data-sync="(\w+)"', page)) == {"sent", "sending", "offline", "look"}
    assert f'data-sync-url="{DESK}/sync"' in page


@pytest.mark.parametrize("path", ["/scan", "/search?q=ami", "/counts", "/devices"])
def test_a_participant_sees_nothing_of_the_door(app: Flask, event: Event, path: str) -> None:
    client = app.test_client()
    make.sign_in(client, make.a_person())

    assert client.get(DESK + path).status_code == 403


def test_the_scan_page_costs_the_same_with_one_scan_and_with_thirty(
    app: Flask, volunteer: FlaskClient, event: Event, clock: ModuleType
) -> None:
    tokens = [token_of(make.a_registration(event)) for _n in range(30)]
    with clock.at(MORNING):
        post_code(volunteer, tokens[0])
        with make.statements(app) as one:
            volunteer.get(f"{DESK}/scan")
        for token in tokens[1:]:
            post_code(volunteer, token)
        with make.statements(app) as thirty:
            page = volunteer.get(f"{DESK}/scan").text

    assert len(thirty) == len(one) <= 12
    assert len(re.findall(r"<li data-result=\"ok\" data-scan=", page)) == 20


# ---- devices ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def organiser(app: Flask, event: Event) -> FlaskClient:
    client = app.test_client()
    make.sign_in(client, make.an_organiser(event))
    return client


def paired(app: Flask, organiser: FlaskClient) -> FlaskClient:
    """A phone that nobody is signed in on."""
    made = organiser.post(f"{DESK}/devices", data={"name": "White phone", "door": "South door"})
    shown = organiser.post(made.location).text
    found = re.search(r'value="http://localhost(/en/ogp-2022/desk/pair/[^"]+)"', shown)
    assert found is not None
    phone = app.test_client()
    assert "South door" in phone.get(found[1]).text
    assert phone.post(found[1]).status_code == 303
    assert app.test_client().get(found[1]).status_code == 410  # once only
    assert app.test_client().post(found[1]).status_code == 410
    return phone


def test_a_paired_device_scans_without_signing_in_and_is_named_as_the_door(
    app: Flask, organiser: FlaskClient, event: Event, clock: ModuleType
) -> None:
    person = make.a_registration(event)
    with clock.at(MORNING):
        phone = paired(app, organiser)
        assert screen(phone, post_code(phone, token_of(person)))[0] == "ok"
        scan = db.session.query(Scan).one()

        assert (scan.door, scan.person_id) == ("South door", None)
        assert db.session.query(Device).one().seen_at == clock.now()
        assert phone.get("/ar/ogp-2022/desk/scan").status_code == 200
        assert phone.get(f"{DESK}/devices").status_code == 303
        assert phone.get("/en/ogp-2022/manage/").status_code == 303


def test_a_pairing_link_lives_ten_minutes(app: Flask, organiser: FlaskClient, clock: ModuleType) -> None:
    with clock.at(MORNING):
        made = organiser.post(f"{DESK}/devices", data={"name": "White phone", "door": "South door"})
        address = re.search(r'value="http://localhost([^"]+)"', organiser.post(made.location).text)
        assert address is not None
        clock.tick(minutes=10)

        phone = app.test_client()
        looked = phone.get(address[1])
        assert (looked.status_code, "<form method=\"post\"" in looked.text.partition("<main")[2]) == (410, False)
        assert "This pairing link is over." in looked.text
        assert phone.post(address[1]).status_code == 410


def test_a_revoked_device_is_out_at_its_next_contact_and_loses_its_cookie(
    app: Flask, organiser: FlaskClient, event: Event, clock: ModuleType
) -> None:
    with clock.at(MORNING):
        phone = paired(app, organiser)
        code = db.session.query(Device).one().code
        organiser.post(f"{DESK}/devices/{code}/revoke")
        answer = phone.get(f"{DESK}/scan")

        assert answer.status_code == 410
        assert len([line for line in answer.headers.getlist("Set-Cookie") if line.startswith("device=;")]) == 3
        assert phone.get(f"{DESK}/scan").status_code == 303
        assert "Revoked" in organiser.get(f"{DESK}/devices").text


def test_a_device_without_a_name_is_asked_for_one(organiser: FlaskClient) -> None:
    answer = organiser.post(f"{DESK}/devices", data={"name": " ", "door": "South door"})

    assert answer.status_code == 422
    assert "Enter a name for the device." in answer.text
    assert 'value="South door"' in answer.text
