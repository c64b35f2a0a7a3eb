"""Which organisations are noted down? Search, filters, pages, a table to take away; and the names nobody noted down yet."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from eventreg.core import clock, tables
from eventreg.core.access import requires
from eventreg.core.audit import Actor
from eventreg.core.forms import PageForm
from eventreg.core.i18n import RTL, local, page_lang
from eventreg.core.refusals import Refused, say
from eventreg.manage import organisation_queries as queries
from eventreg.manage import sorted_pages
from eventreg.manage.blueprint import bp
from eventreg.manage.fields import one_line
from eventreg.manage.filters import Order
from eventreg.manage.forms_organisations import LEVEL, OrganisationFilterForm, choices_of
from eventreg.manage.organisation_queries import OrganisationFilter
from eventreg.manage.people import pieces
from eventreg.manage.side import side
from eventreg.manage.sorted_pages import SortedPage
from eventreg.people.directory import Holders
from eventreg.registration import labels
from eventreg.registration import organisations as registered

DEFAULT = Order()
TYPED_PAGE = 50


def organiser() -> Actor:
    """Who acts on these pages."""
    return Actor("organiser", g.viewer.code)


def holders() -> Holders:
    """The rooms that hold links to organisations (wiring.HOLDERS)."""
    found: Holders = current_app.extensions["eventreg.holders"]
    return found


@bp.get("/manage/orgs", endpoint="organisations")
@requires("organisations.manage")
def list_organisations() -> str:
    """The organisations, filtered and sorted as the address says, with the people of this meeting."""
    wanted, order = queries.wanted_of(request.args), queries.order_of(request.args.get("sort", ""))
    listed = queries.in_order(g.event.id, wanted, order, lang=page_lang())
    page = sorted_pages.page(listed, sorted_pages.cursor_of(request.args))
    present = queries.countries_present()
    return render_template(
        "manage/organisations.html", side=side("organisations"), page=page, pages=_pages(page, wanted, order),
        form=OrganisationFilterForm.of(wanted, present=[*present, *filter(None, [wanted.country])]),
        sort=order.as_arg() if order != DEFAULT else "", sorts=_sorts(wanted, order), chips=_chips(wanted, order),
        exports=[(kind.upper(), _url(wanted, order, "organisations_export", kind=kind)) for kind in ("csv", "xlsx")],
        typed=queries.how_many_typed(g.event.id), sector=labels.CATEGORY, level=LEVEL,
    )  # fmt: skip


@bp.get("/manage/orgs.<any(csv,xlsx):kind>")
@requires("organisations.manage", kinds=("kind",))
def organisations_export(kind: str) -> Response:
    """The filtered list as a file, with every column that an import reads."""
    wanted, order = queries.wanted_of(request.args), queries.order_of(request.args.get("sort", ""))
    rows = queries.table(g.event.id, wanted, order, lang=page_lang())
    name = f"organisations-{local(clock.now()):%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    if kind == "csv":
        file, content_type = tables.csv_file(queries.COLUMNS, rows), tables.CSV_TYPE
    else:
        file = tables.xlsx(queries.COLUMNS, rows, title=_("Organisations"), is_rtl=page_lang() in RTL)
        content_type = tables.XLSX_TYPE
    return Response(pieces(file), content_type=content_type, headers=headers, direct_passthrough=True)


def _url(wanted: OrganisationFilter, order: Order, endpoint: str = "organisations", **more: str) -> str:
    sort = {"sort": order.as_arg()} if order != DEFAULT else {}
    return url_for(f"manage.{endpoint}", **wanted.as_args(), **sort, **more)


def _pages(page: SortedPage, wanted: OrganisationFilter, order: Order) -> dict[str, Any]:
    ends = page.rows[0][0].code if page.first > 1 else "", page.rows[-1][0].code if page.last < page.total else ""
    return {
        "first": page.first, "last": page.last, "total": page.total,
        "prev_url": _url(wanted, order, before=ends[0]) if ends[0] else None,
        "next_url": _url(wanted, order, after=ends[1]) if ends[1] else None,
    }  # fmt: skip


def _sorts(wanted: OrganisationFilter, order: Order) -> dict[str, tuple[str, str | None]]:
    """For each column that sorts: the address that sorts by it (again: the other way), and how it is sorted now."""
    found: dict[str, tuple[str, str | None]] = {}
    for by in queries.SORTS:
        is_current = by == order.by
        direction = ("descending" if order.is_descending else "ascending") if is_current else None
        is_descending = not order.is_descending if is_current else by == "people"  # the most first
        found[by] = (_url(wanted, Order(by, is_descending)), direction)
    return found


def _chips(wanted: OrganisationFilter, order: Order) -> list[tuple[str, str]]:
    """The filters in force, each with the address without it."""
    known, found = choices_of([wanted.country] if wanted.country else []), []
    for name, value in wanted.as_args().items():
        label = _("Search: %(words)s", words=value) if name == "q" else dict(known.get(name, [])).get(value, value)
        found.append((label, _url(wanted.without(name), order)))
    return found


# ---- typed names -----------------------------------------------------------------------------------------------------


@bp.get("/manage/orgs/typed")
@requires("organisations.manage")
def typed_names() -> str:
    """Names that people of this meeting typed and that match no organisation, the most frequent first."""
    words = one_line(request.args.get("q"))[:100]
    found = queries.typed_names(g.event.id, words)
    number = _page_number(request.args.get("page", ""), len(found))
    first = (number - 1) * TYPED_PAGE
    rows = found[first : first + TYPED_PAGE]
    turn = {"prev_url": number > 1 and number - 1, "next_url": first + TYPED_PAGE < len(found) and number + 1}
    pages = {name: url_for("manage.typed_names", q=words or None, page=to) if to else None for name, to in turn.items()}
    return render_template(
        "manage/organisations_typed.html", side=side("organisations"), rows=rows, words=words, sector=labels.CATEGORY,
        pages=pages | {"first": first + 1, "last": first + len(rows), "total": len(found)}, done=_linked(request.args),
    )  # fmt: skip


def _page_number(typed: str, total: int) -> int:
    last = max(1, -(-total // TYPED_PAGE))
    return min(last, max(1, int(typed))) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1


def _linked(args: Any) -> str:
    """What linking did, in words; '' when nothing was done."""
    number = args.get("linked", "")
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        return ""
    return str(ngettext("%(num)s registration was linked.", "%(num)s registrations were linked.", int(number)))


@bp.route("/manage/orgs/typed/one", methods=["GET", "POST"])
@requires("organisations.manage")
def typed_name() -> Any:
    """One typed name: who typed it, and which organisation it may be; chosen, its registrations are linked."""
    name, country = one_line(request.values.get("name"))[:1000], request.values.get("country", "")[:2]
    people = queries.who_typed(g.event.id, name, country) if name and country else []
    form, trouble = PageForm(), ""
    if form.is_submitted() and people:
        try:
            code = request.form.get("organisation", "")
            number = registered.link_typed(g.event.id, name, country, code, holders=holders(), by=organiser())
        except Refused as refused:
            trouble = say(refused.refusal)
        else:
            return redirect(url_for("manage.typed_names", linked=number), 303)
    words = one_line(request.values.get("q"))[:100]
    page = render_template(
        "manage/organisation_typed.html", side=side("organisations"), name=name, country=country, people=people, words=words,
        found=queries.search(words or name, country=country) if people else [], trouble=trouble, sector=labels.CATEGORY,
        chosen=request.form.get("organisation", ""), state=labels.STATE,
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200
