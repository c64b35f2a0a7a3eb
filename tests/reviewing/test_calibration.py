"""Severity and quality are told apart as by other programs; what cannot be told is said, whatever the scores look like."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Dense:
    """The textbook's formulas with whole matrices, at given relative sds: slow, and written apart from the product's."""

    deviance: float
    sd: float
    severity: dict[str, float]
    adjusted: dict[str, float]
    errors: Any  # covariance of the errors of prediction of mu + v

    @classmethod
    def at(cls, scores: Scores, u: float, v: float) -> Dense:
        reviewers, proposals = (sorted({row[at] for row in scores}) for at in (0, 1))
        one = np.array([[row[0] == name for name in reviewers] for row in scores], float)
        two = np.array([[row[1] == name for name in proposals] for row in scores], float)
        y, ones = np.array([row[2] for row in scores]), np.ones(len(scores))
        cov = np.eye(len(y)) + u**2 * one @ one.T + v**2 * two @ two.T
        inverse = np.linalg.inv(cov)
        precision = ones @ inverse @ ones
        mean = ones @ inverse / precision
        rest, free = y - mean @ y, len(y) - 1
        variance = rest @ inverse @ rest / free
        deviance = np.linalg.slogdet(cov)[1] + math.log(precision) + free * (1 + math.log(2 * math.pi * variance))
        predict = mean + v**2 * two.T @ inverse @ (np.eye(len(y)) - np.outer(ones, mean))  # mu + v as a map of the scores
        with_truth = v**2 * predict @ two
        errors = variance * (predict @ cov @ predict.T - with_truth - with_truth.T + v**2 * np.eye(len(proposals)))
        severity, adjusted = u**2 * one.T @ inverse @ rest, predict @ y
        return cls(
            float(deviance), math.sqrt(variance), dict(zip(reviewers, severity.tolist(), strict=True)),
            dict(zip(proposals, adjusted.tolist(), strict=True)), errors,
        )  # fmt: skip


def relative(found: Calibration) -> tuple[float, float]:
    assert found.sd_reviewer is not None and found.sd_proposal is not None and found.sd_residual is not None
    return found.sd_reviewer / found.sd_residual, found.sd_proposal / found.sd_residual


def test_the_published_table_is_fitted_as_by_other_programs() -> None:
    found = calibrate(penicillin())

    assert found.deviance == pytest.approx(330.8606, abs=1e-3)
    assert (found.sd_reviewer, found.sd_proposal, found.sd_residual) == pytest.approx((0.8467, 1.9316, 0.5499), rel=1e-3)
    assert found.mu == pytest.approx(22.9722, abs=1e-4)
    assert found.connected and found.remarks == ()


@pytest.mark.parametrize(("seed", "reviewers", "proposals"), [(0, 8, 30), (1, 8, 30), (2, 12, 5), (3, 5, 5), (4, 4, 40)])
def test_a_sparse_panel_is_fitted_as_by_the_textbook(seed: int, reviewers: int, proposals: int) -> None:
    scores, _quality = invented(np.random.default_rng(seed), reviewers=reviewers, proposals=proposals)
    found = calibrate(scores)
    dense = Dense.at(scores, *relative(found))

    assert found.deviance == pytest.approx(dense.deviance, abs=1e-6)
    assert found.sd_residual == pytest.approx(dense.sd, rel=1e-6)
    assert found.adjusted == pytest.approx(dense.adjusted, abs=1e-6)
    assert found.severity == pytest.approx(dense.severity, abs=1e-6)
    assert sum(value for value in found.severity.values() if value is not None) == pytest.approx(0, abs=1e-6)
    names = sorted(found.adjusted)
    halves = [(high - low) / 2 for low, high in filter(None, (found.interval[name] for name in names))]
    assert halves == pytest.approx(1.959964 * np.sqrt(np.diag(dense.errors)), rel=1e-6)
    assert found.covariance is not None
    apart = math.sqrt(dense.errors[0, 0] + dense.errors[1, 1] - 2 * dense.errors[0, 1])
    assert found.covariance.of_difference(names[0], names[1]) == pytest.approx(apart, rel=1e-6)


def nested() -> Scores:
    """Each reviewer has proposals of their own, each scored twice."""
    rng = np.random.default_rng(8)
    quality = rng.normal(0, 1, 24)
    return [(f"r{p // 4}", f"p{p}", float(60 + quality[p] + rng.normal(0, 0.5))) for p in range(24) for _again in range(2)]


def with_two_valleys() -> Scores:
    rng = np.random.default_rng(2)
    return [(f"r{r}", f"p{p}", float(rng.integers(0, 4))) for r in range(4) for p in range(4)]


SEVERAL = [penicillin(), nested(), with_two_valleys(), invented(np.random.default_rng(5))[0]]


@pytest.mark.parametrize("scores", SEVERAL, ids=["penicillin", "nested", "noise alone", "sparse"])
def test_no_other_sds_are_likelier(scores: Scores) -> None:
    found = calibrate(scores)
    assert found.deviance is not None
    u, v = relative(found)
    near = [(u * one, v * other) for one, other in ((1.02, 1), (0.98, 1), (1, 1.02), (1, 0.98), (1.1, 0.9))]
    far = [(one, other) for one in (0, 0.1, 0.5, 1, 2, 5, 20) for other in (0, 0.1, 0.5, 1, 2, 5, 20)]

    assert min(Dense.at(scores, *at).deviance for at in near + far) >= found.deviance - 1e-6


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), shift=st.floats(-1e3, 1e3), scale=st.sampled_from([1e-6, 0.2, 50.0, 1e6, 1e9]))
def test_unit_zero_order_and_names_change_nothing(seed: int, shift: float, scale: float) -> None:
    rng = np.random.default_rng(seed)
    scores, _quality = invented(rng, reviewers=5, proposals=12)
    plain = calibrate(scores)
    other = [(f"x{r}", f"y{p}", (s + shift) * scale) for r, p, s in scores]
    found = calibrate([other[at] for at in rng.permutation(len(other))])

    for name, value in plain.adjusted.items():
        assert found.adjusted[f"y{name}"] == pytest.approx((value + shift) * scale, rel=1e-6, abs=1e-5 * scale)
    for mine, theirs in ((plain.sd_reviewer, found.sd_reviewer), (plain.sd_residual, found.sd_residual)):
        assert mine is not None and theirs == pytest.approx(mine * scale, rel=1e-4, abs=1e-6 * scale)


def test_a_stricter_reviewer_of_a_complete_panel_moves_no_order() -> None:
    rng = np.random.default_rng(9)
    scores = [(f"r{r}", f"p{p}", float(3 + rng.normal())) for r in range(4) for p in range(9)]
    strict = [(r, p, s - (2 if r == "r0" else 0)) for r, p, s in scores]

    def order(found: Calibration) -> list[Any]:
        return sorted(found.adjusted, key=lambda name: found.adjusted[name])

    assert order(calibrate(scores)) == order(calibrate(strict))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    held = total = 0
    for seed in range(60):
        scores, quality = invented(np.random.default_rng(seed), reviewers=10, proposals=60)
        found = calibrate(scores)
        bounds = np.array([found.interval[f"p{at}"] for at in range(len(quality))])
        held += int(((bounds[:, 0] <= 3 + quality) & (3 + quality <= bounds[:, 1])).sum())
        total += len(quality)

    assert 0.93 <= held / total <= 0.97


def test_adjusted_beats_raw_where_reviewers_differ() -> None:
    """200 panels of harsh and lenient reviewers, judged by the order of the truth."""
    better = 0
    for seed in range(200):
        scores, quality = invented(np.random.default_rng(seed), reviewers=8, proposals=40)
        found = calibrate(scores)
        truth = quality.argsort().argsort()
        raw, adjusted = (
            np.array([source[f"p{at}"] for at in range(len(quality))]).argsort().argsort() for source in (found.raw, found.adjusted)
        )
        better += bool(np.corrcoef(adjusted, truth)[0, 1] > np.corrcoef(raw, truth)[0, 1])

    assert better >= 190  # 95 %


def test_two_proposals_that_cannot_be_told_apart_are_said_to_be_so() -> None:
    found = calibrate(penicillin())

    assert found.told_apart("A", "F") is True
    assert found.told_apart("D", "E") is False


def test_places_that_scores_alone_cannot_tell_are_given_as_a_range() -> None:
    found = calibrate(penicillin())
    order = sorted(found.adjusted, key=lambda name: -found.adjusted[name])

    assert order == ["A", "C", "E", "D", "B", "F"]
    assert found.rank_ranges() == {"A": (1, 2), "C": (1, 2), "D": (3, 4), "E": (3, 4), "B": (5, 5), "F": (6, 6)}


def test_a_range_of_places_counts_those_told_apart() -> None:
    scores, _quality = invented(np.random.default_rng(6), proposals=25)
    found = calibrate([*scores, ("x", "far", 1.0), ("y", "far", 2.0), ("x", "away", 2.0), ("y", "away", 5.0)])
    for one, (best, worst) in found.rank_ranges().items():
        others = [other for other in found.adjusted if found.component[other] == found.component[one]]
        apart = [other for other in others if found.told_apart(one, other)]
        above = [other for other in apart if found.adjusted[other] > found.adjusted[one]]

        assert (best, worst) == (1 + len(above), len(others) - (len(apart) - len(above)))


@pytest.mark.parametrize(
    ("scores", "says"),
    [
        ([("r", "p", 3.0)], "not enough overlap"),
        ([("r", "p", 3.0), ("r", "q", 4.0), ("r", "s", 1.0)], "severity is not identifiable"),
        ([("r", "p", 3.0), ("s", "q", 4.0), ("t", "u", 1.0)], "quality is not identifiable"),
        ([("r", "p", 1.0), ("r", "p", 2.0), ("s", "q", 4.0), ("s", "q", 3.0)], "severity and quality are not identifiable"),
        ([("r", "p", 1.0), ("r", "q", 2.0), ("s", "q", 4.0), ("s", "t", 3.0)], "not enough overlap"),
        ([("r", "p", 3.0), ("s", "p", 3.0), ("r", "q", 3.0), ("s", "q", 3.0)], "all scores are equal"),
        ([("a", "x", 1.0), ("b", "x", 2.0), ("a", "y", 4.0), ("b", "y", 3.0), ("c", "z", 3.0), ("d", "z", 1.0), ("c", "w", 2.0),
          ("d", "w", 5.0)], "no reviewer in common"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_said(scores: Scores, says: str) -> None:
    found = calibrate(scores)

    assert any(says in remark for remark in found.remarks)
    assert all(math.isfinite(value) for value in found.adjusted.values())


def test_where_quality_is_not_identifiable_the_raw_means_stand() -> None:
    for scores in ([("r", "p", 3.0), ("r", "q", 4.0)], [("r", "p", 1.0), ("s", "q", 4.0), ("s", "t", 3.0)], [("r", "p", 2.0)]):
        found = calibrate(scores)

        assert found.adjusted == found.raw == {proposal: score for _r, proposal, score in scores}
        assert set(found.interval.values()) == {None} and found.sd_proposal is None and found.rank_ranges() == {}


def test_equal_scores_are_that_score_exactly() -> None:
    found = calibrate([(f"r{r}", f"p{p}", 0.1) for r in range(3) for p in range(3)])

    assert set(found.adjusted.values()) == set(found.raw.values()) == {0.1} and found.mu == 0.1
    assert (found.sd_reviewer, found.sd_proposal, found.sd_residual, found.deviance) == (0.0, 0.0, 0.0, None)


def test_the_smallest_and_the_largest_scales_are_as_good_as_others() -> None:
    scores, _quality = invented(np.random.default_rng(4))
    plain = calibrate(scores)
    for scale in (1e-200, 1e-15, 1e15, 1e200):
        found = calibrate([(r, p, s * scale) for r, p, s in scores])
        assert found.adjusted == pytest.approx({name: value * scale for name, value in plain.adjusted.items()}, rel=1e-5)


def test_scores_without_noise_are_explained_whole_and_said_to_be() -> None:
    found = calibrate([(f"r{r}", f"p{p}", r + 0.5 * p) for r in range(5) for p in range(7)])

    assert found.adjusted == pytest.approx(found.raw, abs=1e-6)
    assert any("next to no noise" in remark for remark in found.remarks)


def test_the_hash_is_of_the_scores_and_not_of_their_order() -> None:
    scores, _quality = invented(np.random.default_rng(3))

    assert calibrate(scores) == calibrate(scores[::-1])
    assert calibrate(scores).hash != calibrate([*scores[1:], (*scores[0][:2], scores[0][2] + 1e-9)]).hash


def test_groups_without_a_common_reviewer_are_not_compared() -> None:
    scores = [("a", "x", 1.0), ("b", "x", 2.0), ("a", "y", 4.0), ("b", "y", 3.0), ("c", "z", 3.0), ("d", "z", 1.0), ("c", "w", 2.0),
              ("d", "w", 5.0)]  # fmt: skip
    found = calibrate(scores)

    assert not found.connected and found.told_apart("x", "z") is None
    assert found.component["x"] == found.component["y"] != found.component["z"]


def test_a_variance_that_is_nought_is_exactly_that() -> None:
    scores = [(f"r{r}", f"p{p}", p + 0.1 * ((r + p) % 6)) for r in range(6) for p in range(12)]
    found = calibrate(scores)

    assert found.sd_reviewer == 0.0 and set(found.severity.values()) == {0.0} and (found.sd_proposal or 0) > 1


def test_a_reviewer_with_one_score_does_no_harm() -> None:
    scores, _quality = invented(np.random.default_rng(3))
    found = calibrate([*scores, ("once", "p0", 1.0)])

    assert found.severity["once"] is not None and abs(found.severity["once"]) < 3


@pytest.mark.parametrize("scores", [[], [("r", "p", math.nan)], [("r", "p", math.inf), ("s", "p", 1.0)], [("r", "p", 1e308)]])
def test_no_scores_and_no_numbers_are_refused(scores: Scores) -> None:
    with pytest.raises(NoScores):
        calibrate(scores)
