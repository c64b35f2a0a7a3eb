"""How severe is each reviewer, and what are scores worth without that? Crossed random effects, fitted by REML; pure.

y = mu + u[reviewer] + v[proposal] + e with u, v, e independent and normal. The restricted likelihood is profiled over the
relative standard deviations theta = (sd u, sd v) / sd e (Bates, Maechler, Bolker, Walker: Fitting linear mixed-effects models
using lme4, Journal of Statistical Software 67, 2015, sections 3.4 and 5.2). Of A = Lambda'Z'Z Lambda + I, which is diagonal but
for the block of who scored what, the larger diagonal is eliminated: one fit of 40 x 300 takes milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_Z95 = 1.959963984540054  # of the normal distribution, two-sided
_LARGEST = 1e4  # of a relative standard deviation: beyond, the rest is as good as nothing
_GRID = (0.0, 0.15, 0.4, 0.8, 1.5, 4.0, 15.0)


class NoScores(ValueError):
    """There is no score at all, or one of them is no finite number."""


@dataclass(frozen=True)
class Calibration:
    """A fit. What cannot be told from these scores is None, and `remarks` say so.

    `adjusted` is mu + v, `severity` u (positive: gives more than others), `interval` 95 % of mu + v. `component` numbers the groups
    of proposals that can be compared at all.
    """

    deviance: float | None  # -2 log restricted likelihood
    sd_reviewer: float | None
    sd_proposal: float | None
    sd_residual: float | None
    mu: float
    raw: Mapping[Any, float]
    adjusted: Mapping[Any, float | None]
    severity: Mapping[Any, float | None]
    interval: Mapping[Any, tuple[float, float] | None]
    component: Mapping[Any, int]
    remarks: tuple[str, ...]
    covariance: _Covariance | None

    @property
    def connected(self) -> bool:
        """Whether all proposals can be compared with each other."""
        return len(set(self.component.values())) <= 1

    def told_apart(self, one: Hashable, other: Hashable) -> bool | None:
        """Whether 95 % of the difference of two proposals lies on one side; None where they cannot be compared."""
        first, second = self.adjusted[one], self.adjusted[other]
        if self.covariance is None or first is None or second is None or self.component[one] != self.component[other]:
            return None
        return abs(first - second) > _Z95 * self.covariance.of_difference(one, other)


@dataclass(frozen=True)
class _Covariance:
    """Of the errors of prediction of v: scale * (diag + factor factor' + h h')."""

    index: Mapping[Any, int]
    diagonal: Floats
    factor: Floats
    h: Floats
    scale: float

    def of_difference(self, one: Hashable, other: Hashable) -> float:
        """The standard error of v[one] - v[other]."""
        i, j = self.index[one], self.index[other]
        if i == j:
            return 0.0
        row = self.factor[i] - self.factor[j]
        value = self.diagonal[i] + self.diagonal[j] + float(row @ row) + (self.h[i] - self.h[j]) ** 2
        return math.sqrt(max(0.0, self.scale * value))


def calibrate(scores: Iterable[tuple[Any, Any, float]]) -> Calibration:
    """Fit the model to (reviewer, proposal, score); who scored a proposal twice counts twice. The order of rows changes nothing.

    Raises NoScores.
    """
    rows = sorted(((str(r), str(p), r, p, float(s)) for r, p, s in scores), key=lambda row: (row[0], row[1], row[4]))
    if not rows:
        raise NoScores("there is no score")
    if not all(math.isfinite(row[4]) for row in rows):
        raise NoScores("a score is no finite number")
    design = _Design.of(rows)
    remarks: list[str] = []
    has_u, has_v = _identifiable(design, remarks)
    if has_v is None or design.spread == 0:
        return _unfitted(design, remarks)
    fit = _Fit(design, has_u, has_v)
    theta = _minimise(fit.deviance, (has_u, has_v))
    return _told(design, fit, theta, remarks)


# ---- the design ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Design:
    """Scores by running numbers; `y` is centred and scaled by `spread`, so that no unit matters."""

    reviewers: tuple[Any, ...]
    proposals: tuple[Any, ...]
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    y: Floats
    centre: float
    spread: float
    component: Mapping[Any, int]

    @classmethod
    def of(cls, rows: Sequence[tuple[str, str, Any, Any, float]]) -> _Design:
        reviewers = {name: key for name, _p, key, _k, _s in rows}
        proposals = {name: key for _r, name, _k, key, _s in sorted(rows, key=lambda row: row[1])}
        first, second = ({name: at for at, name in enumerate(names)} for names in (reviewers, proposals))
        a = np.array([first[row[0]] for row in rows])
        b = np.array([second[row[1]] for row in rows])
        raw = np.array([row[4] for row in rows])
        centre, spread = float(raw.mean()), float(raw.std())
        if spread < 1e-12 * max(1.0, abs(centre)):
            spread = 0.0
        y = (raw - centre) / (spread or 1.0)
        component = _components(a, b, len(first), len(second))
        return cls(
            tuple(reviewers.values()), tuple(proposals.values()), a, b, y, centre, spread,
            {key: component[at] for at, key in enumerate(proposals.values())},
        )  # fmt: skip

    def sums(self, values: Floats) -> tuple[Floats, Floats]:
        """Of each reviewer, and of each proposal."""
        return (
            np.bincount(self.a, values, len(self.reviewers)), np.bincount(self.b, values, len(self.proposals)),
        )  # fmt: skip


def _components(a: NDArray[np.int64], b: NDArray[np.int64], reviewers: int, proposals: int) -> list[int]:
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


def _identifiable(design: _Design, remarks: list[str]) -> tuple[bool, bool | None]:
    """Whether severity and quality can be told from the noise; (…, None) when nothing can."""
    by_reviewer, by_proposal = design.sums(np.ones(len(design.y)))
    groups = len(set(design.component.values()))
    has_u = len(by_reviewer) > 1 and by_reviewer.max() > 1
    has_v = len(by_proposal) > 1 and by_proposal.max() > 1
    if not has_u:
        remarks.append("severity cannot be told: there is one reviewer, or each has one score")
    if not has_v:
        remarks.append("quality cannot be told: there is one proposal, or each has one score")
    parameters = (len(by_reviewer) if has_u else 0) + (len(by_proposal) if has_v else 0)
    free = len(design.y) - parameters + (groups if has_u and has_v else 1 if has_u or has_v else 0)
    if free <= (0 if has_u or has_v else 1):
        remarks.append("not enough overlap: the scores leave nothing to estimate the noise from")
        return has_u, None
    if groups > 1:
        remarks.append(f"{groups} groups of proposals have no reviewer in common and cannot be compared with each other")
    return has_u, has_v


def _unfitted(design: _Design, remarks: list[str]) -> Calibration:
    """Raw means and nothing more; where all scores are equal, everything is that score."""
    equal = design.spread == 0 and len(design.y) > 1
    if equal:
        remarks.append("all scores are equal: there is no variation")
    raw = _raw(design)
    return Calibration(
        None, *((0.0, 0.0, 0.0) if equal else (None, None, None)), design.centre, raw,
        dict.fromkeys(design.proposals, design.centre if equal else None),
        dict.fromkeys(design.reviewers, 0.0 if equal else None),
        dict.fromkeys(design.proposals, (design.centre, design.centre) if equal else None), design.component, tuple(remarks), None,
    )  # fmt: skip


def _raw(design: _Design) -> dict[Any, float]:
    totals, counts = design.sums(design.y)[1], design.sums(np.ones(len(design.y)))[1]
    means = design.centre + (design.spread or 1.0) * totals / counts
    return dict(zip(design.proposals, means.tolist(), strict=True))


# ---- the likelihood --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Solved:
    """What one value of theta gives: everything else follows from it."""

    log_det: float
    one: Floats  # A^-1 Lambda Z'1, small block first
    of_y: Floats  # A^-1 Lambda Z'y
    precision: float  # 1'V^-1 1
    mu: float
    rss: float
    inverse_big: Floats  # of the eliminated diagonal
    cross: Floats  # small x big, scaled by theta
    root: Floats  # the inverse of the Cholesky factor of the Schur complement


class _Fit:
    """The criterion for one design. The factor with more levels is eliminated ("big"), the other one is "small"."""

    def __init__(self, design: _Design, has_u: bool, has_v: bool) -> None:
        self.design, self.has = design, (has_u, has_v)
        self.is_v_big = len(design.proposals) >= len(design.reviewers)
        ones = np.ones(len(design.y))
        counts, sums = design.sums(ones), design.sums(design.y)
        order = (0, 1) if self.is_v_big else (1, 0)
        self.counts, self.sums = [counts[at] for at in order], [sums[at] for at in order]
        size = (len(self.counts[0]), len(self.counts[1]))
        small, big = (design.a, design.b) if self.is_v_big else (design.b, design.a)
        self.cells = np.bincount(small * size[1] + big, minlength=size[0] * size[1]).reshape(size).astype(float)
        self.n, self.y_sum, self.y_square = len(design.y), float(design.y.sum()), float(design.y @ design.y)

    def solve(self, theta: tuple[float, float]) -> _Solved:
        """One Cholesky of the smaller factor's size."""
        t = theta if self.is_v_big else (theta[1], theta[0])
        inverse_big = 1.0 / (t[1] ** 2 * self.counts[1] + 1.0)
        cross = t[0] * t[1] * self.cells
        schur = np.diag(t[0] ** 2 * self.counts[0] + 1.0) - (cross * inverse_big) @ cross.T
        factor = np.linalg.cholesky(schur)
        root = np.linalg.inv(factor)
        log_det = 2.0 * float(np.log(np.diag(factor)).sum()) - float(np.log(inverse_big).sum())

        def inverted(c: Sequence[Floats]) -> Floats:
            small = root.T @ (root @ (t[0] * c[0] - cross @ (inverse_big * t[1] * c[1])))
            return np.concatenate([small, inverse_big * (t[1] * c[1] - cross.T @ small)])

        ones, of_y = inverted(self.counts), inverted(self.sums)
        c_one = np.concatenate([t[0] * self.counts[0], t[1] * self.counts[1]])
        c_y = np.concatenate([t[0] * self.sums[0], t[1] * self.sums[1]])
        precision = self.n - float(c_one @ ones)
        one_y = self.y_sum - float(c_one @ of_y)
        mu = one_y / precision
        rss = max(self.y_square - float(c_y @ of_y) - mu * one_y, 1e-300)
        return _Solved(log_det, ones, of_y, precision, mu, rss, inverse_big, cross, root)

    def deviance(self, theta: tuple[float, float]) -> float:
        """-2 log restricted likelihood of the scaled scores, profiled over mu and the residual sd (lme4, equation 41)."""
        try:
            found = self.solve(theta)
        except np.linalg.LinAlgError:
            return math.inf
        free = self.n - 1
        return found.log_det + math.log(found.precision) + free * (1.0 + math.log(2.0 * math.pi * found.rss / free))


