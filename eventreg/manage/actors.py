"""Who was it, in words? The record keeps codes; a page shows names while they exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from eventreg.core.audit import AuditLine
from eventreg.core.db import db
from eventreg.core.i18n import page_lang
from eventreg.people.models import Person


def names(actors: Iterable[str], lang: str) -> dict[str, str]:
    """What to call each actor of the record ("organiser:P-…", "system" …): one statement for all."""
    wanted = set(actors)
    codes = {actor.partition(":")[2] for actor in wanted if actor.startswith(("person:", "organiser:"))}
    people: Iterable[Person] = db.session.scalars(select(Person).where(Person.code.in_(codes))) if codes else []
    known = {person.code: person.name_in(lang) or person.email or person.code for person in people}
    return {actor: known.get(actor.partition(":")[2]) or _unnamed(actor) for actor in wanted}


def _unnamed(actor: str) -> str:
    kind, _colon, ref = actor.partition(":")
    words = {
        "system": _("The system"),
        "operator": _("The operator"),
        "link": _("Somebody with a link"),
        "device": _("Door device %(name)s", name=ref),
    }
    return words.get(kind, actor)


def last_change(event_id: int, *actions: str, kind: str = "event") -> dict[str, Any] | None:
    """Who changed this subject of the meeting last, and when; None while nobody has. Two statements."""
    query = select(AuditLine).where(
        AuditLine.chain == event_id, AuditLine.object_kind == kind, AuditLine.action.in_(actions)
    )
    line = db.session.scalar(query.order_by(AuditLine.seq.desc()).limit(1))
    lang = page_lang()
    return {"at": line.at, "by": names([line.actor], lang)[line.actor]} if line is not None else None
