"""What the call offers to choose from: formats with their length, tracks with their colour and pattern."""

from __future__ import annotations

from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from eventreg.core import refusals
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.refusals import Refused
from eventreg.events import queries as events_queries
from eventreg.events import services as events
from eventreg.events.models import Track
from eventreg.manage import actors
from eventreg.manage.blueprint import bp
from eventreg.manage.forms_call import FormatsForm, TrackForm, pressed
from eventreg.manage.side import side
from eventreg.people.services import actor_of
from eventreg.proposals import calls, queries
from eventreg.proposals.models import Proposal

Answer = Response | str | tuple[str, int]

DONE = {
    "formats": _l("The formats are saved."),
    "added": _l("The track is added."),
    "changed": _l("The track is changed."),
    "moved": _l("The track has another place."),
    "removed": _l("The track is removed."),
}
_TRACK_ACTIONS = ("event.tracks_set", "event.track_added", "event.track_changed", "event.track_moved", "event.track_removed")


# ---- formats ---------------------------------------------------------------------------------------------------------


@bp.route("/manage/call/formats", methods=["GET", "POST"])
@requires("call.manage")
def call_formats() -> Answer:
    """The formats on one page: names, lengths, order, whether each is offered; two empty lines for more."""
    formats = queries.formats(g.event.id, all_of_them=True)
    form = FormatsForm.made(formats)
    refusal = ""
    if form.is_submitted() and (plans := form.plans()) is not None:
        try:
            calls.set_formats(g.event.id, plans, by=actor_of(g.viewer, "organiser"))
            return redirect(url_for(".call_formats", done="formats"), 303)
        except Refused as refused:
            refusal = refusals.say(refused.refusal)
    page = render_template(
        "manage/call_formats.html", side=side("call"), form=form, refusal=refusal, chosen=_chosen(Proposal.format_id),
        ids={one.slug: one.id for one in formats}, done=DONE.get(request.args.get("done", "")),
        changed=actors.last_change(g.event.id, "call.formats_set"),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def _chosen(column: Any) -> dict[int, int]:
    """How many proposals chose each."""
    query = select(column, func.count()).where(Proposal.event_id == g.event.id, column.is_not(None)).group_by(column)
    return {int(row[0]): int(row[1]) for row in db.session.execute(query)}


# ---- tracks ----------------------------------------------------------------------------------------------------------


@bp.get("/manage/call/tracks")
@requires("call.manage")
def call_tracks() -> str:
    """The tracks in their order, each as people see it."""
    return _tracks_page()


@bp.post("/manage/call/tracks")
@requires("call.manage")
def call_tracks_do() -> Answer:
    """Move a track, or remove one that nobody uses: "up:t1", "down:t1", "remove:t1"."""
    do, slug = pressed()
    by = actor_of(g.viewer, "organiser")
    try:
        if do in ("up", "down"):
            events.move_track(g.event.id, slug, up=do == "up", by=by)
        elif do == "remove":
            calls.remove_track(g.event.id, slug, by=by)
        else:
            abort(400)
    except Refused as refused:
        return _tracks_page(refusals.say(refused.refusal)), 409
    return redirect(url_for(".call_tracks", done="removed" if do == "remove" else "moved"), 303)


@bp.route("/manage/call/tracks/new", methods=["GET", "POST"])
@requires("call.manage")
def call_track_new() -> Answer:
    """One more track."""
    unused = events.LOOKS[len(events_queries.tracks(g.event.id)) % len(events.LOOKS)]
    return _keep(TrackForm(data={"look": unused} if request.method == "GET" else None), None)


@bp.route("/manage/call/tracks/<slug>", methods=["GET", "POST"])
@requires("call.manage")
def call_track(slug: str) -> Answer:
    """Another name, summary, colour and pattern."""
    track = next((one for one in events_queries.tracks(g.event.id) if one.slug == slug), None) or abort(404)
    return _keep(TrackForm(data=TrackForm.of(track) if request.method == "GET" else None), track)


def _keep(form: TrackForm, track: Track | None) -> Answer:
    refusal, by = "", actor_of(g.viewer, "organiser")
    if form.is_submitted() and (plan := form.plan()) is not None:
        try:
            if track is None:
                events.add_track(g.event.id, plan, by=by)
            else:
                events.change_track(g.event.id, track.slug, plan, by=by)
            return redirect(url_for(".call_tracks", done="changed" if track else "added"), 303)
        except Refused as refused:
            refusal = refusals.say(refused.refusal)
    page = render_template("manage/call_track.html", side=side("call"), form=form, track=track, refusal=refusal)
    return page, 422 if form.is_submitted() else 200


def _tracks_page(refusal: str = "") -> str:
    return render_template(
        "manage/call_tracks.html", side=side("call"), tracks=events_queries.tracks(g.event.id), chosen=_chosen(Proposal.track_id),
        refusal=refusal, done=DONE.get(request.args.get("done", "")), changed=actors.last_change(g.event.id, *_TRACK_ACTIONS),
    )  # fmt: skip
