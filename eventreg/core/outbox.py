"""Was the mail written down with the fact it tells? A mail is a row of the same transaction; a worker delivers it later.

At least once, always with the same Message-ID, at most one duplicate per crash. Nothing is sent from a view.
"""

from __future__ import annotations

import logging
import re
import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from flask import current_app
from flask_mail import Attachment, Message
from flask_mail import Mail as FlaskMail
from sqlalchemy import JSON, ColumnElement, Index, func, select
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core import clock, faults, tokens
from eventreg.core.db import Base, db, in_transaction, transaction
from eventreg.core.i18n import direction, in_language

log = logging.getLogger("eventreg.outbox")

LEASE = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(hours=48)
LEAST_TRIES = 8  # over an hour: an old mail that somebody sends again is not given up at the first busy server
MAX_WAIT = timedelta(hours=2)
MAIL_PARTS = ("subject.txt", "body.txt", "body.html")

_OF_ADDRESSES = re.compile(r'[()<>\[\]:;@\\,"]')

flask_mail = FlaskMail()


class Mail(Base):
    """A mail to one address about one thing. `state`: waiting, sending, sent, failed.

    `kind` is the template, "room/name". `attachments` are recipes ({"maker": name, **parameters}) resolved at delivery, so
    that nothing slow happens inside a transaction. `cause` is unique: a fact is told to a person once.
    """

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_state_due", "state", "due_at"), Index("ix_mail_event_id", "event_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int | None]
    kind: Mapped[str]
    cause: Mapped[str] = mapped_column(unique=True)
    about_kind: Mapped[str]
    about_ref: Mapped[str]
    to_address: Mapped[str]
    from_name: Mapped[str] = mapped_column(default="")  # the meeting's short name, before the installation's address
    reply_to: Mapped[str] = mapped_column(default="")
    lang: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    message_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    last_answer: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Part:
    """A finished attachment. `content_id` makes it an inline picture of the HTML part (cid:…)."""

    filename: str
    content_type: str
    data: bytes
    content_id: str | None = None


Maker = Callable[[Mapping[str, Any]], Part | None]


def init_app(app: Any) -> None:
    """Set Flask-Mail up; without a server, mails become .eml files in instance/outbox."""
    flask_mail.init_app(app)


def queue(
    kind: str,
    *,
    to: str,
    lang: str,
    about: tuple[str, str],
    event_id: int | None,
    cause: str | None = None,
    context: Mapping[str, Any] | None = None,
    attachments: list[dict[str, Any]] | None = None,
) -> Mail | None:
    """Write a mail down inside the running transaction, rendered now in the receiver's language.

    `kind` "room/name" names templates/<room>/mail/<name>/{subject.txt,body.txt,body.html}. `cause` identifies the fact: when
    a mail with this cause exists, nothing is queued and None returned; without one each call is a fact of its own.
    """
    if not in_transaction():
        raise RuntimeError("outbox.queue belongs inside transaction()")
    cause = cause or f"{kind}:{tokens.new_secret()}"
    if db.session.scalar(select(Mail.id).where(Mail.cause == cause)) is not None:
        return None
    subject, text, html = render(kind, lang, context or {})
    event = (context or {}).get("event")
    now = clock.now()
    mail = Mail(
        event_id=event_id, kind=kind, cause=cause, about_kind=about[0], about_ref=about[1], to_address=to, lang=lang,
        subject=subject, text=text, html=html, attachments=list(attachments or []), created_at=now, due_at=now,
        from_name=event.short_name.in_(lang) if event else "", reply_to=event.help_email if event else "",
        message_id=f"<{tokens.new_secret()[:24]}@{current_app.config['MAIL_DOMAIN']}>", state="waiting",
    )  # fmt: skip
    db.session.add(mail)
    return mail


def render(kind: str, lang: str, context: Mapping[str, Any]) -> tuple[str, str, str]:
    """Subject, plain text and HTML of a mail in `lang`; the subject is one line."""
    room, name = kind.split("/")
    values = {**context, "lang": lang, "dir": direction(lang)}
    templates = [current_app.jinja_env.get_template(f"{room}/mail/{name}/{part}") for part in MAIL_PARTS]
    with in_language(lang, event=context.get("event")):
        subject, text, html = (template.render(**values) for template in templates)
    # an optional paragraph that is not there leaves no hole
    return " ".join(subject.split()), re.sub(r"\n\s*\n", "\n\n", text.strip()) + "\n", html


def send_again(mail_id: int) -> Mail:
    """Queue a sent or failed mail once more, as it was (same Message-ID). Inside the running transaction."""
    mail = db.session.get_one(Mail, mail_id)
    mail.state, mail.tries, mail.due_at, mail.last_answer = "waiting", 0, clock.now(), ""
    return mail


