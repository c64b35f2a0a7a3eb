"""A reviewer's pages as they meet them: the queue, one proposal with its form, what others said, and what is not theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventreg.core.db import db
from eventreg.core.i18n import Text
from eventreg.core.questions.shape import Kind, Question
from eventreg.people.models import Person
from eventreg.proposals.models import Proposal
from eventreg.reviewing import conflicts, queries
from eventreg.reviewing.conflicts import TiePlan
from eventreg.reviewing.rules import AssignmentState
from tests.factories import (
    CALL_OPEN,
    REVIEWING,
    a_call,
    a_chair,
    a_proposal,
    a_review,
    a_reviewer,
    an_event,
    ask_call,
    assigned,
    criteria,
    open_reviewing,
    review_answers,
    sign_in,
    statements,
)

HOME = "/en/ogp-2022/review/"
QUIET = {"Accept": "application/json"}


class Panel:
    """Two proposals that a reviewer has, the first of which somebody else has, too; the reviewer's browser."""

    def __init__(self, client: FlaskClient, **settings: bool) -> None:
        self.event = an_event()
        a_call(self.event, closes="2022-09-01")
        ask_call(self.event, Question("secret", Kind.TEXT, Text(en="For the team"), for_reviewers=False))
        self.chair = a_chair(self.event)
        self.criteria = criteria(self.event, self.chair, condition=True)
        open_reviewing(self.event, self.chair, **settings)
        self.reviewer, self.other = a_reviewer(self.event, self.chair), a_reviewer(self.event, self.chair)
        self.first = a_proposal(self.event, title_en="Open budgets", q_secret="Only for the team")
        self.second = a_proposal(self.event, title_en="Judges on the road")
        self.mine = assigned(self.event, self.chair, self.reviewer, self.first, self.second)
        self.theirs = assigned(self.event, self.chair, self.other, self.first)
        self.client = client

    def at(self, number: int = 0, what: str = "") -> str:
        return f"{HOME}{self.mine[number].code}{what}"

    def send(self, *values: int | str, number: int = 0, **changes: str) -> dict[str, str]:
        page = self.client.get(self.at(number)).text
        revision = re.search(r'name="revision" value="(\d+)"', page)
        assert revision is not None
        return review_answers(self.criteria, *values, revision=revision[1], **changes)

    def state(self, number: int = 0) -> str:
        db.session.expire_all()
        task = queries.task(self.event.id, self.reviewer, self.mine[number].code)
        return task.assignment.state if task is not None else "absent"


@pytest.fixture
def panel(app: Flask, client: FlaskClient, clock: ModuleType) -> Iterator[Panel]:
    with clock.at(CALL_OPEN):
        made = Panel(client)
    with clock.at(REVIEWING):
        sign_in(client, made.reviewer)
        yield made


def test_from_the_queue_to_the_last_review_in_one_request_each(panel: Panel) -> None:
    home = panel.client.get(HOME).text
    assert "0 of 2 submitted" in home and "To be submitted by Sunday" in home and "Open budgets" in home
    first = panel.client.post(panel.at(0, "/submit"), data=panel.send(5, 4))
    assert first.status_code == 303 and first.location.endswith(f"{panel.mine[1].code}?done=next")
    page = panel.client.get(first.location).text
    assert "Judges on the road" in page and "Submitted. This is the next one." in page
    last = panel.client.post(panel.at(1, "/submit"), data=panel.send(2, 1, number=1))
    assert last.location.endswith(f"{panel.mine[1].code}?done=submitted")

    home = panel.client.get(HOME).text
    assert "2 of 2 submitted" in home and "You have submitted every review." in home and "The scores you gave" in home


def test_the_draft_is_kept_while_one_types_and_by_the_button(panel: Panel) -> None:
    kept = panel.client.post(panel.at(), data=panel.send(4, to_committee="Half"), headers=QUIET)
    assert kept.status_code == 200 and kept.json["revision"] == 1 and kept.json["said"].startswith("Saved at")
    assert panel.client.post(panel.at(), data=panel.send(4, 2)).location.endswith("review/?done=saved")
    page = panel.client.get(panel.at()).text

    assert panel.state() == AssignmentState.STARTED
    assert re.search(r'value="4" checked', page) and "3 of 3 criteria" in page


def test_what_is_wrong_stands_at_its_place_and_nothing_typed_is_lost(panel: Panel) -> None:
    code = panel.criteria.criteria[0].code
    answer = panel.client.post(panel.at(0, "/submit"), data=panel.send("6", 2, to_committee="Short <b>words</b>"))
    page = answer.text

    assert answer.status_code == 422 and "<title>Error: Open budgets" in page
    assert f'<a href="#c_{code}">The scale goes from 1 to 5.</a>' in page and f'id="c_{code}-error"' in page
    assert "Write at least 40 characters." in page and "Short &lt;b&gt;words&lt;/b&gt;" in page
    assert panel.state() == AssignmentState.STARTED


