"""A reviewer's own pages: what is left to do, one proposal with the form beside it, what others said of it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Response, abort, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from eventreg.core import clock, files, refusals, times
from eventreg.core.access import requires
from eventreg.core.i18n import hour, mark_text
from eventreg.core.refusals import Refusal, Refused
from eventreg.proposals import labels as proposal_labels
from eventreg.proposals import queries as proposals
from eventreg.proposals import uploads as proposal_uploads
from eventreg.registration.uploads import codes_in
from eventreg.reviewing import assignments, conflicts, labels, queries, reading, reviews, rules
from eventreg.reviewing.blueprint import bp
from eventreg.reviewing.conflicts import TiePlan
from eventreg.reviewing.models import CriteriaSet, Review
from eventreg.reviewing.queries import Task
from eventreg.reviewing.reviews import Overtaken, Wrong
from eventreg.reviewing.rules import AssignmentState


@bp.get("/review/")
@requires("review.write")
def home() -> str:
    """What is left to do, what is done, until when; the next one first."""
    reviewer = queries.reviewer(g.event.id, g.viewer.id)
    tasks = queries.tasks(g.event.id, g.viewer)
    criteria = queries.frozen(g.event.id)
    return render_template(
        "reviewing/home.html", reviewer=reviewer, tasks=tasks, label=labels, settings=queries.settings(g.event.id), until=_until(),
        done=sum(1 for task in tasks if task.assignment.state == AssignmentState.SUBMITTED), criteria=criteria,
        spread=_own_spread(tasks, criteria), told=request.args.get("done", ""),
    )  # fmt: skip


def _until() -> datetime | None:
    settings = queries.settings(g.event.id)
    return times.last_minute(settings.closes_at) if settings is not None and settings.closes_at is not None else None


def _own_spread(tasks: list[Task], criteria: CriteriaSet | None) -> list[tuple[int, int]]:
    """How often the viewer gave each level of the scale, over all criteria that are scored: (level, times)."""
    if criteria is None:
        return []
    scored = {one.id for one in criteria.criteria if one.kind == "score"}
    given = [
        score.value
        for task in tasks
        if task.review is not None and task.review.is_submitted
        for score in task.review.scores
        if score.criterion_id in scored and score.value is not None
    ]
    return [(level, given.count(level)) for level in range(criteria.lowest, criteria.highest + 1)] if given else []


@bp.get("/review/<code>")
@requires("review.write")
def one(code: str) -> str:
    """A proposal and the form to review it."""
    return _page(_task(code))


def _task(code: str) -> Task:
    """The viewer's own task with this code; one that is hidden from them is as unknown as one that nobody has."""
    return queries.task(g.event.id, g.viewer, code) or abort(404)


def _typed(review: Review | None, criteria: CriteriaSet | None) -> dict[str, str]:
    """A review as its form would send it."""
    if review is None:
        return {}
    codes = {one.id: one.code for one in criteria.criteria} if criteria else {}
    typed = {"confidence": str(review.confidence or ""), "to_committee": review.to_committee, "to_proposer": review.to_proposer}
    for score in review.scores:
        if code := codes.get(score.criterion_id):
            typed[f"c_{code}"] = "unable" if score.unable else str(score.value)
            typed[f"unable_{code}"] = "" if score.unable == "unable" else score.unable
    return typed


@bp.post("/review/<code>")
@requires("review.write")
def save_review(code: str) -> str | AnyResponse:
    """Keep the draft, for the page's script while one types, or for its button."""
    task = _task(code)
    is_quiet = request.accept_mimetypes.best == "application/json"
    try:
        saved = reviews.save(
            g.event.id, g.viewer, code, request.form, based_on=_based_on(), is_knowing=request.form.get("knowing") == "1"
        )
    except Overtaken as overtaken:
        said = _("You saved this review from another page at %(hour)s.", hour=hour(overtaken.stands.changed_at))
        return make_response(jsonify({"overtaken": said}), 409) if is_quiet else _overtaken(task, overtaken, said)
    except Refused as refused:
        said = refusals.say(refused.refusal)
        return make_response(jsonify({"refused": said}), 409) if is_quiet else _refused(task, said)
    if is_quiet:
        return jsonify(
            {"revision": saved.review.revision, "said": _("Saved at %(hour)s", hour=hour(saved.review.changed_at))}
        )  # fmt: skip
    if saved.problems:
        return make_response(_page(_task(code), dict(request.form), problems=saved.problems), 422)
    return redirect(url_for(".home", done="saved"), 303)


@bp.post("/review/<code>/submit")
@requires("review.write")
def submit_review(code: str) -> str | AnyResponse:
    """Hand the review in and open the next one."""
    task = _task(code)
    was_submitted = task.review is not None and task.review.is_submitted
    try:
        reviews.submit(g.event.id, g.viewer, code, request.form, based_on=_based_on())
    except Wrong as wrong:
        return make_response(_page(_task(code), dict(request.form), problems=wrong.problems), 422)
    except Overtaken as overtaken:
        said = _("You saved this review from another page at %(hour)s.", hour=hour(overtaken.stands.changed_at))
        return _overtaken(task, overtaken, said)
    except Refused as refused:
        return _refused(task, refusals.say(refused.refusal))
    left = [one for one in queries.tasks(g.event.id, g.viewer) if one.assignment.state != AssignmentState.SUBMITTED]
    if was_submitted or not left:
        return redirect(url_for(".one", code=code, done="submitted"), 303)
    return redirect(url_for(".one", code=left[0].assignment.code, done="next"), 303)


def _based_on() -> int:
    typed = request.form.get("revision", "0")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


