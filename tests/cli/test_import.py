"""`eventreg import` as a script uses it: exit status, report, nothing half done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventreg.core.db import db
from eventreg.imports.models import ImportBatch
from eventreg.registration.models import Registration
from tests.cli.conftest import Place, Run
from tests.cli.test_commands import INIT

HEAD = "name_latin,email,country,category\n"


@pytest.fixture
def forum(place: Place, eventreg: Run) -> Place:
    assert eventreg(*INIT).status == 0
    return place


def a_file(folder: Path, *lines: str, head: str = HEAD, encoding: str = "utf-8") -> str:
    path = folder / "people.csv"
    path.write_bytes((head + "".join(line + "\n" for line in lines)).encode(encoding))
    return str(path)


def reported(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text("utf-8")))


def count() -> int:
    return db.session.scalar(select(func.count(Registration.id))) or 0


def test_good_files_end_with_0_and_a_report(
    forum: Place, eventreg: Run, tmp_path: Path, opened: Callable[[], Flask]
) -> None:
    file, report = a_file(tmp_path, "Amina,a@example.org,MA,gov", "Aya,,TN,guest"), tmp_path / "report.json"

    dry = eventreg("import", "forum-2027", "participants", file, "--dry-run", "--report", str(report))
    assert (dry.status, reported(report)["new"]) == (0, 2)
    done = eventreg("import", "forum-2027", "participants", file, "--report", str(report))

    assert (done.status, done.out) == (0, "imported: 2 rows, 2 new, 0 changed, 0 unchanged, 0 wrong\n")
    assert reported(report) == {
        "status": "imported", "rows": 2, "new": 2, "changed": 0, "unchanged": 0, "wrong": 0, "problems": [],
    }  # fmt: skip
    opened()
    assert count() == 2


def test_its_own_export_changes_nothing(forum: Place, eventreg: Run, tmp_path: Path) -> None:
    eventreg("import", "forum-2027", "participants", a_file(tmp_path, "=SUM(A1),a@example.org,MA,gov"))
    for kind in ("csv", "xlsx"):
        taken = str(tmp_path / f"taken.{kind}")
        assert eventreg("export", "forum-2027", "participants", "-o", taken).status == 0
        again = eventreg("import", "forum-2027", "participants", taken)
        assert (again.status, again.out) == (0, "imported: 1 rows, 0 new, 0 changed, 1 unchanged, 0 wrong\n")


def test_a_wrong_row_holds_everything_back_unless_the_good_ones_are_wished(
    forum: Place, eventreg: Run, tmp_path: Path, opened: Callable[[], Flask]
) -> None:
    file, report = a_file(tmp_path, "Amina,a@example.org,MA,gov", "Aya,x,Atlantis,gov"), tmp_path / "report.json"

    refused = eventreg("import", "forum-2027", "participants", file, "--report", str(report))
    assert (refused.status, reported(report)["status"]) == (2, "refused")
    assert "line 3: error: Country: “Atlantis”" in refused.err and "Traceback" not in refused.err
    assert [problem["line"] for problem in reported(report)["problems"]] == [3, 3]
    assert eventreg("import", "forum-2027", "participants", file, "--dry-run").status == 1
    partial = eventreg("import", "forum-2027", "participants", file, "--good-rows", "--report", str(report))

    assert (partial.status, reported(report)["status"], reported(report)["new"]) == (1, "partial", 1)
    opened()
    assert count() == 1


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"PK\x03\x04not really", b"name_latin,country\nSara,MA\n"])
def test_what_is_no_such_table_ends_with_2(forum: Place, eventreg: Run, tmp_path: Path, data: bytes) -> None:
    path, report = tmp_path / "x.csv", tmp_path / "report.json"
    path.write_bytes(data)

    ran = eventreg("import", "forum-2027", "participants", str(path), "--report", str(report))

    assert (ran.status, reported(report)["status"], reported(report)["problems"][0]["line"]) == (2, "refused", None)
    assert eventreg("import", "forum-2027", "participants", str(tmp_path / "absent.csv")).status == 2
    assert eventreg("import", "nowhere", "participants", str(path)).status == 2


def test_doubtful_letters_are_asked_for_and_never_guessed_into_the_database(
    forum: Place, eventreg: Run, tmp_path: Path, opened: Callable[[], Flask]
) -> None:
    file = a_file(tmp_path, "Gaël,,MA,gov", encoding="cp850")

    assert eventreg("import", "forum-2027", "participants", file).status == 2
    assert eventreg("import", "forum-2027", "participants", file, "--encoding", "cp850").status == 1
    opened()
    assert list(db.session.scalars(select(Registration.name_latin))) == ["Gaël"]


def test_killed_on_the_way_it_leaves_nothing(
    forum: Place, eventreg: Run, tmp_path: Path, opened: Callable[[], Flask]
) -> None:
    file = a_file(tmp_path, *(f"Person {n},p{n}@example.org,MA,gov" for n in range(3000)))
    command = [sys.executable, "-m", "eventreg", "import", "forum-2027", "participants", file]
    running = subprocess.Popen(command, env=forum.environ, stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    assert "of 3000 rows" in running.stderr.readline()
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    running.stderr.close()

    assert eventreg("check").status == 0
    opened()
    assert (count(), db.session.scalar(select(func.count(ImportBatch.id)))) == (0, 0)
