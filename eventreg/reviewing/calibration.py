"""How severe is each reviewer, and what are scores worth without that? Crossed random effects, fitted by REML; pure.

y = mu + u[reviewer] + v[proposal] + e with u, v, e independent and normal (Searle, Casella, McCulloch: Variance Components, 1992,
chapters 6 and 7). `reml` fits it; here is which part of it these scores can tell, and what it says of each proposal.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eventreg.reviewing import reml
from eventreg.reviewing.reml import Floats, Whole

_Z95 = 1.959963984540054  # of the normal distribution, two-sided
_LARGEST = 1e300  # of a score
_BLOCK = 500  # proposals compared with all others at once


class NoScores(ValueError):
    """There is no score at all, or one of them is no finite number."""


@dataclass(frozen=True)
class Calibration:
    """A fit. What cannot be told from these scores is None, and `remarks` say so.

    `adjusted` is mu + v, and the raw mean where quality is not identifiable; `severity` is u (positive: gives more than others),
    `interval` 95 % of mu + v. `component` numbers the groups of proposals that can be compared at all. `hash` is of the scores,
    whatever their order.
    """

    deviance: float | None  # -2 log restricted likelihood
    sd_reviewer: float | None
    sd_proposal: float | None
    sd_residual: float | None
    mu: float
    raw: Mapping[Any, float]
    adjusted: Mapping[Any, float]
    severity: Mapping[Any, float | None]
    interval: Mapping[Any, tuple[float, float] | None]
    component: Mapping[Any, int]
    remarks: tuple[str, ...]
    hash: str
    covariance: Covariance | None = field(compare=False, repr=False)

    @property
    def connected(self) -> bool:
        """Whether all proposals can be compared with each other."""
        return len(set(self.component.values())) <= 1

    def told_apart(self, one: Hashable, other: Hashable) -> bool | None:
        """Whether 95 % of the difference of two proposals lies on one side; None where they cannot be compared."""
        if self.covariance is None or self.component[one] != self.component[other]:
            return None
        return abs(self.adjusted[one] - self.adjusted[other]) > _Z95 * self.covariance.of_difference(one, other)

    def rank_ranges(self) -> dict[Any, tuple[int, int]]:
        """The best and the worst place of each proposal among those that it can be compared with, as scores alone can tell.

        Above the best are only those that are told apart and higher, below the worst those told apart and lower; each pair is
        judged by itself. Empty where nothing can be compared.
        """
        if self.covariance is None:
            return {}
        keys = list(self.covariance.index)
        values = np.array([self.adjusted[key] for key in keys])
        group = np.array([self.component[key] for key in keys])
        found: dict[Any, tuple[int, int]] = {}
        for begin in range(0, len(keys), _BLOCK):
            some = slice(begin, begin + _BLOCK)
            gap = values[None, :] - values[some, None]
            told = (np.abs(gap) > _Z95 * self.covariance.of_differences(some)) & (group[None, :] == group[some, None])
            size = (group[None, :] == group[some, None]).sum(axis=1)
            best, worst = 1 + (told & (gap > 0)).sum(axis=1), size - (told & (gap < 0)).sum(axis=1)
            found |= zip(keys[some], zip(best.tolist(), worst.tolist(), strict=True), strict=True)
        return found


@dataclass(frozen=True)
class Covariance:
    """Of the errors of prediction of mu + v: unit^2 (factor factor' + diag(own))."""

    index: Mapping[Any, int]
    factor: Floats
    own: Floats
    unit: float

    def of_each(self) -> Floats:
        """The standard errors of mu + v."""
        return self.unit * self._squares() ** 0.5

    def _squares(self) -> Floats:
        found: Floats = np.square(self.factor).sum(axis=1) + self.own
        return found

    def of_difference(self, one: Hashable, other: Hashable) -> float:
        """The standard error of v[one] - v[other]."""
        i, j = self.index[one], self.index[other]
        if i == j:
            return 0.0
        row = self.factor[i] - self.factor[j]
        return self.unit * math.sqrt(float(row @ row) + self.own[i] + self.own[j])

    def of_differences(self, some: slice) -> Floats:
        """The standard errors of some proposals' differences from all: a row for each."""
        squares = self._squares()
        found: Floats = squares[some, None] + squares[None, :] - 2.0 * self.factor[some] @ self.factor.T
        return self.unit * np.maximum(found, 0.0) ** 0.5


def calibrate(scores: Iterable[tuple[Any, Any, float]]) -> Calibration:
    """Fit the model to (reviewer, proposal, score); who scored a proposal twice counts twice. The order of rows changes nothing.

    Raises NoScores.
    """
    rows = sorted(((str(r), str(p), r, p, float(s)) for r, p, s in scores), key=lambda row: (row[0], row[1], row[4]))
    if not rows:
        raise NoScores("there is no score")
    if not all(abs(row[4]) <= _LARGEST for row in rows):  # which NaN is not, either
        raise NoScores("a score is no finite number, or larger than any scale")
    design = _Design.of(rows)
    told = _what_can_be_told(design)
    if not told.is_enough or design.spread == 0:
        return _unfitted(design, told.remarks)
    return _fitted(design, told)


# ---- the design ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Design:
    """Scores by running numbers; a score is centre + spread * y, so that no unit matters."""

    reviewers: tuple[Any, ...]
    proposals: tuple[Any, ...]
    a: Whole
    b: Whole
    y: Floats
    centre: float
    spread: float
    raw: Mapping[Any, float]
    component: Mapping[Any, int]
    hash: str

    @classmethod
    def of(cls, rows: Sequence[tuple[str, str, Any, Any, float]]) -> _Design:
        reviewers = {name: key for name, _p, key, _k, _s in rows}
        proposals = {name: key for _r, name, _k, key, _s in sorted(rows, key=lambda row: row[1])}
        first, second = ({name: at for at, name in enumerate(names)} for names in (reviewers, proposals))
        a = np.array([first[row[0]] for row in rows])
        b = np.array([second[row[1]] for row in rows])
        values = np.array([row[4] for row in rows])
        y, centre, spread = _without_unit(values)
        raw = (np.bincount(b, values) / np.bincount(b)).tolist() if spread else [centre] * len(second)
        component = _components(a, b, len(first), len(second))
        words = json.dumps([[row[0], row[1], row[4]] for row in rows], ensure_ascii=False)
        return cls(
            tuple(reviewers.values()), tuple(proposals.values()), a, b, y, centre, spread,
            dict(zip(proposals.values(), raw, strict=True)), dict(zip(proposals.values(), component, strict=True)),
            hashlib.sha256(words.encode()).hexdigest(),
        )  # fmt: skip


def _without_unit(scores: Floats) -> tuple[Floats, float, float]:
    """(y, centre, spread); where all are the same the centre is that score exactly, and the spread nought."""
    largest = float(np.abs(scores).max())
    if scores.min() == scores.max():
        return np.zeros(len(scores)), float(scores[0]), 0.0
    y = scores / largest  # first, as squares of the very large are not finite, and of the very small nought
    centre = float(y.mean())
    spread = float((y - centre).std())
    if spread < 1e-14:  # nothing but rounding
        return np.zeros(len(scores)), float(scores[0]), 0.0
    return (y - centre) / spread, centre * largest, spread * largest


def _components(a: Whole, b: Whole, reviewers: int, proposals: int) -> list[int]:
    """For each proposal the number of its group: who is linked by reviewers in common (union-find)."""
    parent = list(range(reviewers + proposals))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        parent[root(one)] = root(reviewers + other)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(reviewers + at), len(numbers)) for at in range(proposals)]


