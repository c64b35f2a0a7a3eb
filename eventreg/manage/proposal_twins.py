"""Was the same idea sent twice? Proposals that look alike, with why."""

from __future__ import annotations

from typing import Any

from flask import g, render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eventreg.core.access import requires
from eventreg.core.db import db
from eventreg.manage.blueprint import bp
from eventreg.manage.side import side
from eventreg.proposals import labels, likeness
from eventreg.proposals.models import Proposal
from eventreg.proposals.similarity import LOOKS_ALIKE, Likeness

MOST_PAIRS = 100

REASON = {
    "title": _l("similar title"), "words": _l("similar text"), "people": _l("the same person"), "body": _l("the same organisation"),
}  # fmt: skip


@bp.get("/manage/proposals/twins")
@requires("proposals.list")
def proposal_twins() -> str:
    """Every two that look alike, the most similar first."""
    pairs = likeness.index(g.event.id).pairs()[:MOST_PAIRS]
    known = _by_code({code for pair in pairs for code in (pair.one, pair.other)})
    return render_template(
        "manage/proposal_twins.html", side=side("proposals"), label=labels,
        pairs=[(known[pair.one], known[pair.other], _why(pair)) for pair in pairs],
    )  # fmt: skip


def like(proposal: Proposal) -> list[tuple[Proposal, list[Any]]]:
    """The proposals that look like this one, each with why; those worth a look."""
    found = [one for one in likeness.index(proposal.event_id).like(proposal.code) if one.score >= LOOKS_ALIKE]
    known = _by_code({one.other for one in found})
    return [(known[one.other], _why(one)) for one in found]


def _why(found: Likeness) -> list[Any]:
    return [REASON[reason] for reason in found.reasons] or [REASON["words"]]


def _by_code(codes: set[str]) -> dict[str, Proposal]:
    query = select(Proposal).where(Proposal.event_id == g.event.id, Proposal.code.in_(sorted(codes)))
    return {one.code: one for one in db.session.scalars(query.options(joinedload(Proposal.track)))} if codes else {}