def _minimise(deviance: Callable[[tuple[float, float]], float], free: tuple[bool, bool]) -> tuple[float, float]:
    """The theta with the least deviance: from the best points of a grid downhill, and along both axes where zero is best."""
    grid = [(u, v) for u in (_GRID if free[0] else (0.0,)) for v in (_GRID if free[1] else (0.0,))]
    starts = sorted(grid, key=deviance)[:3]
    found = [_downhill(deviance, start, free) for start in starts]
    for axis in (0, 1):  # zero is a legal optimum: look along it, exactly
        along = (free[0] and axis == 0, free[1] and axis == 1)
        found.append(_downhill(deviance, min(grid, key=lambda at: deviance(_only(at, axis))), along, start_only=axis))  # noqa: B023
    found.append((0.0, 0.0))
    return min(found, key=deviance)


def _only(theta: tuple[float, float], axis: int) -> tuple[float, float]:
    return (theta[0], 0.0) if axis == 0 else (0.0, theta[1])


def _downhill(
    deviance: Callable[[tuple[float, float]], float], start: tuple[float, float], free: tuple[bool, bool], *,
    start_only: int | None = None,
) -> tuple[float, float]:  # fmt: skip
    """Nelder and Mead (1965) in the free directions, mirrored at zero; begun anew once, as a flat simplex may stop early."""
    if start_only is not None:
        start = _only(start, start_only)
    axes = [axis for axis in (0, 1) if free[axis]]
    if not axes:
        return start

    def whole(point: Floats) -> tuple[float, float]:
        theta = list(start) if start_only is None else [0.0, 0.0]
        for axis, value in zip(axes, point, strict=True):
            theta[axis] = min(abs(float(value)), _LARGEST)
        return (theta[0], theta[1])

    point = np.array([start[axis] for axis in axes])
    for step in (0.3, 0.03):
        point = _simplex(lambda at: deviance(whole(at)), point, step)
    return whole(point)


