"""Did the mail go out, and what did it say? The outbox of a meeting; personal links in it stay secret."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, case, or_, select

from eventreg.core import audit, outbox, refusals, security
from eventreg.core.access import requires
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import direction
from eventreg.core.outbox import Mail
from eventreg.core.refusals import Refusal, Refused
from eventreg.manage import keyset
from eventreg.manage.blueprint import bp
from eventreg.manage.fields import one_line
from eventreg.manage.side import side
from eventreg.people.models import Person

refusals.texts.update({
    "mail.on_its_way": _l("This mail is on its way already."),
})  # fmt: skip

STATE_NAME = {
    "failed": _l("Failed"),
    "waiting": _l("Waiting to be sent"),
    "sending": _l("Being sent"),
    "sent": _l("Sent"),
}
STATE_FAMILY = {"failed": "problem", "waiting": "waiting", "sending": "open", "sent": "good"}

KIND_NAME = {
    "registration/confirmed": _l("Place confirmed"),
    "registration/waiting": _l("Rank in the waiting list"),
    "registration/already": _l("Already registered"),
    "registration/offered": _l("Place offered"),
    "registration/lapsed": _l("Offer lapsed"),
    "registration/cancelled": _l("Registration cancelled"),
    "registration/expired": _l("Registration expired"),
    "registration/replaced": _l("New badge"),
    "registration/draft": _l("Link to a form that was begun"),
    "registration/invitation": _l("Invitation"),
}

# The last part of an address that is a secret: ours have 43 signs, nothing readable is that long without a blank.
_SECRET_PART = re.compile(r"(/)[A-Za-z0-9_-]{20,}(?![A-Za-z0-9_-]|\.\w)")
_INLINE_PICTURE = re.compile(r"cid:[^\"'\s>]+")
_NO_PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

# Styles stand on the elements of a mail, and nothing else is allowed to it: no script, no form, no address outside.
_MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def masked(text: str) -> str:
    """The text with every personal link cut before its secret."""
    return _SECRET_PART.sub(r"\1…", text)


@bp.get("/manage/mail", endpoint="mail")
@requires("mail.read")
def list_mails() -> str:
    """All mails of the meeting, those that failed first, then the newest."""
    state = request.args.get("state", "") if request.args.get("state") in STATE_NAME else ""
    kind = request.args.get("kind", "") if request.args.get("kind") in KIND_NAME else ""
    words = one_line(request.args.get("q"))[:100]
    query = select(Mail).where(Mail.event_id == g.event.id, *_filters(state, kind, words))
    failed_first = case((Mail.state == "failed", 0), else_=1)
    page = keyset.page_of(query, Mail.id, group=failed_first, kept={"state": state, "kind": kind, "q": words})
    return render_template(
        "manage/mail.html", side=side("mail"), page=page, mails=[row[0] for row in page.rows], state=state, kind=kind,
        words=words, states=_state_filters(state=state, kind=kind, words=words), kinds=KIND_NAME, state_name=STATE_NAME,
        state_family=STATE_FAMILY,
    )  # fmt: skip


@bp.get("/manage/mail/<int:mail_id>")
@requires("mail.read")
def mail_one(mail_id: int) -> Response:
    """One mail: where it stands, its headers, its words, its HTML in a frame that may do nothing."""
    found = _found(mail_id)
    page = render_template(
        "manage/mail_one.html", side=side("mail"), mail=found, text=masked(found.text).split("\n"),
        mail_dir=direction(found.lang), attachments=[_filename(recipe) for recipe in found.attachments],
        state_name=STATE_NAME, state_family=STATE_FAMILY, kinds=KIND_NAME, may_send=found.state in {"sent", "failed"},
        is_queued=request.args.get("done") == "queued",
    )  # fmt: skip
    response = make_response(page)
    response.headers["Content-Security-Policy"] = security.POLICY.format(wasm="") + "; frame-src 'self'"
    return response


@bp.get("/manage/mail/<int:mail_id>/html")
@requires("mail.read")
def mail_html(mail_id: int) -> Response:
    """The HTML of a mail, for the frame; pictures that travel inside the mail stay out."""
    response = make_response(_INLINE_PICTURE.sub(_NO_PICTURE, masked(_found(mail_id).html)))
    response.headers["Content-Security-Policy"] = _MAIL_POLICY
    return response


@bp.post("/manage/mail/<int:mail_id>/again")
@requires("mail.send_again")
def mail_resend(mail_id: int) -> Any:
    """Send a mail once more, as it was."""
    send_again(g.event.id, _found(mail_id).id, by=g.viewer)
    return redirect(url_for("manage.mail_one", mail_id=mail_id, done="queued"), 303)


def send_again(event_id: int, mail_id: int, *, by: Person) -> Mail:
    """Queue a sent or failed mail once more. Raises Refused (mail.on_its_way): it is waiting or being sent."""
    with transaction():
        mail = db.session.get_one(Mail, mail_id, populate_existing=True, with_for_update=True)
        if mail.state not in {"sent", "failed"}:
            raise Refused(Refusal("mail.on_its_way"))
        facts = {"kind": mail.kind, "about": f"{mail.about_kind} {mail.about_ref}", "before": mail.state}
        outbox.send_again(mail.id)
        audit.record("mail.sent_again", ("mail", str(mail.id)), event_id=event_id, actor=Actor("organiser", by.code), facts=facts)
        return mail


def _found(mail_id: int) -> Mail:
    query = select(Mail).where(Mail.id == mail_id, Mail.event_id == g.event.id)
    mail = db.session.scalar(query) if mail_id < 2**31 else None  # more than an id can be: PostgreSQL would refuse it
    if mail is None:
        abort(404)
    return mail


def _filters(state: str, kind: str, words: str) -> list[ColumnElement[bool]]:
    """Subject and address only: words of the mail are not searched, a search could feel its way to a secret."""
    conditions: list[ColumnElement[bool]] = []
    if state:
        conditions.append(Mail.state == state)
    if kind:
        conditions.append(Mail.kind == kind)
    if words:
        conditions.append(or_(*(part.icontains(words, autoescape=True) for part in (Mail.to_address, Mail.subject))))
    return conditions


def _state_filters(*, state: str, kind: str, words: str) -> list[dict[str, Any]]:
    counts = outbox.counts(g.event.id)
    entries: list[tuple[str, Any, int]] = [("", _l("All"), sum(counts.values()))]
    entries += [(name, label, counts.get(name, 0)) for name, label in STATE_NAME.items()]
    return [
        {
            "label": label, "number": number, "current": name == state,
            "url": url_for("manage.mail", state=name or None, kind=kind or None, q=words or None),
        }
        for name, label, number in entries
    ]  # fmt: skip


def _filename(recipe: dict[str, Any]) -> str:
    """What an attachment is called before it is made: the maker's name is the file's."""
    return str(recipe.get("filename") or recipe["maker"])
