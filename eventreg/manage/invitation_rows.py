"""Which invitations does the list show, and what is said of each? Conditions, rows and the table to take away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from eventreg.core import audit, times
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import page_lang
from eventreg.core.tables import instant
from eventreg.events.models import Event
from eventreg.manage.exports import yes
from eventreg.manage.fields import one_line
from eventreg.manage.forms_invitations import PASSES_DEADLINE, PASSES_LIMIT, PASSES_MODERATION
from eventreg.people.models import Organisation, Person
from eventreg.registration.labels import CATEGORY
from eventreg.registration.models import Invitation, InvitationBatch

STATE_NAME = {
    "unused": _l("Unused"),
    "used": _l("Used, still open"),
    "used_up": _l("Used up"),
    "expired": _l("Expired"),
    "revoked": _l("Revoked"),
}
STATE_FAMILY = {"unused": "open", "used": "good", "used_up": "ended", "expired": "ended", "revoked": "problem"}
SHORT = (_l("after the deadline"), _l("past the limit"), _l("without approval"))
# Stable names, as in the other tables to take away. A link is no column: its secret is kept nowhere.
COLUMNS = (
    "code", "for", "email", "organisation", "category", "passes_deadline", "passes_limit", "passes_moderation", "lang", "uses",
    "max_uses", "state", "expires_at", "reminded_at", "batch", "reason", "made_by", "made_at",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What the address asks the list for: a state, words, a batch."""

    state: str
    words: str
    batch: str

    def as_args(self) -> dict[str, str]:
        """As parts of an address, without what is empty."""
        named = {"state": self.state, "q": self.words, "batch": self.batch}
        return {name: value for name, value in named.items() if value}


def wanted() -> Wanted:
    """What this request asks for; what means nothing asks for nothing."""
    state = request.args.get("state", "")
    return Wanted(state if state in STATE_NAME else "", one_line(request.args.get("q"))[:100],
                  one_line(request.args.get("batch"))[:20])  # fmt: skip


def query(event_id: int, chosen: Wanted, now: datetime) -> Select[Any]:
    """Invitations with who made them, the organisation they are for and their batch."""
    conditions = [_in_state(now)[chosen.state]] if chosen.state else []
    if chosen.words:
        columns = (Invitation.label, Invitation.email, Invitation.email_key, Invitation.code, Invitation.reason)
        conditions.append(or_(*(column.icontains(chosen.words, autoescape=True) for column in columns)))
    if chosen.batch:
        conditions.append(InvitationBatch.code == chosen.batch)
    return (
        select(Invitation, Person, Organisation, InvitationBatch)
        .join(Person, Person.id == Invitation.created_by_id)
        .outerjoin(Organisation, Organisation.id == Invitation.organisation_id)
        .outerjoin(InvitationBatch, InvitationBatch.id == Invitation.batch_id)
        .where(Invitation.event_id == event_id, *conditions)
    )


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


def numbers(now: datetime, *conditions: ColumnElement[bool]) -> dict[str, int]:
    """How many invitations are in each state."""
    sums = [func.sum(case((condition, 1), else_=0)) for condition in _in_state(now).values()]
    counted = db.session.execute(select(*sums).where(*conditions)).one()
    return {name: int(number or 0) for name, number in zip(STATE_NAME, counted, strict=True)}


def state_filters(now: datetime, chosen: Wanted) -> list[dict[str, Any]]:
    """One link per state with its number, and one for all."""
    in_batch = [Invitation.event_id == g.event.id]
    if chosen.batch:
        batch = select(InvitationBatch.id).where(InvitationBatch.event_id == g.event.id, InvitationBatch.code == chosen.batch)
        in_batch.append(Invitation.batch_id.in_(batch))
    by_state = numbers(now, *in_batch)
    entries: list[tuple[str, Any, int]] = [("", _("All"), sum(by_state.values()))]
    entries += [(name, STATE_NAME[name], by_state[name]) for name in STATE_NAME]
    kept = {name: value for name, value in chosen.as_args().items() if name != "state"}
    return [
        {
            "label": label, "number": number, "current": name == chosen.state,
            "url": url_for("manage.invitations", state=name or None, **kept),
        }
        for name, label, number in entries
    ]  # fmt: skip


def row(found: Invitation, organisation: Organisation | None, batch: InvitationBatch | None, now: datetime) -> dict[str, Any]:
    """What pages say of an invitation."""
    state = found.state(now)
    last = times.last_minute(found.expires_at)
    return {
        "invitation": found, "state": STATE_NAME[state], "family": STATE_FAMILY[state],
        "is_open": state in {"unused", "used"}, "rights": rights(found), "short_rights": rights(found, is_short=True),
        "organisation": organisation, "batch": batch, "last_moment": last, "offset": times.offset_text(last, g.event.zone),
    }  # fmt: skip


def rights(found: Invitation, *, is_short: bool = False) -> list[Any]:
    """What it allows: in the words of the form, or in the few that a list has room for."""
    words_for = SHORT if is_short else (PASSES_DEADLINE, PASSES_LIMIT, PASSES_MODERATION)
    granted = zip((found.passes_deadline, found.passes_limit, found.passes_moderation), words_for, strict=True)
    words = [words for allowed, words in granted if allowed]
    return [*words, _("Category: %(category)s", category=CATEGORY[found.category])] if found.category else words


def exported(event_id: int, chosen: Wanted, now: datetime) -> Iterator[tuple[str, ...]]:
    """The rows of COLUMNS, the newest first."""
    for found, by, organisation, batch in db.session.execute(query(event_id, chosen, now).order_by(Invitation.id.desc())):
        yield (
            found.code, found.label, found.email, organisation.name.in_(page_lang()) if organisation else "", found.category,
            yes(found.passes_deadline), yes(found.passes_limit), yes(found.passes_moderation), found.lang, str(found.uses),
            str(found.max_uses), found.state(now), instant(found.expires_at), instant(found.reminded_at),
            batch.label if batch else "", found.reason, by.name_in(page_lang()) or by.email or "", instant(found.created_at),
        )  # fmt: skip


def record_export(event_id: int, chosen: Wanted, *, by: Actor) -> None:
    """Write down who took which part of the list out of the house."""
    with transaction() as now:
        count = select(func.count()).select_from(query(event_id, chosen, now).subquery())
        facts = {"state": chosen.state, "batch": chosen.batch, "is_searched": bool(chosen.words), "rows": db.session.scalar(count)}
        event = db.session.get_one(Event, event_id)
        audit.record("invitations.exported", event, event_id=event_id, actor=by, facts=facts)
