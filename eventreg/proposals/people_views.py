"""Who stands behind a proposal: the lead's body, co-organisers, speakers and contacts."""

from __future__ import annotations

from typing import Any

from flask import abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from eventreg.core import clock, refusals
from eventreg.core.access import requires
from eventreg.core.refusals import Refused
from eventreg.proposals import labels, partners, queries, rules
from eventreg.proposals.blueprint import bp, mine, why_not_write
from eventreg.proposals.forms import PersonForm
from eventreg.proposals.models import Proposal, ProposalPerson
from eventreg.proposals.rules import Role

ADDED = {"co_organiser": Role.CO_ORGANISER, "speaker": Role.SPEAKER, "contact": Role.CONTACT}


@bp.get("/proposals/<code>/people")
@requires("proposal.read")
def people(code: str) -> str:
    """The bodies with their state, and everybody who is named."""
    return _page(mine(code))


@bp.get("/proposals/<code>/people/<what>")
@requires("proposal.write", kinds={"what"})
def person(code: str, what: str) -> str:
    """The form for oneself ("lead"), a co-organiser, a speaker or a contact."""
    proposal = mine(code)
    if what == "lead":
        own = queries.writer(proposal.id, g.viewer.id) or abort(404)
        return _form_page(proposal, what, PersonForm(data=_as_typed(own)))
    if what not in ADDED:
        abort(404)
    return _form_page(proposal, what, PersonForm(data={"lang": proposal.lang}))


@bp.post("/proposals/<code>/people/<what>")
@requires("proposal.write", kinds={"what"})
def add_person(code: str, what: str) -> str | AnyResponse:
    """Say who it is: oneself, somebody to invite, somebody to name."""
    proposal = mine(code)
    form = PersonForm()
    try:
        if what == "lead":
            _describe_self(proposal, form)
        elif what == "co_organiser":
            partners.invite(proposal.id, form.raw(), by=g.viewer.id)
        elif what in ADDED:
            partners.name(proposal.id, form.raw(), ADDED[what], by=g.viewer.id)
        else:
            abort(404)
    except partners.Wrong as wrong:
        form.show(wrong.problems)
        return make_response(_form_page(proposal, what, form), 422)
    except Refused as refused:
        return make_response(_form_page(proposal, what, form, refusals.say(refused.refusal)), 409)
    return redirect(url_for(".people", code=code, done=what), 303)


def _describe_self(proposal: Proposal, form: PersonForm) -> None:
    if proposal.lead_id == g.viewer.id:
        partners.describe_lead(proposal.id, form.raw(), by=g.viewer.id)
    else:
        partners.describe_self(proposal.id, form.raw(), by=g.viewer.id)


@bp.post("/proposals/<code>/people")
@requires("proposal.write")
def people_do(code: str) -> str | AnyResponse:
    """Take somebody out, or remind an invited co-organiser: "remove:PP-…", "remind:PP-…"."""
    proposal = mine(code)
    verb, _colon, who = request.form.get("do", "").partition(":")
    do = {"remove": partners.remove, "remind": partners.remind}.get(verb) or abort(400)
    try:
        do(proposal.id, who, by=g.viewer.id)
    except Refused as refused:
        return make_response(_page(mine(code), refusals.say(refused.refusal)), 409)
    return redirect(url_for(".people", code=code, done=verb), 303)


def _as_typed(own: ProposalPerson) -> dict[str, Any]:
    return {name: getattr(own, name) for name in ("name", "position", "country", "organisation_name", "sector", "email")}


def _page(proposal: Proposal, refusal: str = "") -> str:
    found, why_not = queries.people(proposal.id), why_not_write(proposal)
    return render_template(
        "proposals/people.html", proposal=proposal, found=found, bodies=queries.bodies(found), label=labels,
        is_joint=rules.is_joint(queries.bodies(found)), is_lead=proposal.lead_id == g.viewer.id, may_write=why_not is None,
        closed=refusals.say(why_not) if why_not else "", refusal=refusal, done=request.args.get("done", ""),
        remind_from={one.code: (one.reminded_at or one.added_at) + partners.REMIND_EVERY for one in found}, at=clock.now(),
    )  # fmt: skip


def _form_page(proposal: Proposal, what: str, form: PersonForm, refusal: str = "") -> str:
    form.offer()
    own = queries.writer(proposal.id, g.viewer.id) or abort(404)
    return render_template(
        "proposals/person.html", proposal=proposal, what=what, form=form, refusal=refusal, own=own,
        is_lead=proposal.lead_id == g.viewer.id,
    )  # fmt: skip
