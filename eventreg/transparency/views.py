"""What everyone may read: the list of meetings, a meeting's home page, its figures, what happens to data."""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from eventreg.core import audit, clock, downloads, times
from eventreg.core.access import requires
from eventreg.core.i18n import page_lang, wished_lang
from eventreg.events import queries as events_queries
from eventreg.proposals import queries as proposals
from eventreg.registration import attachments, labels, queries

bp = Blueprint("transparency", __name__)
root_bp = Blueprint("transparency_root", __name__)


@root_bp.get("/")
@requires("public.read")
def bare() -> AnyResponse:
    """No language in the address: the reader's own."""
    return _kept(redirect(url_for(".events", lang=wished_lang()), 302))


@root_bp.get("/<slug:bare_slug>/")
@root_bp.get("/<slug:bare_slug>/<path:rest>")
@requires("public.read")
def bare_event(bare_slug: str, rest: str = "") -> AnyResponse:
    """A meeting's address without a language: the reader's own, else the meeting's."""
    event = events_queries.by_slug(bare_slug) or abort(404)
    lang = wished_lang(event.default_lang)
    query = f"?{request.query_string.decode('ascii', 'ignore')}" if request.query_string else ""
    return _kept(redirect(url_for("transparency.home", lang=lang, event=event.slug) + rest + query, 302))


def _kept(response: AnyResponse) -> AnyResponse:
    response.vary.add("Accept-Language")
    return response


@root_bp.get("/<any(ar,fr,en):lang>/")
@requires("public.read")
def events() -> str:
    """The meetings of this installation."""
    return render_template("transparency/events.html", events=events_queries.all_events())


KEPT_PAGES = 64
_pages: OrderedDict[tuple[Any, ...], str] = OrderedDict()


@bp.get("/")
@requires("public.read")
def home() -> AnyResponse:
    """What, when, where, until when, and one button; the numbers so far.

    Whatever changes in a meeting adds a line to its audit chain: for strangers the page of a minute is made once per line.
    """
    key = (g.event.id, page_lang(), audit.head(g.event.id), clock.now().replace(second=0, microsecond=0), phase())
    is_common = g.viewer is None and not request.query_string  # the links to other languages carry a query on
    page = _pages.get(key) if is_common else None
    if page is None:
        page = _home_page()
        if is_common:
            _pages[key] = page
            if len(_pages) > KEPT_PAGES:
                _pages.popitem(last=False)
    response = make_response(page)
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie("lang", page_lang(), max_age=365 * 24 * 3600, samesite="Lax", httponly=True, secure=secure)
    return response


def _home_page() -> str:
    event = g.event
    standing = queries.standing(event.id)
    by_category, countries = queries.spread(event.id)
    call = g.call
    named = [(labels.CATEGORY.get(key, key), number) for key, number in by_category.items()]
    return render_template(
        "transparency/home.html", phase=phase(), standing=standing, by_category=named, confirmed=sum(by_category.values()),
        countries=countries, tracks=events_queries.tracks(event.id),
        late=queries.after_deadline(event.id) if phase() in {"grace", "closed"} else 0,
        days_left=days_left(), star=star(standing.limit or 0), call=call, call_phase=proposals.phase(call) if call else "",
    )  # fmt: skip


def star(limit: int) -> int:
    """How many places one star stands for, so that there are at most 1000 stars."""
    return max(1, -(-limit // 1000))


def phase() -> str:
    """before, open, soon, grace or closed."""
    return queries.phase(g.event, clock.now())


def days_left() -> int:
    """Whole days until registration closes, at least 0."""
    return max(0, (g.event.closes_at - clock.now()) // timedelta(days=1))


@bp.get("/event.ics")
@requires("public.read")
def calendar() -> Response:
    """The days of the meeting for a calendar."""
    response = make_response(attachments.meeting_ics(g.event, page_lang(), uid="meeting"))
    response.mimetype = "text/calendar"
    return downloads.attached(response, f"{g.event.slug}.ics")


@bp.get("/privacy/")
@requires("public.read")
def privacy() -> str:
    """Who sees what, why, and until when."""
    return render_template("transparency/privacy.html")


def _globals() -> dict[str, Any]:
    return {"last_minute": times.last_minute}


bp.app_context_processor(_globals)
