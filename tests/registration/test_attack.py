"""Ways in which strangers, slips and bad luck once lost data, places or mails; each test is one of them."""

from __future__ import annotations

import contextvars
import re
import threading
import time
from functools import partial

import pytest
from sqlalchemy import select

from eventreg.core import pace
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.people import rules as people_rules
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.registration import drafts, expiry, invitations, rules, services
from eventreg.registration.models import Needs, Registration
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
        expiry.due(clock.now())
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
        expiry.due(clock.now())
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

        assert "Minister" in client.get("/ar/ogp-2022/register/organisation").get_data(as_text=True)


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
    event = factories.an_event()
    made = factories.a_registration(event, email="amina@example.org", confirmed_address=False)
    with clock.at("2022-09-27T10:00+01:00"):
        people.send_sign_in_link(people_rules.email_address("amina@example.org"), lang="en", network="x")
        mail = db.session.scalar(select(Mail).where(Mail.kind == "people/sign_in"))
        client.post(re.search(r"http://localhost(/\S+/sign-in/\S+)", mail.text).group(1))
        client.get(f"{BASE}/me/")
        client.post(f"{BASE}/me/edit/name", data={"name_latin": "Amina Changed", "name_arabic": ""})
    with clock.at("2022-09-29T10:00+01:00"):
        expiry.due(clock.now())

    assert db.session.get_one(Registration, made.id, populate_existing=True).state == "confirmed"


def test_an_invitation_past_the_limit_helps_who_already_waits(clock):
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
    factories.sign_in(client, db.session.get_one(Person, made.person_id))
    client.post(f"{BASE}/me/edit", data={"name_latin": "Sara", "role": "admin"})

    assert db.session.get_one(Registration, made.id, populate_existing=True).name_arabic == "أمينة"


# ---- the address of a sent form is corrected -------------------------------------------------------------------------


def send_again_with(client, email):
    """The address was wrong: the same answers to another one; where the two posts led."""
    anew = client.post(f"{BASE}/register/anew")
    client.post(f"{BASE}/register/email?back=check", data={"email": email})
    return anew.location, client.post(f"{BASE}/register/check").location


def test_nobody_takes_a_place_by_correcting_an_address_that_somebody_else_registered(app, clock):
    event = factories.an_event(limit=1)
    victim = factories.a_registration(event, email="victim@example.org", confirmed_address=False)
    whose = (victim.id, victim.person_id)
    with clock.at("2022-09-27T10:00+01:00"):
        thief = app.test_client()
        fill(thief, email="victim@example.org")
        thief.post(f"{BASE}/register/check")
        send_again_with(thief, "thief@example.org")

    kept = db.session.get_one(Registration, whose[0], populate_existing=True)
    assert (kept.person_id, kept.state) == (whose[1], "confirmed")


def test_correcting_an_address_does_not_tell_whether_it_is_registered(app, clock):
    event = factories.an_event()
    factories.a_registration(event, email="known@example.org")
    landed = []
    with clock.at(OPEN):
        for email in ("known@example.org", "nobody@example.org"):
            client = app.test_client()
            fill(client, email=email)
            client.post(f"{BASE}/register/check")
            landed.append(client.post(f"{BASE}/register/anew").location)

    assert landed[0] == landed[1]


def test_correcting_the_address_again_and_again_mails_nobody_again_and_again(app, client, clock):
    factories.an_event()
    with clock.at(OPEN):
        fill(client, email="victim@example.org")
        client.post(f"{BASE}/register/check")
        for number in range(8):
            send_again_with(client, "victim@example.org" if number % 2 else "other@example.org")

    assert len(mails("confirmed", "victim@example.org")) <= 2


def test_correcting_the_address_does_not_hold_a_place_for_ever(app, client, clock):
    factories.an_event(limit=1)
    with clock.at("2022-09-20T09:00+01:00"):
        fill(client, email="nobody0@example.org")
        client.post(f"{BASE}/register/check")
    for day in range(1, 3):
        with clock.at(f"2022-09-{20 + day}T08:{10 * day}+01:00"):
            send_again_with(client, f"nobody{day}@example.org")
            expiry.due(clock.now())

    assert db.session.scalars(select(Registration.state)).all() == ["expired"]


