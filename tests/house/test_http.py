"""The corpus of bad requests, sent to the real application with its protection against forged forms on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventreg.core.audit import OPERATOR
from eventreg.core.db import Base, db
from eventreg.core.outbox import Mail
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.registration.models import Registration
from tests import factories
from tests.data.badinputs.badinputs import expand, load
from tests.support.crawl import without_chance

CASES = {case["id"]: case for case in load("http")}
REQUESTS = [case_id for case_id, case in CASES.items() if case["kind"] == "http"]
PASSWORD = "four words and a river"

# Bookkeeping of the requests themselves; everything else must stay as it is.
NOT_COMPARED = {"attempt", "draft"}


@dataclass(frozen=True)
class World:
    """A meeting, somebody registered for it with a password, somebody else, and browsers of three kinds."""

    event: Event
    sara: Registration
    other: Registration
    clients: dict[str, FlaskClient]


@pytest.fixture
def world(app: Flask, clock: ModuleType) -> Iterator[World]:
    app.config["WTF_CSRF_ENABLED"] = True
    with clock.at(factories.OPEN):
        event = factories.an_event()
        sara = factories.a_registration(event, email="sara@example.org", name_latin="Sara Idrissi")
        other = factories.a_registration(event, name_latin="Omar Hidden")
        clients = {role: app.test_client() for role in ("anonymous", "participant", "organiser")}
        person = db.session.get_one(Person, sara.person_id)
        people.set_password(person.id, PASSWORD, by=OPERATOR)
        factories.sign_in(clients["participant"], person)
        factories.sign_in(clients["organiser"], factories.an_organiser(event))
        yield World(event, sara, other, clients)


def request_of(world: World, case_id: str) -> dict[str, Any]:
    """The case's request with its places filled in."""
    case = expand(CASES[case_id], event=world.event.slug, other_registration=world.other.code, session="s-1")
    assert isinstance(case, dict)
    return case


def send(world: World, case: dict[str, Any]) -> TestResponse:
    """Send it as the case's role, byte for byte."""
    headers = dict(case["headers"])
    length = headers.pop("Content-Length", None)
    kind = headers.pop("Content-Type", "application/x-www-form-urlencoded" if case["body"] else None)
    environ = {"CONTENT_LENGTH": length} if length else {}
    return world.clients[case["as"]].open(
        case["path"], method=case["method"], headers=headers, data=case["body"], content_type=kind,
        environ_overrides=environ,
    )  # fmt: skip


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the bookkeeping."""
    db.session.rollback()
    tables = [table for table in Base.metadata.sorted_tables if table.name not in NOT_COMPARED]
    return {
        table.name: [tuple(map(str, row)) for row in db.session.execute(select(table).order_by(*table.primary_key))]
        for table in tables
    }


def form_token(client: FlaskClient, page: str) -> str:
    """The token that a person's browser finds in the form of this page."""
    return re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)[0]


# ---- the corpus ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case_id", REQUESTS)
def test_a_bad_request_is_answered_as_expected_and_changes_nothing(world: World, case_id: str) -> None:
    case, expects = request_of(world, case_id), CASES[case_id]["expected"]
    before = snapshot()

    answer = send(world, case)

    allowed = expects.get("status") or {"deny": [404], "accept": [200], "ignore": [200, 400]}[expects["outcome"]]
    assert answer.status_code in allowed, answer.text[:300]
    assert "Traceback" not in answer.text
    assert snapshot() == before


# ---- what must hold besides ------------------------------------------------------------------------------------------


def test_a_post_without_a_token_is_explained_on_a_page_in_the_readers_language(world: World) -> None:
    answer = world.clients["participant"].post(f"/ar/{world.event.slug}/me/cancel")

    assert answer.status_code == 400
    assert '<html lang="ar" dir="rtl">' in answer.text
    assert db.session.get_one(Registration, world.sara.id).state == "confirmed"


def test_signing_in_from_another_site_makes_no_session_even_with_a_token(world: World) -> None:
    client = world.clients["anonymous"]
    form = {"email": "sara@example.org", "password": PASSWORD, "csrf_token": form_token(client, "/en/sign-in")}

    foreign = client.post("/en/sign-in", data=form, headers={"Origin": "https://evil.example"})
    own = client.post("/en/sign-in", data=form, headers={"Origin": "http://localhost"})

    assert (foreign.status_code, foreign.headers.getlist("Set-Cookie")) == (403, [])
    assert own.status_code == 303


