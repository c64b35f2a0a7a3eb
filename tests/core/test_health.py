"""What watches the installation learns enough; strangers learn no more than that."""

from __future__ import annotations

from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventreg.core import health, outbox
from eventreg.core.db import transaction
from tests import factories

NOW = "2022-09-27T09:10+01:00"


def a_waiting_mail() -> None:
    with transaction():
        outbox.queue(
            "people/sign_in", to="sara@example.org", lang="en", about=("person", "P-1"), event_id=None,
            context={"url": "http://localhost/", "minutes": 15},
        )  # fmt: skip


def test_alive_asks_no_database(client: FlaskClient, app: Flask) -> None:
    with factories.statements(app) as sent:
        answer = client.get("/healthz")

    assert (answer.status_code, answer.json, sent) == (200, {"status": "ok"}, [])
    assert answer.headers["Cache-Control"] == "no-store"


def test_ready_tells_a_stranger_that_all_is_well_and_no_numbers(client: FlaskClient) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "checks": {"database": "ok", "migrations": "ok", "mail": "ok", "disk": "ok"}}


def test_mail_that_waits_too_long_is_told_but_pages_are_still_served(client: FlaskClient, clock: ModuleType) -> None:
    with clock.at(NOW):
        a_waiting_mail()
        clock.tick(minutes=15)

        answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "checks": {"database": "ok", "migrations": "ok", "mail": "late", "disk": "ok"}}


def test_an_administrator_also_learns_how_old_the_oldest_mail_is(client: FlaskClient, clock: ModuleType) -> None:
    with clock.at(NOW):
        factories.sign_in(client, factories.staff("AD", None))
        a_waiting_mail()
        clock.tick(seconds=90)

        answer = client.get("/readyz")

    assert answer.json is not None
    assert answer.json["oldest_mail_seconds"] == 90


def test_tables_of_another_version_are_not_ready(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "testing", False)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json == {"status": "failed", "checks": {"database": "ok", "migrations": "failed", "mail": "failed", "disk": "ok"}}


@pytest.mark.sqlite_only
def test_without_a_database_it_is_not_ready_and_says_no_detail(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "text", lambda statement: health_text("SELECT 1 FROM no_such_table"))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json == {
        "status": "failed",
        "checks": {"database": "failed", "migrations": "failed", "mail": "failed", "disk": "ok"},
    }
    assert "no_such_table" not in answer.text


health_text = health.text
