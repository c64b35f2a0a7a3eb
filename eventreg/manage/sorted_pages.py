"""Which twenty rows of a list in any order? The page goes on from a row's code, so that it is as fast at any depth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, func, literal, tuple_

from eventreg.core.db import db
from eventreg.manage.queries import PAGE, Cursor


@dataclass(frozen=True)
class Sorted:
    """A query whose rows stand in the order of `key`, ties by `number`; `code` names a row in an address."""

    query: Select[*tuple[Any, ...]]
    key: ColumnElement[Any]
    number: SQLColumnExpression[int]
    code: SQLColumnExpression[str]
    is_descending: bool = False

    def rows(self, *, backwards: bool = False) -> Select[*tuple[Any, ...]]:
        """All rows in order, or in the opposite one."""
        columns = (self.key, self.number)
        ordered = (column.desc() if self.is_descending != backwards else column.asc() for column in columns)
        return self.query.order_by(*ordered)

    def mark(self, code: str) -> tuple[Any, int] | None:
        """Where the row with this code stands, None when it is not in the list."""
        place = self.query.with_only_columns(self.key, self.number, maintain_column_froms=True)
        row = db.session.execute(place.where(self.code == code)).first()
        return (row[0], row[1]) if row else None

    def beyond(self, mark: tuple[Any, int], *, before: bool) -> ColumnElement[bool]:
        """The rows that stand before this place, or after it."""
        here, there = tuple_(self.key, self.number), tuple_(literal(mark[0], self.key.type), literal(mark[1]))
        return here > there if before == self.is_descending else here < there

    def count(self, *conditions: ColumnElement[bool]) -> int:
        """How many rows there are (that meet these conditions, too)."""
        counting = self.query.where(*conditions).with_only_columns(func.count(), maintain_column_froms=True)
        return db.session.scalar(counting.order_by(None)) or 0


@dataclass(frozen=True)
class SortedPage:
    """Rows `first` to `last` of `total`."""

    rows: list[Row[Any]]
    first: int
    last: int
    total: int


def page(wanted: Sorted, cursor: Cursor | None) -> SortedPage:
    """The page beyond the cursor's row; the first one when that row is gone or nothing stands beyond it."""
    mark = wanted.mark(cursor.code) if cursor else None
    rows = _beyond(wanted, mark, is_before=cursor.is_before) if cursor and mark else []
    if not rows or (cursor and cursor.is_before and len(rows) < PAGE):
        rows, mark = list(db.session.execute(wanted.rows().limit(PAGE))), None
    total = wanted.count()
    if not rows:
        return SortedPage([], 0, 0, total)
    before = wanted.mark(rows[0][0].code) if mark else None
    first = 1 + (wanted.count(wanted.beyond(before, before=True)) if before else 0)
    return SortedPage(rows, first, first + len(rows) - 1, total)


def _beyond(wanted: Sorted, mark: tuple[Any, int], *, is_before: bool) -> list[Row[Any]]:
    query = wanted.rows(backwards=is_before).where(wanted.beyond(mark, before=is_before)).limit(PAGE)
    rows = list(db.session.execute(query))
    return rows[::-1] if is_before else rows


def cursor_of(args: Mapping[str, str]) -> Cursor | None:
    """The row beyond which an address asks for a page."""
    for name in ("after", "before"):
        code = args.get(name, "")
        if code.isascii() and code.isprintable() and 0 < len(code) <= 20:
            return Cursor(code, is_before=name == "before")
    return None
