"""The chair's pages: who reviews, since when, what ties them, who reads what, what it comes to; what is hidden from the chair."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.people.models import Person
from eventreg.proposals import shield
from eventreg.proposals.models import Proposal
from eventreg.reviewing import conflicts, queries, suggesting
from eventreg.reviewing.conflicts import TiePlan
from tests.factories import (
    CALL_OPEN,
    REVIEWING,
    a_call,
    a_chair,
    a_person,
    a_proposal,
    a_review,
    a_reviewer,
    an_event,
    an_organiser,
    assigned,
    criteria,
    open_reviewing,
    sign_in,
    statements,
)

AT = "/en/ogp-2022/chair"
NEW = {"email": "new@ministry.example.ma", "name_latin": "Nora Test", "sector": "government", "lang": "fr"}


class Chair:
    """Three proposals of a closed call, frozen criteria; signed in as the chair."""

    def __init__(self, client: FlaskClient) -> None:
        self.event = an_event()
        a_call(self.event, closes="2022-09-01")
        self.chair, self.client = a_chair(self.event), client
        self.proposals = [a_proposal(self.event, title_en=title) for title in ("Open budgets", "Judges on the road", "Water")]
        criteria(self.event, self.chair, condition=True)

    def post(self, path: str, **data: object) -> object:
        return self.client.post(f"{AT}{path}", data=data)

    def page(self, path: str) -> str:
        answer = self.client.get(f"{AT}{path}")
        assert answer.status_code == 200
        return str(answer.text)


@pytest.fixture
def chair(app: Flask, client: FlaskClient, clock: ModuleType) -> Iterator[Chair]:
    with clock.at(CALL_OPEN):
        made = Chair(client)
    with clock.at(REVIEWING):
        sign_in(client, made.chair)
        yield made


def test_the_first_page_says_what_is_to_be_done_before_it_begins(chair: Chair) -> None:
    before = chair.page("/")
    assert "Before it begins" in before and "Name the reviewers." in before
    assert "Freeze the criteria first." not in before
    settings = {"day": "2022-09-18", "per_proposal": "3", "max_load": "25"}
    assert chair.post("/settings", do="open").status_code == 409  # type: ignore[attr-defined]
    assert chair.post("/settings", **settings).status_code == 303  # type: ignore[attr-defined]
    assert chair.post("/settings", do="open").location.endswith("done=opened")  # type: ignore[attr-defined]

    assert "Reviews are to be submitted by" in chair.page("/")


@pytest.mark.parametrize(("field", "typed"), [("day", ""), ("day", "soon"), ("per_proposal", "0"), ("max_load", "1e3")])
def test_settings_that_cannot_be_are_refused_at_their_field(chair: Chair, field: str, typed: str) -> None:
    sent = {"day": "2022-09-18", "per_proposal": "3", "max_load": "25", field: typed}
    answer = chair.client.post(f"{AT}/settings", data=sent)

    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert queries.settings(chair.event.id) is None


def test_a_reviewer_is_named_written_to_given_a_load_and_let_go(chair: Chair) -> None:
    assert chair.client.post(f"{AT}/reviewers", data=NEW).location.endswith("done=added")
    person = db.session.scalars(select(Person).where(Person.email == NEW["email"])).one()
    mail = db.session.scalars(select(Mail).where(Mail.kind == "reviewing/reviewer_added")).one()
    assert mail.to_address == NEW["email"] and "/fr/ogp-2022/review/" in mail.text
    page = chair.page("/reviewers")
    assert "Nora Test" in page and "not said yet" in page
    again = chair.client.post(f"{AT}/reviewers", data=NEW)
    assert again.status_code == 422 and "is a reviewer already" in again.text
    load = {"do": f"load:{person.code}", f"max_load_{person.code}": "7"}
    assert chair.client.post(f"{AT}/reviewers", data=load).status_code == 303
    assert queries.reviewer(chair.event.id, person.id).max_load == 7  # type: ignore[union-attr]
    wrong = chair.client.post(f"{AT}/reviewers", data={**load, f"max_load_{person.code}": "many"})
    assert wrong.status_code == 409
    assert chair.client.post(f"{AT}/reviewers", data={"do": f"leave:{person.code}"}).location.endswith("done=left")

    assert queries.reviewers(chair.event.id) == []


@pytest.mark.parametrize(
    ("field", "typed"), [("email", "nobody"), ("sector", ""), ("lang", "de"), ("name_latin", "9"), ("max_load", "-1")]
)
def test_what_is_wrong_with_a_reviewer_stands_at_its_field(chair: Chair, field: str, typed: str) -> None:
    answer = chair.client.post(f"{AT}/reviewers", data={**NEW, field: typed})

    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert queries.reviewers(chair.event.id) == []


def test_what_the_product_sees_is_shown_with_its_evidence_and_dismissed_for_a_reason(chair: Chair, clock: ModuleType) -> None:
    with clock.at(CALL_OPEN):
        theirs = a_proposal(chair.event, a_person("lead@ministry.example.ma"), title_en="From the ministry")
    reviewer = a_reviewer(chair.event, chair.chair, "reader@ministry.example.ma")
    assert shield.is_hidden(theirs, reviewer)
    page = chair.page("/conflicts")
    assert "the same mail domain" in page and "ministry.example.ma" in page and "From the ministry" in page
    key = f"{reviewer.code}/{theirs.code}"
    assert chair.client.post(f"{AT}/conflicts", data={"do": f"dismiss:{key}"}).status_code == 422
    done = chair.client.post(f"{AT}/conflicts", data={"do": f"dismiss:{key}", f"why_{key}": "Two departments"})
    assert done.location.endswith("done=dismissed") and not shield.is_hidden(theirs, reviewer)
    suggesting.due(clock.now())

    assert "From the ministry" not in chair.page("/conflicts")


def test_a_proposal_is_given_by_hand_to_those_without_a_conflict(chair: Chair) -> None:
    first = chair.proposals[0]
    free, tied = a_reviewer(chair.event, chair.chair), a_reviewer(chair.event, chair.chair)
    conflicts.declare(chair.event.id, tied.id, [TiePlan("family", proposal_id=first.id)], by=tied.id)
    page = chair.page(f"/proposals/{first.code}")
    give = page.partition("Give it to")[2]
    assert free.name_latin in give and tied.name_latin not in give
    path = f"{AT}/proposals/{first.code}"
    assert chair.client.post(path, data={"reviewer": [tied.code]}).status_code == 409
    assert chair.client.post(path, data={}).status_code == 422
    assert chair.client.post(path, data={"reviewer": [free.code]}).location.endswith("done=given")
    assert free.name_latin in chair.page("/assign") and "1 of 3" in chair.page("/assign")
    (task,) = queries.tasks(chair.event.id, free)
    assert chair.client.post(path, data={"do": f"take:{task.assignment.code}", "why": "Too much"}).location.endswith("done=taken")

    assert queries.tasks(chair.event.id, free) == []
    assert "Too much" in chair.page(f"/proposals/{first.code}")


def test_the_ranking_orders_by_mean_and_by_disagreement(chair: Chair) -> None:
    open_reviewing(chair.event, chair.chair)
    one, two = a_reviewer(chair.event, chair.chair), a_reviewer(chair.event, chair.chair)
    first, second, _third = chair.proposals
    for reviewer, scores in ((one, ((5, 5), (3, 3))), (two, ((1, 1, 0), (3, 3)))):
        tasks = assigned(chair.event, chair.chair, reviewer, first, second)
        for task, values in zip(tasks, scores, strict=True):
            a_review(chair.event, reviewer, task, *values)
    by_mean, by_spread = chair.page("/ranking"), chair.page("/ranking?sort=spread")

    assert by_mean.index("Judges on the road") < by_mean.index("Open budgets") < by_mean.index("Water")
    assert by_spread.index("Open budgets") < by_spread.index("Judges on the road")
    assert "4.00" in by_spread and "Condition not met" in by_mean


def test_what_is_hidden_from_the_chair_is_on_no_page_and_in_no_figure(chair: Chair) -> None:
    open_reviewing(chair.event, chair.chair)
    reviewer = a_reviewer(chair.event, chair.chair)
    tasks = assigned(chair.event, chair.chair, reviewer, *chair.proposals)
    for task in tasks:
        a_review(chair.event, reviewer, task, 4, 4)
    hidden = chair.proposals[0]
    conflicts.declare(chair.event.id, chair.chair.id, [TiePlan("family", proposal_id=hidden.id)], by=chair.chair.id)
    pages = [chair.page(path) for path in ("/", "/assign", "/assign?q=budgets", "/ranking", "/conflicts", "/reviewers")]

    assert all("Open budgets" not in page and hidden.code not in page for page in pages)
    assert chair.client.get(f"{AT}/proposals/{hidden.code}").status_code == 404
    assert chair.client.post(f"{AT}/proposals/{hidden.code}", data={"do": f"take:{tasks[0].code}"}).status_code == 404
    assert re.search(r">2</b><span>proposals to review", pages[0]) and re.search(r">2</b><span>reviews submitted", pages[0])


def test_both_sides_of_the_rule_say_the_same(chair: Chair) -> None:
    people = [a_reviewer(chair.event, chair.chair) for number in range(4)]
    first, second, third = chair.proposals
    conflicts.declare(chair.event.id, people[0].id, [TiePlan("other", proposal_id=first.id)], by=people[0].id)
    by_name = TiePlan("other", organisation_name="association for  Budgets")
    conflicts.declare(chair.event.id, people[1].id, [by_name], by=people[1].id)
    everybody = [*people, *(db.session.get_one(Person, one.lead_id) for one in chair.proposals)]

    for proposal in chair.proposals:
        tied = shield.tied_people(proposal)
        assert {person.id for person in everybody if shield.is_hidden(proposal, person)} == tied & {one.id for one in everybody}
    assert people[1].id in shield.tied_people(second) and people[2].id not in shield.tied_people(third)


def test_an_organiser_who_is_no_chair_has_none_of_these_pages(chair: Chair) -> None:
    sign_in(chair.client, an_organiser(chair.event))

    for path in ("/", "/assign", "/ranking", "/conflicts", "/reviewers", "/settings"):
        assert chair.client.get(f"{AT}{path}").status_code == 403


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_its_pages_speak_three_languages(chair: Chair, lang: str) -> None:
    a_reviewer(chair.event, chair.chair)
    paths = ["/", "/assign", "/ranking", "/conflicts", "/reviewers", "/settings", f"/proposals/{chair.proposals[0].code}"]
    answers = [chair.client.get(f"{AT}{path}".replace("/en/", f"/{lang}/")) for path in paths]

    assert {answer.status_code for answer in answers} == {200}


def test_many_proposals_and_reviewers_take_no_more_statements(app: Flask, chair: Chair, clock: ModuleType) -> None:
    def count(path: str) -> int:
        with statements(app) as sent:
            chair.page(path)
        return len(sent)

    open_reviewing(chair.event, chair.chair)
    reviewer = a_reviewer(chair.event, chair.chair)
    assigned(chair.event, chair.chair, reviewer, chair.proposals[0])
    paths = ["/", "/assign", "/ranking", "/conflicts", "/reviewers", f"/proposals/{chair.proposals[0].code}"]
    few = [count(path) for path in paths]
    with clock.at(CALL_OPEN):
        more: list[Proposal] = [a_proposal(chair.event) for number in range(5)]
    for _number in range(5):
        assigned(chair.event, chair.chair, a_reviewer(chair.event, chair.chair), *more)

    assert [count(path) for path in paths] == few
