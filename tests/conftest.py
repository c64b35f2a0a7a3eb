"""The machinery of all tests: `app` on both databases, a clock, a mail server, a browser.

A test that asks for `app` (or anything made of it) runs on SQLite and on PostgreSQL, unless marked `sqlite_only` or
`postgres_only`; one that asks for `live_server` runs on SQLite unless marked `postgres_only`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from eventreg.core import clock as clock_module
from tests.support import absent, postgres
from tests.support import browser as browser_support
from tests.support.server import serving
from tests.support.smtp import Sink, running_sink

if TYPE_CHECKING:
    from tests.support.installation import Installation

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the product has it, before anything imports numpy


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL before the workers, so that they share one; a lone pytest starts it when first needed."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    if getattr(config.option, "numprocesses", None) and not _is_worker(config):
        postgres.ensure_started()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what could not be tested on this machine."""
    if not _is_worker(config):
        browser_note = "" if browser_support.executable() else browser_support.HOW_TO_GET_IT
        notes = [note for note in (browser_note, postgres.why_missing()) if note]
        absent.tell(notes, terminalreporter)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the databases of each test."""
    if "database" in metafunc.fixturenames:
        metafunc.parametrize("database", _databases_of(metafunc), indirect=True, scope="session")


def _databases_of(metafunc: pytest.Metafunc) -> list[str]:
    markers = {marker.name for marker in metafunc.definition.iter_markers()}
    if "postgres_only" in markers:
        return ["postgresql"]
    if "sqlite_only" in markers or "live_server" in metafunc.fixturenames:
        return ["sqlite"]
    return ["sqlite", "postgresql"]


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


# ---- the application -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> str:
    """ "sqlite" or "postgresql": the database of this run of the test."""
    return str(request.param)


@pytest.fixture(scope="session")
def installations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Installation]]:
    """The product per database, installed at first use and kept for the worker's life."""
    from tests.support.installation import Installation  # slow: the whole product, which tests of rules do without

    made: dict[str, Installation] = {}
    folder = tmp_path_factory.mktemp("installations")
    with ExitStack() as stack:

        def installed(database: str) -> Installation:
            if database not in made:
                url = stack.enter_context(postgres.own_database(_database_name())) if database == "postgresql" else ""
                made[database] = Installation(folder / database, url)
                stack.callback(made[database].close)
            return made[database]

        yield installed


def _database_name() -> str:
    return f"eventreg_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"


@pytest.fixture
def app(database: str, installations: Callable[[str], Installation]) -> Iterator[Flask]:
    """The application with empty tables; its context is open in the test, while requests get one of their own."""
    if database == "postgresql" and not postgres.ensure_started():
        absent.without(postgres.why_missing())
    installation = installations(database)
    installation.empty()
    with installation.app.app_context():
        yield installation.app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Keeps cookies, follows nothing; posts need no CSRF token unless app.config["WTF_CSRF_ENABLED"] is True."""
    return app.test_client()


@pytest.fixture
def clock() -> ModuleType:
    """The product's clock: `with clock.at("2022-09-30T23:59:59+01:00"):` stops it, `clock.tick(minutes=6)` moves it."""
    return clock_module


@pytest.fixture
def smtp(app: Flask) -> Iterator[Sink]:
    """A mail server that `app` sends to; without this fixture mails become files in instance/outbox."""
    from tests.support.installation import sending_to  # slow: the whole product

    with running_sink() as sink, sending_to(app, host=sink.host, port=sink.port):
        yield sink


# ---- the browser -----------------------------------------------------------------------------------------------------


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address at which `app` answers over HTTP, with CSRF protection on; links in its mails lead there."""
    with serving(app) as address:
        app.config.update(BASE_URL=address, WTF_CSRF_ENABLED=True)
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one per worker."""
    if not browser_support.executable():
        absent.without(browser_support.HOW_TO_GET_IT)
    with browser_support.running_browser() as running:
        yield running


@pytest.fixture
def page_in(browser: Browser, live_server: str) -> Iterator[browser_support.Pages]:
    """Make pages: `page_in("ar", width=390, dark=True, js=False)`. A script error or a CSP violation fails the test."""
    pages = browser_support.Pages(browser, live_server)
    yield pages
    pages.close()
    assert pages.faults == []


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """Judge a page: `assert axe(page) == []`."""
    return browser_support.axe
