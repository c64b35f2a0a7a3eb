"""`eventreg solve WHAT FILE`: which algorithms are there? Results on stdout or in -o FILE, remarks on stderr."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from eventreg.cli.ending import status_of
from eventreg.cli.solve import agreement, assignment, calibration

KINDS = (assignment, calibration, agreement)


def add(subparsers: Any) -> None:
    """Register `solve` with its kinds."""
    made = subparsers.add_parser(
        "solve", help="the product's own algorithms on files", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="The algorithms that the pages use, on files and without any database.",
        epilog="example:\n  eventreg solve calibration scores.csv -o adjusted.json",
    )  # fmt: skip
    kinds = made.add_subparsers(title="algorithms", metavar="WHAT", required=True)
    for kind in KINDS:
        kind.add(kinds)


def run_alone(arguments: Sequence[str]) -> int:
    """Run `solve` without the other commands; returns the exit status."""
    top = argparse.ArgumentParser(prog="eventreg")
    add(top.add_subparsers())
    given = top.parse_args(arguments)
    return status_of(lambda: given.run(given))
