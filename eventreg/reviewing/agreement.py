"""How far do reviewers agree? Krippendorff's alpha by the coincidence matrix; pure.

K. Krippendorff: Computing Krippendorff's Alpha-Reliability (2011). alpha = 1 - observed / expected disagreement; 1 is perfect, 0 is
what chance would give, below 0 they disagree more than by chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVELS = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True)
class Agreement:
    """alpha is None where no unit has two scores; `has_variation` is False where all scores are equal, which counts as 1."""

    alpha: float | None
    has_variation: bool
    units: int  # with two scores or more
    scores: int  # in them


def alpha(units: Iterable[Sequence[float]], level: str) -> Agreement:
    """Of the scores that each unit (proposal) got. Raises ValueError: an unknown level, a score that is no finite number.

    ratio asks for scores that are not negative.
    """
    table = _Table.of(units, level)
    each = np.ones(len(table.sizes))
    return Agreement(table.alpha(each), len(table.values) > 1, len(table.sizes), int(table.sizes.sum()))


def interval(units: Iterable[Sequence[float]], level: str, *, seed: int = 1, draws: int = 500) -> tuple[float, float] | None:
    """95 % of alpha by drawing proposals anew with replacement, `draws` times; None where it is not defined often enough.

    The same for the same scores in any order. Draws without variation say nothing and are left out.
    """
    table, rng = _Table.of(units, level), Random(seed)
    size = len(table.sizes)
    found = []
    for _draw in range(draws if size else 0):
        weights = np.bincount(rng.choices(range(size), k=size), minlength=size).astype(float)
        if np.count_nonzero(weights @ table.counts) > 1:
            found.append(table.alpha(weights) or 0.0)
    if len(found) < max(1, draws // 2):
        return None
    found.sort()
    return found[round(0.025 * (len(found) - 1))], found[round(0.975 * (len(found) - 1))]


def every_level(units: Sequence[Sequence[float]]) -> Mapping[str, float | None]:
    """alpha at each level; None where it is not defined (no unit with two scores; ratio of negative scores)."""
    found: dict[str, float | None] = {}
    for level in LEVELS:
        try:
            found[level] = alpha(units, level).alpha
        except ValueError:
            found[level] = None
    return found


@dataclass(frozen=True)
class _Table:
    """How often each unit got each value, of units with two scores or more, in an order of their own."""

    values: Floats
    counts: Floats  # units x values
    sizes: Floats  # scores of each unit
    level: str

    @classmethod
    def of(cls, units: Iterable[Sequence[float]], level: str) -> _Table:
        """Raises ValueError as `alpha` does."""
        if level not in LEVELS:
            raise ValueError(f"{level!r} is none of {', '.join(LEVELS)}")
        pairable = sorted(sorted(unit) for unit in units if len(unit) > 1)
        if not all(math.isfinite(value) for unit in pairable for value in unit):
            raise ValueError("a score is no finite number")
        if level == "ratio" and any(value < 0 for unit in pairable for value in unit):
            raise ValueError("ratio needs scores that are not negative")
        values = sorted({value for unit in pairable for value in unit})
        at = {value: number for number, value in enumerate(values)}
        counts = np.zeros((len(pairable), len(values)))
        for row, unit in enumerate(pairable):
            np.add.at(counts[row], [at[value] for value in unit], 1.0)
        return cls(np.array(values), counts, counts.sum(axis=1), level)

    def alpha(self, weights: Floats) -> float | None:
        """1 - observed / expected disagreement, where each unit counts as often as its weight says."""
        if not len(self.sizes):
            return None
        totals = weights @ self.counts
        if np.count_nonzero(totals) < 2:
            return 1.0
        each = weights / (self.sizes - 1.0)
        coincidences = self.counts.T @ (each[:, None] * self.counts) - np.diag(each @ self.counts)
        distance = self._distances(totals)
        observed, expected = float((coincidences * distance).sum()), float(totals @ distance @ totals)
        return 1.0 - (float(totals.sum()) - 1.0) * observed / expected

    def _distances(self, totals: Floats) -> Floats:
        """The squared differences of the metric; in units of the largest score, as squares of the very large are not finite."""
        if self.level == "nominal":
            return 1.0 - np.eye(len(totals))
        points = self.values / np.abs(self.values).max()
        if self.level == "ordinal":
            points = np.cumsum(totals) - totals / 2.0  # between c and k: n_c/2 + all between + n_k/2
        gap = points[:, None] - points[None, :]
        if self.level == "ratio":
            total = points[:, None] + points[None, :]
            gap = np.divide(gap, total, out=np.zeros_like(gap), where=total != 0)
        squares: Floats = np.square(gap / np.abs(gap).max())
        return squares
