"""Who is let in: nothing leaves and nothing shows before a decision holds, and then places are given in order of registration."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from eventreg.cli import invariants
from eventreg.core import audit, capacity, clock
from eventreg.core.audit import OPERATOR, Actor
from eventreg.core.db import db, transaction
from eventreg.core.outbox import Mail
from eventreg.core.refusals import Refused
from eventreg.registration import expiry, moderation, queries, retention, rules, services
from eventreg.registration.models import Invitation, Registration, RegistrationDecision
from eventreg.registration.moderation import Decision
from eventreg.registration.rules import Verdict
from tests import factories
from tests.factories import OPEN, a_registration, an_event

YES, NO = Decision(Verdict.YES), Decision(Verdict.NO, "places", "Come next year, Badr.")
ORGANISER = Actor("organiser", "P-TEST")


@pytest.fixture(autouse=True)
def _three_days_before(app):
    with clock.at(OPEN):
        yield


def a_moderated_event(**changes):
    event = an_event(**changes)
    moderation.switch(event.id, is_on=True, by=OPERATOR)
    return event


def state_of(registration):
    return db.session.get_one(Registration, registration.id, populate_existing=True).state


def mails_to(registration):
    query = select(Mail.kind).where(Mail.about_ref == registration.code).order_by(Mail.id)
    return [kind.removeprefix("registration/") for kind in db.session.scalars(query)]


def taken(event):
    return capacity.pools(event.id, [("event", "")])[0].taken


def decide(event, people, decision):
    return moderation.prepare(event.id, [person.id for person in people], decision, by=ORGANISER)


def invited(event, *, passes_moderation):
    """How a form is sent that came by an invitation."""
    made = factories.an_invitation(event, factories.an_organiser(event)).invitation
    with transaction():
        db.session.get_one(Invitation, made.id).passes_moderation = passes_moderation
    return services.Sending(lang="en", key=None, form_opened_at=clock.now(), invitation_id=made.id)


def quarter_of_an_hour():
    clock.tick(minutes=15)
    moderation.due(clock.now())
    db.session.expire_all()


def sound():
    return list(invariants.findings(clock.now()))


def test_a_registration_waits_without_a_place_for_a_yes():
    event = a_moderated_event(limit=1)
    amina = a_registration(event)

    assert (state_of(amina), taken(event), mails_to(amina)) == ("submitted", 0, ["considered"])
    assert queries.live_ticket(amina.id) is None


def test_nothing_is_seen_before_release_and_all_of_it_after_a_quarter_of_an_hour():
    event = a_moderated_event(limit=5)
    amina, badr = a_registration(event), a_registration(event)
    assert (decide(event, [amina], YES), decide(event, [badr], NO)) == (1, 1)
    quarter_of_an_hour()
    assert [state_of(amina), state_of(badr)] == ["submitted", "submitted"]

    moderation.release(event.id, by=ORGANISER)
    clock.tick(minutes=14, seconds=59)
    moderation.due(clock.now())
    assert [state_of(amina), state_of(badr), mails_to(amina)] == ["submitted", "submitted", ["considered"]]
    clock.tick(seconds=1)
    moderation.due(clock.now())
    moderation.due(clock.now())

    assert [state_of(amina), state_of(badr)] == ["confirmed", "declined"]
    assert (mails_to(amina), mails_to(badr)) == (["considered", "confirmed"], ["considered", "declined"])
    assert queries.live_ticket(amina.id) is not None and queries.live_ticket(badr.id) is None
    assert taken(event) == 1
    mail = db.session.scalar(select(Mail).where(Mail.kind == "registration/declined"))
    assert "There are fewer places than requests." in mail.text and "Come next year, Badr." in mail.text
    assert "help@example.org" in mail.text
    line = audit.history(event.id, "registration", badr.code)[0]
    assert (line.action, line.actor) == ("registration.declined", "organiser:P-TEST")
    assert "Badr" not in str(line.facts)
    assert sound() == []


def test_a_worker_that_stops_halfway_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr(moderation, "CHUNK", 2)
    event = a_moderated_event(limit=3)
    people = [a_registration(event) for _each in range(5)]
    decide(event, people, YES)
    moderation.release(event.id, by=ORGANISER)
    clock.tick(minutes=15)
    assert moderation._apply_some(event.id)
    assert [state_of(person) for person in people] == ["confirmed"] * 2 + ["submitted"] * 3
    assert [len(mails_to(person)) for person in people] == [2, 2, 1, 1, 1]

    quarter_of_an_hour()

    assert [state_of(person) for person in people] == ["confirmed"] * 3 + ["waitlisted"] * 2
    assert [len(mails_to(person)) for person in people] == [2] * 5
    assert sound() == []


def test_places_go_by_order_of_registration_whatever_the_order_of_the_decisions():
    event = a_moderated_event(limit=2)
    people = []
    for _each in range(4):
        people.append(a_registration(event))
        clock.tick(minutes=1)
    for person in reversed(people):
        decide(event, [person], YES)
    expected = moderation.forecast(event)
    moderation.release(event.id, by=ORGANISER)
    quarter_of_an_hour()

    states = [state_of(person) for person in people]
    assert states == ["confirmed", "confirmed", "waitlisted", "waitlisted"]
    assert [expected[person.id] for person in people] == states
    assert mails_to(people[2]) == ["considered", "waiting"]
    assert sound() == []


def test_a_batch_or_one_decision_of_it_is_taken_back_while_the_time_runs():
    event = a_moderated_event()
    amina, badr = a_registration(event), a_registration(event)
    decide(event, [amina, badr], YES)
    batch = moderation.release(event.id, by=ORGANISER)
    assert moderation.undo(event.id, batch, by=ORGANISER, registration_id=amina.id) == 1
    quarter_of_an_hour()
    assert [state_of(amina), state_of(badr)] == ["submitted", "confirmed"]

    again = moderation.release(event.id, by=ORGANISER)  # what was taken back is prepared still
    assert moderation.undo(event.id, again, by=ORGANISER) == 1
    moderation.take_back(event.id, amina.id, by=ORGANISER)
    with pytest.raises(Refused) as error:
        moderation.release(event.id, by=ORGANISER)
    assert error.value.refusal.code == "moderation.nothing_prepared"
    with pytest.raises(Refused) as error:
        moderation.undo(event.id, batch, by=ORGANISER)
    assert error.value.refusal.code == "moderation.too_late"


def test_a_second_look_turns_a_no_into_a_yes_with_words():
    event = a_moderated_event()
    badr = a_registration(event)
    decide(event, [badr], NO)
    moderation.release(event.id, by=ORGANISER)
    quarter_of_an_hour()
    assert decide(event, [badr], NO) == 0
    with pytest.raises(Refused) as error:
        decide(event, [badr], YES)
    assert error.value.refusal.code == "moderation.words_missing"

    decide(event, [badr], Decision(Verdict.YES, "", "He speaks in a session after all."))
    moderation.release(event.id, by=ORGANISER)
    quarter_of_an_hour()
    assert (state_of(badr), mails_to(badr)) == ("confirmed", ["considered", "declined", "confirmed"])
    assert sound() == []


def test_whoever_left_or_sent_another_form_since_is_not_decided():
    event = a_moderated_event()
    gone, back = a_registration(event), a_registration(event)
    decide(event, [gone, back], YES)
    moderation.release(event.id, by=ORGANISER)
    services.cancel(gone.id, by=OPERATOR)
    services.cancel(back.id, by=OPERATOR)
    clock.tick(minutes=1)
    a_registration(event, email=queries.person_of(back).email)
    quarter_of_an_hour()

    assert [state_of(gone), state_of(back)] == ["cancelled", "submitted"]
    outcomes = select(RegistrationDecision.outcome).order_by(RegistrationDecision.id)
    assert list(db.session.scalars(outcomes)) == ["void", "void"]
    assert sound() == []


def test_an_unconfirmed_address_lapses_while_it_is_being_considered():
    event = a_moderated_event()
    lazy = a_registration(event, confirmed_address=False)
    clock.tick(hours=24)
    expiry.due(clock.now())

    assert (state_of(lazy), mails_to(lazy)) == ("expired", ["considered", "expired"])


@pytest.mark.parametrize(("passes", "state"), [(True, "confirmed"), (False, "submitted")])
def test_only_an_invitation_with_that_right_passes_moderation(passes, state):
    event = a_moderated_event()
    answers = rules.answers(factories.raw_answers(), days=event.days)

    made = services.register(event.id, answers, invited(event, passes_moderation=passes))

    assert (made.state, made.invitation_id is not None) == (state, True)


def test_an_invitation_takes_on_who_is_being_considered_already():
    event = a_moderated_event()
    amina = a_registration(event)
    decide(event, [amina], NO)
    moderation.release(event.id, by=ORGANISER)
    answers = rules.answers(factories.raw_answers(email=queries.person_of(amina).email), days=event.days)
    services.register(event.id, answers, invited(event, passes_moderation=True))
    assert state_of(amina) == "confirmed"
    quarter_of_an_hour()
    assert state_of(amina) == "confirmed"


def test_who_was_declined_and_sends_a_form_again_stays_declined():
    event = a_moderated_event()
    badr = a_registration(event)
    decide(event, [badr], NO)
    moderation.release(event.id, by=ORGANISER)
    quarter_of_an_hour()
    a_registration(event, email=queries.person_of(badr).email)

    assert (state_of(badr), mails_to(badr)[-1]) == ("declined", "already")


def test_without_moderation_whoever_waits_gets_a_place_in_order():
    event = a_moderated_event(limit=1)
    first, second, refused = a_registration(event), a_registration(event), a_registration(event)
    decide(event, [refused], NO)

    assert moderation.switch(event.id, is_on=False, by=OPERATOR) == 2
    moderation.due(clock.now())

    assert [state_of(first), state_of(second), state_of(refused)] == ["confirmed", "waitlisted", "submitted"]
    assert state_of(a_registration(event)) == "waitlisted"
    assert sound() == []


def test_nobody_is_left_without_a_decision_when_nobody_is_asked_any_more():
    event = a_moderated_event()
    back, taken_back = a_registration(event), a_registration(event)
    decide(event, [back], YES)
    moderation.release(event.id, by=ORGANISER)
    decide(event, [taken_back], NO)
    services.cancel(back.id, by=OPERATOR)
    clock.tick(minutes=1)
    a_registration(event, email=queries.person_of(back).email)
    assert moderation.switch(event.id, is_on=False, by=OPERATOR) == 0

    moderation.take_back(event.id, taken_back.id, by=ORGANISER)
    quarter_of_an_hour()

    assert [state_of(back), state_of(taken_back)] == ["confirmed", "confirmed"]
    assert sound() == []


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (Decision(Verdict.NO), "moderation.reason_missing"),
        (Decision(Verdict.NO, "weather"), "moderation.reason_missing"),
        (Decision(Verdict.NO, "other"), "moderation.words_missing"),
        (Decision(Verdict.NO, "places", "x" * 501), "answers.too_long"),
    ],
)
def test_a_decision_that_is_not_complete_is_refused(decision, code):
    event = a_moderated_event()
    amina = a_registration(event)
    with pytest.raises(Refused) as error:
        decide(event, [amina], decision)

    assert error.value.refusal.code == code
    assert db.session.scalar(select(func.count(RegistrationDecision.id))) == 0


def test_people_of_another_event_are_not_decided():
    event, other = a_moderated_event(), a_moderated_event(slug="other-2022")
    stranger = a_registration(other)

    assert decide(event, [stranger], YES) == 0
    assert moderation.take_back(event.id, stranger.id, by=ORGANISER) is False


def test_the_preview_is_the_mail_in_the_persons_language():
    event = a_moderated_event(limit=0)
    amina, badr = a_registration(event, lang="ar"), a_registration(event, lang="fr")
    decide(event, [amina], NO)
    decide(event, [badr], YES)

    subject, text, _html = moderation.preview(event, amina, moderation.open_decision(event.id, amina.id))
    assert "Come next year" in text and "لقاء 2022" in subject
    subject, text, _html = moderation.preview(event, badr, moderation.open_decision(event.id, badr.id))
    assert "Toutes les places de la rencontre sont prises." in text
    assert db.session.scalar(select(func.count(Mail.id))) == 2


def test_what_an_organiser_wrote_with_a_decision_is_erased_with_the_needs(app):
    event = a_moderated_event()
    person = a_registration(event)
    decide(event, [person], NO)
    moderation.release(event.id, by=ORGANISER)
    with clock.at("2022-11-30T12:00+01:00"):
        moderation.due(clock.now())
        retention.due(clock.now())
        assert db.session.scalars(select(RegistrationDecision.words)).all() == [NO.words]
    with clock.at("2022-12-04T12:00+01:00"):
        retention.due(clock.now())

    kept = db.session.scalars(select(RegistrationDecision).execution_options(populate_existing=True)).one()
    assert (kept.verdict, kept.reason, kept.words) == ("no", "places", "")
    assert NO.words not in str(db.session.execute(select(audit.AuditValue.before, audit.AuditValue.after)).all())
    assert audit.verify(event.id) is None


def test_braces_in_an_organisers_words_are_words(app):
    words = "Dear {person.__class__.__mro__} {{7*7}} %(name)s %s"
    event = a_moderated_event()
    person = a_registration(event)
    decide(event, [person], Decision(Verdict.NO, "other", words))
    moderation.release(event.id, by=ORGANISER)
    with clock.at("2022-11-30T12:00+01:00"):
        moderation.due(clock.now())

    told = db.session.scalars(select(Mail.text).where(Mail.about_ref == person.code).order_by(Mail.id.desc())).first()
    assert words in told
