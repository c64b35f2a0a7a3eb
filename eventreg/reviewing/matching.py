"""Who reviews what? Each proposal k reviewers, nobody too much, no conflict; the worst-served proposal first, then the total; pure.

I. Stelmakh, N. Shah, A. Singh: PeerReview4All (2019) raise the worst-served proposal first; here by exact integer programmes: a
search for the highest floor of the sum of scores that every proposal can have, then the largest total under that floor.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from eventreg.reviewing.milp import INFINITY, Answer, Programme

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_DENOMINATORS = (1, 2, 4, 5, 8, 10, 20, 100, 1000)
_EXACT = 1e-9
_CLOSE = 1e-4  # of the largest score: how near to the highest floor the search comes where scores are no multiples of one unit


@dataclass(frozen=True)
class Task:
    """What is asked. Arrays are reviewers x proposals; `groups` are sets of reviewers of which each proposal needs one.

    `fixed` pairs are kept as they are (they may be conflicts or over the load by now: they have been reviewed). `lottery` breaks
    ties: numbers between 0 and 1 that depend on who it is and not on the order of rows.
    """

    scores: Floats
    forbidden: Bools
    per_proposal: int
    max_load: Floats
    min_load: int = 0
    groups: tuple[Bools, ...] = ()
    fixed: Bools | None = None
    lottery: Floats | None = None


@dataclass(frozen=True)
class Matching:
    """An assignment: pairs (reviewer, proposal), the sum of scores of each proposal, how much each reviewer has."""

    pairs: tuple[tuple[int, int], ...]
    sums: Floats
    loads: NDArray[np.int64]
    is_proved: bool  # that neither floor nor total can be better

    @property
    def total(self) -> float:
        """The sum of all scores."""
        return float(self.sums.sum())

    @property
    def worst(self) -> float:
        """The sum of the worst-served proposal."""
        return float(self.sums.min()) if len(self.sums) else 0.0


@dataclass(frozen=True)
class Infeasible:
    """Why there is none: what the nearest one lacks. `missing`: reviews by proposal; `overload`: how many more than they may have,
    by reviewer; `groups`: by group the proposals without one of it; `idle`: what reviewers lack of the least load.
    """

    missing: dict[int, int] = field(default_factory=dict)
    overload: dict[int, int] = field(default_factory=dict)
    groups: dict[int, list[int]] = field(default_factory=dict)
    idle: dict[int, int] = field(default_factory=dict)


def match(task: Task, *, seconds: float = 60.0) -> Matching | Infeasible:
    """The assignment; the rounded result is checked by separate code. Raises TimeoutError when none was found in time."""
    until = time.monotonic() + seconds
    if not task.scores.size:
        return Matching((), np.zeros(task.scores.shape[1]), np.zeros(task.scores.shape[0], np.int64), True)
    model = _Model(task)
    plain = model.solve(None, until)
    if plain.status == "infeasible":
        return model.explain(until)
    if plain.status == "none":
        raise TimeoutError("no assignment was found in time")
    floor, found, is_proved = _highest_floor(model, plain, until)
    best = model.solve(floor, until, with_lottery=True)
    if best.status in ("optimal", "found"):
        found = best
    is_proved = is_proved and best.status == "optimal"
    made = model.matching(found, is_proved)
    check(task, made)
    return made


def more_load(task: Task, *, seconds: float = 60.0) -> int | None:
    """By how much every reviewer's most would have to grow so that there is an assignment; None where no growth would do."""
    until, size = time.monotonic() + seconds, task.scores.shape[1]

    def is_possible(more: int) -> bool:
        answer = _Model(replace(task, max_load=task.max_load + more)).solve(None, until)
        return answer.status in ("optimal", "found")

    low, high = 0, size
    if not is_possible(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_possible(middle) else (middle, high)
    return high


def _highest_floor(model: _Model, plain: Answer, until: float) -> tuple[float, Answer, bool]:
    """Bisection between the worst of the best total and the least that the k best of a proposal come to."""
    found, low = plain, model.worst(plain)
    unit = model.unit
    high = model.highest
    is_proved = True
    while high - low > (unit * 0.5 if unit else _CLOSE * model.largest):
        middle = (low + high) / 2.0
        if unit:
            middle = np.ceil(middle / unit - _EXACT) * unit
        tried = model.solve(middle, until)
        if tried.status in ("optimal", "found"):
            found, low = tried, max(middle, model.worst(tried))
        elif tried.status == "infeasible":
            high = middle - unit if unit else middle
        else:
            is_proved = False
            break
    return low, found, is_proved


def check(task: Task, made: Matching) -> None:
    """Separate code that an assignment keeps the rules. Raises AssertionError: never shown, as it would be a mistake of ours."""
    chosen = np.zeros(task.scores.shape, bool)
    for reviewer, proposal in made.pairs:
        chosen[reviewer, proposal] = True
    fixed = np.zeros_like(chosen) if task.fixed is None else task.fixed
    assert len(made.pairs) == chosen.sum()
    assert ((chosen.sum(axis=0) == task.per_proposal) | (fixed.sum(axis=0) > task.per_proposal)).all()
    assert not (chosen & task.forbidden & ~fixed).any()
    assert (fixed <= chosen).all()
    assert (chosen.sum(axis=1) <= np.maximum(task.max_load, fixed.sum(axis=1)) + _EXACT).all()
    assert (chosen.sum(axis=1) >= task.min_load).all()
    for group in task.groups:
        assert chosen[group].any(axis=0).all()


class _Model:
    """The programme of one task: a column for each pair that may be."""

    def __init__(self, task: Task) -> None:
        self.task = task
        fixed = np.zeros(task.scores.shape, bool) if task.fixed is None else task.fixed
        self.reviewers, self.proposals = np.nonzero(~task.forbidden | fixed)
        self.fixed = fixed[self.reviewers, self.proposals]
        self.scores = task.scores[self.reviewers, self.proposals]
        self.largest = float(np.abs(self.scores).max(initial=0.0)) or 1.0
        self.unit = _unit(self.scores)
        self.columns = np.arange(len(self.scores))
        self.count, self.size = task.scores.shape
        # who has more fixed already than is asked for keeps it
        self.wanted = np.maximum(task.per_proposal, np.bincount(self.proposals[self.fixed], minlength=self.size)).astype(float)
        self.most = np.maximum(task.max_load, np.bincount(self.reviewers[self.fixed], minlength=self.count)).astype(float)
        self.highest = self._highest()

    def _highest(self) -> float:
        """The least, over proposals, of the sum of their k best scores: no floor can be higher."""
        best = [
            float(np.sort(self.scores[self.proposals == at])[::-1][: int(self.wanted[at])].sum()) for at in range(self.size)
        ]
        return min(best, default=0.0)

    def solve(self, floor: float | None, until: float, *, with_lottery: bool = False) -> Answer:
        """The largest total under a floor for each proposal."""
        c = self.scores.copy()
        if not len(c):
            return Answer("infeasible", c)
        if with_lottery and self.task.lottery is not None:
            smallest = (self.unit or _CLOSE * 1e-3 * self.largest) / (2.0 * float(self.wanted.sum()) + 1.0)
            c = c + smallest * self.task.lottery[self.reviewers, self.proposals]
        programme = Programme(c, np.ones(len(c)), lower=self.fixed.astype(float))
        programme.rows(self.proposals, self.columns, 1.0, low=self.wanted, high=self.wanted)
        programme.rows(self.reviewers, self.columns, 1.0, low=np.full(self.count, float(self.task.min_load)), high=self.most)
        for group in self.task.groups:
            inside = group[self.reviewers]
            programme.rows(
                self.proposals[inside], self.columns[inside], 1.0, low=np.ones(self.size), high=np.full(self.size, INFINITY)
            )
        if floor is not None:
            slack = _EXACT * self.largest
            programme.rows(
                self.proposals, self.columns, self.scores, low=np.full(self.size, floor - slack), high=np.full(self.size, INFINITY)
            )
        return programme.solve(seconds=max(0.1, until - time.monotonic()))

    def worst(self, answer: Answer) -> float:
        """The least sum of scores of a proposal."""
        return float(np.bincount(self.proposals, self.scores * answer.x, self.size).min())

    def matching(self, answer: Answer, is_proved: bool) -> Matching:
        """The answer as pairs."""
        chosen = answer.x > 0.5
        pairs = tuple(zip(self.reviewers[chosen].tolist(), self.proposals[chosen].tolist(), strict=True))
        sums = np.bincount(self.proposals[chosen], self.scores[chosen], self.size)
        return Matching(pairs, sums, np.bincount(self.reviewers[chosen], minlength=self.count), is_proved)

    def explain(self, until: float) -> Infeasible:
        """The nearest assignment where limits give way: rather too much load than no review of a group, than no review."""
        groups = len(self.task.groups)
        parts = [len(self.scores), self.size, self.count, groups * self.size, self.count]
        at = np.cumsum([0, *parts])
        costs = np.concatenate(
            [
                1e-3 * self.scores / self.largest, np.full(parts[1], -1000.0), np.full(parts[2], -100.0), np.full(parts[3], -300.0),
                np.full(parts[4], -50.0),
            ]
        )  # fmt: skip
        upper = np.concatenate([np.ones(parts[0]), self.wanted, np.full(parts[2], float(self.size)), np.ones(parts[3]),
                                np.full(parts[4], float(self.task.min_load))])  # fmt: skip
        lower = np.concatenate([self.fixed.astype(float), np.zeros(sum(parts[1:]))])
        programme = Programme(costs, upper, lower=lower)
        each, everybody = np.arange(self.size), np.arange(self.count)
        programme.rows(
            np.concatenate([self.proposals, each]), np.concatenate([self.columns, at[1] + each]), 1.0,
            low=self.wanted, high=self.wanted,
        )  # fmt: skip
        programme.rows(
            np.concatenate([self.reviewers, everybody]), np.concatenate([self.columns, at[2] + everybody]),
            np.concatenate([np.ones(len(self.scores)), -np.ones(self.count)]), low=np.full(self.count, -INFINITY), high=self.most,
        )  # fmt: skip
        programme.rows(
            np.concatenate([self.reviewers, everybody]), np.concatenate([self.columns, at[4] + everybody]), 1.0,
            low=np.full(self.count, float(self.task.min_load)), high=np.full(self.count, INFINITY),
        )  # fmt: skip
        for number, group in enumerate(self.task.groups):
            inside = group[self.reviewers]
            gaps = at[3] + number * self.size + each
            programme.rows(
                np.concatenate([self.proposals[inside], each]), np.concatenate([self.columns[inside], gaps]), 1.0,
                low=np.ones(self.size), high=np.full(self.size, INFINITY),
            )  # fmt: skip
        x = programme.solve(seconds=max(1.0, until - time.monotonic())).x
        if not len(x):
            return Infeasible()
        lacking: Sequence[Floats] = [x[at[part] : at[part + 1]] for part in range(1, 5)]
        by_group = {number: list(_counts(part)) for number, part in enumerate(np.split(lacking[2], groups))} if groups else {}
        by_group = {number: those for number, those in by_group.items() if those}
        return Infeasible(_counts(lacking[0]), _counts(lacking[1]), by_group, _counts(lacking[3]))


def _counts(values: Floats) -> dict[int, int]:
    return {int(at): int(round(values[at])) for at in np.nonzero(values > 0.5)[0]}


def _unit(scores: Floats) -> float:
    """The largest unit of which all scores are multiples, 0.0 where there is none that is not tiny."""
    for denominator in _DENOMINATORS:
        scaled = scores * denominator
        if np.abs(scaled - np.rint(scaled)).max(initial=0.0) < 1e-7:
            return 1.0 / denominator
    return 0.0
