"""A concept note from its first draft to the last signature, as two organising bodies bring it about."""

from __future__ import annotations

from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eventreg.cli import invariants
from eventreg.core import clock as the_clock
from eventreg.core import times
from eventreg.core.audit import AuditLine
from eventreg.core.db import db, transaction
from eventreg.core.outbox import Mail
from eventreg.core.refusals import Refused
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.proposals import note_comments, note_queries, note_readable, note_reminders, note_rules, notes, partners, services
from eventreg.proposals.models import Proposal
from eventreg.proposals.note_models import Note, NoteText
from eventreg.proposals.note_rules import NoteState
from eventreg.proposals.rules import Incomplete, Role
from eventreg.proposals.writing import Overtaken
from tests.factories import (
    A_MINISTRY,
    ACCEPTED,
    CALL_OPEN,
    a_call,
    a_note,
    a_person,
    an_accepted_proposal,
    an_event,
    an_organiser,
)

CHECKED = datetime(2040, 1, 1, tzinfo=UTC)  # after all that the fixtures wrote down


@pytest.fixture
def workshop(app: Flask, clock: ModuleType) -> Any:
    """A meeting with an accepted workshop of an association and a ministry: (event, proposal, lead, other)."""
    event = an_event()
    a_call(event, notes=times.deadline("2022-10-14", event.zone))
    proposal, lead, other = an_accepted_proposal(event, title_en="Gender and justice", summary_en="Why judges matter.")
    with clock.at(ACCEPTED):
        yield event, proposal, lead, other


def fresh(note: Note) -> Note:
    return db.session.get_one(Note, note.id, populate_existing=True)


def hash_of(note: Note) -> str:
    text = note_queries.text_of(fresh(note))
    assert text is not None
    return text.hash


