"""What is in the table of proposals? What was sent, of a draft what is being written; who stands behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from eventreg.core import audit
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.questions import judging
from eventreg.core.questions.conditions import given_values
from eventreg.events.models import Event
from eventreg.manage import proposal_queries as queries
from eventreg.manage.exports import OWN_COLUMN, instant
from eventreg.manage.filters import Order
from eventreg.manage.proposal_filters import ProposalFilter
from eventreg.proposals import rules, standard
from eventreg.proposals.models import Proposal, ProposalPart, ProposalPerson, ProposalVersion
from eventreg.proposals.queries import Offer
from eventreg.proposals.rules import Answer, Role

# Stable: an import of this table relies on the names. Dates are ISO 8601, instants UTC, lists are joined by one blank.
ABOUT = ("code", "number", "state", "lang", "complete_in", "missing", "version", "begun_at", "changed_at", "sent_at", "ended_at")
ANSWERS = tuple(field for fields in standard.FIELDS.values() for field in fields)
# people are joined by semicolons
BEHIND = ("lead", "lead_email", "lead_organisation", "sectors", "country", "co_organisers", "co_organiser_emails",
          "co_organiser_organisations", "unanswered", "speakers", "contacts")  # fmt: skip
_AT_ONCE = 200


def columns(offer: Offer) -> tuple[str, ...]:
    """The columns of this meeting: those of every call, then its own questions but for the sensitive ones."""
    return (*ABOUT, *ANSWERS, *BEHIND, *(OWN_COLUMN + code for code in _own(offer)))


def _own(offer: Offer) -> list[str]:
    return [question.code for question in offer.form.own() if not question.is_sensitive]


def rows(event_id: int, offer: Offer, wanted: ProposalFilter, order: Order, *, lang: str) -> Iterator[tuple[str, ...]]:
    """The rows of `columns`, some hundreds at a time."""
    listed = queries.in_order(event_id, wanted, order, lang=lang)
    ids = list(db.session.scalars(listed.rows().with_only_columns(Proposal.id, maintain_column_froms=True)))
    for some in (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE)):
        proposals = {one.id: one for one in db.session.scalars(select(Proposal).where(Proposal.id.in_(some)))}
        answers, people = _answers(list(proposals.values()), offer), _people(some)
        for number in some:
            one, given, found = proposals[number], answers[number], people[number]
            told = tuple(_said(given.get(field)) for field in ANSWERS)
            own = tuple(_said(given.get(judging.field_name(code))) for code in _own(offer))
            yield _about(one) + told + _behind(one, found) + own


def _answers(proposals: Sequence[Proposal], offer: Offer) -> dict[int, dict[str, Any]]:
    """By proposal: the version sent last, of a draft what is being written."""
    found: dict[int, dict[str, Any]] = {}
    sent = select(ProposalVersion).join(
        Proposal, (Proposal.id == ProposalVersion.proposal_id) & (Proposal.version == ProposalVersion.number)
    )
    for version in db.session.scalars(sent.where(Proposal.id.in_([one.id for one in proposals]))):
        found[version.proposal_id] = version.answers
    drafts = {one.id: one for one in proposals if one.id not in found}
    raw: dict[int, dict[str, Any]] = defaultdict(dict)
    for part in db.session.scalars(select(ProposalPart).where(ProposalPart.proposal_id.in_(drafts))):
        raw[part.proposal_id] |= part.answers
    for number, draft in drafts.items():
        found[number] = rules.parse(raw[number], form=offer.form, lang=draft.lang, choices=offer.choices)[0]
    return found


def _people(ids: Sequence[int]) -> dict[int, list[ProposalPerson]]:
    found: dict[int, list[ProposalPerson]] = defaultdict(list)
    query = select(ProposalPerson).where(ProposalPerson.proposal_id.in_(ids), ProposalPerson.answer != Answer.REMOVED)
    for person in db.session.scalars(query.order_by(ProposalPerson.rank, ProposalPerson.id)):
        found[person.proposal_id].append(person)
    return found


def _said(value: Any) -> str:
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
    return (
        lead.name if lead else "", lead.email if lead else "", lead.organisation_name if lead else "", " ".join(one.sectors),
        one.country, _joined(person.name for person in accepted), _joined(person.email for person in accepted),
        _joined(person.organisation_name for person in accepted), str(len(asked) - len(accepted)),
        _joined(named[Role.SPEAKER]), _joined(named[Role.CONTACT]),
    )  # fmt: skip


def _joined(values: Any) -> str:
    return "; ".join(filter(None, values))


def record(event_id: int, wanted: ProposalFilter, *, kind: str, by: Actor) -> None:
    """Write down who took which part of the list out of the house; of the words searched, which may be a name, that some were."""
    with transaction():
        facts = {"filter": wanted.without("q").as_args(), "rows": queries.how_many(event_id, wanted), "kind": kind,
                 "is_searched": bool(wanted.q)}  # fmt: skip
        audit.record("proposals.exported", db.session.get_one(Event, event_id), event_id=event_id, actor=by, facts=facts)
