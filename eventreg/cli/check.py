"""`eventreg check` and `eventreg audit verify`: are the data what they must be, and has nobody changed the record?"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from eventreg.cli import invariants, opening
from eventreg.core import audit, clock
from eventreg.core.db import db
from eventreg.events.models import Event

_CHECK = "example:\n  eventreg check && echo 'all is well'"
_VERIFY = "example:\n  eventreg audit verify"


def add(subparsers: Any) -> None:
    """Register `check` and `audit verify`."""
    made = subparsers.add_parser(
        "check", help="what must always be true of the data", epilog=_CHECK,
        description="Exit 0: all is as it must be. Exit 1: what is broken is told on stderr.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    made.add_argument("--json", action="store_true", help="what was found as JSON on stdout")
    made.set_defaults(run=check)
    group = subparsers.add_parser("audit", help="the record of what was done")
    verbs = group.add_subparsers(metavar="VERB", required=True)
    verify_parser = verbs.add_parser(
        "verify", help="recompute the hash chains", epilog=_VERIFY,
        description="Exit 0: every chain holds. Exit 1: the first broken line is named on stderr.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    verify_parser.set_defaults(run=verify)


def check(given: argparse.Namespace) -> int:
    """Run every invariant; say which rows break which."""
    with opening.ready_app().app_context():
        findings = invariants.findings(clock.now())
    if given.json:
        print(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False, indent=2))
    for finding in findings:
        print(f"{finding.name}: {finding.sentence}: {finding.where}", file=sys.stderr)
    if findings:
        print(f"{len(findings)} findings", file=sys.stderr)
        return 1
    if not given.json:
        print(f"{invariants.COUNT} invariants hold")
    return 0


def verify(given: argparse.Namespace) -> int:
    """Recompute each chain; name the first line that does not hold."""
    with opening.ready_app().app_context():
        broken = 0
        for chain in audit.chains():
            found = audit.verify(chain)
            if found is None:
                print(f"{_name(chain)}: {audit.length(chain)} lines, head {audit.head(chain)}")
                continue
            broken += 1
            print(f"{_name(chain)}: line {found.seq} {found.reason}", file=sys.stderr)
    return 1 if broken else 0


def _name(chain: int) -> str:
    """The event's slug; the installation for what belongs to no event."""
    if chain == audit.INSTALLATION:
        return "installation"
    event = db.session.get(Event, chain)
    return event.slug if event else f"event {chain}"
