"""Signing in and out, as a person and as an attacker live it."""

from __future__ import annotations

import re
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.people import services as people
from eventreg.people.models import Person, SignIn
from tests import factories

NOW = "2022-09-27T09:10+01:00"
PASSWORD = "four words and a river"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"


def a_member(email: str = "sara@example.org", *, password: str = "") -> Person:
    person = factories.a_person(email)
    if password:
        people.set_password(person.id, password, by=OPERATOR)
    return person


def mails(kind: str = "people/sign_in") -> list[Mail]:
    return list(db.session.scalars(select(Mail).where(Mail.kind == kind).order_by(Mail.id)))


def link_in(mail: Mail) -> str:
    (path,) = set(re.findall(r"http://localhost(/\S+/sign-in/[\w-]+)", mail.text))
    return path


def is_in(client: FlaskClient) -> bool:
    return client.get("/en/account/security").status_code == 200


def ask_for_link(client: FlaskClient, email: str = "sara@example.org", **more: str) -> str:
    """Post the form and return the path of the newest mail's link."""
    client.post("/en/sign-in", data={"email": email, "password": "", **more})
    return link_in(mails()[-1])


# ---- by link ---------------------------------------------------------------------------------------------------------


def test_without_a_password_a_link_comes_by_mail_and_its_button_signs_in(client: FlaskClient) -> None:
    a_member()

    asked = client.post("/fr/sign-in", data={"email": " Sara@Example.org ", "password": ""})
    (mail,) = mails()
    pressed = client.post(link_in(mail))

    assert (asked.status_code, asked.location) == (303, "/fr/sign-in/sent")
    assert (mail.to_address, mail.lang) == ("sara@example.org", "fr")
    assert (pressed.status_code, pressed.location) == (303, "/fr/")
    assert is_in(client)


def test_the_link_leads_to_where_the_person_wanted_to_go(client: FlaskClient) -> None:
    a_member()
    link = ask_for_link(client, next="/en/ogp-2022/me/?day=1")

    pressed = client.post(link)

    assert pressed.location == "/en/ogp-2022/me/?day=1"


def test_a_mail_scanner_that_opens_the_link_does_not_use_it_up(client: FlaskClient) -> None:
    a_member()
    link = ask_for_link(client)

    opened = [client.get(link).status_code, client.get(link).status_code, client.head(link).status_code]

    assert opened == [200, 200, 200]
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 0
    assert client.post(link).status_code == 303


def test_a_used_link_says_so_and_offers_a_new_one(client: FlaskClient, app: Flask) -> None:
    a_member()
    link = ask_for_link(client)
    client.post(link)
    other = app.test_client()

    again = other.post(link)

    assert again.status_code == 410
    assert "This sign-in link was already used." in again.text
    assert 'href="/en/sign-in">Get a new sign-in link</a>' in again.text
    assert not is_in(other)


def test_a_link_ends_after_fifteen_minutes(client: FlaskClient, clock: ModuleType) -> None:
    with clock.at(NOW):
        a_member()
        link = ask_for_link(client)

        clock.tick(minutes=15)
        opened, pressed = client.get(link), client.post(link)

        assert (opened.status_code, pressed.status_code) == (410, 410)
        assert "This sign-in link has expired." in opened.text
        assert not is_in(client)


def test_a_wrong_link_signs_nobody_in(client: FlaskClient) -> None:
    pressed = client.post("/en/sign-in/" + "x" * 43)

    assert pressed.status_code == 404
    assert "This sign-in link is incomplete or wrong." in pressed.text


def test_known_and_unknown_addresses_get_the_same_answer(client: FlaskClient, app: Flask) -> None:
    a_member("known1@example.org")
    other = app.test_client()

    answers = []
    for browser, email in ((client, "known1@example.org"), (other, "absent@example.org")):
        asked = browser.post("/en/sign-in", data={"email": email, "password": ""})
        page = browser.get(asked.location).text.replace(email, "…")
        answers.append((asked.status_code, asked.location, _without_tokens(page)))

    assert [mail.to_address for mail in mails()] == ["known1@example.org"]
    assert answers[0] == answers[1]


def _without_tokens(page: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)


def test_the_page_after_asking_shows_the_address_as_typed_text_and_can_send_again(client: FlaskClient) -> None:
    client.post("/en/sign-in", data={"email": "sara@example.org", "password": ""})

    page = client.get("/en/sign-in/sent").text

    assert '<bdi dir="ltr">sara@example.org</bdi>' in page
    assert "Wait 60 seconds" in page
    assert '<input type="hidden" name="email" value="sara@example.org">' in page


