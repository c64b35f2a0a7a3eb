"""Named places where a test may kill, delay or fail the product; without EVENTREG_FAULTS they do nothing."""

from __future__ import annotations

import os
from collections.abc import Callable

_ACTIONS: dict[str, Callable[[], None]] = {}
_ENABLED = "EVENTREG_FAULTS" in os.environ


def point(name: str) -> None:
    """Pass the named point: runs what a test has put there, if anything."""
    if _ACTIONS and (action := _ACTIONS.get(name)):
        action()


def put(name: str, action: Callable[[], None] | None) -> None:
    """Put `action` at the named point (None takes it away). Only under EVENTREG_FAULTS, so never in production."""
    if not _ENABLED:
        raise RuntimeError("faults are off: set EVENTREG_FAULTS=1")
    if action is None:
        _ACTIONS.pop(name, None)
    else:
        _ACTIONS[name] = action


def _from_environment() -> None:
    """EVENTREG_FAULTS=kill:after_commit,… kills the process at those points (for kill -9 tests in other processes)."""
    import signal

    for word in os.environ.get("EVENTREG_FAULTS", "").split(","):
        verb, _, name = word.partition(":")
        if verb == "kill" and name:
            _ACTIONS[name] = lambda: os.kill(os.getpid(), signal.SIGKILL)


if _ENABLED:
    _from_environment()
