"""What the operator reads: every request in one line, every fault with its trace under the number the reader saw, no person."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from eventreg.core import links, logs
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db, transaction
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.registration.models import Registration
from tests import factories

CANARIES = ("Zerktouni", "zerktouni", "الزرقطوني", "0661234567", "661234567", "seven secret words", "canary-organisation")
PASSWORD = "seven secret words and more"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that `serve` would write."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.JsonLine())
    ours = logging.getLogger("eventreg")
    before = ours.level
    logging.getLogger().addHandler(handler)
    ours.setLevel(logging.INFO)
    yield written
    logging.getLogger().removeHandler(handler)
    ours.setLevel(before)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.fixture
def broken(app: Flask) -> Iterator[None]:
    """A page whose making fails with words that a person typed."""
    kept = app.view_functions["people.security"], app.view_functions["registration.save_step"]

    def fails(**values: Any) -> str:
        raise ValueError("no date: 'Zerktouni' zerktouni@example.org +212 661234567 الزرقطوني")

    app.view_functions["people.security"] = app.view_functions["registration.save_step"] = fails
    yield
    app.view_functions["people.security"], app.view_functions["registration.save_step"] = kept


def walk(app: Flask, client: FlaskClient) -> list[str]:
    """A person registers, signs in, is searched for, opens links and makes mistakes; the secrets used on the way."""
    event = factories.an_event()
    answers = factories.raw_answers(
        email="zerktouni@example.org", name_latin="Zerktouni", name_arabic="الزرقطوني", phone="0661234567",
        organisation_name="canary-organisation",
    )  # fmt: skip
    client.post("/fr/ogp-2022/register/")
    for step in ("email", "name", "organisation", "needs", "consent", "check"):
        client.post(f"/fr/ogp-2022/register/{step}", data=answers)
    registration = db.session.query(Registration).one()
    person = db.session.get_one(Person, registration.person_id)
    people.set_password(person.id, PASSWORD, by=OPERATOR)
    with transaction() as now:
        token = links.make("registration", registration.code, now=now, expires_at=now.replace(year=2023), event_id=event.id)
    for password in ("seven secret words but wrong", PASSWORD, ""):
        client.post("/fr/sign-in?next=/fr/?q=Zerktouni", data={"email": "zerktouni@example.org", "password": password})
    cookie = client.get_cookie("signin")
    assert cookie is not None
    client.get(f"/fr/ogp-2022/i/{token}")
    client.get("/fr/ogp-2022/me/", headers={"User-Agent": "Zerktouni", "Referer": "http://localhost/?q=Zerktouni"})
    staff = app.test_client()
    factories.sign_in(staff, factories.an_organiser(event))
    for path in ("people?q=Zerktouni", "people?q=zerktouni@example.org", f"people/{registration.code}", "people/Zerktouni", "mail"):
        staff.get(f"/fr/ogp-2022/manage/{path}")
    staff.get("/fr/ogp-2022/desk/search?q=Zerktouni")
    client.get("/fr/Zerktouni%0a%7b%22level%22:%22FORGED%22%7d")
    client.post("/fr/sign-in", data={"email": "zerktouni@example.org"}, headers={"Origin": "http://Zerktouni.example"})
    return [token, cookie.value]


def test_after_a_rich_walk_no_word_about_anybody_is_in_the_log(
    app: Flask, client: FlaskClient, clock: ModuleType, log: io.StringIO
) -> None:
    with clock.at(factories.OPEN):
        secrets = walk(app, client)

    told = lines(log)
    assert len(told) > 15
    assert [word for word in (*CANARIES, *secrets, "FORGED") if word in log.getvalue()] == []
    assert {line["route"] for line in told} >= {"/<any(ar,fr,en):lang>/<slug:event>/i/<token>", ""}
    assert {"OR"} <= {role for line in told for role in line["roles"]}


def test_a_request_is_one_line_with_what_an_operator_needs(client: FlaskClient, log: io.StringIO) -> None:
    factories.an_event()

    client.get("/en/ogp-2022/?q=x")

    [line] = lines(log)
    assert set(line) == {"time", "level", "logger", "message", "request", "method", "route", "status", "ms", "event", "roles"}
    assert (line["method"], line["status"], line["event"]) == ("GET", 200, "ogp-2022")
    assert line["time"].endswith("+00:00")


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_the_number_on_an_error_page_is_found_in_the_log_with_the_trace(
    client: FlaskClient, broken: None, log: io.StringIO, lang: str
) -> None:
    answer = client.get(f"/{lang}/account/security")

    assert answer.status_code == 500
    assert f'lang="{lang}"' in answer.text
    reference = re.findall(r"\b[0-9A-F]{8}\b", answer.text)[0]
    fault, request = lines(log)
    assert fault["request"] == request["request"] == reference
    assert (fault["level"], request["status"]) == ("ERROR", 500)
    assert any("test_logs.py" in frame for frame in fault["trace"])
    assert fault["trace"][-1].startswith("ValueError: no date: '…'")
    assert not any(word in log.getvalue() + answer.text for word in CANARIES)


def test_what_was_typed_outlives_an_unexpected_error(client: FlaskClient, broken: None) -> None:
    factories.an_event()

    answer = client.post("/en/ogp-2022/register/name", data={"name_latin": "Sara <b>", "password": "hidden words"})

    assert answer.status_code == 500
    assert '<textarea name="name_latin" hidden>\nSara &lt;b&gt;</textarea>' in answer.text
    assert "hidden words" not in answer.text


@pytest.mark.sqlite_only
def test_an_error_that_breaks_the_error_page_too_still_shows_its_number(
    client: FlaskClient, app: Flask, log: io.StringIO
) -> None:
    event = factories.an_event()
    factories.sign_in(client, factories.an_organiser(event))
    with transaction():
        db.session.execute(text("DROP TABLE role_grant"))

    answer = client.get("/en/ogp-2022/manage/")

    assert answer.status_code == 500
    number = re.findall(r"\b[0-9A-F]{8}\b", answer.text)[0]
    assert {line["request"] for line in lines(log)} == {number}


def test_the_database_tells_the_log_no_row(app: Flask, log: io.StringIO) -> None:
    factories.a_person("zerktouni@example.org")
    with pytest.raises(IntegrityError) as caught, transaction():
        db.session.add(Person(code="P-X", email_key="zerktouni@example.org", created_at=factories.clock.now()))
    logging.getLogger("eventreg").error("it failed", exc_info=caught.value)

    assert "IntegrityError" in log.getvalue()
    assert "zerktouni" not in log.getvalue()


def test_nobody_writes_a_line_of_their_own(log: io.StringIO) -> None:
    logging.getLogger("eventreg").warning("a\r\n{\"level\": \"FORGED\"}\u2028\u202e %s", "b\nc")

    assert len(log.getvalue().splitlines()) == 1
    assert log.getvalue().isascii()


@pytest.mark.parametrize(
    ("words", "masked"),
    [
        ("KeyError: 'Sara'", "KeyError: '…'"),
        ("to sara@example.org now", "to …@… now"),
        ("GET /en/x/i/AbCdEfGh1234567890xyz?q=1", "GET /en/x/…"),
        ("call +212 661-23-45-67", "call …"),
        ("no such table: role_grant", "no such table: role_grant"),
    ],
)
def test_what_may_have_been_typed_is_masked(words: str, masked: str) -> None:
    assert logs.masked(words) == masked
