"""`eventreg solve agreement`: Krippendorff's alpha of a table of scores."""

from __future__ import annotations

import argparse
from typing import Any

from eventreg.cli.ending import Stop
from eventreg.cli.solve import reading

_MISSING = reading.MISSING | {"*"}


def add(kinds: Any) -> None:
    """Register it."""
    made = kinds.add_parser(
        "agreement", help="how far reviewers agree", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Krippendorff's alpha. TABLE has a row for each reviewer, a column for each proposal, no header; blank, NA or\n"
        "* is no score.",
        epilog="example:\n  eventreg solve agreement table.csv",
    )  # fmt: skip
    made.add_argument("table", metavar="TABLE.csv")
    made.add_argument("-o", "--output", metavar="OUT.json", help="default: stdout")
    made.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Compute and tell; 1 where alpha is not defined or there is no variation."""
    from eventreg.reviewing import agreement  # slow: numpy

    table = [(line, cells) for line, cells in reading.rows_of(given.table)]
    if not table:
        raise Stop(f"{given.table}: there is no score")
    width = len(table[0][1])
    for line, cells in table:
        if len(cells) != width:
            raise Stop(f"{given.table}, line {line}: {len(cells)} cells where the first row has {width}")
    rows = [[reading.number(cell, given.table, line, missing=_MISSING) for cell in cells] for line, cells in table]
    units = [[row[at] for row in rows if row[at] is not None] for at in range(width)]
    scored = [[value for value in unit if value is not None] for unit in units]
    found = agreement.every_level(scored)
    reading.give(reading.as_json(dict(found)), given.output)
    plain = agreement.alpha(scored, "nominal")
    if plain.alpha is None:
        reading.say("not defined: no proposal has two scores")
    elif not plain.has_variation:
        reading.say("all scores are equal: there is no variation, which counts as 1")
    elif found["ratio"] is None:
        reading.say("ratio is not defined: a score is negative")
    else:
        return 0
    return 1
