"""Was the same idea sent twice? Proposals that look alike, with why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eventreg.core import clock
from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.core.i18n import page_lang
from eventreg.manage import actors, shielded
from eventreg.manage.blueprint import bp
from eventreg.manage.side import side
from eventreg.proposals import labels, likeness, merging
from eventreg.proposals.models import Proposal, ProposalMerge
from eventreg.proposals.similarity import LOOKS_ALIKE, Likeness

MOST_PAIRS = 100

REASON = {
    "title": _l("similar title"), "words": _l("similar text"), "people": _l("the same person"), "body": _l("the same organisation"),
}  # fmt: skip


@bp.get("/manage/proposals/twins")
@requires("proposals.list")
def proposal_twins() -> str:
    """Every two that look alike, the most similar first; what was merged."""
    return page()


def page(trouble: str = "") -> str:
    """The page; `trouble` is said above it."""
    hidden = shielded.hidden_now()
    found = likeness.index(g.event.id).pairs(but=merging.told_apart(g.event.id))
    pairs = [pair for pair in found if pair.one not in hidden and pair.other not in hidden][:MOST_PAIRS]
    known = _by_code({code for pair in pairs for code in (pair.one, pair.other)})
    return render_template(
        "manage/proposal_twins.html", side=side("proposals"), label=labels, trouble=trouble, merges=past(),
        pairs=[(known[pair.one], known[pair.other], _why(pair)) for pair in pairs],
        done=_("Remembered: these two are not suggested again.") if request.args.get("done") == "not-same" else "",
    )  # fmt: skip


@dataclass(frozen=True)
class Past:
    """A merge as listed: both proposals, by whom, and whether it can still be undone."""

    made: ProposalMerge
    source: Proposal
    target: Proposal
    by: str
    can_undo: bool


def past(*, of: int | None = None) -> list[Past]:
    """The newest merges of the meeting, or of one proposal."""
    hidden, now = shielded.hidden_now(), clock.now()
    found = [one for one in merging.merges(g.event.id, of=of) if not {one[1].code, one[2].code} & hidden]
    names = actors.names([made.merged_by for made, *_pair in found], page_lang())
    return [
        Past(made, source, target, names[made.merged_by], merging.why_not_undo(made, target, now) is None)
        for made, source, target in found
    ]


def may_know(merge_code: str) -> bool:
    """Whether the viewer may know of both proposals of this merge; also of one that there is not."""
    found = next((one for one in merging.merges(g.event.id) if one[0].code == merge_code), None)
    return found is None or not {found[1].code, found[2].code} & shielded.hidden_now()


def like(proposal: Proposal) -> list[tuple[Proposal, list[Any]]]:
    """The proposals that look like this one, each with why; those worth a look."""
    apart, hidden = merging.told_apart(proposal.event_id), shielded.hidden_now()
    found = [
        one for one in likeness.index(proposal.event_id).like(proposal.code)
        if one.score >= LOOKS_ALIKE and one.other not in hidden and frozenset((one.one, one.other)) not in apart
    ]  # fmt: skip
    known = _by_code({one.other for one in found})
    return [(known[one.other], _why(one)) for one in found]


def _why(found: Likeness) -> list[Any]:
    return [REASON[reason] for reason in found.reasons] or [REASON["words"]]


def _by_code(codes: set[str]) -> dict[str, Proposal]:
    query = select(Proposal).where(Proposal.event_id == g.event.id, Proposal.code.in_(sorted(codes)))
    return {one.code: one for one in db.session.scalars(query.options(joinedload(Proposal.track)))} if codes else {}
