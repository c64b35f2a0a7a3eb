"""How does a table leave the house? As CSV or XLSX that opens unbroken in Excel and LibreOffice and runs nothing."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# A spreadsheet takes a cell that begins like this for a formula. Apostrophes before it count, too, so that what was
# made harmless twice can be read back twice.
_STARTS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(rf"'*[ \"]*[{_STARTS}\t\r]")
# Where a comma is the decimal sign, Excel cuts this file at semicolons, quoted or not: what follows one begins a cell there.
_LATER = re.compile(rf"([;\t\r\n][ \"]*)('*)(?=[{_STARTS}])")
_LATER_SAFE = re.compile(rf"([;\t\r\n][ \"]*)'('*)(?=[{_STARTS}])")
_NOT_IN_TITLE = re.compile(r"[\\/*?:\[\]]")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def safe(value: str) -> str:
    """The value as a CSV cell that no spreadsheet computes: one apostrophe before each beginning that looks like a formula."""
    value = _LATER.sub(r"\1'\2", value)
    return "'" + value if _FORMULA.match(value) else value


def plain(cell: str) -> str:
    """The value behind a cell that `safe` made: for reading our own tables back, without a growing apostrophe."""
    cell = cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
    return _LATER_SAFE.sub(r"\1\2", cell)


def instant(value: datetime | None) -> str:
    """An instant as tables to take away write it: UTC, to the second; '' for none."""
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if value else ""


def csv_file(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> IO[bytes]:
    """The table as CSV in a temporary file, from its start: UTF-8 with a byte order mark for Excel, CRLF, commas.

    A file rather than a stream out of the database: a slow reader holds no connection.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed by whoever sends it
    words = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(words, lineterminator="\r\n")
    writer.writerow([safe(name) for name in columns])  # a question's own words may head a column
    for row in rows:
        writer.writerow([safe(value) for value in row])
    words.detach().seek(0)
    return file


def xlsx(columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str, is_rtl: bool) -> IO[bytes]:
    """The table as a workbook of one sheet in a temporary file, from its start. Every cell is text, also '=1+1'.

    Rows are written as they come, so that the length of the table costs no memory.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_NOT_IN_TITLE.sub(" ", _NOT_IN_XML.sub("", title))[:31].strip(" '") or "1")
    sheet.sheet_view.rightToLeft = is_rtl
    sheet.freeze_panes = "A2"
    for number in range(1, len(columns) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 22
    sheet.append([_text_cell(sheet, name, is_head=True) for name in columns])
    for row in rows:
        sheet.append([_text_cell(sheet, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed by whoever sends it
    book.save(file)
    file.seek(0)
    return file


def _text_cell(sheet: object, value: str, *, is_head: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, _NOT_IN_XML.sub("", value))
    cell.data_type = "s"  # openpyxl takes a text that begins with = for a formula
    if is_head:
        cell.font = Font(bold=True)
    return cell
