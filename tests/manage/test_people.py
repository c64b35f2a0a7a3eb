"""Organisers find people, page through them, and act on one of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from eventreg.core import audit, clock, outbox
from eventreg.core.audit import OPERATOR, Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text
from eventreg.events.models import Event
from eventreg.people import organisations, session
from eventreg.people import services as people
from eventreg.registration import changes, rules
from eventreg.registration import queries as registrations
from eventreg.registration.models import Registration, Ticket
from tests import factories as make


@pytest.fixture
def event(app: Flask) -> Event:
    """The Marrakech meeting, without limits."""
    return make.an_event()


@pytest.fixture
def organiser(client: FlaskClient, event: Event) -> FlaskClient:
    """A browser in which an organiser is signed in."""
    make.sign_in(client, make.an_organiser(event))
    return client


def codes_on(client: FlaskClient, path: str) -> list[str]:
    """The codes of the rows of a list, in order."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.status
    return re.findall(r'<small class="muted"><bdi dir="ltr">(R-\w+)</bdi>', answer.text)


def count_on(client: FlaskClient, path: str) -> str:
    """What the pagination says."""
    found = re.search(r'<span class="num">([^<]*)</span>', client.get(path).text)
    return found.group(1) if found else ""


def fresh(person: Registration) -> Registration:
    """The registration as it is now."""
    return db.session.get_one(Registration, person.id, populate_existing=True)


# ---- search --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("احمد", {"name_arabic": "أحمد إبراهيم آدم"}),
        ("فاطمه", {"name_arabic": "فاطمة الزهراء"}),
        ("محمد عبد الله", {"name_arabic": "مُحَمَّد بن عَبْد الله"}),
        ("محمد", {"name_arabic": "محـــمد"}),
        ("N'Diaye", {"name_latin": "Awa N’Diaye"}),
        ("zoe nze", {"name_latin": "Zoé Nzé"}),
        ("Mohammed", {"name_latin": "", "name_arabic": "محمد العلوي"}),
        ("محمد", {"name_latin": "Mohamed Alaoui", "name_arabic": ""}),
    ],
)
def test_a_name_is_found_in_whichever_spelling_and_script_it_is_typed(
    organiser: FlaskClient, event: Event, typed: str, names: dict[str, str]
) -> None:
    wanted = make.a_registration(event, **names)
    make.a_registration(event, name_latin="Kofi Mensah", name_arabic="كوفي منساه")

    assert codes_on(organiser, f"/en/ogp-2022/manage/people?q={typed}") == [wanted.code]


def test_a_name_written_in_one_script_only_is_found_beside_the_exact_ones(organiser: FlaskClient, event: Event) -> None:
    exact = make.a_registration(event, name_latin="Ahmad Zaki", name_arabic="أحمد زكي")
    latin = make.a_registration(event, name_latin="Ahmed Alaoui", name_arabic="")
    make.a_registration(event, name_latin="Kofi Mensah", name_arabic="كوفي منساه")

    for typed in ("أحمد", "ahmed", "Ahmad"):
        found = codes_on(organiser, f"/en/ogp-2022/manage/people?q={typed}")
        export = organiser.get(f"/en/ogp-2022/manage/people.csv?q={typed}").text
        assert found == [exact.code, latin.code], typed
        assert [code in export for code in found] == [True, True], typed


def test_a_person_is_found_by_address_code_badge_and_alias_of_the_organisation(
    organiser: FlaskClient, event: Event
) -> None:
    with transaction() as now:
        organisations.add(
            Text(fr="Ministère de la Justice", en="Ministry of Justice"), country="MA", sector="government", now=now,
            acronym="MJ", aliases=("Justice department",),
        )  # fmt: skip
    wanted = make.a_registration(event, organisation_name="Ministère de la Justice", email="sara.b@example.org")
    make.a_registration(event, email="b.sara@example.org")
    ticket = registrations.live_ticket(wanted.id)
    assert ticket is not None
    letters = ticket.token.lower()
    badge = f"{letters[:8]} {letters[8:]}"

    for typed in ("sara.b@example.org", wanted.code.lower(), badge, "justice department"):
        assert codes_on(organiser, f"/en/ogp-2022/manage/people?q={typed}") == [wanted.code], typed


