"""Tables that are given to `eventreg solve`, and where results go. Every fault of a file is one line."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from eventreg.cli.ending import Stop
from eventreg.core import charsets

MISSING = frozenset({"", "na"})  # beside what a kind of file says more
LARGEST = 200 * 1024 * 1024
_DELIMITERS = "\t;,"  # a table with decimal commas has semicolons or tabs between its cells
_TOLD = re.compile(r"sep=([,;\t])\r?\n", re.I)  # Excel's own first line
_COMMA = re.compile(r"[+-]?\d{1,9},\d{1,9}")
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f]")


def text_of(path: str) -> str:
    """The file as text in whatever encoding. Raises Stop: not there, too large, no text, letters that may be read in two ways."""
    file = Path(path)
    if not file.exists() or file.is_dir():
        raise Stop(f"{path}: {'this is a folder' if file.is_dir() else 'there is no such file'}")
    with file.open("rb") as opened:  # also what is no plain file: /dev/stdin
        data = opened.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Stop(f"{path}: larger than {LARGEST // 1024 // 1024} MB")
    found = charsets.guess(data)
    words = charsets.decode(data, found.encoding)
    if _NO_TEXT.search(words):
        raise Stop(f"{path}: this is no text; save the table as CSV")
    if not found.is_certain or "\ufffd" in words:
        line = words.partition("\ufffd")[0].count("\n") + 1 if found.is_certain else 0
        raise Stop(f"{path}{f', line {line}' if line else ''}: its letters cannot be read for certain; save it as UTF-8")
    return words


def rows_of(path: str, *, columns: Sequence[str] = ()) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of a table with commas, semicolons or tabs, its empty lines left out; `columns` tell the header's separator."""
    words = text_of(path)
    told = _TOLD.match(words)
    lines = io.StringIO(words, newline="")
    if told:
        lines.readline()
    first = next((line for line in words.splitlines()[1 if told else 0 :] if line.strip()), "")
    reader = csv.reader(lines, delimiter=told[1] if told else _delimiter(first, columns), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num + bool(told), [cell.strip() for cell in cells]
    except csv.Error as error:
        raise Stop(f"{path}, line {reader.line_num + bool(told)}: {error}") from None


def _delimiter(first: str, columns: Sequence[str]) -> str:
    """The separator by which the first line has the columns, else the first that stands in it."""
    for one in _DELIMITERS:
        if columns and set(columns) <= set(_names(first.replace('"', "").split(one))):
            return one
    return next((one for one in _DELIMITERS if one in first), ",")


def _names(header: Sequence[str]) -> list[str]:
    return [name.strip().casefold() for name in header]


def records_of(path: str, *, needed: Sequence[str], optional: Sequence[str] = ()) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cells by column) below a header that has the `needed` columns. Raises Stop where it has not, or a row is short."""
    rows = rows_of(path, columns=needed)
    _line, header = next(rows, (0, []))
    names = _names(header)
    if lacking := [name for name in needed if name not in names]:
        raise Stop(f"{path}: the header needs {', '.join(needed)}; {', '.join(lacking)} is not in it")
    if doubled := sorted({name for name in names if name in (*needed, *optional) and names.count(name) > 1}):
        raise Stop(f"{path}: {', '.join(doubled)} stands twice in the header")
    for line, cells in rows:
        if len(cells) != len(names):
            raise Stop(f"{path}, line {line}: {len(cells)} cells where the header has {len(names)}")
        yield line, dict(zip(names, cells, strict=True))


def number(typed: str, path: str, line: int, *, missing: Collection[str] = MISSING) -> float | None:
    """A score; None for a missing one. Raises Stop for what is no finite number, NaN among it, and for a decimal comma."""
    if typed.casefold() in missing:
        return None
    try:
        value = float(typed)
    except ValueError:
        point = f"; write {typed.replace(',', '.')}" if _COMMA.fullmatch(typed) else ""
        raise Stop(f"{path}, line {line}: {typed[:40]!r} is no number{point}") from None
    if not math.isfinite(value) or "_" in typed:
        raise Stop(f"{path}, line {line}: {typed[:40]!r} is no finite number")
    return value


def give(words: str, output: str | None) -> None:
    """The result, to the file named or to stdout."""
    if output:
        Path(output).write_text(words, "utf-8")
    else:
        sys.stdout.write(words)


def as_json(data: Any) -> str:
    """JSON with a line end; what cannot be told is null."""
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def say(words: str) -> None:
    """A remark."""
    print(words, file=sys.stderr)
