"""Who takes part? One search box, filters, pages, and the same list as a table to take away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from flask import Response, g, render_template, request, url_for
from flask_babel import gettext as _

from eventreg.core import access, clock, tables
from eventreg.core.access import requires
from eventreg.core.i18n import RTL, local, page_lang
from eventreg.manage import exports, filters, queries
from eventreg.manage.blueprint import bp
from eventreg.manage.filters import Order, ParticipantFilter
from eventreg.manage.forms import FilterForm, choices_of
from eventreg.manage.queries import Cursor, ParticipantsPage
from eventreg.manage.side import side
from eventreg.people import session
from eventreg.people.services import actor_of
from eventreg.registration import labels

DEFAULT = Order()


@bp.get("/manage/people")
@requires("participants.list")
def people() -> str:
    """The list of people, filtered and sorted as the address says."""
    wanted, order = _wanted(), filters.order(request.args.get("sort", ""))
    page = queries.participants_page(g.event.id, wanted, order=order, lang=page_lang(), cursor=_cursor())
    present = queries.countries_present(g.event.id)
    form = FilterForm.of(wanted, days=g.event.days, present=present, sees_needs=may_see_needs())
    return render_template(
        "manage/people.html", side=side("people"), page=page, pages=_pages(page, wanted, order), form=form,
        wanted=wanted, sort=order.as_arg() if order != DEFAULT else "", sorts=_sorts(wanted, order),
        chips=_chips(wanted, order, present), exports=_exports(wanted, order), labels=labels,
    )  # fmt: skip


@bp.get("/manage/people.<any(csv,xlsx):kind>")
@requires("participants.export", kinds=("kind",))
def people_export(kind: str) -> Response:
    """The filtered list as a file; who took it is written down first."""
    wanted, order = _wanted(), filters.order(request.args.get("sort", ""))
    exports.record_export(g.event.id, wanted, kind=kind, by=actor_of(g.viewer, "organiser"))
    rows = exports.participants(g.event.id, wanted, order=order, lang=page_lang())
    name = f"{g.event.slug}-participants-{local(clock.now()):%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    if kind == "csv":
        file, content_type = tables.csv_file(exports.PARTICIPANT_COLUMNS, rows), tables.CSV_TYPE
    else:
        is_rtl = page_lang() in RTL
        file = tables.xlsx(exports.PARTICIPANT_COLUMNS, rows, title=_("People"), is_rtl=is_rtl)
        content_type = tables.XLSX_TYPE
    return Response(_pieces(file), content_type=content_type, headers=headers, direct_passthrough=True)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(64 * 1024):
            yield piece


def may_see_needs() -> bool:
    """Access and dietary needs are for organisers with that scope who really signed in."""
    return access.allows("needs.read") and session.has_scope("needs") and session.is_full()


def _wanted() -> ParticipantFilter:
    return filters.participant_filter(request.args, may_see_needs=may_see_needs())


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


def _chips(wanted: ParticipantFilter, order: Order, present: list[str]) -> list[tuple[str, str]]:
    """The filters in force, each with the address without it."""
    known = choices_of(days=g.event.days, present=[*present, *([wanted.country] if wanted.country else [])])
    found = []
    for name, value in wanted.as_args().items():
        label = _("Search: %(words)s", words=value) if name == "q" else dict(known.get(name, [])).get(value, value)
        found.append((label, _list_url(wanted.without(name), order)))
    return found


def _exports(wanted: ParticipantFilter, order: Order) -> list[tuple[str, str]]:
    args = _args(wanted, order)
    return [(kind.upper(), url_for("manage.people_export", kind=kind, **args)) for kind in ("csv", "xlsx")]
