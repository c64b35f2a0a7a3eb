"""Organisers keep the directory of organisations: find, note down, change, merge, and take up what people typed."""

from __future__ import annotations

import csv
import io
import re
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from eventreg.cli import invariants
from eventreg.core import audit, capacity, clock
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text
from eventreg.core.questions import shape
from eventreg.core.questions.shape import Kind, Question, When
from eventreg.events.models import Event
from eventreg.people import directory, merging, organisations
from eventreg.people.models import Organisation, OrganisationMerge, OrganisationName
from eventreg.people.organisation_rules import Plan
from eventreg.registration import changes, retention, rules
from eventreg.registration import organisations as registrations
from eventreg.registration.models import Needs, Registration
from eventreg.wiring import HOLDERS
from tests import factories as make

LIST = "/en/ogp-2022/manage/orgs"
BY = Actor("organiser", "P-TEST")


@pytest.fixture
def event(app: Flask) -> Event:
    return make.an_event()


@pytest.fixture
def organiser(client: FlaskClient, event: Event) -> FlaskClient:
    make.sign_in(client, make.an_organiser(event))
    return client


def an_organisation(fr: str, **changed: object) -> Organisation:
    names = {"fr": fr, **{lang: changed.pop(lang) for lang in ("ar", "en") if lang in changed}}
    plan = {"name": Text(**names), "country": "MA", "sector": "civil_society", **changed}  # type: ignore[arg-type]
    return directory.add(Plan(**plan), by=BY)  # type: ignore[arg-type]


def fresh(row: Any) -> Any:
    return db.session.get_one(type(row), row.id, populate_existing=True)


def copy_of(row: Any) -> SimpleNamespace:
    """Its id and code, to be asked for after the session is new."""
    return SimpleNamespace(id=row.id, code=row.code)


def codes_on(client: FlaskClient, args: str = "") -> list[str]:
    answer = client.get(f"{LIST}{args}")
    assert answer.status_code == 200, answer.status
    return re.findall(r'<small class="muted"><bdi dir="ltr">(O-\w+)</bdi>', answer.text)


FORM = {"name_fr": "Réseau", "country": "MA", "sector": "civil_society"}


# ---- the list --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["جمعية الشفافية", "الجمعية", "transparence", "TRANSPARÉNCE", "ATA", "Vieux nom", "شفافية"])
def test_an_organisation_is_found_by_any_of_its_names_in_any_script(organiser: FlaskClient, typed: str) -> None:
    wanted = an_organisation("Association transparence", ar="جمعية الشفافية", acronym="ATA", aliases=("Vieux nom",))
    an_organisation("Autre chose")

    assert codes_on(organiser, f"?q={typed}") == [wanted.code]


def test_a_name_is_found_by_its_sound_in_the_other_script(organiser: FlaskClient) -> None:
    wanted = an_organisation("", ar="مؤسسة محمد الإدريسي")
    an_organisation("Fondation Karim")

    assert codes_on(organiser, "?q=Mohamed Idrissi") == [wanted.code]
    assert codes_on(organiser, f"?q={wanted.code.lower()}") == [wanted.code]


def test_each_filter_keeps_exactly_those_it_names(organiser: FlaskClient) -> None:
    one = an_organisation("Ministère", country="TN", sector="government", level="central", is_public=True)
    two, twin = an_organisation("Réseau Alpha", acronym="RA"), an_organisation("Réseau Bêta", acronym="RA")

    for args, found in {
        "country=TN": [one], "sector=government": [one], "level=central": [one], "public=yes": [one],
        "public=no": [two, twin], "twins=yes": [two, twin], "sector=media": [], "level=nonsense": [one, two, twin],
    }.items():  # fmt: skip
        assert sorted(codes_on(organiser, f"?{args}")) == sorted(row.code for row in found), args


