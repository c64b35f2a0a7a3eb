"""Who was it, in words? The record keeps codes; a page shows names while they exist."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import select

from eventreg.core.db import db
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
