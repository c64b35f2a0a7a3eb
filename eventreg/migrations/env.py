"""How does a migration run? On the application's own connection, in one transaction: complete or not at all."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from eventreg.core.db import Base, db


def run() -> None:
    """Upgrade in one transaction; SQLite without foreign keys meanwhile, checked before anything is kept."""
    with db.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            _migrate(connection)
            return
        # a table is changed by building it anew and dropping the old one, and with foreign keys on that would delete
        # the rows which depend on it; the switch has no effect inside a transaction, so it comes before the first
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            _migrate(connection)
        finally:
            raw.execute("PRAGMA foreign_keys=ON")


def _migrate(connection: Connection) -> None:
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('migrations'))"))
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=True,
            compare_type=True,
        )  # fmt: skip
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                raise RuntimeError(f"the migration would leave {len(broken)} rows without what they refer to")


run()