def test_the_list_is_sorted_and_paged_and_counts_the_people_of_this_meeting(organiser: FlaskClient, event: Event) -> None:
    rows = [an_organisation(f"Réseau {number:02}", is_public=True) for number in range(45)]
    for _person in range(2):
        make.a_registration(event, organisation_name="Réseau 07")
    make.a_registration(event, organisation_name="Réseau 09")
    make.a_registration(event, organisation_name="Réseau 09", cancelled=True)
    make.a_registration(make.an_event(slug="other"), organisation_name="Réseau 11")

    codes, seen = [row.code for row in rows], []
    path = LIST
    while path:
        text = organiser.get(path).text
        seen += re.findall(r'<small class="muted"><bdi dir="ltr">(O-\w+)</bdi>', text)
        ahead = re.search(r'href="([^"]+)" rel="next"', text)
        path = ahead.group(1).replace("&amp;", "&") if ahead else ""
    assert seen == codes
    assert codes_on(organiser, f"?before={codes[40]}") == codes[20:40]
    assert codes_on(organiser, "?sort=-people")[:3] == [codes[7], codes[9], codes[44]]
    assert codes_on(organiser, f"?sort=-people&after={codes[9]}")[0] == codes[44]
    assert 'aria-label="2 people"' in organiser.get(f"{LIST}?sort=-people").text


def test_the_number_of_statements_does_not_grow_with_the_list(organiser: FlaskClient, event: Event, app: Flask) -> None:
    def cost(path: str) -> int:
        with make.statements(app) as sent:
            assert organiser.get(path).status_code == 200
        return len(sent)

    pages = [LIST, f"{LIST}?sort=country&twins=yes", f"{LIST}/merge", f"{LIST}/typed", f"{LIST}.csv"]
    for number in range(2):
        an_organisation(f"Réseau {number}", acronym="RR")
    make.a_registration(event, organisation_name="Tapé 0")
    before = [cost(path) for path in pages]
    for number in range(2, 12):
        an_organisation(f"Réseau {number}", acronym="RR")
        make.a_registration(event, organisation_name=f"Tapé {number}")

    assert [cost(path) for path in pages] == before
    assert max(before) <= 16


def test_an_empty_list_says_what_to_do(organiser: FlaskClient) -> None:
    assert "No organisation is noted down." in organiser.get(LIST).text
    assert "No organisation matches." in organiser.get(f"{LIST}?q=xyzzy").text


def test_the_table_has_every_column_and_reads_like_the_list(organiser: FlaskClient) -> None:
    top = an_organisation("Ministère", sector="government", level="central")
    low = an_organisation("=Réseau", ar="شبكة", en="Network", acronym="RN", aliases=("Un", "Deux"), parent=top.code, is_public=True)

    rows = list(csv.reader(io.StringIO(organiser.get(f"{LIST}.csv?q=network").data.decode("utf-8-sig"))))
    book = load_workbook(io.BytesIO(organiser.get(f"{LIST}.xlsx?q=network").data))

    assert " ".join(rows[0]) == "code name_ar name_fr name_en acronym aliases country sector level parent is_public"
    expected = [low.code, "شبكة", "=Réseau", "Network", "RN", "Un | Deux", "MA", "civil_society", "", top.code, "yes"]
    assert rows[1:] == [[*expected[:2], "'=Réseau", *expected[3:]]]
    assert [cell.value or "" for cell in list(book.active.rows)[1]] == expected  # type: ignore[union-attr]


# ---- one organisation ------------------------------------------------------------------------------------------------


