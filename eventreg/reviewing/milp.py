"""Integer programmes by HiGHS, made to give the same answer every time; pure.

HiGHS stops by default at a relative gap of 1e-4, which is not the optimum: here the gap is nought, on one thread, with a fixed
seed.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from functools import cache

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

INFINITY = float(highspy.kHighsInf)


@dataclass(frozen=True)
class Answer:
    """`status`: optimal, found (the best within the time, with its `gap` to the bound), infeasible, or none (found in time)."""

    status: str
    x: Floats
    objective: float = 0.0
    gap: float = 0.0


@cache
def _greeting() -> None:
    """The first solver of a process greets on file descriptor 1, whatever its options say, and there results go."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        highspy.Highs()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _quiet() -> highspy.Highs:
    _greeting()
    return highspy.Highs()


@dataclass
class Programme:
    """Maximise c x over whole numbers within bounds; rows are added one kind after the other, entry by entry."""

    c: Floats
    upper: Floats
    lower: Floats | None = None
    whole: bool = True
    _rows: list[Ints] = field(default_factory=list)
    _columns: list[Ints] = field(default_factory=list)
    _values: list[Floats] = field(default_factory=list)
    _low: list[Floats] = field(default_factory=list)
    _high: list[Floats] = field(default_factory=list)
    _count: int = 0

    def rows(self, rows: Ints, columns: Ints, values: Floats | float, *, low: Floats, high: Floats) -> None:
        """As many rows as `low` and `high` are long; entry i stands in row rows[i] of them, column columns[i]."""
        self._rows.append(rows + self._count)
        self._columns.append(columns)
        self._values.append(np.broadcast_to(np.asarray(values, float), rows.shape))
        self._low.append(low)
        self._high.append(high)
        self._count += len(low)

    def solve(self, *, seconds: float) -> Answer:
        """The answer, its whole numbers rounded."""
        highs = _quiet()
        options = {
            "output_flag": False, "threads": 1, "random_seed": 7, "mip_rel_gap": 0.0, "mip_abs_gap": 1e-9, "time_limit": seconds,
        }  # fmt: skip
        for name, value in options.items():
            highs.setOptionValue(name, value)
        highs.passModel(self._model())
        highs.run()
        status, info = highs.getModelStatus(), highs.getInfo()
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return Answer("infeasible", np.zeros(0))
        if info.primal_solution_status != 2:
            return Answer("none", np.zeros(0))
        x = np.array(highs.getSolution().col_value)
        if self.whole:
            x = np.rint(x)
        is_optimal = status == highspy.HighsModelStatus.kOptimal
        return Answer("optimal" if is_optimal else "found", x, float(self.c @ x), 0.0 if is_optimal else float(info.mip_gap))

    def _model(self) -> highspy.HighsLp:
        rows, columns, values = (np.concatenate(part) for part in (self._rows, self._columns, self._values))
        order = np.lexsort((rows, columns))
        size = len(self.c)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = size, self._count
        lp.col_cost_, lp.sense_ = self.c, highspy.ObjSense.kMaximize
        lp.col_lower_, lp.col_upper_ = np.zeros(size) if self.lower is None else self.lower, self.upper
        lp.row_lower_, lp.row_upper_ = np.concatenate(self._low), np.concatenate(self._high)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=size))])
        lp.a_matrix_.index_, lp.a_matrix_.value_ = rows[order], values[order]
        if self.whole:
            lp.integrality_ = [highspy.HighsVarType.kInteger] * size
        return lp