@dataclass(frozen=True)
class _Told:
    """Which variances are identifiable; `is_enough` is False where nothing is, or nothing is left to tell the noise by."""

    has_u: bool
    has_v: bool
    is_enough: bool
    remarks: tuple[str, ...]


def _what_can_be_told(design: _Design) -> _Told:
    """A factor whose levels have one score each is the noise, one with a single level the mean, and two alike are each other."""
    by_reviewer, by_proposal = np.bincount(design.a), np.bincount(design.b)
    groups = len(set(design.component.values()))
    has_u = len(by_reviewer) > 1 and int(by_reviewer.max()) > 1
    has_v = len(by_proposal) > 1 and int(by_proposal.max()) > 1
    remarks = []
    if not has_u:
        remarks.append("severity is not identifiable: there is one reviewer, or each has one score")
    if not has_v:
        remarks.append("quality is not identifiable: there is one proposal, or each has one score")
    if has_u and has_v and groups == len(by_reviewer) == len(by_proposal):
        remarks.append("severity and quality are not identifiable: each proposal has one reviewer, who has no other proposal")
        return _Told(False, False, False, tuple(remarks))
    parameters = (len(by_reviewer) if has_u else 0) + (len(by_proposal) if has_v else 0)
    free = len(design.y) - parameters + (groups if has_u and has_v else 1 if has_u or has_v else 0)
    if free <= (0 if has_u or has_v else 1):
        remarks.append("not enough overlap: the scores leave nothing to estimate the noise from")
        return _Told(has_u, has_v, False, tuple(remarks))
    if groups > 1:
        remarks.append(f"{groups} groups of proposals have no reviewer in common and cannot be compared with each other")
    return _Told(has_u, has_v, True, tuple(remarks))


