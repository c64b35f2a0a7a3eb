"""Signing in under attack: any words, any cookie, roles of elsewhere."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventreg.core.audit import OPERATOR
from eventreg.core.refusals import Refused
from eventreg.people import services, session
from tests import factories as make

WORDS = ["", "\0", "x" * 100_000, "\ud7ff\u202e@example.org", "a@b@c", "ā@例え.テスト", "'; DROP TABLE person;--", "%s%s"]


@pytest.mark.parametrize("words", WORDS)
def test_any_words_get_an_answer(app: Flask, client: FlaskClient, words: str) -> None:
    known = {"email": "a@example.org", "password": words, "next": words}
    for sent in ({"email": words, "password": words}, known, {"email": words, "way": "link"}):
        assert client.post("/en/sign-in", data=sent).status_code in (303, 422, 429)
    assert client.get("/en/sign-in", query_string={"next": words}).status_code == 200
    make.sign_in(client, make.a_person())
    data = dict.fromkeys(("current", "new", "again"), words)
    assert client.post("/en/account/security", data=data).status_code in (303, 422, 429)
    assert client.post("/en/account/security/0000000000%25_%25_%25/end").status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "x" * 3900, "%00" * 20, "é" * 30, "../" * 10])
def test_a_made_up_cookie_is_nobody(app: Flask, client: FlaskClient, cookie: str) -> None:
    make.an_event()
    for name in (session.COOKIE, "device", "door", "form"):
        client.set_cookie(name, cookie)

    assert client.get("/en/ogp-2022/manage/").status_code == 303
    assert client.get("/en/ogp-2022/desk/scan").status_code == 303
    assert client.get("/en/ogp-2022/").status_code == 200


def test_ending_a_sign_in_by_wildcards_ends_nothing(app: Flask, client: FlaskClient) -> None:
    person = make.a_person()
    make.sign_in(client, person)
    for ref in ("%25" * 16, "_" * 16):
        client.post(f"/en/account/security/{ref}/end")

    assert client.get("/en/account/security").status_code == 200


def test_nobody_grants_themselves_and_a_role_ends_at_its_meeting(app: Flask, client: FlaskClient) -> None:
    event, other = make.an_event(), make.an_event(slug="other")
    person = make.staff("CI", event, scopes=["lead", "needs", "audit"])
    make.sign_in(client, person)
    with pytest.raises(Refused):
        services.grant(person.id, "AD", event_id=None, by=services.actor_of(person))

    assert client.get(f"/en/{event.slug}/desk/scan").status_code == 200
    for path in ("manage/", "manage/people", "manage/audit", "manage/people.csv", "manage/mail", "desk/devices"):
        assert client.get(f"/en/{event.slug}/{path}").status_code in (403, 404), path
    assert client.get(f"/en/{other.slug}/desk/scan").status_code == 403


def test_somebody_with_a_mails_link_has_none_of_their_roles(app: Flask, client: FlaskClient) -> None:
    event = make.an_event()
    person = make.staff("OR", event, scopes=["needs"])
    make.sign_in(client, person, kind="link", event=event)
    services.grant(person.id, "AD", event_id=None, by=OPERATOR)

    for path in ("manage/", "manage/people", "manage/audit", "desk/scan"):
        assert client.get(f"/en/{event.slug}/{path}").status_code == 403, path
    assert client.get("/en/account/security").status_code in (303, 403)
