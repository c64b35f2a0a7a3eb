"""What do the reviews of a proposal come to? The raw mean, its spread, how many there are; in one statement for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean

from sqlalchemy import select

from eventreg.core.db import db
from eventreg.people.models import Person
from eventreg.proposals.models import Proposal
from eventreg.reviewing import queries
from eventreg.reviewing.models import Assignment, Criterion, Review, Score
from eventreg.reviewing.rules import HELD


@dataclass(frozen=True)
class Result:
    """Of one proposal. `totals` are the weighted means of its reviews, ascending; `mean` and `spread` (largest less smallest)
    are None while there is none; `failed` counts the reviews that find a condition not met.
    """

    totals: tuple[float, ...] = ()
    failed: int = 0
    held: int = 0

    @property
    def mean(self) -> float | None:
        """The mean of its reviews (DOMAIN R20)."""
        return fmean(self.totals) if self.totals else None

    @property
    def spread(self) -> float | None:
        """How far the reviews lie apart."""
        return self.totals[-1] - self.totals[0] if self.totals else None


@dataclass
class _Sum:
    totals: list[float] = field(default_factory=list)
    failed: int = 0
    held: int = 0


def of_event(event_id: int, person: Person, *, only: int | None = None) -> dict[int, Result]:
    """The results by proposal, of the proposals that this person may know of (or of one of them): two statements."""
    seen = queries.reviewable(event_id, person).with_only_columns(Proposal.id)
    if only is not None:
        seen = seen.where(Proposal.id == only)
    query = select(Assignment.proposal_id, Review.id, Review.total, Review.is_submitted)
    query = query.outerjoin(Review, Review.assignment_id == Assignment.id)
    query = query.where(Assignment.event_id == event_id, Assignment.state.in_(HELD), Assignment.proposal_id.in_(seen))
    failed = _failed(event_id)
    sums: dict[int, _Sum] = defaultdict(_Sum)
    for proposal_id, review_id, total, is_submitted in db.session.execute(query):
        one = sums[proposal_id]
        one.held += 1
        if is_submitted and total is not None:
            one.totals.append(total)
        if is_submitted and review_id in failed:
            one.failed += 1
    return {proposal_id: Result(tuple(sorted(one.totals)), one.failed, one.held) for proposal_id, one in sums.items()}


def _failed(event_id: int) -> set[int]:
    """The reviews that find a condition not met."""
    query = select(Score.review_id).join(Criterion, Criterion.id == Score.criterion_id).join(Review, Review.id == Score.review_id)
    return set(db.session.scalars(query.where(Review.event_id == event_id, Criterion.kind == "condition", Score.value == 0)))


def ranks(results: Mapping[int, Result]) -> dict[int, int]:
    """The place of each proposal by its mean, the highest first; equal means share a place. Those without a review have none."""
    means = {one: result.mean for one, result in results.items() if result.mean is not None}
    return ranks_of(means)


def ranks_of(values: Mapping[int, float]) -> dict[int, int]:
    """Competition ranking (1, 2, 2, 4): values that differ by rounding only are equal."""
    rounded = {one: round(value, 9) for one, value in values.items()}
    ordered = sorted(rounded.values(), reverse=True)
    first: dict[float, int] = {}
    for place, value in enumerate(ordered, start=1):
        first.setdefault(value, place)
    return {one: first[value] for one, value in rounded.items()}


def levels(values: Iterable[float], *, lowest: int, highest: int) -> list[tuple[int, int]]:
    """How often scores fall to each level, rounded: (level, times)."""
    rounded = [round(value) for value in values]
    return [(level, rounded.count(level)) for level in range(lowest, highest + 1)]
