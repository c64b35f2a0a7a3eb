"""Which variances make scores likeliest? y = mu + an effect of each of two factors + noise, by REML; arrays in and out; pure.

The restricted likelihood is profiled over mu and the variance of the noise, and depends on the relative sds theta = sd / sd of the
noise alone (Bates, Maechler, Bolker, Walker: Fitting linear mixed-effects models using lme4, Journal of Statistical Software 67,
2015, sections 3.4 and 5.2). Here it is solved in two steps rather than by one Cholesky factor for each pair of thetas. Let the
factor with more levels be "many", the other one "few". For one theta of the many, V0 = I + theta^2 Z Z' is inverted level by level,
and M = F'V0^-1 F (F: the design of the few) is split into eigenvectors; then each theta of the few costs as many multiplications
as there are few levels (Woodbury: V = V0 + theta^2 F F'). So the few are searched whole on a fine grid, the many on a coarser one
and then by Brent's method; a second valley is not missed, and nought, a legal optimum, is tried exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

LARGEST = 1e4  # of a theta: beyond, what is left is as good as no noise
_UNIT = 0.01  # a theta below is nearly nought: the scale is linear there and logarithmic above
_END = math.asinh(LARGEST / _UNIT)
_FEW, _MANY, _MANY_OF_LARGE = (np.linspace(0.0, _END, points) for points in (61, 30, 12))
_LARGE = 300  # levels of the few: eigenvectors of more take their time
_NOUGHT = 1e-9  # what a theta must gain in deviance to be more than nought


@dataclass(frozen=True)
class Table:
    """Scores of `few` levels by `many` levels, in units in which their mean is about 0 and their spread about 1."""

    few: Whole
    many: Whole
    y: Floats

    @cached_property
    def counts(self) -> tuple[Floats, Floats]:
        """Scores of each level."""
        return np.bincount(self.few).astype(float), np.bincount(self.many).astype(float)

    @cached_property
    def means(self) -> Floats:
        """Of the many."""
        return np.bincount(self.many, self.y) / self.counts[1]

    @cached_property
    def cells(self) -> Floats:
        """How many scores each pair of levels has."""
        shape = (len(self.counts[0]), len(self.counts[1]))
        return np.bincount(self.few * shape[1] + self.many, minlength=shape[0] * shape[1]).reshape(shape).astype(float)

    @cached_property
    def within(self) -> tuple[float, Floats, Floats]:
        """Of what lies within the many: its square, its sums by the few, and M for a theta without end."""
        rest = self.y - self.means[self.many]
        by_few = np.bincount(self.few, rest, len(self.counts[0])).astype(float)
        matrix = np.diag(self.counts[0]) - self.products(1.0 / self.counts[1])
        return float(rest @ rest), by_few, matrix

    def products(self, weights: Floats) -> Floats:
        """cells diag(weights) cells', where levels with equally many scores have equal weights."""
        if self._by_size is None:
            return np.asarray((self.cells * weights) @ self.cells.T)
        first, parts = self._by_size
        return np.asarray(np.tensordot(weights[first], parts, 1))

    @cached_property
    def _by_size(self) -> tuple[Whole, Floats] | None:
        """The products of the levels of each size, as weights differ by size only; None where that takes too much memory."""
        sizes, first, size_of = np.unique(self.counts[1], return_index=True, return_inverse=True)
        if len(sizes) * len(self.counts[0]) ** 2 > 4_000_000:
            return None
        chosen = (self.cells[:, size_of == at] for at in range(len(sizes)))
        return first, np.stack([part @ part.T for part in chosen])


class Split:
    """The likelihood for one theta of the many, ready for any theta of the few."""

    def __init__(self, table: Table, theta: float) -> None:
        self.table, self.theta = table, theta
        _few, sizes = table.counts
        square, by_few, matrix = table.within
        self.left = left = 1.0 / (1.0 + theta**2 * sizes)  # what V0^-1 leaves of a level's mean
        self.eigenvalues, self.vectors = np.linalg.eigh(matrix + table.products(left / sizes))
        self.eigenvalues = np.maximum(self.eigenvalues, 0.0)
        self.one = self.vectors.T @ (table.cells @ left)
        self.y = self.vectors.T @ (by_few + table.cells @ (left * table.means))
        self.log_det = float(np.log1p(theta**2 * sizes).sum())
        self.one_one, self.one_y = float(sizes @ left), float((sizes * table.means) @ left)
        self.y_y = square + float((sizes * table.means**2) @ left)

    def deviances(self, thetas: Floats) -> Floats:
        """-2 log restricted likelihood for each theta of the few (lme4, equation 41)."""
        free = len(self.table.y) - 1
        squares = np.square(thetas)[:, None]
        precision, _mu, rss = self._moments(squares)
        log_det = self.log_det + np.log1p(squares * self.eigenvalues).sum(axis=1)
        found = log_det + np.log(precision) + free * (1.0 + np.log(2.0 * math.pi * rss / free))
        return np.asarray(found, float)

    def _moments(self, squares: Floats) -> tuple[Floats, Floats, Floats]:
        """1'V^-1 1, the estimate of mu, and (y - mu)'V^-1 (y - mu)."""
        weights = squares / (1.0 + squares * self.eigenvalues)
        precision = np.maximum(self.one_one - weights @ self.one**2, 1e-300)
        one_y = self.one_y - weights @ (self.one * self.y)
        rss = np.maximum(self.y_y - weights @ self.y**2 - one_y**2 / precision, 1e-300)
        return precision, one_y / precision, rss

    def best(self, *, is_free: bool) -> tuple[float, float]:
        """(deviance, theta of the few): the whole range, then ever finer around the best point."""
        if not is_free:
            return float(self.deviances(np.zeros(1))[0]), 0.0
        points = _FEW
        at_nought = found = float(self.deviances(np.zeros(1))[0])
        for _turn in range(7):
            values = self.deviances(_theta(points))
            at = int(np.argmin(values))
            found, best = float(values[at]), float(points[at])
            points = np.linspace(points[max(at - 1, 0)], points[min(at + 1, len(points) - 1)], 17)
        return (at_nought, 0.0) if at_nought <= found + _NOUGHT else (found, float(_theta(np.array(best))))

    def moments(self, theta: float) -> tuple[float, float, float]:
        """The precision and the estimate of mu, and the residual sum of squares."""
        precision, mu, rss = self._moments(np.array([[theta**2]]))
        return float(precision[0]), float(mu[0]), float(rss[0])