@pytest.mark.parametrize(
    ("headers", "status", "mails"),
    [
        ({"Host": "evil.example"}, 400, 0),
        ({"X-Forwarded-Host": "evil.example"}, 303, 1),
        ({"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}, 303, 1),
    ],
)
def test_a_sign_in_mail_has_the_configured_address_whatever_the_request_says(
    world: World, headers: dict[str, str], status: int, mails: int
) -> None:
    client = world.clients["anonymous"]
    form = {"email": "sara@example.org", "password": "", "csrf_token": form_token(client, "/en/sign-in")}

    answer = client.post("/en/sign-in", data=form, headers=headers)

    sent = list(db.session.scalars(select(Mail).where(Mail.kind == "people/sign_in")))
    assert (answer.status_code, len(sent)) == (status, mails)
    for mail in sent:
        assert set(re.findall(r"https?://([^/\s\"<]+)", mail.text + mail.html)) == {"localhost"}


@pytest.mark.parametrize("case_id", ["HTP-09", "HTP-10", "HTP-11", "HTP-12"])
def test_after_signing_in_nobody_is_sent_out_of_the_house(world: World, case_id: str) -> None:
    path = request_of(world, case_id)["path"]
    client = world.clients["anonymous"]
    form = {"email": "sara@example.org", "password": PASSWORD, "csrf_token": form_token(client, path)}

    by_address = client.post(path, data=form)
    client.post("/en/sign-out", data={"csrf_token": form_token(client, "/en/account/security")})
    form["csrf_token"] = form_token(client, path)
    by_field = client.post("/en/sign-in", data=form | {"next": path.partition("next=")[2]})
    already_in = client.get(path)

    assert [answer.location for answer in (by_address, by_field, already_in)] == ["/en/", "/en/", "/en/"]


def test_only_the_fields_of_the_form_change(world: World) -> None:
    client, address = world.clients["participant"], f"/en/{world.event.slug}/me/edit"
    body = request_of(world, "HTP-13")["body"]
    before = _row(world.sara.id)

    answer = client.post(
        address, data=f"{body}&person_id=1&code=R-X&taken=9&csrf_token={form_token(client, address + '/name')}",
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip

    after = _row(world.sara.id)
    assert answer.status_code == 303
    assert after["name_latin"] == "Sara"
    changed = {name for name in after if after[name] != before[name]}
    assert not changed & {"id", "code", "event_id", "person_id", "state", "category", "sector"}
    assert db.session.scalar(select(Person.id).where(Person.email_key == "sara@example.org")) == world.sara.person_id
    assert client.get(f"/en/{world.event.slug}/manage/").status_code == 403


def _row(registration_id: int) -> dict[str, Any]:
    db.session.rollback()
    table = Registration.__table__
    row = db.session.execute(select(table).where(table.c.id == registration_id)).one()
    return dict(row._mapping)


def test_another_persons_code_looks_like_one_that_does_not_exist(world: World) -> None:
    client = world.clients["participant"]
    there = f"/en/{world.event.slug}/manage/people/"

    real, invented = client.get(there + world.other.code), client.get(there + "R-00000000")

    assert real.status_code == invented.status_code == 404
    assert without_chance(real.text.replace(world.other.code, "…")) == without_chance(invented.text.replace("R-00000000", "…"))
    assert "Omar Hidden" not in real.text


def test_a_line_break_in_an_address_makes_no_header(world: World) -> None:
    answer = send(world, request_of(world, "HTP-16"))

    assert not any(cookie.startswith("x=") for cookie in answer.headers.getlist("Set-Cookie"))
    assert all("\n" not in value for value in answer.headers.values())


def test_list_parameters_are_bounded(world: World) -> None:
    path = f"/en/{world.event.slug}/manage/people"
    client = world.clients["organiser"]

    for query in ("page=-1", "size=1000000", "sort=password_hash", "sort=name'--", "after=%00", "before=x&after=y"):
        answer = client.get(f"{path}?{query}")

        assert answer.status_code in (200, 400), query
        assert answer.status_code == 400 or "Omar Hidden" in answer.text, query


def test_a_cookie_is_dead_after_signing_out(world: World, app: Flask) -> None:
    client = world.clients["participant"]
    cookie = client.get_cookie("signin")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("signin", cookie.value)
    assert thief.get("/en/account/security").status_code == 200

    client.post("/en/sign-out", data={"csrf_token": form_token(client, "/en/account/security")})

    assert thief.get("/en/account/security").location == "/en/sign-in?next=/en/account/security"


def test_the_owner_gets_in_by_mail_while_an_attacker_guesses_from_many_networks(world: World) -> None:
    client = world.clients["anonymous"]
    form = {"email": "sara@example.org", "password": "guess", "csrf_token": form_token(client, "/en/sign-in")}
    statuses = [
        client.post("/en/sign-in", data=form, environ_base={"REMOTE_ADDR": f"10.{number % 10}.1.9"}).status_code
        for number in range(200)
    ]

    client.post("/en/sign-in", data=form | {"way": "link"}, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    mail = db.session.scalars(select(Mail).where(Mail.kind == "people/sign_in")).one()
    [link] = set(re.findall(r"http://localhost(/\S+/sign-in/[\w-]+)", mail.text))
    owner = client.post(link, data={"csrf_token": form_token(client, link)})

    assert (statuses.count(422), statuses.count(429)) == (50, 150)  # ten tries for each network, fifty for the account
    assert owner.status_code == 303


def test_a_personal_page_is_in_no_shared_cache(world: World) -> None:
    answer = world.clients["participant"].get(f"/en/{world.event.slug}/me/")

    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer.vary


# ---- each page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path_of",
    [
        lambda slug: "/en/",
        lambda slug: f"/en/{slug}/",
        lambda slug: f"/en/{slug}/register/",
        lambda slug: "/en/sign-in",
        lambda slug: f"/en/{slug}/no-such-page",
        lambda slug: "/healthz",
    ],
)
def test_every_answer_carries_the_headers_that_keep_strangers_out(world: World, path_of: Callable[[str], str]) -> None:
    answer = world.clients["anonymous"].get(path_of(world.event.slug))

    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert (policy["script-src"], policy["style-src"]) == ("'self'", "'self'")
    assert (policy["frame-ancestors"], policy["base-uri"], policy["form-action"]) == ("'none'", "'none'", "'self'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
