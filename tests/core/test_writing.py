"""Writing: one at a time, in order of arrival, all or nothing, durable; and the guards can be seen at work."""

from __future__ import annotations

import sqlite3
import threading
from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects.sqlite.base import SQLiteDialect as sqlite_dialect

from eventreg.core import audit, clock
from eventreg.core.audit import OPERATOR
from eventreg.core.capacity import Pool
from eventreg.core.db import UTCDateTime, db, transaction
from eventreg.core.turnstile import Busy, Turnstile
from tests import factories


@pytest.mark.sqlite_only
def test_a_transaction_holds_the_write_lock_from_its_first_query(app):
    path = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    other = sqlite3.connect(path, timeout=0, isolation_level=None)

    with transaction():
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        assert other.execute("SELECT count(*) FROM event").fetchone() == (0,)  # a reader is not blocked

    other.execute("BEGIN IMMEDIATE")
    other.rollback()


@pytest.mark.sqlite_only
def test_the_database_is_set_to_survive_a_power_cut(app):
    names = ("journal_mode", "synchronous", "foreign_keys")
    settings = {name: db.session.execute(text(f"PRAGMA {name}")).scalar() for name in names}

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_threads_pass_the_turnstile_in_the_order_of_their_arrival(tmp_path):
    gate, passed, arrived = Turnstile(tmp_path / "gate"), [], []
    first_in, let_go = threading.Event(), threading.Event()

    def hold():
        with gate.pass_through():
            first_in.set()
            let_go.wait(10)

    def queue_up(number):
        with gate.pass_through():
            passed.append(number)

    threads = [threading.Thread(target=hold)]
    threads[0].start()
    first_in.wait(10)
    for number in range(12):
        thread = threading.Thread(target=queue_up, args=(number,))
        thread.start()
        while len(gate._waiting) <= number:
            pass  # until this one stands in the queue
        threads.append(thread)
        arrived.append(number)
    let_go.set()
    for thread in threads:
        thread.join(10)

    assert passed == arrived


def test_who_waits_longer_than_the_patience_is_told_so_and_the_gate_goes_on(tmp_path):
    gate = Turnstile(tmp_path / "gate", patience=0.05)
    inside, leave = threading.Event(), threading.Event()

    def hold():
        with gate.pass_through():
            inside.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(10)
    with pytest.raises(Busy), gate.pass_through():
        pass
    leave.set()
    holder.join(10)

    with gate.pass_through():
        pass


def test_what_fails_writes_nothing_at_all(app):
    event = factories.an_event()

    with pytest.raises(RuntimeError), transaction():
        db.session.add(Pool(event_id=event.id, kind="category", key="media", limit=1))
        audit.record("event.limit_set", event, event_id=event.id, actor=OPERATOR)
        raise RuntimeError

    assert db.session.scalar(select(Pool).where(Pool.key == "media")) is None
    actions = [line.action for line in audit.history(event.id, "event", "ogp-2022")]
    assert actions == ["event.limit_set", "event.set_up"]  # the factory's own


def test_the_instant_is_read_after_the_lock_is_held(app):
    with clock.at(factories.OPEN), transaction() as now:
        assert now == clock.now()


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        UTCDateTime().process_bind_param(datetime(2022, 9, 30), sqlite_dialect())


def test_changing_one_stored_line_breaks_the_chain_there(app):
    event = factories.an_event(limit=5)
    factories.a_registration(event)
    assert audit.verify(event.id) is None

    with transaction():
        db.session.execute(text("UPDATE audit_line SET actor = 'somebody' WHERE seq = 2"))

    broken = audit.verify(event.id)
    assert (broken.seq, broken.reason) == (2, "was changed")


def test_erasing_personal_values_keeps_the_chain_valid(app):
    event = factories.an_event()
    factories.a_registration(event)

    with transaction():
        db.session.execute(text("DELETE FROM audit_value"))

    assert audit.verify(event.id) is None
