"""A proposal from its beginning to its end, as its organisers bring it about."""

from __future__ import annotations

from types import ModuleType

import pytest
from flask import Flask
from sqlalchemy import select

from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.core.refusals import Refused
from eventreg.proposals import partners, queries, rules, services
from eventreg.proposals.models import Proposal, ProposalEdit, ProposalSearch
from eventreg.proposals.rules import Role, State
from eventreg.proposals.writing import Overtaken
from tests.factories import A_BODY, CALL_OPEN, a_call, a_person, a_proposal, a_registration, an_event, proposal_answers

IN_TIME, IN_GRACE, TOO_LATE = "2022-08-31T23:59+01:00", "2022-09-01T00:02+01:00", "2022-09-01T00:05+01:00"
MINISTRY = {"email": "ministry@example.org", "organisation_name": "Ministry of Justice", "country": "MA", "sector": "government"}


def refused(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.refusal.code


def now(proposal: Proposal) -> Proposal:
    return db.session.get_one(Proposal, proposal.id, populate_existing=True)


def test_what_registration_knows_is_not_asked_again(app: Flask, clock: ModuleType) -> None:
    event = an_event()
    a_call(event)
    known = a_registration(event, organisation_name="Youth Network", sector="civil_society", country="TN", position="Director")
    with clock.at(CALL_OPEN):
        made = services.begin(event.id, known.person_id, {"title_en": "A title"}, lang="en")
        lead = queries.people(made.id)[0]

    assert (lead.organisation_name, lead.sector) == ("Youth Network", "civil_society")
    assert (lead.country, lead.position) == ("TN", "Director")


def test_sending_gives_numbers_in_order_and_keeps_versions(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    first, second = a_proposal(event, lead), a_proposal(event)
    with clock.at(IN_TIME):
        services.save_part(first.id, "outputs", {"outputs_en": "- a better guide"}, based_on=1, by=lead.id)
        before = queries.version(first.id, now(first).version)
        services.send(first.id, by=lead.id)
    versions = [version for version, _person in queries.versions(first.id)]

    assert (now(first).number, now(second).number) == (1, 2)
    assert before is not None and before.answers["outputs_en"] == "- a guide"
    assert [version.answers["outputs_en"] for version in versions] == ["- a better guide", "- a guide"]
    assert versions[0].hash != versions[1].hash


def found_by(proposal: Proposal) -> str:
    """The words by which the team finds it."""
    search = db.session.get_one(ProposalSearch, proposal.id, populate_existing=True)
    return f"{search.names} {search.words}"


def test_what_is_written_after_sending_shows_nowhere_before_it_is_sent(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    sent = a_proposal(event, lead, title_en="The first title")
    with clock.at(IN_TIME):
        title = {**proposal_answers()["title"], "title_en": "Another title"}
        services.save_part(sent.id, "title", title, based_on=1, by=lead.id)

    assert now(sent).title.en == "The first title"
    assert "another" not in found_by(sent)


def test_two_who_save_at_once_never_overwrite_each_other(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    mine = a_proposal(event, lead, sent=False)
    with clock.at(CALL_OPEN):
        invited = partners.invite(mine.id, MINISTRY, by=lead.id)
        other = partners.answer(event.id, invited.code, accepts=True)
        assert other is not None
        services.save_part(mine.id, "approach", {"approach_en": "Theirs"}, based_on=1, by=other.id)
        with pytest.raises(Overtaken) as overtaken:
            services.save_part(mine.id, "approach", {"approach_en": "Mine"}, based_on=1, by=lead.id)
        same = services.save_part(mine.id, "approach", {"approach_en": "Theirs"}, based_on=1, by=lead.id)
        knowing = services.save_part(mine.id, "approach", {"approach_en": "Both"}, based_on=2, by=lead.id)

    assert overtaken.value.now.answers == {"approach_en": "Theirs"}
    assert (same.revision, knowing.revision) == (2, 3)


def test_what_one_writes_in_one_go_is_one_edit_and_what_another_left_stays(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    mine = a_proposal(event, lead, sent=False)
    with clock.at("2022-08-02T10:00+01:00"):
        services.save_part(mine.id, "outputs", {"outputs_en": "One"}, based_on=1, by=lead.id)
    with clock.at("2022-08-02T10:05+01:00"):
        services.save_part(mine.id, "outputs", {"outputs_en": "One two"}, based_on=2, by=lead.id)
    with clock.at("2022-08-02T10:30+01:00"):
        services.save_part(mine.id, "outputs", {"outputs_en": "Three"}, based_on=3, by=lead.id)
    part = queries.parts(mine.id)["outputs"]
    left = [edit.answers["outputs_en"] for edit in db.session.scalars(select(ProposalEdit).where(ProposalEdit.part_id == part.id))]

    assert left == ["- a guide", "One two", "Three"]


@pytest.mark.parametrize(("moment", "outcome"), [(IN_TIME, "sent"), (IN_GRACE, "grace"), (TOO_LATE, "call.closed")])
def test_the_closing_is_judged_when_it_arrives(app: Flask, clock: ModuleType, moment: str, outcome: str) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    mine = a_proposal(event, lead, sent=False)
    with clock.at(moment):
        if outcome == "call.closed":
            with pytest.raises(Refused) as error:
                services.send(mine.id, by=lead.id)
            assert refused(error) == outcome
            with pytest.raises(Refused):
                services.save_part(mine.id, "outputs", {"outputs_en": "Late"}, based_on=1, by=lead.id)
        else:
            services.send(mine.id, by=lead.id)
            assert now(mine).in_grace is (outcome == "grace")


def test_nothing_new_is_begun_in_the_grace(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    with clock.at(IN_GRACE), pytest.raises(Refused) as error:
        services.begin(event.id, lead.id, {"title_en": "Late"}, lang="en")

    assert refused(error) == "call.closed"


def test_an_incomplete_proposal_is_not_sent_and_says_everything_that_is_missing(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    with clock.at(CALL_OPEN):
        mine = services.begin(event.id, lead.id, {"title_en": "Only a title"}, lang="en")
        with pytest.raises(rules.Incomplete) as incomplete:
            services.send(mine.id, by=lead.id)

    assert set(incomplete.value.problems) == {
        "track", "summary_en", "approach_en", "objectives_en", "outputs_en", "format", "spoken", "size_min", "size_max", "people",
    }  # fmt: skip
    assert now(mine).number is None


def test_one_person_and_one_organisation_lead_as_many_as_the_call_allows(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event, per_person=1, per_organisation=1)
    mine = a_proposal(event, lead)
    with clock.at(CALL_OPEN):
        with pytest.raises(Refused) as second:
            services.begin(event.id, lead.id, {"title_en": "Another"}, lang="en")
        services.withdraw(mine.id, by=lead.id)
        services.begin(event.id, lead.id, {"title_en": "Another"}, lang="en")
    a_proposal(event)
    with pytest.raises(Refused) as of_body:
        a_proposal(event)

    assert refused(second) == "call.too_many"
    assert refused(of_body) == "call.too_many_of_body"


def test_a_co_organiser_reads_and_writes_only_after_accepting(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    mine = a_proposal(event, lead, sent=False)
    with clock.at(CALL_OPEN):
        invited = partners.invite(mine.id, MINISTRY, by=lead.id)
        guest = a_person("ministry@example.org")
        assert queries.own(event.id, mine.code, guest.id) is None
        partners.answer(event.id, invited.code, accepts=True)
        assert queries.own(event.id, mine.code, guest.id) is not None
        assert rules.is_joint(queries.bodies(queries.people(mine.id)))
        partners.remove(mine.id, invited.code, by=lead.id)

    assert queries.own(event.id, mine.code, guest.id) is None
    assert now(mine).sectors == ["civil_society"]
    mails = db.session.scalars(select(Mail.kind).where(Mail.about_ref == mine.code).order_by(Mail.id)).all()
    assert mails == ["proposals/co_organiser", "proposals/co_organiser_answered"]


def test_a_co_organiser_neither_sends_nor_takes_others_out(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    mine = a_proposal(event, lead, sent=False)
    with clock.at(CALL_OPEN):
        invited = partners.invite(mine.id, MINISTRY, by=lead.id)
        guest = partners.answer(event.id, invited.code, accepts=True)
        assert guest is not None
        for act in (
            lambda: services.send(mine.id, by=guest.id),
            lambda: services.withdraw(mine.id, by=guest.id),
            lambda: partners.remove(mine.id, invited.code, by=guest.id),
            lambda: partners.invite(mine.id, {**MINISTRY, "email": "x@example.org"}, by=guest.id),
        ):
            with pytest.raises(Refused) as error:
                act()
            assert refused(error) == "proposal.lead_sends"


def test_nobody_is_asked_twice_and_a_reminder_waits(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    mine = a_proposal(event, lead, sent=False)
    with clock.at(CALL_OPEN):
        invited = partners.invite(mine.id, MINISTRY, by=lead.id)
        with pytest.raises(partners.Wrong) as twice:
            partners.invite(mine.id, {**MINISTRY, "email": "Ministry@Example.org"}, by=lead.id)
        with pytest.raises(partners.Wrong):
            partners.invite(mine.id, {**MINISTRY, "email": lead.email or ""}, by=lead.id)
        with pytest.raises(Refused) as soon:
            partners.remind(mine.id, invited.code, by=lead.id)
    with clock.at("2022-08-03T11:00+01:00"):
        partners.remind(mine.id, invited.code, by=lead.id)

    assert set(twice.value.problems) == {"email"}
    assert refused(soon) == "proposal.reminded_lately"


def test_a_withdrawal_is_final_unless_the_team_restores_it(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    mine = a_proposal(event, lead)
    with clock.at(CALL_OPEN):
        services.withdraw(mine.id, by=lead.id, reason="The speaker is ill")
        for act in (
            lambda: services.withdraw(mine.id, by=lead.id),
            lambda: services.send(mine.id, by=lead.id),
            lambda: services.save_part(mine.id, "outputs", {}, based_on=1, by=lead.id),
        ):
            with pytest.raises(Refused) as error:
                act()
            assert refused(error) == "proposal.wrong_state"
        with pytest.raises(Refused):
            services.restore(mine.id, reason=" ", by=OPERATOR)
        services.restore(mine.id, reason="She is well again", by=OPERATOR)

    assert now(mine).state == State.SUBMITTED


def test_speakers_are_named_and_not_written_to(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    mine = a_proposal(event, lead, sent=False)
    with clock.at(CALL_OPEN):
        partners.name(mine.id, {"name": "ليلى بناني", "email": "layla@example.org"}, Role.SPEAKER, by=lead.id)
        with pytest.raises(partners.Wrong) as nameless:
            partners.name(mine.id, {"name": " "}, Role.SPEAKER, by=lead.id)

    assert [person.role for person in queries.people(mine.id)] == ["lead", "speaker"]
    assert set(nameless.value.problems) == {"name"}
    assert db.session.scalar(select(Mail.id).where(Mail.to_address == "layla@example.org")) is None
    assert {"ليلي", "بناني"} <= set(found_by(mine).split())


def test_a_proposal_in_arabic_with_a_french_version_tells_what_each_lacks(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    mine = a_proposal(event, lead, lang="ar", title_ar="ميزانيات مفتوحة", title_fr="Budgets ouverts")
    values = queries.version(mine.id, 1)
    assert values is not None
    found = rules.languages_of(values.answers, queries.form_of(event.id))

    assert found == {"ar": frozenset(), "fr": frozenset({"summary", "approach", "objectives", "outputs"})}
    assert now(mine).languages == ["ar"]
    assert set(A_BODY["organisation_name"].lower().split()) <= set(found_by(mine).split())
