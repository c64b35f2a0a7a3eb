"""Which file answers a question of a proposal? It hangs on the proposal, and stays as long as a version that was sent holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from eventreg.core import files
from eventreg.core.db import db
from eventreg.proposals.models import Proposal, ProposalVersion
from eventreg.registration.uploads import codes_in


def about(proposal: Proposal) -> tuple[str, str]:
    """What the files of a proposal hang on."""
    return ("proposal", f"{proposal.event_id}/{proposal.code}")


def settle(proposal: Proposal, *, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Let the files of former answers go, but for those that were sent. Inside the running transaction."""
    gone = codes_in(before) - codes_in(after)
    if gone:
        files.delete_all(gone - _sent(proposal.id), event_id=proposal.event_id)


def _sent(proposal_id: int) -> set[str]:
    query = select(ProposalVersion.answers).where(ProposalVersion.proposal_id == proposal_id)
    return {code for answers in db.session.scalars(query) for code in codes_in(answers)}
