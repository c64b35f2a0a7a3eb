"""The badge pages as an organiser uses them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import select

from eventreg.core import worker
from eventreg.core.db import db
from eventreg.core.jobs import Job
from eventreg.people import session
from eventreg.registration.queries import live_ticket
from tests.factories import OPEN, a_registration, an_event, an_organiser, sign_in, staff, statements
from tests.support.browser import Pages

BADGES = "/en/ogp-2022/manage/badges"


@pytest.fixture(autouse=True)
def _in_september(clock: ModuleType) -> Iterator[None]:
    with clock.at(OPEN):
        yield


def the_job() -> Job:
    return db.session.scalars(select(Job).execution_options(populate_existing=True)).one()


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status
    return answer.text


def test_an_organiser_prints_all_badges_and_downloads_the_file(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    for _number in range(3):
        a_registration(event)

    assert "Print 3 badges" in page(client, BADGES)
    answer = client.post(BADGES, data={"layout": "a4x8"})
    followed = answer.headers["Location"]
    assert (answer.status_code, followed) == (303, f"/en/ogp-2022/manage/jobs/{the_job().code}")
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page(client, followed)
    assert client.get(f"{followed}.json").json == {
        "state": "queued", "done": 0, "total": 0, "text": "It begins in a moment."
    }  # fmt: skip

    worker.drain(app)

    done = page(client, followed)
    assert "3 badges are in the file." in done
    assert "http-equiv" not in done
    file = client.get(f"{followed}/file")
    assert file.data.startswith(b"%PDF-")
    assert file.headers["Content-Disposition"] == "attachment; filename=ogp-2022-badges-1.pdf"
    assert file.headers["Content-Type"] == "application/pdf"
    again = page(client, BADGES)
    assert "Batch 1" in again and f'href="{followed}/file"' in again


def test_the_longest_name_is_shown_first(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    names = ["Aa", "Bb", "Cc", "Zineb Abderrahmane El Idrissi El Hassani"]
    for name in names:
        a_registration(event, name_latin=name, name_arabic="")

    shown = page(client, BADGES)

    places = [shown.index(f"<bdi>{name}</bdi>") for name in (names[3], "Aa", "Bb")]
    assert places == sorted(places)
    assert "<bdi>Cc</bdi>" not in shown


def test_the_selection_on_the_page_is_what_is_printed(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    a_registration(event, country="MA")
    a_registration(event, country="TN")

    shown = page(client, f"{BADGES}?country=TN&order=arabic")
    countries = shown.partition('id="country"')[2].partition("</select>")[0]

    assert re.findall(r'<option[^>]*value="(\w*)"', countries) == ["", "MA", "TN"]  # only those from which somebody comes
    assert "1 badge in this selection" in shown
    assert '<input id="country" name="country" type="hidden" value="TN">' in shown
    client.post(BADGES, data={"layout": "a6", "country": "TN", "order": "arabic"})
    worker.drain(app)

    assert the_job().result["count"] == 1
    assert "2 badges in this selection" in page(client, f"{BADGES}?country=ZZ&category=%3Cscript%3E&which=x")


def test_a_bad_layout_is_refused_and_the_selection_kept(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    a_registration(event, country="TN")

    answer = client.post(BADGES, data={"layout": "../a6", "country": "TN"})

    assert answer.status_code == 422
    assert "Choose one of the three layouts." in answer.text
    assert 'name="country" type="hidden" value="TN"' in answer.text
    assert db.session.scalars(select(Job)).all() == []


def test_nothing_to_print_is_said_politely(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))

    assert "There are no confirmed participants yet." in page(client, BADGES)
    answer = client.post(BADGES, data={"layout": "a6"})

    assert answer.status_code == 422
    assert "There is no badge to print for this selection. Nothing was printed." in answer.text


def test_only_the_person_who_asked_may_see_stop_or_fetch_a_job(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    a_registration(event)
    address = client.post(BADGES, data={"layout": "a4x8"}).headers["Location"]
    other = app.test_client()
    sign_in(other, staff("OR", event, email="second@example.org"))

    assert [other.get(f"{address}{end}").status_code for end in ("", ".json", "/file")] == [404, 404, 404]
    assert other.post(f"{address}/cancel").status_code == 404
    worker.drain(app)
    assert other.get(f"{address}/file").status_code == 404
    assert client.get(f"{address}/file").status_code == 200
    an_event(slug="other-2022")
    assert client.get(address.replace("ogp-2022", "other-2022")).status_code == 404
    assert f"{address}/file" not in page(other, BADGES)


def test_a_file_that_is_no_longer_kept_is_gone(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    a_registration(event)
    address = client.post(BADGES, data={"layout": "a4x8"}).headers["Location"]
    worker.drain(app)
    Path(the_job().file).unlink()

    assert client.get(f"{address}/file").status_code == 410
    assert "The file is no longer kept." in page(client, address)
    assert "No longer kept" in page(client, BADGES)


def test_a_waiting_job_can_be_cancelled(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    a_registration(event)
    address = client.post(BADGES, data={"layout": "a4x8"}).headers["Location"]

    assert client.post(f"{address}/cancel").status_code == 303
    worker.drain(app)

    assert the_job().state == "cancelled"
    assert "The work was stopped. Nothing counts as printed." in page(client, address)


def test_characters_that_no_font_has_are_listed_with_the_person(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    code = a_registration(event, organisation_name="Circle 🎪 <script>").code
    address = client.post(BADGES, data={"layout": "a4x8"}).headers["Location"]
    worker.drain(app)

    shown = page(client, address)

    assert "1 badge lacks characters that no font has" in shown
    assert code in shown and "<bdi>🎪 U+1F3AA</bdi>" in shown


def test_a_badge_is_printed_again_with_a_reason(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    made = a_registration(event, name_latin="<i>Amina</i>")
    former = live_ticket(made.id).token
    address = f"{BADGES}/reprint/{made.code}"

    assert "&lt;i&gt;Amina&lt;/i&gt;" in page(client, address)
    empty = client.post(address, data={"reason": " ", "layout": "a6-fold"})
    assert empty.status_code == 422
    assert "Say why the badge is printed again." in empty.text
    assert '<option' not in empty.text and 'value="a6-fold" checked' in " ".join(empty.text.split())
    assert live_ticket(made.id).token == former

    answer = client.post(address, data={"reason": "lost", "layout": "a6"})
    assert answer.status_code == 303
    assert live_ticket(made.id).token != former
    worker.drain(app)
    assert "1 badge is in the file." in page(client, answer.headers["Location"])
    assert "The code is valid" in page(client, address)


def test_an_unknown_or_foreign_registration_has_no_reprint_page(app: Flask, client: FlaskClient) -> None:
    event, other = an_event(), an_event(slug="other-2022")
    sign_in(client, an_organiser(event))
    foreign = a_registration(other)

    assert client.get(f"{BADGES}/reprint/R-NOBODY").status_code == 404
    assert client.get(f"{BADGES}/reprint/{foreign.code}").status_code == 404
    assert client.post(f"{BADGES}/reprint/{foreign.code}", data={"reason": "x"}).status_code == 404


def test_the_door_may_reprint_one_but_prints_no_batches(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    made = a_registration(event)
    sign_in(client, staff("CI", event))

    assert client.get(BADGES).status_code == 403
    assert client.post(BADGES, data={"layout": "a6"}).status_code == 403
    assert client.get(f"{BADGES}/reprint/{made.code}").status_code == 200


def test_the_page_costs_the_same_for_one_and_for_thirty(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    a_registration(event)
    with statements(app) as for_one:
        page(client, BADGES)
    for _number in range(29):
        a_registration(event)
    with statements(app) as for_thirty:
        page(client, BADGES)

    assert len(for_one) == len(for_thirty) <= 8


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_the_page_speaks_every_language(app: Flask, client: FlaskClient, lang: str) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    a_registration(event, lang="ar")

    shown = page(client, BADGES.replace("/en/", f"/{lang}/"))

    assert f'<html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">' in shown
    assert '<div lang="ar" dir="rtl"><div class="badge"' in shown


def test_the_page_of_a_job_follows_it_to_the_file(
    app: Flask, live_server: str, page_in: Pages, axe: Callable[[Page], list[str]]
) -> None:
    event = an_event()
    secret = sign_in(app.test_client(), an_organiser(event))
    a_registration(event)
    tab = page_in("en", width=390)
    tab.context.add_cookies([{"name": session.COOKIE, "value": secret, "url": live_server}])
    tab.goto(live_server + BADGES)
    assert axe(tab) == []
    assert tab.locator(".badge").first.bounding_box()["width"] > 200  # type: ignore[index]
    assert tab.evaluate("document.documentElement.scrollWidth") == 390

    tab.get_by_role("button", name="Print 1 badge").click()
    tab.get_by_text("It begins in a moment.").wait_for()
    worker.drain(app)
    link = tab.get_by_role("link", name="Open the result")  # the page loads itself anew at the end
    link.wait_for(timeout=10_000)
    assert axe(tab) == []
    with tab.expect_download() as download:
        link.click()

    assert download.value.suggested_filename == "ogp-2022-badges-1.pdf"


def test_the_page_of_a_job_loads_itself_anew_without_a_script(app: Flask, live_server: str, page_in: Pages) -> None:
    event = an_event()
    secret = sign_in(app.test_client(), an_organiser(event))
    a_registration(event)
    tab = page_in("en", js=False)
    tab.context.add_cookies([{"name": session.COOKIE, "value": secret, "url": live_server}])
    tab.goto(live_server + BADGES)

    tab.get_by_role("button", name="Print 1 badge").click()
    tab.get_by_text("It begins in a moment.").wait_for()
    worker.drain(app)

    tab.get_by_role("link", name="Open the result").wait_for(timeout=10_000)
