"""A stranger registers on a telephone; the same without JavaScript; what the first view weighs; what axe finds."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from eventreg.core import clock
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.registration.models import Registration
from tests import factories
from tests.factories import OPEN

MAIN = "main form button[data-kind=main]"
CLICKS = 8  # start, five times continue, send, the link in the mail


@pytest.fixture(autouse=True)
def _three_days_before(app):
    with clock.at(OPEN):
        yield


def fill(page, press):
    press("main form button")
    page.fill("#email", "salma@example.org")
    press(MAIN)
    page.fill("#name_arabic", "سلمى بناني")
    page.fill("#name_latin", "Salma Bennani")
    press(MAIN)
    page.select_option("#country", "MA")
    page.fill("#organisation_name", "وكالة مثال الرقمية")
    page.select_option("#sector", "government")
    press(MAIN)
    page.check("#languages-0")
    press(MAIN)
    press(MAIN)
    press(MAIN)


def counted(page):
    presses = []

    def press(selector):
        page.locator(selector).first.click()
        page.wait_for_load_state()
        presses.append(selector)

    return press, presses


def link():
    db.session.expire_all()
    mail = db.session.scalars(select(Mail).where(Mail.kind == "registration/confirmed")).one()
    return re.search(r"https?://[^/]+(/\S+/i/\S+)", mail.text).group(1)


@pytest.mark.parametrize("js", [True, False], ids=["with-js", "without-js"])
def test_a_stranger_registers_in_arabic_on_a_telephone(live_server, page_in, js):
    factories.an_event(limit=5)
    page = page_in("ar", width=360, js=js)
    press, presses = counted(page)

    page.goto("/ar/ogp-2022/register/")
    fill(page, press)
    assert page.url.endswith("/register/done")
    page.goto(link())
    presses.append("link in the mail")
    if js:
        page.wait_for_url("**/me/")
    else:
        press(MAIN)

    assert page.url.endswith("/ar/ogp-2022/me/")
    assert page.locator(".ticket__code svg").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert len(presses) == CLICKS + (0 if js else 1)
    registration = db.session.scalars(select(Registration)).one()
    assert (registration.state, registration.name_arabic) == ("confirmed", "سلمى بناني")


def test_killing_the_browser_loses_nothing(live_server, page_in):
    factories.an_event()
    first = page_in("fr", width=360)
    press, _presses = counted(first)
    first.goto("/fr/ogp-2022/register/")
    press("main form button")
    first.fill("#email", "salma@example.org")
    press(MAIN)
    first.fill("#name_latin", "Salma Bennani")
    press(MAIN)
    first.context.close()

    mail = db.session.scalars(select(Mail).where(Mail.kind == "registration/draft")).one()
    second = page_in("fr", width=360)
    second.goto(re.search(r"https?://[^/]+(/\S+/i/\S+)", mail.text).group(1))
    second.wait_for_url("**/register/check")

    assert second.locator("text=Salma Bennani").is_visible()
    assert second.locator("text=salma@example.org").is_visible()


def test_the_badge_preview_follows_what_is_typed(live_server, page_in):
    factories.an_event()
    page = page_in("ar")
    press, _presses = counted(page)
    page.goto("/ar/ogp-2022/register/")
    press("main form button")
    page.fill("#email", "salma@example.org")
    press(MAIN)

    page.fill("#name_arabic", "سلمى بناني")

    assert page.locator(".badge__name").first.inner_text() == "سلمى بناني"


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
@pytest.mark.parametrize("path", ["", "register/", "programme/"])
def test_a_first_view_weighs_at_most_60_kilobytes(live_server, page_in, lang, path):
    factories.an_event(limit=500)
    page = page_in(lang, width=360)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))

    page.goto(f"/{lang}/ogp-2022/{path}", wait_until="networkidle")
    first = sum(sizes)
    sizes.clear()
    page.goto(f"/{lang}/ogp-2022/{path}", wait_until="networkidle")

    assert first <= 60_000
    assert sum(sizes) <= 8_000 + 4_000  # the page itself, plus headers of what was revalidated


PUBLIC = ["", "register/", "register/closed", "programme/", "privacy/"]


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_axe_finds_nothing_serious_on_public_pages(live_server, page_in, axe, lang):
    event = factories.an_event(limit=20)
    factories.a_registration(event)
    found = {}
    for width, dark in ((360, False), (1280, True)):
        page = page_in(lang, width=width, dark=dark)
        for path in PUBLIC:
            page.goto(f"/{lang}/ogp-2022/{path}")
            found[path, width] = axe(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        press, _presses = counted(page)
        page.goto(f"/{lang}/ogp-2022/register/")
        press("main form button")
        for step in ("email", "name", "organisation", "needs", "consent", "check"):
            page.goto(f"/{lang}/ogp-2022/register/{step}")
            found[step, width] = axe(page)
            if step not in ("consent", "check"):
                press(MAIN)  # empty: the page with its errors
                found[step + " with errors", width] = axe(page)
                assert page.locator(".errors").is_visible() or step == "needs"
            assert page.evaluate("document.documentElement.scrollWidth") <= width, step
    assert {key: value for key, value in found.items() if value} == {}
