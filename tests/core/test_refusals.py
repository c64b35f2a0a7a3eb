"""Refusals become words."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import Babel

from eventreg.core import refusals
from eventreg.core.refusals import Refusal, Refused


@pytest.fixture
def speaking() -> Flask:
    app = Flask(__name__)
    Babel(app)
    return app


def test_places_and_plurals_are_filled(speaking: Flask) -> None:
    with speaking.app_context():
        skipped = refusals.say(
            Refusal("times.skipped", {"local": "2022-05-08 02:30", "before": "02:00", "after": "03:00"})
        )
        once = refusals.say(Refusal("limits.too_many", {"minutes": 1}))
        later = refusals.say(Refusal("limits.too_many", {"minutes": 5}))

    assert skipped == (
        "2022-05-08 02:30 does not exist: that day the clock jumps from 02:00 to 03:00. Choose another hour."
    )
    assert once == "That was tried too often. Try again in 1 minute."
    assert later == "That was tried too often. Try again in 5 minutes."


def test_a_code_without_words_is_answered_and_logged(speaking: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with speaking.app_context():
        words = refusals.say(Refusal("nowhere.said"))

    assert words == "This is not possible (nowhere.said)."
    assert [record.getMessage() for record in caplog.records] == ["refusal nowhere.said has no text"]


def test_an_exception_carries_its_refusal() -> None:
    refusal = Refusal("token.incomplete")

    assert Refused(refusal).refusal is refusal
    assert str(Refused(refusal)) == "token.incomplete"
