"""One organisation: what is noted of it, who comes from it, what happened to it; a new one, and changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select

from eventreg.core import audit, clock, countries, text
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import LANGS, LANGUAGE_NAMES, page_lang
from eventreg.core.refusals import Refused
from eventreg.manage import actors
from eventreg.manage import organisation_queries as queries
from eventreg.manage.blueprint import bp
from eventreg.manage.event_sentences import told
from eventreg.manage.fields import one_line
from eventreg.manage.forms_organisations import LEVEL, OrganisationForm
from eventreg.manage.merges import Past, merges_of
from eventreg.manage.organisations import holders, organiser
from eventreg.manage.side import side
from eventreg.people import directory, organisations
from eventreg.people import rules as people_rules
from eventreg.people.models import Organisation
from eventreg.people.organisation_rules import Plan
from eventreg.registration import labels, rules
from eventreg.registration import organisations as registered
from eventreg.registration.models import Registration

SHOWN = 50
DONE = {
    "added": _l("The organisation is noted down."),
    "changed": _l("The changes are saved."),
    "merged": _l("The two are merged."),
    "undone": _l("The merge is undone."),
}


@bp.get("/manage/orgs/<code>")
@requires("organisations.manage")
def organisation(code: str) -> Any:
    """What is noted of an organisation; the code of one that was merged leads to its survivor."""
    found = found_or_404(code)
    survivor = organisations.survivor(found)
    if survivor is not found:
        return redirect(url_for("manage.organisation", code=survivor.code, came_from=found.code))
    history = audit.history(None, "organisation", found.code)
    names, values = actors.names([line.actor for line in history], page_lang()), audit.values_of(history)
    return render_template(
        "manage/organisation.html", side=side("organisations"), it=found, groups=_groups(found), people=_people(found),
        numbers=_numbers(found), children=_children(found), merges=_merges(found), state=labels.STATE,
        history=[(line.at, names[line.actor], told(line, values.get(line.id, []))) for line in history],
        came_from=_came_from(found), done=done_words(request.args), merge_url=url_for("manage.merge", one=found.code),
    )  # fmt: skip


def found_or_404(code: str) -> Organisation:
    """The organisation with this code, also one that was merged."""
    return organisations.by_code(code.upper() if code.isascii() and len(code) <= 20 else "") or abort(404)


def done_words(args: Any) -> str:
    """What was just done, and how many registrations it linked or left."""
    words = str(DONE.get(args.get("done", ""), ""))
    for name in ("linked", "left"):
        number = args.get(name, "")
        if words and number.isascii() and number.isdigit() and int(number[:6]):
            words += " " + _number_words(name, int(number[:6]))
    if words and args.get("kept"):
        words += " " + _("What was changed since stays as it is now.")
    return words


def _number_words(name: str, number: int) -> str:
    if name == "linked":
        return str(ngettext("%(num)s registration was linked.", "%(num)s registrations were linked.", number))
    return str(
        ngettext(
            "%(num)s registration was changed since and stays where it is.",
            "%(num)s registrations were changed since and stay where they are.",
            number,
        )
    )


def _came_from(found: Organisation) -> str:
    """The code of a merged organisation that led here, as the reader may wonder."""
    code = request.args.get("came_from", "")
    before = organisations.by_code(code) if code.isascii() and 0 < len(code) <= 20 else None
    return before.code if before is not None and organisations.survivor(before) is found and before is not found else ""


Rows = list[tuple[str, Any]]


def _groups(found: Organisation) -> list[dict[str, Any]]:
    """What is noted, for the macro of answers."""
    parent = db.session.get(Organisation, found.parent_id) if found.parent_id else None
    names: Rows = [(LANGUAGE_NAMES[lang], getattr(found.name, lang)) for lang in LANGS]
    names += [(_("Acronym"), found.acronym), (_("Further names"), _(", ").join(organisations.aliases_of(found.id)))]
    facts: Rows = [
        (_("Country"), countries.name(found.country, page_lang())), (_("Sector"), labels.CATEGORY[found.sector]),
        *([(_("Level of government"), LEVEL.get(found.level, ""))] if found.sector == "government" else []),
        (_("Belongs to"), parent.name.in_(page_lang()) if parent else ""),
        (_("Suggested to everybody who registers"), _("Yes") if found.is_public else _("No")),
    ]  # fmt: skip
    return [{"title": _("Names"), "rows": names}, {"title": _("What it is"), "rows": facts}]


def _people(found: Organisation) -> list[Registration]:
    query = select(Registration).where(Registration.event_id == g.event.id, Registration.organisation_id == found.id)
    return list(db.session.scalars(query.order_by(Registration.sort_latin, Registration.id).limit(SHOWN)))


def _numbers(found: Organisation) -> dict[str, int]:
    """Registrations of this meeting, and how many of them are not over."""
    live = func.sum(func.coalesce(Registration.state.in_(tuple(rules.LIVE)).cast(db.Integer), 0))
    query = select(func.count(), live).where(Registration.event_id == g.event.id, Registration.organisation_id == found.id)
    every, alive = db.session.execute(query).one()
    return {"all": every, "live": int(alive or 0)}


def _children(found: Organisation) -> list[Organisation]:
    query = select(Organisation).where(Organisation.parent_id == found.id, Organisation.merged_into_id.is_(None))
    return list(db.session.scalars(query.order_by(Organisation.id).limit(SHOWN)))


def _merges(found: Organisation) -> list[Past]:
    return merges_of(clock.now(), target_id=found.id)


# ---- a new one, and changes ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Typed:
    """The name that people typed and that becomes an organisation; '' when there is none."""

    name: str
    country: str


def _typed() -> _Typed:
    return _Typed(one_line(request.values.get("typed"))[:1000], request.values.get("typed_country", "")[:2])


@bp.route("/manage/orgs/new", methods=["GET", "POST"])
@requires("organisations.manage")
def organisation_new() -> Any:
    """Note an organisation down; one that people typed takes up their registrations."""
    typed = _typed()
    form = OrganisationForm(data=_as_typed(typed) if request.method == "GET" else None)
    if form.is_submitted() and (plan := form.plan()) is not None:
        try:
            made, linked = _add(plan, typed)
        except Refused as refused:
            form.refuse(refused.refusal)
        else:
            return redirect(url_for("manage.organisation", code=made.code, done="added", linked=linked), 303)
    people = queries.who_typed(g.event.id, typed.name, typed.country) if typed.name and typed.country else []
    page = render_template(
        "manage/organisation_form.html", side=side("organisations"), form=form, it=None, typed=typed, people=len(people),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def _add(plan: Plan, typed: _Typed) -> tuple[Organisation, int]:
    if not typed.name or not typed.country:
        return directory.add(plan, by=organiser()), 0
    return registered.add_typed(g.event.id, typed.name, typed.country, plan, holders=holders(), by=organiser())


def _as_typed(typed: _Typed) -> dict[str, Any]:
    """The form filled as far as a typed name and its people tell."""
    field = "name_ar" if text.script_of(typed.name) == "arabic" else f"name_{'fr' if page_lang() == 'ar' else page_lang()}"
    sector = request.args.get("sector", "")
    return {field: typed.name, "country": typed.country, "sector": sector if sector in people_rules.SECTORS else ""}


@bp.route("/manage/orgs/<code>/edit", methods=["GET", "POST"])
@requires("organisations.manage")
def organisation_edit(code: str) -> Any:
    """Change what is noted of an organisation."""
    found = organisations.survivor(found_or_404(code))
    parent = db.session.get(Organisation, found.parent_id) if found.parent_id else None
    form = OrganisationForm.of(found, parent=parent.code if parent else "") if request.method == "GET" else OrganisationForm()
    if form.is_submitted() and (plan := form.plan()) is not None:
        try:
            directory.change(found.code, plan, holders=holders(), by=organiser())
        except Refused as refused:
            form.refuse(refused.refusal)
        else:
            return redirect(url_for("manage.organisation", code=found.code, done="changed"), 303)
    page = render_template(
        "manage/organisation_form.html", side=side("organisations"), form=form, it=found, typed=_Typed("", ""),
        people=_numbers(found)["live"],
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200
