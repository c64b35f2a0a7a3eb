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
    if level not in LEVELS:
        raise ValueError(f"{level!r} is none of {', '.join(LEVELS)}")
    pairable = [tuple(unit) for unit in units if len(unit) > 1]
    if not all(math.isfinite(value) for unit in pairable for value in unit):
        raise ValueError("a score is no finite number")
    if level == "ratio" and any(value < 0 for unit in pairable for value in unit):
        raise ValueError("ratio needs scores that are not negative")
    scores = sum(len(unit) for unit in pairable)
    if not pairable:
        return Agreement(None, False, 0, 0)
    values = sorted({value for unit in pairable for value in unit})
    if len(values) == 1:
        return Agreement(1.0, False, len(pairable), scores)
    coincidences = _coincidences(pairable, values)
    totals = coincidences.sum(axis=0)
    distance = _distances(np.array(values), totals, level)
    observed, expected = float((coincidences * distance).sum()), float((np.outer(totals, totals) * distance).sum())
    return Agreement(1.0 - (float(totals.sum()) - 1.0) * observed / expected, True, len(pairable), scores)


def _coincidences(units: Sequence[Sequence[float]], values: Sequence[float]) -> Floats:
    """How often each two values meet in a unit, each unit weighing as its number of scores."""
    at = {value: number for number, value in enumerate(values)}
    found = np.zeros((len(values), len(values)))
    for unit in units:
        counts = np.bincount([at[value] for value in unit], minlength=len(values)).astype(float)
        found += (np.outer(counts, counts) - np.diag(counts)) / (len(unit) - 1)
    return found


def _distances(values: Floats, totals: Floats, level: str) -> Floats:
    """The squared differences of the metric."""
    if level == "nominal":
        return 1.0 - np.eye(len(values))
    if level == "ordinal":
        upto = np.cumsum(totals)
        middle = upto - totals / 2.0  # between c and k: n_c/2 + all between + n_k/2
        return np.square(middle[:, None] - middle[None, :])
    gap = values[:, None] - values[None, :]
    if level == "interval":
        return np.square(gap)
    total = values[:, None] + values[None, :]
    return np.square(np.divide(gap, total, out=np.zeros_like(gap), where=total != 0))


def interval(units: Sequence[Sequence[float]], level: str, *, seed: int = 1, draws: int = 500) -> tuple[float, float] | None:
    """95 % of alpha by drawing proposals anew with replacement, `draws` times; None where it is not defined often enough."""
    rng, found = Random(seed), []
    for _draw in range(draws):
        drawn = alpha([units[rng.randrange(len(units))] for _unit in units], level) if units else Agreement(None, False, 0, 0)
        if drawn.alpha is not None and drawn.has_variation:
            found.append(drawn.alpha)
    if len(found) < draws // 2:
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
