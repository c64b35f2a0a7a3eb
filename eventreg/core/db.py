"""How is something written? In `transaction()`: one short, exclusive, durable step; everything else only reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, MetaData, TypeDecorator, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import DeclarativeBase, registry

from eventreg.core import clock, faults
from eventreg.core.turnstile import Turnstile

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: aware on the way in, UTC in the database, aware on the way out. A naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: an instant must be aware")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The root of every table; subclassed directly (not db.Model) so that types are checked."""

    registry = registry(metadata=MetaData(naming_convention=NAMES), type_annotation_map={datetime: UTCDateTime})


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

_writing: ContextVar[datetime | None] = ContextVar("writing", default=None)


def init_app(app: Flask) -> None:
    """Bind the database of `app`: pragmas and immediate transactions on SQLite, the pool on PostgreSQL."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
        app.extensions["eventreg.turnstile"] = Turnstile(Path(url.removeprefix("sqlite:///") + ".turnstile"))


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        # FULL: an acknowledged registration survives a power cut
        for pragma in ("journal_mode=WAL", "busy_timeout=15000", "foreign_keys=ON", "synchronous=FULL"):
            connection.execute("PRAGMA " + pragma)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(_begin_statement())


def _begin_statement() -> str:
    """A transaction that reads first and writes later cannot wait for the lock on SQLite: it must take it at once."""
    return "BEGIN IMMEDIATE" if _writing.get() else "BEGIN DEFERRED"


def is_sqlite() -> bool:
    """Whether the current application's database is SQLite."""
    return db.engine.dialect.name == "sqlite"


@contextmanager
def transaction(queue: tuple[str, int] | None = None) -> Iterator[datetime]:
    """Write something: all of it or nothing. Yields the instant at which this transaction is judged.

    `queue` names what must go one after the other in order of arrival, e.g. ("event", 7); SQLite has one queue for
    everything. The instant is read after the lock is held: whoever waited is judged at their turn. A call inside
    another joins it; the outermost commits. Objects loaded before are detached: services load what they need inside.
    Raises turnstile.Busy or sqlalchemy's OperationalError when the database stays busy; nothing is written then.
    """
    if (running := _writing.get()) is not None:
        if queue is not None:
            take_turn(queue)
        yield running
        return
    db.session.close()  # ends the read transaction of the page: its snapshot may be stale
    if is_sqlite():
        with current_app.extensions["eventreg.turnstile"].pass_through(), _one_transaction() as now:
            yield now
    else:
        with _one_transaction(queue) as now:
            yield now


@contextmanager
def _one_transaction(queue: tuple[str, int] | None = None) -> Iterator[datetime]:
    mark = _writing.set(clock.now())
    try:
        db.session.connection()
        if queue is not None:
            take_turn(queue)
        now = clock.now()
        _writing.set(now)
        yield now
        faults.point("before_commit")
        db.session.commit()
        faults.point("after_commit")
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _writing.reset(mark)


def take_turn(queue: tuple[str, int]) -> None:
    """Hold the named queue until the end of this transaction (PostgreSQL; its lock queue is first-in-first-out)."""
    name, number = queue
    if not is_sqlite():
        statement = text("SELECT pg_advisory_xact_lock(hashtext(:name), :number)")
        db.session.execute(statement, {"name": name, "number": number})


def in_transaction() -> bool:
    """Whether a writing transaction is open in this thread."""
    return _writing.get() is not None
