"""Do the migrations make exactly the tables that the models describe, on both databases, all of them or none?"""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import MetaData, event, inspect, select, text
from sqlalchemy.exc import DBAPIError

from eventreg.app import PACKAGE, create_app
from eventreg.cli import opening
from eventreg.core.config import Settings
from eventreg.core.db import Base, db
from eventreg.events.models import Event
from eventreg.people import organisations
from eventreg.people.models import Organisation
from eventreg.registration.models import Needs, Registration, WaitingEntry
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


FIRST = "0001_registration_badges_door"


def _rows_of_the_first_release() -> None:
    """A meeting with somebody who has a place, two who wait, an organisation and an invitation, as the first release kept them."""
    tables = MetaData()
    tables.reflect(db.engine)
    moment = datetime(2022, 9, 1, tzinfo=UTC) if db.engine.dialect.name == "postgresql" else datetime(2022, 9, 1)

    def insert(connection: Any, into: str, **values: Any) -> int:
        table = tables.tables[into]
        plain = {"VARCHAR": "", "INTEGER": 0, "BOOLEAN": False, "JSON": {}, "DATETIME": moment, "TIMESTAMP": moment}
        needed = {
            column.name: date(2022, 11, 1) if str(column.type) == "DATE" else plain[str(column.type).split("(")[0].split(" ")[0]]
            for column in table.columns
            if not column.nullable and column.name not in values and column.name != "id"
        }
        return int(connection.execute(table.insert().values(**needed | values)).inserted_primary_key[0])

    with db.engine.begin() as connection:
        meeting = insert(connection, "event", slug="first", name={"en": "First"}, zone="Africa/Casablanca", country="MA")
        body = insert(
            connection, "organisation", code="O-FIRST", name={"fr": "Ligue des droits", "ar": "رابطة الحقوق"}, country="MA",
            sector="civil_society",
        )  # fmt: skip
        for words, key in (("Ligue des droits", "ligue des droits"), ("رابطة الحقوق", "رابطه حقوق")):
            insert(connection, "organisation_name", organisation_id=body, name=words, key=key)
        for number, full in enumerate(("", "category", "event")):
            person = insert(connection, "person", code=f"P-{number}", email_key=f"p{number}@example.org")
            entry = insert(
                connection, "registration", code=f"R-{number}", event_id=meeting, person_id=person, category="media",
                sector="media", country="MA", days=["2022-11-01"], languages=["ar"], organisation_id=body,
                state="waitlisted" if full else "confirmed",
            )  # fmt: skip
            insert(connection, "registration_needs", registration_id=entry, access="ramp")
            if full:
                insert(
                    connection, "waiting_entry", event_id=meeting, registration_id=entry, position=number, category="media",
                    full_pool=full, state="waiting",
                )  # fmt: skip


def test_what_the_first_release_kept_is_there_after_the_upgrade(unmigrated: Flask) -> None:
    command.upgrade(opening.migrations(), FIRST)
    _rows_of_the_first_release()

    opening.upgrade()

    entries = select(WaitingEntry.full_pool).order_by(WaitingEntry.position)
    assert list(db.session.scalars(entries)) == ["category:media", "event:"]
    assert [(row.answers, row.is_entered) for row in db.session.scalars(select(Registration))] == [({}, False)] * 3
    assert {(row.access, row.gender) for row in db.session.scalars(select(Needs))} == {("ramp", "")}
    [found] = db.session.scalars(select(Organisation).where(Organisation.search_key.contains("ligue")))
    assert organisations.recognised("", "رابطة الحقوق", "MA").id == found.id  # type: ignore[union-attr]
    assert not db.session.scalars(select(Event)).one().moderated


def test_the_history_is_one_line() -> None:
    history = ScriptDirectory.from_config(opening.migrations())

    assert len(history.get_heads()) == 1
    assert [step.revision for step in history.walk_revisions() if step.is_merge_point or step.is_branch_point] == []
