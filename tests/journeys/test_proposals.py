"""Two people write one proposal in two browsers: what is typed is saved by itself, and nothing is overwritten unsaid."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from eventreg.core import clock, text
from eventreg.core.db import db, transaction
from eventreg.people import services as people
from eventreg.people import session
from eventreg.proposals import partners, queries
from tests import factories
from tests.factories import CALL_OPEN

MINISTRY = {"email": "ministry@example.org", "organisation_name": "Ministry of Justice", "country": "MA", "sector": "government"}
SAMPLES = ["", "مقاربة، ومنهجيّة العمل!", "l'eau — 2022 …", "one\u00a0two\u2003three", "a\u200bb c", "٢٠٢٢ عام\nالشفافية"]


@pytest.fixture(autouse=True)
def _while_the_call_is_open():
    with clock.at(CALL_OPEN):
        yield


def a_browser(browser, live_server, person, **settings):
    """Somebody who is signed in, in a browser of their own."""
    with transaction() as now:
        opened = people.open_session(person.id, "full", now=now)
    context = browser.new_context(**settings)
    context.add_cookies([{"name": session.COOKIE, "value": opened.secret, "url": live_server}])
    return context.new_page()


def test_two_browsers_write_the_same_part(browser, live_server):
    event, lead = factories.an_event(), factories.a_person()
    factories.a_call(event)
    mine = factories.a_proposal(event, lead, lang="ar", sent=False)
    invited = partners.invite(mine.id, MINISTRY, by=lead.id)
    other = partners.answer(event.id, invited.code, accepts=True)
    path = f"{live_server}/ar/ogp-2022/proposals/{mine.code}/part/approach"
    first = a_browser(browser, live_server, lead, viewport={"width": 1280, "height": 900})
    second = a_browser(browser, live_server, other, viewport={"width": 360, "height": 780})
    first.goto(path)
    second.goto(path)

    first.fill("#approach_ar", "نبدأ بعرض قصير")
    expect(first.locator("[data-saved]")).to_contain_text("10:00")
    expect(first.locator("[data-count]").first).to_have_text("3")
    second.fill("#approach_ar", "نص الوزارة")
    expect(second.locator("[data-saved]")).to_contain_text("Association for Budgets")
    assert queries.parts(mine.id)["approach"].answers["approach_ar"] == "نبدأ بعرض قصير"

    second.locator("main form button[data-kind=main]").click()
    expect(second.locator(".both__text").first).to_have_text("نبدأ بعرض قصير")
    second.fill("#approach_ar", "نبدأ بعرض قصير ثم نص الوزارة")
    second.locator("main form button[data-kind=main]").click()
    second.wait_for_url(f"**/proposals/{mine.code}/")
    db.session.rollback()  # what was read before is an old view of the database

    assert queries.parts(mine.id)["approach"].answers["approach_ar"] == "نبدأ بعرض قصير ثم نص الوزارة"


SLOW_LINE = """const own = window.fetch; window.fetch = async (...what) => {
    document.documentElement.dataset.sending = "";
    const answer = await own(...what);
    await new Promise(done => setTimeout(done, 800));
    return answer;
};"""


def test_who_saves_while_the_page_is_saving_is_not_somebody_else(browser, live_server):
    event, lead = factories.an_event(), factories.a_person()
    factories.a_call(event)
    mine = factories.a_proposal(event, lead, sent=False)
    page = a_browser(browser, live_server, lead)
    page.add_init_script(SLOW_LINE)
    page.goto(f"{live_server}/en/ogp-2022/proposals/{mine.code}/part/approach")
    page.fill("#approach_en", "First")
    page.wait_for_selector("html[data-sending]")
    page.fill("#approach_en", "First, and then")
    page.locator("main form button[data-kind=main]").click()

    page.wait_for_url(f"**/proposals/{mine.code}/")
    db.session.rollback()
    assert queries.parts(mine.id)["approach"].answers["approach_en"] == "First, and then"


def test_who_is_signed_out_while_writing_is_told_and_finds_the_words_again(browser, live_server):
    event, lead = factories.an_event(), factories.a_person()
    factories.a_call(event)
    mine = factories.a_proposal(event, lead, sent=False)
    page = a_browser(browser, live_server, lead)
    page.goto(f"{live_server}/en/ogp-2022/proposals/{mine.code}/part/approach")
    mine_again = [one for one in page.context.cookies() if one["name"] == session.COOKIE]
    page.context.clear_cookies(name=session.COOKIE)
    page.fill("#approach_en", "Words of a long evening")
    expect(page.locator("[data-saved]")).to_contain_text("Press the button to see why")
    page.locator("main form button[data-kind=main]").click()
    expect(page.locator("h1")).to_have_text("Sign in again")
    page.context.add_cookies(mine_again)  # in another window, that is
    page.click("text=Send again")

    page.wait_for_url(f"**/proposals/{mine.code}/")
    db.session.rollback()
    assert queries.parts(mine.id)["approach"].answers["approach_en"] == "Words of a long evening"


def test_page_and_server_count_the_same_words(browser, live_server):
    event, lead = factories.an_event(), factories.a_person()
    factories.a_call(event)
    mine = factories.a_proposal(event, lead, sent=False)
    page = a_browser(browser, live_server, lead)
    page.goto(f"{live_server}/en/ogp-2022/proposals/{mine.code}/part/approach")
    for sample in SAMPLES:
        page.fill("#approach_en", "")
        page.fill("#approach_en", sample)

        expect(page.locator("[data-count]").first).to_have_text(str(text.count_words(sample)))


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_the_pages_of_a_proposal_can_be_read_by_everybody(live_server, page_in, axe, lang):
    event, lead = factories.an_event(), factories.a_person()
    factories.a_call(event, intro=factories.TRACKS[0][2])
    mine = factories.a_proposal(event, lead, lang=lang)
    partners.invite(mine.id, MINISTRY, by=lead.id)
    with transaction() as now:
        opened = people.open_session(lead.id, "full", now=now)
    own = ["", "part/title", "part/practical", "people", "people/co_organiser", "check", "history", "history/1", "withdraw"]
    for width in (360, 1280):
        page = page_in(lang, width=width, dark=width == 360)
        page.context.add_cookies([{"name": session.COOKIE, "value": opened.secret, "url": live_server}])
        for address in ("call/", "proposals/new", "me/", *(f"proposals/{mine.code}/{part}" for part in own)):
            page.goto(f"/{lang}/ogp-2022/{address}")
            assert axe(page) == [], address
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
