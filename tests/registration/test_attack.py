"""Ways in which strangers, slips and bad luck once lost data, places or mails; each test is one of them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.registration import services
from eventreg.registration.models import Draft, Needs, Registration
from tests import factories
from tests.factories import OPEN

pytestmark = pytest.mark.usefixtures("app")
BASE = "/en/ogp-2022"
STEPS = {
    "email": ["email"],
    "name": ["name_latin", "name_arabic"],
    "organisation": ["country", "organisation_name", "organisation_code", "sector", "position", "phone"],
    "needs": ["days", "languages", "access", "diet"],
    "consent": [],
}


def fill(client, base=BASE, *, start=True, **changes):
    answers = factories.raw_answers(**changes)
    if start:
        client.post(f"{base}/register/")
    for step, names in STEPS.items():
        client.post(f"{base}/register/{step}", data={name: answers[name] for name in names})


def mails(kind, to=None):
    query = select(Mail).where(Mail.kind == f"registration/{kind}").order_by(Mail.id)
    return [mail for mail in db.session.scalars(query) if to is None or mail.to_address == to]


def link_in(mail):
    return re.search(r"http://localhost(/\S+/i/\S+)", mail.text).group(1)


# ---- drafts and their links ------------------------------------------------------------------------------------------


def test_a_mistyped_address_does_not_open_the_form_to_its_owner(app, client, clock):
    factories.an_event()
    with clock.at(OPEN):
        fill(client, email="wrong@example.org", access="wheelchair")
        client.post(f"{BASE}/register/email", data={"email": "right@example.org"})
        stranger = app.test_client()
        stranger.post(link_in(mails("draft", "wrong@example.org")[0]))

        assert "wheelchair" not in stranger.get(f"{BASE}/register/check").get_data(as_text=True)
        assert "wheelchair" in client.get(f"{BASE}/register/check").get_data(as_text=True)


def test_a_drafts_link_never_opens_the_form_of_the_next_person(app, client, clock):
    factories.an_event()
    with clock.at("2022-09-10T09:00+01:00"):
        fill(client, email="first@example.org")
        client.post(f"{BASE}/register/check")
    with clock.at("2022-09-12T09:00+01:00"):
        services.due(clock.now())
        second = app.test_client()
        fill(second, email="second@example.org", access="wheelchair")
        first_again = app.test_client()
        answer = first_again.post(link_in(mails("draft", "first@example.org")[0]))

        assert answer.status_code in (303, 404, 410)
        assert "wheelchair" not in first_again.get(f"{BASE}/register/check").get_data(as_text=True)
        assert "wheelchair" in second.get(f"{BASE}/register/check").get_data(as_text=True)


def test_the_link_of_a_draft_that_was_swept_is_over_and_no_fault(app, client, clock):
    factories.an_event()
    with clock.at("2022-09-10T09:00+01:00"):
        fill(client, email="first@example.org")
        client.post(f"{BASE}/register/check")
    with clock.at("2022-09-12T09:00+01:00"):
        services.due(clock.now())
        answer = app.test_client().post(link_in(mails("draft")[0]))

    assert answer.status_code < 500


def test_a_drafts_link_does_not_show_what_was_sent(app, client, clock):
    factories.an_event()
    with clock.at(OPEN):
        fill(client, email="amina@example.org", access="wheelchair")
        client.post(f"{BASE}/register/check")
        other = app.test_client()
        other.post(link_in(mails("draft")[0]))
        other.post(f"{BASE}/register/anew")

        assert "wheelchair" not in other.get(f"{BASE}/register/check").get_data(as_text=True)


def test_using_a_drafts_link_after_sending_does_not_break_sending_the_mail_again(client, clock):
    factories.an_event()
    with clock.at(OPEN):
        fill(client, email="amina@example.org")
        client.post(f"{BASE}/register/check")
        client.post(link_in(mails("draft")[0]))
    with clock.at("2022-09-27T09:20+01:00"):
        client.post(f"{BASE}/register/done")

    assert len(mails("confirmed")) == 2


def test_a_form_of_another_meeting_keeps_its_answers(client, clock):
    factories.an_event()
    factories.an_event(slug="other")
    with clock.at(OPEN):
        fill(client, position="Minister")
        client.post("/en/other/register/")

        assert "Minister" in client.get(f"{BASE}/register/check").get_data(as_text=True)


def test_opening_the_invitation_again_keeps_what_was_typed(client, clock):
    event = factories.an_event()
    issued = factories.an_invitation(event, factories.an_organiser(event))
    with clock.at("2022-10-05T09:00+01:00"):
        client.post(f"{BASE}/i/{issued.secret}")
        fill(client, start=False, position="Minister")
        client.post(f"{BASE}/i/{issued.secret}")

        assert "Minister" in client.get(f"{BASE}/register/check").get_data(as_text=True)


def test_opening_an_invitation_keeps_a_form_begun_before(client, clock):
    event = factories.an_event()
    issued = factories.an_invitation(event, factories.an_organiser(event))
    with clock.at(OPEN):
        fill(client, position="Minister")
        client.post(f"{BASE}/i/{issued.secret}")

        assert "Minister" in client.get(f"{BASE}/register/check").get_data(as_text=True)


def test_an_invitation_that_ended_does_not_shut_out_whom_the_open_form_lets_in(client, clock):
    event = factories.an_event()
    organiser = factories.an_organiser(event)
    issued = factories.an_invitation(event, organiser)
    with clock.at(OPEN):
        client.post(f"{BASE}/i/{issued.secret}")
        fill(client, start=False)
        from eventreg.registration import invitations

        invitations.revoke(event.id, issued.invitation.code, by=organiser)
        client.post(f"{BASE}/register/check")

    assert len(db.session.scalars(select(Registration)).all()) == 1


def test_an_address_corrected_after_the_deadline_keeps_the_invitation(client, clock):
    event = factories.an_event()
    issued = factories.an_invitation(event, factories.an_organiser(event), max_uses=5)
    with clock.at("2022-10-05T09:00+01:00"):
        client.post(f"{BASE}/i/{issued.secret}")
        fill(client, start=False, email="wrogn@example.org")
        client.post(f"{BASE}/register/check")
        anew = client.post(f"{BASE}/register/anew")

    assert anew.location == f"{BASE}/register/email?back=check"


def test_searching_an_organisation_without_script_keeps_the_other_answers(client, clock):
    factories.an_event()
    with clock.at(OPEN):
        client.post(f"{BASE}/register/")
        client.post(
            f"{BASE}/register/organisation",
            data={"country": "MA", "organisation_name": "Associ", "sector": "media", "position": "Minister", "find": "1"},
        )

        assert "Minister" in client.get(f"/ar/ogp-2022/register/organisation").get_data(as_text=True)


# ---- somebody types an address that is not theirs --------------------------------------------------------------------


def test_many_forms_with_one_address_send_it_few_mails(app, clock):
    factories.an_event()
    with clock.at(OPEN):
        for _number in range(6):
            client = app.test_client()
            fill(client, email="victim@example.org")
            client.post(f"{BASE}/register/check")

    assert len(mails("confirmed", "victim@example.org")) <= 2


def test_a_full_sector_does_not_tell_that_an_address_is_registered(app, clock):
    event = factories.an_event(media=1)
    factories.a_registration(event, sector="media")
    factories.a_registration(event, email="known@example.org", confirmed_address=False)
    landed = []
    with clock.at(OPEN):
        for email in ("known@example.org", "nobody@example.org"):
            client = app.test_client()
            fill(client, email=email, sector="media")
            sent = client.post(f"{BASE}/register/check")
            landed.append((sent.status_code, sent.location))

    assert landed[0] == landed[1]


def test_who_sends_the_form_twice_can_ask_for_the_mail_again(app, clock):
    factories.an_event()
    with clock.at(OPEN):
        for client in (app.test_client(), app.test_client()):
            fill(client, email="amina@example.org")
            client.post(f"{BASE}/register/check")
        before = len(mails("confirmed"))
    with clock.at("2022-09-27T11:00+01:00"):
        client.post(f"{BASE}/register/done")

    assert len(mails("confirmed")) == before + 1


# ---- places ----------------------------------------------------------------------------------------------------------


def test_who_signed_in_by_a_mailed_link_has_shown_their_address(client, clock):
    from eventreg.people import services as people
    from eventreg.people import rules as people_rules

    event = factories.an_event()
    made = factories.a_registration(event, email="amina@example.org", confirmed_address=False)
    with clock.at("2022-09-27T10:00+01:00"):
        people.send_sign_in_link(people_rules.email_address("amina@example.org"), lang="en", network="x")
        mail = db.session.scalar(select(Mail).where(Mail.kind == "people/sign_in"))
        client.post(re.search(r"http://localhost(/\S+/sign-in/\S+)", mail.text).group(1))
        client.get(f"{BASE}/me/")
        client.post(f"{BASE}/me/edit/name", data={"name_latin": "Amina Changed", "name_arabic": ""})
    with clock.at("2022-09-29T10:00+01:00"):
        services.due(clock.now())

    assert db.session.get_one(Registration, made.id, populate_existing=True).state == "confirmed"


def test_an_invitation_past_the_limit_helps_who_already_waits(clock):
    from eventreg.registration import rules

    event = factories.an_event(limit=0)
    waiting = factories.a_registration(event, email="amina@example.org")
    issued = factories.an_invitation(event, factories.an_organiser(event), passes_limit=True)
    with clock.at(OPEN):
        answers = rules.answers(factories.raw_answers(email="amina@example.org"), days=event.days)
        services.register(
            event.id, answers,
            services.Sending(lang="en", key=None, form_opened_at=clock.now(), invitation_id=issued.invitation.id),
        )  # fmt: skip

    assert db.session.get_one(Registration, waiting.id, populate_existing=True).state == "confirmed"


def test_coming_back_by_a_mails_link_keeps_the_needs(client, clock):
    event = factories.an_event()
    made = factories.a_registration(event, email="amina@example.org", access="wheelchair", cancelled=True)
    with clock.at(OPEN):
        client.post(link_in(mails("cancelled")[0]))
        client.post(f"{BASE}/me/again")
        client.post(f"{BASE}/register/check")

    assert db.session.get_one(Registration, made.id, populate_existing=True).state == "confirmed"
    assert db.session.get_one(Needs, made.id).access == "wheelchair"


def test_changing_one_name_keeps_the_other(client):
    event = factories.an_event()
    made = factories.a_registration(event, name_arabic="أمينة")
    from eventreg.people.models import Person

    factories.sign_in(client, db.session.get_one(Person, made.person_id))
    client.post(f"{BASE}/me/edit", data={"name_latin": "Sara", "role": "admin"})

    assert db.session.get_one(Registration, made.id, populate_existing=True).name_arabic == "أمينة"
