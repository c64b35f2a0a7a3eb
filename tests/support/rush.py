"""Many people at once for a few places: real processes against a real database, with the guards on or, as a control, off.

    python -m tests.support.rush DATABASE_URL INSTANCE EVENT_ID --clients 16 --tries 10 [--unguarded]

Prints one JSON object: {"outcomes": {"confirmed": n, "waitlisted": n, "error": n}, "longest": seconds}.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from eventreg.app import create_app
from eventreg.core import audit, capacity, clock
from eventreg.core import db as core_db
from eventreg.core.capacity import Pool
from eventreg.core.config import Settings
from eventreg.core.db import db
from eventreg.core.turnstile import Busy, Turnstile
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.registration import rules, services
from tests.factories import OPEN, raw_answers


def _take_the_guards_off() -> None:
    """What a simple program does: look, compare, write. No queue, no immediate transaction, no conditional update."""

    @contextmanager
    def open_gate(self):
        yield

    def look_then_write(wanted, *, over_limit=False):
        for pool in wanted:
            seen = db.session.scalar(select(Pool.taken).where(Pool.id == pool.id))
            if pool.limit is not None and seen >= pool.limit:
                return pool
            time.sleep(0.02)  # what a slower machine does between looking and writing
            pool.taken = seen + 1
        return None

    Turnstile.pass_through = open_gate
    capacity.claim = look_then_write
    for module in (core_db, audit, people):
        module.take_turn = lambda queue: None
    core_db._begin_statement = lambda: "BEGIN DEFERRED"


def _raw(number, n):
    """Answers that differ from client to client: two sectors, one day or three, three genders."""
    return raw_answers(
        email=f"c{number}t{n}@example.org", sector="media" if number % 2 else "academia",
        days=["2022-11-01", "2022-11-02", "2022-11-03"] if number % 3 else ["2022-11-01"],
        gender=("woman", "man", "")[number % 3],
    )  # fmt: skip


def _client(app, event_id, number, tries, start, results):
    with app.app_context():
        db.engine.dispose(close=False)  # a forked connection belongs to the parent
        days = db.session.get_one(Event, event_id).days
        forms = [rules.answers(_raw(number, n), days=days) for n in range(tries)]
        start.wait()
        for n, answers in enumerate(forms):
            began = time.monotonic()
            try:
                sending = services.Sending(lang="en", key=f"rush-{number}-{n}", form_opened_at=clock.now())
                outcome = services.register(event_id, answers, sending).state
            except (DBAPIError, Busy):
                outcome = "error"
            results.put((str(outcome), time.monotonic() - began))


def run(url: str, instance: str, event_id: int, *, clients: int, tries: int, unguarded: bool) -> dict[str, object]:
    """Let `clients` processes register `tries` people each, all starting at once."""
    if unguarded:
        _take_the_guards_off()
    app = create_app(Settings(instance=Path(instance), database_url=url, secret_key="rush", testing=True))
    fork = multiprocessing.get_context("fork")
    start, results = fork.Barrier(clients), fork.Queue()
    with clock.at(OPEN):
        processes = [
            fork.Process(target=_client, args=(app, event_id, number, tries, start, results)) for number in range(clients)
        ]
        for process in processes:
            process.start()
        answers = [results.get(timeout=120) for _ in range(clients * tries)]
        for process in processes:
            process.join()
    return {"outcomes": Counter(outcome for outcome, _ in answers), "longest": max(seconds for _, seconds in answers)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("instance")
    parser.add_argument("event_id", type=int)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--tries", type=int, default=10)
    parser.add_argument("--unguarded", action="store_true")
    given = parser.parse_args()
    found = run(
        given.url, given.instance, given.event_id, clients=given.clients, tries=given.tries, unguarded=given.unguarded
    )
    json.dump(found, sys.stdout)
