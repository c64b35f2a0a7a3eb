"""Who waits for a place, and why? In order, with what is full for them."""

from __future__ import annotations

from flask import g, render_template
from sqlalchemy import case, func, select

from eventreg.core import capacity
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.manage import keyset
from eventreg.manage.blueprint import bp
from eventreg.manage.side import side
from eventreg.registration import limit_words, rules
from eventreg.registration.labels import CATEGORY
from eventreg.registration.models import Needs, Registration, WaitingEntry
from eventreg.registration.rules import Waiting


@bp.get("/manage/waiting")
@requires("participants.list")
def waiting() -> str:
    """Who is offered a place and until when, then who waits, in order."""
    entries = (
        select(WaitingEntry, Registration, func.coalesce(Needs.gender, ""))
        .join(Registration, Registration.id == WaitingEntry.registration_id)
        .outerjoin(Needs, Needs.registration_id == Registration.id)
        .where(WaitingEntry.event_id == g.event.id)
    )
    offered = entries.where(WaitingEntry.state == Waiting.OFFERED)
    in_line = entries.where(WaitingEntry.state == Waiting.WAITING)
    offers = offered.order_by(WaitingEntry.offer_expires_at, WaitingEntry.position).limit(keyset.SIZE)
    page = keyset.page_of(in_line, WaitingEntry.position, kept={}, descending=False)
    free = {(pool.kind, pool.key): pool.free for pool in capacity.all_pools(g.event.id)}
    return render_template(
        "manage/waiting.html", side=side("waiting"), page=page, category=CATEGORY,
        offers=db.session.execute(offers).all(), numbers=_waiting_numbers(g.event.id),
        why=[_why(row[0], row[1], row[2], free) for row in page.rows],
    )  # fmt: skip


def _why(entry: WaitingEntry, row: Registration, gender: str, free: dict[rules.LimitKey, int | None]) -> str:
    """Which limits are full for them now; where none is, what was full when they joined."""
    claims = rules.claims(
        category=row.category, sector=row.sector, country=row.country, gender=gender, days=row.days
    )
    full = rules.what_is_full(claims, free, days=()).limits
    kind, _colon, key = entry.full_pool.partition(":")
    return limit_words.names(full or [(kind, key)])


def _waiting_numbers(event_id: int) -> dict[str, int]:
    sums = [func.sum(case((WaitingEntry.state == state, 1), else_=0)) for state in (Waiting.OFFERED, Waiting.WAITING)]
    offered, in_line = db.session.execute(select(*sums).where(WaitingEntry.event_id == event_id)).one()
    return {"offered": int(offered or 0), "waiting": int(in_line or 0)}
