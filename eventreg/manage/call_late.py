"""Who may propose after the closing? Invitations of the call: made with a reason and an end, sent, shown once, taken back."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask import session as flask_session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from eventreg.core import audit, clock, outbox, qr, refusals, times, urls
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import direction, page_lang
from eventreg.core.refusals import Refused
from eventreg.manage import actors
from eventreg.manage.blueprint import bp
from eventreg.manage.event_sentences import told
from eventreg.manage.forms_call import LateForm
from eventreg.manage.invitation_rows import STATE_FAMILY, STATE_NAME
from eventreg.manage.side import side
from eventreg.people.models import Person
from eventreg.proposals import labels, late, mails, queries
from eventreg.proposals.models import LateInvitation, Proposal

Answer = Response | str | tuple[str, int]

DONE = {"revoked": _l("The invitation is revoked. Its link opens nothing any more.")}
_SECRET = "late_link"  # where the browser's own cookie keeps a new link until it is shown, once


@bp.get("/manage/call/invitations")
@requires("invitations.issue")
def call_late() -> str:
    """All of them, the newest first, by state."""
    now, asked = clock.now(), request.args.get("state", "")
    query = select(LateInvitation, Person).join(Person, Person.id == LateInvitation.created_by_id)
    query = query.where(LateInvitation.event_id == g.event.id).order_by(LateInvitation.id.desc())
    every = [(one, by, one.state(now)) for one, by in db.session.execute(query)]
    numbers = Counter(state for _one, _by, state in every)
    states = [("", _("All"), len(every)), *((name, words, numbers[name]) for name, words in STATE_NAME.items())]
    rows = [_row(one, by, state) for one, by, state in every if asked not in STATE_NAME or state == asked]
    return render_template(
        "manage/call_late.html", side=side("call"), rows=rows, states=states, asked=asked if asked in STATE_NAME else "",
        has_call=queries.call_of(g.event.id) is not None,
    )  # fmt: skip


def _row(one: LateInvitation, by: Person, state: str) -> dict[str, Any]:
    return {
        "invitation": one, "by": by.name_in(page_lang()) or by.email, "state": STATE_NAME[state], "family": STATE_FAMILY[state],
        "last": times.last_minute(one.expires_at), "is_open": state in ("unused", "used"),
        "offset": times.offset_text(times.last_minute(one.expires_at), g.event.zone),
    }  # fmt: skip


@bp.route("/manage/call/invitations/new", methods=["GET", "POST"])
@requires("invitations.issue")
def call_late_new() -> Answer:
    """Make one; its link is on the next page, once."""
    form = LateForm(data={"lang": page_lang(), "max_uses": "1"} if request.method == "GET" else None)
    if form.is_submitted() and (plan := form.plan(g.event.zone)) is not None:
        try:
            return _to_link(late.invite(g.event.id, plan, by=g.viewer))
        except Refused as refused:
            form.refuse(refused.refusal)
    page = render_template("manage/call_late_new.html", side=side("call"), form=form)
    return page, 422 if form.is_submitted() else 200


@bp.get("/manage/call/invitations/<code>")
@requires("invitations.issue")
def call_late_one(code: str) -> str:
    """One of them: whom it is for, its link while it is new, what was begun with it, what happened."""
    return _page(_found(code))


@bp.post("/manage/call/invitations/<code>/new-link")
@requires("invitations.issue")
def call_late_new_link(code: str) -> Answer:
    """Replace a lost link; the old one is dead."""
    found = _found(code)
    try:
        return _to_link(late.new_link(g.event.id, found.code, by=g.viewer))
    except Refused as refused:
        return _page(found, refusals.say(refused.refusal)), 409


@bp.post("/manage/call/invitations/<code>/revoke")
@requires("invitations.issue")
def call_late_revoke(code: str) -> Answer:
    """Take it back."""
    late.revoke(g.event.id, _found(code).code, by=g.viewer)
    return redirect(url_for(".call_late_one", code=code, done="revoked"), 303)


def _found(code: str) -> LateInvitation:
    return late.by_code(g.event.id, code[:20]) or abort(404)


def _to_link(issued: late.Issued) -> Response:
    flask_session[_SECRET] = {"code": issued.invitation.code, "secret": issued.secret}
    return redirect(url_for(".call_late_one", code=issued.invitation.code), 303)


def _page(found: LateInvitation, refusal: str = "") -> str:
    by = db.session.get_one(Person, found.created_by_id)
    begun = select(Proposal).where(Proposal.late_id == found.id).order_by(Proposal.id)
    history = audit.history(g.event.id, "late_invitation", found.code)
    names = actors.names([line.actor for line in history], page_lang())
    return render_template(
        "manage/call_late_one.html", side=side("call"), row=_row(found, by, found.state(clock.now())), link=_link(found),
        proposals=db.session.scalars(begun).all(), label=labels, refusal=refusal, done=DONE.get(request.args.get("done", "")),
        history=[(line.at, names[line.actor], told(line)) for line in history], is_writable=found.is_open(clock.now()),
    )  # fmt: skip


def _link(found: LateInvitation) -> dict[str, Any]:
    """The new link with its picture and the words of its mail; a second look at the page does not show it again."""
    kept = flask_session.get(_SECRET) or {}
    if kept.get("code") != found.code:
        return {}
    secret = flask_session.pop(_SECRET)["secret"]
    url = urls.absolute("me.open_link", lang=found.lang, event=g.event.slug, token=secret)
    subject, text, _html = outbox.render("proposals/late", found.lang, mails.late_context(found, g.event, secret))
    mail = {"subject": subject, "lines": text.strip().splitlines(), "lang": found.lang, "dir": direction(found.lang)}
    return {"url": url, "qr": qr.svg(url, level="M"), "mail": mail}