def test_no_result_says_so_and_offers_to_lift_the_filters(organiser: FlaskClient, event: Event) -> None:
    make.a_registration(event)

    page = organiser.get("/en/ogp-2022/manage/people?q=Xyzzyq&state=confirmed").text

    assert "Nobody matches." in page
    assert "Lift all filters" in page


def test_an_event_without_people_says_so(organiser: FlaskClient) -> None:
    assert "Nobody has registered yet." in organiser.get("/en/ogp-2022/manage/people").text


# ---- filters -------------------------------------------------------------------------------------------------------


def test_each_filter_keeps_exactly_those_it_names(organiser: FlaskClient, event: Event) -> None:
    one = make.a_registration(
        event, country="TN", sector="media", days=["2022-11-03"], lang="fr", organisation_name="Radio Tunis",
        confirmed_address=False,
    )  # fmt: skip
    two = make.a_registration(event, country="MA", days=["2022-11-01"], cancelled=True)

    kept = {"country=TN": one, "sector=media": one, "category=media": one, "day=2022-11-03": one, "language=fr": one,
            "organisation=Radio+Tunis": one, "address=unconfirmed": one, "state=cancelled": two,
            "address=confirmed": two, "state=confirmed&country=TN": one}  # fmt: skip
    for args, person in kept.items():
        assert codes_on(organiser, f"/en/ogp-2022/manage/people?{args}") == [person.code], args
    assert codes_on(organiser, "/en/ogp-2022/manage/people?state=confirmed&country=MA") == []


def test_a_chip_lifts_its_own_filter_and_keeps_the_others(organiser: FlaskClient, event: Event) -> None:
    make.a_registration(event)

    page = organiser.get("/en/ogp-2022/manage/people?state=confirmed&country=MA&sort=-registered").text

    chips = re.findall(r'<a class="chip"[^>]*href="([^"]*)"><bdi>([^<]*)</bdi>', page)
    assert [(label, url.replace("&amp;", "&")) for url, label in chips] == [
        ("Confirmed", "/en/ogp-2022/manage/people?country=MA&sort=-registered"),
        ("Morocco", "/en/ogp-2022/manage/people?state=confirmed&sort=-registered"),
    ]


@pytest.mark.parametrize(
    "args",
    ["page=-1&size=1000000&sort=password_hash", "after=%00", "after=R-%D8%B3", "before=R-NOBODYX", "q=%00", "q=%25_%5C",
     "state=nonsense&category=1&day=2022-99-99", "country=%00", "organisation=%00", "sort=--name", "q=%ff"],
)  # fmt: skip
def test_parameters_that_mean_nothing_do_no_harm(organiser: FlaskClient, event: Event, args: str) -> None:
    make.a_registration(event)

    assert organiser.get(f"/en/ogp-2022/manage/people?{args}").status_code == 200


def test_people_of_another_meeting_are_not_listed(organiser: FlaskClient, event: Event) -> None:
    here, there = make.a_registration(event), make.a_registration(make.an_event(slug="other"))

    assert codes_on(organiser, "/en/ogp-2022/manage/people") == [here.code]
    assert codes_on(organiser, f"/en/ogp-2022/manage/people?q={there.code}") == []


# ---- order and pages -----------------------------------------------------------------------------------------------


def test_names_are_sorted_by_the_alphabet_of_the_page(organiser: FlaskClient, event: Event) -> None:
    zoe = make.a_registration(event, name_latin="Zoé", name_arabic="أحمد")
    eva = make.a_registration(event, name_latin="Éva", name_arabic="ياسين")
    bob = make.a_registration(event, name_latin="bob", name_arabic="البشير")

    assert codes_on(organiser, "/en/ogp-2022/manage/people") == [bob.code, eva.code, zoe.code]
    assert codes_on(organiser, "/ar/ogp-2022/manage/people") == [zoe.code, bob.code, eva.code]
    assert codes_on(organiser, "/en/ogp-2022/manage/people?sort=-name") == [zoe.code, eva.code, bob.code]


def test_countries_are_sorted_by_their_names_in_the_language_of_the_page(organiser: FlaskClient, event: Event) -> None:
    germany = make.a_registration(event, country="DE")
    ivorian = make.a_registration(event, country="CI")
    senegal = make.a_registration(event, country="SN")

    assert codes_on(organiser, "/en/ogp-2022/manage/people?sort=country") == [ivorian.code, germany.code, senegal.code]
    assert codes_on(organiser, "/fr/ogp-2022/manage/people?sort=country") == [germany.code, ivorian.code, senegal.code]


