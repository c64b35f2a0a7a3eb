"""The form looked at before people see it, and a form taken over from another meeting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eventreg.core import clock
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.questions import shape
from eventreg.core.questions.shape import Kind, Option, Question, When
from eventreg.core.trilingual import Text
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Grant
from eventreg.registration import queries
from eventreg.registration.models import Draft, Registration
from tests.factories import OPEN, a_registration, an_event, an_organiser, ask, date, raw_answers, sign_in

FORM = "/en/ogp-2022/manage/form"
BOTH = (shape.Test("sector", "is", ("civil_society",)), shape.Test("wants_visa_letter", "is", ("yes",)))
CITIES = (Option("paris", Text(en="Paris", ar="باريس")), Option("tunis", Text(en="Tunis", ar="تونس")))
VISA = Question("visa", Kind.ONE_OF, Text(en="Where?", ar="أين؟"), options=CITIES, is_required=True, when=When(BOTH))
ARRIVAL = Question("arrival", Kind.DATE, Text(en="Day of arrival"), is_required=True, delete_on=date(2022, 12, 3))
LETTER = Question("letter", Kind.FILE, Text(en="Letter"), is_required=True)


@pytest.fixture(autouse=True)
def _three_days_before() -> Iterator[None]:
    with clock.at(OPEN):
        yield


def a_managed_event(client: FlaskClient) -> Event:
    event = an_event()
    sign_in(client, an_organiser(event))
    return event


def of_section(page: str, **changes: Any) -> dict[str, Any]:
    """The answers that the fields of this page ask for, as a browser sends them."""
    raw = raw_answers(**{"organisation_name": "Association", **changes})
    names = set(re.findall(r'name="(\w+)"', page[page.index('class="form"') :]))
    return {name: "y" if value is True else value for name, value in raw.items() if name in names and value is not False}


# ---- preview ---------------------------------------------------------------------------------------------------------


def test_one_walks_through_all_sections_and_nothing_is_kept(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    ask(event, VISA, LETTER, after=(ARRIVAL,))
    url, walked = FORM + "/preview/email", []
    answers = {"sector": "civil_society", "wants_visa_letter": True, "q_visa": "paris", "q_arrival": "2022-10-31"}

    while "/preview/" in url:
        page = client.get(url).text
        walked.append(re.search(r"/preview/(\w+)", url).group(1))  # type: ignore[union-attr]
        answer = client.post(url, data=of_section(page, **answers))
        assert answer.status_code == 303, re.findall(r'id="(\w+)-error"', answer.text)
        url = answer.location

    assert walked == ["email", "name", "organisation", "needs", "consent", "later"]
    assert "That was the last page of the preview. Nothing was saved." in client.get(url).text
    assert [db.session.scalar(select(func.count()).select_from(table)) for table in (Draft, Registration)] == [0, 0]


def test_errors_and_conditions_are_those_that_people_meet(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    ask(event, VISA)
    as_whom = FORM + "/preview/needs?sector={}&visa=yes"
    page = client.get(as_whom.format("civil_society")).text

    wrong = client.post(as_whom.format("civil_society"), data=of_section(page, wants_visa_letter=True))

    assert 'name="q_visa"' in page and "Preview, nothing is saved." in page
    assert (wrong.status_code, re.findall(r'id="(\w+)-error"', wrong.text)) == (422, ["q_visa"])
    assert 'name="q_visa"' not in client.get(as_whom.format("media")).text
    assert client.get(FORM + "/preview/nowhere").status_code == 404


def test_the_languages_of_the_preview_keep_as_whom_one_looks(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    ask(event, VISA)

    page = client.get(FORM + "/preview/needs?sector=civil_society&visa=yes").text
    arabic = re.search(r'<a href="([^"]+)" lang="ar"', page).group(1).replace("&amp;", "&")  # type: ignore[union-attr]

    assert "باريس" in client.get(arabic).text


FORGED = ["[1", "[]", '{"sector": {"a": 1}}', '{"q_visa": 7, "days": [[1]], "email": null}', '"x"', "9" * 5000]


@pytest.mark.parametrize("so_far", FORGED)
def test_a_forged_address_harms_nothing(app: Flask, client: FlaskClient, so_far: str) -> None:
    event = a_managed_event(client)
    ask(event, VISA)

    answer = client.get(FORM + "/preview/needs", query_string={"so_far": so_far})

    assert answer.status_code == 200


# ---- another meeting's form ------------------------------------------------------------------------------------------


def test_the_form_of_another_meeting_is_taken_over_with_its_days_moved(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    source = an_event(slug="last-year", first_day=date(2021, 11, 2), last_day=date(2021, 11, 4))
    on_the_first = Question("dinner", Kind.CONSENT, Text(en="Dinner"), when=When((shape.Test("days", "is", ("2021-11-02",)),)))
    ask(source, VISA, on_the_first, after=(ARRIVAL,))
    data = {"version": "0", "source": "last-year"}
    stranger = client.post(FORM + "/copy", data=data)
    people.grant(_viewer(event), "OR", event_id=source.id, by=OPERATOR)

    told = client.post(FORM + "/copy", data=data)
    seal = re.search(r'name="seal" value="(\w+)"', told.text).group(1)  # type: ignore[union-attr]
    done = client.post(FORM + "/copy", data=data | {"seal": seal})

    form = queries.form_of(event.id)
    assert (stranger.status_code, done.status_code) == (422, 303)
    assert [question.code for question in form.own()] == ["visa", "dinner", "arrival"]
    assert form.find("dinner").when.tests[0].values == ("2022-11-01",)  # type: ignore[union-attr]
    assert str(form.find("arrival").delete_on) == "2023-12-02"  # type: ignore[union-attr]
    assert form.version == 1 and queries.form_of(source.id).version == 1


def test_answers_to_questions_that_the_other_form_has_not_are_told_first(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    source = an_event(slug="last-year")
    people.grant(_viewer(event), "OR", event_id=source.id, by=OPERATOR)
    ask(event, Question("shirt", Kind.TEXT, Text(en="Shirt size")))
    made = a_registration(event, q_shirt="Large")

    told = client.post(FORM + "/copy", data={"version": "1", "source": "last-year"})

    assert "1 answer is erased with the question." in told.text and "Large" in told.text
    assert db.session.get_one(Registration, made.id, populate_existing=True).answers == {"shirt": "Large"}


def _viewer(event: Event) -> int:
    return db.session.scalars(select(Grant.person_id).where(Grant.event_id == event.id)).one()
