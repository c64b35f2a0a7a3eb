"""How many places are there, for whom, and how many are taken? Every limit on one page, and one more."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from eventreg.core import countries, i18n
from eventreg.core.access import requires
from eventreg.manage import actors, limits
from eventreg.manage.blueprint import bp
from eventreg.manage.forms_limits import LimitsForm
from eventreg.manage.side import side
from eventreg.people.services import actor_of
from eventreg.registration import limit_words, queries
from eventreg.registration.rules import LIMIT_KINDS, LimitKey

Answer = Response | str | tuple[str, int]


@bp.route("/manage/settings/limits", methods=["GET", "POST"], endpoint="limits")
@requires("event.deadline")
def limits_page() -> Answer:
    """Every limit, how much of it is taken, how many wait who count under it; others, and one more."""
    possible = limits.possible(g.event, [code for code, _name in countries.choices(i18n.page_lang())])
    states = limits.states(g.event.id, limits.shown(g.event.id))
    form = LimitsForm.made(states, possible)
    if form.is_submitted() and (wanted := form.limits(possible)) is not None:
        added = [limit for limit in wanted if limit not in states]
        if form.may_lower(wanted, states | (limits.states(g.event.id, added) if added else {})):
            offered = limits.change(g.event.id, wanted, by=actor_of(g.viewer, "organiser"))
            return redirect(url_for("manage.limits", offered=offered), 303)
    page = render_template(
        "manage/limits.html", side=side("limits"), form=form, groups=_groups(form, states),
        done=_offers(request.args.get("offered", "")),
        changed=actors.last_change(g.event.id, "event.limit_set"), waiting=states["event", ""].waiting,
        asks_gender=queries.form_of(g.event.id).asks("gender"),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def _groups(form: LimitsForm, states: dict[LimitKey, limits.PoolState]) -> list[dict[str, Any]]:
    """The fields by kind, each with how full its limit is."""
    return [
        {
            "kind": kind, "title": limit_words.KIND[kind],
            "fields": [
                (form.field_of(limit), _how_full(state), state) for limit, state in states.items() if limit[0] == kind
            ],
        }
        for kind in LIMIT_KINDS
    ]  # fmt: skip


def _how_full(state: limits.PoolState) -> str:
    if state.limit is None:
        return str(ngettext("%(num)s place is taken. No limit.", "%(num)s places are taken. No limit.", state.taken))
    taken, limit = i18n.number(state.taken), i18n.number(state.limit)
    if state.is_over:
        return _(
            "%(taken)s of %(limit)s places are taken: everybody keeps their place, and nobody gets one until fewer "
            "than %(limit)s are taken.", taken=taken, limit=limit,
        )  # fmt: skip
    return _("%(taken)s of %(limit)s places are taken.", taken=taken, limit=limit)


def _offers(number: str) -> str:
    """What the new limits did to the waiting list, '' when nothing was saved."""
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        return ""
    if number == "0":
        return _("The limits are saved. Nobody of the waiting list was offered a place.")
    return str(
        ngettext(
            "The limits are saved. %(num)s person of the waiting list was offered a place.",
            "The limits are saved. %(num)s people of the waiting list were offered a place.",
            int(number),
        )
    )
