"""Tables that are given to `eventreg solve`, and where results go. Every fault of a file is one line."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eventreg.cli.opening import Stop

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "*", "."})
LARGEST = 200 * 1024 * 1024
_DELIMITERS = ",;\t"


def text_of(path: str) -> str:
    """The file as text. Raises Stop: not there, too large, not UTF-8."""
    file = Path(path)
    if not file.is_file():
        raise Stop(f"{path}: {'this is a folder' if file.is_dir() else 'there is no such file'}")
    if file.stat().st_size > LARGEST:
        raise Stop(f"{path}: larger than {LARGEST // 1024 // 1024} MB")
    try:
        found = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Stop(f"{path}: this is no UTF-8 text (byte {error.start})") from None
    if "\0" in found:
        raise Stop(f"{path}: this is no text")
    return found


def rows_of(path: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of a table with commas, semicolons or tabs, its empty lines left out."""
    words = text_of(path)
    first = next((line for line in words.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise Stop(f"{path}, line {reader.line_num}: {error}") from None


def records_of(path: str, *, needed: Sequence[str], optional: Sequence[str] = ()) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cells by column) below a header that has the `needed` columns. Raises Stop where it has not, or a row is short."""
    rows = rows_of(path)
    _line, header = next(rows, (0, []))
    names = [name.casefold() for name in header]
    if lacking := [name for name in needed if name not in names]:
        raise Stop(f"{path}: the header needs {', '.join(needed)}; {', '.join(lacking)} is not in it")
    if doubled := sorted({name for name in names if name in (*needed, *optional) and names.count(name) > 1}):
        raise Stop(f"{path}: {', '.join(doubled)} stands twice in the header")
    for line, cells in rows:
        if len(cells) != len(names):
            raise Stop(f"{path}, line {line}: {len(cells)} cells where the header has {len(names)}")
        yield line, dict(zip(names, cells, strict=True))


def number(typed: str, path: str, line: int) -> float | None:
    """A score; None for a missing one. Raises Stop for what is no finite number."""
    if typed.casefold() in MISSING:
        return None
    try:
        value = float(typed)
    except ValueError:
        raise Stop(f"{path}, line {line}: {typed[:40]!r} is no number") from None
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
