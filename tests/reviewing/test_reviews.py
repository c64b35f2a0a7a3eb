"""A review is saved as it is written, submitted when it is whole, changed until the closing; nothing wrong gets into an average."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text
from eventreg.core.refusals import Refused
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.proposals import partners, services
from eventreg.proposals.models import Proposal
from eventreg.reviewing import assignments, conflicts, criteria, cutting, queries, reviews, rules
from eventreg.reviewing.conflicts import TiePlan
from eventreg.reviewing.models import Assignment, Review, Score
from eventreg.reviewing.reviews import Overtaken, Wrong
from eventreg.reviewing.rules import AssignmentState, CriterionPlan
from tests.data.badinputs.badinputs import expand, load
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
)
from tests.factories import criteria as frozen_criteria


class Panel:
    """A meeting whose proposals are reviewed: a chair, two reviewers, a proposal that the first one has."""

    def __init__(self) -> None:
        self.event: Event = an_event()
        a_call(self.event, closes="2022-09-01")
        self.chair: Person = a_chair(self.event)
        self.criteria = frozen_criteria(self.event, self.chair, condition=True)
        open_reviewing(self.event, self.chair)
        self.reviewer, self.other = a_reviewer(self.event, self.chair), a_reviewer(self.event, self.chair)
        self.proposal: Proposal = a_proposal(self.event)
        (self.assignment,) = assigned(self.event, self.chair, self.reviewer, self.proposal)

    def answers(self, *values: int | str, **changes: str) -> dict[str, str]:
        return review_answers(self.criteria, *values, **changes)

    def submit(self, *values: int | str, based_on: int = 0, **changes: str) -> Review:
        return reviews.submit(
            self.event.id, self.reviewer, self.assignment.code, self.answers(*values, **changes), based_on=based_on
        )

    def save(self, raw: dict[str, str], *, based_on: int = 0, **more: Any) -> reviews.Saved:
        return reviews.save(self.event.id, self.reviewer, self.assignment.code, raw, based_on=based_on, **more)

    @property
    def review(self) -> Review | None:
        return db.session.scalar(select(Review).execution_options(populate_existing=True))

    @property
    def state(self) -> str:
        return db.session.get_one(Assignment, self.assignment.id, populate_existing=True).state


@pytest.fixture
def panel(app: Flask, clock: ModuleType) -> Iterator[Panel]:
    with clock.at(CALL_OPEN):
        made = Panel()
    with clock.at(REVIEWING):
        yield made


def refused(act: Any) -> str:
    with pytest.raises(Refused) as error:
        act()
    return error.value.refusal.code


def test_the_score_of_a_review_is_its_weighted_mean(panel: Panel) -> None:
    review = panel.submit(5, 2, 1)

    assert review.total == pytest.approx((5 * 2 + 2 * 1) / 3) and review.is_submitted
    assert panel.state == AssignmentState.SUBMITTED
    assert [version.number for version in reviews.versions(review.id)] == [1]


def test_what_cannot_be_judged_is_left_out_and_never_zero(panel: Panel) -> None:
    relevance, method, _condition = (one.code for one in panel.criteria.criteria)
    review = panel.submit(4, "unable", **{f"unable_{method}": "I do not know this method"})

    assert review.total == 4.0 and {score.value for score in review.scores} == {4, None, 1}


SCORES = [case for case in load("scores") if case["field"] == "score"]


@pytest.mark.parametrize("case", SCORES, ids=lambda case: case["id"])
def test_a_score_of_the_corpus_is_judged_at_its_field_and_loses_nothing_else(panel: Panel, case: dict[str, Any]) -> None:
    first = panel.criteria.criteria[0].code
    typed = str(expand(case))
    raw = panel.answers(typed, 3)
    if case["expected"]["outcome"] == "normalise":
        assert panel.submit(typed, 3).scores[0].value in (case["expected"]["value"], 3)
        assert {score.value for score in panel.review.scores} >= {case["expected"]["value"]}  # type: ignore[union-attr]
        return
    with pytest.raises(Wrong) as wrong:
        reviews.submit(panel.event.id, panel.reviewer, panel.assignment.code, raw, based_on=0)

    assert list(wrong.value.problems) == [f"c_{first}"] and wrong.value.kept
    kept = panel.review
    assert kept is not None and not kept.is_submitted and kept.total is None
    assert kept.to_committee == raw["to_committee"] and len(kept.scores) == 2
    assert db.session.scalar(select(func.count()).select_from(Score).where(Score.value.is_(None))) == 0


def test_a_draft_may_lack_anything_and_a_submission_nothing(panel: Panel) -> None:
    saved = panel.save({"to_committee": "Short"})
    assert saved.problems == {} and panel.state == AssignmentState.STARTED
    with pytest.raises(Wrong) as wrong:
        reviews.submit(panel.event.id, panel.reviewer, panel.assignment.code, {"to_committee": "Short"}, based_on=1)

    codes = [f"c_{one.code}" for one in panel.criteria.criteria]
    assert set(wrong.value.problems) == {*codes, "confidence", "to_committee"}


def test_two_pages_of_one_reviewer_never_overwrite_each_other_unseen(panel: Panel) -> None:
    panel.save(panel.answers(3))
    with pytest.raises(Overtaken) as overtaken:
        panel.save(panel.answers(4))
    assert overtaken.value.stands.revision == 1
    panel.save(panel.answers(4), based_on=1, is_knowing=True)
    first = panel.criteria.criteria[0].code
    (kept,) = reviews.versions(panel.review.id)  # type: ignore[union-attr]

    assert kept.is_draft and kept.content["scores"][first] == [3, ""]
    assert {score.value for score in panel.review.scores} == {4, 3, 1}  # type: ignore[union-attr]


def test_after_the_closing_nothing_changes_and_the_earlier_version_stays(panel: Panel, clock: ModuleType) -> None:
    panel.submit(5, 5)
    with clock.at("2022-09-19T00:00+01:00"):
        assert refused(lambda: panel.submit(1, 1, based_on=1)) == "review.closed"
        assert refused(lambda: panel.save(panel.answers(1))) == "review.closed"

    assert panel.review.total == 5.0  # type: ignore[union-attr]


def test_a_withdrawn_proposal_is_not_reviewed(panel: Panel) -> None:
    services.withdraw(panel.proposal.id, by=panel.proposal.lead_id)

    assert refused(lambda: panel.submit(3)) == "review.proposal_gone"


def test_a_submitted_review_is_changed_as_a_whole_and_every_version_is_kept(panel: Panel) -> None:
    panel.submit(5, 5)
    assert refused(lambda: panel.save(panel.answers(1), based_on=1)) == "review.submitted"
    with pytest.raises(Wrong) as wrong:
        panel.submit(1, "", based_on=1)
    assert not wrong.value.kept and panel.review.total == 5.0  # type: ignore[union-attr]
    panel.submit(1, 1, based_on=1)

    assert panel.review.total == 1.0  # type: ignore[union-attr]
    assert [version.content["total"] for version in reviews.versions(panel.review.id)] == [1.0, 5.0]  # type: ignore[union-attr]


def test_a_task_of_somebody_else_is_unknown(panel: Panel) -> None:
    code = panel.assignment.code

    assert queries.task(panel.event.id, panel.other, code) is None
    assert refused(lambda: reviews.save(panel.event.id, panel.other, code, {}, based_on=0)) == "assignment.none_such"


def test_a_conflict_declared_late_takes_the_review_out_and_keeps_it(panel: Panel) -> None:
    panel.submit(5, 5)
    conflicts.declare(panel.event.id, panel.reviewer.id, [TiePlan("family", proposal_id=panel.proposal.id)], by=panel.reviewer.id)

    assert queries.tasks(panel.event.id, panel.reviewer) == []
    assert panel.state == AssignmentState.CONFLICTED and panel.review is not None
    assert queries.of_proposals([panel.proposal.id]) == []
    assert refused(lambda: panel.submit(1, based_on=1)) == "assignment.none_such"


def test_a_conflict_erases_the_draft(panel: Panel) -> None:
    panel.save(panel.answers(2))
    conflicts.declare(panel.event.id, panel.reviewer.id, [TiePlan("family", proposal_id=panel.proposal.id)], by=panel.reviewer.id)

    assert panel.review is None


def test_who_becomes_a_co_organiser_sees_their_review_no_more(panel: Panel, clock: ModuleType) -> None:
    panel.submit(5, 5)
    with clock.at(CALL_OPEN):
        named = {"email": panel.reviewer.email, "organisation_name": "Institute", "country": "MA", "sector": "academia"}
        partners.invite(panel.proposal.id, named, by=panel.proposal.lead_id)

    assert queries.tasks(panel.event.id, panel.reviewer) == []
    with transaction() as now:
        assert cutting.touched_by(panel.proposal, now=now) == 1
    assert panel.state == AssignmentState.CONFLICTED


def test_nobody_is_given_what_they_are_tied_to_and_nobody_who_does_not_review(panel: Panel, clock: ModuleType) -> None:
    with clock.at(CALL_OPEN):
        tied, draft = a_proposal(panel.event), a_proposal(panel.event, sent=False)
    conflicts.declare(panel.event.id, panel.other.id, [TiePlan("other", proposal_id=tied.id)], by=panel.other.id)

    assert refused(lambda: assigned(panel.event, panel.chair, panel.other, panel.proposal, tied)) == "assignment.tied"
    assert queries.tasks(panel.event.id, panel.other) == []  # all or none
    assert refused(lambda: assigned(panel.event, panel.chair, panel.chair, tied)) == "reviewer.none_such"
    assert refused(lambda: assigned(panel.event, panel.chair, panel.other, draft)) == "assignment.not_reviewed"


def test_a_reviewer_gives_a_proposal_back_with_a_reason(panel: Panel) -> None:
    panel.save(panel.answers(2))
    code = panel.assignment.code
    assert refused(lambda: assignments.decline(panel.event.id, panel.reviewer, code, " ")) == "assignment.reason_missing"
    assignments.decline(panel.event.id, panel.reviewer, code, "I am away until October")

    assert panel.state == AssignmentState.DECLINED and panel.review is None


def test_changed_criteria_open_the_reviews_again_and_tell_their_writers_once(panel: Panel) -> None:
    panel.submit(5, 2)
    second = a_chair(panel.event)
    criteria.begin(panel.event.id, by=panel.chair.id, reason=panel.criteria.criteria[0].name)
    kept, dropped = panel.criteria.criteria[0], panel.criteria.criteria[1]
    criteria.remove(panel.event.id, dropped.code, by=panel.chair.id)
    offered = criteria.freeze(panel.event.id, by=panel.chair.id)
    seal = rules.hash_of(criteria.published(offered))
    assert refused(lambda: criteria.confirm(panel.event.id, seal, by=panel.chair.id)) == "criteria.same_person"
    assert refused(lambda: criteria.confirm(panel.event.id, "0" * 64, by=second.id)) == "criteria.changed_since"
    assert panel.review.is_submitted  # type: ignore[union-attr]
    new = criteria.confirm(panel.event.id, seal, by=second.id)
    review = panel.review

    assert review is not None and not review.is_submitted and review.set_id == new.id
    assert panel.state == AssignmentState.STARTED
    assert {score.value for score in review.scores} == {5, 1}  # the dropped criterion's score is gone
    assert new.number == 2 and kept.code in {one.code for one in new.criteria}
    again = reviews.submit(panel.event.id, panel.reviewer, panel.assignment.code, review_answers(new, 4), based_on=review.revision)
    assert [version.content["total"] for version in reviews.versions(again.id)] == [4.0, 4.0]


def test_criteria_are_frozen_only_when_they_are_whole(app: Flask) -> None:
    event = an_event()
    chair = a_chair(event)
    criteria.begin(event.id, by=chair.id)
    assert refused(lambda: criteria.freeze(event.id, by=chair.id)) == "criteria.nothing_to_score"
    with pytest.raises(criteria.Wrong) as wrong:
        criteria.save(event.id, CriterionPlan("score", Text(en="Relevance"), weight=0), by=chair.id)
    assert list(wrong.value.problems) == ["weight"]
    criteria.save(event.id, CriterionPlan("score", Text(en="Relevance")), by=chair.id)

    assert refused(lambda: criteria.freeze(event.id, by=chair.id)) == "criteria.incomplete"


def test_everybody_can_compute_the_hash_of_frozen_criteria_again(panel: Panel) -> None:
    found = queries.frozen(panel.event.id)

    assert found is not None and found.hash == rules.hash_of(criteria.published(found))
