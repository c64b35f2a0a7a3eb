"""Severity and quality are told apart as by other programs; what cannot be told is said, whatever the scores look like."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventreg.reviewing.calibration import Calibration, NoScores, calibrate

PENICILLIN = Path(__file__).parents[1] / "data" / "calibration" / "penicillin.csv"
Scores = list[tuple[str, str, float]]


def penicillin() -> Scores:
    with PENICILLIN.open() as file:
        return [(row["plate"], row["sample"], float(row["diameter"])) for row in csv.DictReader(file)]


def invented(rng: np.random.Generator, *, reviewers: int = 8, proposals: int = 30, each: int = 3) -> tuple[Scores, Any]:
    """Scores of a panel of known severities, and the true qualities."""
    severity, quality = rng.normal(0, 0.8, reviewers), rng.normal(0, 0.6, proposals)
    found = [
        (f"r{one}", f"p{at}", float(3 + severity[one] + quality[at] + rng.normal(0, 0.5)))
        for at in range(proposals)
        for one in rng.choice(reviewers, each, replace=False)
    ]
    return found, quality


def dense(scores: Scores, found: Calibration) -> tuple[float, dict[str, float]]:
    """Deviance and adjusted scores by the textbook's formulas with whole matrices, at the fit's own sds."""
    reviewers, proposals = (sorted({row[at] for row in scores}) for at in (0, 1))
    one = np.array([[row[0] == name for name in reviewers] for row in scores], float)
    two = np.array([[row[1] == name for name in proposals] for row in scores], float)
    y, ones = np.array([row[2] for row in scores]), np.ones(len(scores))
    assert found.sd_reviewer is not None and found.sd_proposal is not None and found.sd_residual is not None
    u, v = found.sd_reviewer / found.sd_residual, found.sd_proposal / found.sd_residual
    cov = np.eye(len(y)) + u**2 * one @ one.T + v**2 * two @ two.T
    inverse = np.linalg.inv(cov)
    precision = ones @ inverse @ ones
    mu = ones @ inverse @ y / precision
    rest, free = y - mu, len(y) - 1
    squares = rest @ inverse @ rest
    deviance = np.linalg.slogdet(cov)[1] + math.log(precision) + free * (1 + math.log(2 * math.pi * squares / free))
    effects = v**2 * two.T @ inverse @ rest
    return float(deviance), dict(zip(proposals, (mu + effects).tolist(), strict=True))


def test_the_published_table_is_fitted_as_by_other_programs() -> None:
    found = calibrate(penicillin())

    assert found.deviance == pytest.approx(330.8606, abs=1e-3)
    assert (found.sd_reviewer, found.sd_proposal, found.sd_residual) == pytest.approx((0.8467, 1.9316, 0.5499), rel=1e-3)
    assert found.mu == pytest.approx(22.9722, abs=1e-4)
    assert found.connected and found.remarks == ()


@pytest.mark.parametrize("seed", range(4))
def test_a_sparse_panel_is_fitted_as_by_the_textbook(seed: int) -> None:
    scores, _quality = invented(np.random.default_rng(seed))
    found = calibrate(scores)
    deviance, adjusted = dense(scores, found)

    assert found.deviance == pytest.approx(deviance, abs=1e-6)
    assert found.adjusted == pytest.approx(adjusted, abs=1e-6)
    assert sum(value for value in found.severity.values() if value is not None) == pytest.approx(0, abs=1e-6)


def test_no_other_sds_are_likelier() -> None:
    scores, _quality = invented(np.random.default_rng(5))
    found = calibrate(scores)
    for factors in ((1.05, 1.0), (0.95, 1.0), (1.0, 1.05), (1.0, 0.95), (1.2, 0.8)):
        other = Calibration(**{**vars(found), "sd_reviewer": (found.sd_reviewer or 0) * factors[0],
                               "sd_proposal": (found.sd_proposal or 0) * factors[1]})  # fmt: skip
        assert dense(scores, other)[0] >= (found.deviance or 0) - 1e-6


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), shift=st.floats(-1e3, 1e3), scale=st.sampled_from([1e-6, 0.2, 50.0, 1e6]))
def test_unit_zero_order_and_names_change_nothing(seed: int, shift: float, scale: float) -> None:
    rng = np.random.default_rng(seed)
    scores, _quality = invented(rng, reviewers=5, proposals=12)
    plain = calibrate(scores)
    other = [(f"x{r}", f"y{p}", (s + shift) * scale) for r, p, s in scores]
    found = calibrate([other[at] for at in rng.permutation(len(other))])

    for name, value in plain.adjusted.items():
        assert value is not None
        assert found.adjusted[f"y{name}"] == pytest.approx((value + shift) * scale, rel=1e-3, abs=1e-3 * scale)
    for mine, theirs in ((plain.sd_reviewer, found.sd_reviewer), (plain.sd_residual, found.sd_residual)):
        assert mine is not None and theirs == pytest.approx(mine * scale, rel=1e-2, abs=1e-3 * scale)


def test_a_stricter_reviewer_of_a_complete_panel_moves_no_order() -> None:
    rng = np.random.default_rng(9)
    scores = [(f"r{r}", f"p{p}", float(3 + rng.normal())) for r in range(4) for p in range(9)]
    strict = [(r, p, s - (2 if r == "r0" else 0)) for r, p, s in scores]

    def order(found: Calibration) -> list[Any]:
        return sorted(found.adjusted, key=lambda name: found.adjusted[name] or 0)

    assert order(calibrate(scores)) == order(calibrate(strict))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    held = total = 0
    for seed in range(25):
        scores, quality = invented(np.random.default_rng(seed), reviewers=10, proposals=40)
        found = calibrate(scores)
        for at, value in enumerate(quality):
            bounds = found.interval[f"p{at}"]
            assert bounds is not None
            held, total = held + (bounds[0] <= 3 + value <= bounds[1]), total + 1

    assert 0.92 <= held / total <= 0.98


def test_adjusted_beats_raw_where_reviewers_differ() -> None:
    better = 0
    for seed in range(60):
        scores, quality = invented(np.random.default_rng(seed), reviewers=8, proposals=40)
        found = calibrate(scores)
        names = [f"p{at}" for at in range(len(quality))]
        raw, adjusted = ([source[name] for name in names] for source in (found.raw, found.adjusted))
        better += bool(np.corrcoef(np.array(adjusted, float), quality)[0, 1] > np.corrcoef(raw, quality)[0, 1])

    assert better >= 57  # 95 %


def test_two_proposals_that_cannot_be_told_apart_are_said_to_be_so() -> None:
    found = calibrate(penicillin())

    assert found.told_apart("A", "F") is True
    assert found.told_apart("D", "E") is False


@pytest.mark.parametrize(
    ("scores", "says"),
    [
        ([("r", "p", 3.0)], "not enough overlap"),
        ([("r", "p", 3.0), ("r", "q", 4.0), ("r", "s", 1.0)], "severity cannot be told"),
        ([("r", "p", 3.0), ("s", "q", 4.0), ("t", "u", 1.0)], "quality cannot be told"),
        ([("r", "p", 3.0), ("s", "p", 3.0), ("r", "q", 3.0), ("s", "q", 3.0)], "all scores are equal"),
        ([("a", "x", 1.0), ("b", "x", 2.0), ("a", "y", 4.0), ("b", "y", 3.0), ("c", "z", 3.0), ("d", "z", 1.0), ("c", "w", 2.0),
          ("d", "w", 5.0)], "no reviewer in common"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_said(scores: Scores, says: str) -> None:
    found = calibrate(scores)

    assert any(says in remark for remark in found.remarks)
    for value in found.adjusted.values():
        assert value is None or math.isfinite(value)


def test_groups_without_a_common_reviewer_are_not_compared() -> None:
    scores = [("a", "x", 1.0), ("b", "x", 2.0), ("a", "y", 4.0), ("b", "y", 3.0), ("c", "z", 3.0), ("d", "z", 1.0), ("c", "w", 2.0),
              ("d", "w", 5.0)]  # fmt: skip
    found = calibrate(scores)

    assert not found.connected and found.told_apart("x", "z") is None
    assert found.component["x"] == found.component["y"] != found.component["z"]


def test_a_variance_that_is_nought_stays_nought() -> None:
    rng = np.random.default_rng(11)
    scores = [(f"r{r}", f"p{p}", float(p % 5 + rng.normal(0, 0.3))) for r in range(6) for p in range(10)]
    found = calibrate(scores)

    assert found.sd_reviewer is not None and found.sd_reviewer < 0.15 and (found.sd_proposal or 0) > 1


def test_a_reviewer_with_one_score_does_no_harm() -> None:
    scores, _quality = invented(np.random.default_rng(3))
    found = calibrate([*scores, ("once", "p0", 1.0)])

    assert found.severity["once"] is not None and abs(found.severity["once"]) < 3


@pytest.mark.parametrize("scores", [[], [("r", "p", math.nan)], [("r", "p", math.inf), ("s", "p", 1.0)]])
def test_no_scores_and_no_numbers_are_refused(scores: Scores) -> None:
    with pytest.raises(NoScores):
        calibrate(scores)
