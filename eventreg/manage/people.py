"""Who takes part? One search box, filters, pages, and the same list as a table to take away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlencode

from flask import Response, g, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from eventreg.core import access, clock, downloads, tables
from eventreg.core.access import requires
from eventreg.core.i18n import RTL, local, page_lang
from eventreg.manage import exports, filters, forms_bulk, queries, saved_filters
from eventreg.manage.blueprint import bp
from eventreg.manage.filters import Order, ParticipantFilter
from eventreg.manage.forms import FilterForm, choices_of
from eventreg.manage.models import SavedFilter
from eventreg.manage.queries import Cursor, ParticipantsPage
from eventreg.manage.side import side
from eventreg.people import session
from eventreg.people.services import actor_of
from eventreg.registration import labels, needs

DEFAULT = Order()


@bp.get("/manage/people")
@requires("participants.list")
def people() -> str:
    """The list of people, filtered and sorted as the address says."""
    wanted, order = _wanted(), order_asked()
    if wanted.needs:
        _told_whose_needs(wanted)
    page = queries.participants_page(g.event.id, wanted, order=order, lang=page_lang(), cursor=_cursor())
    present = queries.countries_present(g.event.id)
    form = FilterForm.of(wanted, days=g.event.days, present=present, sees_needs=may_see_needs())
    return render_template(
        "manage/people.html", side=side("people"), page=page, pages=_pages(page, wanted, order), form=form,
        wanted=wanted, sort=order.as_arg() if order != DEFAULT else "", sorts=_sorts(wanted, order),
        chips=_chips(wanted, order), exports=_exports(wanted, order), labels=labels, told=_told(wanted),
        may_bulk=access.allows("participants.bulk"), bulk_kinds=[*forms_bulk.TITLE.items(), *forms_bulk.READING.items()],
        saved=_saved(wanted, order), may_save=bool(wanted.as_args()) and not wanted.codes, query=urlencode(_args(wanted, order)),
    )  # fmt: skip


def _told_whose_needs(wanted: ParticipantFilter) -> None:
    """Who has needs is sensitive, too: looking at the list of them is written down."""
    rows = queries.how_many(g.event.id, wanted)
    needs.listed(g.event.id, kind="list", rows=rows, by=actor_of(g.viewer, "organiser"))


@bp.get("/manage/people.<any(csv,xlsx):kind>")
@requires("participants.export", kinds=("kind",))
def people_export(kind: str) -> Response:
    """The filtered list as a file; who took it is written down first."""
    wanted, order = _wanted(), order_asked()
    exports.record_export(g.event.id, wanted, kind=kind, by=actor_of(g.viewer, "organiser"))
    rows = exports.participants(g.event.id, wanted, order=order, lang=page_lang())
    name = f"{g.event.slug}-participants-{local(clock.now()):%Y-%m-%d}.{kind}"
    if kind == "csv":
        file, content_type = tables.csv_file(exports.columns(g.event.id), rows), tables.CSV_TYPE
    else:
        is_rtl = page_lang() in RTL
        file = tables.xlsx(exports.columns(g.event.id), rows, title=_("People"), is_rtl=is_rtl)
        content_type = tables.XLSX_TYPE
    return downloads.attached(Response(pieces(file), content_type=content_type, direct_passthrough=True), name)


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """A file as it goes out, closed at its end."""
    with file:
        while piece := file.read(64 * 1024):
            yield piece


def may_see_needs() -> bool:
    """Access and dietary needs are for organisers with that scope who really signed in."""
    return access.allows("needs.read") and session.has_scope("needs") and session.is_full()


def _wanted() -> ParticipantFilter:
    return filters.participant_filter(request.args, may_see_needs=may_see_needs())


def _saved(wanted: ParticipantFilter, order: Order) -> list[dict[str, Any]]:
    """The filters that have a name, for the chips above the search."""
    here = _list_url(wanted, order)
    found = [(saved.name, saved_url(saved)) for saved in saved_filters.visible(g.event.id, g.viewer)]
    return [{"name": name, "url": url, "current": url == here} for name, url in found]


def saved_url(saved: SavedFilter) -> str:
    """The address of the list that a saved filter asks for: read anew, so that it holds nothing but a filter."""
    wanted = filters.participant_filter(saved.args, may_see_needs=may_see_needs())
    return _list_url(wanted, filters.order(saved.args.get("sort", "")))


def _told(wanted: ParticipantFilter) -> list[Markup]:
    """What of the address could not be followed."""
    names = FilterForm.names() | {"sort": _("Order"), "codes": _("People ticked")}
    told = [
        Markup.escape(_("“%(value)s” is unknown and was ignored (%(part)s).")) % {"value": _typed(value), "part": names[name]}
        for name, value in filters.ignored(request.args, wanted)
    ]
    if request.args.get("told") == "badges":
        told.append(Markup.escape(_("These are too many people to choose their badges one by one. Narrow the filter first.")))
    return told


def _typed(value: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(value)


def _cursor() -> Cursor | None:
    for name in ("after", "before"):
        code = request.args.get(name, "")
        if code.isascii() and code.isprintable() and 0 < len(code) <= 20:
            return Cursor(code, is_before=name == "before")
    return None


@dataclass(frozen=True)
class _Pages:
    """What the pagination shows."""

    first: int
    last: int
    total: int
    prev_url: str | None
    next_url: str | None


def _pages(page: ParticipantsPage, wanted: ParticipantFilter, order: Order) -> _Pages:
    prev_url = _list_url(wanted, order, before=page.rows[0].code) if page.has_before else None
    next_url = _list_url(wanted, order, after=page.rows[-1].code) if page.rows and page.has_after else None
    return _Pages(page.first, page.last, page.total, prev_url, next_url)


def _list_url(wanted: ParticipantFilter, order: Order, **more: str) -> str:
    return url_for("manage.people", **_args(wanted, order), **more)


def _args(wanted: ParticipantFilter, order: Order) -> dict[str, str]:
    return wanted.as_args() | ({"sort": order.as_arg()} if order != DEFAULT else {})


def _sorts(wanted: ParticipantFilter, order: Order) -> dict[str, tuple[str, str | None]]:
    """For each column that sorts: the address that sorts by it (again: the other way), and how it is sorted now."""
    found: dict[str, tuple[str, str | None]] = {}
    for by in filters.SORTS:
        is_current = by == order.by
        direction = ("descending" if order.is_descending else "ascending") if is_current else None
        turned = Order(by, is_current and not order.is_descending)
        found[by] = (_list_url(wanted, turned), direction)
    return found


def order_asked() -> Order:
    """The order that the address asks for."""
    return filters.order(request.args.get("sort", ""))


def _chips(wanted: ParticipantFilter, order: Order) -> list[tuple[str, str]]:
    """The filters in force, each with the address without it."""
    return [(words, _list_url(wanted.without(name), order)) for name, words in words_of(wanted).items()]


def words_of(wanted: ParticipantFilter) -> dict[str, str]:
    """Each part of a filter in words."""
    known = choices_of(days=g.event.days, present=[wanted.country] if wanted.country else [])
    asked = wanted.as_args().items()
    return {name: _said(name, value) or dict(known.get(name, [])).get(value, value) for name, value in asked}


def _said(name: str, value: str) -> str:
    if name == "q":
        return _("Search: %(words)s", words=value)
    if name == "codes":
        number = 0 if value == filters.NOBODY else len(value.split(","))
        return ngettext("%(num)d person chosen", "%(num)d people chosen", number)
    return ""


def _exports(wanted: ParticipantFilter, order: Order) -> list[tuple[str, str]]:
    args = _args(wanted, order)
    return [(kind.upper(), url_for("manage.people_export", kind=kind, **args)) for kind in ("csv", "xlsx")]
