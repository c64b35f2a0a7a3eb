"""`eventreg db upgrade`: the tables at the newest state, without starting anything."""

from __future__ import annotations

import argparse
from typing import Any

from eventreg.cli import opening

EXAMPLE = "example:\n  eventreg db upgrade"


def add(subparsers: Any) -> None:
    """Register `db upgrade`."""
    made = subparsers.add_parser("db", help="the tables of the database")
    verbs = made.add_subparsers(metavar="VERB", required=True)
    verb = verbs.add_parser(
        "upgrade", help="bring the tables to the newest state (serve and demo do it by themselves)",
        epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    verb.set_defaults(run=upgrade)


def upgrade(given: argparse.Namespace) -> int:
    """Bring the tables to the newest state and say which it is."""
    with opening.open_app().app_context():
        opening.upgrade()
        print(opening.current_revision())
    return 0
