"""What stands in this table? CSV in any usual encoding and separator, or a workbook: found by content, read line by line.

Nothing here knows what the columns mean; whoever does hands in `recognises`, which counts the cells of a line that are known
as names of columns.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from eventreg.core import charsets, tables, workbooks
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.workbooks import Row

SEPARATORS = (",", ";", "\t", "|")
COLUMNS = 200  # more than that is no list of people
_HEAD = 25  # so many lines may stand above the names of the columns
_STARTS = (
    (b"\xd0\xcf\x11\xe0", "Excel 97–2003 (.xls)"), (b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"{\\rtf", "RTF"), (b"\x1f\x8b", "GZIP"), (b"7z\xbc\xaf", "7-Zip"), (b"Rar!", "RAR"), (b"SQLite format 3", "SQLite"),
)  # fmt: skip
_MARKUP = re.compile(rb"\s*<(\?xml|!doctype|html|table|head|meta|workbook)\b", re.I)

Recognises = Callable[[Sequence[str]], int]


@dataclass(frozen=True)
class Shape:
    """How a file is to be read. `kind` is csv or xlsx; `header` the line that names the columns, 0 when none was found."""

    kind: str
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    header: int = 0

    @classmethod
    def of(cls, data: Mapping[str, object]) -> Shape:
        """As it was kept."""
        said = {name: data[name] for name in ("kind", "encoding", "separator", "sheet", "header") if name in data}
        return cls(**said)  # type: ignore[arg-type]

    def as_dict(self) -> dict[str, str | int]:
        """To be kept as JSON."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class Survey:
    """A file looked at: how it will be read, whether its letters leave a doubt (`others` are as likely), which sheets it has."""

    shape: Shape
    is_certain: bool = True
    others: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()


def survey(data: bytes, recognises: Recognises, *, wanted: Shape | None = None) -> Survey:
    """How to read the file. What `wanted` says counts, what it leaves open is guessed.

    Raises Refused (tables.…) when it is no table, naming what it is.
    """
    wanted = wanted or Shape("")
    if _kind(data) == "xlsx":
        sheets = workbooks.sheets(data)
        sheet = wanted.sheet if wanted.sheet in sheets else _first_with_columns(data, sheets, recognises)
        head = list(islice(workbooks.rows(data, sheet, columns=COLUMNS), _HEAD))
        return Survey(Shape("xlsx", sheet=sheet, header=_header(head, recognises)[0]), sheets=tuple(sheets))
    found = charsets.guess(data)
    encoding = wanted.encoding if wanted.encoding in charsets.ENCODINGS else found.encoding
    words = charsets.decode(data, encoding)
    if wanted.separator in SEPARATORS:
        separator = wanted.separator
    else:
        separator = _told_separator(words) or max(SEPARATORS, key=lambda one: _fitness(words, one, recognises))
    header = _header(list(islice(_csv(words, separator), _HEAD)), recognises)[0]
    shape = Shape("csv", encoding, separator, header=header)
    return Survey(shape, found.is_certain or bool(wanted.encoding), found.others)


def rows(data: bytes, shape: Shape) -> Iterator[Row]:
    """Every line that has something in it, with its number in the file. Raises Refused when the file is no table."""
    if shape.kind == "xlsx":
        yield from workbooks.rows(data, shape.sheet, columns=COLUMNS)
    else:
        yield from _csv(charsets.decode(data, shape.encoding), shape.separator)


def _kind(data: bytes) -> str:
    if not data.strip(b"\x00\x09\x0a\x0d\x20\xef\xbb\xbf\xff\xfe"):
        raise Refused(Refusal("tables.empty"))
    if data.startswith(b"PK\x03\x04"):
        return workbooks.kind(data)
    for start, name in _STARTS:
        if data.startswith(start):
            if b"E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k" in data[:100_000]:
                raise Refused(Refusal("tables.locked"))
            raise Refused(Refusal("tables.kind", {"kind": name}))
    plain = data[:2000].replace(b"\x00", b"")
    plain = re.sub(rb"^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)", b"", plain)
    if _MARKUP.match(plain):
        raise Refused(Refusal("tables.kind", {"kind": "XML" if b"<?xml" in plain[:200].lower() else "HTML"}))
    if re.match(rb"\s*(?:\[\s*\{\s*\"|\{\s*\"|\[\s*\])", plain):
        raise Refused(Refusal("tables.kind", {"kind": "JSON"}))
    return "csv"


# ---- CSV -----------------------------------------------------------------------------------------------------------


def _csv(words: str, separator: str) -> Iterator[Row]:
    """Records with the number of the line on which each begins, which stays right over line breaks inside cells."""
    source = _Lines(words)
    if _told_separator(words):
        next(source)  # Excel's own line "sep=;"
    reader = csv.reader(source, delimiter=separator, strict=True, skipinitialspace=True)
    while True:
        begins = source.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            code = next((code for said, code in _WRONG.items() if said in str(error)), "tables.quote")
            yield Row(begins, (), Refusal(code))
            reader = csv.reader(source, delimiter=separator, strict=True, skipinitialspace=True)
            continue
        if any(cell.strip("\ufeff \t\u00a0") for cell in cells):
            yield Row(begins, tuple(tables.plain(cell.strip("\ufeff")) for cell in cells))


_WRONG = {"end of data": "tables.quote_open", "field larger": "tables.cell_too_long"}


class _Lines:
    """Lines as Windows, Unix and old Macs end them, counted."""

    def __init__(self, words: str) -> None:
        self._lines, self.number = io.StringIO(words.lstrip("\ufeff"), newline=None), 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        return line


def _told_separator(words: str) -> str:
    found = re.match(r"\ufeff?\"?sep=(.)\"?[\r\n]", words, re.I)
    return found.group(1) if found and found.group(1) in SEPARATORS else ""


def _fitness(words: str, separator: str, recognises: Recognises) -> tuple[int, int, int]:
    """The separator that shows the most known columns; without any, the one that cuts all lines alike, and into most cells."""
    head = list(islice(_csv(words[:100_000], separator), _HEAD))
    widths = [len(row.cells) for row in head if row.cells]
    usual = max(widths, key=widths.count, default=0)
    return _header(head, recognises)[1], widths.count(usual) if usual > 1 else 0, usual


# ---- where the columns are named -----------------------------------------------------------------------------------


def _header(head: Sequence[Row], recognises: Recognises) -> tuple[int, int]:
    """(line, how many known names): the first line that knows the most; line 0 when none knows any."""
    known = [(recognises(row.cells), -row.line) for row in head if row.problem is None]
    best = max(known, default=(0, 0))
    return (-best[1], best[0]) if best[0] else (_of_strange_names(head), 0)


def _of_strange_names(head: Sequence[Row]) -> int:
    """Where no name is known: the first line of words only, over lines with addresses. Whoever sent it can say what they mean."""
    with_address = [row.line for row in head if any("@" in cell for cell in row.cells)]
    for row in head:
        filled = [cell for cell in row.cells if cell.strip()]
        if len(filled) > 1 and with_address and row.line < with_address[0] and not any(map(_IS_VALUE, filled)):
            return row.line
    return 0


_IS_VALUE = re.compile(r"[\W\d_]*$").match  # figures and signs are no name of a column


def _first_with_columns(data: bytes, sheets: Sequence[str], recognises: Recognises) -> str:
    """The sheet whose head knows the most columns; the first where none does. Sheets that nobody sees come last."""

    def known(sheet: str) -> int:
        return _header(list(islice(workbooks.rows(data, sheet, columns=COLUMNS), _HEAD)), recognises)[1]

    return max(sheets[:20], key=known)
