"""The door in a real browser: a hand-held scanner on any keyboard, no network, both directions, small screens."""

from __future__ import annotations

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from eventreg.checkin import queries
from eventreg.checkin.models import Scan
from eventreg.core import clock
from eventreg.core.db import db
from eventreg.events.models import Event
from eventreg.people.models import Person
from tests import factories as make
from tests.checkin.door import token_of
from tests.data.badinputs.badinputs import ARABIC101, AZERTY
from tests.support.browser import Pages

# What a scanner does: keys with their place and the sign that the computer's layout gives them, then Enter.
SCANNER = """keys => {
    for (const [code, key] of keys)
        document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", {code, key, bubbles: true, cancelable: true}));
}"""
# The script runs when it answers to a code that is none.
READY = """() => {
    const root = document.querySelector("[data-behaviour=scan]");
    root.dispatchEvent(new CustomEvent("scan:code", {detail: {text: "none", source: "typed"}}));
    return root.querySelector(".scan").dataset.result === "refused";
}"""
HOUR_IN_FRENCH = re.compile("\\d\\d\u00a0h\u00a0\\d\\d")
LAYOUTS: dict[str, dict[str, str]] = {"US": {}, "AZERTY": AZERTY, "Arabic": ARABIC101}


def a_scanner(page: Page, token: str, layout: str = "US") -> None:
    """Pull the trigger."""
    keys = [[f"Key{letter}", LAYOUTS[layout].get(letter, letter)] for letter in token]
    page.evaluate(SCANNER, [*keys, ["Enter", "Enter"]])


def sign_in(app: Flask, page: Page, person: Person) -> None:
    client = app.test_client()
    secret = make.sign_in(client, person)
    page.context.add_cookies([{"name": "signin", "value": secret, "url": str(app.config["BASE_URL"])}])


def inside(event: Event) -> int:
    """How many are in; the server has written since this session's first read."""
    db.session.rollback()
    return queries.counts(event, clock.now()).inside


@pytest.fixture
def event(app: Flask) -> Event:
    return make.an_event()


@pytest.fixture
def open_door(app: Flask, page_in: Pages, event: Event) -> Callable[..., Page]:
    """A door's page of a volunteer, its script running."""

    def opened(lang: str = "en", **how: object) -> Page:
        page = page_in(lang, **how)  # type: ignore[arg-type]
        sign_in(app, page, make.staff("CI", event))
        page.goto(f"/{lang}/ogp-2022/desk/scan")
        page.wait_for_function(READY)
        page.locator("[data-screen] button").click()
        return page

    return opened


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_scanner_lets_in_whatever_the_keyboard_is_set_to(event: Event, open_door: Callable[..., Page], layout: str) -> None:
    person = make.a_registration(event, name_latin="Salma Bennani", name_arabic="سلمى بناني")
    page = open_door()

    a_scanner(page, token_of(person), layout)

    expect(page.locator("section.scan")).to_have_attribute("data-result", "ok")
    expect(page.locator("[data-screen]")).to_contain_text("Salma Bennani")
    expect(page.locator(".log li").first).to_contain_text("Salma Bennani")
    expect(page.locator("[data-count=in]")).to_have_text("1")
    db.session.rollback()  # the server has written since this session's first read
    stored = db.session.query(Scan).one()
    assert stored.source == "wedge"
    expect(page.locator(".log time").first).to_have_text(f"{stored.at.astimezone(ZoneInfo(event.zone)):%H:%M}")


def test_the_letters_of_a_scanner_do_not_stay_in_the_search_field(event: Event, open_door: Callable[..., Page]) -> None:
    page = open_door()
    page.fill("#q", "Ami")
    page.focus("#q")
    a_scanner(page, token_of(make.a_registration(event)))

    expect(page.locator("section.scan")).to_have_attribute("data-result", "ok")
    expect(page.locator("#q")).to_have_value("Ami")


def test_without_network_it_is_kept_and_sent_when_the_network_is_back(event: Event, open_door: Callable[..., Page]) -> None:
    person = make.a_registration(event)
    page = open_door()
    page.context.set_offline(True)
    a_scanner(page, token_of(person))

    expect(page.locator("section.scan")).to_have_attribute("data-result", "held")
    expect(page.locator(".sync")).to_have_attribute("data-state", "offline")
    page.context.set_offline(False)
    expect(page.locator(".sync")).to_have_attribute("data-state", "sent")
    expect(page.locator(".log li")).to_have_count(1)
    assert inside(event) == 1


