"""The balanced assignment: it keeps every rule, nothing is given before the chair says so, and why there may be none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventreg.core import times, worker
from eventreg.people.models import Person
from eventreg.proposals.models import Proposal
from eventreg.reviewing import conflicts, phases, queries, reviewers, reviews
from eventreg.reviewing.conflicts import TiePlan
from eventreg.reviewing.phases import ReviewingPlan
from eventreg.reviewing.rules import HELD
from tests.factories import (
    CALL_OPEN,
    REVIEWING,
    a_call,
    a_chair,
    a_proposal,
    a_reviewer,
    an_event,
    assigned,
    open_reviewing,
    review_answers,
    sign_in,
)

AT = "/en/ogp-2022/chair/assign/balanced"


class Panel:
    """Reviewing is open; the chair is signed in. Two reviews of each proposal, one of them from civil society."""

    def __init__(self, app: Flask, client: FlaskClient) -> None:
        self.app, self.client, self.event = app, client, an_event()
        a_call(self.event, closes="2022-09-01")
        self.chair = a_chair(self.event)
        self.proposals = [a_proposal(self.event, title_en=f"Workshop {number}") for number in range(6)]
        self.government = [a_reviewer(self.event, self.chair) for _ in range(3)]
        self.civil = [a_reviewer(self.event, self.chair, sector="civil_society") for _ in range(3)]

    def work_out(self) -> str:
        assert self.client.post(AT).status_code == 303
        worker.drain(self.app)
        return self.page()

    def page(self) -> str:
        answer = self.client.get(AT)
        assert answer.status_code == 200
        return str(answer.text)

    def give(self, *proposals: Proposal) -> int:
        return self.client.post(AT, data={"do": "accept", "proposal": [one.code for one in proposals]}).status_code

    def held(self) -> dict[int, set[int]]:
        """Who holds which proposal."""
        found: dict[int, set[int]] = {}
        for assignment, _review in queries.of_proposals(one.id for one in self.proposals):
            if assignment.state in HELD:
                found.setdefault(assignment.proposal_id, set()).add(assignment.person_id)
        return found


@pytest.fixture
def panel(app: Flask, client: FlaskClient, clock: ModuleType) -> Iterator[Panel]:
    with clock.at(CALL_OPEN):
        made = Panel(app, client)
    with clock.at(REVIEWING):
        open_reviewing(made.event, made.chair, per_proposal=2, max_load=4, mixes_sectors=True)
        sign_in(client, made.chair)
        yield made


def _row(page: str, proposal: Proposal) -> str:
    found = re.search(rf'<tr><th scope="row"><label class="choice" for="p-{proposal.code}">.*?</tr>', page, re.S)
    assert found
    return found.group()


def test_nothing_is_given_before_the_chair_accepts_it(panel: Panel) -> None:
    assert "Propose a balanced assignment" in panel.page()
    page = panel.work_out()
    assert "6 proposals get reviewers" in page and panel.held() == {}

    assert panel.give(*panel.proposals) == 303
    held, sectors = panel.held(), ({one.id for one in panel.government}, {one.id for one in panel.civil})
    assert set(held) == {one.id for one in panel.proposals}
    assert all(len(those) == 2 and those & sectors[0] and those & sectors[1] for those in held.values())
    assert max(sum(one.id in those for those in held.values()) for one in panel.government + panel.civil) <= 4
    assert "every proposal has its reviewers" in panel.page()


def test_a_part_is_accepted_and_the_rest_waits(panel: Panel) -> None:
    panel.work_out()
    first, *others = panel.proposals
    assert panel.give() == 422 and panel.held() == {}
    assert panel.give(first) == 303 and set(panel.held()) == {first.id}
    page = panel.work_out()
    assert first.code not in page and others[0].code in page and "5 proposals get reviewers" in page


def test_a_reviewer_with_a_conflict_is_not_proposed_and_not_given_it_when_one_appears_later(panel: Panel) -> None:
    first, second = panel.proposals[:2]
    conflicts.declare(panel.event.id, panel.civil[0].id, [TiePlan("family", proposal_id=first.id)], by=panel.civil[0].id)
    page = panel.work_out()
    assert panel.civil[0].name_latin not in _row(page, first)

    chosen = next(one for one in panel.civil if str(one.name_latin) in _row(page, second))
    conflicts.declare(panel.event.id, chosen.id, [TiePlan("family", proposal_id=second.id)], by=chosen.id)
    assert panel.give(first, second) == 409 and panel.held() == {}, "nothing is given by halves"
    assert "Have it worked out anew." in panel.client.post(AT, data={"do": "accept", "proposal": [second.code]}).text


def test_what_is_begun_stays_and_what_is_held_counts(panel: Panel) -> None:
    first = panel.proposals[0]
    begun, idle = assigned(panel.event, panel.chair, panel.government[0], first, panel.proposals[1])
    found = queries.frozen(panel.event.id)
    assert found is not None
    reviews.save(panel.event.id, panel.government[0], begun.code, review_answers(found), based_on=0)
    page = panel.work_out()
    assert panel.government[0].name_latin not in _row(page, first), "they have it already"
    panel.give(*panel.proposals)
    held = panel.held()
    assert panel.government[0].id in held[first.id] and len(held[first.id]) == 2
    assert panel.government[0].id in held[panel.proposals[1].id], "nothing moves without a reason"
    assert idle.code not in page


def test_what_nobody_has_begun_moves_where_the_rules_ask_for_it(panel: Panel) -> None:
    """Two of government hold a proposal that is to be read from civil society too."""
    first = panel.proposals[0]
    for one in panel.government[:2]:
        assigned(panel.event, panel.chair, one, first)
    assert "1 that nobody has begun moves to somebody else." in panel.work_out()
    panel.give(first)
    assert len(panel.held()[first.id]) == 2 and panel.held()[first.id] & {one.id for one in panel.civil}


def test_only_those_who_read_its_language_are_proposed(panel: Panel, clock: ModuleType) -> None:
    with clock.at(CALL_OPEN):
        arabic = a_proposal(panel.event, lang="ar", title_ar="ورشة")
    panel.proposals.append(arabic)
    for one in panel.government + panel.civil:
        languages = ("ar", "en") if one in (panel.government[2], panel.civil[2]) else ("en",)
        _says(panel, one, languages)
    row = _row(panel.work_out(), arabic)
    assert panel.government[2].name_latin in row and panel.civil[2].name_latin in row


def test_it_says_why_there_is_none_and_what_to_relax(panel: Panel, clock: ModuleType) -> None:
    with clock.at(CALL_OPEN):
        arabic = a_proposal(panel.event, lang="ar", title_ar="ورشة")
    for one in panel.government + panel.civil:
        _says(panel, one, ("en",))
    page = panel.work_out()
    assert "There is none that keeps every rule" in page and arabic.code in page
    assert "1 proposal lacks reviewers without a conflict who read its language:" in page and "Name more reviewers" in page
    assert panel.give(*panel.proposals) == 409 or panel.held() == {}


def test_too_few_places_are_counted_and_a_number_that_would_do_is_named(panel: Panel) -> None:
    closes = times.deadline("2022-09-18", panel.event.zone)
    phases.set_up(panel.event.id, ReviewingPlan(closes, per_proposal=2, max_load=1), by=panel.chair.id)
    page = panel.work_out()
    assert "6 reviews are more than all reviewers together may have." in page
    assert "2 proposals for each reviewer would do, or more reviewers." in page


def test_a_chair_with_a_conflict_sees_nothing_of_that_proposal(panel: Panel) -> None:
    hidden = panel.proposals[0]
    conflicts.declare(panel.event.id, panel.chair.id, [TiePlan("family", proposal_id=hidden.id)], by=panel.chair.id)
    page = panel.work_out()
    assert "5 proposals get reviewers" in page and hidden.code not in page and "Workshop 0" not in page
    assert panel.give(hidden) == 422 and panel.held() == {}


def test_an_event_without_reviewers_is_not_an_error(app: Flask, client: FlaskClient, clock: ModuleType) -> None:
    with clock.at(CALL_OPEN):
        event = an_event()
        chair = a_chair(event)
    with clock.at(REVIEWING):
        sign_in(client, chair)
        assert client.post(AT).status_code == 303
        worker.drain(app)
        assert "Name the reviewers." in client.get(AT).text


def _says(panel: Panel, person: Person, languages: tuple[str, ...]) -> None:
    reviewers.say_profile(panel.event.id, person.id, languages=languages, tracks={})