@pytest.mark.parametrize("sort", ["name", "-name", "organisation", "-organisation", "country", "-country", "registered",
                                  "-registered"])  # fmt: skip
def test_pages_show_everybody_once_forwards_and_the_same_backwards(
    organiser: FlaskClient, event: Event, sort: str
) -> None:
    with clock.at(make.OPEN), transaction():
        people_here = [make.a_registration(event, name_latin="Same", country=("MA", "TN")[n % 2]) for n in range(43)]
        everybody = {person.code for person in people_here}
    start = f"/en/ogp-2022/manage/people?sort={sort}"

    forwards, path = [], start
    while path:
        forwards.append((codes_on(organiser, path), count_on(organiser, path)))
        last, path = path, _link(organiser, path, "next")
    backwards, path = [], last
    while path:
        backwards.append((codes_on(organiser, path), count_on(organiser, path)))
        path = _link(organiser, path, "prev")

    assert [count for codes, count in forwards] == ["1 to 20 of 43", "21 to 40 of 43", "41 to 43 of 43"]
    listed = [code for codes, count in forwards for code in codes]
    assert (len(listed), set(listed)) == (43, everybody)
    assert backwards == forwards[::-1]


def _link(client: FlaskClient, path: str, rel: str) -> str:
    found = re.search(rf'href="([^"]*)" rel="{rel}"', client.get(path).text)
    return found.group(1).replace("&amp;", "&") if found else ""


def test_the_list_costs_the_same_number_of_statements_for_1_and_30_people(
    app: Flask, organiser: FlaskClient, event: Event
) -> None:
    make.a_registration(event)
    with make.statements(app) as for_one:
        organiser.get("/en/ogp-2022/manage/people")
    with clock.at(make.OPEN), transaction():
        for _n in range(29):
            make.a_registration(event)

    with make.statements(app) as for_thirty:
        organiser.get("/en/ogp-2022/manage/people")

    assert len(_selects(for_thirty)) == len(_selects(for_one)) <= 7


def _selects(sent: list[str]) -> list[str]:
    return [statement for statement in sent if statement.lstrip().upper().startswith("SELECT")]


# ---- one person ----------------------------------------------------------------------------------------------------


def path_of(person: Registration, tail: str = "") -> str:
    """The address of somebody's page."""
    return f"/en/ogp-2022/manage/people/{person.code}{tail}"


def test_the_page_of_a_person_shows_their_code_in_fours_mails_and_history(organiser: FlaskClient, event: Event) -> None:
    person = make.a_registration(event, name_latin="Amina <b>Test</b>", position="Judge")
    ticket = registrations.live_ticket(person.id)
    assert ticket is not None

    page = organiser.get(path_of(person)).text

    token = ticket.token
    assert f"{token[:4]} {token[4:8]} {token[8:12]} {token[12:]}" in page
    assert "<h1><bdi>Amina &lt;b&gt;Test&lt;/b&gt;</bdi></h1>" in page
    assert "<bdi>Judge</bdi>" in page
    told = [re.sub("<svg.*?</svg>|<[^>]+>", "", line).strip() for line in re.findall(r"<li>(.*?)<small>", page)]
    assert sorted(told) == ["E-mail address confirmed.", "Mail: Place confirmed. Waiting to be sent", "Registered."]


def test_a_code_of_another_meeting_is_as_unknown_as_none_at_all(organiser: FlaskClient, event: Event) -> None:
    there = make.a_registration(make.an_event(slug="other"))

    answers = [organiser.get(f"/en/ogp-2022/manage/people/{code}") for code in (there.code, "R-NOBODYX", "%00", "س")]

    assert [answer.status_code for answer in answers] == [404] * 4


def test_a_participant_sees_nobody(client: FlaskClient, event: Event) -> None:
    person = make.a_registration(event)
    make.sign_in(client, make.a_person())

    assert client.get(path_of(person)).status_code == 404
    assert client.get(path_of(person, "x")).status_code == 404
    assert client.get("/en/ogp-2022/manage/people").status_code == 403


def test_a_volunteer_is_refused_the_list_and_its_export_alike(client: FlaskClient, event: Event) -> None:
    make.sign_in(client, make.staff("CI", event))

    answers = [client.get(f"/en/ogp-2022/manage/people{tail}").status_code for tail in ("", ".csv", ".xlsx")]

    assert answers == [403, 403, 403]


