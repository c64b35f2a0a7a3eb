"""The list of people as a file: the same people, nothing that runs, nothing that does not belong outside."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from eventreg.core import audit, clock, tables
from eventreg.core.db import db, transaction
from eventreg.events.models import Event
from eventreg.manage import exports
from eventreg.manage.filters import ParticipantFilter
from eventreg.registration.models import Registration
from tests import factories as make

FORMULA = "@SUM(1+1)*cmd|' /C calc'!A0"


@pytest.fixture
def event(app: Flask) -> Event:
    """The Marrakech meeting, without limits."""
    return make.an_event()


@pytest.fixture
def organiser(client: FlaskClient, event: Event) -> FlaskClient:
    """A browser in which an organiser is signed in."""
    make.sign_in(client, make.an_organiser(event, scopes=["needs"]))
    return client


def csv_rows(content: bytes) -> list[list[str]]:
    """The cells of a CSV file of ours."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_csv_opens_in_a_spreadsheet_and_holds_what_was_answered(
    organiser: FlaskClient, event: Event
) -> None:
    make.a_registration(
        event, email="amina@example.org", name_latin="Amina, Test", name_arabic="أمينة", phone="+212600112233",
        organisation_name=FORMULA, country="TN", sector="media", position="Judge\u200f", diet="No peanuts",
        days=["2022-11-01", "2022-11-03"], lang="fr", consents_photo=True,
    )  # fmt: skip

    answer = organiser.get("/en/ogp-2022/manage/people.csv")

    assert answer.data.startswith(b"\xef\xbb\xbfcode,name_latin,")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=ogp-2022-participants-")
    head, row = csv_rows(answer.data)
    cells = dict(zip(head, row, strict=True))
    code = cells.pop("code")
    assert code.startswith("R-")
    assert cells == {
        "name_latin": "Amina, Test", "name_arabic": "أمينة", "email": "amina@example.org", "phone": "'+212600112233",
        "organisation": "'" + FORMULA, "sector": "media", "category": "media", "country": "TN", "position": "Judge",
        "days": "2022-11-01 2022-11-03", "languages": "ar fr", "lang": "fr", "state": "confirmed",
        "address_confirmed": "yes", "registered_at": "2022-09-27T08:10:00Z", "confirmed_at": "2022-09-27T08:10:00Z",
        "ended_at": "", "visa_letter": "no", "photo_consent": "yes", "contact_consent": "no",
    }  # fmt: skip


def test_needs_never_leave_with_the_table(organiser: FlaskClient, event: Event) -> None:
    make.a_registration(event, diet="No peanuts", access="Wheelchair")

    for kind in ("csv", "xlsx"):
        content = organiser.get(f"/en/ogp-2022/manage/people.{kind}").data
        text = str(_sheet(content)) if kind == "xlsx" else content.decode()
        assert "Amina" in text
        assert "peanuts" not in text and "Wheelchair" not in text


def _sheet(content: bytes) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))


def test_every_cell_of_the_workbook_is_text_and_the_arabic_one_opens_right_to_left(
    organiser: FlaskClient, event: Event
) -> None:
    formula = '=HYPERLINK("https://example.org","Aya")'
    make.a_registration(event, name_latin=formula, phone="+212600112233")

    arabic = openpyxl.load_workbook(io.BytesIO(organiser.get("/ar/ogp-2022/manage/people.xlsx").data)).active
    english = openpyxl.load_workbook(io.BytesIO(organiser.get("/en/ogp-2022/manage/people.xlsx").data)).active

    assert [bool(sheet.sheet_view.rightToLeft) for sheet in (arabic, english)] == [True, False]
    cells = {cell.value: cell.data_type for cell in english[2] if cell.value}
    assert cells[formula] == "s"
    assert cells["+212600112233"] == "s"
    assert set(cells.values()) == {"s"}
    assert [cell.value for cell in english[1]] == list(exports.PARTICIPANT_COLUMNS)


def test_the_file_holds_the_people_of_the_page_in_its_order(organiser: FlaskClient, event: Event) -> None:
    one = make.a_registration(event, country="TN", name_latin="Zoé")
    two = make.a_registration(event, country="TN", name_latin="Amina")
    make.a_registration(event, country="MA")
    make.a_registration(make.an_event(slug="other"), country="TN")

    rows = csv_rows(organiser.get("/en/ogp-2022/manage/people.csv?country=TN").data)
    turned = csv_rows(organiser.get("/en/ogp-2022/manage/people.csv?country=TN&sort=-name").data)

    assert [row[0] for row in rows[1:]] == [two.code, one.code]
    assert [row[0] for row in turned[1:]] == [one.code, two.code]


def test_who_took_which_part_out_is_written_down_without_the_name_searched_for(
    organiser: FlaskClient, event: Event
) -> None:
    make.a_registration(event, country="TN", name_latin="Amina Secret")

    organiser.get("/en/ogp-2022/manage/people.csv?country=TN&q=Secret")

    last = audit.history(event.id, "event", event.slug)[0]
    assert (last.action, last.actor.partition(":")[0]) == ("participants.exported", "organiser")
    assert last.facts == {"filter": {"country": "TN"}, "rows": 1, "kind": "csv", "is_searched": True}


def test_strangers_and_participants_get_no_file(client: FlaskClient, event: Event) -> None:
    for person in (None, make.a_person()):
        if person is not None:
            make.sign_in(client, person)
        answer = client.get("/en/ogp-2022/manage/people.csv")
        assert answer.status_code == (303 if person is None else 403)
        assert b"name_latin" not in answer.data


def test_rows_for_the_command_line_come_in_order_of_registration(app: Flask, event: Event) -> None:
    people = [make.a_registration(event, name_latin=name) for name in ("Zoé", "Amina")]

    rows = list(exports.participants(event.id, ParticipantFilter(state="confirmed")))

    assert [row[0] for row in rows] == [person.code for person in people]
    assert {len(row) for row in rows} == {len(exports.PARTICIPANT_COLUMNS)}


def test_a_long_table_is_complete(organiser: FlaskClient, event: Event) -> None:
    with clock.at(make.OPEN), transaction():
        template = make.a_registration(event)
        columns = {column.name for column in Registration.__table__.columns} - {"id", "code", "person_id", "key"}
        same = {name: getattr(template, name) for name in columns}
        for n in range(600):
            person = make.a_person()
            db.session.add(Registration(code=f"R-{n:08d}", person_id=person.id, **same))

    assert len(csv_rows(organiser.get("/en/ogp-2022/manage/people.csv").data)) == 602
    assert len(_sheet(organiser.get("/en/ogp-2022/manage/people.xlsx").data)) == 602


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", "\tx", "\rx", "'=1"])
def test_a_formula_sign_gets_an_apostrophe(value: str) -> None:
    assert tables.safe(value) == "'" + value


@pytest.mark.parametrize("value", ["", "Aya", "O'Neil", "'Aya", "a=1", "1-2", "٣"])
def test_other_words_stay_as_they_are(value: str) -> None:
    assert tables.safe(value) == value


@given(st.text(alphabet="'=+-@\t\rab", max_size=8))
def test_a_cell_is_read_back_as_it_was_and_the_apostrophe_never_grows(value: str) -> None:
    assert tables.plain(tables.safe(value)) == value
    assert not tables.safe(value).startswith(("=", "+", "-", "@", "\t", "\r"))
