"""Who is invited past the deadline or the limit? The list, a new invitation, its link (once), what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask import session as flask_session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from werkzeug.wrappers import Response

from eventreg.core import audit, clock, qr, times, urls
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import direction, page_lang
from eventreg.core.refusals import Refused
from eventreg.manage import actors, keyset
from eventreg.manage.blueprint import bp
from eventreg.manage.event_sentences import told
from eventreg.manage.fields import one_line
from eventreg.manage.forms_invitations import PASSES_DEADLINE, PASSES_LIMIT, InvitationForm
from eventreg.manage.side import side
from eventreg.people.models import Person
from eventreg.registration import invitations, mails
from eventreg.registration.labels import STATE
from eventreg.registration.models import Invitation, Registration

Answer = Response | str | tuple[str, int]

STATE_NAME = {
    "unused": _l("Unused"),
    "used": _l("Used, still open"),
    "used_up": _l("Used up"),
    "expired": _l("Expired"),
    "revoked": _l("Revoked"),
}
STATE_FAMILY = {"unused": "open", "used": "good", "used_up": "ended", "expired": "ended", "revoked": "problem"}
DONE = {"revoked": _l("The invitation is revoked. Its link opens nothing any more.")}
SHOWN_REGISTRATIONS = 50
_SECRET = "invitation_link"  # where the browser's own cookie keeps a new link until it is shown, once


@bp.get("/manage/invitations", endpoint="invitations")
@requires("invitations.issue")
def list_invitations() -> str:
    """All invitations, the newest first; filter by state, search by name, address, code or reason."""
    now = clock.now()
    state = request.args.get("state", "") if request.args.get("state") in STATE_NAME else ""
    words = one_line(request.args.get("q"))[:100]
    query = (
        select(Invitation, Person)
        .join(Person, Person.id == Invitation.created_by_id)
        .where(Invitation.event_id == g.event.id, *_filters(state, words, now))
    )
    page = keyset.page_of(query, Invitation.id, kept={"state": state, "q": words})
    return render_template(
        "manage/invitations.html", side=side("invitations"), page=page, state=state, words=words,
        rows=[_row(row[0], now) | {"by": row[1].name_in(page_lang()) or row[1].email} for row in page.rows],
        filters=_state_filters(now, state=state, words=words),
    )  # fmt: skip


@bp.route("/manage/invitations/new", methods=["GET", "POST"])
@requires("invitations.issue")
def invitation_new() -> Answer:
    """Make an invitation; its link is on the next page."""
    form = InvitationForm(data={"lang": page_lang()} if request.method == "GET" else None)
    if form.is_submitted() and (plan := form.plan(g.event.zone)) is not None:
        try:
            issued = invitations.invite(g.event.id, plan, by=g.viewer)
        except Refused as refused:
            form.refuse(refused.refusal)
        else:
            return _to_link(issued)
    page = render_template("manage/invitation_new.html", side=side("invitations"), form=form)
    return page, 422 if form.is_submitted() else 200


@bp.get("/manage/invitations/<code>")
@requires("invitations.issue")
def invitation(code: str) -> str:
    """One invitation: what it allows, who used it, what happened to it."""
    found = _found(code)
    used_by = select(Registration).where(Registration.invitation_id == found.id).order_by(Registration.id)
    history = audit.history(g.event.id, "invitation", found.code)
    names = actors.names([line.actor for line in history], page_lang())
    return render_template(
        "manage/invitation.html", side=side("invitations"), row=_row(found, clock.now()), state_name=STATE,
        registrations=db.session.scalars(used_by.limit(SHOWN_REGISTRATIONS)).all(),
        history=[(line.at, names[line.actor], told(line)) for line in history],
        done=DONE.get(request.args.get("done", "")),
    )  # fmt: skip


@bp.get("/manage/invitations/<code>/link")
@requires("invitations.issue")
def invitation_link(code: str) -> str:
    """The new link, to copy, to photograph, to read in its mail; a second look at this page does not show it again."""
    found = _found(code)
    kept = flask_session.get(_SECRET) or {}
    secret = flask_session.pop(_SECRET)["secret"] if kept.get("code") == found.code else None
    link: dict[str, Any] = {}
    if secret:
        url = urls.absolute("me.open_link", lang=found.lang, event=g.event.slug, token=secret)
        subject, text, _html = mails.invitation_preview(found, g.event, secret, now=clock.now())
        link = {"url": url, "qr": qr.svg(url, level="M"), "subject": subject, "lines": text.strip().splitlines()}
    return render_template(
        "manage/invitation_issued.html", side=side("invitations"), row=_row(found, clock.now()), link=link,
        mailed=bool(kept.get("mailed")), mail_lang=found.lang, mail_dir=direction(found.lang),
    )  # fmt: skip


@bp.post("/manage/invitations/<code>/new-link")
@requires("invitations.issue")
def invitation_new_link(code: str) -> Answer:
    """Replace a lost link; the old one is dead."""
    _found(code)
    return _to_link(invitations.new_link(g.event.id, code, by=g.viewer), mailed=False)


@bp.post("/manage/invitations/<code>/revoke")
@requires("invitations.issue")
def invitation_revoke(code: str) -> Answer:
    """Take an invitation back."""
    _found(code)
    invitations.revoke(g.event.id, code, by=g.viewer)
    return redirect(url_for("manage.invitation", code=code, done="revoked"), 303)


def _to_link(issued: invitations.Issued, *, mailed: bool = True) -> Response:
    made = issued.invitation
    flask_session[_SECRET] = {"code": made.code, "secret": issued.secret, "mailed": mailed and bool(made.email)}
    return redirect(url_for("manage.invitation_link", code=made.code), 303)


def _found(code: str) -> Invitation:
    try:
        return invitations.by_code(g.event.id, code)
    except Refused:
        abort(404)


# ---- the list ------------------------------------------------------------------------------------------------------


def _in_state(now: datetime) -> dict[str, ColumnElement[bool]]:
    """`Invitation.state` as conditions."""
    alive = Invitation.revoked_at.is_(None)
    has_uses = Invitation.uses < Invitation.max_uses
    is_open = and_(alive, has_uses, Invitation.expires_at > now)
    return {
        "unused": and_(is_open, Invitation.uses == 0),
        "used": and_(is_open, Invitation.uses > 0),
        "used_up": and_(alive, Invitation.uses >= Invitation.max_uses),
        "expired": and_(alive, has_uses, Invitation.expires_at <= now),
        "revoked": Invitation.revoked_at.is_not(None),
    }


def _filters(state: str, words: str, now: datetime) -> list[ColumnElement[bool]]:
    conditions = [_in_state(now)[state]] if state else []
    if words:
        columns = (Invitation.label, Invitation.email, Invitation.email_key, Invitation.code, Invitation.reason)
        conditions.append(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    return conditions


def _state_filters(now: datetime, *, state: str, words: str) -> list[dict[str, Any]]:
    """One link per state with its number, and one for all."""
    conditions = _in_state(now)
    sums = [func.sum(case((condition, 1), else_=0)) for condition in conditions.values()]
    counted = db.session.execute(select(*sums).where(Invitation.event_id == g.event.id)).one()
    numbers = {name: int(number or 0) for name, number in zip(conditions, counted, strict=True)}
    entries: list[tuple[str, Any, int]] = [("", _("All"), sum(numbers.values()))]
    entries += [(name, STATE_NAME[name], numbers[name]) for name in STATE_NAME]
    return [
        {
            "label": label, "number": number, "current": name == state,
            "url": url_for("manage.invitations", state=name or None, q=words or None),
        }
        for name, label, number in entries
    ]  # fmt: skip


def _row(found: Invitation, now: datetime) -> dict[str, Any]:
    state = found.state(now)
    last = times.last_minute(found.expires_at)
    granted = ((found.passes_deadline, PASSES_DEADLINE), (found.passes_limit, PASSES_LIMIT))
    return {
        "invitation": found, "state": STATE_NAME[state], "family": STATE_FAMILY[state],
        "is_open": state in {"unused", "used"}, "rights": [words for allowed, words in granted if allowed],
        "last_moment": last, "offset": times.offset_text(last, g.event.zone),
    }  # fmt: skip