def test_a_long_address_is_not_broken_where_there_is_room(
    event: Event, live_server: str, page_in: Callable[..., Page]
) -> None:
    person = make.a_registration(event, email="abdelkader.benjelloun.touimi@example.org")
    with transaction() as now:
        secret = people.open_session(make.an_organiser(event).id, "full", now=now).secret
    page = page_in("en", width=1280)
    page.context.add_cookies([{"name": session.COOKIE, "value": secret, "url": live_server}])

    for width in (360, 700, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"/en/ogp-2022/manage/people/{person.code}")
        address = page.locator(".answers dd bdi[dir=ltr]", has_text="abdelkader.benjelloun")
        lines = address.evaluate("node => node.getClientRects().length")
        assert lines == 1 or width == 360, width
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


def test_needs_are_shown_only_to_those_with_the_scope_and_never_to_the_list(client: FlaskClient, event: Event) -> None:
    person = make.a_registration(event, diet="No peanuts, please")
    other = make.a_registration(event)
    listed = sorted((person.code, other.code))

    make.sign_in(client, make.an_organiser(event))
    assert "No peanuts" not in client.get(path_of(person)).text
    assert sorted(codes_on(client, "/en/ogp-2022/manage/people?needs=yes")) == listed

    make.sign_in(client, make.an_organiser(event, scopes=["needs"]))
    assert "No peanuts" not in client.get(path_of(person)).text, "not before they are asked for"
    assert "No peanuts, please" in client.get(client.post(path_of(person, "/needs")).location).text
    assert "No peanuts" not in client.get(path_of(person)).text, "and shown once"
    assert codes_on(client, "/en/ogp-2022/manage/people?needs=yes") == [person.code]


def test_cancelling_needs_a_reason_keeps_it_and_frees_the_place(client: FlaskClient) -> None:
    event = make.an_event(limit=1)
    with clock.at(make.OPEN):
        make.sign_in(client, make.an_organiser(event))
    person, waiting = make.a_registration(event), make.a_registration(event)

    with clock.at(make.OPEN):
        refused = client.post(path_of(person, "/cancel"), data={"reason": " "})
    assert (refused.status_code, fresh(person).state) == (422, "confirmed")
    assert "Write the reason: it is kept in the record." in refused.text

    with clock.at(make.OPEN):
        done = client.post(path_of(person, "/cancel"), data={"reason": "Asked by phone"})
    assert (done.status_code, done.location) == (303, path_of(person, "?done=cancelled"))
    assert (fresh(person).state, fresh(person).end_reason) == ("cancelled", "Asked by phone")
    with clock.at(make.OPEN):
        assert "Cancelled. Reason: “<bdi>Asked by phone</bdi>”." in client.get(path_of(person)).text
    offer = registrations.live_entry(waiting.id)
    assert offer is not None and offer.state == "offered"


def test_a_category_that_no_form_offers_can_be_given_and_survives_a_change_of_answers(
    organiser: FlaskClient, event: Event
) -> None:
    person = make.a_registration(event)

    answer = organiser.post(path_of(person, "/category"), data={"category": "press"})
    changes.change(person.id, _answers(event, person), lang="en", by=Actor("person"))

    assert answer.status_code == 303
    assert fresh(person).category == "press"
    page = organiser.get(path_of(person)).text
    assert "Category changed from “Civil society” to “Press”." in page


def _answers(event: Event, person: Registration) -> Any:
    typed = make.raw_answers(email=registrations.person_of(person).email, position="Chair")
    return rules.answers(typed, days=event.days)


def test_a_full_category_takes_nobody_more_and_the_page_says_so(client: FlaskClient) -> None:
    event = make.an_event(media=1)
    make.sign_in(client, make.an_organiser(event))
    make.a_registration(event, sector="media")
    person = make.a_registration(event)

    answer = client.post(path_of(person, "/category"), data={"category": "media"})

    assert (answer.status_code, fresh(person).category) == (422, "civil_society")
    assert "All places for “Media” are taken" in answer.text


def test_an_unknown_category_is_refused_at_its_field(organiser: FlaskClient, event: Event) -> None:
    person = make.a_registration(event)

    answer = organiser.post(path_of(person, "/category"), data={"category": "king"})

    assert (answer.status_code, fresh(person).category) == (422, "civil_society")
    assert "Choose a category." in answer.text