def _simplex(value: Callable[[Floats], float], start: Floats, step: float) -> Floats:
    points = [start, *(start + step * max(1.0, abs(start[at])) * np.eye(len(start))[at] for at in range(len(start)))]
    values = [value(point) for point in points]
    for _turn in range(400):
        order = np.argsort(values, kind="stable")
        points, values = [points[at] for at in order], [values[at] for at in order]
        size = max(float(np.abs(point - points[0]).max()) for point in points[1:])
        if values[-1] - values[0] < 1e-11 and size < 1e-8 * max(1.0, float(np.abs(points[0]).max())):
            break
        centre = sum(points[:-1]) / (len(points) - 1)
        reflected = centre + (centre - points[-1])
        at_reflected = value(reflected)
        if at_reflected < values[0]:
            further = centre + 2.0 * (centre - points[-1])
            at_further = value(further)
            points[-1], values[-1] = (further, at_further) if at_further < at_reflected else (reflected, at_reflected)
        elif at_reflected < values[-2]:
            points[-1], values[-1] = reflected, at_reflected
        else:
            nearer = centre + (0.5 if at_reflected < values[-1] else -0.5) * (centre - points[-1])
            at_nearer = value(nearer)
            if at_nearer < min(values[-1], at_reflected):
                points[-1], values[-1] = nearer, at_nearer
            else:
                points = [points[0], *(points[0] + 0.5 * (point - points[0]) for point in points[1:])]
                values = [values[0], *(value(point) for point in points[1:])]
    return points[int(np.argmin(values))]


