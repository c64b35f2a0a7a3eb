"""The chair's page of conflicts: declared ones, those the product sees, which are none; nothing that is hidden from the chair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import aliased
from werkzeug.wrappers import Response

from eventreg.core import refusals
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.refusals import Refused
from eventreg.manage.blueprint import bp
from eventreg.manage.forms_call import pressed
from eventreg.manage.side import side
from eventreg.people.models import Person
from eventreg.proposals import shield
from eventreg.proposals.conflict_models import Tie, TieSuggestion
from eventreg.proposals.models import Proposal
from eventreg.reviewing import conflicts, labels, queries

Answer = Response | str | tuple[str, int]
DONE = {
    "dismissed": _l("It is dismissed for good. The reviewer can be given the proposal."),
    "withdrawn": _l("The tie is taken out. What it hid can be seen again."),
}


@dataclass(frozen=True)
class Seen:
    """A tie that the product sees, of a proposal that the viewer may know of."""

    suggestion: TieSuggestion
    person: Person
    proposal: Proposal


@bp.get("/chair/conflicts")
@requires("conflict.others")
def chair_conflicts() -> str:
    """What was declared and what is seen."""
    return _page()


def _page(refusal: str = "", typed: dict[str, str] | None = None) -> str:
    return render_template(
        "manage/chair_conflicts.html", side=side("conflicts"), declared=_declared(), seen=_seen(), label=labels, refusal=refusal,
        reviewers=queries.reviewers(g.event.id), typed=typed or {}, done=DONE.get(request.args.get("done", "")),
    )  # fmt: skip


def _declared() -> list[tuple[Tie, Person, Proposal | None]]:
    """The ties that stand, without those to proposals that are hidden from the viewer: one statement."""
    query = select(Tie, Person, Proposal).join(Person, Person.id == Tie.person_id)
    query = query.outerjoin(Proposal, Proposal.id == Tie.proposal_id)
    query = query.where(Tie.event_id == g.event.id, Tie.withdrawn_at.is_(None))
    query = query.where(or_(Tie.proposal_id.is_(None), shield.visible(g.event.id, g.viewer)))
    return [(row[0], row[1], row[2]) for row in db.session.execute(query.order_by(Person.name_latin, Tie.id))]


def _seen() -> list[Seen]:
    """What the product sees and nobody has dismissed, of what the viewer may know of: one statement."""
    person = aliased(Person)
    query = select(TieSuggestion, person, Proposal).join(person, person.id == TieSuggestion.person_id)
    query = query.join(Proposal, Proposal.id == TieSuggestion.proposal_id)
    query = query.where(TieSuggestion.event_id == g.event.id, TieSuggestion.dismissed_at.is_(None))
    query = query.where(shield.visible(g.event.id, g.viewer)).order_by(person.name_latin, Proposal.number, Proposal.id)
    return [Seen(*row) for row in db.session.execute(query)]


@bp.post("/chair/conflicts")
@requires("conflict.others")
def chair_conflicts_do() -> Answer:
    """Take a tie out ("withdraw:T-1"), or dismiss what is seen ("dismiss:P-1/W-1", with why)."""
    do, what = pressed()
    try:
        if do == "withdraw":
            _may_know_of_tie(what)
            conflicts.withdraw(g.event.id, what, by=g.viewer.id)
        elif do == "dismiss":
            one = _one(what)
            why = request.form.get(f"why_{what}", "")
            conflicts.dismiss(g.event.id, one.person.id, one.proposal.id, why, by=g.viewer.id)
        else:
            abort(400)
    except Refused as refused:
        return _page(refusals.say(refused.refusal), typed=dict(request.form)), 422
    return redirect(url_for(".chair_conflicts", done="withdrawn" if do == "withdraw" else "dismissed"), 303)


def _may_know_of_tie(code: str) -> Any:
    return next((one for one in _declared() if one[0].code == code), None) or abort(404)


def _one(what: str) -> Seen:
    person, _slash, proposal = what.partition("/")
    found = (one for one in _seen() if (one.person.code, one.proposal.code) == (person, proposal))
    return next(found, None) or abort(404)
