"""Tables that leave the house compute nothing, whoever opens them, and come back exactly as they were."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from eventreg.core import tables

NASTY = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "''=1", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\")",
    "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20x", "Sara;=1+1", "a\t@b", "a;\"=1", "a; +1", "line\n=1", "x;'=1", ";;=1",
    "+212661234567", "00123456789012345678901234567890", "'quoted", "\u202e=1", "a,=1", "\"=1\"", "",
)  # fmt: skip
_COMPUTES = re.compile(r"[ \"]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]")


def cells_as_read(data: str, delimiter: str) -> list[str]:
    """What a spreadsheet makes of the file: with a foreign delimiter quotes inside a cell mean nothing."""
    if delimiter == ",":
        return [cell for row in csv.reader(io.StringIO(data, newline="")) for cell in row]
    return [cell.strip('"') for line in re.split(r"\r\n|\r|\n", data) for cell in line.split(delimiter)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("value", NASTY)
def test_no_cell_begins_like_a_formula_however_the_file_is_cut(value: str, delimiter: str) -> None:
    data = tables.csv_file([value], [[value, "Amina"]]).read().decode("utf-8-sig")

    assert [cell for cell in cells_as_read(data, delimiter) if _COMPUTES.match(cell)] == []


@pytest.mark.parametrize("value", NASTY)
def test_every_cell_of_a_workbook_is_text(value: str) -> None:
    book = load_workbook(tables.xlsx([value or "-"], [[value]], title=value, is_rtl=True))

    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s"}


@given(st.text(alphabet="=+-@\t\r\n;'\" ,ab\uff1d", max_size=12))
def test_what_was_made_harmless_comes_back_as_it_was(value: str) -> None:
    once = tables.safe(value)

    assert tables.plain(once) == value
    assert tables.plain(tables.plain(tables.safe(once))) == value
    assert not once.startswith(("=", "+", "-", "@", "\t", "\r"))
