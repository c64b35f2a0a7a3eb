"""The corpus of bad texts and files, put into an organiser's own questions and read back wherever staff read it."""

from __future__ import annotations

import html
import io
import re
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventreg.core.db import db
from eventreg.core.files import StoredFile
from eventreg.core.i18n import Text
from eventreg.core.outbox import Mail
from eventreg.core.questions.shape import Kind, Question
from eventreg.people.models import Person
from eventreg.registration.models import Registration
from tests import factories
from tests.data.badinputs.badinputs import expand, load
from tests.house.test_access import a_world
from tests.registration.test_own_questions import BASE, LETTER, fill, send
from tests.support.crawl import Page

TEXTS = {case["id"]: case for case in load("text") if case["field"] != "letter template"}
FILES = {case["id"]: case for case in load("uploads") if case["kind"] == "json"}
WORDS = Question("words", Kind.LONG_TEXT, Text(ar="كلمات", fr="Mots", en="Words"))
HARM = re.compile(r"<img src=x|href=\"javascript:|<a [^>]*href=\"(?:https?:)?//[^\"]*evil|<script>alert", re.I)


@pytest.mark.parametrize("case_id", TEXTS)
def test_a_text_is_refused_at_its_field_or_inert_wherever_it_is_read(
    app: Flask, client: FlaskClient, clock: ModuleType, case_id: str
) -> None:
    words = str(expand(TEXTS[case_id]))
    event = factories.an_event()
    factories.ask(event, WORDS)
    with clock.at(factories.OPEN):
        step = fill(client, {"q_words": words}, organisation_name="Org " + words[:100], position=words[:100])
        send(client)
        staff = app.test_client()
        factories.sign_in(staff, factories.an_organiser(event, scopes=["needs", "audit"]))
        registered = db.session.scalars(select(Registration)).first()
        if step.status_code == 422:
            assert html.unescape(step.text).count(words[:50]) >= 1, "what was typed is lost"
            return
        assert registered is not None
        pages = [staff.get(f"{BASE}/manage/people/{registered.code}").text, staff.get(f"{BASE}/manage/people").text]
        factories.sign_in(client, db.session.get_one(Person, registered.person_id))
        pages.append(client.get(f"{BASE}/me/").text)

    assert TEXTS[case_id]["expected"]["outcome"] != "refuse" or case_id == "TXT-04"
    pages += [mail.html for mail in db.session.scalars(select(Mail))]
    assert [HARM.findall(page) for page in pages if HARM.search(page)] == []
    assert not [link for page in pages for link in Page("/", page).links if "evil" in link.partition("?")[0]]


@pytest.mark.parametrize("case_id", FILES)
def test_a_file_answers_a_question_or_is_refused_at_it(client: FlaskClient, clock: ModuleType, case_id: str) -> None:
    value = expand(FILES[case_id])
    assert isinstance(value, dict)
    factories.ask(factories.an_event(), LETTER)
    with clock.at(factories.OPEN):
        step = fill(client, {"q_letter": (io.BytesIO(value["data"]), value["filename"]), "access": "step-free"})

    stored = db.session.scalars(select(StoredFile)).all()
    if FILES[case_id]["expected"]["outcome"] in ("accept", "normalise"):
        assert (step.status_code, len(stored)) == (303, 1)
    else:
        assert (step.status_code, stored) == (422, [])
        assert "step-free" in step.text
        assert step.text.count('class="field__error"') == 1


def test_a_file_far_over_the_limit_is_refused_before_it_is_read(client: FlaskClient, clock: ModuleType) -> None:
    factories.ask(factories.an_event(), LETTER)
    with clock.at(factories.OPEN):
        client.post(f"{BASE}/register/")
        answer = client.post(
            "/fr/ogp-2022/register/needs", data={"q_letter": (io.BytesIO(b"%PDF-1.4" + b"0" * 30_000_000), "a.pdf")},
            content_type="multipart/form-data",
        )  # fmt: skip

    assert answer.status_code == 413
    assert 'lang="fr"' in answer.text
    assert db.session.scalars(select(StoredFile)).all() == []


def test_a_name_of_sixty_thousand_letters_is_searched_for_without_a_fault(client: FlaskClient, clock: ModuleType) -> None:
    with clock.at(factories.OPEN):
        a_world()  # with organisations to search
        client.post(f"{BASE}/register/")
        form = {"country": "MA", "organisation_name": "x" * 60_000, "find": "1"}
        answer = client.post(f"{BASE}/register/organisation", data=form)

    assert answer.status_code in (200, 422)
