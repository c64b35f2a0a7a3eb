"""What must hold of every request and every answer, asked of each address of the running product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventreg.app import create_app
from eventreg.core import limits, urls
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.people import services as people
from eventreg.people.models import Person
from tests import factories
from tests.house.test_access import World, a_client, a_world, guarded_rules
from tests.house.test_http import form_token, snapshot

pytestmark = pytest.mark.sqlite_only  # nothing here hangs on the database

PASSWORD = "four words and a river"
PUBLIC = {"public.read", "audit.verify"}
ELSEWHERE = [
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "/\t/evil.example", "\t//evil.example", "/\n/evil.example", "/\r/evil.example", " //evil.example", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "data:text/html,x", "http:evil.example", "https:/evil.example", "http:///evil.example",
    "evil.example", "@evil.example", "/%0d%0aSet-Cookie:x=1/../\r\n", "/\x00/evil.example", "/\u2028/evil.example",
    "/.//evil.example", "/../\\evil.example", "/..//evil.example",
]  # fmt: skip


@pytest.fixture
def world(app: Flask, clock: ModuleType) -> Iterator[World]:
    with clock.at(factories.OPEN):
        yield a_world()


@pytest.mark.parametrize("viewer", ["anonymous", "participant", "organiser", "administrator"])
def test_nothing_is_done_without_the_forms_token(app: Flask, world: World, viewer: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = a_client(app, world, viewer)
    before, wrong = snapshot(), []
    for rule, _action in guarded_rules(app):
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            answer = client.open(world.path(rule), method=method, data={"email": "a@example.org", "password": "x"})
            if answer.status_code != 400:
                wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []
    assert snapshot() == before


@pytest.mark.parametrize("viewer", ["anonymous", "participant", "check-in", "organiser", "administrator"])
def test_every_page_keeps_strangers_scripts_and_shared_caches_out(app: Flask, world: World, viewer: str) -> None:
    client, wrong = a_client(app, world, viewer), []
    app.config["SESSION_COOKIE_SECURE"] = True
    for rule, action in guarded_rules(app):
        if "GET" not in (rule.methods or ()):
            continue
        answer = client.get(world.path(rule))
        policy = answer.headers["Content-Security-Policy"]
        cache = answer.headers["Cache-Control"]
        faults = {
            "policy": "default-src 'none'" not in policy or "*" in policy,
            "unsafe": "unsafe-inline" in policy and "sandbox;" not in policy,  # a mail is shown as it is, in a box
            "nosniff": answer.headers["X-Content-Type-Options"] != "nosniff",
            "shared cache": viewer != "anonymous" and action not in PUBLIC and "no-store" not in cache,
            "public cache": "public" in cache,
            "cookie": not all(map(_is_kept_close, answer.headers.getlist("Set-Cookie"))),
            "vary": "Cookie" not in answer.vary,
            "inline": answer.mimetype == "text/html" and "html" not in rule.rule.rpartition("/")[2] and _inline(answer.text),
        }
        wrong += [f"{rule.rule}: {name}" for name, is_so in faults.items() if is_so]
    assert wrong == []


def _is_kept_close(cookie: str) -> bool:
    """Whether neither scripts nor other sites nor listeners get this cookie."""
    return {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


def _inline(html: str) -> bool:
    """Whether the page itself holds a script, a style or a handler, which the policy would forbid."""
    inline = r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/)|<style|\sstyle=\"|\son[a-z]+=\"|javascript:"
    return bool(re.search(inline, html, re.I))


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_no_wish_leads_out_of_the_house(client: FlaskClient, wanted: str) -> None:
    person = factories.a_person("sara@example.org")
    people.set_password(person.id, PASSWORD, by=OPERATOR)

    answer = client.post("/en/sign-in", data={"email": "sara@example.org", "password": PASSWORD, "next": wanted})

    assert answer.status_code == 303
    location = str(answer.location)
    assert location.startswith("/") and not location.startswith(("//", "/\\"))
    assert urls.is_own_path(location)
    assert not re.search(r"[\x00-\x20\x7f]", location)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "444", "X-Forwarded-Prefix": "/evil"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Original-URL": "http://evil.example/", "X-Rewrite-URL": "/evil", "X-Host": "evil.example"},
        {"Host": "localhost:9999"},
        {"Origin": "http://localhost", "Referer": "http://evil.example/"},
    ],
)
def test_every_mail_leads_to_the_configured_address_only(
    app: Flask, client: FlaskClient, clock: ModuleType, headers: dict[str, str]
) -> None:
    with clock.at(factories.OPEN):
        event = factories.an_event(media=1)
        client.post("/en/ogp-2022/register/", headers=headers)
        answers = factories.raw_answers(email="sara@example.org")
        for step in ("email", "name", "organisation", "needs", "consent", "check", "done"):
            client.post(f"/en/ogp-2022/register/{step}", data=answers, headers=headers)
        client.post("/en/sign-in", data={"email": "sara@example.org"}, headers=headers)
        person = db.session.scalars(select(Person).where(Person.email_key == "sara@example.org")).first()
        if person is not None:
            factories.sign_in(client, person, event=event)
            client.post("/en/ogp-2022/me/cancel", headers=headers)

    mails = db.session.scalars(select(Mail)).all()
    hosts = {host for mail in mails for host in re.findall(r"(?:https?:)?//([^/\s\"<>]+)", mail.text + mail.html)}
    assert hosts <= {"localhost"}
    assert len(mails) >= 2


def proxied(app: Flask, tmp_path: Path, proxies: int, base_url: str = "https://meeting.example.org") -> Flask:
    """The product as it stands behind so many proxies."""
    settings = app.extensions["eventreg.settings"]
    made = create_app(replace(settings, instance=tmp_path, proxies=proxies, base_url=base_url, database_url="", testing=True))
    with made.app_context():
        db.create_all()
    return made


@pytest.mark.parametrize(("proxies", "seen"), [(0, "10.0.0"), (1, "203.0.113"), (2, "198.51.100")])
def test_only_so_many_proxies_are_believed_as_are_configured(app: Flask, tmp_path: Path, proxies: int, seen: str) -> None:
    made, networks = proxied(app, tmp_path, proxies), []
    made.before_request(lambda: networks.append(limits.network()))
    chain = {"X-Forwarded-For": "192.0.2.66, 198.51.100.7, 203.0.113.9", "Host": "meeting.example.org"}

    made.test_client().get("/healthz", headers=chain, environ_base={"REMOTE_ADDR": "10.0.0.1"})

    assert networks == [seen]


def test_over_tls_browsers_are_told_to_stay_and_cookies_stay_there(app: Flask, tmp_path: Path) -> None:
    made = proxied(app, tmp_path, 1)
    https = {"X-Forwarded-Proto": "https", "Host": "meeting.example.org"}

    safe = made.test_client().get("/en/sign-in", headers=https)
    plain = made.test_client().get("/en/sign-in", headers={"Host": "meeting.example.org"})

    assert safe.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in plain.headers
    assert made.test_client().get("/en/sign-in", headers={"Host": "other.example.org"}).status_code == 400
    [cookie] = [cookie for cookie in safe.headers.getlist("Set-Cookie") if cookie.startswith("form=")]
    assert all(flag in cookie for flag in ("Secure", "HttpOnly", "SameSite=Lax"))


def test_one_network_that_changes_its_forwarded_address_is_still_one(client: FlaskClient) -> None:
    statuses = []
    for number in range(people.WRONG_PASSWORDS_PER_NETWORK + 1):
        address = f"198.51.{number}.1"
        headers = {"X-Forwarded-For": address, "X-Real-IP": address, "Forwarded": f"for={address}"}
        form = {"email": f"a{number}@example.org", "password": "wrong words here"}
        statuses.append(client.post("/en/sign-in", data=form, headers=headers).status_code)

    assert statuses == [422] * people.WRONG_PASSWORDS_PER_NETWORK + [429]


def test_the_form_session_cookie_is_signed_and_nobody_s(client: FlaskClient) -> None:
    factories.an_event()
    client.set_cookie("form", "eyJzaWduX2luX3NlbnQiOnsiZW1haWwiOiJ4QGV4YW1wbGUub3JnIn19.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb")

    assert client.get("/en/sign-in/sent").status_code == 303
    assert form_token(client, "/en/sign-in")
