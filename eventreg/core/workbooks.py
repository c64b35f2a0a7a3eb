"""What do the cells of this workbook show? Values only: no formula is computed, no macro run, nothing fetched from elsewhere.

An XLSX is an archive of XML that a stranger made: what it unpacks to is bounded, entities are refused before any parser sees them.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

from eventreg.core.refusals import Refusal, Refused

UNPACKED = 200 * 1024 * 1024
ENTRIES = 2000
EMPTY_ROWS = 2000  # so many in a row, and the sheet is over: some are formatted down to row 1,048,576
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_BROKEN = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError, KeyError, ValueError, TypeError, AttributeError,
    IndexError, OSError,
    EOFError, NotImplementedError, RuntimeError, SyntaxError,
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A line of a table: its number in the file, its cells as text; `problem` when it cannot be read."""

    line: int
    cells: tuple[str, ...]
    problem: Refusal | None = None


@dataclass(frozen=True)
class Oddities:
    """What readers of a sheet should know: rows nobody sees in Excel, cells that are one, formulas nobody has computed."""

    hidden: int = 0
    merged: int = 0
    uncomputed: int = 0


def kind(data: bytes) -> str:
    """'xlsx'. Raises Refused (tables.kind, .broken, .locked, .macros, .unpacked, .entities) for every other archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > ENTRIES or sum(entry.file_size for entry in entries) > UNPACKED:
                raise Refused(Refusal("tables.unpacked"))
            if any(entry.flag_bits & 1 for entry in entries):
                raise Refused(Refusal("tables.locked"))
            _refuse_other_kinds(archive)
            _refuse_entities(archive)
    except _BROKEN:
        raise Refused(Refusal("tables.broken")) from None
    return "xlsx"


def _refuse_other_kinds(archive: zipfile.ZipFile) -> None:
    names = {name.lower() for name in archive.namelist()}
    if "mimetype" in names and archive.read("mimetype")[:200].decode("ascii", "replace").strip() == _ODS:
        raise Refused(Refusal("tables.kind", {"kind": "OpenDocument (.ods)"}))
    if "word/document.xml" in names:
        raise Refused(Refusal("tables.kind", {"kind": "Word (.docx)"}))
    if "ppt/presentation.xml" in names:
        raise Refused(Refusal("tables.kind", {"kind": "PowerPoint (.pptx)"}))
    if "xl/workbook.bin" in names:
        raise Refused(Refusal("tables.kind", {"kind": "Excel (.xlsb)"}))
    if "xl/workbook.xml" not in names:
        raise Refused(Refusal("tables.kind", {"kind": "ZIP"}))
    if any("vbaproject" in name or "macrosheets" in name for name in names):
        raise Refused(Refusal("tables.macros"))


def _refuse_entities(archive: zipfile.ZipFile) -> None:
    """Read every part once, as far as is allowed: the sizes that an archive states may be a lie."""
    left = UNPACKED
    for entry in archive.infolist():
        if not entry.filename.lower().endswith((".xml", ".rels")):
            continue
        with archive.open(entry) as part:
            tail = b""
            while piece := part.read(1024 * 1024):
                left -= len(piece)
                if left < 0:
                    raise Refused(Refusal("tables.unpacked"))
                seen = (tail + piece).replace(b"\x00", b"")  # UTF-16 hides nothing
                if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                    raise Refused(Refusal("tables.entities"))
                tail = piece[-32:]


def sheets(data: bytes) -> list[str]:
    """The names of the sheets that have cells, in order, hidden ones last. Raises Refused (tables.broken)."""
    with _opened(data) as book:
        found = [sheet.title for sheet in sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible")]
    if not found:
        raise Refused(Refusal("tables.empty"))
    return found


def rows(data: bytes, sheet: str, *, columns: int) -> Iterator[Row]:
    """Every row of the sheet that has something in it; more than `columns` cells are not looked at.

    Raises Refused (tables.broken) where the file stops making sense.
    """
    with _opened(data) as book:
        page = book[sheet]
        page.reset_dimensions()  # what a sheet says of its own size is often wrong
        empty = 0
        try:
            below = _Below(_merged(data, page._worksheet_path))
            for number, cells in enumerate(page.iter_rows(max_col=columns), start=1):
                shown = below.filled(number, tuple(_shown(cell) for cell in cells))
                while shown and not shown[-1]:
                    shown = shown[:-1]
                empty = 0 if shown else empty + 1
                if shown:
                    yield Row(number, shown)
                if empty > EMPTY_ROWS:
                    return
        except _BROKEN:
            raise Refused(Refusal("tables.broken")) from None


class _Below:
    """A merged cell that reaches over several rows says the same of each of them: in Excel its value stands beside all."""

    def __init__(self, areas: Mapping[int, list[tuple[int, int]]]) -> None:
        self._areas = areas
        self._running: dict[int, tuple[int, str]] = {}

    def filled(self, number: int, shown: tuple[str, ...]) -> tuple[str, ...]:
        """The row with the values of the cells above that reach down to it; rows must come in order."""
        cells = list(shown)
        is_row = any(shown)  # a row without anything of its own is none
        for column, (last, value) in list(self._running.items()):
            if number > last:
                del self._running[column]
            elif is_row and column < len(cells) and not cells[column]:
                cells[column] = value
        for column, last in self._areas.get(number, ()):
            if column < len(shown) and shown[column]:
                self._running[column] = (last, shown[column])
        return tuple(cells)


_AREA = re.compile(rb"<mergeCell\b[^>]*\bref=\"([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})\"")


def _merged(data: bytes, path: str) -> dict[int, list[tuple[int, int]]]:
    """By the row where it begins: (column, last row) of every merged cell that reaches over several rows."""
    found: dict[int, list[tuple[int, int]]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(path.lstrip("/")) as part:
        tail = b""
        while piece := part.read(1024 * 1024):
            seen, tail = tail + piece, piece[-200:]
            for area in _AREA.finditer(seen):
                first, last = int(area[2]), int(area[3])
                if last > first:
                    found.setdefault(first, []).append((column_index_from_string(area[1].decode()) - 1, last))
    return found


class _opened:
    """The workbook, read as a stream; what is odd about its styles is no news for anybody."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __enter__(self):  # type: ignore[no-untyped-def]  # openpyxl has no types
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.book = load_workbook(io.BytesIO(self._data), read_only=True, data_only=True, keep_links=False)
        except _BROKEN:
            raise Refused(Refusal("tables.broken")) from None
        return self.book

    def __exit__(self, *error: object) -> None:
        self.book.close()


