"""Whatever organisers decide, take back and switch while people come and go: nothing is given or told before a decision holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from eventreg.core import clock
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.events.models import Event
from eventreg.registration import expiry, moderation, services
from eventreg.registration.models import Registration, RegistrationDecision
from eventreg.registration.moderation import Decision
from eventreg.registration.rules import State, Verdict
from tests import factories
from tests.registration.test_stateful import ANSWERS, PEOPLE, Meeting

pytestmark = pytest.mark.sqlite_only

DECISIONS = (Decision(Verdict.YES, words="Looked at twice"), Decision(Verdict.YES), Decision(Verdict.NO, "places"))
LEFT = (State.CANCELLED, State.EXPIRED)


@dataclass(frozen=True)
class Awaited:
    """A released decision just before it holds, and the person as they stand then."""

    verdict: str
    state: str
    is_of_this_form: bool


class ModeratedMeeting(Meeting):
    """The same meeting, where organisers decide who gets a place; now and then nobody is asked."""

    @initialize(answers=st.lists(ANSWERS, min_size=4, max_size=len(PEOPLE)))
    def begins_with_people_who_wait(self, answers: list[dict[str, Any]]) -> None:
        self._act(lambda: moderation.switch(self.event.id, is_on=True, by=OPERATOR))
        for who, each in enumerate(answers):
            self.register(who, each, confirms=True, passes=False, corrects=False)

    @rule(who=st.sets(st.sampled_from(PEOPLE), min_size=1), decision=st.sampled_from(DECISIONS), minutes=st.sampled_from([14, 15]))
    def decide(self, who: set[int], decision: Decision, minutes: int) -> None:
        """Prepared and released they hold after a quarter of an hour, and not a minute earlier."""
        self.prepare(who, decision)
        waiting = {each.id for each in self._decisions() if each.released_at is None and each.undone_at is None}
        self.release()
        released = self.now
        self.minutes_pass(minutes)
        held = waiting & {each.id for each in self._decisions() if each.applied_at is not None}
        assert held == (waiting if self.now - released >= timedelta(minutes=15) else set())

    @rule(who=st.sampled_from(PEOPLE), answers=ANSWERS)
    def leaves_and_comes_back(self, who: int, answers: dict[str, Any]) -> None:
        self.answer(who, "cancel")
        self.register(who, answers, confirms=True, passes=False, corrects=False)

    @rule(who=st.sampled_from(PEOPLE), answers=ANSWERS)
    def comes_with_an_invitation(self, who: int, answers: dict[str, Any]) -> None:
        def act() -> None:
            invitation = factories.an_invitation(self.event, self.organiser, passes_moderation=True).invitation.id
            sending = services.Sending(lang="ar", key=None, form_opened_at=clock.now(), invitation_id=invitation)
            services.register(self.event.id, self._answers(who, answers), sending)

        self._act(act)

    @rule(is_on=st.booleans())
    def switch(self, is_on: bool) -> None:
        """Who has no decision when nobody is asked any more is let in by the worker, at once."""

        def act() -> None:
            moderation.switch(self.event.id, is_on=is_on, by=OPERATOR)
            self._decisions_hold()

        self._act(act)

    @rule(who=st.sets(st.sampled_from(PEOPLE), min_size=1), decision=st.sampled_from(DECISIONS))
    def prepare(self, who: set[int], decision: Decision) -> None:
        ids = [made.id for made in map(self._of, who) if made is not None]
        self._unseen(lambda: moderation.prepare(self.event.id, ids, decision, by=OPERATOR))

    @rule()
    def release(self) -> None:
        self._unseen(lambda: moderation.release(self.event.id, by=OPERATOR))

    @rule(who=st.sampled_from(PEOPLE), whole=st.booleans())
    def undo(self, who: int, whole: bool) -> None:
        made, batch = self._of(who), max((each.batch or 0 for each in self._decisions()), default=0)
        one = None if whole or made is None else made.id
        self._unseen(lambda: moderation.undo(self.event.id, batch, by=OPERATOR, registration_id=one))

    @rule(who=st.sampled_from(PEOPLE))
    def take_back(self, who: int) -> None:
        made = self._of(who)
        if made is not None:
            self._unseen(lambda: moderation.take_back(self.event.id, made.id, by=OPERATOR))

    @rule(minutes=st.sampled_from([14, 15]))
    def minutes_pass(self, minutes: int) -> None:
        """What the worker does."""
        self.let_time_pass(timedelta(minutes=minutes))
        self._act(self._decisions_hold)
        self._act(lambda: expiry.due(clock.now()))

    def _unseen(self, act: Callable[[], Any]) -> None:
        """Nothing of it shows: states, places, codes and mails are as before."""
        before = self._seen_outside()
        self._act(act)
        assert self._seen_outside() == before

    def _seen_outside(self) -> tuple[Any, ...]:
        states = [(made.id, made.state, made.changed_at) for made in self._registrations()]
        return states, [(pool.id, pool.taken) for pool in self._pools()], db.session.scalar(select(func.count(Mail.id)))

    def _decisions(self) -> list[RegistrationDecision]:
        query = select(RegistrationDecision).where(RegistrationDecision.event_id == self.event.id)
        return list(db.session.scalars(query.order_by(RegistrationDecision.id).execution_options(populate_existing=True)))

    def _decisions_hold(self) -> None:
        """Those that are due hold, each as the person stood just before; and the first to come gets the place."""
        awaited = {each.id: self._awaited(each) for each in self._decisions() if self._is_due(each)}
        moderation.due(clock.now())
        db.session.expire_all()
        applied = [each for each in self._decisions() if each.id in awaited]
        for decision in applied:
            assert decision.outcome in self._possible(awaited[decision.id]), (awaited[decision.id], decision.outcome)
        self._first_come_first_served([each for each in applied if each.outcome in (State.CONFIRMED, State.WAITLISTED)])

    def _is_due(self, decision: RegistrationDecision) -> bool:
        is_open = decision.undone_at is None and decision.applied_at is None
        return is_open and decision.due_at is not None and decision.due_at <= clock.now()

    def _awaited(self, decision: RegistrationDecision) -> Awaited:
        who = db.session.get_one(Registration, decision.registration_id, populate_existing=True)
        return Awaited(decision.verdict, who.state, who.registered_at < decision.decided_at)

    def _possible(self, awaited: Awaited) -> set[str]:
        """What a decision may bring, told without the product's own rule."""
        if not awaited.is_of_this_form or awaited.state in (*LEFT, State.CONFIRMED, State.WAITLISTED):
            return {"void"}
        if awaited.verdict == "no":
            return {"declined"} if awaited.state == State.SUBMITTED else {"void"}
        return {"confirmed", "waitlisted"}

    def _first_come_first_served(self, applied: list[RegistrationDecision]) -> None:
        """Who came earlier waits beside a later one with a place only if they need a place that this one does not need."""
        people = {each.id: db.session.get_one(Registration, each.registration_id) for each in applied}
        needs = {
            each.id: {pool.id for pool in self._pools() if self._counts(people[each.id], pool)} for each in applied
        }
        for late in (each for each in applied if each.outcome == State.CONFIRMED and not people[each.id].passed_limit):
            for early in (each for each in applied if each.outcome == State.WAITLISTED):
                if people[early.id].registered_at < people[late.id].registered_at:
                    assert needs[early.id] - needs[late.id], (people[early.id].code, people[late.id].code)

    @invariant()
    def nobody_waits_for_a_decision_that_nobody_takes(self) -> None:
        event = db.session.get_one(Event, self.event.id, populate_existing=True)
        is_open = {e.registration_id for e in self._decisions() if e.undone_at is None and e.applied_at is None}
        for made in self._registrations():
            assert made.state != State.SUBMITTED or event.moderated or made.id in is_open, made.code

    @invariant()
    def one_decision_about_a_person_is_open(self) -> None:
        open_ones = [each.registration_id for each in self._decisions() if each.undone_at is None and each.applied_at is None]
        assert len(open_ones) == len(set(open_ones))


def test_decisions_bring_what_they_say_whatever_happens(app: Flask) -> None:
    run_state_machine_as_test(
        ModeratedMeeting,
        settings=settings(
            max_examples=24, stateful_step_count=30, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
