"""Mistakes that tables of people have beside those of the corpus: understood where only one thing can be meant, else named."""

from __future__ import annotations

import io
from datetime import date
from types import ModuleType

import pytest
from flask import Flask
from openpyxl import Workbook

from eventreg.core import charsets, spreadsheets, workbooks
from eventreg.core.i18n import in_language
from eventreg.imports import columns, rules, values, words
from tests import factories as make
from tests.imports import files

DAYS = [date(2022, 11, day) for day in (1, 2, 3)]
HEAD = "name_latin,name_arabic,email,country,category"


def read(**cells: str) -> tuple[dict[str, object], list[str]]:
    found, told = rules.read_person(cells, days=DAYS, country="MA")
    return found, [one.refusal.code for one in told]


@pytest.mark.parametrize(
    "typed",
    [
        "02/11/2022", "2/11/22", "2.11.2022", "2022-11-02 00:00:00", "2022-11-02T00:00:00Z", "2022/11/02", "20221102",
        "2 novembre", "mercredi 2 nov. 2022", "02-nov-22", "2nd of November 2022", "November 2, 2022", "٢ نونبر ٢٠٢٢",
        "الأربعاء 2 نوفمبر", "02/11", "44867", "44867.0", "43405",
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_and_spreadsheets_write_it(typed: str) -> None:
    assert values.days(typed, of=DAYS) == ("2022-11-02",)


def test_several_days_are_read_and_what_is_in_doubt_is_not() -> None:
    assert values.days("01/11/2022 و 3 نونبر", of=DAYS) == ("2022-11-01", "2022-11-03")
    for typed in ("01-03/11/2022", "02/11/2022 - 03/11/2022", "4 novembre", "2 novembre 2021", "mercredi", "2", "12345", "2 mars"):
        with pytest.raises(values.Refused):
            values.days(typed, of=DAYS)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("661000000", "+212661000000"), ("212661000000", "+212661000000"), ("33612345678", "+33612345678"),
        ("'0661000000", "+212661000000"), ("661000000.0", "+212661000000"), ("2.12661000001E+11", "+212661000001"),
        ("tel:+212661000000", "+212661000000"), ("+212–661–000000", "+212661000000"), ("۰۶۶۱۰۰۰۰۰۰", "+212661000000"),
    ],
)  # fmt: skip
def test_a_number_that_a_spreadsheet_took_for_a_quantity_is_a_phone_number_again(typed: str, number: str) -> None:
    assert read(phone=typed) == ({"phone": number}, [])


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2.12661E+11", "imports.phone_shortened"), ("2,12661E+11", "imports.phone_shortened"),
        ("+212661000000 / +212662000000", "phone.only_one"), ("0661000000 ou 0662000000", "phone.only_one"),
    ],
)  # fmt: skip
def test_lost_digits_and_two_numbers_are_named(typed: str, code: str) -> None:
    assert read(phone=typed) == ({}, [code])


@pytest.mark.parametrize(
    "typed",
    [
        "MAILTO: sara@example.org", "mailto:sara@example.org?subject=x", "sara @ example.org", "sara@example.org.",
        "'sara@example.org'", "«sara@example.org»", '"Bennani, Sara" <sara@example.org>;',
        "\u202asara@exam\u200bple.org\u202c\u00a0",
    ],
)  # fmt: skip
def test_an_address_with_what_was_copied_around_it_is_that_address(typed: str) -> None:
    found, told = read(email=typed)
    assert (found["email"].address, told) == ("sara@example.org", [])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("cells", "names", "codes"),
    [
        ({"name_latin": "سارة"}, {"name_arabic": "سارة"}, ["imports.other_script"]),
        (
            {"name_latin": "سارة", "name_arabic": "Sara"}, {"name_latin": "Sara", "name_arabic": "سارة"},
            ["imports.other_script"] * 2,
        ),
        ({"name_latin": "Sara", "name_arabic": "Sara"}, {"name_latin": "Sara"}, ["imports.other_script"]),
        ({"name_latin": "Sara", "name_arabic": "Aya"}, {"name_latin": "Sara"}, ["name.arabic_letters"]),
    ],
)  # fmt: skip
def test_a_name_in_the_column_of_the_other_script_is_taken_for_what_it_is(
    cells: dict[str, str], names: dict[str, str], codes: list[str]
) -> None:
    assert read(**cells) == (names, codes)


def test_a_dash_is_an_empty_cell_and_broken_letters_are_named_with_what_was_meant() -> None:
    mapping = ["name_latin", "email", "phone", "organisation", "photo_consent"]
    cells, told = rules.cells_of(["Null", "-", "néant", "لا يوجد", "-"], mapping)
    assert (cells, told) == ({"name_latin": "Null", "photo_consent": "-"}, [])
    for broken, meant in (("SÃ©ra", "Séra"), ("Ø³Ø§Ø±Ø©", "سارة")):
        [told_] = rules.cells_of([broken], ["name_latin"])[1]
        assert (told_.refusal.code, told_.refusal.params["meant"]) == ("imports.broken_letters", meant)
    assert not any(map(charsets.unbroken, ("Ângela", "Ø", "São Tomé", "Château d’Œx", "Âé")))


@pytest.mark.parametrize(
    ("typed", "code"),
    [("Maroc (MA)", "MA"), ("المغرب / Maroc", "MA"), ("MA - Maroc", "MA"), ("🇲🇦", "MA"), ("U.S.A.", "US"), ("Guinée-Bissau", "GW"),
    ("Congo (RDC)", "CD"), ("Guinée Conakry", "GN")],
)  # fmt: skip
def test_a_country_written_twice_or_with_dots_is_that_country(typed: str, code: str) -> None:
    assert values.country(typed) == code


def test_two_countries_in_a_cell_are_none() -> None:
    with pytest.raises(values.Refused):
        values.country("Maroc / Tunisie")


@pytest.mark.parametrize(
    ("header", "keys"),
    [
        ("الاسم والنسب;البريد الإلكتروني (إلزامي);بلد الإقامة;صفة المشارك;رقم الجوال", "name email country category phone"),
        ("N°;Nom / Prénom(s);Adresse mail *;Pays d'origine;Catégorie du participant;Tél. portable;Organisme / Institution",
        " name email country category phone organisation"),
        ("الاسم / Nom;Sous-catégorie;Catégorie / الفئة;Date de naissance (jour)", "name  category "),
    ],
)  # fmt: skip
def test_columns_are_known_by_other_words_two_languages_and_remarks_in_brackets(header: str, keys: str) -> None:
    assert columns.matched(header.split(";"), columns.PARTICIPANTS) == keys.split(" ")


def test_a_line_of_another_encoding_is_read_in_its_own_way() -> None:
    data = "سارة,أمين\n".encode("windows-1256") + "Zoé,كريم\n".encode()
    assert charsets.decode(data, "windows-1256") == "سارة,أمين\nZoé,كريم\n"
    assert charsets.holds_utf_8(data) and not charsets.holds_utf_8("سارة ظ€".encode("windows-1256")[:5])


def test_the_visible_sheet_is_read_and_a_merged_cell_counts_for_its_rows() -> None:
    book, file = Workbook(), io.BytesIO()
    for row in (HEAD.split(","), ["Sara", "", "a@example.org", "MA", "gov"], ["Aya", "", "b@example.org", None, "gov"]):
        book.active.append(row)
    book.active.merge_cells("D2:D4")
    hidden = book.create_sheet("Old", 0)
    hidden.append(HEAD.split(","))
    hidden.sheet_state = "hidden"
    book.save(file)
    found = spreadsheets.survey(file.getvalue(), lambda cells: columns.recognised(cells, columns.PARTICIPANTS))

    assert found.shape.sheet == "Sheet"
    rows = list(workbooks.rows(file.getvalue(), "Sheet", columns=9))
    assert [row.cells[3] for row in rows[1:]] == ["MA", "MA"]


def test_a_file_full_of_them_comes_in_and_tells_only_what_is_in_doubt(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    lines = [
        "Liste des participants,,,,,", "", f"{HEAD},phone", '"Sara", ,mailto:s@example.org, Maroc (MA),O.N.G.,661000000',
        "Name_Latin,NAME_ARABIC,Email,Country,Category,Phone", "سارة,-,n/a,🇲🇦,gov,2.12661E+11", "Total,,,,,2",
    ]  # fmt: skip
    with clock.at(make.OPEN):
        report = files.take(event, "\n".join(lines).encode(), only_good=True)

    assert (report.status, report.counts["new"], report.counts["wrong"]) == ("partial", 1, 1)
    assert [one.name_latin for one in files.everybody()] == ["Sara"]
    told = {(line, one.refusal.code) for line, one in report.problems}
    passed = {(5, "imports.no_row"), (7, "imports.no_row")}
    assert told == passed | {(6, "imports.phone_shortened"), (6, "imports.other_script")}
    for lang in ("ar", "fr", "en"):
        with in_language(lang):
            assert all(words.said(one) for _line, one in report.problems)


def test_a_header_of_strange_words_can_be_told_apart_by_hand() -> None:
    data = b"Kto,Adres,Kraj\nSara,s@example.org,MA\n"
    found = spreadsheets.survey(data, lambda cells: columns.recognised(cells, columns.PARTICIPANTS))
    assert found.shape.header == 1
    headless = spreadsheets.survey(data.splitlines(keepends=True)[1], lambda cells: 0)
    assert headless.shape.header == 0


def test_a_cell_without_end_is_named_as_one() -> None:
    rows = list(spreadsheets.rows(f'{HEAD}\n"{"A" * 200_000}",x\n'.encode(), spreadsheets.Shape("csv", "utf-8", ",")))
    assert [row.problem.code for row in rows if row.problem] == ["tables.cell_too_long"]


def test_a_hundred_thousand_lines_are_read_one_by_one() -> None:
    """The file of CSV-13 in full; what is made of its rows is tested with fewer."""
    data = (HEAD + "\n" + "".join(f"Person {n},,p{n}@example.org,MA,gov\n" for n in range(100_000))).encode()
    found = spreadsheets.survey(data, lambda cells: columns.recognised(cells, columns.PARTICIPANTS))
    assert sum(1 for _row in spreadsheets.rows(data, found.shape)) == 100_001
