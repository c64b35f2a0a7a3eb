"""Pages and worker as an operator runs them: they start, outlive a kill -9, stop when told, and lose no mail."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from flask import Flask
from sqlalchemy import func, select

from eventreg.core import outbox
from eventreg.core.clock import now
from eventreg.core.db import db, transaction
from eventreg.core.outbox import Mail
from tests.cli.conftest import Place, Run
from tests.support.smtp import Sink, free_port, running_sink

ROOT = Path(__file__).resolve().parents[2]
MAILS = 40


@contextmanager
def _running(environ: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "eventreg", *arguments]
    process = subprocess.Popen(
        command, env=environ, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=40)


def _status(address: str) -> int:
    try:
        with urlopen(address, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def _wait_for(is_so: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_serve_makes_its_tables_answers_and_ends_when_told(sqlite_place: Place) -> None:
    port = free_port()
    with _running(sqlite_place.environ, "serve", "--port", str(port), "--workers", "1") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"eventreg answers at http://127.0.0.1:{port}/ (Ctrl-C stops it)\n"
        assert _status(f"http://127.0.0.1:{port}/healthz") == 200
        assert _status(f"http://127.0.0.1:{port}/en/no-such-event/") == 404
        children = _children(process.pid)
        assert len(children) == 2

        process.terminate()

        assert process.wait(timeout=40) == 0
        assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def test_a_port_that_is_taken_is_one_line_and_nothing_is_begun(sqlite_place: Place, eventreg: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        told = eventreg("serve", "--port", str(port))

    assert told.status == 2
    assert told.err == f"Port {port} cannot be used (Address already in use). Choose another: --port {port + 1}\n"
    assert not (sqlite_place.folder / "eventreg.sqlite").exists()


def test_serve_starts_the_worker_again_when_it_is_killed(sqlite_place: Place) -> None:
    with _running(sqlite_place.environ, "serve", "--port", str(free_port()), "--workers", "1") as process:
        assert process.stdout is not None
        process.stdout.readline()
        web, killed = _children(process.pid)

        os.kill(killed, signal.SIGKILL)

        _wait_for(lambda: len(_children(process.pid)) == 2 and killed not in _children(process.pid))
        assert web in _children(process.pid)


def test_a_worker_killed_among_its_mails_loses_none(place: Place, eventreg: Run, opened: Callable[[], Flask]) -> None:
    assert eventreg("db", "upgrade").status == 0
    opened()
    with running_sink() as sink:
        environ = place.environ | {"EVENTREG_MAIL_SERVER": sink.host, "EVENTREG_MAIL_PORT": str(sink.port)}
        _queue_mails()
        dies_after_sending = environ | {"EVENTREG_FAULTS": "kill:after_smtp"}
        with _running(dies_after_sending, "worker") as process:
            assert process.wait(timeout=60) == -signal.SIGKILL
        with _running(environ, "worker") as process:
            _wait_for(lambda: len(sink.messages) >= MAILS // 2)
            process.kill()
        _forget_leases()

        with _running(environ, "worker"):
            _wait_for(lambda: _sent() == MAILS)

        _each_once_but_for_a_duplicate_per_crash(sink)


def _queue_mails() -> None:
    with transaction() as at:
        for number in range(MAILS):
            db.session.add(
                Mail(
                    event_id=None, kind="test/mail", cause=f"mail {number}", about_kind="test", about_ref=str(number),
                    to_address=f"person{number}@example.org", lang="en", subject=f"Mail {number}", text="…",
                    html="<p>…</p>", attachments=[], message_id=f"<mail{number}@example.org>", created_at=at, due_at=at,
                )
            )  # fmt: skip


def _forget_leases() -> None:
    """What five minutes do: a mail that a dead worker had taken may be taken again."""
    with transaction():
        for mail in db.session.scalars(select(Mail).where(Mail.state == "sending")):
            assert mail.due_at > now() and mail.due_at <= now() + outbox.LEASE
            mail.due_at = now()


def _sent() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Mail.state == "sent")) or 0


def _each_once_but_for_a_duplicate_per_crash(sink: Sink) -> None:
    arrived = Counter(str(message["Message-ID"]) for message in sink.messages)
    assert set(arrived) == {f"<mail{number}@example.org>" for number in range(MAILS)}
    assert sum(arrived.values()) - MAILS in {1, 2}  # killed twice
