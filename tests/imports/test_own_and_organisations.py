"""Columns of a meeting's own questions, and tables of organisations: taken in, told, taken back."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eventreg.cli import invariants
from eventreg.core import clock as product_clock
from eventreg.core import tables, worker
from eventreg.core.audit import OPERATOR, verify
from eventreg.core.db import db, transaction
from eventreg.core.questions import shape
from eventreg.core.questions.shape import Kind, Option, Question, When
from eventreg.core.trilingual import Text
from eventreg.imports import work
from eventreg.manage import exports, organisation_queries
from eventreg.manage.filters import Order
from eventreg.people import directory, organisations
from eventreg.people.models import Organisation
from eventreg.people.organisation_rules import Plan
from eventreg.registration.models import Needs, Registration
from tests import factories as make
from tests.house.test_http import snapshot
from tests.imports import files

HOTEL = Question(
    "hotel",
    Kind.ONE_OF,
    Text(ar="الفندق", fr="Hôtel", en="Hotel"),
    options=(Option("palm", Text(ar="النخيل", fr="Palmeraie", en="Palm grove")), Option("own", Text(en="My own"))),
)
TOPICS = Question(
    "topics",
    Kind.SEVERAL_OF,
    Text(en="Topics"),
    options=(Option("justice", Text(en="Justice")), Option("digital", Text(en="Digital"))),
)
NIGHTS = Question(
    "nights", Kind.NUMBER, Text(en="Nights"), least=1, most=9, when=When((shape.Test("hotel", "is", ("palm",)),)), is_required=True
)
HEAD = "name_latin,email,country,category,{}\n"


@pytest.fixture(autouse=True)
def _in_summer(clock: ModuleType) -> Any:
    with clock.at(make.OPEN):
        yield


def answers() -> list[dict[str, Any]]:
    return [registration.answers for registration in files.everybody()]


@pytest.mark.parametrize("head", ["q:hotel,q:topics,q:nights", "Hôtel,Topics,Nights", "الفندق,TOPICS,nights"])
def test_own_questions_are_columns_by_their_short_name_or_their_words(app: Flask, head: str) -> None:
    event = make.an_event()
    make.ask(event, HOTEL, TOPICS, NIGHTS)

    report = files.take(event, files.table("A,a@example.org,MA,gov,palmeraie,Justice; digital,٣", head=HEAD.format(head)))

    assert (report.status, report.problems) == ("imported", [])
    assert answers() == [{"hotel": "palm", "topics": ["justice", "digital"], "nights": "3"}]


def test_a_wrong_answer_is_told_and_a_missing_one_is_the_persons_task(app: Flask) -> None:
    event = make.an_event()
    make.ask(event, HOTEL, NIGHTS)
    data = files.table("A,a@example.org,MA,gov,castle,1", "B,b@example.org,MA,gov,palm,", "C,c@example.org,MA,gov,own,2",
                       head=HEAD.format("q:hotel,q:nights"))  # fmt: skip

    report = files.take(event, data, only_good=True)

    told = [(line, one.level, one.refusal.code, one.column) for line, one in report.problems]
    assert (2, "error", "question.not_an_option", "q:hotel") in told
    assert (4, "warning", "imports.not_asked", "q:nights") in told
    assert answers() == [{"hotel": "palm"}, {"hotel": "own"}]


def test_sensitive_questions_and_files_are_no_columns(app: Flask) -> None:
    event = make.an_event()
    secret = Question("secret", Kind.TEXT, Text(en="Secret"), is_sensitive=True)
    make.ask(event, secret, Question("paper", Kind.FILE, Text(en="Paper")))

    files.take(event, files.table("A,a@example.org,MA,gov,x,y", head=HEAD.format("q:secret,q:paper")))

    assert answers() == [{}]


def test_the_own_export_with_own_answers_changes_nothing_and_a_change_is_put_back_exactly(app: Flask) -> None:
    event = make.an_event()
    make.ask(event, HOTEL, TOPICS, NIGHTS)
    person = make.a_registration(event, q_hotel="palm", q_topics=["digital"], q_nights="2")
    with tables.csv_file(exports.columns(event.id), exports.participants(event.id)) as file:
        data = file.read()
    before = snapshot()
    same = files.take(event, data)
    assert (same.counts["unchanged"], same.counts["changed"]) == (1, 0)
    assert snapshot() == before

    changed = files.take(event, f"code,q:hotel,q:topics\n{person.code},own,justice\n".encode())
    after = answers()
    batch = files.batch()
    with transaction():
        db.session.get_one(type(batch), batch.id).state = "undoing"
    work.undo(batch.id, lambda done, total: None)

    assert changed.counts["changed"] == 1
    assert after == [{"hotel": "own", "topics": ["justice"], "nights": "2"}] or after == [{"hotel": "own", "topics": ["justice"]}]
    assert answers() == [{"hotel": "palm", "topics": ["digital"], "nights": "2"}]
    assert verify(event.id) is None


def test_taking_back_brings_back_what_another_sector_hid_also_what_is_kept_apart(app: Flask) -> None:
    event = make.an_event()
    only = When((shape.Test("sector", "is", ("academia",)),))
    make.ask(event, replace(HOTEL, when=only), Question("union", Kind.TEXT, Text(en="Union"), is_sensitive=True, when=only))
    person = make.a_registration(event, sector="academia", q_hotel="palm", q_union="UMT")
    before = _kept_of(person.id)

    report = files.take(event, f"code,sector\n{person.code},media\n".encode())
    hidden, batch = _kept_of(person.id), files.batch()
    with transaction():
        db.session.get_one(type(batch), batch.id).state = "undoing"
    work.undo(batch.id, lambda done, total: None)

    assert (report.counts["changed"], hidden) == (1, ("media", {}, {}))
    assert [(one.refusal.code, one.refusal.params["fields"]) for _line, one in report.problems] == [
        ("imports.hides", ["q:hotel", "q:union"])
    ]
    assert _kept_of(person.id) == before == ("academia", {"hotel": "palm"}, {"union": "UMT"})


def _kept_of(registration_id: int) -> tuple[str, dict[str, Any], dict[str, Any]]:
    db.session.expire_all()
    registration, needs = db.session.get_one(Registration, registration_id), db.session.get(Needs, registration_id)
    return registration.sector, registration.answers, needs.answers if needs else {}


# ---- organisations ---------------------------------------------------------------------------------------------------

ORGS = "name_ar,name_fr,name_en,acronym,aliases,country,sector,level,parent,is_public\n"


def bodies() -> list[Organisation]:
    return list(db.session.scalars(select(Organisation).order_by(Organisation.id).execution_options(populate_existing=True)))


def test_organisations_come_in_with_all_their_names(app: Flask) -> None:
    event = make.an_event()

    report = files.take(
        event, files.table("وزارة العدل,Ministère de la justice,Ministry of Justice,MJ,Chancellerie|العدل,Maroc,gov,ministry,,oui",
                           ",Ligue des droits,,,,SN,ong,,,", head=ORGS), what="organisations",
    )  # fmt: skip

    ministry, league = bodies()
    assert (report.status, report.counts["new"], report.problems) == ("imported", 2, [])
    assert (ministry.name.ar, ministry.acronym, ministry.level, ministry.is_public) == ("وزارة العدل", "MJ", "central", True)
    assert organisations.aliases_of(ministry.id) == ["Chancellerie", "العدل"]
    assert (league.country, league.sector) == ("SN", "civil_society")
    assert organisations.recognised("", "chancellerie", "MA").id == ministry.id


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (",,Body,,,ZZ,gov,,,", "imports.country_unknown"),
        (",,Body,,,MA,priest,,,", "imports.category_unknown"),
        (",,Body,,,MA,guest,,,", "imports.category_unknown"),
        (",,Body,,,MA,gov,galactic,,", "imports.level_unknown"),
        (",,Body,,,MA,gov,,O-NOBODY,", "organisation.no_parent"),
        (",,Body,,,,gov,,,", "imports.country_missing"),
        (",,,ACR,,MA,gov,,,", "organisation.no_name"),
        (",,12345,,,MA,gov,,,maybe", "imports.yes_or_no"),
    ],
)
def test_a_wrong_line_is_told_and_nothing_is_written(app: Flask, line: str, code: str) -> None:
    event = make.an_event()

    report = files.take(event, files.table(line, ",,Good one,,,MA,gov,,,", head=ORGS), what="organisations")

    assert report.status == "refused"
    assert code in {one.refusal.code for number, one in report.problems if number == 2}
    assert bodies() == []


def test_the_same_organisation_twice_in_a_file_is_told(app: Flask) -> None:
    event = make.an_event()

    report = files.take(event, files.table(",,Body,,,MA,gov,,,", ",,BODY,,,MA,gov,,,", head=ORGS), what="organisations")

    assert ("imports.twice", 3) in {(one.refusal.code, line) for line, one in report.problems}


def test_a_known_organisation_is_changed_by_code_or_name_and_put_back(app: Flask) -> None:
    event = make.an_event()
    parent = directory.add(Plan(Text(en="Government"), "MA", "government"), by=OPERATOR)
    known = directory.add(Plan(Text(fr="Agence du numérique"), "MA", "government", aliases=("ADD",)), by=OPERATOR)
    make.a_registration(event, organisation_name="ADD")
    before = directory.seen(known)

    report = files.take(
        event, files.table(f",Agence du numérique,Digital agency,,Agence X,MA,gov,agency,{parent.code},yes", head=ORGS),
        what="organisations",
    )  # fmt: skip
    after = directory.seen(organisations.by_code(known.code))
    batch = files.batch()
    with transaction():
        db.session.get_one(type(batch), batch.id).state = "undoing"
    work.undo(batch.id, lambda done, total: None)

    assert (report.counts["changed"], report.counts["new"]) == (1, 0)
    assert (after["name_en"], after["parent"], after["level"]) == ("Digital agency", parent.code, "agency")
    assert directory.seen(organisations.by_code(known.code)) == before
    assert db.session.scalars(select(Registration.organisation_id)).one() == known.id
    assert invariants.findings(product_clock.now()) == [] and verify(0) is None


def test_undoing_removes_new_ones_but_not_those_in_use_or_changed_since(app: Flask) -> None:
    event = make.an_event()
    files.take(
        event, files.table(",,Free,,,MA,gov,,,", ",,Used,,,MA,gov,,,", ",,Edited,,,MA,gov,,,", head=ORGS), what="organisations"
    )
    make.a_registration(event, organisation_name="Used")
    edited = bodies()[2]
    directory.change(edited.code, Plan(Text(en="Edited anew"), "MA", "government"), holders=(), by=OPERATOR)
    batch = files.batch()
    with transaction():
        db.session.get_one(type(batch), batch.id).state = "undoing"
    work.undo(batch.id, lambda done, total: None)

    assert [body.name.en for body in bodies()] == ["Used", "Edited anew"]
    assert files.batch().counts["kept"] == 2


def test_importing_the_own_export_of_organisations_changes_nothing(app: Flask) -> None:
    event = make.an_event()
    parent = directory.add(Plan(Text(ar="الحكومة", en="Government"), "MA", "government", level="central"), by=OPERATOR)
    directory.add(
        Plan(Text(fr="=Ligue+1"), "SN", "civil_society", "L", ("A, B", 'The "C"'), parent=parent.code, is_public=True), by=OPERATOR
    )
    wanted = organisation_queries.wanted_of({})
    rows = organisation_queries.table(event.id, wanted, Order(), lang="en")
    with tables.csv_file(organisation_queries.COLUMNS, rows) as file:
        data = file.read()
    before = snapshot()

    report = files.take(event, data, what="organisations")

    assert (report.status, report.counts["unchanged"], report.problems) == ("imported", 2, [])
    assert snapshot() == before


def test_on_the_page_organisations_are_checked_then_written(app: Flask) -> None:
    event = make.an_event()
    client = app.test_client()
    make.sign_in(client, make.an_organiser(event))
    page = files.checked(app, client, files.table(",,Body,,,MA,gov,,,", head=ORGS), what="organisations")

    client.post(f"{page}/apply")
    worker.drain(app)
    said = client.get(page).get_data(as_text=True)

    assert [body.name.en for body in bodies()] == ["Body"]
    assert "Organisations imported: 1 new, 0 changed." in said
