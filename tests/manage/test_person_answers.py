"""An organiser reads and corrects somebody's answers, own questions among them."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from eventreg.core import audit
from eventreg.core.db import db, transaction
from eventreg.core.questions.shape import Kind, Option, Question
from eventreg.core.trilingual import Text
from eventreg.people.models import Person
from eventreg.registration.models import Needs, Registration
from tests import factories as make

TOPIC = Question(
    "topic",
    Kind.SEVERAL_OF,
    Text(ar="المجال", fr="Thématique", en="Topic"),
    options=(Option("justice", Text(en="Justice")), Option("digital", Text(en="Digital"))),
)
SECRET = Question(
    "secret", Kind.TEXT, Text(en="Secret question"), is_sensitive=True, purpose=Text(en="Why"), delete_on=date(2022, 12, 1)
)


@pytest.fixture
def event(app, clock):
    with clock.at(make.OPEN):
        yield make.an_event(media=1)


@pytest.fixture
def organiser(client, event):
    make.sign_in(client, make.an_organiser(event))
    return client


def answered(event, **changes):
    make.ask(event, TOPIC, SECRET)
    return make.a_registration(event, q_topic=["justice"], q_secret="Canary", access="Ramp-Canary", **changes)


def again(registration):
    return db.session.get_one(Registration, registration.id, populate_existing=True)


def test_own_answers_are_on_the_page_and_in_the_file_but_for_the_sensitive_ones(organiser, event):
    person = answered(event)

    page = organiser.get(f"/en/ogp-2022/manage/people/{person.code}").get_data(as_text=True)
    header, row = csv.reader(io.StringIO(organiser.get("/en/ogp-2022/manage/people.csv").data.decode("utf-8-sig")))

    assert "Topic" in page and "Justice" in page
    assert "Canary" not in page
    assert dict(zip(header, row, strict=True))["q:topic"] == "justice"
    assert "q:secret" not in header


def test_an_organiser_corrects_answers_and_the_record_says_who(organiser, event):
    person = answered(event)
    address = f"/en/ogp-2022/manage/people/{person.code}/answers"

    form = organiser.get(f"{address}/needs").get_data(as_text=True)
    saved = organiser.post(f"{address}/needs", data={"days": ["2022-11-02"], "languages": ["fr"], "q_topic": ["digital"]})

    assert "Canary" not in form
    assert (saved.status_code, again(person).answers, again(person).days) == (303, {"topic": ["digital"]}, ["2022-11-02"])
    kept = db.session.get(Needs, person.id)
    assert (kept.access, kept.answers) == ("Ramp-Canary", {"secret": "Canary"})
    line = audit.history(event.id, "registration", person.code)[0]
    assert (line.action, line.actor.partition(":")[0]) == ("registration.changed", "organiser")
    history = organiser.get(f"/en/ogp-2022/manage/people/{person.code}").get_data(as_text=True)
    assert "Topic" in history and "q_topic" not in history


def test_a_sector_whose_limit_is_full_changes_nothing(organiser, event):
    make.a_registration(event, sector="media")
    person = answered(event)
    data = {"country": "MA", "organisation_name": "Radio", "organisation_code": "", "sector": "media", "position": "", "phone": ""}

    refused = organiser.post(f"/en/ogp-2022/manage/people/{person.code}/answers/organisation", data=data)

    assert refused.status_code == 409
    assert again(person).sector == "civil_society"


@pytest.mark.parametrize("part", ["email", "nothing", "check"])
def test_only_sections_of_the_form_can_be_changed(organiser, event, part):
    person = make.a_registration(event)

    assert organiser.get(f"/en/ogp-2022/manage/people/{person.code}/answers/{part}").status_code == 404


def test_answers_of_a_cancelled_registration_stay(organiser, event):
    person = make.a_registration(event, cancelled=True)

    assert organiser.get(f"/en/ogp-2022/manage/people/{person.code}/answers/name").status_code == 404


def test_a_file_is_handed_to_organisers_of_this_event_only(app, organiser, event):
    person = make.a_registration(event)
    file = make.a_file_answer(event, person)
    other = make.an_event(slug="other")
    elsewhere = app.test_client()
    make.sign_in(elsewhere, make.an_organiser(other))

    assert organiser.get(f"/en/ogp-2022/manage/people/{person.code}/files/{file}").status_code == 200
    assert organiser.get(f"/en/ogp-2022/manage/people/{person.code}/files/{'0' * 22}").status_code == 404
    assert elsewhere.get(f"/en/other/manage/people/{person.code}/files/{file}").status_code == 404


def test_answers_of_somebody_without_an_address_can_be_changed(organiser, event):
    person = make.a_registration(event)
    with transaction():
        who = db.session.get_one(Person, person.person_id)
        who.email = who.email_ascii = who.email_key = None
    data = {"name_latin": "Amina Corrected", "name_arabic": ""}

    saved = organiser.post(f"/en/ogp-2022/manage/people/{person.code}/answers/name", data=data)

    assert saved.status_code == 303
    assert again(person).name_latin == "Amina Corrected"


def test_who_was_named_without_languages_can_change_everything_else(app, organiser, event):
    person = make.a_registration(event)
    with transaction():
        db.session.get_one(Registration, person.id).languages = []
    mine = app.test_client()
    make.sign_in(mine, db.session.get_one(Person, person.person_id))
    data = {"name_latin": "Amina Corrected", "name_arabic": ""}

    saved = mine.post("/en/ogp-2022/me/edit/name", data=data)
    page = mine.get("/en/ogp-2022/me/").get_data(as_text=True)
    wrong = mine.post("/en/ogp-2022/me/edit/needs", data={"days": ["2022-11-01"]})

    assert (saved.status_code, again(person).name_latin, again(person).languages) == (303, "Amina Corrected", [])
    assert "What we still need from you" in page
    assert wrong.status_code == 422