# ---- what it says ----------------------------------------------------------------------------------------------------


def _unfitted(design: _Design, remarks: tuple[str, ...]) -> Calibration:
    """Raw means and nothing more; where all scores are equal, everything is that score."""
    is_equal = design.spread == 0 and len(design.y) > 1
    nought, bounds = (0.0, (design.centre, design.centre)) if is_equal else (None, None)
    if is_equal:
        remarks += ("all scores are equal: there is no variation",)
    return Calibration(
        None, nought, nought, nought, design.centre, design.raw, design.raw, dict.fromkeys(design.reviewers, nought),
        dict.fromkeys(design.proposals, bounds), design.component, remarks, design.hash, None,
    )  # fmt: skip


def _fitted(design: _Design, told: _Told) -> Calibration:
    found = _fit(design, told)
    unit, keys = design.spread, design.proposals
    covariance = Covariance({key: at for at, key in enumerate(keys)}, found.factor, found.own, unit)
    adjusted, half = design.centre + unit * (found.mu + found.v), _Z95 * covariance.of_each()
    bounds = zip((adjusted - half).tolist(), (adjusted + half).tolist(), strict=True)
    sds = [theta * found.sd * unit for theta in found.theta]
    remarks = told.remarks
    if max(found.theta) > 0.999 * reml.LARGEST:
        remarks += ("there is next to no noise: the scores are explained by severity and quality alone",)
    has_u, has_v = told.has_u, told.has_v
    return Calibration(
        found.deviance + (len(design.y) - 1) * 2.0 * math.log(unit),
        sds[0] if has_u else None, sds[1] if has_v else None, found.sd * unit, design.centre + unit * found.mu, design.raw,
        dict(zip(keys, adjusted.tolist(), strict=True)) if has_v else design.raw,
        dict(zip(design.reviewers, (unit * found.u).tolist(), strict=True)) if has_u else dict.fromkeys(design.reviewers),
        dict(zip(keys, bounds, strict=True)) if has_v else dict.fromkeys(keys),
        design.component, remarks, design.hash, covariance if has_v else None,
    )  # fmt: skip


@dataclass(frozen=True)
class _Fit:
    """`reml.Fit` in words of reviewers (u) and proposals (v)."""

    deviance: float
    theta: tuple[float, float]
    sd: float
    mu: float
    u: Floats
    v: Floats
    factor: Floats
    own: Floats


def _fit(design: _Design, told: _Told) -> _Fit:
    """The work grows with the cube of the few: these are the reviewers, unless there are more of them."""
    if len(design.reviewers) <= len(design.proposals):
        one = reml.fit(reml.Table(design.a, design.b, design.y), has_few=told.has_u, has_many=told.has_v)
        return _Fit(one.deviance, one.theta, one.sd, one.mu, one.few, one.many, one.many_factor, one.many_own)
    one = reml.fit(reml.Table(design.b, design.a, design.y), has_few=told.has_v, has_many=told.has_u)
    nothing = np.zeros(len(one.few))
    return _Fit(one.deviance, one.theta[::-1], one.sd, one.mu, one.many, one.few, one.few_factor, nothing)
