"""Whatever people and organisers do, in whatever order: places add up, and the waiting list keeps its order."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from eventreg.cli import invariants
from eventreg.core import capacity, clock
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.refusals import Refused
from eventreg.registration import changes, expiry, queries, rules, services
from eventreg.registration.models import Needs, Registration, WaitingEntry
from eventreg.registration.rules import State, Waiting
from tests import factories

pytestmark = pytest.mark.sqlite_only

PEOPLE = range(8)
CATEGORIES = ("media", "donor", "government")
DAYS = ("2022-11-01", "2022-11-02")
GENDERS = ("", "woman", "man")
COUNTRIES = ("MA", "SN")
OTHERS = (*(("day", day) for day in DAYS), ("gender", "woman"), ("country", "SN"), ("sector", "donor"))
ANSWERS = st.fixed_dictionaries(
    {
        "sector": st.sampled_from(CATEGORIES), "country": st.sampled_from(COUNTRIES), "gender": st.sampled_from(GENDERS),
        "days": st.sets(st.sampled_from(DAYS), min_size=1).map(sorted),
    }
)  # fmt: skip
LIMITS = st.one_of(st.none(), st.integers(0, 5))
BY_THE_HOUR = {"decision.due", "time.future", "waiting.free_place", "waiting.offer_ends"}
_number = itertools.count(1)


class Meeting(RuleBasedStateMachine):
    """One meeting with eight people, three sectors, two days, two countries, and limits on all of it that come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime.fromisoformat(factories.OPEN)
        self.event = factories.an_event(slug=f"meeting-{next(_number)}", limit=3, media=1)
        self.organiser = factories.an_organiser(self.event)
        self.had_offers: set[int] = set()
        self.forms: list[str] = []
        self.last_position = 0
        self.broken_before = {finding.name for finding in self._broken()}

    def teardown(self) -> None:
        """An operator would be told of nothing new."""
        assert [each for each in self._broken() if each.name not in self.broken_before] == []

    def _broken(self) -> list[invariants.Finding]:
        """What an operator would be told of now; other meetings of this test stand at other hours."""
        with clock.at(self.now):
            return [finding for finding in invariants.findings(clock.now()) if finding.name not in BY_THE_HOUR]

    def _act(self, act: Callable[[], Any]) -> None:
        """A second later, as no two things happen at once; a refusal changes nothing and is fine."""
        self.now += timedelta(seconds=1)
        with clock.at(self.now):
            try:
                act()
            except Refused:
                db.session.rollback()
        db.session.expire_all()

    def _of(self, who: int) -> Registration | None:
        person = db.session.scalar(select(factories.Person).where(factories.Person.email_key == self._email(who)))
        return queries.of_person(self.event.id, person.id) if person else None

    def _email(self, who: int) -> str:
        return f"p{who}.{self.event.slug}@example.org"

    def _answers(self, who: int, answers: dict[str, Any]) -> rules.Answers:
        raw = factories.raw_answers(email=self._email(who), **answers)
        return rules.answers(raw, days=self.event.days)

    @rule(
        who=st.sampled_from(PEOPLE), answers=ANSWERS, confirms=st.booleans(), passes=st.booleans(),
        corrects=st.booleans(),
    )  # fmt: skip
    def register(self, who: int, answers: dict[str, Any], confirms: bool, passes: bool, corrects: bool) -> None:
        wrong, key = self.forms[-1] if corrects and self.forms else "", f"{self.event.slug}:{len(self.forms)}"
        self.forms.append(key)

        def act() -> None:
            invitation = None
            if passes and who < 2:
                invitation = factories.an_invitation(self.event, self.organiser, passes_limit=True).invitation.id
            sending = services.Sending(lang="en", key=key, form_opened_at=clock.now(), invitation_id=invitation, corrects=wrong)
            made = services.register(self.event.id, self._answers(who, answers), sending)
            if confirms:
                services.confirm_address(made.id)

        self._act(act)

    @rule(who=st.sampled_from(PEOPLE), answer=st.sampled_from(["cancel", "accept", "refuse", "confirm"]))
    def answer(self, who: int, answer: str) -> None:
        made = self._of(who)
        if made is None:
            return
        acts: dict[str, Callable[[], Any]] = {
            "cancel": lambda: services.cancel(made.id, by=OPERATOR),
            "accept": lambda: services.accept_offer(made.id, by=OPERATOR),
            "refuse": lambda: services.refuse_offer(made.id, by=OPERATOR),
            "confirm": lambda: services.confirm_address(made.id),
        }
        self._act(acts[answer])

    @rule(who=st.sampled_from(PEOPLE), answers=ANSWERS)
    def change_answers(self, who: int, answers: dict[str, Any]) -> None:
        made = self._of(who)
        if made is not None:
            self._act(lambda: changes.change(made.id, self._answers(who, answers), lang="en", by=OPERATOR))

    @rule(limit=LIMITS)
    def set_event_limit(self, limit: int | None) -> None:
        self._act(lambda: services.set_limit(self.event.id, "event", "", limit, by=OPERATOR))

    @rule(category=st.sampled_from(CATEGORIES), limit=LIMITS)
    def set_category_limit(self, category: str, limit: int | None) -> None:
        self._act(lambda: services.set_limit(self.event.id, "category", category, limit, by=OPERATOR))

    @rule(limit=st.sampled_from(OTHERS), number=LIMITS)
    def set_other_limit(self, limit: tuple[str, str], number: int | None) -> None:
        self._act(lambda: services.set_limit(self.event.id, *limit, number, by=OPERATOR))

    @rule(hours=st.sampled_from([1, 25, 49]))
    def time_passes(self, hours: int) -> None:
        """Offers lapse, unconfirmed addresses expire."""
        self.let_time_pass(timedelta(hours=hours))
        self._act(lambda: expiry.due(clock.now()))

    def let_time_pass(self, span: timedelta) -> None:
        """Never past the deadline, where this meeting would end."""
        self.now = max(self.now, min(self.now + span, datetime.fromisoformat("2022-09-30T22:00+01:00")))

    def _entries(self) -> list[WaitingEntry]:
        query = select(WaitingEntry).where(WaitingEntry.event_id == self.event.id).order_by(WaitingEntry.id)
        return list(db.session.scalars(query.execution_options(populate_existing=True)))

    def _registrations(self) -> list[Registration]:
        query = select(Registration).where(Registration.event_id == self.event.id)
        return list(db.session.scalars(query.execution_options(populate_existing=True)))

    def _pools(self) -> list[capacity.Pool]:
        return capacity.all_pools(self.event.id)

    def _counts(self, registration: Registration, pool: capacity.Pool) -> bool:
        """Whether this person counts under this limit, told without the product's own rule."""
        needs = db.session.get(Needs, registration.id, populate_existing=True)
        return {
            "event": True, "category": registration.category == pool.key, "sector": registration.sector == pool.key,
            "country": registration.country == pool.key, "gender": needs is not None and needs.gender == pool.key,
            "day": pool.key in registration.days,
        }[pool.kind]  # fmt: skip

    def _needed(self, entry: WaitingEntry) -> set[int]:
        who = db.session.get_one(Registration, entry.registration_id)
        return {pool.id for pool in self._pools() if self._counts(who, pool)}

    @invariant()
    def what_is_taken_is_what_is_held(self) -> None:
        offered = {entry.registration_id for entry in self._entries() if entry.state == Waiting.OFFERED}
        holders = [r for r in self._registrations() if r.state == State.CONFIRMED or r.id in offered]
        for pool in self._pools():
            assert pool.taken == sum(self._counts(holder, pool) for holder in holders), (pool.kind, pool.key)

    @invariant()
    def nobody_waits_beside_a_free_place(self) -> None:
        full = [pool for pool in self._pools() if pool.free == 0]
        for entry in self._entries():
            if entry.state == Waiting.WAITING:
                who = db.session.get_one(Registration, entry.registration_id)
                assert any(self._counts(who, pool) for pool in full), entry.position

    @invariant()
    def each_new_offer_goes_to_the_first_who_may_have_it(self) -> None:
        entries = self._entries()
        offers = {entry.id for entry in entries if entry.offered_at is not None}
        for new in (entry for entry in entries if entry.id in offers - self.had_offers):
            passed = [e for e in entries if e.state == Waiting.WAITING and e.position < new.position]
            for entry in passed:  # whoever was passed needs a place that the new one does not need
                assert self._needed(entry) - self._needed(new), (entry.position, new.position)
        self.had_offers = offers

    @invariant()
    def positions_only_grow(self) -> None:
        positions = [entry.position for entry in self._entries()]
        assert positions == sorted(set(positions))
        assert max(positions, default=0) >= self.last_position
        self.last_position = max(positions, default=0)

    @invariant()
    def each_state_has_what_belongs_to_it(self) -> None:
        live = Counter(e.registration_id for e in self._entries() if e.state in (Waiting.WAITING, Waiting.OFFERED))
        for registration in self._registrations():
            assert live[registration.id] == (registration.state == State.WAITLISTED), registration.state
            has_ticket = queries.live_ticket(registration.id) is not None
            assert has_ticket == (registration.state == State.CONFIRMED), registration.state


def test_places_and_the_waiting_list_add_up_whatever_happens(app: Flask) -> None:
    run_state_machine_as_test(
        Meeting,
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
