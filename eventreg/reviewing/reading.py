"""A proposal as those who judge it read it: the version that was sent, without what is kept from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from eventreg.core.questions.shape import Form
from eventreg.proposals import queries, readable
from eventreg.proposals.models import Proposal, ProposalVersion
from eventreg.proposals.queries import Offer

_ABOVE = ("title", "track")


def groups(
    proposal: Proposal, version: ProposalVersion, offer: Offer, *, file_url: Callable[[str], str]
) -> list[dict[str, Any]]:
    """Its answers by part, to the questions that reviewers may read."""
    asked = queries.offer_as_sent(offer, proposal.event_id, version)
    return readable.groups(version.answers, replace(asked, form=for_reviewers(asked.form)), lang=proposal.lang, file_url=file_url)


def for_reviewers(form: Form) -> Form:
    """The questions that reviewers read the answers to; what stands above the text is not said again in it."""
    sections = tuple(
        replace(section, questions=tuple(one for one in section.questions if one.for_reviewers and one.code not in _ABOVE))
        for section in form.sections
    )
    return replace(form, sections=sections)