def refused(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.refusal.code


def mails(kind: str) -> list[str]:
    query = select(Mail.to_address).where(Mail.kind == f"proposals/{kind}").order_by(Mail.to_address)
    return list(db.session.scalars(query))


def signed_off(proposal: Proposal, lead: Person, other: Person) -> Note:
    note = a_note(proposal, lead, proposed=True)
    for person in (lead, other):
        notes.sign(proposal.id, note.number, hash_of(note), by=person.id)
    return fresh(note)


# ---- write -----------------------------------------------------------------------------------------------------------


def test_it_begins_with_what_the_accepted_proposal_says(workshop: Any) -> None:
    _event, proposal, lead, _other = workshop
    note = notes.begin(proposal.id, by=lead.id)
    parts = {section: part.answers for section, part in note_queries.parts(note.id).items()}

    assert parts["approach"]["approach_en"] == "Three short talks, then tables of eight people."
    assert parts["theme"]["theme_en"] == "Why judges matter."
    assert parts["size"] == {"size_min": "40", "size_max": "60"}
    assert (note.title.en, note.lang, note.number) == ("Gender and justice", "en", 1)
    assert set(parts) == set(note_rules.SECTIONS)


def test_speakers_that_were_named_stand_in_it(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    proposal, lead, _other = an_accepted_proposal(event, lead)
    with transaction():
        db.session.get_one(Proposal, proposal.id).state = "submitted"
    with clock.at(CALL_OPEN):
        judge = {"name": "Judge Amal", "organisation_name": "Court", "position": "Judge"}
        partners.name(proposal.id, judge, Role.SPEAKER, by=lead.id)
    with transaction():
        db.session.get_one(Proposal, proposal.id).state = "accepted"
    with clock.at(ACCEPTED):
        note = notes.begin(proposal.id, by=lead.id)

    assert note_queries.parts(note.id)["speakers"].answers == {"speaker_1": "Judge Amal", "about_1": "Judge, Court"}


def test_only_accepted_workshops_have_one_and_only_their_organisers_write_it(workshop: Any) -> None:
    _event, proposal, lead, _other = workshop
    with pytest.raises(Refused) as stranger:
        notes.begin(proposal.id, by=a_person().id)
    with transaction():
        db.session.get_one(Proposal, proposal.id).state = "reserve"
    with pytest.raises(Refused) as reserve:
        notes.begin(proposal.id, by=lead.id)

    assert (refused(stranger), refused(reserve)) == ("proposal.not_yours", "note.not_accepted")


def test_two_who_write_at_once_never_overwrite_each_other(workshop: Any) -> None:
    _event, proposal, lead, other = workshop
    note = a_note(proposal, lead)
    notes.save_part(proposal.id, 1, "axis", {"axis_en": "Theirs"}, based_on=2, by=other.id)
    with pytest.raises(Overtaken) as overtaken:
        notes.save_part(proposal.id, 1, "axis", {"axis_en": "Mine"}, based_on=2, by=lead.id)

    assert overtaken.value.now.answers == {"axis_en": "Theirs"}
    assert note_queries.parts(note.id)["axis"].answers == {"axis_en": "Theirs"}


def test_what_is_missing_is_said_all_at_once_and_nothing_is_asked_to_be_signed(workshop: Any) -> None:
    _event, proposal, lead, _other = workshop
    note = notes.begin(proposal.id, by=lead.id)
    notes.save_part(proposal.id, 1, "programme", {"minutes_1": "10", "what_en_1": ""}, based_on=1, by=lead.id)
    with pytest.raises(Incomplete) as incomplete:
        notes.propose(proposal.id, 1, by=lead.id)

    assert set(incomplete.value.problems) == {"axis_en", "what_en_1"}
    assert fresh(note).state == NoteState.DRAFT and mails("note_to_sign") == []


def test_the_programme_cannot_be_longer_than_the_workshop(workshop: Any) -> None:
    _event, proposal, lead, _other = workshop
    a_note(proposal, lead, programme={"minutes_1": "٦٠", "what_en_1": "Talks", "minutes_2": "31", "what_en_2": "Tables"})
    with pytest.raises(Incomplete) as incomplete:
        notes.propose(proposal.id, 1, by=lead.id)

    assert incomplete.value.problems["minutes_2"].params == {"total": 91, "minutes": 90}


# ---- sign ------------------------------------------------------------------------------------------------------------


def test_every_body_signs_the_same_text_once_and_the_last_one_signs_it_off(workshop: Any) -> None:
    _event, proposal, lead, other = workshop
    note = a_note(proposal, lead, proposed=True)
    assert mails("note_to_sign") == sorted([lead.email, "ministry@example.org"])
    first = notes.sign(proposal.id, 1, hash_of(note), by=other.id)
    assert fresh(note).state == NoteState.PROPOSED
    with pytest.raises(Refused) as twice:
        notes.sign(proposal.id, 1, hash_of(note), by=other.id)
    second = notes.sign(proposal.id, 1, hash_of(note), by=lead.id)

    assert refused(twice) == "note.signed_already"
    assert (first.body_name, second.body_name) == ("Ministry of Justice", "Association for Budgets")
    assert first.hash == second.hash == hash_of(note)
    assert (fresh(note).state, fresh(note).signed_off_at) == (NoteState.SIGNED_OFF, the_clock.now())
    assert mails("note_signed_off") == sorted([lead.email, "ministry@example.org"])
    assert invariants.findings(CHECKED) == []


def test_an_edit_between_look_and_signature_is_never_signed(workshop: Any) -> None:
    _event, proposal, lead, other = workshop
    note = a_note(proposal, lead, proposed=True)
    seen = hash_of(note)
    notes.save_part(proposal.id, 1, "axis", {"axis_en": "Another question"}, based_on=2, by=lead.id, is_knowing=True)
    with pytest.raises(Refused) as draft:
        notes.sign(proposal.id, 1, seen, by=other.id)
    notes.propose(proposal.id, 1, by=lead.id)
    with pytest.raises(Refused) as changed:
        notes.sign(proposal.id, 1, seen, by=other.id)

    assert (refused(draft), refused(changed)) == ("note.not_to_sign", "note.text_changed")
    assert fresh(note).state == NoteState.PROPOSED


def test_a_change_after_proposing_voids_what_was_signed_and_tells_everybody(workshop: Any) -> None:
    _event, proposal, lead, other = workshop
    note = a_note(proposal, lead, proposed=True)
    notes.sign(proposal.id, 1, hash_of(note), by=other.id)
    with pytest.raises(Refused) as unknowing:
        notes.save_part(proposal.id, 1, "axis", {"axis_en": "Quietly"}, based_on=2, by=lead.id)
    assert fresh(note).state == NoteState.PROPOSED
    same = notes.save_part(proposal.id, 1, "axis", {"axis_en": "What keeps women from a judge?"}, based_on=2, by=lead.id)
    assert same.revision == 2 and fresh(note).state == NoteState.PROPOSED
    notes.save_part(proposal.id, 1, "axis", {"axis_en": "Knowing"}, based_on=2, by=lead.id, is_knowing=True)
    text = db.session.scalars(select(NoteText)).one()

    assert refused(unknowing) == "note.is_proposed"
    assert fresh(note).state == NoteState.DRAFT and text.end == "edited"
    assert note_queries.signatures(text.id) == [] and len(note_queries.signatures(text.id, void_too=True)) == 1
    assert mails("note_taken_back") == sorted([lead.email, "ministry@example.org"])
    assert invariants.findings(CHECKED) == []


def test_asking_for_changes_takes_it_back_with_the_reason(workshop: Any) -> None:
    _event, proposal, lead, other = workshop
    note = a_note(proposal, lead, proposed=True)
    notes.sign(proposal.id, 1, hash_of(note), by=lead.id)
    with pytest.raises(Refused) as silent:
        notes.ask_changes(proposal.id, 1, hash_of(note), "axis", "  ", by=other.id)
    notes.ask_changes(proposal.id, 1, hash_of(note), "axis", "Say which courts.", by=other.id)
    thread = note_queries.threads(proposal.id)[0].first
    states = {one.body: one.state for one in note_readable.panel(proposal, fresh(note), note_queries.threads(proposal.id))}

    assert refused(silent) == "note.comment_missing"
    assert (thread.section, thread.words, thread.body_name) == ("axis", "Say which courts.", "Ministry of Justice")
    assert fresh(note).state == NoteState.DRAFT
    assert states == {"Association for Budgets": "draft", "Ministry of Justice": "asked"}
    text = db.session.scalars(select(Mail.text).where(Mail.kind == "proposals/note_taken_back")).first()
    assert text is not None and "Say which courts." in text


def test_organisers_of_the_meeting_do_not_sign_for_a_body(workshop: Any) -> None:
    event, proposal, lead, other = workshop
    note = a_note(proposal, lead, proposed=True)
    people.grant(other.id, "OR", event_id=event.id, by=people.actor_of(lead), scopes=None)
    with pytest.raises(Refused) as error:
        notes.sign(proposal.id, 1, hash_of(note), by=other.id)

    assert refused(error) == "note.organisers_do_not_sign"


def test_a_later_version_replaces_the_signed_one_only_when_all_have_signed(workshop: Any) -> None:
    _event, proposal, lead, other = workshop
    first = signed_off(proposal, lead, other)
    second = notes.begin(proposal.id, by=other.id)
    with pytest.raises(Refused) as third:
        notes.begin(proposal.id, by=lead.id)
    same = {section: part.answers for section, part in note_queries.parts(second.id).items()}
    assert same == {section: part.answers for section, part in note_queries.parts(first.id).items()}
    with pytest.raises(Refused) as old:
        notes.save_part(proposal.id, 1, "axis", {"axis_en": "Late"}, based_on=2, by=lead.id, is_knowing=True)
    notes.save_part(proposal.id, 2, "axis", {"axis_en": "Newer"}, based_on=1, by=lead.id)
    notes.propose(proposal.id, 2, by=lead.id)
    notes.sign(proposal.id, 2, hash_of(second), by=lead.id)
    assert (fresh(first).state, fresh(second).state) == (NoteState.SIGNED_OFF, NoteState.PROPOSED)
    notes.sign(proposal.id, 2, hash_of(second), by=other.id)

    assert (refused(third), refused(old)) == ("note.open_already", "note.wrong_state")
    assert (fresh(first).state, fresh(second).state) == (NoteState.SUPERSEDED, NoteState.SIGNED_OFF)
    assert note_readable.content_of(fresh(first))["axis"]["en"] == "What keeps women from a judge?"
    assert invariants.findings(CHECKED) == []


def test_who_joins_while_it_is_signed_must_sign_too_and_who_joins_later_does_not_undo_it(app: Flask, clock: ModuleType) -> None:
    event, lead = an_event(), a_person()
    a_call(event)
    proposal, lead, other = an_accepted_proposal(event, lead)
    with transaction():
        db.session.get_one(Proposal, proposal.id).state = "submitted"
    with clock.at(CALL_OPEN):
        network = partners.invite(proposal.id, {**A_MINISTRY, "email": "n@example.org", "organisation_name": "Network"}, by=lead.id)
        court = partners.invite(proposal.id, {**A_MINISTRY, "email": "c@example.org", "organisation_name": "Court"}, by=lead.id)
    with transaction():
        db.session.get_one(Proposal, proposal.id).state = "accepted"
    with clock.at(ACCEPTED):
        note = a_note(proposal, lead, proposed=True)
        notes.sign(proposal.id, 1, hash_of(note), by=lead.id)
        joined = partners.answer(event.id, network.code, accepts=True)
        assert joined is not None and "n@example.org" in mails("note_to_sign")
        notes.sign(proposal.id, 1, hash_of(note), by=other.id)
        assert fresh(note).state == NoteState.PROPOSED
        notes.sign(proposal.id, 1, hash_of(note), by=joined.id)
        assert fresh(note).state == NoteState.SIGNED_OFF
        partners.answer(event.id, court.code, accepts=True)
        states = {one.body: one.state for one in note_readable.panel(proposal, fresh(note), [])}

    assert fresh(note).state == NoteState.SIGNED_OFF
    assert states["Court"] == "later" and states["Network"] == "signed"
    assert invariants.findings(CHECKED) == []


def test_nobody_is_waited_for_who_has_left(workshop: Any) -> None:
    event, proposal, lead, _other = workshop
    note = a_note(proposal, lead, proposed=True)
    notes.sign(proposal.id, 1, hash_of(note), by=lead.id)
    partner = next(one for one in note_queries.members(proposal.id) if one.organisation_name == "Ministry of Justice")
    partners.answer(event.id, partner.code, accepts=False)

    assert fresh(note).state == NoteState.SIGNED_OFF


def test_a_withdrawn_workshop_can_only_be_read(workshop: Any) -> None:
    _event, proposal, lead, other = workshop
    note = a_note(proposal, lead, proposed=True)
    services.withdraw(proposal.id, by=lead.id)
    answers = []
    for act in (
        lambda: notes.sign(proposal.id, 1, hash_of(note), by=other.id),
        lambda: notes.save_part(proposal.id, 1, "axis", {"axis_en": "x"}, based_on=2, by=lead.id, is_knowing=True),
        lambda: note_comments.say(proposal.id, 1, "", "Well", by=lead.id),
    ):
        with pytest.raises(Refused) as error:
            act()
        answers.append(refused(error))

    assert answers == ["note.not_accepted"] * 3 and note_queries.has_note(fresh_proposal(proposal))


def fresh_proposal(proposal: Proposal) -> Proposal:
    return db.session.get_one(Proposal, proposal.id, populate_existing=True)


# ---- comments and reminders ------------------------------------------------------------------------------------------


def test_comments_are_answered_resolved_and_opened_again(workshop: Any) -> None:
    _event, proposal, lead, other = workshop
    a_note(proposal, lead)
    said = note_comments.say(proposal.id, 1, "axis", "Which courts?", by=other.id)
    assert note_queries.todo_at(proposal, lead.id) == ["write", "answer"]
    note_comments.say(proposal.id, 1, "", "All of them.", by=lead.id, thread=said.code)
    assert note_queries.todo_at(proposal, lead.id) == ["write"]
    note_comments.resolve(proposal.id, said.code, by=other.id)
    resolved = note_queries.threads(proposal.id)[0].first.resolved_at
    note_comments.say(proposal.id, 1, "axis", "And the others?", by=other.id, thread=said.code)
    thread = note_queries.threads(proposal.id)[0]

    assert resolved is not None and thread.first.resolved_at is None
    assert [one.words for one in thread.answers] == ["All of them.", "And the others?"]
    assert {one.section for one in thread.answers} == {"axis"}


def test_bodies_that_have_not_signed_are_reminded_twice_and_once_each(workshop: Any, clock: ModuleType) -> None:
    _event, proposal, lead, other = workshop
    note = a_note(proposal, lead, proposed=True)
    notes.sign(proposal.id, 1, hash_of(note), by=lead.id)
    told = []
    for moment in ("2022-10-07T23:59+01:00", "2022-10-08T00:01+01:00", "2022-10-09T09:00+01:00", "2022-10-14T00:01+01:00",
                   "2022-10-14T12:00+01:00", "2022-10-15T00:01+01:00"):  # fmt: skip
        with clock.at(moment):
            before = len(mails("note_to_sign"))
            note_reminders.due(the_clock.now())
            note_reminders.due(the_clock.now())
            told.append(mails("note_to_sign").count("ministry@example.org") - 1 if len(mails("note_to_sign")) > before else None)

    assert told == [None, 1, None, 2, None, None]
    assert mails("note_to_sign").count(lead.email) == 1


def test_reminders_stop_when_all_have_signed(workshop: Any, clock: ModuleType) -> None:
    _event, proposal, lead, other = workshop
    signed_off(proposal, lead, other)
    notes.begin(proposal.id, by=lead.id)
    with clock.at("2022-10-10T09:00+01:00"):
        before = len(mails("note_to_sign"))
        note_reminders.due(the_clock.now())

    assert len(mails("note_to_sign")) == before


def test_who_has_not_written_it_is_reminded_too(workshop: Any, clock: ModuleType) -> None:
    _event, _proposal, lead, _other = workshop
    with clock.at("2022-10-10T09:00+01:00"):
        note_reminders.due(the_clock.now())
    text = db.session.scalars(select(Mail.text).where(Mail.kind == "proposals/note_to_sign")).first()

    assert mails("note_to_sign") == sorted([lead.email, "ministry@example.org"])
    assert text is not None and "has to be written" in text


# ---- the record ------------------------------------------------------------------------------------------------------


def test_every_step_stands_in_the_record(workshop: Any) -> None:
    _event, proposal, lead, other = workshop
    note = a_note(proposal, lead, proposed=True)
    notes.ask_changes(proposal.id, 1, hash_of(note), "", "More.", by=other.id)
    notes.propose(proposal.id, 1, by=lead.id)
    for person in (lead, other):
        notes.sign(proposal.id, 1, hash_of(note), by=person.id)
    query = select(AuditLine.action).where(AuditLine.object_ref == proposal.code, AuditLine.action.like("note.%"))
    actions = list(db.session.scalars(query.order_by(AuditLine.seq)))

    assert actions == [
        "note.begun", "note.written", "note.written", "note.written", "note.proposed", "note.changes_asked", "note.proposed",
        "note.signed", "note.signed", "note.signed_off",
    ]  # fmt: skip


def test_differences_are_told_word_by_word_in_each_language(workshop: Any) -> None:
    _event, proposal, lead, _other = workshop
    note = a_note(proposal, lead, proposed=True, axis={"axis_en": "Old question", "axis_ar": "سؤال قديم"})
    given = {"axis_en": "New question", "axis_ar": "سؤال جديد"}
    notes.save_part(proposal.id, 1, "axis", given, based_on=2, by=lead.id, is_knowing=True)
    old, new = (note_readable.content_of_choice(one) for one in note_readable.choices([fresh(note)]))
    found = {one["lang"]: [(piece.kind, piece.words) for piece in one["pieces"]] for one in note_readable.differences(old, new)}

    assert found["en"] == [("gone", "Old "), ("new", "New "), ("same", "question")]
    assert found["ar"] == [("same", "سؤال "), ("gone", "قديم"), ("new", "جديد")]


# ---- told ------------------------------------------------------------------------------------------------------------


def test_a_comment_is_told_to_those_it_concerns_once_an_hour(workshop: Any, clock: ModuleType) -> None:
    event, proposal, lead, other = workshop
    a_note(proposal, lead)
    team = an_organiser(event)
    first = note_comments.say(proposal.id, 1, "axis", "Which judges?", by=team.id)
    assert mails("note_commented") == sorted([lead.email, "ministry@example.org"])
    note_comments.say(proposal.id, 1, "axis", "All of them", by=lead.id, thread=first.code)
    assert mails("note_commented") == sorted([lead.email, "ministry@example.org", team.email])
    clock.tick(minutes=61)
    note_comments.say(proposal.id, 1, "axis", "Agreed", by=other.id, thread=first.code)

    assert mails("note_commented") == sorted([lead.email, lead.email, "ministry@example.org", team.email, team.email])


def test_the_team_is_told_when_an_accepted_workshop_falls_out(workshop: Any) -> None:
    event, proposal, lead, _other = workshop
    team = an_organiser(event)
    services.withdraw(proposal.id, by=lead.id, reason="Our minister travels")

    assert mails("withdrawn_team") == [team.email]
