"""`eventreg solve calibration`: how severe each reviewer is, and the scores without that."""

from __future__ import annotations

import argparse
from typing import Any

from eventreg.cli.opening import Stop
from eventreg.cli.solve import reading


def add(kinds: Any) -> None:
    """Register it."""
    made = kinds.add_parser(
        "calibration", help="severity of reviewers, adjusted scores", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Crossed random effects by REML. SCORES has the header reviewer,proposal,score; empty or NA is no review.",
        epilog="example:\n  eventreg solve calibration scores.csv -o adjusted.json",
    )  # fmt: skip
    made.add_argument("scores", metavar="SCORES.csv")
    made.add_argument("-o", "--output", metavar="OUT.json", help="default: stdout")
    made.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Fit and tell; 1 where the scores do not suffice for a fit."""
    from eventreg.reviewing import calibration  # slow: numpy

    scores = []
    for line, row in reading.records_of(given.scores, needed=("reviewer", "proposal", "score")):
        score = reading.number(row["score"], given.scores, line)
        if not row["reviewer"] or not row["proposal"]:
            raise Stop(f"{given.scores}, line {line}: who scored what is not said")
        if score is not None:
            scores.append((row["reviewer"], row["proposal"], score))
    try:
        found = calibration.calibrate(scores)
    except calibration.NoScores as error:
        raise Stop(f"{given.scores}: {error}") from None
    data = {
        "reml_deviance": found.deviance,
        "sd": {"reviewer": found.sd_reviewer, "proposal": found.sd_proposal, "residual": found.sd_residual},
        "mu": found.mu, "adjusted": found.adjusted, "severity": found.severity,
        "interval": {key: list(bounds) if bounds else None for key, bounds in found.interval.items()},
        "connected": found.connected, "raw": found.raw, "remarks": list(found.remarks),
    }  # fmt: skip
    reading.give(reading.as_json(data), given.output)
    for remark in found.remarks:
        reading.say(remark)
    return 0 if found.deviance is not None else 1
