"""How does each test get an empty product? Built once per worker and database, then emptied before every test."""

from __future__ import annotations

import contextvars
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from eventreg.app import create_app
from eventreg.core import outbox
from eventreg.core.config import Settings
from eventreg.core.db import Base, db


class Client(FlaskClient):
    """A test client whose requests see nothing of the test's own application context, as in a server.

    After each request the test's session forgets what it read. `with client:` is of no use here.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.rollback()
        return response


class Installation:
    """The product on one database, `app` with an instance folder of its own."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        """Make the tables in `folder`'s SQLite file, or in the empty PostgreSQL database at `database_url`."""
        folder.mkdir(parents=True)
        settings = Settings(
            instance=folder,
            database_url=database_url,
            base_url="http://localhost",
            secret_key="only-for-tests",
            testing=True,
            password_time_cost=1,
            password_memory_kib=1024,
        )
        self._folder = folder
        self.app = create_app(settings)
        self.app.test_client_class = Client
        self.app.config["WTF_CSRF_ENABLED"] = False  # a test client posts without having read the form first
        self._config = dict(self.app.config)
        with self.app.app_context():
            db.create_all()
            db.engine.dispose()  # SQLite: the last one out moves everything from the -wal file into the database
        self._file = folder / "eventreg.sqlite"
        self._template = folder.with_suffix(".template")
        if not database_url:
            shutil.copyfile(self._file, self._template)

    def empty(self) -> None:
        """Bring database, configuration and instance folder back to how they were after installation."""
        self.app.config.clear()
        self.app.config.update(self._config)
        with self.app.app_context():
            db.engine.dispose()
            if self._template.exists():
                self._empty_sqlite()
            else:
                _empty_postgres()
        for leftover in self._folder.iterdir():
            if leftover.is_dir():
                shutil.rmtree(leftover)

    def close(self) -> None:
        """Let go of the database, so that it can be dropped."""
        with self.app.app_context():
            db.engine.dispose()

    def _empty_sqlite(self) -> None:
        # through SQLite and not by copying the file: a connection that some test forgot would, whenever Python clears
        # it away, delete the -wal file of the test that runs by then
        with closing(sqlite3.connect(self._template)) as empty, closing(sqlite3.connect(self._file, timeout=10)) as used:
            used.execute("PRAGMA synchronous = OFF")
            used.execute("BEGIN IMMEDIATE")  # a test left a transaction open: say so; the backup would wait for ever
            used.rollback()
            empty.backup(used)


def _empty_postgres() -> None:
    """TRUNCATE would make new files for every table and index, a hundred times the work of deleting a test's few rows."""
    tables = [db.engine.dialect.identifier_preparer.format_table(table) for table in Base.metadata.sorted_tables]
    filled = text(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (TABLE {table})" for table in tables))
    counted = text("SELECT setval(seqrelid, 1, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL")
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))  # a test left a transaction open: say so, don't hang
        connection.execute(text(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # rows go in any order
        emptied = connection.scalars(filled).all()
        for table in emptied:
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(counted)
    if emptied:  # give the room back, else the next rows fill the gaps and come out in another order than they went in
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"VACUUM {', '.join(emptied)}"))


@contextmanager
def sending_to(app: Flask, *, host: str, port: int) -> Iterator[None]:
    """Let `app` deliver its mails to this server for the length of the block, as the settings would."""
    before = {name: app.config.get(name) for name in ("MAIL_SERVER", "MAIL_PORT", "MAIL_SUPPRESS_SEND")}
    app.config.update(MAIL_SERVER=host, MAIL_PORT=port, MAIL_SUPPRESS_SEND=False)
    outbox.flask_mail.init_app(app)
    try:
        yield
    finally:
        app.config.update(before)
        outbox.flask_mail.init_app(app)
