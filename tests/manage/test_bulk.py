"""One action for many people: shown first, done to exactly those who were shown, with everybody who was left named."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventreg.core import audit, clock, worker
from eventreg.core.db import db, transaction
from eventreg.core.outbox import Mail
from eventreg.events.models import Event
from eventreg.manage import bulk, services
from eventreg.manage.models import Bulk, BulkItem
from eventreg.people.models import Person
from eventreg.registration import queries as registrations
from eventreg.registration.models import Registration
from tests import factories as make

LIST = "/en/ogp-2022/manage/people"


@pytest.fixture(autouse=True)
def summer() -> Iterator[None]:
    """Three days before the deadline."""
    with clock.at(make.OPEN):
        yield


@pytest.fixture
def event(app: Flask) -> Event:
    """The Marrakech meeting, without limits."""
    return make.an_event()


@pytest.fixture
def organiser(client: FlaskClient, event: Event) -> FlaskClient:
    """A browser in which an organiser is signed in."""
    make.sign_in(client, make.an_organiser(event))
    return client


def shown(client: FlaskClient, what: str, filter: str = "", **fields: str) -> TestResponse:
    """The page that says what will happen."""
    answer = client.post(f"{LIST}/bulk", data={"what": what, "filter": filter, **fields})
    assert answer.status_code == 303, answer.text
    return client.get(answer.location)


def lines_of(page: TestResponse) -> list[tuple[str, int]]:
    """The lines of the first table: what, how many."""
    table = re.search(r"<table.*?</table>", page.text, re.DOTALL)
    rows = re.findall(r'<th scope="row">(.*?)</th><td data-num[^>]*>(\d+)</td>', table.group(0)) if table else []
    return [(re.sub("<[^>]+>", "", words), int(number)) for words, number in rows]


def do(client: FlaskClient, page: TestResponse, **fields: str) -> TestResponse:
    """Press the button of the page; the page that follows."""
    answer = client.post(page.request.path, data=fields)
    return client.get(answer.location) if answer.status_code == 303 else answer


def state(person: Registration) -> str:
    return db.session.get_one(Registration, person.id, populate_existing=True).state


def test_cancelling_many_says_first_what_happens_to_whom_and_does_that(organiser: FlaskClient, event: Event) -> None:
    going = [make.a_registration(event, lang=lang) for lang in ("ar", "fr", "fr")]
    gone = make.a_registration(event, cancelled=True, name_latin="Badr Gone")

    page = shown(organiser, "cancel", reason="The visit is off")

    assert lines_of(page) == [("Are cancelled", 3), ("Cancelled already: they stay so", 1)]
    assert "Badr Gone" in page.text
    mails = re.findall(r'<th scope="row">([^<]*)</th><td data-label="Language">(\w+)</td><td[^>]*>(\d+)</td>', page.text)
    assert mails == [("Registration cancelled", "Arabic", "1"), ("Registration cancelled", "French", "2")]
    assert {state(person) for person in going} == {"confirmed"}, "a page that shows changes nothing"
    done = do(organiser, page)

    assert {state(person) for person in going} == {"cancelled"}
    assert lines_of(done) == [("Done", 3), ("Cancelled already: they stay so", 1)]
    assert db.session.query(Mail).filter_by(kind="registration/cancelled").count() == 4
    history = audit.history(event.id, "registration", going[0].code)
    assert history[0].action == "registration.cancelled"
    assert [line.action for line in audit.history(event.id, "registration", gone.code)].count("registration.cancelled") == 1
    line = db.session.scalars(select(audit.AuditLine).where(audit.AuditLine.action == "participants.bulk")).one()
    assert line.facts == {"kind": "cancel", "done": 3, "skipped": 1, "untouched": 0}
    assert db.session.query(Bulk).one().params == {}, "what was typed stays with each registration only"


def test_who_waits_is_cancelled_before_their_place_could_be_offered(client: FlaskClient) -> None:
    event = make.an_event(limit=1)
    make.sign_in(client, make.an_organiser(event))
    make.a_registration(event, name_latin="Amina")
    make.a_registration(event, name_latin="Badr")

    done = do(client, shown(client, "cancel", reason="Off"))

    assert lines_of(done) == [("Done", 2)]
    assert db.session.query(Mail).filter_by(kind="registration/offered").count() == 0


def test_an_open_offer_is_left_alone(client: FlaskClient) -> None:
    event = make.an_event(limit=1)
    make.sign_in(client, make.an_organiser(event))
    make.a_registration(event, cancelled=False, name_latin="Amina", country="TN")
    waits = make.a_registration(event, name_latin="Badr")
    do(client, shown(client, "cancel", filter="country=TN", reason="Off"))

    page = shown(client, "cancel", filter="country=MA", reason="Off")

    assert lines_of(page) == [("A place is offered to them and not answered yet: they are left", 1)]
    assert "there is nothing to do" in page.text
    entry = registrations.live_entry(waits.id)
    assert entry is not None and entry.state == "offered"


def test_who_changed_after_the_page_was_shown_is_left_and_named(organiser: FlaskClient, event: Event) -> None:
    ids = [make.a_registration(event).id, make.a_registration(event, name_latin="Chadia Changed").id]
    page = shown(organiser, "note", door_note="Bring them to the desk")
    ids.append(make.a_registration(event).id)
    clock.tick(minutes=1)
    services.note_for_door(ids[1], "Speaker", by=audit.OPERATOR)

    done = do(organiser, page)

    assert lines_of(done) == [("Done", 1), ("Changed after the page was shown: they were left as they are", 1)]
    assert "Chadia Changed" in done.text
    notes = [db.session.get_one(Registration, number, populate_existing=True).door_note for number in ids]
    assert notes == ["Bring them to the desk", "Speaker", ""]


def test_a_second_press_changes_nothing(organiser: FlaskClient, event: Event) -> None:
    make.a_registration(event)
    page = shown(organiser, "mail")

    do(organiser, page)
    done = do(organiser, page)

    assert lines_of(done) == [("Done", 1)]
    assert db.session.query(Mail).filter_by(kind="registration/confirmed").count() == 2


def test_only_those_ticked_are_meant_and_none_ticked_is_nobody(organiser: FlaskClient, event: Event) -> None:
    one, _other = make.a_registration(event), make.a_registration(event)

    asked = organiser.get(f"{LIST}/bulk?who=ticked&code={one.code}&what=mail")
    nobody = organiser.get(f"{LIST}/bulk?who=ticked&what=mail")
    forged = organiser.get(f"{LIST}/bulk?who=ticked&what=mail&code=%25")

    assert "1 person is chosen." in asked.text
    assert "0 people are chosen." in nobody.text
    assert "0 people are chosen." in forged.text
    refused = organiser.post(f"{LIST}/bulk", data={"what": "mail", "filter": "codes=none"})
    assert refused.status_code == 422
    assert "Nobody is chosen" in refused.text


def test_a_category_that_becomes_full_is_given_to_as_many_as_fit(client: FlaskClient) -> None:
    event = make.an_event(media=1)
    make.sign_in(client, make.an_organiser(event))
    people = [make.a_registration(event, name_latin=name) for name in ("Amina", "Badr")]

    page = shown(client, "category", category="media")
    assert "This category has 1 place left." in page.text
    done = do(client, page)

    assert [name for name, _number in lines_of(done)][0] == "Done"
    assert [number for _name, number in lines_of(done)] == [1, 1]
    found = [db.session.get_one(Registration, p.id, populate_existing=True).category for p in people]
    assert found == ["media", "civil_society"]


def test_an_empty_reason_and_an_unknown_category_are_refused_with_the_form(organiser: FlaskClient, event: Event) -> None:
    make.a_registration(event)

    no_reason = organiser.post(f"{LIST}/bulk", data={"what": "cancel", "reason": " "})
    king = organiser.post(f"{LIST}/bulk", data={"what": "category", "category": "king"})
    long = organiser.post(f"{LIST}/bulk", data={"what": "note", "door_note": "x" * 141})

    assert [answer.status_code for answer in (no_reason, king, long)] == [422, 422, 422]
    assert "Write the reason" in no_reason.text and "x" * 141 in long.text
    assert organiser.post(f"{LIST}/bulk", data={"what": "erase"}).status_code == 400


def test_more_than_twenty_are_cancelled_only_with_their_number_typed(organiser: FlaskClient, event: Event) -> None:
    with transaction():
        for _n in range(21):
            make.a_registration(event)
    page = shown(organiser, "cancel", reason="Off")

    refused = do(organiser, page, number="20")
    assert refused.status_code == 422
    assert "Type the number of people to go on: 21." in refused.text
    assert db.session.query(Registration).filter_by(state="cancelled").count() == 0
    done = do(organiser, page, number=" ٢١ ")

    assert lines_of(done) == [("Done", 21)]


def test_many_are_done_by_the_worker_and_a_page_follows(app: Flask, organiser: FlaskClient, event: Event) -> None:
    with transaction():
        for _n in range(51):
            make.a_registration(event)
    page = shown(organiser, "note", door_note="Green entrance")

    following = do(organiser, page)
    assert 'data-behaviour="poll"' in following.text
    state_now = organiser.get(f"{page.request.path}.json").json
    assert state_now == {"done": 0, "state": "queued", "text": "Person 0 of 51", "total": 51}
    worker.drain(app)

    assert lines_of(organiser.get(page.request.path)) == [("Done", 51)]
    assert db.session.query(Registration).filter_by(door_note="Green entrance").count() == 51


def test_a_large_one_can_be_stopped_before_it_reaches_everybody(app: Flask, organiser: FlaskClient, event: Event) -> None:
    with transaction():
        for _n in range(51):
            make.a_registration(event)
    page = shown(organiser, "note", door_note="Green entrance")
    do(organiser, page)

    organiser.post(f"{page.request.path}/stop")
    worker.drain(app)

    assert "51 people were not reached: nothing changed for them." in organiser.get(page.request.path).text
    assert db.session.query(Registration).filter_by(door_note="Green entrance").count() == 0


def test_it_goes_on_where_a_dead_worker_left_it(app: Flask, organiser: FlaskClient, event: Event) -> None:
    with transaction():
        for _n in range(51):
            make.a_registration(event)
    do(organiser, shown(organiser, "mail"))
    found = db.session.query(Bulk).one()
    with transaction():
        bulk._next(db.session.get_one(Bulk, found.id), audit.OPERATOR)  # then the worker died

    worker.drain(app)

    assert db.session.query(BulkItem).filter_by(outcome="done").count() == 51
    assert db.session.query(Mail).filter_by(kind="registration/confirmed").count() == 2 * 51


def test_another_meetings_actions_and_people_are_unknown(app: Flask, organiser: FlaskClient, event: Event) -> None:
    make.a_registration(event)
    other = make.an_event(slug="other")
    there = make.a_registration(other).code
    page = shown(organiser, "mail")
    stranger = app.test_client()
    make.sign_in(stranger, make.an_organiser(other))
    elsewhere = page.request.path.replace("ogp-2022", "other")

    answers = [stranger.get(page.request.path), stranger.post(page.request.path), stranger.get(elsewhere)]
    answers += [stranger.post(elsewhere), stranger.post(f"{elsewhere}/stop"), stranger.get(f"{elsewhere}.json")]

    assert [answer.status_code for answer in answers] == [404] * 6
    refused = organiser.post(f"{LIST}/bulk", data={"what": "mail", "filter": f"codes={there}"})
    assert (refused.status_code, db.session.query(Mail).filter_by(kind="registration/confirmed").count()) == (422, 2)


def test_a_colleague_may_go_on_with_it_and_the_record_names_them(app: Flask, organiser: FlaskClient, event: Event) -> None:
    person = make.a_registration(event).code
    page, colleague = shown(organiser, "mail"), app.test_client()
    second = make.an_organiser(event)
    make.sign_in(colleague, second)

    do(colleague, page)

    assert audit.history(event.id, "registration", person)[0].actor == f"organiser:{second.code}"


def test_what_was_never_confirmed_is_forgotten_and_does_nothing_later(organiser: FlaskClient, event: Event) -> None:
    make.a_registration(event)
    page = shown(organiser, "mail")
    clock.tick(days=2)

    bulk.due(clock.now())

    assert (db.session.query(Bulk).count(), db.session.query(BulkItem).count()) == (0, 0)
    assert organiser.post(page.request.path).status_code in (303, 404)


def test_the_plan_of_30_costs_as_many_statements_as_that_of_1(app: Flask, organiser: FlaskClient, event: Event) -> None:
    make.a_registration(event)
    page = shown(organiser, "mail")
    with make.statements(app) as for_one:
        organiser.get(page.request.path)
    with transaction():
        for _n in range(29):
            make.a_registration(event)
    page = shown(organiser, "mail")

    with make.statements(app) as for_thirty:
        organiser.get(page.request.path)

    assert len(for_thirty) == len(for_one)


def test_badges_are_offered_for_the_same_people(organiser: FlaskClient, event: Event) -> None:
    moroccan = make.a_registration(event, country="MA", lang="fr")
    make.a_registration(event, country="TN")

    by_country = organiser.get(f"{LIST}/bulk?who=all&what=badges&country=MA&state=confirmed")
    by_language = organiser.get(f"{LIST}/bulk?who=all&what=badges&language=fr")

    assert by_country.location == "/en/ogp-2022/manage/badges?country=MA"
    assert by_language.location == f"/en/ogp-2022/manage/badges?codes={moroccan.code}"
    assert "1 badge in this selection" in organiser.get(by_language.location).text


def test_exports_and_lists_of_those_ticked(organiser: FlaskClient, event: Event) -> None:
    one, other = make.a_registration(event), make.a_registration(event)

    export = organiser.get(organiser.get(f"{LIST}/bulk?who=ticked&code={one.code}&what=csv").location)
    paper = organiser.get(organiser.get(f"{LIST}/bulk?who=ticked&code={one.code}&what=print").location)

    assert one.code in export.text and other.code not in export.text
    assert one.name_latin in paper.text and other.name_latin not in paper.text
    assert organiser.get(f"{LIST}/bulk").location == LIST


def test_whoever_is_no_organiser_does_nothing_to_many(client: FlaskClient, event: Event) -> None:
    mine = make.a_registration(event)
    make.sign_in(client, db.session.get_one(Person, mine.person_id))

    assert client.get(f"{LIST}/bulk?what=cancel").status_code == 403
    assert client.post(f"{LIST}/bulk", data={"what": "cancel", "reason": "x"}).status_code == 403