def test_an_organisation_is_noted_down_with_all_its_names_and_suggested_when_public(organiser: FlaskClient) -> None:
    top = an_organisation("Ministère", sector="government")
    sent = FORM | {"name_ar": "الشبكة", "acronym": "RS", "aliases": "Ancien nom\n\nAutre nom", "parent": top.code.lower(),
                   "is_public": "y", "merged_into_id": "1", "code": "O-MINE"}  # fmt: skip

    answer = organiser.post(f"{LIST}/new", data=sent)

    assert answer.status_code == 303
    found = organisations.suggestions("autre")
    assert [(one.name.fr, one.found_as) for one in found] == [("Réseau", "Autre nom")]
    made = organisations.by_code(found[0].code)
    assert made is not None and made.parent_id == top.id and made.merged_into_id is None
    page = organiser.get(answer.location).text
    assert "The organisation is noted down." in page and "Ancien nom" in page


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"name_fr": ""}, "Enter the name in at least one language."),
        ({"name_fr": "***"}, "Enter a name with letters or digits."),
        ({"name_fr": "é" * 201}, "too long"),
        ({"country": "XX"}, "Choose the country"),
        ({"sector": "staff"}, "Choose the sector"),
        ({"parent": "O-NOTHING"}, "There is no organisation with this code"),
        ({"name_fr": "reseau PRIS"}, "has this name already"),
        ({"aliases": "\n".join(f"nom {number}" for number in range(101))}, "At most 100 further names."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_with_everything_typed_kept(
    organiser: FlaskClient, changed: dict[str, str], error: str
) -> None:
    an_organisation("Réseau pris")

    answer = organiser.post(f"{LIST}/new", data={**FORM, "acronym": "KEPT", **changed})

    assert answer.status_code == 422
    assert error in answer.text and 'value="KEPT"' in answer.text and 'aria-invalid="true"' in answer.text


def test_no_organisation_belongs_to_itself(organiser: FlaskClient) -> None:
    top = an_organisation("Ministère")
    low = an_organisation("Direction", parent=top.code)

    answer = organiser.post(f"{LIST}/{top.code}/edit", data=FORM | {"parent": low.code})

    assert answer.status_code == 422 and "It cannot belong to itself" in answer.text


def test_a_level_is_only_for_government(organiser: FlaskClient) -> None:
    organiser.post(f"{LIST}/new", data=FORM | {"level": "central"})
    organiser.post(f"{LIST}/new", data=FORM | {"name_fr": "Ministère", "sector": "government", "level": "central"})

    assert [row.level for row in db.session.query(Organisation).order_by(Organisation.id)] == ["", "central"]


def test_another_name_finds_the_people_and_another_sector_leaves_their_category(organiser: FlaskClient, event: Event) -> None:
    body = an_organisation("Réseau")
    person = make.a_registration(event, organisation_name="Réseau")

    sent = FORM | {"name_fr": "Institut", "sector": "academia", "aliases": "Réseau"}
    assert organiser.post(f"{LIST}/{body.code}/edit", data=sent).status_code == 303

    assert (fresh(person).sector, fresh(person).category) == ("academia", "civil_society")
    assert person.code in organiser.get("/en/ogp-2022/manage/people?q=institut").text
    page = organiser.get(f"/en/ogp-2022/manage/people/{person.code}").text
    assert "became “Academia”; the category stays." in page
    history = organiser.get(f"{LIST}/{body.code}").text
    assert "Name in French" in history and "Institut" in history


# ---- merging ---------------------------------------------------------------------------------------------------------


def test_twins_are_suggested_with_their_reason_until_somebody_says_they_are_none(organiser: FlaskClient) -> None:
    pairs = {
        "a name in common": (an_organisation("Réseau vert", acronym="RV"), an_organisation("Green", aliases=("reseau VERT",))),
        "the same acronym and country": (an_organisation("Forum", acronym="FDL"), an_organisation("Autre forum", acronym="fdl")),
        "names alike in another script or spelling": (
            an_organisation("", ar="مؤسسة محمد الإدريسي"), an_organisation("Moassassa Mohamed El Idrissi")
        ),
    }  # fmt: skip
    an_organisation("Ministère de la justice", sector="government", acronym="MJ")
    an_organisation("Ministère de la justice", sector="government", acronym="MJ", country="TN")
    page = organiser.get(f"{LIST}/merge").text
    for reason, pair in pairs.items():
        assert re.search(f"one={pair[0].code}&amp;other={pair[1].code}", page), reason
        assert f"Why: {reason}" in page
    assert page.count("Not the same") == 3

    one, other = pairs["a name in common"]
    answer = organiser.post(f"{LIST}/merge/not-same", data={"one": other.code, "other": one.code})

    assert answer.status_code == 303
    page = organiser.get(answer.location).text
    assert "Remembered" in page and one.code not in page and page.count("Not the same") == 2


def test_two_are_shown_side_by_side_merged_and_put_back(organiser: FlaskClient, event: Event) -> None:
    one = an_organisation("Réseau A", acronym="RA", is_public=True)
    other = an_organisation("Réseau B", country="TN", sector="academia", acronym="RB")
    person = make.a_registration(event, organisation_name="Réseau B", country="TN")
    make.a_registration(make.an_event(slug="other"), organisation_name="Réseau B", country="TN")

    page = organiser.get(f"{LIST}/merge?one={one.code}&other={other.code}").text
    assert "They are of two countries" in page and "They are of two sectors" in page
    assert "1 registration of this meeting" in page and "1 registration of other meetings" in page
    data = {"one": one.code, "other": other.code, "survivor": one.code, "fr": other.code, "acronym": one.code}
    answer = organiser.post(f"{LIST}/merge", data=data)

    assert answer.status_code == 303
    page = organiser.get(answer.location).text
    assert "The two are merged." in page and "Undo this merge" in page
    assert (fresh(one).name.fr, fresh(one).acronym) == ("Réseau B", "RA")
    assert (fresh(person).organisation_id, fresh(person).category, fresh(person).sector) == (one.id, "academia", "civil_society")
    assert organiser.get(f"{LIST}/{other.code}").location.startswith(f"{LIST}/{one.code}?")
    survivors = organiser.get(organiser.get(f"{LIST}/{other.code}").location).text
    assert f"{other.code} was merged into this organisation." in survivors
    assert person.code in organiser.get(f"/en/ogp-2022/manage/people?organisation={other.code}").text

    made = db.session.query(OrganisationMerge).one()
    answer = organiser.post(f"{LIST}/merge/{made.code}/undo")
    assert answer.status_code == 303 and "The merge is undone." in organiser.get(answer.location).text
    assert fresh(person).organisation_id == other.id
    assert "moved back to the organisation" in organiser.get("/en/ogp-2022/manage/audit").text
    assert organiser.post(f"{LIST}/merge/{made.code}/undo").status_code == 422


def held() -> list[Any]:
    """What a merge may touch of people, places and names."""
    db.session.rollback()
    row = Registration
    people = db.session.execute(select(row.sector, row.answers, row.organisation_id, row.search_key, row.category))
    needs = db.session.execute(select(Needs.registration_id, Needs.answers))
    pools = db.session.execute(select(capacity.Pool.key, capacity.Pool.taken).order_by(capacity.Pool.id))
    names = db.session.execute(select(OrganisationName.organisation_id, OrganisationName.key).order_by(OrganisationName.key))
    return [[tuple(row) for row in rows] for rows in (people, needs, pools, names)]


OF_ACADEMIA = When((shape.Test("sector", "is", ("academia",)),))
FACULTY = Question("faculty", Kind.TEXT, Text(en="Faculty", fr="Faculté", ar="الكلية"), when=OF_ACADEMIA)
UNION = Question("union", Kind.TEXT, Text(en="Union"), is_sensitive=True, when=OF_ACADEMIA)


def test_a_merge_into_another_sector_says_which_answers_go_moves_the_places_and_brings_all_back(
    organiser: FlaskClient, event: Event
) -> None:
    make.ask(event, FACULTY, UNION)
    with transaction():
        capacity.set_limit(event.id, "sector", "civil_society", 0)
        capacity.set_limit(event.id, "sector", "academia", 9)
    one, other = an_organisation("Réseau A"), an_organisation("Réseau B", sector="academia")
    person = make.a_registration(event, organisation_name="Réseau B", sector="academia", q_faculty="Law", q_union="UMT")
    assert person.answers == {"faculty": "Law"}
    before = held()

    one, other, person = (copy_of(row) for row in (one, other, person))
    page = organiser.get(f"{LIST}/merge?one={one.code}&other={other.code}").text
    assert f"If {one.code} stays, answers of 1 person that are not asked in its sector are erased: “Faculty”, “Union”." in page
    assert f"If {other.code} stays, answers" not in page
    made = merging.merge(other.code, one.code, {}, holders=HOLDERS, by=BY).code

    moved = db.session.get_one(Registration, person.id, populate_existing=True)
    assert (moved.sector, moved.answers, db.session.get(Needs, person.id)) == ("civil_society", {}, None)
    assert not invariants.findings(clock.now())
    assert "not asked in this sector were erased: “Faculty”, “Union”." in organiser.get("/en/ogp-2022/manage/audit").text
    merging.undo(made, holders=HOLDERS, by=BY)
    assert not invariants.findings(clock.now())
    assert held() == before
    retention.due(clock.now())
    assert "Law" not in str(db.session.scalars(select(OrganisationMerge.held)).all())


def test_an_answer_whose_time_is_over_does_not_come_back_with_a_merge(organiser: FlaskClient, event: Event) -> None:
    make.ask(event, FACULTY)
    one, other = an_organisation("Réseau A"), an_organisation("Réseau B", sector="academia")
    person = make.a_registration(event, organisation_name="Réseau B", sector="academia", q_faculty="Law")
    made = merging.merge(other.code, one.code, {}, holders=HOLDERS, by=BY)

    registrations.forget_dropped(event.id, "faculty")
    merging.undo(made.code, holders=HOLDERS, by=BY)

    assert (fresh(person).sector, fresh(person).answers) == ("academia", {})


def test_a_merge_needs_to_know_which_one_stays(organiser: FlaskClient) -> None:
    one, other = an_organisation("Réseau A"), an_organisation("Réseau B")

    for survivor in ("", "O-OTHER"):
        answer = organiser.post(f"{LIST}/merge", data={"one": one.code, "other": other.code, "survivor": survivor})
        assert answer.status_code == 422 and "Choose which of the two stays." in answer.text
    assert organiser.post(f"{LIST}/merge", data={"one": one.code, "other": one.code}).status_code == 422
    assert organiser.post(f"{LIST}/merge/M-NOTHING/undo").status_code == 404
    assert not db.session.query(OrganisationMerge).count()


def test_what_changed_since_is_said_when_a_merge_is_undone(organiser: FlaskClient, event: Event) -> None:
    one, other = an_organisation("Réseau A"), an_organisation("Réseau B")
    make.a_registration(event, organisation_name="Réseau B")
    made = merging.merge(other.code, one.code, {}, holders=HOLDERS, by=BY)
    organiser.post(f"{LIST}/{one.code}/edit", data=FORM | {"name_fr": "Réseau neuf"})

    answer = organiser.post(f"{LIST}/merge/{made.code}/undo")

    assert "What was changed since stays as it is now." in organiser.get(answer.location).text


def test_a_merge_older_than_thirty_days_shows_no_way_back(organiser: FlaskClient) -> None:
    one, other = an_organisation("Réseau A"), an_organisation("Réseau B")
    with clock.at(make.OPEN):
        merging.merge(other.code, one.code, {}, holders=HOLDERS, by=BY)
        assert "Undo this merge" in organiser.get(f"{LIST}/merge").text
        clock.tick(days=31)
        assert "Undo this merge" not in organiser.get(f"{LIST}/merge").text


# ---- what people typed -----------------------------------------------------------------------------------------------


def typed(event: Event) -> list[Registration]:
    names = ("Cercle des juristes", "cercle DES juristes", "Cercle des juristes")
    rows = [make.a_registration(event, organisation_name=name) for name in names]
    make.a_registration(event, organisation_name="Cercle des juristes", country="TN")
    return rows


def test_typed_names_are_listed_once_however_they_are_spelt(organiser: FlaskClient, event: Event) -> None:
    typed(event)
    make.a_registration(make.an_event(slug="other"), organisation_name="Ailleurs")

    assert "4 people typed an organisation" in organiser.get(LIST).text
    page = organiser.get(f"{LIST}/typed").text
    assert page.count("<bdi>Cercle des juristes</bdi>") == 2, "one row per country"
    assert re.search(r'data-label="People">3<', page) and "Ailleurs" not in page
    assert "Cercle" not in organiser.get(f"{LIST}/typed?q=xyzzy").text.replace("xyzzy", "")


def test_a_typed_name_becomes_an_organisation_and_links_those_who_typed_it(organiser: FlaskClient, event: Event) -> None:
    people = typed(event)
    args = {"typed": "Cercle des juristes", "typed_country": "MA"}
    page = organiser.get(f"{LIST}/new", query_string=args | {"sector": "civil_society"}).text
    assert "3 registrations with" in page and 'value="Cercle des juristes"' in page

    sent = FORM | {"name_fr": "Cercle des juristes du Maroc", "sector": "academia"} | args
    answer = organiser.post(f"{LIST}/new", data=sent)

    assert answer.status_code == 303 and "3 registrations were linked." in organiser.get(answer.location).text
    made = organisations.recognised("", "cercle des juristes", "MA")
    assert made is not None
    for person in map(fresh, people):
        assert (person.organisation_id, person.sector, person.category) == (made.id, "academia", "civil_society")
    later = make.a_registration(event, organisation_name="CERCLE des juristes")
    assert later.organisation_id == made.id
    lines = audit.history(event.id, "registration", people[0].code)
    assert lines[0].facts["why"] == "linked"


def test_a_typed_name_becomes_a_further_name_of_an_organisation(organiser: FlaskClient, event: Event) -> None:
    people = typed(event)
    body = an_organisation("Cercle juridique", country="FR", sector="international")
    path = f"{LIST}/typed/one?name=cercle+des+juristes&country=MA"
    assert body.code in organiser.get(path + "&q=juridique").text
    data = {"name": "cercle des juristes", "country": "MA", "organisation": body.code}

    answer = organiser.post(f"{LIST}/typed/one", data=data)

    assert answer.status_code == 303 and "3 registrations were linked." in organiser.get(answer.location).text
    assert {fresh(person).organisation_id for person in people} == {body.id}
    assert organisations.aliases_of(body.id) == ["Cercle des juristes"]
    assert organiser.post(f"{LIST}/typed/one", data=data).status_code == 422, "nobody has this name any more"
    assert organiser.post(f"{LIST}/typed/one", data=data | {"country": "TN", "organisation": "O-NOTHING"}).status_code == 422


def test_a_link_given_by_an_organiser_stays_while_the_name_stays(organiser: FlaskClient, event: Event) -> None:
    body = an_organisation("Cercle juridique", country="FR", sector="international")
    raw = make.raw_answers(organisation_name="Cercle des juristes")
    person = make.a_registration(event, **raw)
    organiser.post(f"{LIST}/typed/one", data={"name": "Cercle des juristes", "country": "MA", "organisation": body.code})

    for name, linked in (("Cercle des juristes", body.id), ("Tout autre chose", None)):
        answers = rules.answers({**raw, "organisation_name": name, "phone": "+212612345678"}, days=event.days)
        changes.change(person.id, answers, lang="en", by=BY)
        assert fresh(person).organisation_id == linked
