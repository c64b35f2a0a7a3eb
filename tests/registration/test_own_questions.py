"""An organiser's own questions as a participant meets them, and as somebody who posts around the page does."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from eventreg.core import audit, capacity, files
from eventreg.core.audit import OPERATOR, AuditLine, AuditValue
from eventreg.core.db import db, transaction
from eventreg.core.files import StoredFile
from eventreg.core.outbox import Mail
from eventreg.core.questions import shape
from eventreg.core.questions.shape import Kind, Option, Question, When
from eventreg.core.trilingual import Text
from eventreg.people import organisations
from eventreg.registration import queries, retention, services
from eventreg.registration.models import Draft, Needs, Registration
from tests import factories
from tests.factories import OPEN

BASE = "/en/ogp-2022"
VISA = When((shape.Test("sector", "is", ("civil_society",)), shape.Test("wants_visa_letter", "is", ("yes",))))
PASSPORT = Question(
    "passport",
    Kind.COUNTRY,
    Text(ar="بلد جواز السفر", fr="Pays du passeport", en="Country of the passport"),
    is_required=True,
    when=VISA,
)
HOTEL = Question(
    "hotel", Kind.ONE_OF, Text(ar="الفندق", fr="Hôtel", en="Hotel"),
    options=(Option("palm", Text(ar="النخيل", fr="Palmeraie", en="Palm grove")),
             Option("own", Text(ar="أتكفل بنفسي", fr="Autre", en="My own"))),
)  # fmt: skip
HEALTH = Question(
    "health", Kind.LONG_TEXT, Text(en="Medicine to keep cold"), is_sensitive=True, purpose=Text(en="For the hotel's fridge."),
    delete_on=date(2022, 12, 1),
)  # fmt: skip
LETTER = Question("letter", Kind.FILE, Text(en="Letter of your organisation"))
SHUTTLE = Question("shuttle", Kind.TEXT, Text(ar="رقم الرحلة", fr="Numéro de vol", en="Flight number"), is_required=True)


def fill(client, extra=None, **changes):
    """Go through the steps with own answers in `extra`; the answer of the step with the own questions, then of the check page."""
    answers = factories.raw_answers(**changes)
    client.post(f"{BASE}/register/")
    for step, names in (
        ("email", ["email"]),
        ("name", ["name_latin", "name_arabic"]),
        ("organisation", ["country", "organisation_name", "organisation_code", "sector", "position", "phone"]),
    ):
        client.post(f"{BASE}/register/{step}", data={name: answers[name] for name in names})
    needs = {name: answers[name] for name in ("days", "languages", "access", "diet")} | (extra or {})
    if answers["wants_visa_letter"]:
        needs["wants_visa_letter"] = "y"
    step = client.post(f"{BASE}/register/needs", data=needs, content_type="multipart/form-data")
    client.post(f"{BASE}/register/consent")
    return step


def send(client):
    return client.post(f"{BASE}/register/check")


def the_registration():
    [registration] = db.session.scalars(select(Registration).execution_options(populate_existing=True))
    return registration


def test_a_conditional_question_is_asked_of_those_it_is_for(client, clock):
    factories.ask(factories.an_event(), PASSPORT)

    with clock.at(OPEN):
        refused = fill(client, sector="civil_society", wants_visa_letter=True)
        check = client.get(f"{BASE}/register/check").get_data(as_text=True)
        not_sent = send(client)
        accepted = fill(client, {"q_passport": "SN"}, sector="civil_society", wants_visa_letter=True)
        sent = send(client)

    assert refused.status_code == 422
    assert "This question needs an answer." in refused.get_data(as_text=True)
    assert "Country of the passport: This question needs an answer." in check
    assert (not_sent.status_code, accepted.status_code, sent.status_code) == (422, 303, 303)
    assert the_registration().answers == {"passport": "SN"}


NIGHTS = Question("nights", Kind.NUMBER, Text(en="Nights"), when=When((shape.Test("passport", "answered"),)))
WHY = Question("why", Kind.TEXT, Text(en="Why so long"), is_required=True, when=When((shape.Test("nights", "at_least", ("5",)),)))


def test_without_script_a_page_says_of_whom_it_asks_and_leaves_out_what_nobody_there_can_be_asked(client, clock):
    later = When((shape.Test("sector", "is", ("civil_society",)),))
    factories.ask(factories.an_event(), replace(PASSPORT, when=later), NIGHTS, WHY, section="consent")
    with clock.at(OPEN):
        fill(client)
        page = html.unescape(client.get(f"{BASE}/register/consent").text)
        fill(client, sector="government")
        other = client.get(f"{BASE}/register/consent").text

    assert "<noscript><p class=\"field__hint\">Only if Nights is at least “5”.</p></noscript>" in page
    assert "Only if Sector" not in page
    assert not {"q_passport", "q_nights", "q_why"} & set(re.findall(r'name="(\w+)"', other))


@pytest.mark.parametrize("changes", [{"sector": "government", "wants_visa_letter": True}, {"sector": "civil_society"}])
def test_an_answer_posted_around_the_condition_is_dropped(client, clock, changes):
    factories.ask(factories.an_event(), PASSPORT)

    with clock.at(OPEN):
        fill(client, {"q_passport": "SN"}, **changes)
        page = client.get(f"{BASE}/register/check").get_data(as_text=True)
        sent = send(client)

    assert sent.status_code == 303
    assert the_registration().answers == {}
    assert "Country of the passport" not in page


def test_the_sector_of_a_known_organisation_decides_whatever_was_sent(client, clock):
    event = factories.an_event()
    factories.ask(event, PASSPORT)
    with transaction() as now:
        organisations.add(Text(en="Ministry of Justice"), country="MA", sector="government", now=now)

    with clock.at(OPEN):
        fill(client, {"q_passport": "SN"}, organisation_name="Ministry of Justice", sector="civil_society", wants_visa_letter=True)
        send(client)

    assert (the_registration().sector, the_registration().answers) == ("government", {})


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_questions_speak_the_language_of_the_page(client, clock, lang):
    factories.ask(factories.an_event(), HOTEL)

    with clock.at(OPEN):
        fill(client, {"q_hotel": "palm"})
        page = client.get(f"/{lang}/ogp-2022/register/needs").get_data(as_text=True)
        check = client.get(f"/{lang}/ogp-2022/register/check").get_data(as_text=True)

    assert HOTEL.label.in_(lang) in page
    assert HOTEL.options[1].label.in_(lang) in page
    assert HOTEL.options[0].label.in_(lang) in check


@pytest.mark.parametrize("sent", ["nothing", "palm own", "<script>", "palm\x00", "9" * 4000])
def test_a_choice_that_is_not_offered_is_refused_and_the_rest_kept(client, clock, sent):
    factories.ask(factories.an_event(), HOTEL)

    with clock.at(OPEN):
        answer = fill(client, {"q_hotel": sent, "access": "step-free"})

    assert answer.status_code == 422
    assert "Choose one of the answers that are offered." in answer.get_data(as_text=True)
    assert "step-free" in answer.get_data(as_text=True)


def test_sensitive_answers_are_kept_apart_and_out_of_the_record(client, clock):
    event = factories.an_event()
    factories.ask(event, HEALTH)

    with clock.at(OPEN):
        page = fill(client, {"q_health": "Insulin-Canary"})
        send(client)

    registration = the_registration()
    assert page.status_code == 303
    assert registration.answers == {}
    assert db.session.get(Needs, registration.id).answers == {"health": "Insulin-Canary"}
    assert not [value for value in db.session.scalars(select(AuditValue)) if "Canary" in f"{value.before}{value.after}"]
    assert not [line for line in db.session.scalars(select(AuditLine)) if "Canary" in str(line.facts)]


def test_what_is_asked_after_confirmation_waits_on_my_page(client, clock):
    event = factories.an_event()
    factories.ask(event, after=(SHUTTLE,))
    mine = factories.a_registration(event)
    [mail] = db.session.scalars(select(Mail).where(Mail.kind == "registration/confirmed"))

    with clock.at(OPEN):
        factories.sign_in(client, queries.person_of(mine))
        home = client.get(f"{BASE}/me/").get_data(as_text=True)
        in_form = client.get(f"{BASE}/register/later")
        empty = client.post(f"{BASE}/me/edit/later", data={"q_shuttle": ""})
        saved = client.post(f"{BASE}/me/edit/later", data={"q_shuttle": "AT 570"})
        after = client.get(f"{BASE}/me/").get_data(as_text=True)

    assert "We have more questions for you" in mail.text
    assert "What we still need from you" in home
    assert in_form.status_code == 404
    assert (empty.status_code, saved.status_code) == (422, 303)
    assert "What we still need from you" not in after
    assert "AT 570" in after
    assert the_registration().answers == {"shuttle": "AT 570"}


def test_who_waits_is_not_asked_what_only_the_confirmed_are(client, clock):
    event = factories.an_event(limit=0)
    factories.ask(event, after=(SHUTTLE,))
    mine = factories.a_registration(event)

    with clock.at(OPEN):
        factories.sign_in(client, queries.person_of(mine))
        page = client.get(f"{BASE}/me/").get_data(as_text=True)
        asked = client.get(f"{BASE}/me/edit/later")
        around = client.post(f"{BASE}/me/edit", data={"q_shuttle": "AT 570"})

    assert "What we still need from you" not in page
    assert asked.status_code == 404
    assert around.status_code in (303, 422)
    assert the_registration().answers == {}


def test_changing_an_answer_hides_and_drops_what_hung_on_it(client, clock):
    event = factories.an_event()
    factories.ask(event, PASSPORT, HOTEL)

    with clock.at(OPEN):
        fill(client, {"q_passport": "SN", "q_hotel": "palm"}, wants_visa_letter=True)
        send(client)
        factories.sign_in(client, queries.person_of(the_registration()))
        client.post(f"{BASE}/me/edit", data={"q_hotel": "own"})
        both = the_registration().answers
        client.post(
            f"{BASE}/me/edit/needs",
            data={"days": ["2022-11-01"], "languages": ["ar"], "q_hotel": "own", "q_passport": "SN"},
        )

    assert both == {"passport": "SN", "hotel": "own"}
    assert the_registration().answers == {"hotel": "own"}


def test_a_question_that_became_required_does_not_block_other_changes(client, clock):
    event = factories.an_event()
    mine = factories.a_registration(event)
    factories.ask(event, Question("new", Kind.TEXT, Text(en="New question"), is_required=True))

    with clock.at(OPEN):
        factories.sign_in(client, queries.person_of(mine))
        page = client.get(f"{BASE}/me/").get_data(as_text=True)
        saved = client.post(f"{BASE}/me/edit/name", data={"name_latin": "Amina Changed", "name_arabic": ""})

    assert "What we still need from you" in page
    assert saved.status_code == 303
    assert the_registration().name_latin == "Amina Changed"


# ---- files -----------------------------------------------------------------------------------------------------------


def upload(data=factories.A_PDF, name="letter.pdf"):
    return {"q_letter": (io.BytesIO(data), name)}


def test_a_file_goes_with_the_form_and_only_its_owner_gets_it(app, client, clock):
    event = factories.an_event()
    factories.ask(event, LETTER)
    other = factories.a_registration(event)

    with clock.at(OPEN):
        step = fill(client, upload(), email="amina@example.org")
        again = client.get(f"{BASE}/register/needs").get_data(as_text=True)
        kept = client.post(f"{BASE}/register/needs", data={"days": ["2022-11-01"], "languages": ["ar"]})
        send(client)
        [mine] = db.session.scalars(select(Registration).where(Registration.id != other.id))
        code = mine.answers["letter"]["code"]
        factories.sign_in(client, queries.person_of(mine))
        got = client.get(f"{BASE}/me/files/{code}")
        stranger = app.test_client()
        factories.sign_in(stranger, queries.person_of(other))
        refused = stranger.get(f"{BASE}/me/files/{code}")

    assert (step.status_code, kept.status_code) == (303, 303)
    assert "letter.pdf" in again
    assert (got.status_code, got.headers["Content-Disposition"]) == (200, "attachment; filename=letter.pdf")
    assert refused.status_code == 404


def test_a_bad_file_is_refused_at_its_place_and_nothing_else_is_lost(client, clock):
    factories.ask(factories.an_event(), LETTER)

    with clock.at(OPEN):
        step = fill(client, upload(b"<script>alert(1)</script>", "letter.pdf") | {"access": "step-free"})

    assert step.status_code == 422
    assert "step-free" in step.get_data(as_text=True)
    assert db.session.scalars(select(StoredFile)).all() == []


def test_a_file_answer_cannot_be_made_up(client, clock):
    event = factories.an_event()
    factories.ask(event, LETTER)

    with clock.at(OPEN):
        fill(client, {"q_letter": "0123456789abcdef012345"})
        send(client)

    assert the_registration().answers == {}


def test_a_file_that_is_replaced_or_removed_is_deleted(client, clock):
    event = factories.an_event()
    factories.ask(event, LETTER)

    with clock.at(OPEN):
        fill(client, upload())
        client.post(f"{BASE}/register/needs", data={"days": ["2022-11-01"], "languages": ["ar"], **upload(name="second.pdf")})
        alive = [stored.filename for stored in db.session.scalars(select(StoredFile).where(StoredFile.deleted_at.is_(None)))]
        client.post(f"{BASE}/register/needs", data={"days": ["2022-11-01"], "languages": ["ar"], "remove": "letter"})
        send(client)
        files.due(clock.now())

    assert alive == ["second.pdf"]
    assert the_registration().answers == {}
    assert db.session.scalars(select(StoredFile)).all() == []


# ---- the day of deletion ---------------------------------------------------------------------------------------------


def test_answers_are_erased_on_their_day_and_the_record_still_holds(app, client, clock):
    event = factories.an_event()
    factories.ask(event, HEALTH, Question("pet", Kind.TEXT, Text(en="Pet"), delete_on=date(2022, 12, 1)))

    with clock.at(OPEN):
        fill(client, {"q_health": "Insulin", "q_pet": "Cat-Canary", "access": "step-free"}, phone="+212 661 234567")
        send(client)
        factories.sign_in(client, queries.person_of(the_registration()))
        client.post(f"{BASE}/me/edit", data={"q_pet": "Dog-Canary"})
    with clock.at("2022-11-30T12:00+01:00"):
        retention.due(clock.now())
        before = dict(the_registration().answers)
    with clock.at("2022-12-01T12:00+01:00"):
        retention.due(clock.now())
        retention.due(clock.now())
        own_gone = (the_registration().answers, db.session.get(Needs, the_registration().id).answers, the_registration().phone)
    with clock.at("2022-12-04T12:00+01:00"):
        retention.due(clock.now())

    assert before == {"pet": "Dog-Canary"}
    assert own_gone == ({}, {}, "+212661234567")
    assert (the_registration().phone, db.session.get(Needs, the_registration().id)) == ("", None)
    assert not [draft for draft in db.session.scalars(select(Draft)) if "Canary" in str(draft.answers)]
    assert not [value for value in db.session.scalars(select(AuditValue)) if "Canary" in f"{value.before}{value.after}"]
    assert audit.verify(event.id) is None


def test_a_gender_that_is_erased_counts_under_no_limit_any_more(app, clock):
    event = factories.an_event()
    services.set_limit(event.id, "gender", "woman", 5, by=OPERATOR)
    factories.a_registration(event, gender="woman")

    with clock.at("2022-12-04T12:00+01:00"):
        retention.due(clock.now())

    assert [(pool.key, pool.taken) for pool in capacity.all_pools(event.id) if pool.kind == "gender"] == [("woman", 0)]
