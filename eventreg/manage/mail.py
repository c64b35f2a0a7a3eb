"""Did the mail go out, and what did it say? The outbox of a meeting; personal links in it stay secret."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, case, func, or_, select

from eventreg.core import access, audit, outbox, refusals, security, text
from eventreg.core.access import requires
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import direction
from eventreg.core.outbox import Mail
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.manage import keyset, shielded
from eventreg.manage.blueprint import bp
from eventreg.manage.fields import one_line
from eventreg.manage.mail_words import CAUSE, KIND_NAME, STATE_FAMILY, STATE_NAME
from eventreg.manage.side import side
from eventreg.people.models import Person
from eventreg.registration import labels
from eventreg.registration.models import Registration

refusals.texts.update({
    "mail.on_its_way": _l("This mail is on its way already."),
})  # fmt: skip

# The last part of an address that is a secret: ours have 43 signs, nothing readable is that long without a blank.
_SECRET_PART = re.compile(r"(/)[A-Za-z0-9_-]{20,}(?![A-Za-z0-9_-]|\.\w)")
_INLINE_PICTURE = re.compile(r"cid:[^\"'\s>]+")
_NO_PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

# Styles stand on the elements of a mail, and nothing else is allowed to it: no script, no form, no address outside.
_MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


MOST_GROUPS = 50


def masked(words: str) -> str:
    """The words with every personal link cut before its secret."""
    return _SECRET_PART.sub(r"\1…", words)


@dataclass(frozen=True)
class Wanted:
    """Which mails the list shows; '' asks for nothing."""

    state: str = ""
    kind: str = ""
    lang: str = ""
    q: str = ""

    @classmethod
    def asked(cls) -> Wanted:
        """What the address asks for; a value that nothing has is dropped."""
        known = {"state": STATE_NAME, "kind": KIND_NAME, "lang": labels.LANGUAGE}
        values = {name: request.args.get(name, "") for name, table in known.items() if request.args.get(name) in table}
        return cls(**values, q=one_line(request.args.get("q"))[:100])

    def args(self, **changed: str) -> dict[str, str]:
        """As an address carries it, with something changed."""
        return {name: value for name, value in (asdict(self) | changed).items() if value}


@bp.get("/manage/mail", endpoint="mail")
@requires("mail.read")
def list_mails() -> str:
    """All mails of the meeting, those that failed first, then the newest."""
    wanted = Wanted.asked()
    query = select(Mail).where(Mail.event_id == g.event.id, shielded.mails(), *_filters(wanted))
    failed_first = case((Mail.state == "failed", 0), else_=1)
    page = keyset.page_of(query, Mail.id, group=failed_first, kept=wanted.args())
    found = [row[0] for row in page.rows]
    counts = outbox.counts(g.event.id, shielded.mails())
    return render_template(
        "manage/mail.html", side=side("mail"), page=page, mails=found, wanted=wanted, people=_people(found),
        states=_state_filters(wanted, counts), kinds=KIND_NAME, mail_languages=labels.LANGUAGE, state_name=STATE_NAME,
        state_family=STATE_FAMILY, failed=counts.get("failed", 0) if access.allows("mail.send_again") else 0,
        again=request.args.get("again", ""),
    )  # fmt: skip


def _people(mails: list[Mail]) -> dict[str, Registration]:
    """The registrations that these mails are about, by code: one statement."""
    codes = {mail.about_ref for mail in mails if mail.about_kind == "registration"}
    if not codes:
        return {}
    query = select(Registration).where(Registration.event_id == g.event.id, Registration.code.in_(codes))
    return {registration.code: registration for registration in db.session.scalars(query)}


@bp.get("/manage/mail/failed")
@requires("mail.send_again")
def mail_failed() -> str:
    """How many failed, of which kind and with which answer, before they are all sent again."""
    failed = (Mail.event_id == g.event.id, Mail.state == "failed", shielded.mails())
    groups = select(Mail.kind, Mail.last_answer, func.count()).where(*failed).group_by(Mail.kind, Mail.last_answer)
    rows = db.session.execute(groups.order_by(func.count().desc(), Mail.kind).limit(MOST_GROUPS)).all()
    total, newest = db.session.execute(select(func.count(), func.max(Mail.id)).where(*failed)).one()
    return render_template(
        "manage/mail_failed.html", side=side("mail"), rows=rows, total=total, newest=newest, kinds=KIND_NAME
    )


@bp.post("/manage/mail/failed")
@requires("mail.send_again")
def mail_failed_again() -> Any:
    """Send all of those once more that the page counted; one that failed since waits for the next look."""
    newest = request.form.get("newest", "")
    upto = int(newest) if newest.isascii() and newest.isdigit() and len(newest) < 10 else abort(400)
    number = send_failed_again(g.event.id, upto, by=g.viewer)
    return redirect(url_for("manage.mail", again=number), 303)


def send_failed_again(event_id: int, upto: int, *, by: Person) -> int:
    """Queue every failed mail up to this one once more; how many."""
    with transaction():
        failed = (Mail.event_id == event_id, Mail.state == "failed", Mail.id <= upto)
        ids = db.session.scalars(select(Mail.id).where(*failed).order_by(Mail.id).with_for_update()).all()
        for mail_id in ids:
            outbox.send_again(mail_id)
        if ids:
            facts = {"mails": len(ids)}
            event = db.session.get_one(Event, event_id)
            audit.record("mail.failed_again", event, event_id=event_id, actor=Actor("organiser", by.code), facts=facts)
        return len(ids)


@bp.get("/manage/mail/<int:mail_id>")
@requires("mail.read")
def mail_one(mail_id: int) -> Response:
    """One mail: where it stands, its headers, its words, its HTML in a frame that may do nothing."""
    found = _found(mail_id)
    page = render_template(
        "manage/mail_one.html", side=side("mail"), mail=found, text=masked(found.text).split("\n"),
        mail_dir=direction(found.lang), attachments=[_filename(recipe) for recipe in found.attachments],
        state_name=STATE_NAME, state_family=STATE_FAMILY, kinds=KIND_NAME, may_send=found.state in {"sent", "failed"},
        cause=CAUSE.get(found.kind), person=_people([found]).get(found.about_ref), language=labels.LANGUAGE.get(found.lang),
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
    query = select(Mail).where(Mail.id == mail_id, Mail.event_id == g.event.id, shielded.mails())
    mail = db.session.scalar(query) if mail_id < 2**31 else None  # more than an id can be: PostgreSQL would refuse it
    if mail is None:
        abort(404)
    return mail


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Subject, address and name: words of the mail are not searched, a search could feel its way to a secret."""
    same = {Mail.state: wanted.state, Mail.kind: wanted.kind, Mail.lang: wanted.lang}
    conditions = [column == value for column, value in same.items() if value]
    if wanted.q:
        ways = [part.icontains(wanted.q, autoescape=True) for part in (Mail.to_address, Mail.subject)]
        conditions.append(or_(*ways, *_about_the_named(wanted.q)))
    return conditions


def _about_the_named(typed: str) -> list[ColumnElement[bool]]:
    """Every word is in what finds a person (folded words hold neither % nor _); addresses are looked for as typed."""
    words = text.fold(typed).split()
    if not words or not all(word.isalpha() for word in words) or "@" in typed:
        return []
    known = select(Registration.code).where(
        Registration.event_id == g.event.id, *(Registration.search_key.like(f"%{word}%") for word in words)
    )
    return [and_(Mail.about_kind == "registration", Mail.about_ref.in_(known))]


def _state_filters(wanted: Wanted, counts: dict[str, int]) -> list[dict[str, Any]]:
    entries: list[tuple[str, Any, int]] = [("", _l("All"), sum(counts.values()))]
    entries += [(name, label, counts.get(name, 0)) for name, label in STATE_NAME.items()]
    return [
        {
            "label": label, "number": number, "current": name == wanted.state,
            "url": url_for("manage.mail", **wanted.args(state=name)),
        }
        for name, label, number in entries
    ]  # fmt: skip


def _filename(recipe: dict[str, Any]) -> str:
    """What an attachment is called before it is made: the maker's name is the file's."""
    return str(recipe.get("filename") or recipe["maker"])
