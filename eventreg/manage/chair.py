"""The chair's first page, and how the meeting reviews: settings, opening, who reviews."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from eventreg.core import clock, refusals, times
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.refusals import Refused
from eventreg.manage.blueprint import bp
from eventreg.manage.forms_call import pressed
from eventreg.manage.forms_reviewing import ReviewerForm, ReviewingForm
from eventreg.manage.side import side
from eventreg.people.models import Person
from eventreg.proposals.models import Proposal
from eventreg.reviewing import labels, phases, queries, reviewers
from eventreg.reviewing.models import Assignment
from eventreg.reviewing.rules import HELD, AssignmentState

Answer = Response | str | tuple[str, int]
DONE = {
    "saved": _l("The settings of reviewing are saved."), "opened": _l("Reviewing is open. Reviewers can write from now on."),
    "added": _l("The reviewer is named and gets a mail."), "left": _l("The reviewer has left."),
    "load": _l("The number is changed."),
}  # fmt: skip


@bp.get("/chair/")
@requires("assignment.manage")
def chair() -> str:
    """Six numbers, each a link to what is behind it."""
    numbers = _numbers(g.viewer)
    settings = queries.settings(g.event.id)
    return render_template(
        "manage/chair.html", side=side("chair"), numbers=numbers, settings=settings, criteria=queries.frozen(g.event.id),
        draft=queries.draft(g.event.id), reviewers=len(queries.reviewers(g.event.id)),
        until=times.last_minute(settings.closes_at) if settings and settings.closes_at else None, now=clock.now(),
    )  # fmt: skip


def _numbers(person: Person) -> dict[str, int]:
    """What there is and what lacks, of the proposals that this person may know of: three statements."""
    seen = queries.reviewable(g.event.id, person).with_only_columns(Proposal.id).subquery()
    held = select(Assignment.proposal_id, func.count().label("n")).where(
        Assignment.proposal_id.in_(select(seen.c.id)), Assignment.state.in_(HELD)
    ).group_by(Assignment.proposal_id).subquery()  # fmt: skip
    wanted = queries.settings_or_usual(g.event.id).per_proposal
    total = db.session.scalar(select(func.count()).select_from(seen)) or 0
    enough = db.session.scalar(select(func.count()).select_from(held).where(held.c.n >= wanted)) or 0
    query = select(Assignment.state, func.count()).where(Assignment.proposal_id.in_(select(seen.c.id)))
    states: dict[str, int] = {row[0]: row[1] for row in db.session.execute(query.group_by(Assignment.state))}
    return {
        "proposals": total, "lacking": total - enough,
        "open": states.get(AssignmentState.ASSIGNED, 0) + states.get(AssignmentState.STARTED, 0),
        "submitted": states.get(AssignmentState.SUBMITTED, 0), "declined": states.get(AssignmentState.DECLINED, 0),
        "conflicted": states.get(AssignmentState.CONFLICTED, 0),
    }  # fmt: skip


@bp.route("/chair/settings", methods=["GET", "POST"])
@requires("assignment.manage")
def chair_settings() -> Answer:
    """Until when, how many, how; open it."""
    found = queries.settings(g.event.id)
    form = ReviewingForm(data=ReviewingForm.of(found) if request.method == "GET" else None)
    refusal = ""
    if form.is_submitted() and request.form.get("do") == "open":
        try:
            phases.open_now(g.event.id, by=g.viewer.id)
            return redirect(url_for(".chair_settings", done="opened"), 303)
        except Refused as refused:
            form, refusal = ReviewingForm(formdata=None, data=ReviewingForm.of(found)), refusals.say(refused.refusal)
    elif form.is_submitted() and (plan := form.plan(g.event.zone)) is not None:
        phases.set_up(g.event.id, plan, by=g.viewer.id)
        return redirect(url_for(".chair_settings", done="saved"), 303)
    page = render_template(
        "manage/chair_settings.html", side=side("reviewing"), form=form, settings=found, criteria=queries.frozen(g.event.id),
        refusal=refusal, done=DONE.get(request.args.get("done", "")),
    )  # fmt: skip
    return page, (409 if refusal else 422) if form.is_submitted() or refusal else 200


@bp.get("/chair/reviewers")
@requires("assignment.manage")
def chair_reviewers() -> str:
    """Who reviews, how much each has and has submitted."""
    return _reviewers(ReviewerForm(formdata=None, data={"lang": "fr"}))


def _reviewers(form: ReviewerForm, refusal: str = "") -> str:
    return render_template(
        "manage/chair_reviewers.html", side=side("reviewers"), form=form, reviewers=queries.reviewers(g.event.id),
        loads=queries.loads(g.event.id, g.viewer), settings=queries.settings(g.event.id), label=labels, refusal=refusal,
        done=DONE.get(request.args.get("done", "")),
    )  # fmt: skip


@bp.post("/chair/reviewers")
@requires("assignment.manage")
def chair_reviewers_do() -> Answer:
    """Name a reviewer; or, by the button of one, let them leave or set how much they get: "leave:P-1", "load:P-1"."""
    do, code = pressed()
    if do in ("leave", "load"):
        return _one_reviewer(do, code)
    if do == "none":  # Enter in the field of a number
        return redirect(url_for(".chair_reviewers"), 303)
    form = ReviewerForm()
    if (plan := form.plan()) is None:
        return _reviewers(form), 422
    try:
        reviewers.add(g.event.id, plan, by=g.viewer.id)
    except Refused as refused:
        form.email.errors = [refusals.say(refused.refusal)]
        return _reviewers(form), 422
    return redirect(url_for(".chair_reviewers", done="added"), 303)


def _one_reviewer(do: str, code: str) -> Answer:
    found = next((one for one in queries.reviewers(g.event.id) if one.person.code == code), None) or abort(404)
    typed = request.form.get(f"max_load_{code}", "").strip()
    try:
        if do == "leave":
            reviewers.leave(g.event.id, found.person_id, by=g.viewer.id)
        else:
            number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else -1 if typed else None
            reviewers.set_load(g.event.id, found.person_id, number, by=g.viewer.id)
    except Refused as refused:
        return _reviewers(ReviewerForm(formdata=None), refusals.say(refused.refusal)), 409
    return redirect(url_for(".chair_reviewers", done="left" if do == "leave" else "load"), 303)
