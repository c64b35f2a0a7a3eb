"""Who delivers mails, runs jobs and does what the clock does? As many workers as wanted; each thing is done once."""

from __future__ import annotations

import logging
import signal
import threading
import types
from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Flask
from sqlalchemy.exc import OperationalError

from eventreg.core import clock, jobs, outbox
from eventreg.core.db import db
from eventreg.core.turnstile import Busy

log = logging.getLogger("eventreg.worker")

DUE_EVERY = 10.0  # seconds between two looks at what the clock does
IDLE = 0.5  # seconds to rest when nothing is due

Due = Callable[[datetime], None]


def run(app: Flask, *, stop: threading.Event | None = None, idle: float = IDLE) -> None:
    """Work until `stop` is set (or SIGTERM/SIGINT in the main thread). Finishes the mail or job in hand first."""
    stop = stop or _stopped_by_signal()
    next_due = 0.0
    with app.app_context():
        while not stop.is_set():
            if clock.monotonic() >= next_due:
                _guarded(lambda: do_due(app))
                next_due = clock.monotonic() + DUE_EVERY
            if not _guarded(lambda: one_step(app)):
                stop.wait(idle)


def one_step(app: Flask) -> bool:
    """Deliver one mail or run one job; False when there is nothing to do."""
    worked = outbox.deliver_next(app.extensions["eventreg.makers"])
    return jobs.run_next(app.extensions["eventreg.jobs"]) or worked


def drain(app: Flask) -> None:
    """Do all that is due now and return: for tests, the demo and the command line."""
    do_due(app)
    while one_step(app):
        pass


def do_due(app: Flask) -> None:
    """Run every room's `due(now)` once."""
    functions: Sequence[Due] = app.extensions["eventreg.due"]
    for function in functions:
        function(clock.now())


def _guarded(step: Callable[[], bool | None]) -> bool:
    """A worker outlives a busy or restarting database; what it could not do is done at the next turn."""
    try:
        return bool(step())
    except (Busy, OperationalError):
        log.warning("the database is busy; trying again")
    except Exception:  # one room's fault must not silence the mails of the others
        log.exception("a step of the worker failed")
    finally:
        db.session.remove()
    return False


def _stopped_by_signal() -> threading.Event:
    stop = threading.Event()

    def on_signal(number: int, frame: types.FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop
