"""Filters with a name, addresses that ask for what nobody has, and the list on paper."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from eventreg.core import audit
from eventreg.core.db import db, transaction
from eventreg.events.models import Event
from eventreg.manage.models import SavedFilter
from eventreg.people import services as people
from eventreg.people import session
from tests import factories as make

LIST = "/en/ogp-2022/manage/people"


@pytest.fixture
def event(app: Flask) -> Event:
    """The Marrakech meeting."""
    return make.an_event()


@pytest.fixture
def organiser(client: FlaskClient, event: Event) -> FlaskClient:
    """A browser in which an organiser is signed in."""
    make.sign_in(client, make.an_organiser(event))
    return client


def chips(client: FlaskClient) -> list[tuple[str, str]]:
    """The saved filters above the search: name and address."""
    page = client.get(LIST).text
    block = re.search(r'<ul class="chips" aria-label="Saved filters">(.*?)</ul>', page)
    found = re.findall(r'href="([^"]*)"(?: aria-current="true")?><bdi>(.*?)</bdi>', block.group(1)) if block else []
    return [(name, url.replace("&amp;", "&")) for url, name in found]


# ---- what is unknown is told ---------------------------------------------------------------------------------------


def test_a_value_that_nobody_has_is_told_and_ignored(organiser: FlaskClient, event: Event) -> None:
    make.a_registration(event)

    page = organiser.get(f"{LIST}?country=XX&state=asleep&sort=shoe&category=media").text

    told = re.findall(r"“<bdi>(.*?)</bdi>” is unknown and was ignored \((.*?)\)\.", page)
    assert told == [("asleep", "State"), ("XX", "Country"), ("shoe", "Order")]
    assert "<script" not in organiser.get(f"{LIST}?country=<script>alert(1)</script>").text.split("<main")[1]


def test_an_address_that_is_understood_tells_nothing(organiser: FlaskClient, event: Event) -> None:
    assert "was ignored" not in organiser.get(f"{LIST}?country=ma&sort=-name&q=x&day=2022-11-01&organisation=Y").text


# ---- filters with a name -------------------------------------------------------------------------------------------


def test_a_filter_is_kept_under_a_name_renamed_and_removed(organiser: FlaskClient, event: Event) -> None:
    make.a_registration(event)
    saved = organiser.post(f"{LIST}/filters", data={"filter": "country=MA&sort=-registered", "name": "From <b>Morocco"})
    assert saved.location == f"{LIST}/filters?done=saved"
    assert chips(organiser) == [("From &lt;b&gt;Morocco", f"{LIST}?country=MA&sort=-registered")]
    code = db.session.query(SavedFilter).one().code

    organiser.post(f"{LIST}/filters/{code}", data={"name": "Hosts"})
    assert [name for name, _url in chips(organiser)] == ["Hosts"]
    organiser.post(f"{LIST}/filters/{code}", data={"act": "remove", "name": "Hosts"})

    assert chips(organiser) == []
    actions = [line.action for line in audit.history(event.id, "saved_filter", code)]
    assert actions == ["filter.removed", "filter.changed", "filter.saved"]


def test_a_shared_filter_is_seen_by_all_organisers_and_a_private_one_by_its_owner(
    app: Flask, organiser: FlaskClient, event: Event
) -> None:
    organiser.post(f"{LIST}/filters", data={"filter": "country=MA", "name": "Shared", "share": "1"})
    organiser.post(f"{LIST}/filters", data={"filter": "country=TN", "name": "Mine"})
    mine = db.session.query(SavedFilter).filter_by(name="Mine").one().code
    second = app.test_client()
    make.sign_in(second, make.an_organiser(event))

    assert [name for name, _url in chips(organiser)] == ["Mine", "Shared"]
    assert [name for name, _url in chips(second)] == ["Shared"]
    assert second.post(f"{LIST}/filters/{mine}", data={"name": "Theirs"}).status_code == 404
    there = app.test_client()
    make.sign_in(there, make.an_organiser(make.an_event(slug="other")))
    assert there.post(f"/en/other/manage/people/filters/{mine}", data={"act": "remove"}).status_code == 404
    assert db.session.query(SavedFilter).count() == 2


def test_a_filter_holds_only_what_its_reader_may_ask_for(app: Flask, client: FlaskClient, event: Event) -> None:
    make.sign_in(client, make.an_organiser(event, scopes=["needs"]))
    client.post(f"{LIST}/filters", data={"filter": "needs=yes&country=MA&evil=<script>", "name": "Needs", "share": "1"})
    second = app.test_client()
    make.sign_in(second, make.an_organiser(event))

    assert chips(client) == [("Needs", f"{LIST}?country=MA&needs=yes")]
    assert chips(second) == [("Needs", f"{LIST}?country=MA")]


@pytest.mark.parametrize(("typed", "name"), [("", "All"), ("country=XX", "None"), ("country=MA", " "), ("codes=R-AAAA", "One"),
                                            ("country=MA", "x" * 61)])  # fmt: skip
def test_what_is_no_filter_or_has_no_name_is_refused(organiser: FlaskClient, event: Event, typed: str, name: str) -> None:
    answer = organiser.post(f"{LIST}/filters", data={"filter": typed, "name": name})

    assert answer.status_code == 422
    assert (f'value="{name}"' in answer.text, db.session.query(SavedFilter).count()) == (True, 0)


# ---- on paper ------------------------------------------------------------------------------------------------------


def test_the_attendance_sheet_has_both_scripts_letters_and_room_to_sign(organiser: FlaskClient, event: Event) -> None:
    make.a_registration(event, name_latin="Zoé Nzé", name_arabic="زوي نزي")
    make.a_registration(event, name_latin="Éva Bâ", name_arabic="إيفا با")
    make.a_registration(event, name_latin="Emma Diop", name_arabic="")

    page = organiser.get(f"{LIST}/print?preset=attendance&letters=1&signature=1").text

    assert re.findall(r'scope="rowgroup"[^>]*><bdi>(.*?)</bdi>', page) == ["E", "Z"]
    assert re.findall(r'<th scope="row"><bdi>(.*?)</bdi>', page) == ["Emma Diop", "Éva Bâ", "Zoé Nzé"]
    assert "إيفا با" in page and "Signature" in page
    assert "@example.org" not in page.split('class="sheet__table"')[1].split("</table>")[0]
    arabic = organiser.get("/ar/ogp-2022/manage/people/print?letters=1").text
    assert re.findall(r'scope="rowgroup"[^>]*><bdi>(.*?)</bdi>', arabic)[-2:] == ["ا", "ز"]


def test_the_contact_list_holds_addresses_and_who_took_it_is_written_down(organiser: FlaskClient, event: Event) -> None:
    make.a_registration(event, email="amina@example.org", country="MA")
    make.a_registration(event, email="other@example.org", country="TN")

    page = organiser.get(f"{LIST}/print?preset=contact&country=MA").text

    assert "amina@example.org" in page and "other@example.org" not in page
    line = audit.history(event.id, "event", event.slug)[0]
    assert (line.action, line.facts["kind"], line.facts["rows"]) == ("participants.exported", "print", 1)


@pytest.mark.parametrize(("lang", "width"), [("ar", 390), ("fr", 1280)])
def test_the_pages_of_lists_can_be_read_by_everybody(
    event: Event, live_server: str, page_in: Callable[..., Page], axe: Callable[[Page], list[str]], lang: str, width: int
) -> None:
    make.a_registration(event, name_arabic="أمينة بناني")
    with transaction() as now:
        secret = people.open_session(make.an_organiser(event).id, "full", now=now).secret
    page = page_in(lang, width=width)
    page.context.add_cookies([{"name": session.COOKIE, "value": secret, "url": live_server}])

    for path in ("people?country=MA", "people/print?letters=1&signature=1", "people/filters", "people/bulk?what=cancel"):
        page.goto(f"/{lang}/ogp-2022/manage/{path}")
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    page.get_by_role("textbox").fill("X")
    page.locator("main form button").click()
    assert axe(page) == [], page.url
    page.locator("main form button").click()
    assert axe(page) == [], page.url
