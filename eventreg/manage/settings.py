"""When does registration close? The deadline in force, and another one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from eventreg.core import clock, i18n, times
from eventreg.core.access import requires
from eventreg.core.audit import Actor
from eventreg.core.refusals import Refused
from eventreg.events.models import Event
from eventreg.manage import actors
from eventreg.manage.blueprint import bp
from eventreg.manage.forms_settings import DeadlineForm
from eventreg.manage.side import side
from eventreg.registration import drafts, rules
from eventreg.registration import queries as registration

Answer = Response | str | tuple[str, int]


def _organiser() -> Actor:
    return Actor("organiser", g.viewer.code)


# ---- deadline ------------------------------------------------------------------------------------------------------


@bp.route("/manage/settings/deadline", methods=["GET", "POST"])
@requires("event.deadline")
def deadline() -> Answer:
    """The deadline in force, in local time and UTC, and another one with its reason."""
    now = clock.now()
    kept = as_typed(g.event.closes_local, fold=g.event.closes_fold, grace=g.event.grace_minutes)
    form = DeadlineForm(data=kept if request.method == "GET" else None)
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


def as_typed(closes_local: str, *, fold: int, grace: int) -> dict[str, Any]:
    """A closing in force as one would type it: a midnight is the end of the day before."""
    day, hour = day_and_hour(closes_local)
    return {"day": day, "hour": hour, "which": str(fold), "grace": str(grace)}


def day_and_hour(bound: str) -> tuple[str, str]:
    """The day and the hour that one would type for an exclusive local bound."""
    closes = datetime.fromisoformat(bound)
    is_midnight = (closes.hour, closes.minute, closes.second) == (0, 0, 0)
    day = closes - timedelta(days=1) if is_midnight else closes
    return f"{day:%Y-%m-%d}", "" if is_midnight else f"{closes:%H:%M}"


def _standing(event: Event, now: datetime) -> dict[str, Any]:
    """What is in force: the last moment, its offset, the instant in UTC, the time left, who moved it last."""
    last = times.last_minute(event.closes_at)
    phase = rules.phase(registration.window(event), now)
    return {
        "phase": "open" if phase == "before" else phase, "last": last,
        "offset": times.offset_text(last, event.zone),
        "utc": i18n.utc_text(event.closes_at), "left": time_left(event.closes_at - now) or _("Registration is closed."),
        "changed": actors.last_change(event.id, "event.deadline_moved"),
    }  # fmt: skip


def time_left(left: timedelta) -> str:
    """How long something is still open, in words; '' when it is over."""
    if left <= timedelta():
        return ""
    if left >= timedelta(days=2):
        return str(ngettext("%(num)s day left.", "%(num)s days left.", left.days))
    if left >= timedelta(hours=2):
        return str(ngettext("%(num)s hour left.", "%(num)s hours left.", int(left / timedelta(hours=1))))
    minutes = max(1, int(left / timedelta(minutes=1)))
    return str(ngettext("%(num)s minute left.", "%(num)s minutes left.", minutes))
