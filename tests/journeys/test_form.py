"""An organiser asks "civil society that needs a visa" a question, and people meet it; with and without JavaScript."""

from __future__ import annotations

import pytest

from eventreg.core import clock
from eventreg.core.db import db, transaction
from eventreg.core.questions.shape import Kind, Question
from eventreg.core.trilingual import Text
from eventreg.people import services as people
from eventreg.people import session
from eventreg.registration import queries
from eventreg.registration.models import Registration
from tests import factories
from tests.factories import OPEN

MAIN = "main form button[data-kind=main]"


@pytest.fixture(autouse=True)
def _three_days_before():
    with clock.at(OPEN):
        yield


def signed_in(page, live_server, event):
    with transaction() as now:
        opened = people.open_session(factories.an_organiser(event).id, "full", now=now)
    page.context.add_cookies([{"name": session.COOKIE, "value": opened.secret, "url": live_server}])
    return page


def build(page, *, js):
    """What a new organiser does; counts what is typed, chosen and pressed."""
    acts = []

    def do(act, *args):
        act(*args)
        acts.append(args)

    do(page.click, "text=إضافة سؤال")
    do(page.fill, "#label_ar", "في أي مدينة ستطلبون التأشيرة؟")
    do(page.check, "[name=kind][value=one_of]")
    do(page.fill, "#option_0_ar", "باريس")
    do(page.fill, "#option_1_ar", "تونس")
    do(page.select_option, "#test_0_question", "sector")
    do(page.select_option, "#test_1_question", "wants_visa_letter")
    if not js:
        do(page.click, "button[value=show]")
    do(page.check, "[name=test_0_values][value=civil_society]")
    do(page.check, "[name=test_1_values][value=yes]")
    do(page.check, "#is_required")
    do(page.locator(MAIN).last.click)
    return acts


def register(page, *, sector, js):
    """As far as the days, languages and needs; whether the question is seen, then the rest."""
    page.goto("/ar/ogp-2022/register/")
    page.locator(MAIN).first.click()
    page.fill("#email", f"{sector}@example.org")
    page.locator(MAIN).click()
    page.fill("#name_arabic", "سلمى بناني")
    page.locator(MAIN).click()
    page.select_option("#country", "TN")
    page.fill("#organisation_name", f"جمعية {sector}")
    page.select_option("#sector", sector)
    page.locator(MAIN).click()
    page.check("#languages-0")
    page.check("#wants_visa_letter")
    question = page.locator("text=في أي مدينة ستطلبون التأشيرة؟").first
    return question.count() > 0 and question.is_visible()


@pytest.mark.parametrize("js", [True, False], ids=["with-js", "without-js"])
def test_a_question_for_civil_society_that_needs_a_visa_is_built_and_answered(live_server, page_in, js):
    event = factories.an_event()
    page = signed_in(page_in("ar", js=js), live_server, event)
    page.goto("/ar/ogp-2022/manage/form")

    acts = build(page, js=js)

    page.wait_for_load_state()
    assert "done=added" in page.url
    assert len(acts) <= 12
    assert page.locator("text=المجتمع المدني").first.is_visible()  # the condition as a sentence
    (question,) = queries.form_of(event.id).own()
    asked, other = page_in("ar", width=360, js=js), page_in("ar", width=360, js=js)
    assert register(asked, sector="civil_society", js=js)
    assert not register(other, sector="media", js=js)
    asked.locator(MAIN).click()
    assert asked.locator(".field__error").count() == 1  # it must be answered
    asked.check(f"[name=q_{question.code}] >> nth=1")
    for person in (asked, other):
        while "/check" not in person.url:
            person.locator(MAIN).click()
            person.wait_for_load_state()
        person.locator(MAIN).click()
        person.wait_for_load_state()
        assert person.url.endswith("/register/done")
    db.session.rollback()  # what was read before is an old view of the database
    answers = {r.sector: r.answers for r in db.session.query(Registration)}
    assert answers == {"civil_society": {question.code: question.options[1].key}, "media": {}}


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_the_pages_of_the_form_can_be_read_by_everybody(live_server, page_in, axe, lang):
    event = factories.an_event()
    factories.ask(event, Question("shirt", Kind.TEXT, Text(en="Shirt size"), is_sensitive=True, purpose=Text(en="To order them")))
    for width in (360, 1280):
        page = signed_in(page_in(lang, width=width, dark=width == 360), live_server, event)
        for address in ("", "/questions/new", "/questions/shirt", "/sections/needs", "/sections/new", "/preview/needs", "/copy"):
            page.goto(f"/{lang}/ogp-2022/manage/form{address}")
            assert axe(page) == [], address
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        page.goto(f"/{lang}/ogp-2022/manage/form")
        page.click("button[value='delete:shirt']")
        page.wait_for_load_state()
        assert axe(page) == []