# ---- what it says ----------------------------------------------------------------------------------------------------


def _told(design: _Design, fit: _Fit, theta: tuple[float, float], remarks: list[str]) -> Calibration:
    found, unit = fit.solve(theta), design.spread
    sd = math.sqrt(found.rss / (fit.n - 1)) * unit
    if max(theta) >= _LARGEST:
        remarks.append("there is next to no noise: the scores are explained by severity and quality alone")
    effects = found.of_y - found.mu * found.one
    at = len(fit.counts[0])
    parts = (effects[:at], effects[at:]) if fit.is_v_big else (effects[at:], effects[:at])
    u, v = theta[0] * parts[0] * unit, theta[1] * parts[1] * unit
    mu = design.centre + found.mu * unit
    h = (found.one[at:] if fit.is_v_big else found.one[:at]) * theta[1]
    diagonal, factor = _inverse_of_v(fit, found, theta[1])
    variance = (sd**2) * ((1.0 - 2.0 * h + h * h) / found.precision + diagonal + (factor * factor).sum(axis=1))
    half = _Z95 * np.sqrt(np.maximum(variance, 0.0))
    values = mu + v
    has_u, has_v = fit.has
    covariance = _Covariance(
        {key: number for number, key in enumerate(design.proposals)}, diagonal, factor, h / math.sqrt(found.precision), sd**2
    )
    deviance = fit.deviance(theta) + (fit.n - 1) * 2.0 * math.log(unit)
    return Calibration(
        deviance, theta[0] * sd if has_u else None, theta[1] * sd if has_v else None, sd, mu, _raw(design),
        dict(zip(design.proposals, values.tolist() if has_v else [None] * len(values), strict=True)),
        dict(zip(design.reviewers, u.tolist() if has_u else [None] * len(u), strict=True)),
        {
            key: (float(low), float(high)) if has_v else None
            for key, low, high in zip(design.proposals, values - half, values + half, strict=True)
        },
        design.component, tuple(remarks), covariance if has_v else None,
    )  # fmt: skip


def _inverse_of_v(fit: _Fit, found: _Solved, theta: float) -> tuple[Floats, Floats]:
    """theta^2 times the block of A^-1 that belongs to the proposals, as a diagonal and F with F F' (Woodbury)."""
    if fit.is_v_big:
        return theta**2 * found.inverse_big, theta * (found.root @ (found.cross * found.inverse_big)).T
    return np.zeros(len(fit.counts[0])), theta * found.root.T
