"""Does a search column hold what was typed? In SQL that SQLite and PostgreSQL answer alike."""

from __future__ import annotations

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, literal, or_

from eventreg.core import text


def has_all(column: SQLColumnExpression[str], folded: list[str]) -> ColumnElement[bool]:
    """Whether every word stands somewhere, in part or whole. Folded words hold neither % nor _: nothing to escape."""
    return and_(*(column.like(f"%{word}%") for word in folded)) if folded else literal(False).is_(True)


def has_bones(column: SQLColumnExpression[str], bones: str) -> ColumnElement[bool]:
    """Whether a name has a word with these bones (core.text.skeleton).

    replace() minds capitals on both databases, LIKE on one only, but LIKE rules most rows out in half the time.
    """
    key = literal(" ") + column + literal(" ")
    return column.contains(bones, autoescape=True) & (func.replace(key, f" {bones} ", "") != key)


def matches(column: SQLColumnExpression[str], typed: str) -> ColumnElement[bool]:
    """Whether every word stands there as typed, or every word as it sounds in the other script."""
    bones = text.skeleton(typed).split()
    by_sound = [and_(*(has_bones(column, word) for word in bones))] if bones else []
    return or_(has_all(column, text.fold(typed).split()), *by_sound)
