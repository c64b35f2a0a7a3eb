"""`eventreg import`: a table of people, organisations or proposals comes into the house."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from eventreg.cli import opening
from eventreg.cli.ending import Stop
from eventreg.core import charsets
from eventreg.core.i18n import in_language
from eventreg.imports import services, whole, words
from eventreg.imports.whole import Report, Wish

_EXAMPLES = """examples:
  eventreg import ogp-2022 participants people.xlsx --dry-run --report report.json
  eventreg import ogp-2022 participants people.csv --good-rows
  eventreg import ogp-2022 proposals proposals.csv --report report.json"""
_SHOWN = 50  # problems told on stderr; the report holds them all
_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}


def add(subparsers: Any) -> None:
    """Register `import`."""
    made = subparsers.add_parser(
        "import",
        help="take in a table of people, organisations or proposals",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="CSV in any usual encoding, or XLSX. Nothing is written while a row is wrong, unless --good-rows is given. "
        "Columns are those of the export; participants need country, category and a name, proposals a title and lead_email. "
        "Exit 1: there was something to say; 2: refused.",
    )
    made.add_argument("event", metavar="EVENT")
    made.add_argument("what", choices=("participants", "organisations", "proposals"))
    made.add_argument("file", type=Path, metavar="FILE.(csv|xlsx)")
    made.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
    made.add_argument("--report", type=Path, metavar="REPORT.json", help="what happened, line by line")
    made.add_argument("--good-rows", action="store_true", help="write the good rows although others are wrong")
    made.add_argument("--update", action="store_true", help="also change what people wrote themselves")
    made.add_argument("--mail", action="store_true", help="mail each new participant, or the leads and co-organisers of proposals")
    made.add_argument("--encoding", default="", choices=("", *charsets.ENCODINGS), metavar="NAME", help=","
        " ".join(charsets.ENCODINGS))
    made.add_argument("--separator", default="", choices=("", *_SEPARATORS), metavar="NAME", help=", ".join(_SEPARATORS))
    made.add_argument("--sheet", default="", metavar="NAME", help="of a workbook (default: the first that names columns)")
    made.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Import a file."""
    if given.file.stat().st_size > services.FILE_LIMIT:
        raise Stop(f"{given.file.name}: larger than {services.FILE_LIMIT // 1024**2} MB. Import it in parts.")
    data = given.file.read_bytes()
    wish = Wish(
        given.encoding, _SEPARATORS.get(given.separator, ""), given.sheet, updates_own=given.update, only_good=given.good_rows,
        sends_mail=given.mail, is_dry_run=given.dry_run,
    )  # fmt: skip
    with opening.ready_app().app_context(), in_language("en"):
        event = opening.event_named(given.event)
        report = whole.import_file(event, given.what, data, wish, filename=given.file.name, progress=_progress)
        told = [(line, one.level, words.said(one)) for line, one in report.problems]
    if given.report:
        given.report.write_text(_json(report, told), "utf-8")
    _tell(report, told, is_dry_run=given.dry_run)
    if report.is_no_table or (report.status == "refused" and not given.dry_run):
        return 2
    return 1 if told else 0


def _progress(done: int, total: int) -> None:
    if total > 1000 or done == total:
        print(f"{done} of {total} rows", file=sys.stderr)


def _json(report: Report, told: list[tuple[int | None, str, str]]) -> str:
    counts = {name: report.counts[name] for name in ("rows", "new", "changed", "unchanged")}
    problems = [{"line": line, "level": level, "reason": reason} for line, level, reason in told]
    said = {"status": report.status, **counts, "wrong": report.counts["wrong"], "problems": problems}
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _tell(report: Report, told: list[tuple[int | None, str, str]], *, is_dry_run: bool) -> None:
    for line, level, reason in told[:_SHOWN]:
        where = f"line {line}: " if line else ""
        print(f"{where}{level}: {reason}", file=sys.stderr)
    if len(told) > _SHOWN:
        print(f"… and {len(told) - _SHOWN} more; --report FILE keeps them all", file=sys.stderr)
    counts = ", ".join(f"{report.counts[name]} {name}" for name in ("new", "changed", "unchanged", "wrong"))
    print(f"{'dry run, ' if is_dry_run else ''}{report.status}: {report.counts['rows']} rows, {counts}")