@dataclass(frozen=True)
class Fit:
    """The likeliest variances and what follows, in the units of the table; `sd` is of the noise.

    Effects of the levels, and the errors of prediction of mu + effect as covariance = factor factor' + diag(own).
    """

    deviance: float
    theta: tuple[float, float]
    sd: float
    mu: float
    few: Floats
    many: Floats
    few_factor: Floats
    many_factor: Floats
    many_own: Floats


def fit(table: Table, *, has_few: bool, has_many: bool) -> Fit:
    """The optimum over both thetas; those of a factor that is not in the model stay nought."""
    grid = _MANY if len(table.counts[0]) <= _LARGE else _MANY_OF_LARGE
    theta = _search(lambda one: Split(table, one).best(is_free=has_few)[0], grid) if has_many else 0.0
    split = Split(table, theta)
    deviance, other = split.best(is_free=has_few)
    return _effects(split, deviance, other)


def _search(value: Callable[[float], float], grid: Floats) -> float:
    """The theta with the least value: the best point of a grid, then Brent's method between its neighbours."""
    values = [value(float(_theta(point))) for point in grid]
    at = int(np.argmin(values))
    low, high = (float(grid[min(max(near, 0), len(grid) - 1)]) for near in (at - 1, at + 1))
    point, least = _brent(lambda one: value(float(_theta(np.array(one)))), low, high)
    if values[0] <= min(least, values[at]) + _NOUGHT:
        return 0.0
    return float(_theta(np.array(point if least <= values[at] else float(grid[at]))))


def _theta(point: Floats) -> Floats:
    return np.asarray(_UNIT * np.sinh(point))


def _brent(value: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Least point and value in between: parabolas, or the golden section where they do not help (Brent 1973, chapter 5)."""
    golden = (3.0 - math.sqrt(5.0)) / 2.0
    best = second = third = low + golden * (high - low)
    at_best = at_second = at_third = value(best)
    step = before = 0.0
    for _turn in range(60):
        middle, tolerance = (low + high) / 2.0, 1e-6 * (1.0 + abs(best))
        if abs(best - middle) <= 2.0 * tolerance - (high - low) / 2.0:
            break
        r, q = (best - second) * (at_best - at_third), (best - third) * (at_best - at_second)
        p, q = (best - third) * q - (best - second) * r, 2.0 * (q - r)
        p, q = (-p if q > 0 else p), abs(q)
        is_parabola = abs(before) > tolerance and abs(p) < abs(q * before / 2.0) and q * (low - best) < p < q * (high - best)
        if is_parabola:
            step, before = p / q, step
        else:
            before = (high if best < middle else low) - best
            step = golden * before
        point = best + (step if abs(step) >= tolerance else math.copysign(tolerance, step))
        at_point = value(point)
        if at_point <= at_best:
            low, high = (best, high) if point >= best else (low, best)
            third, second, best = second, best, point
            at_third, at_second, at_best = at_second, at_best, at_point
        else:
            low, high = (point, high) if point < best else (low, point)
            if at_point <= at_second or second == best:
                third, second, at_third, at_second = second, point, at_second, at_point
            elif at_point <= at_third or third in (best, second):
                third, at_third = point, at_point
    return best, at_best


def _effects(split: Split, deviance: float, theta: float) -> Fit:
    """Best linear unbiased predictions and the errors of prediction, those of mu among them.

    Given mu and the effects of the few, each of the many is judged by its own scores alone: mean and variance of the
    normal distribution of one level. The few and mu have a common covariance, of which `root` is a square root.
    """
    table, many = split.table, split.theta
    precision, mu, rss = split.moments(theta)
    sd = math.sqrt(rss / (len(table.y) - 1))
    inner = 1.0 / (1.0 + theta**2 * split.eigenvalues)
    few = theta**2 * (split.vectors @ (inner * (split.y - mu * split.one)))
    of_mu = -(theta**2) * (split.vectors @ (inner * split.one)) / math.sqrt(precision)
    root = np.column_stack([of_mu, theta * split.vectors * np.sqrt(inner)])  # of the few
    mu_root = np.zeros(root.shape[1])
    mu_root[0] = 1.0 / math.sqrt(precision)
    sizes = table.counts[1]
    effects = many**2 * split.left * (sizes * (table.means - mu) - table.cells.T @ few)
    many_factor = split.left[:, None] * (mu_root - many**2 * (table.cells.T @ root))
    return Fit(
        deviance, (theta, many), sd, mu, few, effects, sd * (mu_root + root), sd * many_factor, sd**2 * many**2 * split.left
    )
