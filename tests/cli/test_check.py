"""`eventreg check` finds what is broken; `eventreg audit verify` finds what was changed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from eventreg.cli import invariants, main, opening
from eventreg.core import clock
from eventreg.core.db import db, is_sqlite
from tests.cli.conftest import Run, placed
from tests.support import absent, postgres

AT = "2022-11-01T09:30+01:00"  # with scans


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A demo that each test may damage: nothing of it is committed."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("check")
    if request.param == "sqlite":
        yield from _demo(folder, "", patch)
    elif not postgres.ensure_started():
        absent.without(postgres.why_missing())
    else:
        with postgres.own_database(f"eventreg_check_{uuid.uuid4().hex[:16]}") as url:
            yield from _demo(folder, url, patch)


def _demo(folder: Path, url: str, patch: pytest.MonkeyPatch) -> Iterator[Flask]:
    placed(folder, url, patch)
    assert main.run(["demo", "--participants", "30", "--proposals", "12", "--no-serve", "--at", AT]) == 0
    app = opening.ready_app()
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    clock.shift(0)
    patch.undo()


@pytest.fixture
def found(demo: Flask) -> Iterator[Callable[[str], list[str]]]:
    """Plant a fault by SQL and say which invariants then do not hold."""

    def plant(statement: str) -> list[str]:
        db.session.rollback()
        if is_sqlite():
            db.session.execute(text("PRAGMA defer_foreign_keys=ON"))
        changed = db.session.execute(text(statement))
        assert changed.rowcount > 0, "the fault was not planted"  # type: ignore[attr-defined]
        return [finding.name for finding in invariants.findings(clock.now())]

    yield plant
    db.session.rollback()


FAULTS = {
    "a count that is one too high": ("UPDATE pool SET taken = taken + 1 WHERE kind = 'event'", ["pool.taken"]),
    "a limit under what was sold, without a record of it": (
        "UPDATE pool SET \"limit\" = 1 WHERE kind = 'event'", ["pool.limit"],
    ),
    "somebody confirmed who still waits": (
        "UPDATE waiting_entry SET state = 'waiting' WHERE state = 'accepted'",
        ["waiting.confirmed"],
    ),
    "an offer that was never taken back": (
        "UPDATE waiting_entry SET state = 'offered', offer_expires_at = joined_at WHERE id ="
        " (SELECT min(id) FROM waiting_entry WHERE state = 'waiting')",
        ["pool.taken", "waiting.offer_ends"],
    ),
    "somebody waits without an entry": (
        "UPDATE waiting_entry SET state = 'removed' WHERE state = 'waiting'", ["waiting.entry"],
    ),
    "a cancelled registration that still waits": (
        "UPDATE waiting_entry SET state = 'waiting' WHERE state = 'lapsed'", ["waiting.ended"],
    ),
    "a limit on what does not exist": (
        "INSERT INTO pool (event_id, kind, key, \"limit\", taken) VALUES (1, 'table', '7', 3, 0)", ["pool.kind"],
    ),
    "a count of a day that is one too high": ("UPDATE pool SET taken = taken + 1 WHERE kind = 'day'", ["pool.taken"]),
    "a confirmed person without a code": (
        "UPDATE ticket SET revoked_at = issued_at"
        " WHERE id = (SELECT max(id) FROM ticket WHERE revoked_at IS NULL AND id NOT IN"
        " (SELECT ticket_id FROM scan WHERE ticket_id IS NOT NULL))",
        ["ticket.missing"],
    ),
    "a cancelled person's code that opens the door": (
        "UPDATE ticket SET revoked_at = NULL WHERE id = (SELECT min(t.id) FROM ticket t JOIN registration r"
        " ON r.id = t.registration_id WHERE r.state = 'cancelled')",
        ["ticket.dead"],
    ),
    "an invitation used too often": (
        "UPDATE invitation SET uses = max_uses + 1 WHERE code = (SELECT min(code) FROM invitation)", ["invitation.uses"],
    ),
    "a registration past the deadline that nobody invited": (
        "UPDATE registration SET invitation_id = NULL WHERE passed_deadline", ["registration.passed"],
    ),
    "a mail on its way for ever": (
        "UPDATE mail SET state = 'sending', due_at = created_at WHERE id = 1", ["mail.lease"],
    ),
    "a mail sent at no time": ("UPDATE mail SET sent_at = NULL WHERE id = 1", ["mail.sent"]),
    "a registration whose mails were deleted": (
        "DELETE FROM mail WHERE about_ref = (SELECT min(about_ref) FROM mail WHERE kind = 'registration/confirmed')",
        ["registration.mail"],
    ),
    "a dead code that was let in": (
        "UPDATE scan SET verdict = 'ok' WHERE verdict = 'refused'", ["scan.verdict"],
    ),
    "a deadline moved behind the clock's back": (
        "UPDATE event SET closes_local = '2022-10-05T00:00:00'", ["time.local"],
    ),
    "a line of the record that was changed": (
        "UPDATE audit_line SET actor = 'somebody:else' WHERE chain = 1 AND seq = 40", ["audit.chain"],
    ),
    "a line of the record that was deleted": (
        "UPDATE audit_line SET seq = 100000 WHERE chain = 1 AND seq = 40", ["audit.chain"],
    ),
    "a proposal without the version that was sent": (
        "UPDATE proposal SET version = version + 1 WHERE number = 1", ["proposal.sent"],
    ),
    "a proposal with a lead of its own": (
        "UPDATE proposal SET lead_id = (SELECT min(id) FROM person) WHERE number = 1", ["proposal.lead"],
    ),
    "a part that was changed without an edit": (
        "UPDATE proposal_part SET revision = revision + 1 WHERE id = 1", ["proposal.edit"],
    ),
    "a registration from the future": (
        "UPDATE registration SET registered_at = '2031-01-01 00:00:00+00' WHERE id = 1", ["time.future"],
    ),
}  # fmt: skip


def test_the_demo_is_sound(demo: Flask) -> None:
    assert invariants.findings(clock.now()) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_named(found: Callable[[str], list[str]], fault: str) -> None:
    statement, names = FAULTS[fault]

    assert found(statement) == names


def test_a_free_place_while_somebody_waits_is_found_before_the_meeting(demo: Flask, found: Callable[[str], list[str]]) -> None:
    before_the_meeting = "UPDATE event SET first_day = '2032-11-01', last_day = '2032-11-03'"
    assert found(before_the_meeting) == []

    db.session.execute(text("UPDATE pool SET \"limit\" = NULL WHERE kind = 'category'"))

    assert [finding.name for finding in invariants.findings(clock.now())] == ["waiting.free_place"]


def test_a_row_that_refers_to_nothing_is_found(demo: Flask, found: Callable[[str], list[str]]) -> None:
    if not is_sqlite():
        pytest.skip("PostgreSQL never lets such a row be")

    assert found("UPDATE track SET event_id = 99 WHERE id = 1") == ["orphan"]


def test_check_says_what_is_broken_and_ends_with_1(demo: Flask, eventreg: Run) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE pool SET taken = taken + 1 WHERE kind = 'event'"))
    try:
        told, as_json = eventreg("check"), eventreg("check", "--json")
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE pool SET taken = taken - 1 WHERE kind = 'event'"))

    assert (told.status, told.out) == (1, "")
    first, last = told.err.splitlines()
    assert first.startswith("pool.taken: a limit's count is not the number of those who hold a place: event  of event 1: ")
    assert last == "1 findings"
    assert [finding["name"] for finding in json.loads(as_json.out)] == ["pool.taken"]


def test_verify_names_the_first_changed_line_and_ends_with_1(demo: Flask, eventreg: Run) -> None:
    with db.engine.begin() as connection:
        before = connection.execute(text("SELECT action FROM audit_line WHERE chain = 1 AND seq = 7")).scalar_one()
        connection.execute(text("UPDATE audit_line SET action = 'nothing.happened' WHERE chain = 1 AND seq = 7"))
    try:
        told = eventreg("audit", "verify")
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE audit_line SET action = :a WHERE chain = 1 AND seq = 7"), {"a": before})

    assert (told.status, told.err) == (1, "ogp-2022: line 7 was changed\n")
    assert eventreg("audit", "verify").status == 0
