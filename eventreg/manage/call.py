"""The call for workshops: set it up, move its closing, see what is left to do before it opens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from eventreg.core import clock, i18n, times
from eventreg.core.access import requires
from eventreg.core.i18n import LANGS
from eventreg.core.refusals import Refused
from eventreg.manage import actors
from eventreg.manage.blueprint import bp
from eventreg.manage.forms_call import CallForm
from eventreg.manage.settings import as_typed, day_and_hour, time_left
from eventreg.manage.side import side
from eventreg.people.services import actor_of
from eventreg.proposals import calls, queries
from eventreg.proposals.models import Call

Answer = Response | str | tuple[str, int]

DONE = {
    "made": _l("The call is set up. Its page is public from now on, and says when it opens."),
    "saved": _l("The settings of the call are saved."),
}


@bp.route("/manage/call", methods=["GET", "POST"])
@requires("call.manage")
def call() -> Answer:
    """The dates in force, local and in UTC, and others; without a call, the form that sets one up."""
    now, here = clock.now(), queries.call_of(g.event.id)
    form = CallForm(data=(_as_typed(here) if here else {"grace": "5"}) if request.method == "GET" else None)
    if form.is_submitted() and (plan := form.call_plan(g.event.zone, now=now, call=here)) is not None:
        try:
            calls.set_call(g.event.id, plan, by=actor_of(g.viewer, "organiser"))
        except Refused as refused:
            form.refuse(refused.refusal)
        else:
            return redirect(url_for(".call", done="saved" if here else "made"), 303)
    page = render_template(
        "manage/call.html", side=side("call"), form=form, call=here, standing=_standing(here, now) if here else None,
        steps=_steps(here), is_open=bool(here) and now >= here.opens_at, done=DONE.get(request.args.get("done", "")),
        changed=actors.last_change(g.event.id, "call.made", "call.set", kind="call"),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def _as_typed(here: Call) -> dict[str, Any]:
    """The call in force as one would type it."""
    opens = datetime.fromisoformat(here.opens_local)
    notes = day_and_hour(here.notes_local) if here.notes_local else ("", "")
    numbers = {name: str(value) if value else "" for name, value in
               (("per_person", here.per_person), ("per_organisation", here.per_organisation))}  # fmt: skip
    return as_typed(here.closes_local, fold=here.closes_fold, grace=here.grace_minutes) | numbers | {
        "opens_day": f"{opens:%Y-%m-%d}", "opens_hour": f"{opens:%H:%M}" if (opens.hour, opens.minute) != (0, 0) else "",
        "results_on": here.results_on.isoformat() if here.results_on else "", "notes_day": notes[0], "notes_hour": notes[1],
        **{f"intro_{lang}": here.intro.as_dict().get(lang, "") for lang in LANGS},
    }  # fmt: skip


def _standing(here: Call, now: datetime) -> dict[str, Any]:
    """What is in force: the phase, the last moment, offsets, instants in UTC, the time left."""
    last, zone = times.last_minute(here.closes_at), g.event.zone
    return {
        "phase": queries.phase(here), "last": last, "offset": times.offset_text(last, zone),
        "opens_offset": times.offset_text(here.opens_at, zone), "opens_utc": i18n.utc_text(here.opens_at),
        "utc": i18n.utc_text(here.closes_at), "left": time_left(here.closes_at - now),
        "notes": times.last_minute(here.notes_at) if here.notes_at else None,
    }  # fmt: skip


def _steps(here: Call | None) -> list[tuple[str, bool, str]]:
    """What is left to do before the call opens: (what, whether it is done, where to do it)."""
    offer = queries.offer(g.event.id)
    is_offered = any(one.is_offered for one in offer.formats)
    names = [track.name for track in offer.tracks] + [one.name for one in offer.formats if one.is_offered]
    intro = here.intro.as_dict() if here else {}
    return [
        (_("Opening and closing"), here is not None, "#dates"),
        (_("Introduction in three languages"), all(intro.get(lang) for lang in LANGS), "#intro"),
        (_("Tracks"), bool(offer.tracks), url_for(".call_tracks")),
        (_("Formats"), is_offered, url_for(".call_formats")),
        (_("Names of tracks and formats in three languages"),
         bool(names) and all(name.as_dict().get(lang) for name in names for lang in LANGS), url_for(".call_formats")),
    ]  # fmt: skip
