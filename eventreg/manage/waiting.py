"""Who waits for a place, and why? In order, with what is full for them; and how one is served before their turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from flask import Response, abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select, case, func, select

from eventreg.core import capacity, clock, countries, downloads, refusals, tables
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import RTL, local, page_lang
from eventreg.core.refusals import Refused
from eventreg.manage import exports, filters, keyset, queries
from eventreg.manage.blueprint import bp
from eventreg.manage.filters import ParticipantFilter
from eventreg.manage.forms_waiting import JumpForm
from eventreg.manage.people import pieces
from eventreg.manage.person import registration_or_404
from eventreg.manage.side import side
from eventreg.people.services import actor_of
from eventreg.registration import jumping, labels, limit_words, rules
from eventreg.registration import queries as registrations
from eventreg.registration.models import Needs, Registration, WaitingEntry
from eventreg.registration.rules import LimitKey, Waiting

COLUMNS = (
    "rank", "code", "name_latin", "name_arabic", "organisation", "category", "country", "days", "waits_since", "full"
)  # fmt: skip
_FILTERS = ("q", "category", "country")


@bp.get("/manage/waiting")
@requires("participants.list")
def waiting() -> str:
    """Who is offered a place and until when, then who waits, in order."""
    wanted, free = _wanted(), _free()
    limit = _limit(free)
    entries = _entries().where(*queries.conditions_of(g.event.id, wanted))
    offers = entries.where(WaitingEntry.state == Waiting.OFFERED)
    in_line = entries.where(WaitingEntry.state == Waiting.WAITING)
    if limit is not None:
        in_line = in_line.where(registrations.counts_under(*limit))
    kept = wanted.as_args() | ({"full": ":".join(limit)} if limit else {})
    page = keyset.page_of(in_line, WaitingEntry.position, kept=kept, descending=False)
    lang = page_lang()
    return render_template(
        "manage/waiting.html", side=side("waiting"), page=page, category=labels.CATEGORY, wanted=wanted, kept=kept,
        offers=db.session.execute(
            offers.order_by(WaitingEntry.offer_expires_at, WaitingEntry.position).limit(keyset.SIZE)
        ).all(),
        numbers=_numbers(g.event.id), why=[_why(row[0], row[1], row[2], free) for row in page.rows],
        full=[(":".join(key), limit_words.name(key)) for key, left in sorted(free.items()) if left == 0],
        limit=":".join(limit) if limit else "", jumped=request.args.get("jumped") == "1",
        countries=[(code, countries.name(code, lang)) for code in queries.countries_present(g.event.id)],
    )  # fmt: skip


def _wanted() -> ParticipantFilter:
    """What of the people's filter makes sense here."""
    asked = filters.participant_filter(request.args, may_see_needs=False)
    return ParticipantFilter(**{name: getattr(asked, name) for name in _FILTERS})


def _free() -> dict[LimitKey, int | None]:
    return {(pool.kind, pool.key): pool.free for pool in capacity.all_pools(g.event.id)}


def _limit(free: dict[LimitKey, int | None]) -> LimitKey | None:
    """The limit whose people are wanted; one that does not exist asks for nothing."""
    kind, _colon, key = request.args.get("full", "").partition(":")
    return (kind, key) if (kind, key) in free else None


def _entries() -> Select[Any]:
    """Entry, registration, gender ('' for none) and the rank among those who wait."""
    ranks = (
        select(WaitingEntry.id, func.row_number().over(order_by=WaitingEntry.position).label("rank"))
        .where(WaitingEntry.event_id == g.event.id, WaitingEntry.state == Waiting.WAITING)
        .subquery()
    )
    return (
        select(WaitingEntry, Registration, func.coalesce(Needs.gender, ""), func.coalesce(ranks.c.rank, 0))
        .join(Registration, Registration.id == WaitingEntry.registration_id)
        .outerjoin(Needs, Needs.registration_id == Registration.id)
        .outerjoin(ranks, ranks.c.id == WaitingEntry.id)
        .where(WaitingEntry.event_id == g.event.id)
    )


def _full_for(entry: WaitingEntry, row: Registration, gender: str, free: dict[LimitKey, int | None]) -> list[LimitKey]:
    """Which limits are full for them now; where none is, what was full when they joined."""
    claims = rules.claims(category=row.category, sector=row.sector, country=row.country, gender=gender, days=row.days)
    kind, _colon, key = entry.full_pool.partition(":")
    return list(rules.what_is_full(claims, free, days=()).limits) or [(kind, key)]


