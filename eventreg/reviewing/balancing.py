"""A balanced assignment, proposed by a job: languages read, tracks known, both sectors, nobody too much, no conflict.

What is begun or submitted stays; what was given and not begun may move, but rather does not. Nothing is given before
the chair says so.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from eventreg.core import jobs
from eventreg.core.db import db, transaction
from eventreg.core.jobs import Job, Running
from eventreg.people.models import Person
from eventreg.proposals import shield
from eventreg.proposals.models import Proposal
from eventreg.reviewing import assignments, matching, queries, suggesting
from eventreg.reviewing.assignments import Pair
from eventreg.reviewing.matching import Infeasible, Matching, Task
from eventreg.reviewing.models import Assignment, Reviewer, Reviewing
from eventreg.reviewing.rules import HELD, AssignmentState

JOB = "reviewing.balance"
SECTORS = ("government", "civil_society")
_TRACK = {0: 0.2, 1: 0.6, 2: 1.0}
_UNKNOWN = 0.5  # nothing said of the track
_SILENT = 0.2  # less for who has not said which languages they read
_TOLD = 0.3  # more for who has it already
_SECONDS = 60.0


def ask(event_id: int, *, by: int) -> Job:
    """Have it worked out; the chair who asked sees the result."""
    with transaction(queue=("reviewing", event_id)) as now:
        suggesting.look_again(event_id, now=now)
        return jobs.enqueue(JOB, {}, event_id=event_id, person_id=by, now=now)


def last(event_id: int, person_id: int) -> Job | None:
    """The newest of this chair's."""
    query = select(Job).where(Job.event_id == event_id, Job.kind == JOB, Job.person_id == person_id)
    return db.session.scalar(query.order_by(Job.id.desc()).limit(1).execution_options(populate_existing=True))


def run(job: Running) -> tuple[dict[str, Any], Path | None]:
    """Work it out, of the proposals that the chair who asked may know of."""
    assert job.event_id is not None and job.person_id is not None
    chair = db.session.get_one(Person, job.person_id)
    query = queries.reviewable(job.event_id, chair).options(joinedload(Proposal.track)).order_by(Proposal.id)
    proposals, panel = list(db.session.scalars(query)), queries.reviewers(job.event_id)
    settings = queries.settings_or_usual(job.event_id)
    job.progress(1, 3)
    if not proposals or not panel:
        return {"pairs": [], "drops": [], "nothing": True}, None
    task, held = _task(job.event_id, settings, proposals, panel)
    found = matching.match(task, seconds=_SECONDS)
    job.progress(2, 3)
    if isinstance(found, Infeasible):
        more = matching.more_load(task, seconds=_SECONDS) if found.overload and not found.missing else None
        return _why(found, more, proposals, panel), None
    return _told(found, held, proposals, panel, task), None


def _task(
    event_id: int, settings: Reviewing, proposals: list[Proposal], panel: list[Reviewer]
) -> tuple[Task, dict[Any, Assignment]]:
    """The task, and the assignments that are held now by (proposal, person)."""
    shape, at = (len(panel), len(proposals)), {one.id: number for number, one in enumerate(proposals)}
    scores, forbidden, fixed = np.zeros(shape), np.zeros(shape, bool), np.zeros(shape, bool)
    rows = list(db.session.scalars(select(Assignment).where(Assignment.event_id == event_id)))
    held = {(one.proposal_id, one.person_id): one for one in rows if one.state in HELD}
    ended = {(one.proposal_id, one.person_id) for one in rows if one.state not in HELD}
    for number, reviewer in enumerate(panel):
        hidden = set(db.session.scalars(shield.hidden(event_id, reviewer.person)))
        for proposal in proposals:
            key, where = (proposal.id, reviewer.person_id), (number, at[proposal.id])
            scores[where] = _score(reviewer, proposal) + (_TOLD if key in held else 0.0)
            is_read = reviewer.profile_at is None or proposal.lang in reviewer.languages
            forbidden[where] = proposal.id in hidden or key in ended or not (is_read or key in held)
            fixed[where] = key in held and held[key].state != AssignmentState.ASSIGNED and proposal.id not in hidden
    elsewhere = _elsewhere(event_id, set(at))
    most = np.array([(one.max_load or settings.max_load) - elsewhere.get(one.person_id, 0) for one in panel], float)
    sectors = [one.sector for one in panel]
    groups = tuple(np.array([sector == wanted for sector in sectors]) for wanted in SECTORS) if settings.mixes_sectors else ()
    lottery = np.array([[_drawn(one.person_id, other.id) for other in proposals] for one in panel])
    return Task(np.round(scores, 2), forbidden, settings.per_proposal, np.maximum(most, 0), 0, groups, fixed, lottery), held


