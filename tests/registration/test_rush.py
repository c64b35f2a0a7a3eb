"""Sixteen clients, fifty places: exactly fifty, the rest in order; and without the guards it goes wrong, or this proves nothing."""

from __future__ import annotations

import json
import subprocess
import sys

from sqlalchemy import select

from eventreg.core import capacity
from eventreg.core.db import db
from eventreg.registration.models import Registration, WaitingEntry
from tests import factories

PLACES, CLIENTS, TRIES = 50, 16, 5


def rush(app, event, *flags):
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    instance, event_id = app.config["INSTANCE"], str(event.id)
    db.session.close()
    command = [sys.executable, "-m", "tests.support.rush", url, instance, event_id]
    done = subprocess.run(
        [*command, "--clients", str(CLIENTS), "--tries", str(TRIES), *flags],
        capture_output=True, text=True, check=False, timeout=240,
    )
    assert done.returncode == 0, done.stderr
    db.session.expire_all()
    return json.loads(done.stdout)["outcomes"]


def test_exactly_the_places_there_are_and_the_rest_wait_in_order(app):
    event = factories.an_event(limit=PLACES)

    outcomes = rush(app, event)

    assert outcomes == {"confirmed": PLACES, "waitlisted": CLIENTS * TRIES - PLACES}
    assert capacity.pools(event.id, [("event", "")])[0].taken == PLACES
    positions = list(db.session.scalars(select(WaitingEntry.position).order_by(WaitingEntry.id)))
    assert positions == list(range(1, CLIENTS * TRIES - PLACES + 1))
    confirmed = db.session.scalars(select(Registration.id).where(Registration.state == "confirmed")).all()
    waiting = db.session.scalars(select(Registration.id).where(Registration.state == "waitlisted")).all()
    assert max(confirmed) < min(waiting)


def test_control_without_the_guards_the_race_is_real(app):
    event = factories.an_event(limit=PLACES)

    outcomes = rush(app, event, "--unguarded")

    taken = capacity.pools(event.id, [("event", "")])[0].taken
    assert outcomes.get("error", 0) > 0 or outcomes.get("confirmed", 0) != PLACES or taken != PLACES