def _why(entry: WaitingEntry, row: Registration, gender: str, free: dict[LimitKey, int | None]) -> str:
    return limit_words.names(_full_for(entry, row, gender, free))


def _numbers(event_id: int) -> dict[str, int]:
    sums = [func.sum(case((WaitingEntry.state == state, 1), else_=0)) for state in (Waiting.OFFERED, Waiting.WAITING)]
    offered, in_line = db.session.execute(select(*sums).where(WaitingEntry.event_id == event_id)).one()
    return {"offered": int(offered or 0), "waiting": int(in_line or 0)}


@bp.get("/manage/waiting.<any(csv,xlsx):kind>")
@requires("participants.export", kinds=("kind",))
def waiting_export(kind: str) -> Response:
    """Those who wait as a table, in order; who took it is written down first."""
    wanted = _wanted()
    by = actor_of(g.viewer, "organiser")
    exports.record_export(g.event.id, ParticipantFilter(**wanted.as_args(), state="waitlisted"), kind=kind, by=by)
    name = f"{g.event.slug}-waiting-{local(clock.now()):%Y-%m-%d}.{kind}"
    if kind == "csv":
        file, content_type = tables.csv_file(COLUMNS, _rows(wanted)), tables.CSV_TYPE
    else:
        file = tables.xlsx(COLUMNS, _rows(wanted), title=_("Waiting list"), is_rtl=page_lang() in RTL)
        content_type = tables.XLSX_TYPE
    return downloads.attached(Response(pieces(file), content_type=content_type, direct_passthrough=True), name)


def _rows(wanted: ParticipantFilter) -> Iterator[tuple[str, ...]]:
    free = _free()
    limit = _limit(free)
    query = _entries().where(*queries.conditions_of(g.event.id, wanted), WaitingEntry.state == Waiting.WAITING)
    if limit is not None:
        query = query.where(registrations.counts_under(*limit))
    for entry, row, gender, rank in db.session.execute(query.order_by(WaitingEntry.position)):
        full = " ".join(":".join(key).rstrip(":") for key in _full_for(entry, row, gender, free))
        yield (
            str(rank), row.code, row.name_latin, row.name_arabic, row.organisation_name, row.category, row.country,
            " ".join(row.days), f"{entry.joined_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", full,
        )  # fmt: skip


# ---- out of order ----------------------------------------------------------------------------------------------------


@bp.get("/manage/waiting/<code>")
@requires("waiting.jump")
def jump(code: str) -> str:
    """Somebody who waits, what is full for them, and the form for an offer before their turn."""
    return _jump_page(_waits(code), JumpForm())


@bp.post("/manage/waiting/<code>")
@requires("waiting.jump")
def jump_now(code: str) -> Any:
    """Offer them a place now; with a reason, and beyond the limit only when that is ticked."""
    registration, form = _waits(code), JumpForm()
    reason = form.reason.data or ""
    try:
        jumping.offer_out_of_order(
            registration.id, reason=reason, over_limit=bool(form.over_limit.data), by=actor_of(g.viewer, "organiser")
        )
    except Refused as refused:
        field = form.over_limit if refused.refusal.code == "waiting.still_full" else form.reason
        field.errors = [refusals.say(refused.refusal)]
        return _jump_page(registration, form), 422
    return redirect(url_for("manage.waiting", jumped=1), 303)


def _waits(code: str) -> Registration:
    registration = registration_or_404(code)
    entry = registrations.live_entry(registration.id)
    return registration if entry is not None and entry.state == Waiting.WAITING else abort(404)


def _jump_page(registration: Registration, form: JumpForm) -> str:
    full = registrations.what_is_full(g.event, registrations.claims_of(registration))
    before = select(func.count(WaitingEntry.id)).where(
        WaitingEntry.event_id == g.event.id, WaitingEntry.state == Waiting.WAITING,
        WaitingEntry.position < select(WaitingEntry.position).where(
            WaitingEntry.registration_id == registration.id, WaitingEntry.state == Waiting.WAITING
        ).scalar_subquery(),
    )  # fmt: skip
    return render_template(
        "manage/waiting_jump.html", side=side("waiting"), registration=registration, form=form,
        full=limit_words.full(full) if full.limits else "", before=db.session.scalar(before) or 0,
    )  # fmt: skip
