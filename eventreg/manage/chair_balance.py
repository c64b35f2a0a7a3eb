"""A balanced assignment for the chair: worked out by a job, looked at, accepted as a whole or for single proposals."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from eventreg.core import refusals
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.jobs import Job
from eventreg.core.refusals import Refused
from eventreg.manage.blueprint import bp
from eventreg.manage.side import side
from eventreg.proposals.models import Proposal
from eventreg.reviewing import balancing, queries

Answer = Response | str | tuple[str, int]


@bp.get("/chair/assign/balanced")
@requires("assignment.manage")
def chair_balance() -> str:
    """How far it is; what is proposed; or why there is no such assignment, and what to relax."""
    return _page()


def _page(refusal: str = "") -> str:
    job = balancing.last(g.event.id, g.viewer.id)
    result = (job.result or {}) if job is not None and job.state == "done" else {}
    seen = {one.id: one for one in db.session.scalars(queries.reviewable(g.event.id, g.viewer).order_by(Proposal.number))}
    people = {one.person_id: one for one in queries.reviewers(g.event.id)}
    by_proposal: dict[int, list[Any]] = {}
    pairs, moves = balancing.left(g.event.id, job) if job is not None and result else ([], [])
    for pair in pairs:
        if pair.proposal_id in seen and pair.person_id in people:
            by_proposal.setdefault(pair.proposal_id, []).append(people[pair.person_id])
    missing = [(seen[one], lacking) for one, lacking in result.get("missing", ()) if one in seen]
    groups = [(sector, [seen[one] for one in those if one in seen]) for sector, those in result.get("groups", ())]
    return render_template(
        "manage/chair_balance.html", side=side("assign"), job=_followed(job) if job is not None else None, result=result,
        proposed=[(one, by_proposal[key]) for key, one in seen.items() if key in by_proposal], missing=missing, groups=groups,
        over=sum(over for _person, over in result.get("overload", ())), refusal=refusal,
        is_used=bool(result) and not by_proposal and not missing and not groups and not result.get("overload"),
        is_bare=bool(result.get("nothing")), moves=sum(1 for one in moves if one.proposal_id in by_proposal),
        settings=queries.settings(g.event.id),
    )  # fmt: skip


def _followed(job: Job) -> dict[str, Any]:
    """For the bar."""
    return {
        "state": job.state, "done": job.done, "total": job.total or 3, "text": _("Working out a balanced assignment"),
        "url": url_for("badges.job_state", code=job.code), "result_url": None, "failures_url": None, "cancel_url": None,
    }  # fmt: skip


@bp.post("/chair/assign/balanced")
@requires("assignment.manage")
def chair_balance_do() -> Answer:
    """Have it worked out; or give what is ticked of it."""
    if request.form.get("do") != "accept":
        balancing.ask(g.event.id, by=g.viewer.id)
        return redirect(url_for(".chair_balance"), 303)
    job = balancing.last(g.event.id, g.viewer.id)
    codes = set(request.form.getlist("proposal"))
    ids = set(
        db.session.scalars(
            queries.reviewable(g.event.id, g.viewer).with_only_columns(Proposal.id).where(Proposal.code.in_(codes))
        )
    ) if codes else set()  # fmt: skip
    if job is None or job.state != "done" or not ids:
        return _page(_("Tick at least one proposal.")), 422
    try:
        balancing.accept(g.event.id, job, ids, by=g.viewer.id)
    except Refused as refused:
        return _page(f"{refusals.say(refused.refusal)} {_('Have it worked out anew.')}"), 409
    return redirect(url_for(".chair_assign", done="given"), 303)
