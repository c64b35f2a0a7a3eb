"""Which proposals were made? One search box, filters with their numbers, pages, and the same list as a table to take away."""

from __future__ import annotations

from typing import Any

from flask import Response, g, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from eventreg.core import clock, downloads, tables
from eventreg.core.access import requires
from eventreg.core.i18n import RTL, local, page_lang
from eventreg.manage import proposal_export as export
from eventreg.manage import proposal_filters as filters
from eventreg.manage import proposal_queries as queries
from eventreg.manage import sorted_pages
from eventreg.manage.blueprint import bp
from eventreg.manage.filters import Order
from eventreg.manage.forms_proposals import Counts, ProposalFilterForm, choices_of, words_of
from eventreg.manage.people import pieces
from eventreg.manage.proposal_filters import DEFAULT, ProposalFilter
from eventreg.manage.side import side
from eventreg.manage.sorted_pages import SortedPage
from eventreg.people.services import actor_of
from eventreg.proposals import labels, table
from eventreg.proposals import queries as proposals_queries
from eventreg.proposals.queries import Offer


@bp.get("/manage/proposals", endpoint="proposals")
@requires("proposals.list")
def list_proposals() -> str:
    """The proposals, filtered and sorted as the address says, with how many each filter would find."""
    offer = proposals_queries.offer(g.event.id)
    wanted, order = _wanted(offer), filters.order_of(request.args.get("sort", ""))
    listed = queries.in_order(g.event.id, wanted, order, g.viewer, lang=page_lang())
    page = sorted_pages.page(listed, sorted_pages.cursor_of(request.args))
    numbers = queries.counts(g.event.id, g.viewer)
    choices = choices_of(offer, {*filter(None, numbers.get("country", {})), *filter(None, [wanted.country])})
    return render_template(
        "manage/proposals.html", side=side("proposals"), page=page, pages=_pages(page, wanted, order), label=labels,
        form=ProposalFilterForm.of(wanted, choices, numbers), wanted=wanted, sort=order.as_arg() if order != DEFAULT else "",
        sorts=_sorts(wanted, order), states=_states(wanted, order, numbers), told=_told(wanted),
        chips=[(words, _url(wanted.without(name), order)) for name, words in words_of(wanted, choices).items() if name != "state"],
        exports=[(kind.upper(), _url(wanted, order, "proposals_export", kind=kind)) for kind in ("csv", "xlsx")],
        has_call=proposals_queries.call_of(g.event.id) is not None, is_filtered=bool(wanted.as_args()),
    )  # fmt: skip


@bp.get("/manage/proposals.<any(csv,xlsx):kind>")
@requires("proposals.export", kinds=("kind",))
def proposals_export(kind: str) -> Response:
    """The filtered list as a file, every text in it; who took it is written down first."""
    offer = proposals_queries.offer(g.event.id)
    wanted, order = _wanted(offer), filters.order_of(request.args.get("sort", ""))
    export.record(g.event.id, wanted, g.viewer, kind=kind, by=actor_of(g.viewer, "organiser"))
    columns, rows = table.columns(offer), export.rows(g.event.id, offer, wanted, order, g.viewer, lang=page_lang())
    name = f"{g.event.slug}-proposals-{local(clock.now()):%Y-%m-%d}.{kind}"
    if kind == "csv":
        file, content_type = tables.csv_file(columns, rows), tables.CSV_TYPE
    else:
        file = tables.xlsx(columns, rows, title=_("Proposals"), is_rtl=page_lang() in RTL)
        content_type = tables.XLSX_TYPE
    return downloads.attached(Response(pieces(file), content_type=content_type, direct_passthrough=True), name)


def _wanted(offer: Offer) -> ProposalFilter:
    tracks, formats = [track.slug for track in offer.tracks], [one.slug for one in offer.formats]
    return filters.wanted_of(request.args, tracks=tracks, formats=formats)


def _url(wanted: ProposalFilter, order: Order, endpoint: str = "proposals", **more: str) -> str:
    sort = {"sort": order.as_arg()} if order != DEFAULT else {}
    return url_for(f"manage.{endpoint}", **wanted.as_args(), **sort, **more)


def _pages(page: SortedPage, wanted: ProposalFilter, order: Order) -> dict[str, Any]:
    ends = page.rows[0][0].code if page.first > 1 else "", page.rows[-1][0].code if page.last < page.total else ""
    return {
        "first": page.first, "last": page.last, "total": page.total,
        "prev_url": _url(wanted, order, before=ends[0]) if ends[0] else None,
        "next_url": _url(wanted, order, after=ends[1]) if ends[1] else None,
    }  # fmt: skip


def _sorts(wanted: ProposalFilter, order: Order) -> dict[str, tuple[str, str | None]]:
    """For each column that sorts: the address that sorts by it (again: the other way), and how it is sorted now."""
    found: dict[str, tuple[str, str | None]] = {}
    for by in filters.SORTS:
        is_current = by == order.by
        direction = ("descending" if order.is_descending else "ascending") if is_current else None
        found[by] = (_url(wanted, Order(by, is_current and not order.is_descending)), direction)
    return found


def _states(wanted: ProposalFilter, order: Order, numbers: Counts) -> list[dict[str, Any]]:
    """The states that occur, each with its number, above the list: the first thing to choose by."""
    found = numbers.get("state", {})
    every = {"label": _("All"), "number": sum(found.values()), "url": _url(wanted.without("state"), order),
             "current": not wanted.state}  # fmt: skip
    return [every] + [
        {"label": words, "number": found.get(state, 0), "current": wanted.state == state,
         "url": _url(wanted.having("state", state), order)}
        for state, words in labels.STATE.items() if found.get(state) or wanted.state == state
    ]  # fmt: skip


def _told(wanted: ProposalFilter) -> list[Markup]:
    """What of the address could not be followed."""
    names = ProposalFilterForm.names() | {"sort": _("Order")}
    return [
        Markup.escape(_("“%(value)s” is unknown and was ignored (%(part)s)."))
        % {"value": Markup("<bdi>{}</bdi>").format(value), "part": names[name]}
        for name, value in filters.ignored(request.args, wanted)
    ]
