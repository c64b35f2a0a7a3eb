"""What a reviewer says of themselves: what they read and know, and what ties them to those who propose."""

from __future__ import annotations

from typing import Any

from flask import abort, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from eventreg.core import refusals, text
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import LANGS
from eventreg.core.refusals import Refused
from eventreg.core.searching import matches
from eventreg.events import queries as events
from eventreg.people.models import Organisation, OrganisationName
from eventreg.reviewing import conflicts, labels, queries, reviewers
from eventreg.reviewing.blueprint import bp
from eventreg.reviewing.conflicts import TiePlan

MOST_SHOWN = 40


@bp.get("/review/profile")
@requires("review.write")
def profile() -> str:
    """Which languages the viewer reads, how well they know each track."""
    return _profile()


def _profile(refusal: str = "") -> str:
    reviewer = queries.reviewer(g.event.id, g.viewer.id) or abort(404)
    return render_template(
        "reviewing/profile.html", reviewer=reviewer, tracks=events.tracks(g.event.id), langs=LANGS, label=labels, refusal=refusal
    )


@bp.post("/review/profile")
@requires("review.write")
def say_profile() -> str | Response:
    """Keep it, then go on to the ties where nobody has looked through them yet."""
    reviewer = queries.reviewer(g.event.id, g.viewer.id) or abort(404)
    levels = {track.slug: request.form.get(f"track_{track.slug}", "") for track in events.tracks(g.event.id)}
    known = {slug: int(level) for slug, level in levels.items() if level in ("0", "1", "2")}
    try:
        reviewers.say_profile(g.event.id, g.viewer.id, languages=request.form.getlist("languages"), tracks=known)
    except Refused as refused:
        return make_response(_profile(refusals.say(refused.refusal)), 422)
    return redirect(url_for(".home", done="profile") if reviewer.ties_at else url_for(".ties"), 303)


@bp.get("/review/conflicts")
@requires("conflict.own")
def ties() -> str:
    """The directory to tick in, by search; the ties that the viewer has."""
    return _ties()


def _ties(**more: Any) -> str:
    typed = text.clean_line(request.values.get("q", "")[:200])
    found, total = _directory(typed)
    return render_template(
        "reviewing/ties.html", typed=typed, found=found, more=max(0, total - MOST_SHOWN), label=labels,
        ties=conflicts.ties_of(g.event.id, g.viewer.id), reviewer=queries.reviewer(g.event.id, g.viewer.id),
        done=request.args.get("done", ""), **more,
    )  # fmt: skip


def _directory(typed: str) -> tuple[list[Organisation], int]:
    """Organisations of the directory whose names hold what was typed, all when nothing was: whether they propose or not."""
    query = select(Organisation).where(Organisation.merged_into_id.is_(None)).order_by(Organisation.sort_en, Organisation.id)
    if typed:
        named = select(OrganisationName.organisation_id).where(matches(OrganisationName.key, typed))
        query = query.where(Organisation.id.in_(named))
    found = list(db.session.scalars(query.limit(500)))
    return found[:MOST_SHOWN], len(found)


@bp.post("/review/conflicts")
@requires("conflict.own")
def declare_ties() -> str | Response:
    """Declare ties to the organisations ticked, and to one by its name; or say that all is said."""
    if request.form.get("do") == "none":
        conflicts.look_through(g.event.id, g.viewer.id)
        return redirect(url_for(".ties", done="looked"), 303)
    kind, name = request.form.get("kind", ""), text.clean_line(request.form.get("name", "")[:200])
    codes = request.form.getlist("organisation")[:MOST_SHOWN]
    chosen = db.session.scalars(select(Organisation).where(Organisation.code.in_(codes))).all() if codes else []
    plans = [TiePlan(kind, organisation_id=one.id) for one in chosen] + ([TiePlan(kind, organisation_name=name)] if name else [])
    try:
        conflicts.declare(g.event.id, g.viewer.id, plans or [TiePlan(kind)], by=g.viewer.id)
    except Refused as refused:
        said = refusals.say(refused.refusal)
        return make_response(_ties(refusal=said, name=name, ticked=codes, kind=kind), 422)
    return redirect(url_for(".ties", done="declared", q=request.form.get("q") or None), 303)


DONE = {
    "declared": lambda: _("The tie is declared. Proposals that it touches are hidden from you from now on."),
    "looked": lambda: _("Thank you: your declaration is complete. You can add to it at any time."),
}
bp.add_app_template_global(lambda key: DONE[key]() if key in DONE else "", "tie_done")