def _score(reviewer: Reviewer, proposal: Proposal) -> float:
    level = reviewer.tracks.get(proposal.track.slug) if proposal.track is not None else None
    known = _UNKNOWN if level is None else _TRACK[level]
    return known - (_SILENT if reviewer.profile_at is None else 0.0)


def _elsewhere(event_id: int, ids: set[int]) -> dict[int, int]:
    """What each reviewer holds of proposals that are not part of this task."""
    query = select(Assignment.person_id, func.count()).where(
        Assignment.event_id == event_id, Assignment.state.in_(HELD), Assignment.proposal_id.not_in(ids)
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Assignment.person_id))}


def _drawn(person_id: int, proposal_id: int) -> float:
    return int.from_bytes(hashlib.blake2b(f"{person_id} {proposal_id}".encode(), digest_size=6).digest()) / 2**48


def _told(
    found: Matching, held: dict[Any, Assignment], proposals: list[Proposal], panel: list[Reviewer], task: Task
) -> dict[str, Any]:
    chosen = {(proposals[at].id, panel[one].person_id): (one, at) for one, at in found.pairs}
    pairs = [
        [proposal_id, person_id, _reasons(panel[one], proposals[at], task)]
        for (proposal_id, person_id), (one, at) in sorted(chosen.items())
        if (proposal_id, person_id) not in held
    ]
    here = {one.id for one in proposals}
    drops = sorted(one.code for key, one in held.items() if key[0] in here and key not in chosen)
    loads = np.bincount(found.loads).tolist()
    return {
        "pairs": pairs, "drops": drops, "kept": sum(1 for key in chosen if key in held), "worst": round(found.worst, 2),
        "is_proved": found.is_proved, "loads": [[load, number] for load, number in enumerate(loads) if number],
    }  # fmt: skip


def _reasons(reviewer: Reviewer, proposal: Proposal, task: Task) -> list[str]:
    """Codes of labels.REASON."""
    said = ["language"] if reviewer.profile_at is not None else []
    if proposal.track is not None and reviewer.tracks.get(proposal.track.slug, 0) > 0:
        said.append("track")
    if task.groups and reviewer.sector in SECTORS:
        said.append(reviewer.sector)
    return [*said, "load"]


def _why(found: Infeasible, more: int | None, proposals: list[Proposal], panel: list[Reviewer]) -> dict[str, Any]:
    return {
        "pairs": [], "drops": [], "more_load": more,
        "missing": [[proposals[at].id, lacking] for at, lacking in sorted(found.missing.items())],
        "overload": [[panel[at].person_id, over] for at, over in sorted(found.overload.items())],
        "groups": [[SECTORS[number], [proposals[at].id for at in those]] for number, those in sorted(found.groups.items())],
    }  # fmt: skip


def left(event_id: int, job: Job) -> tuple[list[Pair], list[Assignment]]:
    """What of a proposed assignment is still to be given, and which assignments still move for it."""
    result = job.result or {}
    proposed = [Pair(proposal_id, person_id, tuple(reasons)) for proposal_id, person_id, reasons in result.get("pairs", ())]
    rows = queries.of_proposals({pair.proposal_id for pair in proposed})
    held = {(one.proposal_id, one.person_id) for one, _review in rows}
    pairs = [pair for pair in proposed if (pair.proposal_id, pair.person_id) not in held]
    codes = set(result.get("drops", ()))
    moves = select(Assignment).where(Assignment.event_id == event_id, Assignment.state == AssignmentState.ASSIGNED)
    return pairs, [one for one in db.session.scalars(moves.order_by(Assignment.id)) if one.code in codes]


def accept(event_id: int, job: Job, proposal_ids: set[int], *, by: int) -> int:
    """Give what was proposed for these proposals; what was given and not begun moves where the proposed assignment says so.

    Returns how many were given. Raises Refused: something has changed since; nothing is given then.
    """
    with transaction(queue=("reviewing", event_id)):
        pairs, moves = left(event_id, job)
        for one in moves:
            if one.proposal_id in proposal_ids:
                assignments.take_away(event_id, one.code, "", by=by)
        wanted = [pair for pair in pairs if pair.proposal_id in proposal_ids]
        return len(assignments.assign(event_id, wanted, by=by, by_solver=True))