def test_a_note_for_the_door_is_kept_and_one_too_long_stays_in_the_form(organiser: FlaskClient, event: Event) -> None:
    person = make.a_registration(event)

    organiser.post(path_of(person, "/door-note"), data={"door_note": " Needs help  at the desk "})
    refused = organiser.post(path_of(person, "/door-note"), data={"door_note": "x" * 141})

    assert fresh(person).door_note == "Needs help at the desk"
    assert refused.status_code == 422
    assert "x" * 141 in refused.text


def test_the_confirmation_is_mailed_again_and_written_down(organiser: FlaskClient, event: Event) -> None:
    person = make.a_registration(event)

    answer = organiser.post(path_of(person, "/mail-again"))

    assert answer.status_code == 303
    mails = db.session.query(outbox.Mail).filter_by(about_ref=person.code, kind="registration/confirmed").count()
    assert mails == 2
    assert audit.history(event.id, "registration", person.code)[0].action == "registration.mailed_again"


def test_a_cancelled_registration_is_not_confirmed_by_mail(organiser: FlaskClient, event: Event) -> None:
    person = make.a_registration(event, cancelled=True)

    answer = organiser.post(path_of(person, "/mail-again"))

    assert answer.status_code == 422
    assert "This registration has ended" in answer.text


def test_history_tells_every_change_in_words_and_an_unknown_action_too(organiser: FlaskClient, event: Event) -> None:
    person = make.a_registration(event, position="Clerk")
    changes.change(person.id, _answers(event, person), lang="en", by=OPERATOR)
    with transaction():
        audit.record("moon.landed", fresh(person), event_id=event.id, actor=OPERATOR)

    page = organiser.get(path_of(person)).text

    sentences = re.findall(r"<li>(.*?)<small>", page)
    assert sentences[0] == "Recorded: moon.landed."
    assert "Position: “<bdi>Clerk</bdi>” became “<bdi>Chair</bdi>”." in sentences[1]
    assert sentences[1].startswith("Answers changed: ")


def test_a_revoked_badge_still_leads_to_its_holder(organiser: FlaskClient, event: Event) -> None:
    person = make.a_registration(event, cancelled=True)
    ticket = db.session.query(Ticket).filter_by(registration_id=person.id).one()

    assert codes_on(organiser, f"/en/ogp-2022/manage/people?q={ticket.token}") == [person.code]


# ---- in a browser --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "width"), [("ar", 390), ("en", 1280)])
def test_the_pages_of_organisers_can_be_read_and_used_by_everybody(
    event: Event, live_server: str, page_in: Callable[..., Page], axe: Callable[[Page], list[str]], lang: str,
    width: int,
) -> None:  # fmt: skip
    person = make.a_registration(event, name_arabic="أمينة بناني", confirmed_address=False)
    with transaction() as now:
        secret = people.open_session(make.an_organiser(event, scopes=["needs"]).id, "full", now=now).secret
    page = page_in(lang, width=width)
    page.context.add_cookies([{"name": session.COOKIE, "value": secret, "url": live_server}])

    for path in ("", "people?state=confirmed&q=محمد", "people?sort=-country", f"people/{person.code}"):
        page.goto(f"/{lang}/ogp-2022/manage/{path}")
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


def test_somebody_is_found_and_a_note_left_for_the_door_without_scripts(
    event: Event, live_server: str, page_in: Callable[..., Page]
) -> None:
    make.a_registration(event, name_latin="Kofi Mensah")
    wanted = make.a_registration(event, name_latin="Amina Bennani")
    with transaction() as now:
        secret = people.open_session(make.an_organiser(event).id, "full", now=now).secret
    page = page_in("en", js=False)
    page.context.add_cookies([{"name": session.COOKIE, "value": secret, "url": live_server}])

    page.goto("/en/ogp-2022/manage/people")
    page.get_by_label("Search for people").fill("benani")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Amina Bennani").click()

    page.locator("summary", has_text="Note for the door").click()
    page.get_by_label("Note for the door").fill("Needs help at the desk")
    page.get_by_role("button", name="Keep the note").click()

    assert page.url == f"{live_server}/en/ogp-2022/manage/people/{wanted.code}?done=note"
    assert page.get_by_text("The note for the door is kept.").is_visible()
    assert fresh(wanted).door_note == "Needs help at the desk"
