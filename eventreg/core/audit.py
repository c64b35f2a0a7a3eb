"""Who did what, and can anyone have changed the record since? One hash chain per event and one for the installation.

A line's hash covers its facts and, of personal values, only salted commitments: erasing a person deletes values and salts,
and the chain stays valid.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core import clock
from eventreg.core.db import Base, db, in_transaction, take_turn

INSTALLATION = 0  # the chain of what belongs to no event
GENESIS = "0" * 64


@dataclass(frozen=True)
class Actor:
    """Who acts: `kind` is person, organiser, device, system, operator …; `ref` their code, never a name or address."""

    kind: str
    ref: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.ref}" if self.ref else self.kind


SYSTEM = Actor("system")
OPERATOR = Actor("operator")


class AuditLine(Base):
    """One thing that happened. Never updated, never deleted."""

    __tablename__ = "audit_line"
    __table_args__ = (UniqueConstraint("chain", "seq"), Index("ix_audit_line_object", "chain", "object_kind", "object_ref"))

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[int]  # event id, or 0 for the installation
    seq: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    object_kind: Mapped[str]
    object_ref: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    commitments: Mapped[dict[str, str]] = mapped_column(JSON)
    previous: Mapped[str]
    hash: Mapped[str]


class AuditValue(Base):
    """A personal value before and after, with the salt of its commitment; deleted when the person is erased."""

    __tablename__ = "audit_value"

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("audit_line.id"), index=True)
    name: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    salt: Mapped[str]


@dataclass(frozen=True)
class Break:
    """The first line of a chain that does not hold."""

    chain: int
    seq: int
    reason: str


def record(
    action: str,
    obj: Any,
    *,
    event_id: int | None,
    actor: Actor,
    facts: Mapping[str, Any] | None = None,
    personal: Mapping[str, tuple[str | None, str | None]] | None = None,
) -> AuditLine:
    """Append one line to the chain of the event (None: of the installation), inside the running transaction.

    `obj` is a model with a `code` (or a slug, or an id) or a (kind, ref) pair. `facts` are plain JSON values that hold
    nothing personal; `personal` maps field names to (before, after). Raises RuntimeError outside a transaction.
    """
    if not in_transaction():
        raise RuntimeError("audit.record belongs inside transaction()")
    chain = event_id or INSTALLATION
    take_turn(("audit", chain))
    kind, ref = _named(obj)
    last = db.session.execute(
        select(AuditLine.seq, AuditLine.hash).where(AuditLine.chain == chain).order_by(AuditLine.seq.desc()).limit(1)
    ).first()
    values = [_value(name, *pair) for name, pair in (personal or {}).items() if pair[0] != pair[1]]
    line = AuditLine(
        chain=chain, seq=(last.seq + 1) if last else 1, at=clock.now(), actor=str(actor), action=action,
        object_kind=kind, object_ref=ref, facts=dict(facts or {}),
        commitments={value.name: _commitment(value) for value in values}, previous=last.hash if last else GENESIS,
    )  # fmt: skip
    line.hash = _hash(line)
    db.session.add(line)
    db.session.flush()
    for value in values:
        value.line_id = line.id
    db.session.add_all(values)
    return line


@dataclass(frozen=True)
class Deed:
    """What `record` is told of one thing, for those who record many at once."""

    obj: Any
    facts: Mapping[str, Any]
    personal: Mapping[str, tuple[str | None, str | None]]


def record_many(action: str, deeds: Sequence[Deed], *, event_id: int, actor: Actor) -> None:
    """The same thing done to many objects: one line each, as `record` writes them, in a few statements altogether."""
    if not deeds:
        return
    first = record(action, deeds[0].obj, event_id=event_id, actor=actor, facts=deeds[0].facts, personal=deeds[0].personal)
    lines, values, previous = [], [], first.hash
    for number, deed in enumerate(deeds[1:], start=1):
        kind, ref = _named(deed.obj)
        own = [_value(name, *pair) for name, pair in deed.personal.items() if pair[0] != pair[1]]
        line = AuditLine(
            chain=first.chain, seq=first.seq + number, at=clock.now(), actor=str(actor), action=action, object_kind=kind,
            object_ref=ref, facts=dict(deed.facts), commitments={value.name: _commitment(value) for value in own},
            previous=previous,
        )  # fmt: skip
        line.hash = previous = _hash(line)
        lines.append(line)
        values.append(own)
    db.session.add_all(lines)
    db.session.flush()
    rows = [
        {"line_id": line.id, "name": v.name, "before": v.before, "after": v.after, "salt": v.salt}
        for line, own in zip(lines, values, strict=True)
        for v in own
    ]
    if rows:
        db.session.execute(insert(AuditValue), rows)


def _named(obj: Any) -> tuple[str, str]:
    if isinstance(obj, tuple):
        return str(obj[0]), str(obj[1])
    ref = getattr(obj, "code", None) or getattr(obj, "slug", None) or obj.id
    return type(obj).__tablename__, str(ref)


def _value(name: str, before: str | None, after: str | None) -> AuditValue:
    return AuditValue(name=name, before=before, after=after, salt=secrets.token_hex(16))


def _commitment(value: AuditValue) -> str:
    return hashlib.sha256(_canonical([value.salt, value.before, value.after])).hexdigest()


def _canonical(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _hash(line: AuditLine) -> str:
    content = [
        line.previous, line.chain, line.seq, line.at.isoformat(timespec="microseconds"), line.actor, line.action,
        line.object_kind, line.object_ref, line.facts, line.commitments,
    ]  # fmt: skip
    return hashlib.sha256(_canonical(content)).hexdigest()


def history(event_id: int | None, kind: str, ref: str) -> list[AuditLine]:
    """The lines about one object, newest first."""
    query = select(AuditLine).where(
        AuditLine.chain == (event_id or INSTALLATION), AuditLine.object_kind == kind, AuditLine.object_ref == ref
    )
    return list(db.session.scalars(query.order_by(AuditLine.seq.desc())))


def values_of(lines: list[AuditLine]) -> dict[int, list[AuditValue]]:
    """The personal values of these lines that still exist, by line id."""
    found: dict[int, list[AuditValue]] = {}
    ids = [line.id for line in lines]
    for value in db.session.scalars(select(AuditValue).where(AuditValue.line_id.in_(ids)).order_by(AuditValue.id)):
        found.setdefault(value.line_id, []).append(value)
    return found


def forget_values(
    event_id: int | None, kind: str, refs: Sequence[str] | None, *, names: Sequence[str], actions: Sequence[str] = ()
) -> None:
    """Erase personal values of these names from the lines about these objects (None: all): the chain holds without (R41, P19).

    `actions`: of these only. Inside the running transaction.
    """
    lines = select(AuditLine.id).where(AuditLine.chain == (event_id or INSTALLATION), AuditLine.object_kind == kind)
    if refs is not None:
        lines = lines.where(AuditLine.object_ref.in_(refs))
    if actions:
        lines = lines.where(AuditLine.action.in_(actions))
    statement = delete(AuditValue).where(AuditValue.name.in_(names), AuditValue.line_id.in_(lines))
    db.session.execute(statement, execution_options={"synchronize_session": False})


def head(event_id: int | None) -> str:
    """The newest hash of a chain: printed on documents, it pins everything before it."""
    query = select(AuditLine.hash).where(AuditLine.chain == (event_id or INSTALLATION))
    return db.session.scalar(query.order_by(AuditLine.seq.desc()).limit(1)) or GENESIS


def chains() -> list[int]:
    """The chains that have lines."""
    return list(db.session.scalars(select(AuditLine.chain).distinct().order_by(AuditLine.chain)))


def length(chain: int) -> int:
    """How many lines a chain has."""
    return db.session.scalar(select(func.count()).where(AuditLine.chain == chain)) or 0


def verify(chain: int) -> Break | None:
    """Recompute a chain from its first line; the first line that does not hold, or None."""
    previous, expected = GENESIS, 1
    for line, values in _lines(chain):
        if line.seq != expected:
            return Break(chain, expected, "missing")
        if line.previous != previous:
            return Break(chain, line.seq, "does not follow the line before it")
        if line.hash != _hash(line):
            return Break(chain, line.seq, "was changed")
        if (broken := _wrong_value(line, values)) is not None:
            return Break(chain, line.seq, f"value {broken} was changed")
        previous, expected = line.hash, expected + 1
    return None


def _lines(chain: int) -> Iterator[tuple[AuditLine, list[AuditValue]]]:
    """Every line with its values, some hundred at a time."""
    query = select(AuditLine).where(AuditLine.chain == chain).order_by(AuditLine.seq).execution_options(yield_per=500)
    for lines in db.session.scalars(query).partitions():
        values = values_of(list(lines))
        yield from ((line, values.get(line.id, [])) for line in lines)


def _wrong_value(line: AuditLine, values: list[AuditValue]) -> str | None:
    for value in values:
        if line.commitments.get(value.name) != _commitment(value):
            return value.name
    return None
