"""Moderation as an organiser does it on the pages: prepare, read the mails, release, undo, see what it brought."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import inspect, select

from eventreg.core import clock
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.manage import keyset
from eventreg.registration import moderation, queries
from eventreg.registration.models import Registration, RegistrationDecision
from tests.factories import OPEN, a_registration, an_event, an_organiser, sign_in, statements

QUEUE = "/en/ogp-2022/manage/moderation"
READY = f"{QUEUE}/release"
SETTING = "/en/ogp-2022/manage/settings/moderation"


@pytest.fixture(autouse=True)
def _three_days_before(app):
    with clock.at(OPEN):
        yield


@pytest.fixture
def event(app, client):
    made = an_event()
    moderation.switch(made.id, is_on=True, by=OPERATOR)
    sign_in(client, an_organiser(made))
    return made


def state_of(registration):
    return db.session.get_one(Registration, inspect(registration).identity[0], populate_existing=True).state


def prepared(event):
    query = select(RegistrationDecision.verdict, RegistrationDecision.reason).where(RegistrationDecision.undone_at.is_(None))
    return [tuple(row) for row in db.session.execute(query.order_by(RegistrationDecision.id))]


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_two_are_ticked_read_released_and_told(client, event):
    amina, badr = a_registration(event, name_latin="Amina One"), a_registration(event, name_latin="Badr Two", lang="fr")
    yes = client.post(QUEUE, data={"code": amina.code, "verdict": "yes", "who": "ticked"})
    told = {"verdict": "no", "reason": "balance", "words": "À l’an prochain"}
    no = client.post(QUEUE, data={**told, "code": badr.code, "who": "ticked"})
    assert (yes.status_code, no.status_code) == (303, 303)
    assert "1 decision is prepared." in client.get(no.location).text

    ready = text_of(client.get(READY).text)
    assert "If they held now: Confirmed: 1, Declined: 1." in ready and "Release 2 decisions" in ready
    mail = client.get(f"{QUEUE}/mail/{badr.code}").text
    assert 'lang="fr" dir="ltr"' in mail and "À l’an prochain" in mail
    assert "À l’an prochain" not in client.get(f"{QUEUE}/mail/{amina.code}").text
    assert [state_of(amina), state_of(badr)] == ["submitted", "submitted"]

    batch = client.post(READY)
    page = client.get(batch.location).text
    assert "Undo: take all 2 decisions back" in page and 'data-slot="left">15:00<' in page
    clock.tick(minutes=15)
    moderation.due(clock.now())
    page = text_of(client.get(batch.location).text)
    assert "Confirmed: 1, Declined: 1" in page and "Undo" not in page
    assert [state_of(amina), state_of(badr)] == ["confirmed", "declined"]


def test_all_that_match_a_filter_are_decided_and_nobody_else(client, event):
    media = [a_registration(event, sector="media") for _each in range(3)]
    other = a_registration(event, sector="donor")

    answer = client.post(f"{QUEUE}?sector=media", data={"who": "all", "verdict": "yes"})

    assert answer.status_code == 303
    decided = set(db.session.scalars(select(RegistrationDecision.registration_id)))
    assert decided == {person.id for person in media}
    page = client.get(QUEUE).text
    assert other.code in page and not any(person.code in page for person in media)
    assert "Prepared: 3" in text_of(page) and "To decide: 1" in text_of(page)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"verdict": "yes"}, "Tick at least one person."),
        ({"code": "X"}, "Choose yes or no."),
        ({"code": "X", "verdict": "no"}, "Choose the reason: the person reads it in their language."),
        ({"code": "X", "verdict": "no", "reason": "other"}, "Write the reason in your own words"),
        ({"code": "X", "verdict": "maybe"}, "Choose yes or no."),
    ],
)
def test_an_incomplete_decision_is_refused_with_everything_kept(client, event, sent, words):
    amina = a_registration(event)
    sent = {**sent, "who": "ticked", "words": sent.get("words", "" if sent.get("reason") == "other" else "Kept words")}
    if "code" in sent:
        sent["code"] = amina.code

    answer = client.post(QUEUE, data=sent)

    assert answer.status_code == 422 and words in answer.text
    assert not sent["words"] or sent["words"] in answer.text
    assert ("code" in sent) == bool(re.search(rf'value="{amina.code}" checked', answer.text))
    assert prepared(event) == []


def test_a_batch_is_undone_with_one_press_and_one_of_it_by_itself(client, event):
    amina, badr = a_registration(event), a_registration(event)
    client.post(QUEUE, data={"who": "all", "verdict": "yes"})
    batch = client.post(READY).location
    assert client.post(f"{batch}/undo", data={"code": amina.code}).status_code == 303
    assert client.post(f"{batch}/undo").status_code == 303
    assert client.post(f"{batch}/undo").status_code == 409
    clock.tick(minutes=20)
    moderation.due(clock.now())
    assert [state_of(amina), state_of(badr)] == ["submitted", "submitted"]

    assert client.post(f"{QUEUE}/mail/{amina.code}/take-back").status_code == 303
    assert prepared(event) == [("yes", "")]
    late = client.post(READY).location
    clock.tick(minutes=20)
    assert client.post(f"{late}/undo").status_code == 409


def test_a_long_batch_goes_on_on_a_second_page(client, event, monkeypatch):
    monkeypatch.setattr(keyset, "SIZE", 2)
    people = [a_registration(event) for _each in range(3)]
    client.post(QUEUE, data={"who": "all", "verdict": "yes"})
    batch = client.post(READY).location
    [following] = re.findall(rf'href="({batch}\?after=[^"]+)"', client.get(batch).text)
    assert people[2].code in client.get(following).text

    clock.tick(minutes=20)
    refused = client.post(f"{batch}/undo")
    assert refused.status_code == 409 and following in refused.text


def test_the_person_reads_that_it_is_being_considered_then_why_not(client, event, app):
    badr = a_registration(event)
    own = app.test_client()
    sign_in(own, queries.person_of(badr))
    page = text_of(own.get("/en/ogp-2022/me/").text)
    assert "Your registration is being considered." in page and "You hold no place yet." in page
    client.post(QUEUE, data={"who": "all", "verdict": "no", "reason": "audience", "words": "<b>Sorry</b>"})
    client.post(READY)
    assert "another audience" not in own.get("/en/ogp-2022/me/").text
    clock.tick(minutes=15)
    moderation.due(clock.now())

    page = own.get("/en/ogp-2022/me/").text
    assert "The meeting is meant for another audience." in page and "&lt;b&gt;Sorry&lt;/b&gt;" in page
    assert "help@example.org" in page


def test_ending_moderation_says_first_what_becomes_of_those_who_wait(client, event):
    amina = a_registration(event)
    asked = client.post(SETTING, data={})
    assert asked.status_code == 422 and "1 person waits for a decision. Without moderation they get a place" in asked.text
    moderation.due(clock.now())
    assert state_of(amina) == "submitted"

    assert client.post(SETTING, data={"let_in": "y"}).status_code == 303
    moderation.due(clock.now())

    assert (state_of(amina), state_of(a_registration(event))) == ("confirmed", "confirmed")
    assert client.post(SETTING, data={"moderated": "y"}).status_code == 303
    assert state_of(a_registration(event)) == "submitted"


def test_objects_of_another_meeting_are_unknown_here(client, event):
    other = an_event(slug="other-2022")
    moderation.switch(other.id, is_on=True, by=OPERATOR)
    stranger = a_registration(other)
    moderation.prepare(other.id, [stranger.id], moderation.Decision(moderation.Verdict.YES), by=OPERATOR)
    batch = moderation.release(other.id, by=OPERATOR)

    assert client.get(f"{QUEUE}/mail/{stranger.code}").status_code == 404
    assert client.post(f"{QUEUE}/mail/{stranger.code}/take-back").status_code == 404
    assert client.get(f"{QUEUE}/batches/{batch}").status_code == 404
    assert client.get(f"{QUEUE}/batches/99999999999").status_code == 404
    assert client.post(f"{QUEUE}/batches/{batch}/undo").status_code in (404, 409)
    client.post(QUEUE, data={"who": "ticked", "code": stranger.code, "verdict": "no", "reason": "places"})
    assert prepared(event) == [("yes", "")]


def test_thirty_people_cost_no_more_statements_than_one(client, event, app):
    costs = {QUEUE: [], f"{QUEUE}?which=prepared": [], READY: []}
    for more in (1, 29):
        people = [a_registration(event) for _each in range(2 * more)]
        half = [person.id for person in people[:more]]
        moderation.prepare(event.id, half, moderation.Decision(moderation.Verdict.YES), by=OPERATOR)
        for path, found in costs.items():
            with statements(app) as sent:
                assert client.get(path).status_code == 200
            found.append(len(sent))

    assert all(one == thirty <= 14 for one, thirty in costs.values()), costs


def test_no_mail_leaves_before_the_time_is_over(client, event):
    a_registration(event)
    client.post(QUEUE, data={"who": "all", "verdict": "yes"})
    client.post(READY)

    assert set(db.session.scalars(select(Mail.kind))) == {"registration/considered"}
