"""What a conflict of interest hides is hidden by one predicate, whatever the tie is made of."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from eventreg.core import clock
from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text
from eventreg.events.models import Event
from eventreg.people import organisations
from eventreg.people.models import Organisation, Person
from eventreg.proposals import partners, shield
from eventreg.proposals.conflict_models import TieSuggestion
from eventreg.proposals.models import Proposal, ProposalPerson
from eventreg.proposals.rules import Role
from eventreg.reviewing import conflicts, suggesting
from eventreg.reviewing.conflicts import TiePlan
from tests.factories import CALL_OPEN, a_call, a_chair, a_person, a_proposal, an_event, statements


@pytest.fixture
def event(app: Flask) -> Event:
    made = an_event()
    a_call(made)
    return made


def body(name: str, **changes: object) -> Organisation:
    with transaction() as now:
        made = organisations.add(Text(en=name), country="MA", sector="government", now=now)
        for field, value in changes.items():
            setattr(made, field, value)
        return made


def of(proposal: Proposal, organisation: Organisation) -> Proposal:
    """The lead of the proposal stands for this organisation of the directory."""
    with transaction():
        lead = db.session.scalars(select(ProposalPerson).where(ProposalPerson.proposal_id == proposal.id)).one()
        lead.organisation_id = organisation.id
    return proposal


def hidden(event: Event, person: Person) -> set[int]:
    return set(db.session.scalars(shield.hidden(event.id, person)))


def tie(event: Event, person: Person, **what: object) -> None:
    conflicts.declare(event.id, person.id, [TiePlan("other", **what)], by=person.id)  # type: ignore[arg-type]


def test_without_a_tie_nothing_is_hidden(event: Event) -> None:
    proposal, stranger = a_proposal(event), a_person()

    assert hidden(event, stranger) == set()
    assert not shield.is_hidden(proposal, stranger)
    assert db.session.scalars(select(Proposal.id).where(shield.visible(event.id, stranger))).all() == [proposal.id]


def test_what_one_leads_co_organises_or_speaks_in_is_hidden_also_after_one_was_taken_off(event: Event) -> None:
    lead, other, speaker = a_person(), a_person(), a_person()
    proposal, apart = a_proposal(event, lead, sent=False), a_proposal(event)
    with clock.at(CALL_OPEN):
        named = {"email": other.email, "organisation_name": "Ministry", "country": "MA", "sector": "government"}
        invited = partners.invite(proposal.id, named, by=lead.id)
        partners.name(proposal.id, {"name": "Somebody", "email": speaker.email}, Role.SPEAKER, by=lead.id)
        partners.remove(proposal.id, invited.code, by=lead.id)

    assert hidden(event, lead) == hidden(event, other) == hidden(event, speaker) == {proposal.id}
    assert apart.id not in hidden(event, lead)


@pytest.mark.parametrize("relation", ["the same", "below", "above", "far below", "merged"])
def test_what_ones_organisation_proposes_is_hidden_and_what_those_above_and_below_it_propose(event: Event, relation: str) -> None:
    ministry, aunt = body("Ministry"), body("Another ministry")
    agency = body("Agency", parent_id=ministry.id)
    office = body("Office", parent_id=agency.id)
    old = body("Old name of the agency", merged_into_id=agency.id)
    pairs: dict[str, tuple[Organisation, Organisation]] = {
        "the same": (agency, agency), "below": (ministry, agency), "above": (office, ministry), "far below": (ministry, office),
        "merged": (old, agency),
    }  # fmt: skip
    mine, theirs = pairs[relation]
    person = a_person()
    proposal, apart = of(a_proposal(event), theirs), of(a_proposal(event), aunt)
    tie(event, person, organisation_id=mine.id)

    assert hidden(event, person) == {proposal.id}
    assert apart.id not in hidden(event, person)


def test_two_agencies_of_one_ministry_do_not_hide_each_others(event: Event) -> None:
    ministry = body("Ministry")
    mine, theirs = body("Agency", parent_id=ministry.id), body("Council", parent_id=ministry.id)
    person = a_person()
    of(a_proposal(event), theirs)
    tie(event, person, organisation_id=mine.id)

    assert hidden(event, person) == set()


def test_an_endless_line_of_organisations_ends(event: Event) -> None:
    one = body("One")
    two = body("Two", parent_id=one.id)
    with transaction():
        db.session.get_one(Organisation, one.id).parent_id = two.id
    person, proposal = a_person(), of(a_proposal(event), two)
    tie(event, person, organisation_id=one.id)

    assert hidden(event, person) == {proposal.id}


def test_a_declared_tie_hides_until_somebody_else_withdraws_it(event: Event) -> None:
    chair, person, proposal = a_chair(event), a_person(), a_proposal(event)
    tie(event, person, proposal_id=proposal.id)
    assert shield.is_hidden(proposal, person)
    (made,) = conflicts.ties_of(event.id, person.id)
    conflicts.withdraw(event.id, made.code, by=chair.id)

    assert not shield.is_hidden(proposal, person)


def test_what_the_product_sees_hides_until_it_is_dismissed_for_good(event: Event) -> None:
    chair, person, proposal = a_chair(event), a_person(), a_proposal(event)
    seen = [(person.id, proposal.id, [("mail_domain", "r.example.org")])]
    with transaction() as now:
        assert suggesting.suggest(event.id, seen, of=[person], now=now) == 1
    assert shield.is_hidden(proposal, person)
    conflicts.dismiss(event.id, person.id, proposal.id, "Two departments that never meet", by=chair.id)
    with transaction() as now:
        assert suggesting.suggest(event.id, seen, of=[person], now=now) == 0

    assert not shield.is_hidden(proposal, person)
    assert db.session.scalars(select(TieSuggestion)).one().dismissed_words


def test_what_was_merged_with_a_hidden_one_is_hidden_in_both_directions(event: Event) -> None:
    person, source, target = a_person(), a_proposal(event), a_proposal(event)
    with transaction():
        found = db.session.get_one(Proposal, source.id)
        found.state, found.merged_into_id = "merged", target.id
    tie(event, person, proposal_id=source.id)
    other = a_person()
    tie(event, other, proposal_id=target.id)

    assert hidden(event, person) == hidden(event, other) == {source.id, target.id}


def test_ties_of_another_meeting_hide_nothing_here(event: Event) -> None:
    elsewhere = an_event(slug="other")
    person, proposal = a_person(), a_proposal(event)
    ministry = body("Ministry")
    of(proposal, ministry)
    tie(elsewhere, person, organisation_id=ministry.id)

    assert hidden(event, person) == set()


def test_everything_comes_in_one_statement(app: Flask, event: Event) -> None:
    person = a_person()
    of(a_proposal(event), body("Ministry"))
    with statements(app) as sent:
        db.session.scalars(select(Proposal.id).where(shield.visible(event.id, person))).all()

    assert len([one for one in sent if one.lstrip().upper().startswith(("SELECT", "WITH"))]) == 1
