"""`eventreg solve assignment`: who reviews what, the worst-served proposal first, then the total."""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventreg.cli.ending import Stop
from eventreg.cli.solve import reading

_SECONDS = 300.0
_MOST_PAIRS = 20_000_000


def add(kinds: Any) -> None:
    """Register it."""
    made = kinds.add_parser(
        "assignment", help="reviewers to proposals", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Exactly K reviewers for each proposal, no conflict, no reviewer over U: first the worst-served proposal as\n"
        "well served as it can be, then the largest total. SCORES is a .csv with the header reviewer,proposal,score,conflict\n"
        "(a pair that is not there: score 0) or an .npz with similarity_matrix and perhaps mask_matrix (1: conflict).",
        epilog="example:\n  eventreg solve assignment scores.csv --per-proposal 3 --max-load 25 -o pairs.csv",
    )  # fmt: skip
    made.add_argument("scores", metavar="SCORES")
    made.add_argument("--per-proposal", type=_count, required=True, metavar="K")
    made.add_argument("--max-load", type=_count, required=True, metavar="U")
    made.add_argument("--min-load", type=_count, default=0, metavar="L")
    made.add_argument("--conflict-below", type=float, default=None, metavar="X", help="scores below X are conflicts")
    made.add_argument("-o", "--output", metavar="OUT.csv", help="default: stdout")
    made.set_defaults(run=run)


def _count(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 8):
        raise argparse.ArgumentTypeError(f"{typed!r} is no whole number")
    return int(typed)


@dataclass(frozen=True)
class _Read:
    """What a file holds; `scores` and `conflicts` are reviewers x proposals."""

    reviewers: list[str]
    proposals: list[str]
    scores: Any
    conflicts: Any


def run(given: argparse.Namespace) -> int:
    """Solve and tell. Raises Stop where it is not possible, with what to relax."""
    import numpy as np  # slow, as the solver is

    from eventreg.reviewing import matching

    begun = time.monotonic()
    read = _npz(given.scores) if given.scores.casefold().endswith(".npz") else _csv(given.scores)
    forbidden = read.conflicts | (read.scores < given.conflict_below) if given.conflict_below is not None else read.conflicts
    if given.per_proposal < 1 or given.min_load > given.max_load:
        raise Stop("--per-proposal must be 1 or more, and --min-load not above --max-load")
    lottery = np.array([[_drawn(one, other) for other in read.proposals] for one in read.reviewers])
    most = np.full(len(read.reviewers), float(given.max_load))
    task = matching.Task(read.scores, forbidden, given.per_proposal, most, given.min_load, lottery=lottery)
    try:
        found = matching.match(task, seconds=_SECONDS)
    except TimeoutError as error:
        raise Stop(str(error)) from None
    if isinstance(found, matching.Infeasible):
        raise Stop(_why(found, task, given, read))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("reviewer", "paper"))
    writer.writerows((read.reviewers[one], read.proposals[other]) for one, other in sorted(found.pairs))
    reading.give(out.getvalue(), given.output)
    proved = "" if found.is_proved else " (the best within the time, not proved)"
    loads = ", ".join(f"{load}: {number}" for load, number in enumerate(np.bincount(found.loads).tolist()) if number)
    reading.say(
        f"total {found.total:.10g}, worst proposal {found.worst:.10g}{proved}, {time.monotonic() - begun:.1f} s; "
        f"reviewers by load {loads}"
    )  # fmt: skip
    return 0


def _drawn(reviewer: str, proposal: str) -> float:
    """A lottery number that depends on who it is, and not on the order of rows."""
    return int.from_bytes(hashlib.blake2b(f"{reviewer}\0{proposal}".encode(), digest_size=6).digest()) / 2**48


