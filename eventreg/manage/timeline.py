"""What happened with one person or one proposal, in one order of time: changes, mails, scans, who read what is sensitive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select

from eventreg.checkin.answers import VERDICTS
from eventreg.checkin.models import Device, Scan
from eventreg.core import access, audit, outbox
from eventreg.core.audit import AuditLine
from eventreg.core.db import db
from eventreg.core.i18n import page_lang
from eventreg.manage import actors, fact_words
from eventreg.manage.event_sentences import told
from eventreg.manage.mail_words import KIND_NAME, STATE_FAMILY, STATE_NAME
from eventreg.people.models import Person
from eventreg.registration import needs
from eventreg.registration.models import Registration

SHOWN = 200  # mails and scans each: nobody has so many, and a page must end


@dataclass(frozen=True)
class Entry:
    """One thing that happened: `who` did it ('' for nobody in particular), `tag` is a state (words, family)."""

    at: datetime
    who: str
    sentence: Any
    tag: tuple[Any, str] | None = None
    url: str | None = None
    note: str = ""


def of(registration: Registration) -> list[Entry]:
    """Everything, newest first."""
    lines = audit.history(g.event.id, "registration", registration.code)
    readings = [reading for reading in needs.readings(registration) if reading.is_list]
    scans = _scans(registration)
    names = actors.names([*(line.actor for line in lines), *(one.actor for one in readings)], page_lang())
    values = audit.values_of(lines)
    # first the mails: one comes of the change of the same instant
    found = [_of_mail(mail) for mail in _mails("registration", registration.code)]
    found += [_of_scan(*row) for row in scans]
    found += [_of_line(line, names[line.actor], values.get(line.id, [])) for line in lines]
    found += [Entry(one.at, names[one.actor], _("Saw this person in the list of those who told needs.")) for one in readings]
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def of_proposal(code: str) -> list[Entry]:
    """What happened to a proposal and which mails went out about it, newest first."""
    lines = audit.history(g.event.id, "proposal", code)
    names = actors.names([line.actor for line in lines], page_lang())
    found = [_of_mail(mail) for mail in _mails("proposal", code)]
    found += [Entry(line.at, names[line.actor], told(line)) for line in lines]
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def _of_line(line: AuditLine, who: str, values: list[audit.AuditValue]) -> Entry:
    more = "; ".join(f"{label}: {said}" for label, said in fact_words.details(line) if line.action == "badges.reprinted")
    return Entry(line.at, who, told(line, values), note=more)


def _mails(kind: str, code: str) -> list[outbox.Mail]:
    about = (outbox.Mail.about_kind == kind, outbox.Mail.about_ref == code)
    query = select(outbox.Mail).where(outbox.Mail.event_id == g.event.id, *about)
    return list(db.session.scalars(query.order_by(outbox.Mail.id.desc()).limit(SHOWN)))


def _of_mail(mail: outbox.Mail) -> Entry:
    what = Markup("<bdi>{}</bdi>").format(KIND_NAME.get(mail.kind, mail.subject))
    url = url_for("manage.mail_one", mail_id=mail.id) if access.allows("mail.read") else None
    sentence = Markup.escape(_("Mail: %(what)s.")) % {"what": what}
    answer = mail.last_answer if mail.last_answer not in ("", "250") else ""
    note = _("Last answer of the server: %(answer)s", answer=answer) if answer else ""
    return Entry(mail.sent_at or mail.created_at, "", sentence, (STATE_NAME[mail.state], STATE_FAMILY[mail.state]), url, note)


def _scans(registration: Registration) -> list[tuple[Scan, str, str]]:
    """Scans with the name of the volunteer and of the device; those forced or taken back are lines of the record already."""
    query = (
        select(Scan, Person, Device.name)
        .outerjoin(Person, Person.id == Scan.person_id)
        .outerjoin(Device, Device.id == Scan.device_id)
        .where(Scan.registration_id == registration.id, Scan.kind != "undo", Scan.forced.is_(False))
        .order_by(Scan.at.desc())
        .limit(SHOWN)
    )
    return [(scan, _name(person), device or "") for scan, person, device in db.session.execute(query)]


def _name(person: Person | None) -> str:
    return person.name_in(page_lang()) or person.email or person.code if person is not None else ""


def _of_scan(scan: Scan, volunteer: str, device: str) -> Entry:
    door = Markup("<bdi>{}</bdi>").format(scan.door)
    family = {"ok": "good", "again": "open", "attention": "waiting"}.get(scan.verdict, "problem")
    sentence = Markup.escape(_("Badge read at the door “%(door)s”.")) % {"door": door}
    tag = (VERDICTS.get(scan.verdict, VERDICTS["held"]), family)
    return Entry(scan.at, volunteer or device, sentence, tag)
