"""The organiser's first page: what needs a person, then numbers that lead to the people behind them."""

from __future__ import annotations

import re
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup

from eventreg.core import outbox
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db, transaction
from eventreg.events.models import Event
from eventreg.registration import drafts, moderation
from eventreg.registration import services as registration
from eventreg.registration.models import Registration
from eventreg.registration.rules import State
from tests import factories as make

TODAY = "/en/ogp-2022/manage/"


@pytest.fixture
def event(app: Flask) -> Event:
    """The Marrakech meeting, 100 places."""
    return make.an_event(limit=100)


@pytest.fixture
def organiser(client: FlaskClient, event: Event, clock: ModuleType) -> FlaskClient:
    """A browser in which an organiser is signed in."""
    with clock.at(make.OPEN):
        make.sign_in(client, make.an_organiser(event))
    return client


def needs_on(page: str) -> list[str]:
    """What the page asks for, in order."""
    return [str(Markup(found).striptags()) for found in re.findall(r"<li data-family=.*?<p><b>(.*?)</b>", page)]


def numbers_on(page: str) -> list[tuple[str, str, str]]:
    """(value, label, address) of each number."""
    found = re.findall(r'<a href="([^"]*)"><b class="num">(.*?)</b><span>(.*?)</span>', page)
    return [(value, label, url.replace("&amp;", "&")) for url, value, label in found]


def get(client: FlaskClient, clock: ModuleType, at: str = make.OPEN) -> str:
    """The page as it is at this instant."""
    with clock.at(at):
        answer = client.get(TODAY)
    assert answer.status_code == 200
    return answer.text



def test_a_new_meeting_shows_what_is_left_to_prepare(organiser: FlaskClient, clock: ModuleType) -> None:
    page = get(organiser, clock)

    assert "Nobody has registered yet" in page
    steps = re.findall(r'<li>(?:<a href="[^"]*">|<span>)(.*?)</(?:a|span)><span class="tag" data-family="(\w+)"', page)
    assert steps == [
        ("Name in three languages", "good"), ("Aims in three languages", "good"),
        ("City and place in three languages", "good"), ("Organiser in three languages", "good"),
        ("Address for help", "good"), ("Deadline that is still to come", "good"), ("Number of places", "good"),
        ("Day on which the programme is published", "waiting"),
    ]  # fmt: skip


def test_states_are_counted_in_the_plural_like_their_neighbours(organiser: FlaskClient, event: Event, clock: ModuleType) -> None:
    make.a_registration(event, cancelled=True)
    ended = make.a_registration(event, confirmed_address=False)
    with transaction():
        db.session.get_one(Registration, ended.id).state = State.EXPIRED

    with clock.at(make.OPEN):
        page = organiser.get("/fr/ogp-2022/manage/").text

    assert [label for _value, label, _url in numbers_on(page)][-2:] == ["annulées", "expirées"]


def test_numbers_are_exact_and_lead_to_those_people(organiser: FlaskClient, event: Event, clock: ModuleType) -> None:
    for _n in range(3):
        make.a_registration(event)
    make.a_registration(event, confirmed_address=False)
    make.a_registration(event, cancelled=True)

    numbers = numbers_on(get(organiser, clock))

    assert numbers == [
        ("4", "confirmed, of 100 places", "/en/ogp-2022/manage/people?state=confirmed"),
        ("0", "in the waiting list", "/en/ogp-2022/manage/people?state=waitlisted"),
        ("1", "address not confirmed", "/en/ogp-2022/manage/people?address=unconfirmed"),
        ("1", "cancelled", "/en/ogp-2022/manage/people?state=cancelled"),
    ]
    for value, _label, url in numbers:
        with clock.at(make.OPEN):
            page = organiser.get(url).text
        assert ("Nobody matches" in page) if value == "0" else (f">1 to {value} of {value}<" in page)


def test_bars_count_confirmed_people_by_category_sector_country_and_day(
    organiser: FlaskClient, event: Event, clock: ModuleType
) -> None:
    make.a_registration(event, sector="media", country="TN", days=["2022-11-01"])
    make.a_registration(event, sector="media", country="TN", days=["2022-11-01", "2022-11-02"])
    make.a_registration(event, sector="donor", country="FR", days=["2022-11-02"])
    make.a_registration(event, sector="academia", cancelled=True)

    page = get(organiser, clock)

    bars = re.findall(r'<th scope="row"><a href="[^"]*">(.*?)</a></th><td class="num">(\d+)</td>', page)
    by_category = [("Media", "2"), ("Donor", "1")]
    assert bars == [
        *by_category, *by_category, ("Tunisia", "2"), ("France", "1"), ("Tuesday\u00a01\u00a0November", "2"),
        ("Wednesday\u00a02\u00a0November", "2"), ("Thursday\u00a03\u00a0November", "0"),
    ]  # fmt: skip