def test_an_address_corrected_after_the_deadline_keeps_an_invitation_for_one(client, clock):
    event = factories.an_event()
    issued = factories.an_invitation(event, factories.an_organiser(event))
    with clock.at("2022-10-05T09:00+01:00"):
        client.post(f"{BASE}/i/{issued.secret}")
        fill(client, start=False, email="wrogn@example.org")
        client.post(f"{BASE}/register/check")
        _anew, sent = send_again_with(client, "right@example.org")

    assert sent == f"{BASE}/register/done"


def test_a_stranger_who_names_a_full_sector_takes_nobodys_place(app, clock):
    event = factories.an_event(media=0)
    victim = factories.a_registration(event, email="victim@example.org", confirmed_address=False)
    with clock.at("2022-09-27T10:00+01:00"):
        client = app.test_client()
        fill(client, email="victim@example.org", sector="media")
        client.post(f"{BASE}/register/check")

    assert db.session.get_one(Registration, victim.id, populate_existing=True).state == "confirmed"


def test_an_invitation_past_the_limit_is_not_used_up_for_nothing(clock):
    event = factories.an_event(limit=0, media=0)
    waiting = factories.a_registration(event, email="amina@example.org", confirmed_address=False)
    issued = factories.an_invitation(event, factories.an_organiser(event), passes_limit=True)
    with clock.at(OPEN):
        answers = rules.answers(factories.raw_answers(email="amina@example.org", sector="media"), days=event.days)
        services.register(
            event.id, answers,
            services.Sending(lang="en", key=None, form_opened_at=clock.now(), invitation_id=issued.invitation.id),
        )  # fmt: skip

    assert db.session.get_one(Registration, waiting.id, populate_existing=True).state == "confirmed"


# ---- what browsers never send ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("[1, 2]", "application/json"),
        ('"x"', "application/json"),
        ('{"name_latin": 5}', "application/json"),
        ('{"name_latin": "\\ud800", "name_arabic": "\\ud800"}', "application/json"),
        ("[" * 100_000, "application/json"),
        ('--x\r\nContent-Disposition: form-data; name="name_latin"; filename="a.txt"\r\n\r\nab\r\n--x--\r\n',
         "multipart/form-data; boundary=x"),
    ],
    ids=["list", "text", "number", "half_character", "deep", "file"],
)  # fmt: skip
def test_a_form_that_is_no_form_is_no_fault(client, clock, body, kind):
    factories.an_event()
    with clock.at(OPEN):
        client.post(f"{BASE}/register/")
        answer = client.post(f"{BASE}/register/name", data=body, content_type=kind)

    assert answer.status_code < 500


@pytest.mark.parametrize("origin", ["http://[", "null", "https://evil.example", "http://localhost.evil.example"])
def test_an_origin_that_is_not_ours_is_refused(client, origin):
    factories.an_event()

    assert client.post(f"{BASE}/register/", headers={"Origin": origin}).status_code == 403


def test_correcting_an_address_after_the_deadline_registers_nobody_anew(client, clock):
    event = factories.an_event()
    factories.a_registration(event, email="gone@example.org", cancelled=True)
    with clock.at("2022-09-30T22:00+01:00"):
        fill(client, email="junk@example.org")
        client.post(f"{BASE}/register/check")
    with clock.at("2022-10-01T10:00+01:00"):
        send_again_with(client, "gone@example.org")

    assert len(db.session.scalars(select(Registration).where(Registration.state == "confirmed")).all()) == 1


# ---- what a clock reads ----------------------------------------------------------------------------------------------


@pytest.mark.sqlite_only
def test_a_sent_form_and_an_asked_link_take_as_long_for_known_addresses_as_for_unknown_ones(app, client, clock):
    event = factories.an_event()
    factories.a_registration(event, email="known@example.org")
    app.config["LEVEL_ANSWERS"] = True
    took = []
    with clock.at(OPEN):
        for email in ("known@example.org", "new@example.org"):
            fill(client, email=email)
            for path, form in ((f"{BASE}/register/check", {}), ("/en/sign-in", {"email": email, "password": ""})):
                began = time.monotonic()
                assert client.post(path, data=form).status_code == 303
                took.append(time.monotonic() - began)
            client.delete_cookie("draft-ogp-2022")

    assert min(took) >= pace.LEVEL


