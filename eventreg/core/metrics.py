"""How many, how fast, how old? Figures for Prometheus at /metrics, when switched on by EVENTREG_METRICS_TOKEN.

Requests are counted in a piece of memory that all processes of this machine share, because each is a child of the one that
imported this module; everything else is read from the database when asked. There is nothing about a person in it.
"""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Iterable, Iterator
from hmac import compare_digest
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, request
from sqlalchemy import func, select

from eventreg.core import clock
from eventreg.core.capacity import Pool
from eventreg.core.db import db
from eventreg.core.jobs import Job
from eventreg.core.outbox import Mail, oldest_waiting

STATUSES = (200, 204, 302, 303, 304, 400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503, 0)  # 0: any other
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
BACKUP_MARK = "backup.last"  # a file in the instance folder, as old as the newest backup

_ROUTES = 400
_PROCESSES = 64  # parts of the memory; each process writes to its own, so that none waits for another
_WIDTH = len(STATUSES) + len(BUCKETS) + 2  # … and the sum of seconds, and how many
_shared = memoryview(mmap.mmap(-1, _PROCESSES * _ROUTES * _WIDTH * 8)).cast("d")
_lock = threading.Lock()

bp = Blueprint("metrics", __name__)


def init_app(app: Flask) -> None:
    """Answer at /metrics; call it when all views are known."""
    app.register_blueprint(bp)


def count(endpoint: str | None, status: int, seconds: float) -> None:
    """One request more. Addresses that do not exist count together."""
    row = _rows().get(endpoint or "", 0)
    at = ((os.getpid() % _PROCESSES) * _ROUTES + row) * _WIDTH
    column = STATUSES.index(status) if status in STATUSES else len(STATUSES) - 1
    with _lock:
        _shared[at + column] += 1
        at += len(STATUSES)
        for number, bound in enumerate(BUCKETS):
            _shared[at + number] += seconds <= bound
        _shared[at + len(BUCKETS)] += seconds
        _shared[at + len(BUCKETS) + 1] += 1


def _rows() -> dict[str, int]:
    """Which row of the memory is which view's; the same in every process, as all run the same code."""
    rows: dict[str, int] | None = current_app.extensions.get("eventreg.metrics")
    if rows is None:
        names = sorted(current_app.view_functions)[: _ROUTES - 1]
        rows = current_app.extensions["eventreg.metrics"] = {name: number for number, name in enumerate(names, 1)}
    return rows


@bp.get("/metrics")
def figures() -> Response:
    """Prometheus text, for who has the token; where none is set there is no such page."""
    token = current_app.extensions["eventreg.settings"].metrics_token
    if not token:
        abort(404)
    if not compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        refused = Response("A bearer token is needed.\n", 401, mimetype="text/plain")
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused
    lines = [*_requests(), *_mail(), *_jobs(), *_pools(), *_backup()]
    answer = Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _head(name: str, kind: str, words: str) -> list[str]:
    return [f"# HELP eventreg_{name} {words}", f"# TYPE eventreg_{name} {kind}"]


def _line(name: str, value: float, **labels: object) -> str:
    told = ",".join(f'{key}="{_escaped(str(text))}"' for key, text in labels.items())
    return f"eventreg_{name}{{{told}}} {value:g}" if told else f"eventreg_{name} {value:g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _requests() -> Iterator[str]:
    rules = {rule.endpoint: rule.rule for rule in current_app.url_map.iter_rules()}
    counted = {name: _summed(row) for name, row in {"": 0, **_rows()}.items()}
    used = [(rules.get(name, ""), figures) for name, figures in counted.items() if figures[-1]]
    yield from _head("requests_total", "counter", "Answered requests.")
    for route, figures in used:
        for status, number in zip(STATUSES, figures[: len(STATUSES)], strict=True):
            if number:
                yield _line("requests_total", number, route=route, status=status or "other")
    yield from _head("request_seconds", "histogram", "How long answers took.")
    for route, figures in used:
        for bound, number in zip(BUCKETS, figures[len(STATUSES) :], strict=False):
            yield _line("request_seconds_bucket", number, route=route, le=bound)
        yield _line("request_seconds_bucket", figures[-1], route=route, le="+Inf")
        yield _line("request_seconds_sum", figures[-2], route=route)
        yield _line("request_seconds_count", figures[-1], route=route)


def _summed(row: int) -> list[float]:
    """One view's figures over all processes."""
    starts = [(process * _ROUTES + row) * _WIDTH for process in range(_PROCESSES)]
    return [sum(_shared[start + column] for start in starts) for column in range(_WIDTH)]


def _mail() -> Iterator[str]:
    by_state = {row[0]: row[1] for row in db.session.execute(select(Mail.state, func.count()).group_by(Mail.state))}
    yield from _head("mails", "gauge", "Mails by state.")
    for state in ("waiting", "sending", "sent", "failed"):
        yield _line("mails", by_state.get(state, 0), state=state)
    oldest = oldest_waiting()
    age = 0.0 if oldest is None else max(0.0, (clock.now() - oldest).total_seconds())
    yield from _head("oldest_mail_seconds", "gauge", "Since when the oldest undelivered mail is due.")
    yield _line("oldest_mail_seconds", age)


def _jobs() -> Iterator[str]:
    by_state = {row[0]: row[1] for row in db.session.execute(select(Job.state, func.count()).group_by(Job.state))}
    yield from _head("jobs", "gauge", "Long works by state.")
    for state in ("queued", "running", "done", "failed", "cancelled"):
        yield _line("jobs", by_state.get(state, 0), state=state)


def _pools() -> Iterable[str]:
    yield from _head("pool_taken", "gauge", "Places taken.")
    pools = db.session.scalars(select(Pool).order_by(Pool.event_id, Pool.kind, Pool.key)).all()
    for pool in pools:
        yield _line("pool_taken", pool.taken, event=pool.event_id, kind=pool.kind, key=pool.key)
    yield from _head("pool_limit", "gauge", "Places there are, where there is a limit.")
    for pool in pools:
        if pool.limit is not None:
            yield _line("pool_limit", pool.limit, event=pool.event_id, kind=pool.kind, key=pool.key)


def _backup() -> Iterable[str]:
    """Absent where `eventreg backup` was never run: an alarm on absence finds that."""
    mark = Path(current_app.config["INSTANCE"]) / BACKUP_MARK
    yield from _head("last_backup_timestamp_seconds", "gauge", "When the newest backup was made.")
    if mark.exists():
        yield f"eventreg_last_backup_timestamp_seconds {mark.stat().st_mtime:.0f}"