def test_two_pages_of_one_reviewer_show_both(panel: Panel) -> None:
    old = panel.send(2, 2)
    panel.client.post(panel.at(), data=panel.send(5, 5), headers=QUIET)
    quiet = panel.client.post(panel.at(), data=old, headers=QUIET)
    answer = panel.client.post(panel.at(), data=old)
    assert (quiet.status_code, answer.status_code) == (409, 409) and "overtaken" in quiet.json
    page = answer.text
    assert "You saved this review from another page" in page and "As it stands now" in page
    assert 'name="knowing" value="1"' in page
    assert panel.client.post(panel.at(), data={**old, "revision": "1", "knowing": "1"}).status_code == 303


def test_what_others_say_is_shown_after_ones_own_and_without_their_names(panel: Panel) -> None:
    words = "The others say that it is weak, and I agree with them."
    a_review(panel.event, panel.other, panel.theirs[0], 1, 1, to_committee=words)
    before = panel.client.get(panel.at()).text
    panel.client.post(panel.at(0, "/submit"), data=panel.send(5, 4))
    after = panel.client.get(panel.at()).text

    assert words not in before and words in after and "Reviewer 1" in after and "(you: 5)" in after
    assert panel.other.name_latin not in after and (panel.other.email or "") not in after


def test_what_is_kept_from_reviewers_is_not_on_the_page(panel: Panel) -> None:
    page = panel.client.get(panel.at()).text

    assert "Association for Budgets" in page
    assert "Only for the team" not in page and "For the team" not in page and "Amina Test" not in page


def test_a_blind_call_shows_no_organisation_and_no_person(app: Flask, client: FlaskClient, clock: ModuleType) -> None:
    with clock.at(CALL_OPEN):
        panel = Panel(client, is_blind=True)
    with clock.at(REVIEWING):
        sign_in(client, panel.reviewer)
        pages = [client.get(HOME).text, client.get(panel.at()).text]

    assert all("Association for Budgets" not in page and "Amina Test" not in page for page in pages)


def test_others_are_not_shown_where_the_chair_says_so(app: Flask, client: FlaskClient, clock: ModuleType) -> None:
    with clock.at(CALL_OPEN):
        panel = Panel(client, shows_others=False)
    with clock.at(REVIEWING):
        sign_in(client, panel.reviewer)
        client.post(panel.at(0, "/submit"), data=panel.send(5, 4))

        assert "What others say" not in client.get(panel.at()).text


def test_a_tie_declared_at_the_proposal_makes_it_vanish(panel: Panel) -> None:
    answer = panel.client.post(panel.at(0, "/conflict"), data={"kind": "family"})
    home = panel.client.get(answer.location).text

    assert answer.status_code == 303 and "Open budgets" not in home and "0 of 1 submitted" in home
    assert panel.client.get(panel.at()).status_code == 404
    assert panel.client.post(panel.at(0, "/submit"), data={"revision": "0"}).status_code == 404


def test_a_hidden_proposal_and_none_at_all_are_answered_alike(panel: Panel) -> None:
    conflicts.declare(panel.event.id, panel.reviewer.id, [TiePlan("other", proposal_id=panel.first.id)], by=panel.chair.id)
    hidden, none = panel.client.get(panel.at()), panel.client.get(f"{HOME}A-NOTHING")

    def bare(words: str) -> str:
        without_token = re.sub(r'name="csrf_token" value="[^"]*"', "", words)  # it carries the second at which it was made
        return re.sub(r"A-\w+", "", without_token)

    assert (hidden.status_code, bare(hidden.text)) == (none.status_code, bare(none.text)) == (404, bare(none.text))


def test_a_proposal_is_given_back_with_a_reason(panel: Panel) -> None:
    assert panel.client.post(panel.at(0, "/decline"), data={"words": ""}).status_code == 422
    assert panel.client.post(panel.at(0, "/decline"), data={"words": "Not my field"}).status_code == 303

    assert panel.state() == "absent"


def test_after_the_closing_it_can_be_read_and_says_when_it_closed(panel: Panel, clock: ModuleType) -> None:
    sent = panel.send(5, 4)
    with clock.at("2022-09-19T08:00+01:00"):
        page = panel.client.get(panel.at()).text
        late = panel.client.post(panel.at(0, "/submit"), data=sent)

    assert "Reviewing closed on" in page and "Open budgets" in page
    assert late.status_code == 409 and "Reviewing closed on" in late.text and sent["to_committee"] in late.text


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_its_pages_speak_three_languages(panel: Panel, lang: str) -> None:
    pages = [panel.client.get(path.replace("/en/", f"/{lang}/")) for path in (HOME, panel.at())]

    assert {page.status_code for page in pages} == {200}


def test_a_long_queue_takes_no_more_statements(app: Flask, panel: Panel, clock: ModuleType) -> None:
    def count(path: str) -> int:
        with statements(app) as sent:
            assert panel.client.get(path).status_code == 200
        return len(sent)

    few = [count(HOME), count(panel.at())]
    with clock.at(CALL_OPEN):
        more: list[Proposal] = [a_proposal(panel.event) for number in range(6)]
    assigned(panel.event, panel.chair, db.session.get_one(Person, panel.reviewer.id), *more)

    assert [count(HOME), count(panel.at())] == few
    assert few[1] <= 20