def _why(found: Any, task: Any, given: argparse.Namespace, read: _Read) -> str:
    """What would have to give way, and by how much."""
    from eventreg.reviewing import matching

    if found.missing:
        lacking = sorted(found.missing, key=lambda at: (-found.missing[at], read.proposals[at]))
        most = given.per_proposal - max(found.missing.values())
        named = ", ".join(f"{read.proposals[at]} ({found.missing[at]})" for at in lacking[:5])
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        would = f"--per-proposal {most} would do" if most else "these need other reviewers"
        return f"not possible: {len(lacking)} proposals lack reviewers without a conflict: {named}{more}; {would}"
    if found.overload:
        more_each = matching.more_load(task)
        would = f"; --max-load {given.max_load + more_each} would do" if more_each else ""
        return f"not possible: {sum(found.overload.values())} reviews more than all reviewers together may have{would}"
    if found.idle:
        least = given.min_load - max(found.idle.values())
        return f"not possible: {len(found.idle)} reviewers cannot get {given.min_load} proposals; --min-load {least} would do"
    return "not possible with these limits"


# ---- files -----------------------------------------------------------------------------------------------------------


def _csv(path: str) -> _Read:
    import numpy as np

    pairs: dict[tuple[str, str], tuple[float, bool]] = {}
    for line, row in reading.records_of(path, needed=("reviewer", "proposal", "score"), optional=("conflict",)):
        key = (row["reviewer"], row["proposal"])
        if not all(key):
            raise Stop(f"{path}, line {line}: who and what is not said")
        if key in pairs:
            raise Stop(f"{path}, line {line}: {key[0]} and {key[1]} stand here twice")
        conflict = row.get("conflict", "0") or "0"
        if conflict not in ("0", "1"):
            raise Stop(f"{path}, line {line}: a conflict is 0 or 1, not {conflict[:20]!r}")
        pairs[key] = (reading.number(row["score"], path, line) or 0.0, conflict == "1")
    if not pairs:
        raise Stop(f"{path}: there is no pair")
    reviewers, proposals = (sorted({key[at] for key in pairs}) for at in (0, 1))
    _refuse_size(path, len(reviewers), len(proposals))
    scores, conflicts = np.zeros((len(reviewers), len(proposals))), np.zeros((len(reviewers), len(proposals)), bool)
    first, second = ({name: at for at, name in enumerate(names)} for names in (reviewers, proposals))
    for (one, other), (score, conflict_) in pairs.items():
        scores[first[one], second[other]], conflicts[first[one], second[other]] = score, conflict_
    return _Read(reviewers, proposals, scores, conflicts)


def _npz(path: str) -> _Read:
    import numpy as np

    if not Path(path).is_file():
        raise Stop(f"{path}: {'this is a folder' if Path(path).is_dir() else 'there is no such file'}")
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(one.file_size for one in archive.infolist()) > 8 * _MOST_PAIRS * 2 + 2**20:
                raise Stop(f"{path}: unpacked it is too large")
        with np.load(path, allow_pickle=False) as file:
            if "similarity_matrix" not in file:
                raise Stop(f"{path}: there is no similarity_matrix in it")
            scores = np.asarray(file["similarity_matrix"])
            mask = np.asarray(file["mask_matrix"]) if "mask_matrix" in file else np.zeros(scores.shape)
    except (OSError, ValueError, zipfile.BadZipFile, KeyError, EOFError) as error:
        raise Stop(f"{path}: this is no .npz of numbers ({type(error).__name__})") from None
    if scores.ndim != 2 or mask.shape != scores.shape or scores.dtype.kind not in "fiub" or mask.dtype.kind not in "fiub":
        raise Stop(f"{path}: similarity_matrix and mask_matrix must be tables of numbers of one shape")
    _refuse_size(path, *scores.shape)
    scores = scores.astype(float)
    if not np.isfinite(scores).all():
        raise Stop(f"{path}: a score is no finite number")
    reviewers, proposals = ([str(at) for at in range(length)] for length in scores.shape)
    return _Read(reviewers, proposals, scores, mask.astype(float) > 0.5)


def _refuse_size(path: str, reviewers: int, proposals: int) -> None:
    if not reviewers or not proposals:
        raise Stop(f"{path}: there are no reviewers or no proposals")
    if reviewers * proposals > _MOST_PAIRS:
        raise Stop(f"{path}: {reviewers} x {proposals} pairs are more than {_MOST_PAIRS}")
