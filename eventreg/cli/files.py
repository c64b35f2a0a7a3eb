"""`eventreg badges` and `eventreg export`: what leaves the house as a file."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from eventreg.badges import printing
from eventreg.cli import opening
from eventreg.cli.ending import Stop
from eventreg.core import tables
from eventreg.core.audit import OPERATOR
from eventreg.core.i18n import in_language
from eventreg.manage import exports, proposal_export
from eventreg.manage.filters import ParticipantFilter
from eventreg.manage.proposal_filters import DEFAULT, ProposalFilter
from eventreg.proposals import queries as proposals
from eventreg.proposals import table

_BADGES = """examples:
  eventreg badges ogp-2022 -o badges.pdf
  eventreg badges ogp-2022 --new --layout a4x8 --where 'category=media, country=MA' -o new.pdf"""
_EXPORT = """examples:
  eventreg export ogp-2022 participants -o participants.xlsx
  eventreg export ogp-2022 proposals -o proposals.csv"""
_KINDS = ("csv", "xlsx", "json")


def add(subparsers: Any) -> None:
    """Register `badges` and `export`."""
    made = subparsers.add_parser(
        "badges",
        help="badges of the confirmed participants as PDF",
        epilog=_BADGES,
        description="What is printed here counts as printed. Exit 1: characters that no font has are told on stderr.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("event", metavar="EVENT")
    made.add_argument("--new", action="store_true", help="only those new or changed since they were last printed")
    made.add_argument("--layout", choices=("a6", "a6-fold", "a4x8"), default="a6", help="a4x8: fronts only (default: a6)")
    made.add_argument("--where", default="", metavar="FILTER", help="category=…, country=…, organisation=…, name=…")
    made.add_argument("-o", "--output", required=True, type=Path, metavar="FILE.pdf")
    made.set_defaults(run=badges)
    more = subparsers.add_parser(
        "export",
        help="a table of the event",
        epilog=_EXPORT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Access and dietary needs are never in it. That it was made is written in the record.",
    )
    more.add_argument("event", metavar="EVENT")
    more.add_argument("what", choices=tuple(_TABLES))
    more.add_argument("-o", "--output", required=True, type=Path, metavar="FILE.(csv|xlsx|json)")
    more.set_defaults(run=export)


def badges(given: argparse.Namespace) -> int:
    """Print badges into a file."""
    with opening.ready_app().app_context(), in_language("en"), _whole(given.output) as unfinished:
        event = opening.event_named(given.event)
        report = printing.render_file(event, layout=given.layout, only_new=given.new, where=given.where, out=unfinished)
    print(f"{report.count} badges, batch {report.batch}: {given.output}")
    for problem in report.problems:
        print(f"{problem.name}: no font has {' '.join(problem.characters)}", file=sys.stderr)
    return 1 if report.problems else 0


def export(given: argparse.Namespace) -> int:
    """Write a table into a file; its ending says which kind."""
    kind = given.output.suffix.removeprefix(".").lower()
    if kind not in _KINDS:
        raise Stop(f"{given.output.name}: the name must end in .csv, .xlsx or .json")
    with opening.ready_app().app_context(), in_language("en"), _whole(given.output) as unfinished:
        event = opening.event_named(given.event)
        columns, told, record = _TABLES[given.what](event.id)
        _WRITERS[kind](unfinished, columns, told, given.what.capitalize())
        rows = record(kind)
    print(f"{rows} rows: {given.output}")
    return 0


_Rows = Iterable[Sequence[str]]


def _participants(event_id: int) -> tuple[Sequence[str], _Rows, Callable[[str], int]]:
    everybody = ParticipantFilter()
    record = partial(exports.record_export, event_id, everybody, by=OPERATOR)
    return exports.columns(event_id), exports.participants(event_id, everybody), lambda kind: record(kind=kind)


def _proposals(event_id: int) -> tuple[Sequence[str], _Rows, Callable[[str], int]]:
    offer, every = proposals.offer(event_id), ProposalFilter()
    rows = proposal_export.rows(event_id, offer, every, DEFAULT, None, lang="en")
    record = partial(proposal_export.record, event_id, every, None, by=OPERATOR)
    return table.columns(offer), rows, lambda kind: record(kind=kind)


# what can be taken away, each with its columns, its rows and what writes down that it was
_TABLES = {"participants": _participants, "proposals": _proposals}


@contextmanager
def _whole(file: Path) -> Iterator[Path]:
    """A path to write to that takes the file's name only when it is complete."""
    unfinished = file.with_name(f".{file.name}.part")
    try:
        yield unfinished
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _csv(file: Path, columns: Sequence[str], rows: _Rows, title: str) -> None:
    with tables.csv_file(columns, rows) as made, file.open("wb") as out:
        shutil.copyfileobj(made, out)


def _xlsx(file: Path, columns: Sequence[str], rows: _Rows, title: str) -> None:
    with tables.xlsx(columns, rows, title=title, is_rtl=False) as made, file.open("wb") as out:
        shutil.copyfileobj(made, out)


def _json(file: Path, columns: Sequence[str], rows: _Rows, title: str) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write("[")
        for number, row in enumerate(rows):
            out.write(",\n " if number else "\n ")
            out.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False))
        out.write("\n]\n")


_WRITERS = {"csv": _csv, "xlsx": _xlsx, "json": _json}
