"""How long does an answer take that must not tell what is known? As long as any: the clock of a stranger reads nothing in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

LEVEL = 0.1  # seconds: more than the longest of the ways takes on a machine that is not busy


@contextmanager
def levelled() -> Iterator[None]:
    """Let the block take at least LEVEL seconds. Wrap it around the whole step, never inside a transaction.

    Where the machine is busy it adds nothing: the waiting itself hides the difference then.
    """
    began = time.monotonic()
    try:
        yield
    finally:
        if current_app.config["LEVEL_ANSWERS"]:
            time.sleep(max(0.0, began + LEVEL - time.monotonic()))
