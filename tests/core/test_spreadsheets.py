"""Tables as people save them, and files that only look like one."""

from __future__ import annotations

import datetime
import io
import time
import zipfile
from collections.abc import Callable, Sequence

import pytest
from openpyxl import Workbook, load_workbook

from eventreg.core import spreadsheets, tables, workbooks
from eventreg.core.refusals import Refused
from eventreg.core.spreadsheets import Shape
from tests.data.badinputs.badinputs import file_bytes

KNOWN = {"name", "email", "country", "nom", "pays"}


def known(cells: Sequence[str]) -> int:
    return len({cell.strip().lower() for cell in cells} & KNOWN)


def read(data: bytes, wanted: Shape | None = None) -> list[tuple[int, tuple[str, ...]]]:
    shape = spreadsheets.survey(data, known, wanted=wanted).shape
    return [(row.line, row.cells) for row in spreadsheets.rows(data, shape) if row.problem is None and row.line > shape.header]


def refused(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read(data)
    refusal = caught.value.refusal
    return f"{refusal.code} {refusal.params.get('kind', '')}".strip()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_separator_and_any_end_of_line(separator: str, end: str) -> None:
    data = separator.join(("name", "email")) + end + separator.join(("Sara", "s@example.org")) + end

    assert read(data.encode()) == [(2, ("Sara", "s@example.org"))]


def test_line_numbers_are_those_of_the_file() -> None:
    data = 'Participants\n\nname,email\n"Sara\nBennani","says ""hello"", often"\n,\nAya,a\n'

    assert read(data.encode()) == [(4, ("Sara\nBennani", 'says "hello", often')), (7, ("Aya", "a"))]


def test_excels_own_line_names_the_separator() -> None:
    assert read(b"sep=;\r\nname;email\r\nA,B;x\r\n") == [(3, ("A,B", "x"))]


def test_a_formula_made_harmless_by_our_export_is_read_back() -> None:
    with tables.csv_file(("name",), [("=1+1",), ("+212",), ("''=x",)]) as file:
        data = file.read()

    assert [cells for _line, cells in read(data)] == [("=1+1",), ("+212",), ("''=x",)]


@pytest.mark.parametrize(
    ("line", "code"),
    [('"Sara "Aya" B",x', "tables.quote"), ('"never closed,x', "tables.quote_open"), ("x" * 200_000, "tables.cell_too_long")],
)
def test_a_line_that_cannot_be_read_is_named_and_the_next_ones_are_read(line: str, code: str) -> None:
    data = f"name,email\n{line}\nok,ok\n".encode()
    shape = spreadsheets.survey(data, known).shape

    found = {row.line: row.problem.code if row.problem else "" for row in spreadsheets.rows(data, shape)}

    assert found[2] == code
    assert (3 in found) == (code != "tables.quote_open")


# ---- workbooks -------------------------------------------------------------------------------------------------------


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_cells_are_read_as_people_see_them() -> None:
    book = Workbook()
    book.active.append(["Liste des participants"])
    book.active.append([])
    book.active.append(["name", "email", "country"])
    book.active.append([" Sara ", 212612345678, datetime.date(2022, 11, 1)])
    book.active.append([True, 2.5, None])

    assert read(saved(book)) == [(4, ("Sara", "212612345678", "2022-11-01")), (5, ("yes", "2.5"))]


def test_the_sheet_that_names_columns_is_read_unless_another_is_chosen() -> None:
    book = Workbook()
    book.active.append(["Remarks"])
    book.create_sheet("People").append(["name", "email"])
    book["People"].append(["Sara", "s"])

    assert read(saved(book)) == [(2, ("Sara", "s"))]
    assert read(saved(book), Shape("xlsx", sheet="Sheet")) == [(1, ("Remarks",))]


def test_what_a_reader_would_not_see_is_counted() -> None:
    book = Workbook()
    sheet = book.active
    for row in (["name", "email"], ["Sara", "=A1"], ["Aya", ""], ["M", ""]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.merge_cells("A4:B4")

    assert workbooks.oddities(saved(book), "Sheet") == workbooks.Oddities(hidden=1, merged=1, uncomputed=1)


def test_a_sheet_formatted_to_its_last_row_ends_where_its_people_end() -> None:
    book = Workbook()
    book.active.append(["name"])
    book.active.append(["Sara"])
    book.active["A1048576"] = "far"
    began = time.monotonic()

    assert read(saved(book)) == [(2, ("Sara",))]
    assert time.monotonic() - began < 10


def repacked(data: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in more.items():
            new.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def a_workbook() -> bytes:
    book = Workbook()
    book.active.append(["name"])
    return saved(book)


def test_entities_are_refused_before_any_parser_sees_them() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'

    def with_entities(name: str, xml: bytes) -> bytes:
        return xml.replace(b"<worksheet", laughs + b"<worksheet", 1) if "sheet1" in name else xml

    assert refused(repacked(a_workbook(), with_entities)) == "tables.entities"
    assert refused(repacked(a_workbook(), lambda name, xml: with_entities(name, xml).decode().encode("utf-16")
                            if "sheet1" in name else xml)) == "tables.entities"  # fmt: skip
    assert refused(file_bytes({"xlsx_xxe": "file:///etc/passwd"})) == "tables.entities"


def test_what_unpacks_to_too_much_is_refused_fast() -> None:
    began = time.monotonic()

    bomb = file_bytes({"zip": [{"name": "xl/workbook.xml", "unit": "0", "count": 300_000_000}]})
    made = time.monotonic()
    assert refused(bomb) == "tables.unpacked"
    assert time.monotonic() - made < 2 and made > began


def test_macros_passwords_and_other_kinds_are_named() -> None:
    def same(name: str, content: bytes) -> bytes:
        return content

    with_macros = repacked(a_workbook(), same, xl__vbaProject_bin=b"x").replace(b"vbaProject_bin", b"vbaProject.bin")
    assert refused(with_macros) == "tables.macros"
    assert refused(b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le")) == "tables.locked"
    assert refused(b"\xd0\xcf\x11\xe0" + b"\0" * 600) == "tables.kind Excel 97–2003 (.xls)"
    ods = io.BytesIO()
    with zipfile.ZipFile(ods, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert refused(ods.getvalue()) == "tables.kind OpenDocument (.ods)"
    assert refused(b"<html><body><table><tr><td>name") == "tables.kind HTML"
    assert refused(b"\xef\xbb\xbf<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?>") == "tables.kind XML"
    assert refused(b'[{"name": "Sara"}]') == "tables.kind JSON"
    assert refused(b"%PDF-1.7") == "tables.kind PDF"
    assert refused(b"PK\x03\x04not really") == "tables.broken"
    assert refused(b"\xef\xbb\xbf\r\n \n") == "tables.empty"


@pytest.mark.parametrize("cut", [100, 1000, 3000])
def test_a_workbook_that_breaks_off_is_told(cut: int) -> None:
    assert refused(a_workbook()[:-cut]) == "tables.broken"


def test_a_damaged_sheet_inside_a_whole_archive_is_told() -> None:
    def damaged(name: str, xml: bytes) -> bytes:
        return xml[: len(xml) // 2] if "sheet1" in name else xml

    assert refused(repacked(a_workbook(), damaged)) == "tables.broken"


def test_our_own_workbook_comes_back_as_it_went_out() -> None:
    rows = [("Sara", "=1+1"), ("سارة", "0123"), ("A\nB", "_x000D_")]
    with tables.xlsx(("name", "email"), rows, title="x", is_rtl=True) as file:
        data = file.read()
    assert load_workbook(io.BytesIO(data)).sheetnames == ["x"]

    assert [cells for _line, cells in read(data)][:2] == rows[:2]
