"""Many invited at once: a list looked through before anybody is written to, its batch, what is done with the batch as a whole."""

from __future__ import annotations

from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from eventreg.core import clock, refusals
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import number, page_lang
from eventreg.core.jobs import Job
from eventreg.core.refusals import Refused
from eventreg.manage import invitation_rows, keyset
from eventreg.manage.blueprint import bp
from eventreg.manage.forms_invitations import InvitedListForm
from eventreg.manage.invitations import mail_before
from eventreg.manage.side import side
from eventreg.people.models import Person
from eventreg.registration import batches
from eventreg.registration.batches import Listed
from eventreg.registration.invitations import InvitationPlan
from eventreg.registration.models import Invitation, InvitationBatch

Answer = Response | str | tuple[str, int]


@bp.route("/manage/invitations/many", methods=["GET", "POST"])
@requires("invitations.issue")
def invitation_many() -> Answer:
    """Invite everybody of a list: first look through it, then send."""
    form = InvitedListForm(data={"lang": page_lang()} if request.method == "GET" else None)
    listed, mails = None, []
    if form.is_submitted() and (plan := form.plan(g.event.zone)) is not None:
        try:
            if "send" in request.form:
                batch = batches.invite_all(g.event.id, plan.label, plan, form.guests.data, form.words(), by=g.viewer)
                return redirect(url_for("manage.invitation_batch", code=batch.code, done="made"), 303)
            listed = batches.look_through(g.event.id, form.guests.data, form.words(), now=clock.now())
            mails = _mails(plan, listed)
        except Refused as refused:
            form.refuse(refused.refusal)
    page = render_template(
        "manage/invitation_many.html", side=side("invitations"), form=form, listed=listed, mails=mails, say=refusals.say
    )
    return page, 422 if form.errors else 200


def _mails(plan: InvitationPlan, listed: Listed) -> list[dict[str, Any]]:
    """The mail of the first guest in each language of the list."""
    first = {guest.lang: guest for guest in reversed(listed.guests)}
    return [mail_before(batches.for_guest(plan, first[lang])) for lang in ("ar", "fr", "en") if lang in first]


@bp.get("/manage/invitations/batches")
@requires("invitations.issue")
def invitation_batches() -> str:
    """All lists that were invited, the newest first."""
    used = select(func.count()).where(Invitation.batch_id == InvitationBatch.id, Invitation.uses > 0).scalar_subquery()
    query = select(InvitationBatch, Person, used).join(Person, Person.id == InvitationBatch.created_by_id)
    page = keyset.page_of(query.where(InvitationBatch.event_id == g.event.id), InvitationBatch.id, kept={})
    return render_template("manage/invitation_batches.html", side=side("invitations"), page=page)


@bp.get("/manage/invitations/batches/<code>")
@requires("invitations.issue")
def invitation_batch(code: str) -> str:
    """One batch: how far it is, what became of its invitations, remind or revoke them together."""
    found = _found(code)
    now = clock.now()
    by_state = invitation_rows.numbers(now, Invitation.batch_id == found.id)
    states = [
        (by_state[name], invitation_rows.STATE_NAME[name], url_for("manage.invitations", batch=code, state=name))
        for name in invitation_rows.STATE_NAME
    ]
    return render_template(
        "manage/invitation_batch.html", side=side("invitations"), batch=found, states=states,
        still_open=by_state["unused"] + by_state["used"], may_remind=batches.how_many_may_be_reminded(found, g.event, now=now),
        job=_job(found), done=_done(request.args.get("done", ""), request.args.get("number", "")),
    )  # fmt: skip


@bp.get("/manage/invitations/batches/<code>.json")
@requires("invitations.issue")
def invitation_batch_state(code: str) -> dict[str, Any]:
    """How far the worker is with a long list, for the script that moves the bar."""
    found = _found(code)
    return _job(found) or _progress(found, "done")


@bp.post("/manage/invitations/batches/<code>/remind")
@requires("invitations.issue")
def invitation_batch_remind(code: str) -> Response:
    """Write once more to everybody of the batch who has not used the invitation."""
    reminded = batches.remind(g.event.id, _found(code).code, by=g.viewer)
    return redirect(url_for("manage.invitation_batch", code=code, done="reminded", number=reminded), 303)


@bp.post("/manage/invitations/batches/<code>/revoke")
@requires("invitations.issue")
def invitation_batch_revoke(code: str) -> Response:
    """Take the whole batch back."""
    revoked = batches.revoke(g.event.id, _found(code).code, by=g.viewer)
    return redirect(url_for("manage.invitation_batch", code=code, done="revoked", number=revoked), 303)


def _found(code: str) -> InvitationBatch:
    try:
        return batches.by_code(g.event.id, code)
    except Refused:
        abort(404)


def _job(batch: InvitationBatch) -> dict[str, Any] | None:
    """The work of a long list, for `job_progress`; None for one that was invited at once."""
    job = db.session.get(Job, batch.job_id) if batch.job_id else None
    return _progress(batch, job.state) if job else None


def _progress(batch: InvitationBatch, state: str) -> dict[str, Any]:
    made = batch.planned - len(batch.lines)
    words = _("%(done)s of %(total)s invitations are made.", done=number(made), total=number(batch.planned))
    url = url_for("manage.invitation_batch_state", code=batch.code)
    return {"state": state, "done": made, "total": batch.planned, "text": words, "url": url}


def _done(what: str, counted: str) -> str:
    """What was just done, in words."""
    if what == "made":
        return _("The list is accepted. Every invitation goes out by mail.")
    if not (counted.isascii() and counted.isdigit() and len(counted) < 6):
        return ""
    if what == "reminded":
        return str(ngettext("%(num)s person is reminded.", "%(num)s people are reminded.", int(counted)))
    if what == "revoked":
        return str(ngettext("%(num)s invitation is revoked.", "%(num)s invitations are revoked.", int(counted)))
    return ""
