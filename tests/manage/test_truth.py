"""The whole truth about a person and a meeting: one order of time, who read what is sensitive, who changed what last."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventreg.checkin.models import Scan
from eventreg.core import audit, clock
from eventreg.core.audit import AuditLine
from eventreg.core.db import db, transaction
from eventreg.core.outbox import Mail
from eventreg.events.models import Event
from eventreg.manage import services
from eventreg.people.models import Person
from eventreg.registration.models import Registration
from tests import factories as make

HOME = "/en/ogp-2022/manage"


@pytest.fixture(autouse=True)
def summer() -> Iterator[None]:
    """Three days before the deadline."""
    with clock.at(make.OPEN):
        yield


@pytest.fixture
def event(app: Flask) -> Event:
    """The Marrakech meeting."""
    return make.an_event()


@pytest.fixture
def reader(client: FlaskClient, event: Event) -> FlaskClient:
    """A browser of an organiser who may read needs."""
    make.sign_in(client, make.an_organiser(event, scopes=["needs"]))
    return client


def plain(lines: list[str]) -> list[str]:
    """Lines without their tags."""
    return [" ".join(re.sub("<svg.*?</svg>|<[^>]+>", "", line).split()) for line in lines]


def timeline(client: FlaskClient, code: str) -> list[str]:
    """What the page of a person tells, newest first."""
    told = client.get(f"{HOME}/people/{code}").text.split('<ol class="history">')[1]
    return plain(re.findall(r"<li>(.*?)<small>", told, re.DOTALL))


def recorded(event: Event, action: str) -> list[AuditLine]:
    """The lines of this action, oldest first."""
    found = db.session.query(AuditLine).filter_by(chain=event.id, action=action)
    return found.order_by(AuditLine.seq).all()


# ---- one order of time -------------------------------------------------------------------------------------------------


def test_changes_mails_scans_and_readings_stand_in_one_order_of_time(reader: FlaskClient, event: Event) -> None:
    person = make.a_registration(event, diet="Vegetarian")
    code, number = person.code, person.id
    clock.tick(minutes=1)
    services.note_for_door(number, "Speaker", by=audit.OPERATOR)
    clock.tick(minutes=1)
    with transaction() as now:
        db.session.add(Scan(
            id="0" * 36, event_id=event.id, registration_id=number, door="North", day="2022-11-01", kind="entry",
            source="wedge", verdict="ok", at=now, received_at=now,
        ))  # fmt: skip
    clock.tick(minutes=1)
    reader.post(f"{HOME}/people/{code}/needs")
    clock.tick(minutes=1)
    with transaction() as now:
        mail = db.session.query(Mail).filter_by(about_ref=code).one()
        mail.state, mail.sent_at, mail.last_answer = "failed", now, "550 no such mailbox"

    assert timeline(reader, code)[:4] == [
        "Mail: Place confirmed. FailedLast answer of the server: 550 no such mailbox",
        "Read the access and dietary needs of this person.",
        "Badge read at the door “North”. Entry recorded",
        "A note for the door was written. Note for the door: “Speaker”.",
    ]


def test_a_busy_life_costs_as_many_statements_as_a_quiet_one(app: Flask, reader: FlaskClient, event: Event) -> None:
    person = make.a_registration(event)
    number, path = person.id, f"{HOME}/people/{person.code}"
    with make.statements(app) as few:
        reader.get(path)
    for note in range(20):
        services.note_for_door(number, f"Note {note}", by=audit.OPERATOR)
        services.send_confirmation_again(number, by=audit.OPERATOR)

    with make.statements(app) as many:
        reader.get(path)

    assert len(many) == len(few)


# ---- who read what is sensitive ------------------------------------------------------------------------------------------


def test_showing_needs_is_written_down_and_told_to_the_person(app: Flask, reader: FlaskClient, event: Event) -> None:
    person = make.a_registration(event, access="Wheelchair")
    code, person_id = person.code, person.person_id

    hidden = reader.get(f"{HOME}/people/{code}").text
    answer = reader.post(f"{HOME}/people/{code}/needs")
    shown = reader.get(answer.location).text

    assert ("Wheelchair" in hidden, answer.status_code, "Wheelchair" in shown) == (False, 303, True)
    assert [line.object_ref for line in recorded(event, "needs.read")] == [code]
    mine, who = app.test_client(), db.session.get_one(Person, person_id)
    make.sign_in(mine, who)
    page = mine.get("/en/ogp-2022/me/").text
    assert "Who read your needs" in page and "An organiser read your access and dietary needs." in page
    by_link = app.test_client()
    make.sign_in(by_link, who, kind="link", event=event)
    assert "Who read your needs" not in by_link.get("/en/ogp-2022/me/").text


def test_without_the_scope_nothing_is_shown_and_nothing_recorded(client: FlaskClient, event: Event) -> None:
    person = make.a_registration(event, access="Wheelchair")
    make.sign_in(client, make.an_organiser(event))

    answer = client.post(f"{HOME}/people/{person.code}/needs")

    assert (answer.status_code, recorded(event, "needs.read")) == (403, [])
    assert "Show the needs" not in client.get(f"{HOME}/people/{person.code}").text


def test_needs_shown_of_one_person_are_not_those_of_the_next(reader: FlaskClient, event: Event) -> None:
    one = make.a_registration(event, access="Wheelchair").code
    other = make.a_registration(event, access="Hearing loop").code

    reader.post(f"{HOME}/people/{one}/needs")

    assert "Hearing loop" not in reader.get(f"{HOME}/people/{other}").text
    assert reader.post(f"{HOME}/people/R-NOBODY22/needs").status_code == 404


def test_the_list_by_needs_is_recorded_once_an_hour_and_every_file_of_it(reader: FlaskClient, event: Event) -> None:
    make.a_registration(event, diet="Vegetarian")
    make.a_registration(event)

    for _look in range(3):
        reader.get(f"{HOME}/people?needs=yes")
    reader.get(f"{HOME}/people.csv?needs=yes")
    reader.get(f"{HOME}/people/print?needs=yes")
    clock.tick(hours=2)
    reader.get(f"{HOME}/people?needs=yes")
    reader.get(f"{HOME}/people")

    found = [(line.facts["kind"], line.facts["rows"]) for line in recorded(event, "needs.listed")]
    assert found == [("list", 1), ("csv", 1), ("print", 1), ("list", 1)]


def test_a_list_of_those_with_needs_is_told_to_those_in_it_only(app: Flask, reader: FlaskClient, event: Event) -> None:
    told, silent = make.a_registration(event, diet="Vegetarian"), make.a_registration(event)
    pages = {}
    codes = (told.code, silent.code)
    ids = [one.person_id for one in (told, silent)]
    reader.get(f"{HOME}/people?needs=yes")

    for person_id in ids:
        client = app.test_client()
        make.sign_in(client, db.session.get_one(Person, person_id))
        pages[person_id] = "An organiser saw the list of those who told needs" in client.get("/en/ogp-2022/me/").text

    assert list(pages.values()) == [True, False]
    assert "Saw this person in the list of those who told needs." in timeline(reader, codes[0])


# ---- the record of changes -----------------------------------------------------------------------------------------------


def test_the_record_is_filtered_by_who_and_by_days(client: FlaskClient, event: Event) -> None:
    organiser = make.an_organiser(event)
    make.sign_in(client, organiser)
    actor, number = f"organiser:{organiser.code}", make.a_registration(event).id
    services.note_for_door(number, "One", by=audit.Actor("organiser", organiser.code))
    clock.tick(days=1)
    services.note_for_door(number, "Two", by=audit.OPERATOR)

    def shown(args: str) -> list[str]:
        page = client.get(f"{HOME}/audit?action=registration.door_note&{args}").text
        return re.findall(r'<td data-label="Who"><bdi>(.*?)</bdi>', page)

    assert shown(f"actor={actor}") == ["Some Body"]
    assert shown("since=2022-09-28") == ["The operator"]
    assert shown("until=2022-09-27") == ["Some Body"]
    assert shown("since=2022-09-27&until=2022-09-28") == ["The operator", "Some Body"]
    assert shown("since=never&until=2022-13-45") == ["The operator", "Some Body"]
    kept = client.post(f"{HOME}/audit.csv", data={"actor": actor, "since": "2022-09-27", "action": "registration.door_note"}).text
    assert [row.split(",")[2] for row in kept.splitlines()[1:]] == [actor]


def test_the_details_of_a_line_are_words(client: FlaskClient, event: Event) -> None:
    make.sign_in(client, make.an_organiser(event))
    make.a_registration(event, country="MA")

    page = client.get("/fr/ogp-2022/manage/audit?action=registration.registered").text

    details = re.search(r'<details><summary>Détails</summary><dl class="facts">(.*?)</dl>', page)
    assert details is not None
    pairs = re.findall(r"<dt>(.*?)</dt><dd><bdi>(.*?)</bdi>", details.group(1))
    assert ("Pays", "Maroc") in pairs and ("Type de participation", "Société civile") in pairs
    assert not re.search(r"civil_society|True|False|null|\{", details.group(1))


def test_a_subject_of_the_settings_says_who_changed_it_last(client: FlaskClient, event: Event) -> None:
    make.sign_in(client, make.an_organiser(event))
    path = f"{HOME}/settings/deadline"
    assert "Last changed by" not in client.get(path).text

    client.post(path, data={"day": "2022-10-07", "hour": "", "grace": "5", "reason_en": "visas"})

    assert re.search(r"Last changed by <bdi>Some Body</bdi> on Tuesday 27.September.2022, 09:10\.", client.get(path).text)


# ---- mail ------------------------------------------------------------------------------------------------------------------


def test_a_mail_says_why_it_was_written_and_leads_to_its_person(client: FlaskClient, event: Event) -> None:
    make.sign_in(client, make.an_organiser(event))
    person = make.a_registration(event, name_latin="Amina Bennani", lang="fr")
    code, mail = person.code, db.session.query(Mail).one().id

    listed, one = client.get(f"{HOME}/mail?q=bennani&lang=fr").text, client.get(f"{HOME}/mail/{mail}").text

    assert f'<a href="{HOME}/people/{code}"><bdi>Amina Bennani</bdi></a>' in listed
    assert "A place was given, or the confirmation was asked for again." in one
    assert f'<a href="{HOME}/people/{code}"><bdi>Amina Bennani</bdi></a>' in one
    assert "No mail matches this search." in client.get(f"{HOME}/mail?q=bennani&lang=ar").text


def test_all_failed_mails_are_counted_then_sent_again_and_nobody_elses(client: FlaskClient, event: Event) -> None:
    make.sign_in(client, make.an_organiser(event))
    people = [make.a_registration(event).code for _n in range(3)]
    make.a_registration(make.an_event(slug="other"))
    _set(state="failed", last_answer="451 busy")
    _set(Mail.about_ref == people[2], state="sent")

    counted = client.get(f"{HOME}/mail/failed").text
    newest = re.search(r'name="newest" value="(\d+)"', counted)
    assert newest is not None and "2 mails could not be delivered." in counted and "451 busy" in counted
    _set(Mail.about_ref == people[2], state="failed")  # after the page counted
    answer = client.post(f"{HOME}/mail/failed", data={"newest": newest.group(1)})

    states = {mail.about_ref: mail.state for mail in db.session.query(Mail).filter_by(event_id=event.id).populate_existing()}
    assert states == {people[0]: "waiting", people[1]: "waiting", people[2]: "failed"}
    assert db.session.query(Mail).filter(Mail.event_id != event.id, Mail.state == "failed").count() == 1
    assert "2 mails will be sent again in a moment." in client.get(answer.location).text
    assert [line.facts for line in recorded(event, "mail.failed_again")] == [{"mails": 2}]
    assert client.post(f"{HOME}/mail/failed", data={"newest": "x"}).status_code == 400


def _set(*conditions: object, **changes: str) -> None:
    with transaction():
        db.session.query(Mail).filter(*conditions).update(changes)  # type: ignore[arg-type]


def test_nobody_without_the_role_reads_or_resends(client: FlaskClient, event: Event) -> None:
    person = make.a_registration(event)
    make.sign_in(client, make.staff("CI", event))

    answers = [client.get(f"{HOME}/mail/failed"), client.post(f"{HOME}/mail/failed", data={"newest": "1"})]
    answers.append(client.post(f"{HOME}/people/{db.session.get_one(Registration, person.id).code}/needs"))

    assert [answer.status_code for answer in answers] == [403, 403, 404]
