"""The page of one's own account: where one is signed in, and the password."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import ModuleType

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from eventreg.core.audit import OPERATOR
from eventreg.people import services as people
from eventreg.people.models import Person
from tests import factories
from tests.people.test_sign_in import ask_for_link, is_in
from tests.support.browser import Pages

OLD, NEW = "four words and a river", "seven words and a lake"


def a_member(client: FlaskClient, *, password: str = "") -> Person:
    """Somebody who is signed in with `client`."""
    person = factories.a_person("sara@example.org")
    if password:
        people.set_password(person.id, password, by=OPERATOR)
    factories.sign_in(client, person)
    return person


def can_sign_in(app: Flask, password: str) -> bool:
    answer = app.test_client().post("/en/sign-in", data={"email": "sara@example.org", "password": password})
    return answer.status_code == 303


def test_the_page_lists_my_sign_ins_and_nobody_elses(client: FlaskClient, app: Flask) -> None:
    person = a_member(client)
    factories.sign_in(app.test_client(), person)
    factories.sign_in(app.test_client(), factories.a_person("other@example.org"))

    page = client.get("/en/account/security").text

    assert len(re.findall(r"Since [^<]+\(UTC\)", page)) == 2
    assert page.count("This device") == 1


def test_ending_one_sign_in_leaves_the_others(client: FlaskClient, app: Flask) -> None:
    person = a_member(client)
    lost = app.test_client()
    factories.sign_in(lost, person)
    (ending,) = re.findall(r'action="(/en/account/security/[0-9a-f]{16}/end)"', client.get("/en/account/security").text)

    done = client.post(ending)

    assert (done.status_code, done.location) == (303, "/en/account/security?saved=ended")
    assert (is_in(lost), is_in(client)) == (False, True)


def test_nobody_can_end_the_sign_in_of_somebody_else(client: FlaskClient, app: Flask) -> None:
    a_member(client)
    other, their_page = app.test_client(), app.test_client()
    them = factories.a_person("other@example.org")
    factories.sign_in(other, them)
    factories.sign_in(their_page, them)
    (ending,) = re.findall(r'action="(/en/account/security/\w+/end)"', their_page.get("/en/account/security").text)

    client.post(ending)

    assert is_in(other)


def test_signing_out_everywhere_ends_this_browser_too(client: FlaskClient, app: Flask) -> None:
    person = a_member(client)
    other = app.test_client()
    factories.sign_in(other, person)

    done = client.post("/en/account/security/end-all")

    assert done.location == "/en/sign-in"
    assert (is_in(client), is_in(other)) == (False, False)


def test_a_first_password_needs_no_current_one_and_signs_nobody_out(client: FlaskClient, app: Flask) -> None:
    person = a_member(client)
    other = app.test_client()
    factories.sign_in(other, person)

    done = client.post("/en/account/security", data={"new": NEW})

    assert done.location == "/en/account/security?saved=password"
    assert can_sign_in(app, NEW)
    assert (is_in(client), is_in(other)) == (True, True)


def test_a_changed_password_renews_this_sign_in_and_ends_all_others(client: FlaskClient, app: Flask) -> None:
    person = a_member(client)
    people.set_password(person.id, OLD, by=OPERATOR)
    copied = factories.sign_in(client, person)
    copy = app.test_client()
    copy.set_cookie("signin", copied)

    done = client.post("/en/account/security", data={"current": OLD, "new": NEW})

    assert done.status_code == 303
    assert (is_in(client), is_in(copy)) == (True, False)
    assert (can_sign_in(app, OLD), can_sign_in(app, NEW)) == (False, True)


def test_without_the_current_password_it_cannot_be_changed(client: FlaskClient, app: Flask) -> None:
    a_member(client, password=OLD)

    refused = client.post("/en/account/security", data={"current": "a guess at it", "new": NEW})

    assert refused.status_code == 422
    assert "This is not your current password." in refused.text
    assert (can_sign_in(app, OLD), can_sign_in(app, NEW)) == (True, False)


def test_who_forgot_the_password_signs_in_by_a_link_and_sets_a_new_one(client: FlaskClient, app: Flask) -> None:
    people.set_password(factories.a_person("sara@example.org").id, OLD, by=OPERATOR)
    client.post(ask_for_link(client))
    assert 'name="current"' not in client.get("/en/account/security").text

    done = client.post("/en/account/security", data={"new": NEW})

    assert done.status_code == 303
    assert (can_sign_in(app, OLD), can_sign_in(app, NEW)) == (False, True)


def test_a_link_replaces_the_current_password_for_fifteen_minutes_only(client: FlaskClient, clock: ModuleType) -> None:
    with clock.at("2022-09-27T09:10+01:00"):
        people.set_password(factories.a_person("sara@example.org").id, OLD, by=OPERATOR)
        client.post(ask_for_link(client))
        clock.tick(minutes=15)

        refused = client.post("/en/account/security", data={"new": NEW})

        assert refused.status_code == 422
        assert 'name="current"' in client.get("/en/account/security").text


def test_ten_guesses_at_the_current_password_must_wait(client: FlaskClient) -> None:
    a_member(client, password=OLD)
    for number in range(10):
        client.post("/en/account/security", data={"current": f"guess {number}", "new": NEW})

    refused = client.post("/en/account/security", data={"current": OLD, "new": NEW})

    assert refused.status_code == 429


def test_a_password_of_eleven_signs_is_too_short(client: FlaskClient, app: Flask) -> None:
    a_member(client)

    refused = client.post("/en/account/security", data={"new": "elevensigns"})

    assert refused.status_code == 422
    assert "Enter a password of at least 12 characters." in refused.text
    assert not can_sign_in(app, "elevensigns")


def test_who_only_opened_a_mails_link_cannot_see_or_change_the_account(client: FlaskClient) -> None:
    event = factories.an_event()
    factories.sign_in(client, factories.a_person("sara@example.org"), kind="link", event=event)

    seen = client.get("/en/account/security")
    changed = client.post("/en/account/security", data={"new": NEW})

    assert (seen.status_code, changed.status_code) == (403, 403)


def test_the_list_costs_the_same_for_one_and_for_thirty_sign_ins(client: FlaskClient, app: Flask) -> None:
    person = a_member(client)
    with factories.statements(app) as for_one:
        client.get("/en/account/security")
    for _number in range(29):
        factories.sign_in(app.test_client(), person)

    with factories.statements(app) as for_thirty:
        page = client.get("/en/account/security")

    assert page.text.count("(UTC)") == 30
    assert len(for_thirty) == len(for_one) <= 6


def test_signing_in_and_the_account_are_accessible_in_three_languages(
    app: Flask, page_in: Pages, axe: Callable[[Page], list[str]]
) -> None:
    person = factories.a_person("sara@example.org")
    for lang in ("ar", "fr", "en"):
        page = page_in(lang, width=390, dark=lang == "fr")
        page.goto(f"/{lang}/sign-in")
        assert axe(page) == []
        page.fill("#email", "not an address")
        page.locator("button:not([name])").filter(has_text=re.compile(".")).first.click()
        assert page.locator("#email[aria-invalid=true]").count() == 1
        assert axe(page) == []
        secret = factories.sign_in(app.test_client(), person)
        page.context.add_cookies([{"name": "signin", "value": secret, "url": page.url}])
        page.goto(f"/{lang}/account/security")
        assert page.locator("#new").count() == 1
        assert axe(page) == []
