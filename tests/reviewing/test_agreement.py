"""Krippendorff's alpha as printed in its textbooks, with what is not defined said and never shown as 0 or 1."""

from __future__ import annotations

import csv
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventreg.reviewing.agreement import LEVELS, alpha, every_level, interval

DATA = Path(__file__).parents[1] / "data" / "alpha"
BARS = {"4x12": (0.743421, 0.815388, 0.849107, 0.797403), "3x15": (0.691358, 0.806721, 0.810845, 0.808944)}


def units(name: str) -> list[list[float]]:
    with (DATA / f"{name}.csv").open() as file:
        table = [[float(cell) if cell.strip() not in ("", "NA", "*") else None for cell in row] for row in csv.reader(file)]
    return [[value for row in table if (value := row[at]) is not None] for at in range(len(table[0]))]


@pytest.mark.parametrize("name", BARS)
def test_the_tables_of_the_textbooks(name: str) -> None:
    found = every_level(units(name))

    assert [found[level] for level in LEVELS] == pytest.approx(BARS[name], abs=1e-6)


def test_what_is_not_defined_is_said() -> None:
    assert alpha([], "nominal").alpha is None
    assert alpha([[1.0], [2.0]], "interval").alpha is None
    equal = alpha([[3.0, 3.0], [3.0, 3.0, 3.0]], "ordinal")
    assert equal.alpha == 1.0 and not equal.has_variation
    assert every_level([[-1.0, 2.0], [3.0, 3.0]])["ratio"] is None
    assert interval([[1.0]], "nominal") is None
    for wrong in ("metric", ""):
        with pytest.raises(ValueError, match="none of"):
            alpha([[1.0, 2.0]], wrong)
    with pytest.raises(ValueError, match="finite"):
        alpha([[1.0, float("nan")]], "interval")


def pairwise(units: list[list[float]], level: str) -> float:
    """alpha by the definition: the mean disagreement of pairs within units, and of all pairs."""
    scored = [unit for unit in units if len(unit) > 1]
    values = sorted(value for unit in scored for value in unit)

    def apart(one: float, other: float) -> float:
        low, high = min(one, other), max(one, other)
        between = sum(low <= value <= high for value in values) - (values.count(low) + values.count(high)) / 2
        found = {"nominal": float(low != high), "interval": (high - low) ** 2, "ordinal": between**2}
        return found[level] if level in found else ((high - low) / (high + low)) ** 2 if high else 0.0

    within = sum(apart(*pair) / (len(unit) - 1) for unit in scored for pair in permutations(unit, 2)) / len(values)
    every = sum(apart(*pair) for pair in permutations(values, 2)) / (len(values) * (len(values) - 1))
    return 1.0 - within / every


@settings(max_examples=40, deadline=None)
@given(
    table=st.lists(st.lists(st.integers(0, 4).map(float), max_size=4), min_size=2, max_size=7), level=st.sampled_from(LEVELS)
)
def test_it_is_what_the_definition_says(table: list[list[float]], level: str) -> None:
    found = alpha(table, level)

    assert found.alpha == (pytest.approx(pairwise(table, level)) if found.has_variation else 1.0 if found.units else None)


def test_large_and_small_scores_are_as_good_as_others() -> None:
    for scale in (1e-200, 1e200):
        for level in LEVELS:
            found = alpha([[value * scale for value in unit] for unit in units("4x12")], level).alpha
            assert found == pytest.approx(alpha(units("4x12"), level).alpha)


def test_the_interval_is_that_of_the_scores_in_whatever_order() -> None:
    table = units("4x12")
    found = interval(table, "ordinal")

    assert found is not None and found[0] < 0.815388 < found[1]
    assert found == interval([unit[::-1] for unit in reversed(table)], "ordinal")


def test_nought_and_nought_do_not_differ() -> None:
    assert alpha([[0.0, 0.0], [0.0, 2.0], [2.0, 2.0]], "ratio").alpha is not None


tables = st.lists(st.lists(st.integers(1, 5).map(float), min_size=2, max_size=4), min_size=2, max_size=8)


@settings(max_examples=40, deadline=None)
@given(table=tables, level=st.sampled_from(LEVELS), add=st.integers(0, 50), times=st.sampled_from([0.5, 2.0, 10.0]))
def test_order_and_unit_change_nothing(table: list[list[float]], level: str, add: int, times: float) -> None:
    plain = alpha(table, level).alpha
    assert alpha([unit[::-1] for unit in reversed(table)], level).alpha == pytest.approx(plain)
    if level in ("nominal", "interval", "ordinal"):
        assert alpha([[add + times * value for value in unit] for unit in table], level).alpha == pytest.approx(plain)
    else:
        assert alpha([[times * value for value in unit] for unit in table], level).alpha == pytest.approx(plain)
    assert plain is None or plain <= 1.0 + 1e-9


def test_chance_gives_about_nought_and_its_interval_holds_it() -> None:
    rng = np.random.default_rng(2)
    table = [rng.integers(1, 6, 3).astype(float).tolist() for unit in range(300)]
    found, bounds = alpha(table, "interval").alpha, interval(table, "interval", draws=100)

    assert found is not None and abs(found) < 0.1
    assert bounds is not None and bounds[0] <= found <= bounds[1]
    assert bounds == interval(table, "interval", draws=100)
