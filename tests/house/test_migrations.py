"""Do the migrations make exactly the tables that the models describe, on both databases, all of them or none?"""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import event, inspect, text
from sqlalchemy.exc import DBAPIError

from eventreg.app import PACKAGE, create_app
from eventreg.cli import opening
from eventreg.core.config import Settings
from eventreg.core.db import Base, db
from tests.support import absent, postgres

for model in sorted(PACKAGE.glob("*/models.py")):  # every room's tables, also of rooms that no page uses yet
    importlib.import_module(f"eventreg.{model.parent.name}.models")


@pytest.fixture(params=["sqlite", "postgresql"])
def unmigrated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database without a single table."""
    if request.param == "sqlite":
        yield from _opened(tmp_path, "")
        return
    if not postgres.ensure_started():
        absent.without(postgres.why_missing())
    with postgres.own_database(f"eventreg_migrations_{uuid.uuid4().hex[:16]}") as url:
        yield from _opened(tmp_path, url)


def _opened(folder: Path, url: str) -> Iterator[Flask]:
    app = create_app(Settings(instance=folder, database_url=url, secret_key="only-for-tests", testing=True))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def _differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_the_migrations_make_the_tables_of_the_models(unmigrated: Flask) -> None:
    opening.upgrade()

    assert _differences() == []
    assert opening.current_revision() == opening.newest_revision()


def test_a_second_upgrade_changes_nothing(unmigrated: Flask) -> None:
    opening.upgrade()
    before = sorted(inspect(db.engine).get_table_names())

    opening.upgrade()

    assert sorted(inspect(db.engine).get_table_names()) == before


def test_an_upgrade_that_fails_in_the_middle_leaves_nothing_behind(unmigrated: Flask) -> None:
    def break_off(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if "CREATE TABLE registration " in statement:
            raise RuntimeError("power cut")

    event.listen(db.engine, "before_cursor_execute", break_off)
    with pytest.raises((RuntimeError, DBAPIError), match="power cut"):
        opening.upgrade()
    event.remove(db.engine, "before_cursor_execute", break_off)

    assert inspect(db.engine).get_table_names() == []
    opening.upgrade()
    assert _differences() == []


def test_the_way_down_leads_back_to_an_empty_database(unmigrated: Flask) -> None:
    opening.upgrade()

    command.downgrade(opening.migrations(), "base")

    assert inspect(db.engine).get_table_names() == ["alembic_version"]


def test_foreign_keys_are_enforced_again_after_an_upgrade(unmigrated: Flask) -> None:
    opening.upgrade()

    with pytest.raises(DBAPIError), db.engine.begin() as connection:
        connection.execute(text("INSERT INTO room (event_id, name, capacity, rank) VALUES (99, '{}', 1, 1)"))


def test_the_history_is_one_line() -> None:
    history = ScriptDirectory.from_config(opening.migrations())

    assert len(history.get_heads()) == 1
    assert [step.revision for step in history.walk_revisions() if step.is_merge_point or step.is_branch_point] == []