# ---- two at the same moment ------------------------------------------------------------------------------------------


def at_once(app, *jobs):
    """Run these in threads of their own; what went wrong."""
    together, faults = threading.Barrier(len(jobs)), []

    def run(job):
        with app.app_context():
            together.wait()
            try:
                job()
            except Exception as error:
                faults.append(repr(error)[:200])

    threads = [threading.Thread(target=contextvars.Context().run, args=(run, job)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return faults


@pytest.mark.postgres_only
def test_who_confirms_in_the_moment_of_expiry_is_either_in_or_out(app, clock, monkeypatch):
    made = factories.a_registration(factories.an_event(), confirmed_address=False).id
    leave, threads = services.places.leave, []

    def slowly(*args, **rest):
        confirming = threading.Thread(target=contextvars.Context().run, args=(confirm,))
        confirming.start()
        confirming.join(0.5)  # it must wait for our turn to end
        threads.append(confirming)
        return leave(*args, **rest)

    def confirm():
        with app.app_context():
            services.confirm_address(made)

    monkeypatch.setattr(services.places, "leave", slowly)
    with clock.at("2022-09-28T10:00+01:00"):
        expiry.due(clock.now())
        threads[0].join()

    after = db.session.get_one(Registration, made, populate_existing=True)
    assert (after.state, after.address_confirmed_at) == ("expired", None)


@pytest.mark.postgres_only
def test_many_forms_at_the_same_moment_send_one_address_one_link(app, clock):
    event = factories.an_event()
    with clock.at(OPEN):
        begun = [drafts.find(event.id, drafts.start(event.id, lang="en")).id for _number in range(6)]
        saving = [partial(drafts.save, draft, {"email": "victim@example.org"}, lang="en") for draft in begun]

        assert at_once(app, *saving) == []

    assert len(mails("draft")) == 1


@pytest.mark.postgres_only
def test_pressing_send_again_many_times_at_once_sends_one_mail(app, clock):
    event = factories.an_event()
    with clock.at(OPEN):
        answers = rules.answers(factories.raw_answers(), days=event.days)
        services.register(event.id, answers, services.Sending(lang="en", key="k", form_opened_at=clock.now()))
    with clock.at("2022-09-27T09:30+01:00"):
        assert at_once(app, *[lambda: services.send_mail_again("k")] * 6) == []

    assert len(mails("confirmed")) == 2


@pytest.mark.postgres_only
def test_one_new_address_registers_for_two_meetings_at_once(app, clock):
    meetings = [factories.an_event(), factories.an_event(slug="other")]
    faults = []
    with clock.at(OPEN):
        for number in range(4):
            answers = rules.answers(factories.raw_answers(email=f"new{number}@example.org"), days=meetings[0].days)
            sending = services.Sending(lang="en", key=None, form_opened_at=clock.now())
            faults += at_once(app, *[partial(services.register, m.id, answers, sending) for m in meetings])

    assert faults == []


# ---- small things ----------------------------------------------------------------------------------------------------


def test_an_invitation_that_is_used_up_says_so_before_the_button(app, client, clock):
    event = factories.an_event()
    issued = factories.an_invitation(event, factories.an_organiser(event))
    with clock.at("2022-10-05T09:00+01:00"):
        client.post(f"{BASE}/i/{issued.secret}")
        fill(client, start=False)
        client.post(f"{BASE}/register/check")

        assert app.test_client().get(f"{BASE}/i/{issued.secret}").status_code == 410


def test_the_pages_of_a_form_are_never_kept_on_a_shared_computer(client, clock):
    factories.an_event()
    with clock.at(OPEN):
        fill(client)

        assert "no-store" in client.get(f"{BASE}/register/check").headers["Cache-Control"]


def test_answers_survive_a_form_whose_token_is_too_old(app, client, clock):
    factories.an_event()
    with clock.at(OPEN):
        client.post(f"{BASE}/register/")
        app.config["WTF_CSRF_ENABLED"] = True
        answer = client.post(f"{BASE}/register/name", data={"csrf_token": "old", "name_latin": "Amina Bennani"})

    assert answer.status_code == 400
    assert "Amina Bennani" in answer.get_data(as_text=True)
