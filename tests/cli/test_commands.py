"""The other commands as a script uses them: exit status, one line on stderr, whole files or none."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select, text
from werkzeug.datastructures import FileStorage

from eventreg.cli import backup
from eventreg.cli.commands import COMMANDS, parser
from eventreg.core import files, outbox
from eventreg.core.audit import AuditLine
from eventreg.core.config import Settings
from eventreg.core.db import db, transaction
from eventreg.core.outbox import Mail
from eventreg.events.models import Event
from eventreg.people.models import Grant, Person
from eventreg.proposals.models import Proposal
from eventreg.registration.models import Registration
from tests.cli.conftest import Place, Run, placed
from tests.support import absent, postgres

Opened = Callable[[], Flask]
INIT = (
    "init", "forum-2027", "--name", "Forum", "--city", "Rabat", "--first-day", "2027-05-04", "--last-day", "2027-05-06",
    "--opens", "2027-01-10", "--closes", "2027-04-15", "--organiser", "you@example.org",
)  # fmt: skip


@pytest.fixture
def demo(sqlite_place: Place, eventreg: Run) -> Place:
    """A small demo on the embedded database."""
    assert eventreg("demo", "--participants", "20", "--proposals", "12", "--no-serve").status == 0
    return sqlite_place


# ---- help and mistakes -----------------------------------------------------------------------------------------------

NAMES = [
    "demo",
    "init",
    "grant",
    "serve",
    "worker",
    "check",
    "import",
    "solve",
    "solve assignment",
    "solve calibration",
    "solve agreement",
    "audit verify",
    "backup",
    "restore",
    "badges",
    "export",
    "db upgrade",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_with_an_example(eventreg: Run, name: str) -> None:
    told = eventreg(*name.split(), "--help")

    assert told.status == 0
    assert f"\n  eventreg {name}" in told.out.partition("\nexample")[2]


def test_no_command_is_missing_in_the_list_above() -> None:
    top = next(action for action in parser()._actions if action.choices)

    assert sorted(top.choices) == sorted({name.split()[0] for name in NAMES})
    assert len(COMMANDS) == 10


def test_an_unknown_setting_is_one_line_that_names_it(place: Place, eventreg: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTREG_COLOUR", "blue")

    told = eventreg("check")

    assert told.status == 2
    assert told.err.startswith("EVENTREG_COLOUR is not a setting of eventreg; known are: ")
    assert told.err.count("\n") == 1


def test_an_empty_installation_is_told_how_to_begin(place: Place, eventreg: Run) -> None:
    told = eventreg("check")

    assert (told.status, told.out) == (2, "")
    assert told.err == ("This database is empty. Begin with: eventreg init EVENT-SLUG, or look around with: eventreg demo\n")


def test_a_database_that_cannot_be_reached_is_one_line(sqlite_place: Place, eventreg: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTREG_DATABASE_URL", "postgresql://127.0.0.1:1/nowhere")

    told = eventreg("check")

    assert told.status == 2
    assert told.err.startswith("The database refused: ")
    assert told.err.count("\n") == 1


def test_upgrade_says_where_the_tables_are(place: Place, eventreg: Run) -> None:
    assert eventreg("db", "upgrade").out == eventreg("db", "upgrade").out != ""
    assert eventreg("check").out.endswith(" invariants hold\n")


def test_tables_of_a_newer_version_are_left_alone_with_one_line(place: Place, eventreg: Run, opened: Opened) -> None:
    eventreg("db", "upgrade")
    opened()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_of_the_future'"))

    told = eventreg("db", "upgrade")

    assert told.status == 2
    assert told.err.startswith("The tables were made by another version of eventreg: ")
    assert told.err.count("\n") == 1


# ---- init ------------------------------------------------------------------------------------------------------------


def test_init_makes_the_event_and_an_organiser_who_gets_in_once(place: Place, eventreg: Run, opened: Opened) -> None:
    told = eventreg(*INIT)

    assert told.status == 0
    app = opened()
    app.config["WTF_CSRF_ENABLED"] = False
    event = db.session.scalars(select(Event)).one()
    assert (event.slug, event.closes_at.isoformat()) == ("forum-2027", "2027-04-15T23:00:00+00:00")
    roles = select(Grant.role, Grant.event_id).join(Person, Person.id == Grant.person_id)
    assert {tuple(row) for row in db.session.execute(roles)} == {("OR", event.id), ("AD", None)}
    link = told.out.splitlines()[-1].removeprefix("http://127.0.0.1:8000")
    assert [app.test_client().post(link).status_code for _ in range(2)] == [303, 410]


def test_init_on_an_installation_with_data_changes_nothing(place: Place, eventreg: Run, opened: Opened) -> None:
    eventreg(*INIT)

    told = eventreg("init", "other-2028", *INIT[2:])

    assert told.status == 2
    assert told.err == "This installation already has data; init is for an empty one. Nothing was changed.\n"
    opened()
    assert list(db.session.scalars(select(Event.slug))) == ["forum-2027"]


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--closes", "2027-13-40", "There is no such day"),
        ("--closes", "2026-01-01", "The deadline must come after the opening."),
        ("--organiser", "nobody", "@"),
        ("--zone", "Mars/Olympus", "'Mars/Olympus' is no time zone such as Africa/Casablanca"),
        ("--country", "Morocco", "'Morocco' is no country"),
        ("--first-day", "soon", "'soon' is no day such as 2027-05-04"),
    ],
)
def test_init_refuses_what_cannot_be_and_makes_nothing(
    sqlite_place: Place, eventreg: Run, opened: Opened, option: str, value: str, words: str
) -> None:
    told = eventreg(*INIT, option, value)

    assert told.status == 2
    assert words in told.err
    assert told.err.count("\n") == 1
    assert eventreg("db", "upgrade").status == 0
    opened()
    assert list(db.session.scalars(select(Event.slug))) == []


def test_init_asks_for_nothing_where_nobody_can_answer(sqlite_place: Place, eventreg: Run) -> None:
    told = eventreg("init", "forum-2027")

    assert (told.status, told.err) == (2, "--name is missing, and there is nobody to ask: Name of the event?\n")


# ---- files -----------------------------------------------------------------------------------------------------------


def test_badges_are_printed_once_and_only_new_ones_after_that(demo: Place, eventreg: Run, tmp_path: Path) -> None:
    file = tmp_path / "badges.pdf"

    told = eventreg("badges", "ogp-2022", "--layout", "a4x8", "-o", str(file))

    assert (told.status, told.out) == (0, f"28 badges, batch 1: {file}\n")
    assert len(pypdfium2.PdfDocument(file)) == 4
    again = eventreg("badges", "ogp-2022", "--new", "-o", str(tmp_path / "new.pdf"))
    assert again.status == 2
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["badges.pdf"]


def test_an_event_that_is_not_there_is_answered_with_those_that_are(demo: Place, eventreg: Run, tmp_path: Path) -> None:
    told = eventreg("badges", "ogp-2023", "-o", str(tmp_path / "badges.pdf"))

    assert (told.status, told.err) == (2, "There is no event 'ogp-2023' here. Known: ogp-2022\n")


def test_participants_are_the_same_in_all_three_kinds_of_file(demo: Place, eventreg: Run, opened: Opened, tmp_path: Path) -> None:
    for kind in ("csv", "xlsx", "json"):
        assert eventreg("export", "ogp-2022", "participants", "-o", str(tmp_path / f"people.{kind}")).status == 0

    with (tmp_path / "people.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    sheet = load_workbook(tmp_path / "people.xlsx").active
    assert sheet is not None
    codes = [row["code"] for row in json.loads((tmp_path / "people.json").read_text("utf-8"))]
    assert [row["code"] for row in rows] == codes
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == codes
    opened()
    assert sorted(db.session.scalars(select(Registration.code))) == sorted(codes)
    lines = select(AuditLine.actor).where(AuditLine.action == "participants.exported")
    assert list(db.session.scalars(lines)) == ["operator"] * 3


def test_proposals_leave_with_the_columns_of_the_page(demo: Place, eventreg: Run, opened: Opened, tmp_path: Path) -> None:
    told = eventreg("export", "ogp-2022", "proposals", "-o", str(tmp_path / "proposals.json"))

    rows = json.loads((tmp_path / "proposals.json").read_text("utf-8"))
    opened()
    assert told.out.startswith(f"{len(rows)} rows") and len(rows) == db.session.scalar(select(func.count(Proposal.id)))
    assert {"code", "number", "title_ar", "lead_email", "lead_sector", "co_organiser_emails"} <= rows[0].keys()
    lines = select(AuditLine.actor).where(AuditLine.action == "proposals.exported")
    assert list(db.session.scalars(lines)) == ["operator"]


def test_an_export_of_an_unknown_kind_writes_nothing(demo: Place, eventreg: Run, tmp_path: Path) -> None:
    told = eventreg("export", "ogp-2022", "participants", "-o", str(tmp_path / "people.ods"))

    assert (told.status, told.err) == (2, "people.ods: the name must end in .csv, .xlsx or .json\n")
    assert not (tmp_path / "people.ods").exists()


# ---- backup ----------------------------------------------------------------------------------------------------------


def test_a_backup_brings_everything_back_into_an_empty_installation(
    demo: Place, eventreg: Run, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "monday.zip"
    opened()
    kept = files.store(None, FileStorage(io.BytesIO(b"words"), "a.txt"), purpose="answer", about=("draft", "D-1"))
    assert eventreg("backup", str(file)).status == 0
    chain = eventreg("audit", "verify").out
    monkeypatch.setenv("EVENTREG_INSTANCE", str(tmp_path / "other"))

    told = eventreg("restore", str(file))

    assert told.status == 0
    assert eventreg("audit", "verify").out == chain
    assert eventreg("check").status == 0
    assert (tmp_path / "other" / "uploads" / kept.code).read_bytes() == b"words"
    assert (tmp_path / "other" / "secret.key").read_text() == (demo.folder / "secret.key").read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_restore_refuses_a_database_that_is_not_empty(demo: Place, eventreg: Run, tmp_path: Path) -> None:
    eventreg("backup", str(tmp_path / "monday.zip"))

    told = eventreg("restore", str(tmp_path / "monday.zip"))

    assert told.status == 2
    assert told.err.startswith("This database is not empty")


def test_a_damaged_backup_is_refused_before_anything_is_written(
    demo: Place, eventreg: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eventreg("backup", str(tmp_path / "monday.zip"))
    with zipfile.ZipFile(tmp_path / "monday.zip") as whole, zipfile.ZipFile(tmp_path / "damaged.zip", "w") as damaged:
        for name in whole.namelist():
            data = whole.read(name)
            damaged.writestr(name, data[:-100] if name.endswith(".sqlite") else data)
    monkeypatch.setenv("EVENTREG_INSTANCE", str(tmp_path / "other"))

    told = eventreg("restore", str(tmp_path / "damaged.zip"))

    assert told.status == 2
    assert "is damaged" in told.err
    assert eventreg("check").err.startswith("This database is empty.")


def test_a_backup_of_postgresql_comes_back_into_an_empty_database(
    tmp_path: Path, eventreg: Run, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not postgres.ensure_started():
        absent.without(postgres.why_missing())
    monkeypatch.setenv("PATH", f"{postgres.client_programs()}:{os.environ['PATH']}")
    with postgres.own_database("eventreg_backup_a") as old, postgres.own_database("eventreg_backup_b") as new:
        placed(tmp_path / "a", old, monkeypatch)
        assert eventreg("demo", "--participants", "20", "--proposals", "12", "--no-serve").status == 0
        chain = eventreg("audit", "verify").out
        told = eventreg("backup", str(tmp_path / "monday.zip"))
        assert (told.status, told.err) == (0, "")
        assert eventreg("restore", str(tmp_path / "monday.zip")).err.startswith("This database is not empty")
        placed(tmp_path / "b", new, monkeypatch)

        told = eventreg("restore", str(tmp_path / "monday.zip"))

        assert told.status == 0, told.err
        assert eventreg("audit", "verify").out == chain
        assert eventreg("check").status == 0
        placed(tmp_path / "c", "", monkeypatch)
        assert "the other kind of database" in eventreg("restore", str(tmp_path / "monday.zip")).err


def test_mails_that_waited_in_a_backup_are_held_and_not_sent_again(
    demo: Place, eventreg: Run, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened()
    with transaction():
        context = {"url": "http://localhost/", "minutes": 15}
        outbox.queue("people/sign_in", to="a@example.org", lang="en", about=("person", "P-1"), event_id=None, context=context)
    eventreg("backup", str(tmp_path / "monday.zip"))
    monkeypatch.setenv("EVENTREG_INSTANCE", str(tmp_path / "other"))

    told = eventreg("restore", str(tmp_path / "monday.zip"))

    assert told.err.endswith(" mails that were waiting are held; send again those that are still needed\n")
    opened()
    [mail] = db.session.scalars(select(Mail).where(Mail.kind == "people/sign_in"))
    assert (mail.state, mail.last_answer.partition(":")[0]) == ("failed", "held")
    assert outbox.deliver_next({}) is False


def test_postgresqls_programs_get_the_password_where_nobody_else_reads_it(
    sqlite_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "pg_dump"
    tool.write_text(f'#!/bin/sh\necho "$PGPASSWORD" "$@" > {tmp_path}/told\n')
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    backup._save(Settings(database_url="postgresql://eventreg:se%40cret@db.example.org/eventreg"), tmp_path / "copy")

    password, _blank, arguments = (tmp_path / "told").read_text().partition(" ")
    assert password == "se@cret"
    assert "cret" not in arguments and "***" not in arguments
    assert "--dbname=postgresql://eventreg@db.example.org/eventreg" in arguments


def test_without_postgresqls_programs_a_backup_says_what_to_install(
    place: Place, eventreg: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eventreg("db", "upgrade")
    monkeypatch.setenv("PATH", str(tmp_path))

    told = eventreg("backup", str(tmp_path / "monday.zip"))

    if "EVENTREG_DATABASE_URL" in place.environ:
        assert (told.status, told.err.partition(" ")[0]) == (2, "pg_dump")
        assert not (tmp_path / "monday.zip").exists()
    else:
        assert told.status == 0

