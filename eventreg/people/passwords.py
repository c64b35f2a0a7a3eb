"""Is this the password? argon2id at this installation's cost; an unknown account costs the same time as a known one."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import current_app


def _hasher() -> PasswordHasher:
    config = current_app.config
    return PasswordHasher(time_cost=config["PASSWORD_TIME_COST"], memory_cost=config["PASSWORD_MEMORY_KIB"], parallelism=2)


def hashed(password: str) -> str:
    """The hash to keep. Slow on purpose (some 150 ms): call it before a transaction, never inside."""
    return _hasher().hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind `stored`; None (no such account) takes as long and is False."""
    hasher = _hasher()
    if stored is None:
        hasher.hash(password)  # the same work as to verify one
        return False
    try:
        return hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
