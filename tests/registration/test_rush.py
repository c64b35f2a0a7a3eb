"""Sixteen clients, fifty places: exactly fifty, the rest in order; and without the guards it goes wrong, or this proves nothing."""

from __future__ import annotations

import json
import subprocess
import sys

from sqlalchemy import select

from eventreg.cli import invariants
from eventreg.core import capacity, clock
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.registration import services
from eventreg.registration.models import Registration, WaitingEntry
from tests import factories

PLACES, CLIENTS, TRIES = 50, 16, 5


def rush(app, event, *flags, clients=CLIENTS, tries=TRIES):
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    instance, event_id = app.config["INSTANCE"], str(event.id)
    db.session.close()
    command = [sys.executable, "-m", "tests.support.rush", url, instance, event_id]
    done = subprocess.run(
        [*command, "--clients", str(clients), "--tries", str(tries), *flags],
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


OVERLAPPING = {("event", ""): 30, ("category", "media"): 12, ("day", "2022-11-02"): 14}


def an_event_with_three_overlapping_limits():
    event = factories.an_event()
    with clock.at(factories.OPEN):
        for (kind, key), number in OVERLAPPING.items():
            services.set_limit(event.id, kind, key, number, by=OPERATOR)
    return event


def sold(event):
    """For each limit: its own count, and how many of the confirmed count under it, counted here."""
    confirmed = db.session.scalars(select(Registration).where(Registration.state == "confirmed")).all()
    count = {
        ("event", ""): len(confirmed),
        ("category", "media"): sum(row.category == "media" for row in confirmed),
        ("day", "2022-11-02"): sum("2022-11-02" in row.days for row in confirmed),
    }
    return {(pool.kind, pool.key): (pool.taken, count[pool.kind, pool.key]) for pool in capacity.all_pools(event.id)}


def broken(name):
    with clock.at("2022-09-27T10:00+01:00"):
        return [finding.where for finding in invariants.findings(clock.now()) if finding.name in name]


def test_three_overlapping_limits_are_neither_oversold_nor_undersold_by_fifty_at_once(app):
    event = an_event_with_three_overlapping_limits()

    outcomes = rush(app, event, clients=50, tries=1)

    assert outcomes["confirmed"] + outcomes["waitlisted"] == 50
    counts = sold(event)
    assert all(taken == really <= OVERLAPPING[limit] for limit, (taken, really) in counts.items()), counts
    assert broken({"pool.taken", "pool.limit", "waiting.free_place", "waiting.position"}) == []
    assert any(taken == OVERLAPPING[limit] for limit, (taken, _really) in counts.items())


def test_control_without_the_guards_overlapping_limits_are_missed(app):
    event = an_event_with_three_overlapping_limits()

    outcomes = rush(app, event, "--unguarded", clients=50, tries=1)

    counts = sold(event)
    wrong = any(taken != really or really > OVERLAPPING[limit] for limit, (taken, really) in counts.items())
    assert outcomes.get("error", 0) > 0 or wrong, (outcomes, counts)
