"""Times and prints them: median of many calls, and the ratio to a floor."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`median` and `p95` in milliseconds over `calls`; `floor` names what the ratio is against."""

    name: str
    median: float
    p95: float
    calls: int
    floor: str = ""


def timed(name: str, call: Callable[[int], object], *, calls: int, warm: int = 5, floor: str = "") -> Figure:
    """Call `call(n)` for n = 0 … and measure each call after `warm` unmeasured ones."""
    for n in range(warm):
        call(-1 - n)
    times = []
    for n in range(calls):
        began = time.perf_counter()
        call(n)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return Figure(name, statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.95))], calls, floor)


def table(figures: list[Figure]) -> str:
    """The figures as lines, each with its ratio to its floor of the same run."""
    by_name = {figure.name: figure for figure in figures}
    lines = [f"{'what':44} {'median ms':>10} {'p95 ms':>9} {'calls':>6}  ratio to floor"]
    for figure in figures:
        floor = by_name.get(figure.floor)
        ratio = f"{figure.median / floor.median:6.1f} × {floor.name}" if floor else ""
        lines.append(f"{figure.name:44} {figure.median:10.2f} {figure.p95:9.2f} {figure.calls:6}  {ratio}")
    return "\n".join(lines)
