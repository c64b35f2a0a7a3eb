"""Which fifty rows of a long list, and how does one go on? Paging by the last row's key, fast at any depth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, and_, func, literal, or_

from eventreg.core.db import db

SIZE = 50
_CURSOR = re.compile(r"(\d{1,4})-(\d{1,9})", re.ASCII)  # no more than a column of integers holds
_FIRST_GROUP: ColumnElement[int] = literal(0)


@dataclass(frozen=True)
class Page:
    """Rows of a list with their ranks (`first` to `last` of `total`) and the addresses of the pages beside it."""

    rows: list[Row[Any]]
    first: int
    last: int
    total: int
    prev_url: str | None
    next_url: str | None


@dataclass(frozen=True)
class _Order:
    """Rows stand by `group`, smallest first, then by `key`."""

    group: ColumnElement[int]
    key: SQLColumnExpression[int]
    descending: bool

    def beyond(self, cursor: tuple[int, int], *, later: bool) -> ColumnElement[bool]:
        group, key = cursor
        other_group = self.group > group if later else self.group < group
        return or_(other_group, and_(self.group == group, self.key < key if later == self.descending else self.key > key))

    def clauses(self, *, forward: bool) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        group = self.group if forward else self.group.desc()
        return group, self.key.desc() if forward == self.descending else self.key.asc()


def page_of(
    query: Select[*tuple[Any, ...]],
    key: SQLColumnExpression[int],
    *,
    kept: Mapping[str, str],
    group: ColumnElement[int] = _FIRST_GROUP,
    descending: bool = True,
    endpoint: str = "",
) -> Page:
    """The page that the address asks for (`after` or `before` a row); a cursor that means nothing is the first page.

    `key` is unique within `group`, both numbers. `kept` are the filters that the addresses of other pages carry on;
    they lead to `endpoint` (left out: the one that was asked). At most three statements, whatever the length.
    """
    order = _Order(group, key, descending)
    after, before = _cursor("after"), _cursor("before")
    rows = _rows(query, order, after, before) or (_rows(query, order, None, None) if after or before else [])
    total = _count(query)
    if not rows:
        return Page([], 0, 0, total, None, None)
    first = 1
    if after or before:
        first += _count(query.where(order.beyond(_cursor_of(rows[0]), later=False)))
    last = first + len(rows) - 1
    return Page(
        rows, first, last, total,
        _url(endpoint, kept, before=_cursor_of(rows[0])) if first > 1 else None,
        _url(endpoint, kept, after=_cursor_of(rows[-1])) if last < total else None,
    )  # fmt: skip


def _cursor(name: str) -> tuple[int, int] | None:
    found = _CURSOR.fullmatch(request.args.get(name, ""))
    return (int(found.group(1)), int(found.group(2))) if found else None


def _cursor_of(row: Row[Any]) -> tuple[int, int]:
    return int(row[-2]), int(row[-1])


def _rows(
    query: Select[*tuple[Any, ...]], order: _Order, after: tuple[int, int] | None, before: tuple[int, int] | None
) -> list[Row[Any]]:
    backward = before is not None and after is None
    asked = query.add_columns(order.group.label("row_group"), order.key.label("row_key"))
    if after is not None:
        asked = asked.where(order.beyond(after, later=True))
    elif before is not None:
        asked = asked.where(order.beyond(before, later=False))
    found = list(db.session.execute(asked.order_by(*order.clauses(forward=not backward)).limit(SIZE)))
    return found[::-1] if backward else found


def _count(query: Select[*tuple[Any, ...]]) -> int:
    return db.session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)) or 0


def _url(endpoint: str, kept: Mapping[str, str], **cursor: tuple[int, int]) -> str:
    places = {name: f"{group}-{key}" for name, (group, key) in cursor.items()}
    values = {name: value for name, value in kept.items() if value}
    return url_for(endpoint or str(request.endpoint), **{**(request.view_args or {}), **values, **places})