def test_undo_in_the_log_takes_the_entry_back(event: Event, open_door: Callable[..., Page]) -> None:
    page = open_door()
    a_scanner(page, token_of(make.a_registration(event)))
    page.locator(".log li button").click()

    expect(page.locator(".log li")).to_have_attribute("data-result", "undone")
    expect(page.locator(".log li")).to_contain_text("Taken back at")
    assert inside(event) == 0


def test_let_in_again_with_a_reason(event: Event, open_door: Callable[..., Page]) -> None:
    page, token = open_door(), token_of(make.a_registration(event))
    a_scanner(page, token)
    expect(page.locator("section.scan")).to_have_attribute("data-result", "ok")
    a_scanner(page, token)
    expect(page.locator("section.scan")).to_have_attribute("data-result", "again")
    page.fill("[data-screen] input[name=reason]", "Back from lunch")
    page.locator("[data-screen] form .button").click()

    expect(page.locator("[data-screen]")).to_contain_text("Let in with a reason")


def test_what_is_no_code_is_explained_by_the_server(open_door: Callable[..., Page]) -> None:
    page = open_door()
    page.fill("#code", "not a code")
    page.locator("form[data-act=typed] .button").click()

    expect(page.locator("section.scan")).to_have_attribute("data-result", "refused")
    expect(page.locator("[data-screen]")).to_contain_text("This is not a badge code.")


@pytest.mark.parametrize(("lang", "width", "dark"), [("ar", 360, False), ("ar", 1280, True), ("fr", 360, True)])
def test_the_door_is_accessible_and_fits_the_screen(
    event: Event, open_door: Callable[..., Page], axe: Callable[[Page], list[str]], lang: str, width: int, dark: bool
) -> None:
    token = token_of(make.a_registration(event))
    page = open_door(lang, width=width, dark=dark)
    a_scanner(page, token)
    expect(page.locator("section.scan")).to_have_attribute("data-result", "ok")
    a_scanner(page, token)
    expect(page.locator("section.scan")).to_have_attribute("data-result", "again")

    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert float(page.locator(".scan__name").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")) >= 32


def test_a_whole_code_fits_its_field_on_a_phone(open_door: Callable[..., Page]) -> None:
    page = open_door(width=360)
    field, button = page.locator("#code").bounding_box(), page.locator("form[data-act=typed] button").bounding_box()

    assert field is not None and button is not None
    assert field["width"] >= 300
    assert button["y"] >= field["y"] + field["height"]


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_on_a_phone_the_running_camera_and_the_answer_are_seen_together(
    event: Event, open_door: Callable[..., Page], axe: Callable[[Page], list[str]], lang: str
) -> None:
    token = token_of(make.a_registration(event))
    page = open_door(lang, width=360)
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator("[data-act=start]").click()
    expect(page.locator(".camera")).to_have_attribute("data-state", "on")
    expect(page.locator(".camera video")).to_be_in_viewport(ratio=1)
    a_scanner(page, token)
    expect(page.locator("section.scan")).to_have_attribute("data-result", "ok")

    for part in (".sync", ".camera video", ".camera [data-act=stop]", ".scan__verdict", ".scan__name"):
        expect(page.locator(part).first).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe(page) == []


def test_script_and_server_write_the_hour_alike(event: Event, open_door: Callable[..., Page]) -> None:
    page = open_door("fr")
    by_server = page.locator(".sync time").text_content()
    a_scanner(page, token_of(make.a_registration(event)))
    expect(page.locator("[data-log] time").first).to_have_text(HOUR_IN_FRENCH)
    expect(page.locator("[data-log] li").first).to_contain_text(re.compile(r"·\s+Entrée"))

    assert by_server is not None and HOUR_IN_FRENCH.fullmatch(by_server)


def test_without_a_script_the_form_shows_the_coloured_screen(app: Flask, page_in: Pages, event: Event) -> None:
    token = token_of(make.a_registration(event, name_latin="Salma Bennani"))
    page = page_in("en", width=360, js=False)
    sign_in(app, page, make.staff("CI", event))
    page.goto("/en/ogp-2022/desk/scan")
    page.fill("#code", token)
    page.locator("form[data-act=typed] button").click()

    expect(page.locator("section.scan")).to_have_attribute("data-result", "ok")
    expect(page.locator("[data-screen]")).to_contain_text("Salma Bennani")
    expect(page.locator("#code")).to_be_focused()