def _overtaken(task: Task, overtaken: Overtaken, said: str) -> AnyResponse:
    """What was saved from the other page, beside what was typed here; saving again is knowing."""
    stands = _typed(overtaken.stands, queries.frozen(g.event.id))
    page = _page(_task(task.assignment.code), dict(request.form), overtaken=said, stands=stands)
    return make_response(page, 409)


def _refused(task: Task, said: str) -> AnyResponse:
    fresh = queries.task(g.event.id, g.viewer, task.assignment.code)
    return make_response(_page(fresh or task, dict(request.form), refusal=said), 409)


def _page(
    task: Task, typed: Mapping[str, str] | None = None, *, problems: Mapping[str, Refusal] | None = None, **more: Any
) -> str:
    """`typed` is what was sent; without it the form shows the review as it stands."""
    proposal, criteria = task.proposal, queries.frozen(g.event.id)
    settings = queries.settings(g.event.id)
    offer, version = proposals.offer(g.event.id), proposals.version(proposal.id, proposal.version) or abort(404)
    tasks = queries.tasks(g.event.id, g.viewer)
    is_submitted = task.review is not None and task.review.is_submitted
    sees_others = is_submitted and settings is not None and settings.shows_others
    is_blind = settings is None or settings.is_blind
    closed = reviews.why_not(task, criteria, clock.now())
    return render_template(
        "reviewing/one.html", task=task, proposal=proposal, criteria=criteria, settings=settings, label=labels,
        words=proposal_labels, groups=reading.groups(proposal, version, offer, file_url=_file_url(task.assignment.code)),
        bodies=[] if is_blind else proposals.bodies(proposals.people(proposal.id)), is_blind=is_blind, tasks=tasks, sent=version,
        problems={name: refusals.say(why) for name, why in (problems or {}).items()}, closed=refusals.say(closed) if closed else "",
        others=_others(task) if sees_others else None, confidences=rules.CONFIDENCES, least=rules.COMMENT_LEAST,
        told=request.args.get("done", ""), until=_until(), shown=shown,
        typed=typed if typed is not None else _typed(task.review, criteria),
        scored=lambda sent, asked: sum(1 for one in asked.criteria if sent.get(f"c_{one.code}")),
        as_list=lambda sent: _as_list(sent, criteria), **more,
    )  # fmt: skip


def shown(value: Any) -> Any:
    """An answer of a proposal, apart from the words around it."""
    if not value and value != 0:
        return Markup('<span class="muted">{}</span>').format(_("Not answered"))
    return value if isinstance(value, Markup) else Markup("<bdi>{}</bdi>").format(value)


def _as_list(typed: Mapping[str, str], criteria: CriteriaSet | None) -> Markup:
    """A review in short, to lay beside another."""
    rows = [(mark_text(one.name), _said(typed, one.code)) for one in (criteria.criteria if criteria else [])]
    rows += [(_("Comment to the committee"), typed.get("to_committee", ""))]
    rows += [(_("Comment to the proposer"), typed.get("to_proposer", ""))]
    return Markup("<ul>{}</ul>").format(
        Markup("").join(Markup("<li>{}: <bdi>{}</bdi></li>").format(name, value) for name, value in rows if value)
    )


def _said(typed: Mapping[str, str], code: str) -> str:
    value = typed.get(f"c_{code}", "")
    return str(typed.get(f"unable_{code}") or _("I cannot judge this")) if value == "unable" else value


def _others(task: Task) -> list[Review]:
    """What the others have submitted of it; who they are is not told."""
    return [review for review in queries.submitted_of(task.proposal.id) if review.person_id != g.viewer.id]


def _file_url(code: str) -> Callable[[str], str]:
    return lambda file: url_for(".review_file", code=code, file=file)


@bp.get("/review/<code>/files/<file>")
@requires("review.write")
def review_file(code: str, file: str) -> Response:
    """A file of the proposal that is reviewed, as far as reviewers may read it: something to save and never to run."""
    task = _task(code)
    version = proposals.version(task.proposal.id, task.proposal.version) or abort(404)
    offer = proposals.offer_as_sent(proposals.offer(g.event.id), g.event.id, version)
    readable = {question.code for question in reading.for_reviewers(offer.form).questions()}
    answers = {name: value for name, value in version.answers.items() if name.removeprefix("q_") in readable}
    stored = files.find(file, event_id=g.event.id) if file in codes_in(answers) else None
    if stored is None or (stored.about_kind, stored.about_ref) != proposal_uploads.about(task.proposal):
        abort(404)
    return files.open_for_download(stored)


# ---- not this one ----------------------------------------------------------------------------------------------------


@bp.post("/review/<code>/decline")
@requires("review.write")
def decline(code: str) -> str | AnyResponse:
    """Give a proposal back, with a reason."""
    task = _task(code)
    try:
        assignments.decline(g.event.id, g.viewer, code, request.form.get("words", ""))
    except Refused as refused:
        page = _page(task, not_this=refusals.say(refused.refusal))
        return make_response(page, 422)
    return redirect(url_for(".home", done="declined"), 303)


@bp.post("/review/<code>/conflict")
@requires("conflict.own")
def declare_conflict(code: str) -> str | AnyResponse:
    """Declare a tie to the proposal that one was to review: it is gone from one's pages at once."""
    task = _task(code)
    plan = TiePlan(request.form.get("kind", ""), proposal_id=task.proposal.id, words=request.form.get("words", ""))
    try:
        conflicts.declare(g.event.id, g.viewer.id, [plan], by=g.viewer.id)
    except Refused as refused:
        page = _page(task, tie=refusals.say(refused.refusal))
        return make_response(page, 422)
    return redirect(url_for(".home", done="conflict"), 303)
