"""An installation of its own for the command line: an instance folder and an empty database, SQLite or PostgreSQL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from eventreg.cli import main, opening
from eventreg.core import clock
from eventreg.core.db import db
from tests.support import absent, postgres


@dataclass
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@dataclass
class Place:
    """Where an installation is; `environ` leads another process there."""

    folder: Path
    environ: dict[str, str]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """An empty installation that the commands of this test find in their environment."""
    if request.param == "sqlite":
        yield placed(tmp_path, "", monkeypatch)
    elif not postgres.ensure_started():
        absent.without(postgres.why_missing())
    else:
        with postgres.own_database(f"eventreg_cli_{uuid.uuid4().hex[:16]}") as url:
            yield placed(tmp_path, url, monkeypatch)
    clock.shift(0)


@pytest.fixture
def sqlite_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The same on the embedded database only."""
    yield placed(tmp_path, "", monkeypatch)
    clock.shift(0)


def placed(folder: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Place:
    variables = {
        "EVENTREG_INSTANCE": str(folder / "instance"),
        "EVENTREG_PASSWORD_TIME_COST": "1",
        "EVENTREG_PASSWORD_MEMORY_KIB": "1024",
    }
    monkeypatch.delenv("EVENTREG_DATABASE_URL", raising=False)
    if url:
        variables["EVENTREG_DATABASE_URL"] = url
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Place(folder / "instance", dict(os.environ))


@pytest.fixture
def eventreg(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process: `eventreg("check").status`."""

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        try:
            status = main.run(arguments)
        except SystemExit as error:  # argparse's own
            status = int(str(error.code))
        told = capsys.readouterr()
        return Ran(status, told.out, told.err)

    return run


@pytest.fixture
def opened() -> Iterator[Callable[[], Flask]]:
    """Look into the installation's database: `opened()` leaves an application context open until the test's end."""
    contexts = []

    def open_it() -> Flask:
        app = opening.ready_app()
        context = app.app_context()
        context.push()
        contexts.append(context)
        return app

    yield open_it
    for context in reversed(contexts):
        db.session.remove()
        db.engine.dispose()
        context.pop()
