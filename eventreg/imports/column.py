"""One column that a table may have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column that a table may have. `names`: what else it is called. One that is only told (state, dates) is never read."""

    key: str
    names: tuple[str, ...] = ()
    is_told: bool = False


def split(words: str) -> tuple[str, ...]:
    """Names that stand between bars."""
    return tuple(word.strip() for word in words.split("|"))
