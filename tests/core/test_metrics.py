"""Figures for Prometheus: only with the token, about nobody, the same whichever process answers."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventreg.core import metrics
from tests import factories

TOKEN = {"Authorization": "Bearer three-words-here"}


@pytest.fixture
def switched_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(app.extensions["eventreg.settings"], metrics_token="three-words-here")
    monkeypatch.setitem(app.extensions, "eventreg.settings", settings)


def value(answer: str, line: str) -> float:
    found = [float(text.rpartition(" ")[2]) for text in answer.splitlines() if text.startswith(line)]
    return found[0] if found else 0.0


def test_there_is_no_such_page_until_a_token_is_set(client: FlaskClient) -> None:
    assert client.get("/metrics", headers=TOKEN).status_code == 404


def test_who_has_no_token_learns_nothing(client: FlaskClient, switched_on: None) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "three-words-here"}):
        answer = client.get("/metrics", headers=headers)
        assert (answer.status_code, "eventreg_" in answer.text) == (401, False)


def test_requests_mails_jobs_and_places_are_told_and_no_person(
    app: Flask, client: FlaskClient, clock: ModuleType, switched_on: None
) -> None:
    with clock.at(factories.OPEN):
        factories.a_registration(factories.an_event(limit=10, media=2), name_latin="Zerktouni", email="zerktouni@example.org")
        before = client.get("/metrics", headers=TOKEN).text
        client.get("/en/ogp-2022/")
        clock.tick(minutes=2)
        answer = client.get("/metrics", headers=TOKEN)

    told, home = answer.text, '{route="/<any(ar,fr,en):lang>/<slug:event>/",status="200"}'
    assert answer.headers["Cache-Control"] == "no-store"
    assert value(told, f"eventreg_requests_total{home}") == value(before, f"eventreg_requests_total{home}") + 1
    assert value(told, 'eventreg_pool_taken{event="1",kind="event",key=""}') == 1
    assert value(told, 'eventreg_pool_limit{event="1",kind="category",key="media"}') == 2
    assert value(told, 'eventreg_mails{state="waiting"}') >= 1
    assert value(told, "eventreg_oldest_mail_seconds") >= 120
    assert 'eventreg_jobs{state="queued"} 0' in told
    assert "erktouni" not in told
    assert "\neventreg_last_backup" not in told
    assert all(line.startswith("#") or len(line.rsplit(" ", 1)) == 2 for line in told.splitlines())


def test_what_another_process_answered_counts_too(app: Flask, client: FlaskClient, switched_on: None) -> None:
    def answer() -> None:
        with app.app_context():
            metrics.count("health.alive", 200, 0.02)

    before = client.get("/metrics", headers=TOKEN).text
    process = multiprocessing.get_context("fork").Process(target=answer)
    process.start()
    process.join()

    after = client.get("/metrics", headers=TOKEN).text
    name = 'eventreg_request_seconds_bucket{route="/healthz",le="0.025"}'
    assert value(after, name) == value(before, name) + 1


def test_the_age_of_the_newest_backup_is_told(app: Flask, client: FlaskClient, switched_on: None) -> None:
    (Path(app.config["INSTANCE"]) / metrics.BACKUP_MARK).touch()
    try:
        told = client.get("/metrics", headers=TOKEN).text
    finally:
        (Path(app.config["INSTANCE"]) / metrics.BACKUP_MARK).unlink()

    assert value(told, "eventreg_last_backup_timestamp_seconds ") > 1_000_000_000
