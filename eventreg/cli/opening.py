"""How does a command reach the installation? With its settings and up-to-date tables, or with one line why not."""

from __future__ import annotations

from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import Flask, current_app
from sqlalchemy import inspect, select

from eventreg.app import PACKAGE, create_app
from eventreg.cli import demo_mark
from eventreg.cli.ending import Stop
from eventreg.core import clock, config
from eventreg.core.config import Settings
from eventreg.core.db import db, is_sqlite
from eventreg.events import queries as events
from eventreg.events.models import Event
from eventreg.people import organisations
from eventreg.people.models import Person


def settings(**given: Any) -> Settings:
    """The settings of this installation; `given` values win."""
    return config.load(**given)


def open_app(**given: Any) -> Flask:
    """The application on the configured database, whatever state its tables are in."""
    return create_app(settings(**given))


def ready_app(**given: Any) -> Flask:
    """The application on a database whose tables are at the newest state, at the demo's time if it is the demo's.

    Raises Stop when they are not.
    """
    app = open_app(**given)
    with app.app_context():
        if is_without_tables():
            raise Stop("This database is empty. Begin with: eventreg init EVENT-SLUG, or look around with: eventreg demo")
        if (revision := current_revision()) != newest_revision():
            known = revision or "no known state"
            raise Stop(f"The tables are at {known}; bring them to {newest_revision()} with: eventreg db upgrade")
        if offset := demo_mark.clock_offset():
            clock.shift(offset)
    return app


def migrations() -> Config:
    """Where Alembic finds the migrations."""
    found = Config()
    found.set_main_option("script_location", str(PACKAGE / "migrations"))
    return found


def newest_revision() -> str | None:
    """The migration that this version of the product needs."""
    return ScriptDirectory.from_config(migrations()).get_current_head()


def current_revision() -> str | None:
    """The migration at which the database is, None before the first."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade() -> None:
    """Bring the tables to the newest state: all of it or nothing. Two that do it at once take turns.

    Raises Stop when a newer version of the product made them.
    """
    if current_revision() == newest_revision():
        return
    try:
        if is_sqlite():
            with current_app.extensions["eventreg.turnstile"].pass_through():
                command.upgrade(migrations(), "head")
        else:
            command.upgrade(migrations(), "head")
    except CommandError as error:
        raise Stop(f"The tables were made by another version of eventreg: {error}") from error
    organisations.derive_missing()


def is_without_tables() -> bool:
    """Whether the database has no table at all."""
    return not inspect(db.engine).get_table_names()


def is_empty() -> bool:
    """Whether nobody and nothing is in the database, with tables or without."""
    if is_without_tables():
        return True
    if not inspect(db.engine).has_table(Event.__tablename__):
        return False
    return not events.all_events() and db.session.scalar(select(Person.id).limit(1)) is None


def event_named(slug: str) -> Event:
    """The meeting with this address. Raises Stop, naming those that exist."""
    event = events.by_slug(slug)
    if event is None:
        known = ", ".join(other.slug for other in events.all_events()) or "none yet"
        raise Stop(f"There is no event {slug!r} here. Known: {known}")
    return event