def test_a_late_evening_counts_for_the_local_day_in_the_curve(
    organiser: FlaskClient, event: Event, clock: ModuleType
) -> None:
    for instant in ("2022-09-01T00:30+01:00", "2022-09-01T23:30+01:00", "2022-09-02T00:10+01:00"):
        with clock.at(instant):
            make.a_registration(event)

    page = get(organiser, clock)

    rows = re.findall(r'<tr><th scope="row">([^<]*)</th><td data-num>(\d+)</td>', page)
    assert rows == [("1\u00a0September", "2"), ("2\u00a0September", "3")]
    assert "3 people have registered" in page


def test_what_needs_a_person_comes_first_and_goes_when_it_is_done(
    organiser: FlaskClient, event: Event, clock: ModuleType
) -> None:
    with clock.at(make.OPEN):
        make.a_registration(event)
        open_address = make.a_registration(event, confirmed_address=False)
        drafts.start(event.id, lang="en")
        with transaction():
            mail = db.session.query(outbox.Mail).order_by(outbox.Mail.id).first()
            assert mail is not None
            mail.state = "failed"

    page = get(organiser, clock)
    assert needs_on(page) == [
        "1 mail could not be delivered", "1 e-mail address is not confirmed", "1 form is begun and not sent",
        "2 badges are not printed",
    ]  # fmt: skip
    assert "4 things need a person today" in page

    with clock.at(make.OPEN):
        registration.confirm_address(open_address.id)
        with transaction():
            outbox.send_again(mail.id)
    assert needs_on(get(organiser, clock)) == ["1 form is begun and not sent", "2 badges are not printed"]
    assert needs_on(get(organiser, clock, "2022-10-01T09:00+01:00")) == ["2 badges are not printed"]


def test_offers_that_end_within_a_day_are_told_with_the_first_end(
    app: Flask, client: FlaskClient, clock: ModuleType
) -> None:
    event = make.an_event(limit=1)
    with clock.at("2022-09-27T09:00+01:00"):
        make.sign_in(client, make.an_organiser(event))
        first, _second = make.a_registration(event), make.a_registration(event)
        registration.cancel(first.id, by=OPERATOR)

    early, late = get(client, clock, "2022-09-27T10:00+01:00"), get(client, clock, "2022-09-28T10:00+01:00")

    assert needs_on(early) == []
    assert needs_on(late) == ["1 offered place lapses within a day"]
    assert "The first one on Thursday 29\u00a0September\u00a02022, 09:00; then the next person" in late


def test_people_who_wait_although_there_is_a_place_are_told(app: Flask, client: FlaskClient, clock: ModuleType) -> None:
    event = make.an_event(limit=1)
    with clock.at("2022-09-27T09:00+01:00"):
        make.sign_in(client, make.an_organiser(event))
        first, _second = make.a_registration(event), make.a_registration(event)
    with clock.at("2022-11-02T09:00+01:00"):
        make.sign_in(client, make.an_organiser(event))
        registration.cancel(first.id, by=OPERATOR)  # the meeting has begun: nobody is offered the place

    page = get(client, clock, "2022-11-02T10:00+01:00")

    assert needs_on(page) == ["1 person waits although there is a place"]


def test_only_undecided_people_wait_for_a_decision(organiser: FlaskClient, event: Event, clock: ModuleType) -> None:
    with clock.at(make.OPEN):
        moderation.switch(event.id, is_on=True, by=OPERATOR)
        people = [make.a_registration(event) for _each in range(3)]
        yes = moderation.Decision(moderation.Verdict.YES)
        moderation.prepare(event.id, [people[0].id, people[1].id], yes, by=OPERATOR)
        told = needs_on(get(organiser, clock))
        assert told[:2] == ["1 registration waits for a decision", "2 decisions are prepared and not released"]

        moderation.release(event.id, by=OPERATOR)
        assert not any("prepared" in need for need in needs_on(get(organiser, clock)))


def test_nothing_to_do_is_said(app: Flask, organiser: FlaskClient, event: Event, clock: ModuleType) -> None:
    make.a_registration(event, cancelled=True)

    assert "Nothing needs a person today" in get(organiser, clock)


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_the_page_opens_in_each_language(organiser: FlaskClient, event: Event, clock: ModuleType, lang: str) -> None:
    make.a_registration(event)

    with clock.at(make.OPEN):
        assert organiser.get(f"/{lang}/ogp-2022/manage/").status_code == 200


def test_the_page_costs_the_same_number_of_statements_for_1_and_30_people(
    app: Flask, organiser: FlaskClient, event: Event, clock: ModuleType
) -> None:
    make.a_registration(event)
    with make.statements(app) as for_one:
        get(organiser, clock)
    with clock.at(make.OPEN), transaction():
        for _n in range(29):
            make.a_registration(event)

    with make.statements(app) as for_thirty:
        get(organiser, clock)

    counts = [sum(sql.lstrip().upper().startswith("SELECT") for sql in sent) for sent in (for_one, for_thirty)]
    assert counts[0] == counts[1] <= 13


def test_only_organisers_see_it(client: FlaskClient, event: Event) -> None:
    make.sign_in(client, make.a_person())

    assert client.get(TODAY).status_code == 403
