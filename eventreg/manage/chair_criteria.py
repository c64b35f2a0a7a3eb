"""The chair writes the criteria, previews the review form, freezes them; changes frozen ones with a second person."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from eventreg.core import refusals
from eventreg.core.access import requires
from eventreg.core.refusals import Refusal, Refused
from eventreg.manage import forms_criteria
from eventreg.manage.blueprint import bp
from eventreg.manage.forms_call import pressed
from eventreg.manage.forms_criteria import CriterionForm, ReasonForm, ScaleForm
from eventreg.manage.side import side
from eventreg.proposals import queries as proposals
from eventreg.reviewing import criteria, labels, queries, rules
from eventreg.reviewing.models import CriteriaSet, Criterion

Answer = Response | str | tuple[str, int]
DONE = {
    "saved": _l("The criterion is saved."), "removed": _l("The criterion is taken out."), "moved": _l("The order is changed."),
    "scale": _l("The scale is changed."), "begun": _l("A version is begun."), "dropped": _l("The new version is given up."),
    "frozen": _l("The criteria are frozen. Their page is public, with its hash."),
    "offered": _l("The change waits for a second person of the chair, who must read and confirm it."),
    "taken_back": _l("The change is taken back and can be written again."),
    "confirmed": _l("The change is in force. Reviews that were submitted are open again, and their writers are told."),
}  # fmt: skip


@bp.get("/chair/criteria")
@requires("criteria.edit")
def chair_criteria() -> str:
    """What is being written, what lacks, and what is in force."""
    return _page()


def _page(*, scale: ScaleForm | None = None, reason: ReasonForm | None = None, refusal: str = "") -> str:
    draft, frozen = queries.draft(g.event.id), queries.frozen_sets(g.event.id)
    call = proposals.call_of(g.event.id)
    plans = {one.code: criteria.plan_of(one) for one in draft.criteria} if draft else {}
    lacking = {
        code: rules.lacks(plan, lowest=draft.lowest, highest=draft.highest) for code, plan in plans.items()
    } if draft else {}  # fmt: skip
    typed = {"lowest": str(draft.lowest), "highest": str(draft.highest)} if draft else {}
    return render_template(
        "manage/chair_criteria.html", side=side("criteria"), draft=draft, frozen=frozen, lacking=lacking, label=labels,
        seal=rules.hash_of(criteria.published(draft)) if draft and draft.offered_at else "", call=call,
        scale=scale or ScaleForm(formdata=None, data=typed), reason=reason or ReasonForm(formdata=None), refusal=refusal,
        done=DONE.get(request.args.get("done", "")),
    )  # fmt: skip


@bp.post("/chair/criteria")
@requires("criteria.edit")
def chair_criteria_do() -> Answer:
    """What a button of the page does: begin, freeze, confirm, take back, drop; up:K, down:K, remove:K."""
    do, code = pressed()
    event_id, by = g.event.id, g.viewer.id
    acts = {
        "freeze": lambda: criteria.freeze(event_id, by=by), "take_back": lambda: criteria.take_back(event_id, by=by),
        "drop": lambda: criteria.drop(event_id, by=by), "up": lambda: criteria.move(event_id, code, -1, by=by),
        "down": lambda: criteria.move(event_id, code, 1, by=by), "remove": lambda: criteria.remove(event_id, code, by=by),
        "confirm": lambda: criteria.confirm(event_id, code, by=by),
    }  # fmt: skip
    if do == "begin":
        return _begin()
    if do == "scale":
        return _scale()
    try:
        made = acts.get(do, lambda: abort(400))()
    except Refused as refused:
        return _page(refusal=refusals.say(refused.refusal)), 409
    done = {"up": "moved", "down": "moved", "remove": "removed", "drop": "dropped", "confirm": "confirmed"}.get(do, do)
    if do == "freeze":
        done = "frozen" if isinstance(made, CriteriaSet) and made.hash else "offered"
    return redirect(url_for(".chair_criteria", done="taken_back" if do == "take_back" else done), 303)


def _begin() -> Answer:
    form = ReasonForm()
    words = form.words() if queries.frozen(g.event.id) is not None else None
    if form.errors:
        return _page(reason=form), 422
    try:
        criteria.begin(g.event.id, by=g.viewer.id, reason=words)
    except Refused as refused:
        return _page(refusal=refusals.say(refused.refusal)), 409
    return redirect(url_for(".chair_criteria", done="begun"), 303)


def _scale() -> Answer:
    form = ScaleForm()
    typed = [form.lowest.data or "", form.highest.data or ""]
    low, high = (int(one) if one.isascii() and one.isdigit() and len(one) < 4 else -1 for one in typed)
    try:
        criteria.set_scale(g.event.id, low, high, by=g.viewer.id)
    except Refused as refused:
        form.highest.errors = [refusals.say(refused.refusal)]
        return _page(scale=form), 422
    return redirect(url_for(".chair_criteria", done="scale"), 303)


@bp.route("/chair/criteria/new", methods=["GET", "POST"])
@requires("criteria.edit")
def chair_criterion_new() -> Answer:
    """One more criterion."""
    return _criterion(None)


@bp.route("/chair/criteria/<code>", methods=["GET", "POST"])
@requires("criteria.edit")
def chair_criterion(code: str) -> Answer:
    """A criterion of the version that is being written."""
    draft = queries.draft(g.event.id)
    found = next((one for one in draft.criteria if one.code == code), None) if draft else None
    return _criterion(found or abort(404))


def _criterion(found: Criterion | None) -> Answer:
    draft = queries.draft(g.event.id)
    if draft is None:
        return redirect(url_for(".chair_criteria"), 303)
    plan = criteria.plan_of(found) if found else None
    form, refusal = forms_criteria.made(draft.lowest, draft.highest, plan), ""
    if form.is_submitted():
        refusal = _kept(form, found.code if found else "")
        if not refusal and not form.errors:
            return redirect(url_for(".chair_criteria", done="saved"), 303)
    elif plan is not None and "check" in request.args:
        form.mark_lacking(rules.lacks(plan, lowest=draft.lowest, highest=draft.highest))
    page = render_template(
        "manage/chair_criterion.html", side=side("criteria"), form=form, criterion=found, draft=draft, refusal=refusal, label=labels
    )
    return page, 422 if form.is_submitted() else 200


def _kept(form: CriterionForm, code: str) -> str:
    """Keep the criterion; what was refused stands at its field, or is returned in words."""
    plan = form.plan(code)
    if plan is None:
        return ""
    try:
        criteria.save(g.event.id, plan, by=g.viewer.id)
    except criteria.Wrong as wrong:
        form.show(wrong.problems)
    except Refused as refused:
        return refusals.say(refused.refusal)
    return ""


@bp.get("/chair/criteria/preview")
@requires("criteria.edit")
def chair_criteria_preview() -> str:
    """The form as a reviewer sees it, in the page's language: of what is being written, else of what is in force."""
    found = queries.draft(g.event.id) or queries.frozen(g.event.id)
    return render_template(
        "manage/chair_preview.html", side=side("criteria"), criteria=found, label=labels, confidences=rules.CONFIDENCES,
        least=rules.COMMENT_LEAST, problem=refusals.say(Refusal("criteria.no_draft")) if found is None else "",
    )  # fmt: skip
