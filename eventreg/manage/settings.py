"""When does registration close, how many places are there, who waits for one? Each on a page of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import case, func, select
from werkzeug.wrappers import Response

from eventreg.core import audit, clock, i18n, times
from eventreg.core.access import requires
from eventreg.core.audit import Actor
from eventreg.core.db import db
from eventreg.core.refusals import Refused
from eventreg.events.models import Event
from eventreg.manage import actors, keyset, limits
from eventreg.manage.blueprint import bp
from eventreg.manage.forms_settings import POOL_FIELDS, DeadlineForm, LimitsForm
from eventreg.manage.side import side
from eventreg.registration import drafts, rules
from eventreg.registration import queries as registration
from eventreg.registration.labels import CATEGORY
from eventreg.registration.models import Registration, WaitingEntry
from eventreg.registration.rules import Waiting

Answer = Response | str | tuple[str, int]


def _organiser() -> Actor:
    return Actor("organiser", g.viewer.code)


# ---- deadline ------------------------------------------------------------------------------------------------------


@bp.route("/manage/settings/deadline", methods=["GET", "POST"])
@requires("event.deadline")
def deadline() -> Answer:
    """The deadline in force, in local time and UTC, and another one with its reason."""
    now = clock.now()
    form = DeadlineForm(data=_as_typed(g.event) if request.method == "GET" else None)
    if form.is_submitted() and (plan := form.plan(g.event.zone, now=now)) is not None:
        try:
            drafts.move_deadline(g.event.id, plan.closes, reason=plan.reason, grace_minutes=plan.grace_minutes, by=_organiser())
        except Refused as refused:
            form.refuse(refused.refusal)
        else:
            return redirect(url_for("manage.deadline", done="moved"), 303)
    page = render_template(
        "manage/deadline.html", side=side("deadline"), form=form, standing=_standing(g.event, now),
        is_done=request.args.get("done") == "moved",
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def _as_typed(event: Event) -> dict[str, Any]:
    """The deadline in force as one would type it: a midnight is the end of the day before."""
    closes = datetime.fromisoformat(event.closes_local)
    is_midnight = (closes.hour, closes.minute, closes.second) == (0, 0, 0)
    day = closes - timedelta(days=1) if is_midnight else closes
    return {
        "day": f"{day:%Y-%m-%d}", "hour": "" if is_midnight else f"{closes:%H:%M}", "which": str(event.closes_fold),
        "grace": str(event.grace_minutes),
    }  # fmt: skip


def _standing(event: Event, now: datetime) -> dict[str, Any]:
    """What is in force: the last moment, its offset, the instant in UTC, the time left, who moved it last."""
    last = times.last_minute(event.closes_at)
    phase = rules.phase(registration.window(event), now)
    return {
        "phase": "open" if phase == "before" else phase, "last": last,
        "offset": times.offset_text(last, event.zone),
        "utc": i18n.utc_text(event.closes_at), "left": _time_left(event.closes_at - now),
        "changed": _last_change(event),
    }  # fmt: skip


def _time_left(left: timedelta) -> str:
    if left <= timedelta():
        return _("Registration is closed.")
    if left >= timedelta(days=2):
        return str(ngettext("%(num)s day left.", "%(num)s days left.", left.days))
    if left >= timedelta(hours=2):
        return str(ngettext("%(num)s hour left.", "%(num)s hours left.", int(left / timedelta(hours=1))))
    minutes = max(1, int(left / timedelta(minutes=1)))
    return str(ngettext("%(num)s minute left.", "%(num)s minutes left.", minutes))


def _last_change(event: Event) -> dict[str, Any] | None:
    query = (
        select(audit.AuditLine)
        .where(audit.AuditLine.chain == event.id, audit.AuditLine.object_kind == "event")
        .where(audit.AuditLine.action == "event.deadline_moved")
    )
    line = db.session.scalar(query.order_by(audit.AuditLine.seq.desc()).limit(1))
    if line is None:
        return None
    return {"at": line.at, "by": actors.names([line.actor], i18n.page_lang())[line.actor]}


# ---- places --------------------------------------------------------------------------------------------------------


@bp.route("/manage/settings/limits", methods=["GET", "POST"], endpoint="limits")
@requires("event.deadline")
def limits_page() -> Answer:
    """The limit of the meeting and of each category, how much of it is taken, and others."""
    states = limits.states(g.event.id)
    typed = {POOL_FIELDS[key]: "" if state.limit is None else str(state.limit) for key, state in states.items()}
    form = LimitsForm(data=typed if request.method == "GET" else None)
    if form.is_submitted() and (wanted := form.limits()) is not None:
        offered = limits.change(g.event.id, wanted, by=_organiser())
        return redirect(url_for("manage.limits", offered=offered), 303)
    fields = [(form[POOL_FIELDS[key]], _how_full(state), state) for key, state in states.items()]
    page = render_template(
        "manage/limits.html", side=side("limits"), form=form, fields=fields,
        done=_offers(request.args.get("offered", "")), waiting=states["event", ""].waiting,
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def _how_full(state: limits.PoolState) -> str:
    if state.limit is None:
        return str(ngettext("%(num)s place is taken. No limit.", "%(num)s places are taken. No limit.", state.taken))
    taken, limit = i18n.number(state.taken), i18n.number(state.limit)
    if state.is_over:
        return _(
            "%(taken)s of %(limit)s places are taken: everybody keeps their place, and nobody gets one until fewer "
            "than %(limit)s are taken.", taken=taken, limit=limit,
        )  # fmt: skip
    return _("%(taken)s of %(limit)s places are taken.", taken=taken, limit=limit)


def _offers(number: str) -> str:
    """What the new limits did to the waiting list, '' when nothing was saved."""
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        return ""
    if number == "0":
        return _("The limits are saved. Nobody of the waiting list was offered a place.")
    return str(
        ngettext(
            "The limits are saved. %(num)s person of the waiting list was offered a place.",
            "The limits are saved. %(num)s people of the waiting list were offered a place.",
            int(number),
        )
    )


@bp.get("/manage/waiting")
@requires("participants.list")
def waiting() -> str:
    """Who is offered a place and until when, then who waits, in order."""
    entries = (
        select(WaitingEntry, Registration)
        .join(Registration, Registration.id == WaitingEntry.registration_id)
        .where(WaitingEntry.event_id == g.event.id)
    )
    offered = entries.where(WaitingEntry.state == Waiting.OFFERED)
    in_line = entries.where(WaitingEntry.state == Waiting.WAITING)
    offers = offered.order_by(WaitingEntry.offer_expires_at, WaitingEntry.position).limit(keyset.SIZE)
    page = keyset.page_of(in_line, WaitingEntry.position, kept={}, descending=False)
    return render_template(
        "manage/waiting.html", side=side("waiting"), page=page, category=CATEGORY,
        offers=db.session.execute(offers).all(), numbers=_waiting_numbers(g.event.id),
        full={"event": _("The meeting was full"), "category": _("Their category was full")},
    )  # fmt: skip


def _waiting_numbers(event_id: int) -> dict[str, int]:
    sums = [func.sum(case((WaitingEntry.state == state, 1), else_=0)) for state in (Waiting.OFFERED, Waiting.WAITING)]
    offered, in_line = db.session.execute(select(*sums).where(WaitingEntry.event_id == event_id)).one()
    return {"offered": int(offered or 0), "waiting": int(in_line or 0)}