def counts(event_id: int, *which: ColumnElement[bool]) -> dict[str, int]:
    """How many mails of the event, or `which` of them, are in each state."""
    query = select(Mail.state, func.count()).where(Mail.event_id == event_id, *which).group_by(Mail.state)
    return {row[0]: row[1] for row in db.session.execute(query)}


def oldest_waiting() -> datetime | None:
    """Since when the oldest undelivered mail is due; None when all are out."""
    return db.session.scalar(select(func.min(Mail.due_at)).where(Mail.state.in_(("waiting", "sending"))))


# ---- delivery: called by the worker ----------------------------------------------------------------------------------


def deliver_next(makers: Mapping[str, Maker]) -> bool:
    """Lease one due mail, send it, mark it; False when none is due. The lease is a short transaction of its own."""
    mail_id = _lease()
    if mail_id is None:
        return False
    mail = db.session.get_one(Mail, mail_id, populate_existing=True)
    try:
        message = _message(mail, makers)
        db.session.close()  # no read snapshot is held open while a slow server answers
        _send(message, mail)
    except (OSError, smtplib.SMTPException) as error:
        _failed(mail_id, f"{type(error).__name__}: {error}"[:500], final=_is_final(error))
        return True
    except Exception as error:  # a mail that cannot be made must not stop the ones behind it
        log.exception("mail %s could not be made", mail_id)
        _failed(mail_id, f"{type(error).__name__}: {error}"[:500], final=True)
        return True
    faults.point("after_smtp")
    with transaction() as now:
        sent = db.session.get_one(Mail, mail_id)
        sent.state, sent.sent_at, sent.last_answer = "sent", now, "250"
    return True


def _lease() -> int | None:
    with transaction() as now:
        query = select(Mail).where(Mail.state.in_(("waiting", "sending")), Mail.due_at <= now)
        mail = db.session.scalar(query.order_by(Mail.due_at, Mail.id).limit(1).with_for_update(skip_locked=True))
        if mail is None:
            return None
        mail.state, mail.due_at, mail.tries = "sending", now + LEASE, mail.tries + 1
        return mail.id


def _is_final(error: Exception) -> bool:
    """A 5xx answer will be the same tomorrow; a 4xx or a dead server may not."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500 and error.smtp_code != 535


def _failed(mail_id: int, answer: str, *, final: bool) -> None:
    with transaction() as now:
        mail = db.session.get_one(Mail, mail_id)
        mail.last_answer = answer
        if final or (now - mail.created_at > GIVE_UP_AFTER and mail.tries >= LEAST_TRIES):
            mail.state = "failed"
        else:
            mail.state = "waiting"
            mail.due_at = now + min(MAX_WAIT, timedelta(seconds=30) * 2 ** (mail.tries - 1))


def _message(mail: Mail, makers: Mapping[str, Maker]) -> Message:
    sender = parseaddr(current_app.config["MAIL_DEFAULT_SENDER"])[1]
    message = Message(
        subject=_in_head(mail.subject), recipients=[mail.to_address], body=mail.text, html=mail.html,
        sender=_sender(mail.from_name, sender), reply_to=mail.reply_to or None,
        date=mail.created_at.timestamp(), charset="utf-8",
        extra_headers={"Auto-Submitted": "auto-generated", "Content-Language": mail.lang},
    )  # fmt: skip
    message.msgId = mail.message_id
    for recipe in mail.attachments:
        part = makers[recipe["maker"]](recipe)
        if part is not None:
            message.attachments.append(_attached(part))
    return message


def _sender(name: str, address: str) -> tuple[str, str]:
    """The meeting's name and the installation's address. With a colon or an @ in it the name would be read as an address itself."""
    return _in_head(_OF_ADDRESSES.sub(" ", name)) or "eventreg", address


def _in_head(words: str) -> str:
    """Words for a mail's head, on one line. What was typed in a head's own code (=?utf-8?q?=0ABcc…?=) must not be decoded there:
    the line break in it would begin a head line of the typist's own.
    """
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).replace("=?", "= ?").split())


def _attached(part: Part) -> Attachment:
    if part.content_id is None:
        return Attachment(part.filename, part.content_type, part.data, "attachment")
    headers = {"Content-ID": f"<{part.content_id}>"}
    return Attachment(part.filename, part.content_type, part.data, "inline", headers)


def _send(message: Message, mail: Mail) -> None:
    if current_app.config["MAIL_SERVER"]:
        flask_mail.send(message)
        return
    folder = Path(current_app.config["INSTANCE"]) / "outbox"
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    (folder / f"{mail.created_at:%Y%m%dT%H%M%S}-{mail.id:06d}.eml").write_bytes(message.as_bytes())


