"""The registration form as a person meets it, without JavaScript."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from eventreg.core import times
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.i18n import Text
from eventreg.core.outbox import Mail
from eventreg.registration import drafts
from eventreg.registration.models import Invitation, Registration
from tests import factories
from tests.factories import OPEN

BASE = "/ar/ogp-2022"


def fill(client, base=BASE, **changes):
    """Go through the five steps; returns the answer of the check page."""
    answers = factories.raw_answers(**changes)
    client.post(f"{base}/register/")
    for step, names in (
        ("email", ["email"]),
        ("name", ["name_latin", "name_arabic"]),
        ("organisation", ["country", "organisation_name", "organisation_code", "sector", "position", "phone"]),
        ("needs", ["days", "languages", "access", "diet"]),
        ("consent", []),
    ):
        answer = client.post(f"{base}/register/{step}", data={name: answers[name] for name in names})
        assert answer.status_code == 303, (step, answer.get_data(as_text=True))
    return client.get(f"{base}/register/check")


def link_in(mail):
    return re.search(r"http://localhost(/\S+/i/\S+)", mail.text).group(1)


def mails(kind):
    return list(db.session.scalars(select(Mail).where(Mail.kind == kind).order_by(Mail.id)))


def test_a_stranger_registers_in_arabic_and_opens_their_page(client, clock):
    factories.an_event(limit=10)

    with clock.at(OPEN):
        check = fill(client, email="salma@example.org", name_arabic="سلمى بناني", name_latin="Salma Bennani")
        sent = client.post(f"{BASE}/register/check")
        [mail] = mails("registration/confirmed")
        opened = client.post(link_in(mail))
        page = client.get(opened.location).get_data(as_text=True)

    assert check.status_code == 200
    assert (sent.status_code, sent.location) == (303, f"{BASE}/register/done")
    assert opened.location == f"{BASE}/me/"
    [registration] = db.session.scalars(select(Registration))
    assert (registration.state, registration.name_arabic) == ("confirmed", "سلمى بناني")
    assert registration.address_confirmed_at is not None
    assert registration.code in page and "سلمى بناني" in page


def test_errors_come_all_at_once_and_nothing_typed_is_lost(client, clock):
    factories.an_event()

    with clock.at(OPEN):
        client.post(f"{BASE}/register/")
        answer = client.post(
            f"{BASE}/register/organisation",
            data={"country": "XX", "organisation_name": "", "sector": "kings", "position": "وزير", "phone": "12"},
        )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert page.count('class="field__error"') == 4
    assert 'value="وزير"' in page and 'value="12"' in page


def test_the_same_form_sent_twice_registers_once(client, clock):
    factories.an_event()

    with clock.at(OPEN):
        fill(client)
        first, second = client.post(f"{BASE}/register/check"), client.post(f"{BASE}/register/check")

    assert first.location == second.location == f"{BASE}/register/done"
    assert len(db.session.scalars(select(Registration)).all()) == 1
    assert len(mails("registration/confirmed")) == 1


def test_the_page_tells_a_stranger_nothing_about_who_is_registered(app, clock):
    event = factories.an_event()
    factories.a_registration(event, email="known@example.org")
    pages = []

    with clock.at(OPEN):
        for email in ("known@example.org", "nobody@example.org"):
            client = app.test_client()
            fill(client, email=email)
            sent = client.post(f"{BASE}/register/check")
            pages.append((sent.status_code, sent.location, client.get(sent.location).get_data(as_text=True)))

    masked = [page[2].replace("k…@", "…@").replace("n…@", "…@") for page in pages]
    assert pages[0][:2] == pages[1][:2]
    assert re.sub(r'value="[^"]+"', "", masked[0]) == re.sub(r'value="[^"]+"', "", masked[1])
    assert [mail.to_address for mail in mails("registration/already")] == ["known@example.org"]


@pytest.mark.parametrize(
    ("opened", "sent", "lands"),
    [
        ("2022-09-30T22:59:59.999+00:00", "2022-09-30T22:59:59.999+00:00", "done"),
        ("2022-09-30T22:58:00+00:00", "2022-09-30T23:04:59+00:00", "done"),
        ("2022-09-30T22:58:00+00:00", "2022-09-30T23:05:00+00:00", "closed"),
    ],
)
def test_the_deadline_is_judged_when_the_form_is_sent(client, clock, opened, sent, lands):
    factories.an_event()
    with clock.at(opened):
        fill(client)

    with clock.at(sent):
        answer = client.post(f"{BASE}/register/check")

    assert answer.location == f"{BASE}/register/{lands}"
    assert len(db.session.scalars(select(Registration)).all()) == (1 if lands == "done" else 0)


def test_after_the_deadline_the_page_says_since_when_and_what_is_possible(client, clock):
    factories.an_event()

    with clock.at("2022-09-30T23:00:00+00:00"):
        start = client.get("/en/ogp-2022/register/")
        begun = client.post("/en/ogp-2022/register/")
        page = client.get("/en/ogp-2022/register/closed")

    assert start.location == begun.location == "/en/ogp-2022/register/closed"
    assert page.status_code == 200
    text = page.get_data(as_text=True).replace("\xa0", " ")
    assert "Registration closed on Friday 30 September 2022 at 23:59</strong> (Marrakech time)." in text
    assert "personal invitation" in text


def test_a_late_guest_passes_the_deadline_by_invitation_only(client, clock):
    event = factories.an_event()
    issued = factories.an_invitation(event, factories.an_organiser(event))

    with clock.at("2022-10-05T10:00+01:00"):
        page = client.get(f"/en/ogp-2022/i/{issued.secret}").get_data(as_text=True).replace("\xa0", " ")
        client.post(f"/en/ogp-2022/i/{issued.secret}")
        answers = factories.raw_answers()
        for step in ("email", "name", "organisation", "needs", "consent"):
            client.post(f"/en/ogp-2022/register/{step}", data=answers)
        sent = client.post("/en/ogp-2022/register/check")

    assert "Your invitation lets you register until Saturday 15 October 2022." in page
    assert sent.location == "/en/ogp-2022/register/done"
    [registration] = db.session.scalars(select(Registration))
    assert (registration.passed_deadline, registration.passed_limit, registration.state) == (True, False, "confirmed")
    invitation = db.session.get_one(Invitation, issued.invitation.id, populate_existing=True)
    assert (invitation.uses, registration.invitation_id) == (1, invitation.id)


def test_who_comes_when_all_places_are_taken_is_told_their_rank_by_mail(client, clock):
    event = factories.an_event(limit=1)
    factories.a_registration(event)
    factories.a_registration(event)

    with clock.at(OPEN):
        page = fill(client, base="/en/ogp-2022", email="late@example.org").get_data(as_text=True)
        client.post("/en/ogp-2022/register/check")

    assert "Join the waiting list" in page
    assert "You are number 2 on the waiting list." in mails("registration/waiting")[-1].text


def test_home_costs_the_same_with_one_and_with_thirty_people(app, client, clock):
    event = factories.an_event(limit=100)
    factories.a_registration(event)
    with clock.at(OPEN), factories.statements(app) as few:
        client.get(f"{BASE}/")
    for _ in range(29):
        factories.a_registration(event)

    with clock.at(OPEN), factories.statements(app) as many:
        client.get(f"{BASE}/")

    assert len([s for s in many if s.startswith("SELECT")]) == len([s for s in few if s.startswith("SELECT")]) <= 6


def test_moving_the_deadline_tells_those_who_have_begun(client, clock):
    event = factories.an_event()
    with clock.at(OPEN):
        fill(client, base="/en/ogp-2022", email="begun@example.org")
        drafts.move_deadline(
            event.id, times.deadline("2022-10-07", event.zone), reason=Text(en="More time for visas."), grace_minutes=5, by=OPERATOR
        )
        page = client.get("/en/ogp-2022/").get_data(as_text=True).replace("\xa0", " ")

    [mail] = mails("registration/deadline_moved")
    assert mail.to_address == "begun@example.org"
    words = mail.text.replace("\xa0", " ")
    assert "Registration now closes on Friday 7 October 2022, 23:59 (Marrakech time). More time for visas." in words
    assert "Registration is open until Friday 7 October 2022, 23:59" in page and "More time for visas." in page
