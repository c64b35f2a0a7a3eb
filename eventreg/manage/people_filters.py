"""Filters of the list of people that have a name: keep one, rename it, share it, forget it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from eventreg.core import refusals
from eventreg.core.access import requires
from eventreg.core.refusals import Refused
from eventreg.manage import filters, saved_filters
from eventreg.manage.blueprint import bp
from eventreg.manage.models import SavedFilter
from eventreg.manage.people import may_see_needs, saved_url, words_of
from eventreg.manage.side import side

refusals.texts.update(
    {
        "filter.name_missing": _l("Give the filter a name."),
        "filter.name_long": _l("The name is too long: %(limit)s characters at most."),
        "filter.nothing": _l("There is no filter to keep: choose one in the list first."),
        "filter.too_many": _l("You have %(limit)s saved filters. Remove one before you keep another."),
        "filter.unknown": _l("There is no such filter any more."),
    }
)

DONE = {
    "saved": _l("The filter is kept. It stands above the search."),
    "changed": _l("The filter is changed."),
    "removed": _l("The filter is removed."),
}


@bp.get("/manage/people/filters")
@requires("participants.list")
def people_filters() -> str:
    """The filters that have a name, to rename and to remove."""
    return _page()


@bp.post("/manage/people/filters")
@requires("participants.list")
def filter_save() -> Any:
    """Keep the filter of the list under a name."""
    typed = dict(parse_qsl(request.form.get("filter", "")))
    wanted = filters.participant_filter(typed, may_see_needs=may_see_needs())
    name, is_shared = request.form.get("name", ""), request.form.get("share") == "1"
    try:
        saved_filters.save(g.event.id, name, wanted, filters.order(typed.get("sort", "")), is_shared=is_shared, by=g.viewer)
    except Refused as refused:
        return _page(trouble=refusals.say(refused.refusal), typed={"name": name, "filter": request.form.get("filter", "")}), 422
    return redirect(url_for("manage.people_filters", done="saved"), 303)


@bp.post("/manage/people/filters/<code>")
@requires("participants.list")
def filter_change(code: str) -> Any:
    """Another name, shared or not; or none of it any more."""
    form = request.form
    try:
        if form.get("act") == "remove":
            saved_filters.remove(g.event.id, code, by=g.viewer)
            return _done("removed")
        saved_filters.change(g.event.id, code, name=form.get("name", ""), is_shared=form.get("share") == "1", by=g.viewer)
    except Refused as refused:
        if refused.refusal.code == "filter.unknown":
            abort(404)
        return _page(trouble=refusals.say(refused.refusal)), 422
    return _done("changed")


def _done(what: str) -> Response:
    return redirect(url_for("manage.people_filters", done=what), 303)


def _page(trouble: str = "", typed: dict[str, str] | None = None) -> str:
    found = saved_filters.visible(g.event.id, g.viewer)
    return render_template(
        "manage/people_filters.html", side=side("people"), rows=[_row(saved) for saved in found], trouble=trouble,
        typed=typed, done=DONE.get(request.args.get("done", "")),
    )  # fmt: skip


def _row(saved: SavedFilter) -> dict[str, Any]:
    """A filter is read like any address: what its reader may not ask for is not in it."""
    wanted = filters.participant_filter(saved.args, may_see_needs=may_see_needs())
    return {
        "saved": saved, "url": saved_url(saved), "words": list(words_of(wanted).values()),
        "is_mine": saved.person_id == g.viewer.id,
    }  # fmt: skip
