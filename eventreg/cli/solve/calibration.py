"""`eventreg solve calibration`: how severe each reviewer is, and the scores without that."""

from __future__ import annotations

import argparse
from typing import Any

from eventreg.cli.ending import Stop
from eventreg.cli.solve import reading

_MOST_CELLS, _MOST_OF_FEWER = 50_000_000, 3_000  # reviewers x proposals, and the smaller of both: memory, and minutes


def add(kinds: Any) -> None:
    """Register it."""
    made = kinds.add_parser(
        "calibration", help="severity of reviewers, adjusted scores", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Crossed random effects by REML. SCORES has the header reviewer,proposal,score; empty or NA is no review.\n"
        "Exit 1: the scores do not tell everything, and stderr says what not.",
        epilog="example:\n  eventreg solve calibration scores.csv -o adjusted.json",
    )  # fmt: skip
    made.add_argument("scores", metavar="SCORES.csv")
    made.add_argument("-o", "--output", metavar="OUT.json", help="default: stdout")
    made.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Fit and tell; 1 where there is something to say about the scores."""
    from eventreg.reviewing import calibration  # slow: numpy

    scores, remarks = _scores(given.scores)
    try:
        found = calibration.calibrate(scores)
    except calibration.NoScores as error:
        raise Stop(f"{given.scores}: {error}") from None
    remarks += found.remarks
    data = {
        "reml_deviance": found.deviance,
        "sd": {"reviewer": found.sd_reviewer, "proposal": found.sd_proposal, "residual": found.sd_residual},
        "mu": found.mu, "adjusted": found.adjusted, "severity": found.severity,
        "interval": {key: list(bounds) if bounds else None for key, bounds in found.interval.items()},
        "connected": found.connected, "raw": found.raw, "remarks": remarks, "hash": found.hash,
    }  # fmt: skip
    reading.give(reading.as_json(data), given.output)
    for remark in remarks:
        reading.say(remark)
    return 1 if remarks else 0


def _scores(path: str) -> tuple[list[tuple[str, str, float]], list[str]]:
    """What the file holds, and what is odd about it."""
    lines: dict[tuple[str, str], int] = {}
    scores, again = [], []
    for line, row in reading.records_of(path, needed=("reviewer", "proposal", "score")):
        score = reading.number(row["score"], path, line)
        pair = (row["reviewer"], row["proposal"])
        if not all(pair):
            raise Stop(f"{path}, line {line}: who scored what is not said")
        if score is not None:
            again += [line] if pair in lines else []
            lines.setdefault(pair, line)
            scores.append((*pair, score))
    few, many = sorted(len({pair[at] for pair in lines}) for at in (0, 1))
    if few > _MOST_OF_FEWER or few * many > _MOST_CELLS:
        raise Stop(f"{path}: {few} x {many} reviewers and proposals are too many")
    times = f" and {len(again) - 1} more" if len(again) > 1 else ""
    return scores, [f"line {again[0]}{times}: a reviewer's further score of a proposal; each counts"] if again else []
