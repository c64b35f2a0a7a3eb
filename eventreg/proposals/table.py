"""The table of proposals: which columns it has and what they say. An export writes it, an import reads it back.

Stable: adding a column is free, renaming one breaks tables that people keep. Dates are ISO 8601, instants UTC, lists of our own
words are joined by one blank, people by semicolons.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from eventreg.core.db import db
from eventreg.core.questions import judging
from eventreg.core.questions.conditions import given_values
from eventreg.core.questions.shape import Kind, Question
from eventreg.core.tables import instant
from eventreg.proposals import rules, standard
from eventreg.proposals.models import Proposal, ProposalPart, ProposalPerson, ProposalVersion
from eventreg.proposals.queries import Offer
from eventreg.proposals.rules import Answer, Role

ABOUT = ("code", "number", "state", "lang", "complete_in", "missing", "version", "begun_at", "changed_at", "sent_at", "ended_at")
ANSWERS = tuple(field for fields in standard.FIELDS.values() for field in fields)
LEAD = ("lead", "lead_email", "lead_organisation", "lead_sector")
BEHIND = (*LEAD, "sectors", "country", "co_organisers", "co_organiser_emails", "co_organiser_organisations", "unanswered",
          "speakers", "contacts")  # fmt: skip
OWN = "q:"  # before the short name of an organiser's own question
_AT_ONCE = 200


def columns(offer: Offer) -> tuple[str, ...]:
    """The columns of this meeting: those of every call, then its own questions but for the sensitive ones."""
    return (*ABOUT, *ANSWERS, *BEHIND, *(OWN + question.code for question in own(offer)))


def own(offer: Offer) -> list[Question]:
    """The own questions that a table tells."""
    return [question for question in offer.form.own() if not question.is_sensitive]


def readable_own(offer: Offer) -> list[Question]:
    """The own questions whose answers a table can bring: a file is none."""
    return [question for question in own(offer) if question.is_asked and question.kind is not Kind.FILE]


def rows(ids: Sequence[int], offer: Offer) -> Iterator[tuple[str, ...]]:
    """The rows of `columns` for these proposals, in this order, some hundreds at a time."""
    for some in (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE)):
        proposals = {one.id: one for one in db.session.scalars(select(Proposal).where(Proposal.id.in_(some)))}
        answers, people = answers_of(list(proposals.values()), offer), people_of(some)
        for number in some:
            yield row(proposals[number], answers[number], people[number], offer)


def row(one: Proposal, given: Mapping[str, Any], people: Sequence[ProposalPerson], offer: Offer) -> tuple[str, ...]:
    """One proposal as `columns` tell it."""
    told = tuple(said(given.get(field)) for field in ANSWERS)
    return _about(one) + told + _behind(one, people) + tuple(said(given.get(judging.field_name(q.code))) for q in own(offer))


def answers_of(proposals: Sequence[Proposal], offer: Offer) -> dict[int, dict[str, Any]]:
    """By proposal: the version sent last, of a draft what is being written."""
    found: dict[int, dict[str, Any]] = {}
    sent = select(ProposalVersion).join(
        Proposal, (Proposal.id == ProposalVersion.proposal_id) & (Proposal.version == ProposalVersion.number)
    )
    for version in db.session.scalars(sent.where(Proposal.id.in_([one.id for one in proposals]))):
        found[version.proposal_id] = version.answers
    drafts = {one.id: one for one in proposals if one.id not in found}
    for number, raw in written([*drafts]).items():
        found[number] = rules.parse(raw, form=offer.form, lang=drafts[number].lang, choices=offer.choices)[0]
    return found


def written(ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """By proposal: all answers as they are being written."""
    raw: dict[int, dict[str, Any]] = {number: {} for number in ids}
    for part in db.session.scalars(select(ProposalPart).where(ProposalPart.proposal_id.in_(raw))):
        raw[part.proposal_id] |= part.answers
    return raw


def people_of(ids: Sequence[int]) -> dict[int, list[ProposalPerson]]:
    """By proposal: everybody but those who were taken out."""
    found: dict[int, list[ProposalPerson]] = defaultdict(list)
    query = select(ProposalPerson).where(ProposalPerson.proposal_id.in_(ids), ProposalPerson.answer != Answer.REMOVED)
    for person in db.session.scalars(query.order_by(ProposalPerson.rank, ProposalPerson.id)):
        found[person.proposal_id].append(person)
    return found


def said(value: Any) -> str:
    """An answer as a cell tells it."""
    return " ".join(given_values(value))


def _about(one: Proposal) -> tuple[str, ...]:
    return (
        one.code, str(one.number or ""), one.state, one.lang, " ".join(one.languages), str(one.missing), str(one.version or ""),
        instant(one.begun_at), instant(one.changed_at), instant(one.sent_at), instant(one.ended_at),
    )  # fmt: skip


def _behind(one: Proposal, people: Sequence[ProposalPerson]) -> tuple[str, ...]:
    lead = next((person for person in people if person.role == Role.LEAD), None)
    asked = [person for person in people if person.role == Role.CO_ORGANISER and person.answer != Answer.DECLINED]
    accepted = [person for person in asked if person.answer == Answer.ACCEPTED]
    named = {role: [person.name for person in people if person.role == role] for role in (Role.SPEAKER, Role.CONTACT)}
    by_lead = (lead.name, lead.email, lead.organisation_name, lead.sector) if lead else ("",) * len(LEAD)
    return (
        *by_lead, " ".join(one.sectors), one.country, _joined(person.name for person in accepted),
        _joined(person.email for person in accepted), _joined(person.organisation_name for person in accepted),
        str(len(asked) - len(accepted)), _joined(named[Role.SPEAKER]), _joined(named[Role.CONTACT]),
    )  # fmt: skip


def _joined(values: Iterable[str]) -> str:
    return "; ".join(filter(None, values))
