"""Which two organisations are one? Probable twins, what would move, the merge itself, and the way back for 30 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from eventreg.core import clock, countries
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import LANGUAGE_NAMES, page_lang
from eventreg.core.questions.judging import field_name
from eventreg.core.refusals import Refusal, Refused, say
from eventreg.manage import actors
from eventreg.manage import organisation_queries as queries
from eventreg.manage.blueprint import bp
from eventreg.manage.fields import one_line, refuse
from eventreg.manage.forms_organisations import LEVEL, REASON, MergeForm
from eventreg.manage.organisations import holders, organiser
from eventreg.manage.sentences import fields
from eventreg.manage.side import side
from eventreg.people import merging, organisations
from eventreg.people.models import Organisation, OrganisationMerge
from eventreg.registration import labels
from eventreg.registration import organisations as registrations
from eventreg.registration.models import Registration

SHOWN_MERGES = 50


@dataclass(frozen=True)
class Past:
    """A merge as listed: both organisations, when, by whom, and whether it can still be undone."""

    made: OrganisationMerge
    source: Organisation
    target: Organisation
    by: str
    can_undo: bool


def merges_of(now: datetime, *, target_id: int | None = None) -> list[Past]:
    """The newest merges, of one survivor or of all."""
    source, target = aliased(Organisation), aliased(Organisation)
    query = (
        select(OrganisationMerge, source, target)
        .join(source, source.id == OrganisationMerge.source_id)
        .join(target, target.id == OrganisationMerge.target_id)
        .order_by(OrganisationMerge.id.desc())
        .limit(SHOWN_MERGES)
    )
    if target_id is not None:
        query = query.where(OrganisationMerge.target_id == target_id)
    rows = db.session.execute(query).all()
    names = actors.names([made.merged_by for made, _source, _target in rows], page_lang())
    return [Past(made, *pair, names[made.merged_by], merging.why_not_undo(made, pair[1], now) is None) for made, *pair in rows]


@dataclass(frozen=True)
class Card:
    """One of the two as the page shows it: names, what it is, and what hangs on it."""

    it: Organisation
    aliases: list[str]
    parent: str
    people: int  # registrations of this meeting
    elsewhere: int  # of other meetings
    children: int


@bp.get("/manage/orgs/merge")
@requires("organisations.manage")
def merge() -> str:
    """Without two organisations: probable twins and past merges. With one: find the other. With two: what would move."""
    one, other = _chosen("one"), _chosen("other")
    if one is None:
        return _twins_page()
    if other is None or other is one:
        return _find_page(one)
    form = MergeForm(formdata=None, data=_proposed(one, other))
    return _preview(one, other, form)


@bp.post("/manage/orgs/merge")
@requires("organisations.manage")
def merge_now() -> Any:
    """Merge the two that the form names."""
    one, other = _chosen("one"), _chosen("other")
    if one is None or other is None or one is other:
        return _twins_page(say(Refusal("organisation.merged"))), 422
    form = MergeForm()
    source = {one.code: other, other.code: one}.get(form.survivor.data)
    if source is None:
        refuse(form.survivor, _("Choose which of the two stays."))
        return _preview(one, other, form), 422
    target = one if source is other else other
    form.show(one, other)
    try:
        made = merging.merge(source.code, target.code, form.keep(source.code), holders=holders(), by=organiser())
    except Refused as refused:
        return _twins_page(say(refused.refusal)), 422
    return redirect(url_for("manage.organisation", code=target.code, done="merged", merge=made.code), 303)


@bp.post("/manage/orgs/merge/not-same")
@requires("organisations.manage")
def not_the_same() -> Any:
    """Two that look alike are two; they are not suggested again."""
    try:
        merging.not_the_same(request.form.get("one", ""), request.form.get("other", ""), by=organiser())
    except Refused as refused:
        return _twins_page(say(refused.refusal)), 422
    return redirect(url_for("manage.merge", done="not-same"), 303)


@bp.post("/manage/orgs/merge/<merge_code>/undo")
@requires("organisations.manage")
def merge_undo(merge_code: str) -> Any:
    """Put back what a merge moved."""
    try:
        undone = merging.undo(merge_code, holders=holders(), by=organiser())
    except Refused as refused:
        return _twins_page(say(refused.refusal)), 404 if refused.refusal.code == "organisation.no_merge" else 422
    source = undone.source_code
    kept = "yes" if undone.kept else None
    return redirect(url_for("manage.organisation", code=source, done="undone", left=undone.left or None, kept=kept), 303)


def _chosen(name: str) -> Organisation | None:
    """One of the two, by its code; one that was merged in the meantime is none."""
    code = request.values.get(name, "")
    found = organisations.by_code(code.upper()) if code.isascii() and 0 < len(code) <= 20 else None
    return found if found is not None and found.merged_into_id is None else None


# ---- the three faces of the page -------------------------------------------------------------------------------------


def _twins_page(trouble: str = "") -> str:
    done = _("Remembered: these two are not suggested again.") if request.args.get("done") == "not-same" else ""
    twins = [
        {"one": pair.one, "other": pair.other, "why": _(", ").join(str(REASON[reason]) for reason in pair.reasons)}
        for pair in queries.probable_twins()
    ]
    return render_template(
        "manage/organisation_twins.html", side=side("organisations"), twins=twins, merges=merges_of(clock.now()),
        sector=labels.CATEGORY, trouble=trouble, done=done,
    )  # fmt: skip


def _find_page(one: Organisation) -> str:
    words = one_line(request.args.get("q"))[:100]
    found = queries.search(words or one.name.in_(page_lang()), country=one.country, limit=20)
    return render_template(
        "manage/organisation_find.html", side=side("organisations"), it=one, words=words, sector=labels.CATEGORY,
        found=[row for row in found if row is not one],
    )  # fmt: skip


def _preview(one: Organisation, other: Organisation, form: MergeForm) -> str:
    if not form.survivor.choices:
        form.show(one, other)
    cards = _cards(one, other)
    return render_template(
        "manage/organisation_merge.html", side=side("organisations"), form=form, cards=cards, sector=labels.CATEGORY,
        level=LEVEL, language=LANGUAGE_NAMES, warnings=_warnings(*cards), until=clock.now() + merging.UNDO,
    )  # fmt: skip


def _proposed(one: Organisation, other: Organisation) -> dict[str, str]:
    """Who has more people stays, with its own names."""
    cards = _cards(one, other)
    stays = max(cards, key=lambda card: (card.people + card.elsewhere, card.it.is_public, -card.it.id)).it.code
    return dict.fromkeys(("survivor", "ar", "fr", "en", "acronym"), stays)


def _cards(one: Organisation, other: Organisation) -> list[Card]:
    """Both with their numbers: seven statements."""
    ids = (one.id, other.id)
    here = func.sum(case((Registration.event_id == g.event.id, 1), else_=0))
    counting = select(Registration.organisation_id, here, func.count()).where(Registration.organisation_id.in_(ids))
    people = {key: (int(mine), every) for key, mine, every in db.session.execute(counting.group_by(Registration.organisation_id))}
    below = select(Organisation.parent_id, func.count()).where(Organisation.parent_id.in_(ids)).group_by(Organisation.parent_id)
    children: dict[int | None, int] = dict(db.session.execute(below).all())
    return [_card(row, *people.get(row.id, (0, 0)), children.get(row.id, 0)) for row in (one, other)]


def _card(it: Organisation, people: int, every: int, children: int) -> Card:
    parent = db.session.get(Organisation, it.parent_id) if it.parent_id else None
    above = parent.name.in_(page_lang()) if parent else ""
    return Card(it, organisations.aliases_of(it.id), above, people, every - people, children)


def _warnings(one: Card, other: Card) -> list[str]:
    """What somebody should know before two that differ become one."""
    found, lang = [], page_lang()
    if one.it.country != other.it.country:
        first, second = (countries.name(card.it.country, lang) for card in (one, other))
        found.append(_("They are of two countries: %(one)s and %(other)s.", one=first, other=second))
    if one.it.sector != other.it.sector:
        first, second = (str(labels.CATEGORY[card.it.sector]) for card in (one, other))
        found.append(_("They are of two sectors: %(one)s and %(other)s.", one=first, other=second))
        found.append(_("Registrations get the sector of the one that stays."))
        found.append(_("Nobody's category changes. Their places count under the limit of the new sector, even beyond it."))
        found += filter(None, (_what_goes(one, other), _what_goes(other, one)))
    return found


def _what_goes(stays: Card, goes: Card) -> str:
    """Which answers the people of the other would lose, as the form does not ask them in the sector of the one that stays."""
    loss = registrations.loss(goes.it, stays.it)
    if not loss.people:
        return ""
    return ngettext(
        "If %(code)s stays, answers of %(num)s person that are not asked in its sector are erased: %(fields)s."
        " Undoing brings them back, but for files.",
        "If %(code)s stays, answers of %(num)s people that are not asked in its sector are erased: %(fields)s."
        " Undoing brings them back, but for files.",
        loss.people, code=stays.it.code, fields=fields(map(field_name, loss.questions)),
    )  # fmt: skip
