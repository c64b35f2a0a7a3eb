"""Who reads what: the proposals with their reviewers, one proposal with everybody who could review it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from eventreg.core import refusals, text
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.refusals import Refused
from eventreg.core.searching import matches
from eventreg.manage.blueprint import bp
from eventreg.manage.forms_call import pressed
from eventreg.manage.proposal import file_of
from eventreg.manage.side import side
from eventreg.people.models import Person
from eventreg.proposals import labels as proposal_labels
from eventreg.proposals import queries as proposals
from eventreg.proposals import shield
from eventreg.proposals.models import Proposal, ProposalSearch
from eventreg.reviewing import assignments, labels, queries, reading, results
from eventreg.reviewing.assignments import Pair
from eventreg.reviewing.models import Assignment, Reviewer
from eventreg.reviewing.queries import Load
from eventreg.reviewing.rules import HELD

Answer = Response | str | tuple[str, int]
PAGE = 50
DONE = {
    "given": _l("Given. Reviewers are told in one mail for all that they get."),
    "taken": _l("The proposal is taken away from the reviewer."),
}


@bp.get("/chair/assign")
@requires("assignment.manage")
def chair_assign() -> str:
    """The proposals that the chair may know of, each with who reviews it; those that lack reviewers first, if asked for."""
    shown, typed = request.args.get("show", ""), text.clean_line(request.args.get("q", "")[:200])
    wanted = queries.settings_or_usual(g.event.id).per_proposal
    found = _listed(typed)
    held = _held([one.id for one in found])
    if shown == "lacking":
        found = [one for one in found if len(held.get(one.id, ())) < wanted]
    start = _start(len(found))
    return render_template(
        "manage/chair_assign.html", side=side("assign"), proposals=found[start : start + PAGE], held=held, wanted=wanted,
        total=len(found), start=start, page=PAGE, shown=shown, typed=typed, people=_people(), label=labels,
        done=DONE.get(request.args.get("done", "")),
    )  # fmt: skip


def _listed(typed: str) -> list[Proposal]:
    query = queries.reviewable(g.event.id, g.viewer).options(joinedload(Proposal.track)).order_by(Proposal.number, Proposal.id)
    if typed:
        query = query.join(ProposalSearch, ProposalSearch.proposal_id == Proposal.id).where(matches(ProposalSearch.names, typed))
    return list(db.session.scalars(query))


def _held(ids: list[int]) -> dict[int, list[Assignment]]:
    found: dict[int, list[Assignment]] = {}
    query = select(Assignment).where(Assignment.event_id == g.event.id, Assignment.state.in_(HELD)).order_by(Assignment.id)
    known = set(ids)
    for one in db.session.scalars(query):
        if one.proposal_id in known:
            found.setdefault(one.proposal_id, []).append(one)
    return found


def _people() -> dict[int, Reviewer]:
    return {one.person_id: one for one in queries.reviewers(g.event.id)}


def _start(total: int) -> int:
    typed = request.args.get("from", "0")
    start = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0
    return min(start, max(0, (total - 1) // PAGE * PAGE))


@dataclass(frozen=True)
class Candidate:
    """Somebody who could review a proposal. `reads` is None while they have not said which languages they read."""

    reviewer: Reviewer
    load: Load | None
    reads: bool | None
    level: int | None  # how well they know the track


def _candidates(proposal: Proposal, have: set[int]) -> list[Candidate]:
    """Reviewers without a conflict who do not have it yet, the most fitting first. Who is tied to it is not named here."""
    loads = queries.loads(g.event.id, g.viewer)
    tied, found = shield.tied_people(proposal), []
    for one in queries.reviewers(g.event.id):
        if one.person_id in have | tied:
            continue
        reads = proposal.lang in one.languages if one.profile_at else None
        level = one.tracks.get(proposal.track.slug) if proposal.track else None
        found.append(Candidate(one, loads.get(one.person_id), reads, level))
    return sorted(found, key=_fitness)


def _fitness(one: Candidate) -> tuple[bool, int, int]:
    return (one.reads is False, -(1 if one.level is None else one.level), one.load.held if one.load else 0)


@bp.get("/chair/proposals/<code>")
@requires("assignment.manage")
def chair_proposal(code: str) -> str:
    """One proposal: its text, who reviews it and what they said, who else could."""
    return _page(_proposal(code))


def _proposal(code: str) -> Proposal:
    """The proposal with this code; one that is hidden from the viewer is as unknown as one that nobody has."""
    query = queries.reviewable(g.event.id, g.viewer).where(Proposal.code == code)
    return db.session.scalar(query.options(joinedload(Proposal.track), joinedload(Proposal.format))) or abort(404)


def _page(proposal: Proposal, refusal: str = "") -> str:
    held = queries.of_proposals([proposal.id])
    candidates = _candidates(proposal, {one.person_id for one, _review in held})
    version = proposals.version(proposal.id, proposal.version) or abort(404)
    groups = reading.groups(
        proposal, version, proposals.offer(g.event.id),
        file_url=lambda file: url_for(".chair_file", code=proposal.code, file=file),
    )  # fmt: skip
    return render_template(
        "manage/chair_proposal.html", side=side("assign"), proposal=proposal, held=held, people=_people(), groups=groups,
        label=labels, words=proposal_labels, candidates=candidates, refusal=refusal,
        bodies=proposals.bodies(proposals.people(proposal.id)), criteria=queries.frozen(g.event.id), gone=_gone(proposal),
        result=results.of_event(g.event.id, g.viewer, only=proposal.id).get(proposal.id),
        done=DONE.get(request.args.get("done", "")),
    )  # fmt: skip


def _gone(proposal: Proposal) -> list[tuple[Assignment, Person]]:
    """Who had it and has it no more, and why."""
    query = select(Assignment, Person).join(Person, Person.id == Assignment.person_id)
    query = query.where(Assignment.proposal_id == proposal.id, Assignment.state.not_in(HELD)).order_by(Assignment.ended_at)
    return [(row[0], row[1]) for row in db.session.execute(query)]


@bp.post("/chair/proposals/<code>")
@requires("assignment.manage")
def chair_proposal_do(code: str) -> Answer:
    """Give it to the reviewers ticked, or take it from one ("take:A-1")."""
    proposal = _proposal(code)
    do, what = pressed()
    try:
        if do == "take":
            mine = {one.code for one, _review in queries.of_proposals([proposal.id])}
            assignments.take_away(g.event.id, what if what in mine else abort(404), request.form.get("why", ""), by=g.viewer.id)
        else:
            chosen = set(request.form.getlist("reviewer"))
            pairs = [Pair(proposal.id, one.person_id) for one in queries.reviewers(g.event.id) if one.person.code in chosen]
            if not pairs:
                return _page(proposal, str(_l("Tick at least one reviewer."))), 422
            assignments.assign(g.event.id, pairs, by=g.viewer.id)
    except Refused as refused:
        return _page(_proposal(code), refusals.say(refused.refusal)), 409
    return redirect(url_for(".chair_proposal", code=code, done="taken" if do == "take" else "given"), 303)


@bp.get("/chair/proposals/<code>/files/<file>")
@requires("assignment.manage")
def chair_file(code: str, file: str) -> Response:
    """A file of the proposal: something to save and never to run."""
    return file_of(_proposal(code), file)


# ---- ranking ---------------------------------------------------------------------------------------------------------


@bp.get("/chair/ranking")
@requires("selection.read")
def chair_ranking() -> str:
    """The proposals by the mean of their reviews, or by how far these lie apart."""
    order = request.args.get("sort", "")
    found = {one.id: one for one in _listed(text.clean_line(request.args.get("q", "")[:200]))}
    all_results = results.of_event(g.event.id, g.viewer)
    places = results.ranks(all_results)
    rows: list[dict[str, Any]] = [
        {"proposal": one, "result": all_results.get(one.id, results.Result()), "rank": places.get(one.id)} for one in found.values()
    ]
    if order == "spread":
        rows.sort(key=lambda row: (-(row["result"].spread or 0), row["rank"] or 10**6))
    else:
        rows.sort(key=lambda row: (row["rank"] or 10**6, row["result"].spread or 0, row["proposal"].id))
    start = _start(len(rows))
    return render_template(
        "manage/chair_ranking.html", side=side("ranking"), rows=rows[start : start + PAGE], total=len(rows), start=start, page=PAGE,
        order=order, typed=request.args.get("q", ""), criteria=queries.frozen(g.event.id), words=proposal_labels,
        reviewed=sum(1 for one in all_results.values() if one.totals),
    )  # fmt: skip
