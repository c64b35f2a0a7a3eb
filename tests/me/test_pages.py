"""A person's own pages: the link of the mail, changing answers, cancelling, answering an offer; and what stays closed."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from eventreg.core import clock
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.people.models import Person
from eventreg.registration import services
from eventreg.registration.models import Needs, Registration
from tests import factories
from tests.factories import OPEN


@pytest.fixture(autouse=True)
def _three_days_before(app):
    with clock.at(OPEN):
        yield


def fresh(registration):
    return db.session.get_one(Registration, registration.id, populate_existing=True)


def mail_link(kind):
    mail = db.session.scalars(select(Mail).where(Mail.kind == f"registration/{kind}").order_by(Mail.id.desc())).first()
    return re.search(r"http://localhost(/\S+/i/\S+)", mail.text).group(1)


def signed_in(client, registration, kind="full", event=None):
    factories.sign_in(client, db.session.get_one(Person, registration.person_id), kind=kind, event=event)


def test_looking_at_the_link_confirms_nothing_pressing_does(client):
    mine = factories.a_registration(factories.an_event(), confirmed_address=False)
    link = mail_link("confirmed")

    looked = client.get(link)
    assert (looked.status_code, fresh(mine).address_confirmed_at) == (200, None)
    pressed = client.post(link)

    assert pressed.location == "/en/ogp-2022/me/"
    assert fresh(mine).address_confirmed_at is not None


def test_cancelling_takes_three_presses_from_the_mail_and_moves_the_list(client):
    event = factories.an_event(limit=1)
    mine, waiting = factories.a_registration(event), factories.a_registration(event)
    client.post(mail_link("confirmed"))
    client.get("/en/ogp-2022/me/cancel")
    assert fresh(mine).state == "confirmed"

    client.post("/en/ogp-2022/me/cancel")

    assert fresh(mine).state == "cancelled"
    assert services.queries.live_entry(waiting.id).state == "offered"
    assert client.get(mail_link("confirmed")).status_code == 410


def test_a_mails_link_opens_own_pages_of_that_event_and_nothing_else(client):
    event, other = factories.an_event(), factories.an_event(slug="other")
    organiser = factories.an_organiser(event)
    mine = factories.a_registration(event, email=organiser.email)
    factories.a_registration(other, email=organiser.email)
    client.post(mail_link("confirmed").replace("/other/", "/other/"))  # the newest: of the other event
    here, there = client.get("/en/ogp-2022/me/").status_code, client.get("/en/other/me/").status_code

    assert (here, there) == (403, 200)
    assert client.get("/en/other/manage/").status_code == 403
    assert client.get("/en/ogp-2022/manage/people").status_code == 403
    assert fresh(mine).state == "confirmed"


def test_a_link_of_another_event_does_not_exist_here(client):
    factories.an_event(slug="other")
    factories.a_registration(factories.an_event(), confirmed_address=False)

    assert client.get(mail_link("confirmed").replace("ogp-2022", "other")).status_code == 404


def test_answers_are_changed_part_by_part(client):
    mine = factories.a_registration(factories.an_event(), name_latin="Old Name")
    signed_in(client, mine)

    answer = client.post("/en/ogp-2022/me/edit/name", data={"name_latin": "New Name", "name_arabic": ""})

    assert answer.status_code == 303
    assert (fresh(mine).name_latin, fresh(mine).name_arabic, fresh(mine).country) == ("New Name", "", "MA")


def test_a_full_sector_changes_nothing_and_says_which(client):
    event = factories.an_event(media=0)
    mine = factories.a_registration(event)
    signed_in(client, mine)
    data = {"country": "MA", "organisation_name": "Radio", "organisation_code": "", "sector": "media", "position": "", "phone": ""}

    answer = client.post("/en/ogp-2022/me/edit/organisation", data=data)

    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "All places for “Media” are taken." in page and "Your answers were not changed" in page and 'value="Radio"' in page
    assert fresh(mine).sector == "civil_society"


def test_needs_are_neither_shown_nor_lost_by_a_mails_link(client):
    event = factories.an_event()
    mine = factories.a_registration(event, diet="no nuts", access="step-free")
    signed_in(client, mine, "link", event)

    pages = [client.get(f"/en/ogp-2022/me/{path}").get_data(as_text=True) for path in ("", "edit/needs")]
    data = {"days": ["2022-11-01"], "languages": ["fr"], "diet": "everything"}
    assert client.post("/en/ogp-2022/me/edit/needs", data=data).status_code == 303

    assert [word for word in ("no nuts", "step-free") if word in "".join(pages)] == []
    needs = db.session.get_one(Needs, mine.id, populate_existing=True)
    assert (needs.diet, fresh(mine).days) == ("no nuts", ["2022-11-01"])
    client.delete_cookie("signin")
    signed_in(client, mine)
    assert "no nuts" in client.get("/en/ogp-2022/me/").get_data(as_text=True)


@pytest.mark.parametrize(("answer", "state"), [("accept", "confirmed"), ("refuse", "cancelled")])
def test_an_offer_is_answered_on_my_page(client, answer, state):
    event = factories.an_event(limit=1)
    first, mine = factories.a_registration(event), factories.a_registration(event)
    services.cancel(first.id, by=OPERATOR)
    client.post(mail_link("offered"))
    assert "A place is yours until" in client.get("/en/ogp-2022/me/").get_data(as_text=True)

    client.post("/en/ogp-2022/me/offer", data={"answer": answer})

    assert fresh(mine).state == state


def test_my_page_is_never_kept_by_a_shared_cache(client):
    mine = factories.a_registration(factories.an_event())
    signed_in(client, mine)

    headers = client.get("/en/ogp-2022/me/").headers

    assert headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in headers["Vary"]


def test_the_ticket_is_a_pdf_of_ones_own(client):
    mine = factories.a_registration(factories.an_event())
    signed_in(client, mine)

    answer = client.get("/en/ogp-2022/me/ticket.pdf")

    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_who_is_not_registered_is_told_how(client):
    event = factories.an_event()
    factories.sign_in(client, factories.a_person(), event=event)

    page = client.get("/en/ogp-2022/me/").get_data(as_text=True)

    assert "You are not registered for this meeting with this address." in page
