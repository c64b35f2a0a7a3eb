"""Who writes next? First come, first served: first-in-first-out between threads, `flock` between processes.

SQLite's own busy handler is no queue: under load some writers wait for seconds and order is luck. With this gate in front of
BEGIN IMMEDIATE, writers commit in the order in which they arrived.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(Exception):
    """The queue did not move within the limit; nothing was begun. The page answers 503 with Retry-After."""


class Turnstile:
    """One gate per SQLite file. `pass_through` lets one writer in at a time, in the order of arrival."""

    def __init__(self, side_file: Path, *, patience: float = 20.0) -> None:
        self._path = side_file
        self._patience = patience
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False
        self._files: dict[int, int] = {}  # process id -> descriptor: a forked child opens its own

    @contextmanager
    def pass_through(self) -> Iterator[None]:
        """Wait for one's turn; raises Busy after the patience (seconds) is used up."""
        self._arrive()
        try:
            descriptor = self._descriptor()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
        finally:
            self._leave()

    def _arrive(self) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(self._patience):
            return
        with self._lock:
            if turn.is_set():  # called in the very moment of giving up: the turn is ours after all
                return
            self._waiting.remove(turn)
        raise Busy

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False

    def _descriptor(self) -> int:
        pid = os.getpid()
        if pid not in self._files:
            self._files = {pid: os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)}
        return self._files[pid]