def test_too_many_links_are_refused_at_the_form_with_the_time_to_wait(client: FlaskClient, clock: ModuleType) -> None:
    a_member()
    with clock.at(NOW):
        for _number in range(5):
            ask_for_link(client)
        clock.tick(minutes=20)

        sixth = client.post("/en/sign-in", data={"email": "sara@example.org", "password": ""})

    assert (sixth.status_code, sixth.headers["Retry-After"]) == (429, "2400")
    assert "That was tried too often. Try again in 40 minutes." in sixth.text
    assert 'value="sara@example.org"' in sixth.text
    assert len(mails()) == 5


# ---- by password -----------------------------------------------------------------------------------------------------


def test_with_the_password_the_person_is_in_at_once(client: FlaskClient) -> None:
    a_member(password=PASSWORD)

    signed_in = client.post("/ar/sign-in", data={"email": "sara@example.org", "password": PASSWORD})

    assert (signed_in.status_code, signed_in.location) == (303, "/ar/")
    assert is_in(client)
    assert mails() == []


def test_the_second_button_sends_a_link_even_when_the_browser_filled_in_a_password(client: FlaskClient) -> None:
    a_member(password=PASSWORD)

    asked = client.post("/en/sign-in", data={"email": "sara@example.org", "password": PASSWORD, "way": "link"})

    assert asked.location == "/en/sign-in/sent"
    assert len(mails()) == 1
    assert not is_in(client)


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(client: FlaskClient, app: Flask) -> None:
    a_member("known1@example.org", password=PASSWORD)
    other = app.test_client()

    pages = []
    for browser, email in ((client, "known1@example.org"), (other, "absent@example.org")):
        answer = browser.post("/en/sign-in", data={"email": email, "password": "not the right one"})
        pages.append((answer.status_code, _without_tokens(answer.text.replace(email, "…"))))

    assert pages[0] == pages[1]
    assert pages[0][0] == 422
    assert "The e-mail address or the password is wrong." in pages[0][1]
    assert not is_in(client)


def test_a_refused_form_keeps_the_address_and_never_the_password(client: FlaskClient) -> None:
    answer = client.post("/en/sign-in", data={"email": "sara@@", "password": "secret words here", "next": "/en/x/me/"})

    assert answer.status_code == 422
    assert 'value="sara@@"' in answer.text
    assert 'name="next" value="/en/x/me/"' in answer.text
    assert "secret words here" not in answer.text
    assert "Enter an e-mail address in full" in answer.text


def test_eleven_wrong_passwords_must_wait_and_the_right_one_too(client: FlaskClient, clock: ModuleType) -> None:
    a_member(password=PASSWORD)
    with clock.at(NOW):
        for number in range(10):
            client.post("/en/sign-in", data={"email": "sara@example.org", "password": f"wrong {number}"})

        refused = client.post("/en/sign-in", data={"email": "sara@example.org", "password": PASSWORD})
        clock.tick(minutes=15)
        later = client.post("/en/sign-in", data={"email": "sara@example.org", "password": PASSWORD})

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")
    assert "Try again in 15 minutes." in refused.text
    assert later.status_code == 303


def from_network(number: int) -> dict[str, str]:
    """The environment of a request from one of very many networks."""
    return {"REMOTE_ADDR": f"10.{number // 250}.{number % 250}.7"}


@pytest.mark.parametrize("email", ["sara@example.org", "nobody@example.org"])
def test_guesses_from_many_networks_are_slowed_and_the_mails_way_stays_open(
    client: FlaskClient, clock: ModuleType, email: str
) -> None:
    a_member(password=PASSWORD)
    guess = {"email": email, "password": "guessed"}
    with clock.at(NOW):
        guesses = [client.post("/en/sign-in", data=guess, environ_base=from_network(number)) for number in range(60)]
        owner = client.post("/en/sign-in", data=guess | {"password": PASSWORD}, environ_base=from_network(999))
        other = client.post("/en/sign-in", data={"email": "other@example.org", "password": "guessed"})

    assert [answer.status_code for answer in guesses] == [422] * 50 + [429] * 10
    assert (owner.status_code, owner.headers["Retry-After"]) == (429, "3600")
    assert "Get a sign-in link by mail, or try the password again in 60 minutes." in owner.text
    assert other.status_code == 422


def test_while_passwords_are_slowed_the_owner_gets_in_by_mail_and_later_by_password(
    client: FlaskClient, clock: ModuleType
) -> None:
    a_member(password=PASSWORD)
    guess = {"email": "sara@example.org", "password": "guessed"}
    with clock.at(NOW):
        for number in range(50):
            client.post("/en/sign-in", data=guess, environ_base=from_network(number))

        assert client.post(ask_for_link(client)).status_code == 303
        assert is_in(client)
        client.post("/en/sign-out")
        clock.tick(minutes=60)
        assert client.post("/en/sign-in", data=guess | {"password": PASSWORD}).status_code == 303


def test_many_networks_cannot_flood_a_mailbox_nor_keep_its_owner_out(client: FlaskClient, clock: ModuleType) -> None:
    a_member()
    form = {"email": "sara@example.org", "password": ""}
    with clock.at(NOW):
        for _minute in range(60):
            for number in range(3):
                answer = client.post("/en/sign-in", data=form, environ_base=from_network(_minute * 3 + number))
                assert answer.status_code == 303
            clock.tick(minutes=1)
            newest = mails()[-1]
            assert client.get(link_in(newest)).status_code == 200, "the owner's newest link is dead"

    assert 30 <= len(mails()) <= 50


def test_one_network_that_guesses_many_accounts_is_stopped(client: FlaskClient) -> None:
    a_member(password=PASSWORD)
    for number in range(50):
        client.post("/en/sign-in", data={"email": f"nobody{number}@example.org", "password": "guessed"})

    stopped = client.post("/en/sign-in", data={"email": "sara@example.org", "password": PASSWORD})

    assert stopped.status_code == 429


# ---- the cookie ------------------------------------------------------------------------------------------------------


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client: FlaskClient, app: Flask) -> None:
    a_member(password=PASSWORD)
    app.config["SESSION_COOKIE_SECURE"] = True

    answer = client.post("/en/sign-in", data={"email": "sara@example.org", "password": PASSWORD})

    (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("signin=")]
    flags = {part.strip().split("=")[0] for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "Path", "SameSite"} <= flags
    assert "Domain" not in flags
    assert "SameSite=Lax" in cookie


def test_signing_in_renews_the_session_and_ends_the_one_before(client: FlaskClient, app: Flask) -> None:
    planted = factories.sign_in(client, a_member("mallory@example.org"))
    a_member("sara@example.org", password=PASSWORD)

    client.post("/en/sign-in", data={"email": "sara@example.org", "password": PASSWORD})

    new = client.get_cookie("signin")
    assert new is not None and new.value != planted
    other = app.test_client()
    other.set_cookie("signin", planted)
    assert not is_in(other)


def test_a_copied_cookie_is_dead_after_signing_out(client: FlaskClient, app: Flask) -> None:
    copied = factories.sign_in(client, a_member())
    thief = app.test_client()
    thief.set_cookie("signin", copied)
    assert is_in(thief)

    signed_out = client.post("/en/sign-out")

    assert (signed_out.status_code, signed_out.location) == (303, "/en/")
    assert client.get_cookie("signin") is None
    assert not is_in(thief)


def test_a_sign_in_ends_by_itself_after_fourteen_days(client: FlaskClient, clock: ModuleType) -> None:
    with clock.at(NOW):
        factories.sign_in(client, a_member())
        clock.tick(days=14, seconds=-1)
        assert is_in(client)

        clock.tick(seconds=1)

        assert not is_in(client)


def test_who_is_signed_in_is_not_asked_again(client: FlaskClient) -> None:
    factories.sign_in(client, a_member())

    assert client.get("/en/sign-in?next=/en/ogp-2022/me/").location == "/en/ogp-2022/me/"
    assert client.get("/en/sign-in?next=//evil.example").location == "/en/"


# ---- devices ---------------------------------------------------------------------------------------------------------


def test_a_password_used_on_a_new_device_is_told_by_mail(client: FlaskClient) -> None:
    a_member(password=PASSWORD)
    form = {"email": "sara@example.org", "password": PASSWORD}
    client.post("/en/sign-in", data=form, headers={"User-Agent": FIREFOX})
    client.post("/en/sign-out")
    client.post("/en/sign-in", data=form, headers={"User-Agent": FIREFOX.replace("128", "131")})
    client.post("/en/sign-out")
    assert mails("people/new_device") == []

    client.post("/en/sign-in", data=form, headers={"User-Agent": CHROME})

    (mail,) = mails("people/new_device")
    assert mail.to_address == "sara@example.org"
    assert "Chrome on Windows" in mail.text
    assert "http://localhost/en/account/security" in mail.text


@pytest.mark.parametrize(("role", "lands"), [("OR", "/en/ogp-2022/manage/"), ("CI", "/en/ogp-2022/desk/scan"), ("AD", "/en/")])
def test_who_has_one_role_in_one_meeting_lands_where_they_work(client, role, lands):
    event = factories.an_event()
    person = factories.staff(role, event if role != "AD" else None, email="staff@example.org")
    people.set_password(person.id, "a long enough password", by=OPERATOR)

    answer = client.post("/en/sign-in", data={"email": "staff@example.org", "password": "a long enough password"})

    assert answer.location == lands
