"""Assignments keep every rule, serve the worst-served proposal as well as it can be, then all together; else they say why not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventreg.reviewing.matching import Infeasible, Matching, Task, check, match, more_load


def a_task(seed: int, *, reviewers: int = 4, proposals: int = 4, most: int = 3, min_load: int = 0) -> Task:
    """Two reviewers each, scores in quarters, one pair in seven in conflict."""
    rng, shape = np.random.default_rng(seed), (reviewers, proposals)
    scores, forbidden = rng.integers(0, 5, shape) / 4.0, rng.random(shape) < 0.15
    return Task(scores, forbidden, 2, np.full(reviewers, float(most)), min_load, lottery=rng.random(shape))


def brute(task: Task) -> tuple[float, float] | None:
    """(worst, total) of the best assignment by trying all; None where there is none."""
    count, size = task.scores.shape
    choices = [
        [those for those in itertools.combinations(range(count), task.per_proposal) if not task.forbidden[list(those), at].any()]
        for at in range(size)
    ]
    best = None
    for picked in itertools.product(*choices):
        loads = np.bincount([one for those in picked for one in those], minlength=count)
        if (loads > task.max_load).any() or (loads < task.min_load).any():
            continue
        sums = [float(task.scores[list(those), at].sum()) for at, those in enumerate(picked)]
        value = (round(min(sums), 9), round(sum(sums), 9))
        best = value if best is None or value > best else best
    return best


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), most=st.integers(2, 4), least=st.integers(0, 1))
def test_it_is_the_best_that_trying_all_finds(seed: int, most: int, least: int) -> None:
    task = a_task(seed, most=most, min_load=least)
    found, best = match(task), brute(task)

    if best is None:
        assert isinstance(found, Infeasible)
    else:
        assert isinstance(found, Matching) and found.is_proved
        assert (found.worst, found.total) == pytest.approx(best)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_rows_permutes_the_answer_and_nothing_else(seed: int) -> None:
    task = a_task(seed, reviewers=6, proposals=8, most=5)
    found = match(task)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(6), rng.permutation(8)
    assert task.lottery is not None
    scores, forbidden, lottery = (part[rows][:, columns] for part in (task.scores, task.forbidden, task.lottery))
    other = match(Task(scores, forbidden, 2, task.max_load, lottery=lottery))

    assert type(found) is type(other)
    if isinstance(found, Matching) and isinstance(other, Matching):
        back = {(int(rows[one]), int(columns[at])) for one, at in other.pairs}
        assert back == set(found.pairs)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_more_room_never_lowers_the_floor(seed: int) -> None:
    task = a_task(seed, reviewers=6, proposals=8, most=4)
    found = match(task)
    looser = match(Task(task.scores, task.forbidden, 2, task.max_load + 1))
    fewer = task.forbidden & (np.random.default_rng(seed).random(task.scores.shape) < 0.5)
    freer = match(Task(task.scores, fewer, 2, task.max_load))
    if isinstance(found, Matching):
        assert isinstance(looser, Matching) and isinstance(freer, Matching)
        assert looser.worst >= found.worst - 1e-9 and freer.worst >= found.worst - 1e-9


def test_what_is_fixed_stays_and_each_proposal_has_one_of_each_group() -> None:
    rng = np.random.default_rng(4)
    scores, fixed = rng.random((12, 30)), np.zeros((12, 30), bool)
    fixed[0, :5] = fixed[3, 2] = True
    forbidden = rng.random((12, 30)) < 0.1
    forbidden[0, 0] = True  # reviewed before the tie was known
    government = np.arange(12) % 2 == 0
    task = Task(scores, forbidden, 3, np.full(12, 10.0), groups=(government, ~government), fixed=fixed)
    found = match(task)

    assert isinstance(found, Matching)
    assert {(0, 0), (0, 1), (3, 2)} <= set(found.pairs)
    check(task, found)


def test_the_check_finds_each_broken_rule() -> None:
    task = Task(np.ones((3, 2)), np.array([[True, False], [False, False], [False, False]]), 1, np.full(3, 1.0))
    good = match(task)
    assert isinstance(good, Matching)
    for pairs in (((0, 0), (1, 1)), ((1, 0), (1, 1)), ((1, 0),), ((1, 0), (2, 0), (0, 1))):
        with pytest.raises(AssertionError):
            check(task, Matching(pairs, good.sums, good.loads, True))


def test_real_scores_come_as_near_as_they_say() -> None:
    rng = np.random.default_rng(8)
    task = Task(rng.random((20, 60)), rng.random((20, 60)) < 0.05, 3, np.full(20, 11.0))
    found, plain = match(task), match(Task(task.scores, task.forbidden, 3, task.max_load))

    assert isinstance(found, Matching) and isinstance(plain, Matching)
    assert found.pairs == plain.pairs and found.worst > 1.5


@pytest.mark.parametrize(
    ("task", "lacks"),
    [
        (Task(np.ones((3, 4)), np.zeros((3, 4), bool), 2, np.full(3, 2.0)), "overload"),
        (Task(np.ones((3, 2)), np.array([[True, False]] * 3), 2, np.full(3, 2.0)), "missing"),
        (Task(np.ones((3, 2)), np.zeros((3, 2), bool), 1, np.full(3, 2.0), groups=(np.array([False, False, False]),)), "groups"),
        (Task(np.ones((3, 2)), np.zeros((3, 2), bool), 1, np.full(3, 2.0), min_load=1), "idle"),
    ],
)
def test_why_there_is_none_is_said_by_what_it_lacks(task: Task, lacks: str) -> None:
    found = match(task)

    assert isinstance(found, Infeasible)
    assert [name for name in ("missing", "overload", "groups", "idle") if getattr(found, name)] == [lacks]


def test_how_much_more_load_would_do() -> None:
    task = Task(np.ones((3, 4)), np.zeros((3, 4), bool), 2, np.full(3, 2.0))
    assert more_load(task) == 1
    assert more_load(Task(np.ones((3, 4)), np.ones((3, 4), bool), 2, np.full(3, 2.0))) is None
    assert isinstance(match(Task(np.ones((3, 4)), np.zeros((3, 4), bool), 2, np.full(3, 3.0))), Matching)
