"""Which two proposals are one? What would move, the merge itself with its reason, and the way back for 30 days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from eventreg.core import clock, refusals
from eventreg.core.access import requires
from eventreg.core.refusals import Refusal, Refused
from eventreg.manage import proposal_twins
from eventreg.manage.blueprint import bp
from eventreg.manage.fields import one_line
from eventreg.manage.forms_proposals import MergeForm
from eventreg.manage.side import side
from eventreg.people.services import actor_of
from eventreg.proposals import labels, merging, queries, readable, shield, table
from eventreg.proposals.merging import Joins
from eventreg.proposals.models import Proposal, ProposalPerson
from eventreg.proposals.queries import Offer


@dataclass(frozen=True)
class Card:
    """One of the two: its people, its answers as the team reads them, and who would join the other one if this one goes."""

    it: Proposal
    people: Sequence[ProposalPerson]
    groups: list[dict[str, Any]]
    joining: Sequence[Joins]
    stands_against: str  # why it cannot go into the other, in words


@bp.get("/manage/proposals/merge")
@requires("proposals.merge")
def proposal_merge() -> str:
    """With one proposal: find the other. With two: what would move."""
    one, other = _chosen("one"), _chosen("other")
    if one is None:
        return proposal_twins.page()
    trouble = ""
    if one is other or (other is None and request.args.get("other")):
        trouble = refusals.say(Refusal("proposal.merge_same" if other else "proposal.merge_unknown"))
    if other is None or one is other:
        return render_template(
            "manage/proposal_merge_find.html", side=side("proposals"), it=one, label=labels, like=proposal_twins.like(one),
            typed=one_line(request.args.get("other"))[:40], trouble=trouble,
        )  # fmt: skip
    return _preview(one, other, MergeForm(formdata=None, data={"survivor": _older(one, other).code}))


@bp.post("/manage/proposals/merge")
@requires("proposals.merge")
def proposal_merge_now() -> Any:
    """Merge the two that the form names."""
    one, other = _chosen("one"), _chosen("other")
    if one is None or other is None or one is other:
        return proposal_twins.page(refusals.say(Refusal("proposal.merge_unknown"))), 422
    form = MergeForm()
    source = {one.code: other, other.code: one}.get(form.survivor.data or "")
    if source is None:
        form.survivor.errors = [_("Choose which of the two stays.")]
        return _preview(one, other, form), 422
    target = one if source is other else other
    try:
        merging.merge(
            g.event.id, source.code, target.code, reason=form.reason.data or "", both_agreed=bool(form.both_agreed.data),
            by=actor_of(g.viewer, "organiser"),
        )  # fmt: skip
    except Refused as refused:
        form.show(refused.refusal)
        return _preview(*filter(None, (_chosen("one"), _chosen("other"))), form), 422
    return redirect(url_for(".proposal", code=target.code, done="merged"), 303)


@bp.post("/manage/proposals/merge/not-same")
@requires("proposals.merge")
def proposals_not_the_same() -> Any:
    """Two that look alike are two; they are not suggested again."""
    given = [one_line(request.form.get(name))[:20] for name in ("one", "other")]
    if None in (_chosen("one"), _chosen("other")):
        return proposal_twins.page(refusals.say(Refusal("proposal.merge_unknown"))), 422
    try:
        merging.not_the_same(g.event.id, *given, by=actor_of(g.viewer, "organiser"))
    except Refused as refused:
        return proposal_twins.page(refusals.say(refused.refusal)), 422
    return redirect(url_for(".proposal_twins", done="not-same"), 303)


@bp.post("/manage/proposals/merge/<merge_code>/undo")
@requires("proposals.merge")
def proposal_merge_undo(merge_code: str) -> Any:
    """Put back what a merge moved."""
    if not proposal_twins.may_know(merge_code[:20]):
        abort(404)
    try:
        back = merging.undo(g.event.id, merge_code[:20], by=actor_of(g.viewer, "organiser"))
    except Refused as refused:
        status = 404 if refused.refusal.code == "proposal.merge_unknown" else 422
        return proposal_twins.page(refusals.say(refused.refusal)), status
    return redirect(url_for(".proposal", code=back.code, done="unmerged"), 303)


def _chosen(name: str) -> Proposal | None:
    """One of the two, by its code or its number."""
    typed = one_line(request.values.get(name)).upper()[:20]
    found = queries.by_code_or_number(g.event.id, typed) if typed.isascii() and typed.isprintable() and typed else None
    return found if found is not None and not shield.is_hidden(found, g.viewer) else None


def _older(one: Proposal, other: Proposal) -> Proposal:
    """Which is proposed to stay: the one sent, or sent first."""
    return min((one, other), key=lambda it: (it.version == 0, it.number or 0, it.id))


def _preview(one: Proposal, other: Proposal, form: MergeForm) -> str:
    form.offer(one, other)
    offer = queries.offer(g.event.id)
    return render_template(
        "manage/proposal_merge.html", side=side("proposals"), form=form, cards=_cards(one, other, offer), label=labels,
        until=clock.now() + merging.UNDO,
    )  # fmt: skip


def _cards(one: Proposal, other: Proposal, offer: Offer) -> list[Card]:
    answers, people = table.answers_of([one, other], offer), {it.id: queries.people(it.id) for it in (one, other)}
    found = []
    for it, target in ((one, other), (other, one)):
        joining = [joins for joins in merging.joining(people[it.id], people[target.id]) if joins.is_news]
        refusal = merging.why_not(it, target)
        groups = readable.groups(answers[it.id], offer, lang=it.lang)
        found.append(Card(it, people[it.id], groups, joining, refusals.say(refusal) if refusal else ""))
    return found

