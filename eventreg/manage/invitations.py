"""Who is invited past the deadline, the limit or moderation? The list, a new invitation, its link (once), what became of it."""

from __future__ import annotations

from typing import Any

from flask import Response as FlaskResponse
from flask import abort, g, redirect, render_template, request, url_for
from flask import session as flask_session
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from eventreg.core import audit, clock, downloads, qr, tables, urls
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import direction, local, page_lang
from eventreg.core.refusals import Refused
from eventreg.manage import actors, invitation_rows, keyset
from eventreg.manage.blueprint import bp
from eventreg.manage.event_sentences import told
from eventreg.manage.forms_invitations import InvitationForm
from eventreg.manage.people import pieces
from eventreg.manage.side import side
from eventreg.people.models import Organisation
from eventreg.people.services import actor_of
from eventreg.registration import invitations, mails
from eventreg.registration.invitations import InvitationPlan
from eventreg.registration.labels import STATE
from eventreg.registration.models import Invitation, InvitationBatch, Registration

Answer = Response | str | tuple[str, int]

DONE = {"revoked": _l("The invitation is revoked. Its link opens nothing any more.")}
SHOWN_REGISTRATIONS = 50
_SECRET = "invitation_link"  # where the browser's own cookie keeps a new link until it is shown, once
_UNKNOWN = "0" * 20  # stands for the secret that a link does not have yet


@bp.get("/manage/invitations", endpoint="invitations")
@requires("invitations.issue")
def list_invitations() -> str:
    """All invitations, the newest first; filter by state and batch, search by name, address, code or reason."""
    now, chosen = clock.now(), invitation_rows.wanted()
    page = keyset.page_of(invitation_rows.query(g.event.id, chosen, now), Invitation.id, kept=chosen.as_args())
    rows = [
        invitation_rows.row(row[0], row[2], row[3], now) | {"by": row[1].name_in(page_lang()) or row[1].email}
        for row in page.rows
    ]
    return render_template(
        "manage/invitations.html", side=side("invitations"), page=page, chosen=chosen, rows=rows,
        filters=invitation_rows.state_filters(now, chosen), batch=_batch(chosen.batch),
        export_url=url_for("manage.invitations_export", **chosen.as_args()),
    )  # fmt: skip


def _batch(code: str) -> InvitationBatch | None:
    query = select(InvitationBatch).where(InvitationBatch.event_id == g.event.id, InvitationBatch.code == code)
    return db.session.scalar(query) if code else None


@bp.get("/manage/invitations.csv")
@requires("participants.export")
def invitations_export() -> FlaskResponse:
    """The filtered list as a table; who took it is written down first. No link is in it."""
    now, chosen = clock.now(), invitation_rows.wanted()
    invitation_rows.record_export(g.event.id, chosen, by=actor_of(g.viewer, "organiser"))
    file = tables.csv_file(invitation_rows.COLUMNS, invitation_rows.exported(g.event.id, chosen, now))
    name = f"{g.event.slug}-invitations-{local(now):%Y-%m-%d}.csv"
    return downloads.attached(FlaskResponse(pieces(file), content_type=tables.CSV_TYPE, direct_passthrough=True), name)


@bp.route("/manage/invitations/new", methods=["GET", "POST"])
@requires("invitations.issue")
def invitation_new() -> Answer:
    """Make an invitation; its link is on the next page. Its mail can be read before."""
    form = InvitationForm(data={"lang": page_lang()} if request.method == "GET" else None)
    mail = None
    if form.is_submitted() and (plan := form.plan(g.event.zone)) is not None:
        try:
            if "preview" not in request.form:
                return _to_link(invitations.invite(g.event.id, plan, by=g.viewer))
            mail = mail_before(plan)
        except Refused as refused:
            form.refuse(refused.refusal)
    page = render_template("manage/invitation_new.html", side=side("invitations"), form=form, mails=[mail] if mail else [])
    return page, 422 if form.errors else 200


def mail_before(plan: InvitationPlan) -> dict[str, Any]:
    """What the mail will say, with a link that opens nothing. Raises Refused when the invitation cannot be made."""
    now = clock.now()
    if refusal := invitations.why_not_issue(plan, g.event, now=now):
        raise Refused(refusal)
    return _mail(invitations.as_row(plan, g.event.id), _UNKNOWN) | {"to": plan.email.address if plan.email else ""}


def _mail(found: Invitation, secret: str) -> dict[str, Any]:
    """The words of an invitation's mail, in the guest's language."""
    subject, text, _html = mails.invitation_preview(found, g.event, secret, now=clock.now())
    lines = text.replace(_UNKNOWN, "…").strip().splitlines()
    return {"subject": subject, "lines": lines, "lang": found.lang, "dir": direction(found.lang)}


@bp.get("/manage/invitations/<code>")
@requires("invitations.issue")
def invitation(code: str) -> str:
    """One invitation: what it allows, who used it, what happened to it."""
    found = _found(code)
    used_by = select(Registration).where(Registration.invitation_id == found.id).order_by(Registration.id)
    history = audit.history(g.event.id, "invitation", found.code)
    names = actors.names([line.actor for line in history], page_lang())
    return render_template(
        "manage/invitation.html", side=side("invitations"), row=_row(found), state_name=STATE,
        registrations=db.session.scalars(used_by.limit(SHOWN_REGISTRATIONS)).all(),
        history=[(line.at, names[line.actor], told(line)) for line in history],
        done=DONE.get(request.args.get("done", "")),
    )  # fmt: skip


def _row(found: Invitation) -> dict[str, Any]:
    organisation = db.session.get(Organisation, found.organisation_id) if found.organisation_id else None
    batch = db.session.get(InvitationBatch, found.batch_id) if found.batch_id else None
    return invitation_rows.row(found, organisation, batch, clock.now())


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
        link = {"url": url, "qr": qr.svg(url, level="M"), "mail": _mail(found, secret)}
    return render_template(
        "manage/invitation_issued.html", side=side("invitations"), row=_row(found), link=link, mailed=bool(kept.get("mailed"))
    )


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