def _shown(cell: object) -> str:
    """The cell as text, as its reader would type it: days as 2022-11-01, whole numbers without a point, yes and no."""
    value = getattr(cell, "value", None)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if getattr(cell, "data_type", "") == "e":
        return "\ufffd"  # #REF!, #N/A: nobody's name
    return _unescaped(str(value)).strip()


def _unescaped(words: str) -> str:
    """Excel writes control characters as _x000D_."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found.group(1), 16)), words) if "_x" in words else words


def oddities(data: bytes, sheet: str) -> Oddities:
    """What to say about the sheet beside its cells."""
    with _opened(data) as book, zipfile.ZipFile(io.BytesIO(data)) as archive:
        path = book[sheet]._worksheet_path
        hidden = merged = uncomputed = 0
        with archive.open(path.lstrip("/")) as part:
            tail = b""
            while piece := part.read(1024 * 1024):
                seen = tail + piece
                cut = seen.rfind(b"<row") if len(piece) == 1024 * 1024 else len(seen)
                seen, tail = seen[:cut], seen[cut:]
                hidden += len(re.findall(rb"<row\b[^>]*\bhidden=\"(?:1|true)\"", seen))
                merged += len(re.findall(rb"<mergeCell\b", seen))
                uncomputed += len(re.findall(rb"</f>(?:<v\s*/>|<v></v>)?</c>|<f\s[^>]*/></c>", seen))
    return Oddities(hidden, merged, uncomputed)
