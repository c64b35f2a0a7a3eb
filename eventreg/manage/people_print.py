"""The list of people on paper: for a table at the entrance, for a telephone. A page that prints well, in every script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from flask import g, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eventreg.core import clock, text
from eventreg.core.access import requires
from eventreg.core.i18n import page_lang
from eventreg.manage import exports, filters, queries
from eventreg.manage.blueprint import bp
from eventreg.manage.filters import ParticipantFilter
from eventreg.manage.people import may_see_needs, order_asked, words_of
from eventreg.people.services import actor_of
from eventreg.registration import labels
from eventreg.registration.models import Registration

PRESETS = {"attendance": _l("Attendance sheet"), "contact": _l("Contact list")}
COLUMNS = {
    "attendance": ("name", "organisation", "category", "country"),
    "contact": ("name", "organisation", "position", "phone", "email"),
}
LABEL = {
    "name": _l("Name"), "organisation": _l("Organisation"), "category": _l("Category"), "country": _l("Country"),
    "position": _l("Position"), "phone": _l("Phone"), "email": _l("E-mail address"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A line on paper: its number, the name in the script of the page, in the other one, and the rest."""

    number: int
    name: str
    other: str
    registration: Registration
    email: str


@bp.get("/manage/people/print")
@requires("participants.export")
def people_print() -> str:
    """The filtered list for paper; who took it is written down first, as with a file."""
    wanted = filters.participant_filter(request.args, may_see_needs=may_see_needs())
    preset = request.args.get("preset", "") if request.args.get("preset") in PRESETS else "attendance"
    is_lettered, is_signed = (request.args.get(name) == "1" for name in ("letters", "signature"))
    exports.record_export(g.event.id, wanted, kind="print", by=actor_of(g.viewer, "organiser"))
    rows = list(_rows(wanted))
    return render_template(
        "manage/people_print.html", preset=preset, presets=PRESETS, columns=COLUMNS[preset], label=LABEL,
        groups=_groups(rows, is_lettered=is_lettered), is_lettered=is_lettered, is_signed=is_signed, total=len(rows),
        kept=wanted.as_args(), sort=request.args.get("sort", ""), said=words_of(wanted), now=clock.now(),
        category=labels.CATEGORY, people_url=url_for("manage.people", **wanted.as_args()),
    )  # fmt: skip


def _rows(wanted: ParticipantFilter) -> Iterator[Row]:
    lang = page_lang()
    found = queries.in_order(g.event.id, wanted, order=order_asked(), lang=lang)
    for number, (registration, email) in enumerate(found, start=1):
        name = registration.name_in(lang)
        names = (registration.name_latin, registration.name_arabic)
        other = next((one for one in names if one and one != name), "")
        yield Row(number, name, other, registration, email)


def _groups(rows: list[Row], *, is_lettered: bool) -> list[tuple[str, list[Row]]]:
    """The rows under the letter with which the name begins, or all of them under none."""
    if not is_lettered:
        return [("", rows)] if rows else []
    return [(letter, list(found)) for letter, found in groupby(rows, key=lambda row: _letter(row.name))]


def _letter(name: str) -> str:
    folded = text.fold(name)
    return folded[0].upper() if folded else _("Other names")
