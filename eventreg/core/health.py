"""Is this process alive, and can it serve? Two addresses for what watches the installation; strangers learn no more."""

from __future__ import annotations

import logging
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from eventreg.core import access, clock, outbox
from eventreg.core.db import db

log = logging.getLogger("eventreg.health")

MAIL_LATE = 15 * 60  # seconds that a mail may wait before somebody should look; pages can be served all the same

LEAST_FREE = 200 * 1024 * 1024  # bytes …
LEAST_SHARE = 0.02  # … and of the whole disk, below which no more is taken in

bp = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Answer at /healthz and /readyz."""
    app.register_blueprint(bp)


@bp.get("/healthz")
def alive() -> Response:
    """The process answers; the database is not asked."""
    return _uncached({"status": "ok"})


@bp.get("/readyz")
def ready() -> Response:
    """200 when pages can be served, else 503. `checks` says ok, failed or late; numbers are for administrators only."""
    checks = {"database": _database(), "migrations": "failed", "mail": "failed", "disk": _disk()}
    answer: dict[str, Any] = {"checks": checks}
    if checks["database"] == "ok":
        checks["migrations"] = _migrations()
    if checks["migrations"] == "ok":
        age = _oldest_mail()
        checks["mail"] = "ok" if age < MAIL_LATE else "late"
        if access.allows("system.health"):
            answer["oldest_mail_seconds"] = age
    is_ready = "failed" not in checks.values()
    response = _uncached({"status": "ok" if is_ready else "failed", **answer})
    response.status_code = 200 if is_ready else 503
    return response


def _uncached(answer: dict[str, Any]) -> Response:
    response = jsonify(answer)
    response.headers["Cache-Control"] = "no-store"
    return response


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        log.exception("the database does not answer")
        return "failed"
    return "ok"


def _disk() -> str:
    """Whether there is room for what people send: a full disk refuses everybody."""
    room = shutil.disk_usage(current_app.config["INSTANCE"])
    return "ok" if room.free > LEAST_FREE and room.free > room.total * LEAST_SHARE else "failed"


def _oldest_mail() -> int:
    """Seconds since when the oldest undelivered mail is due; 0 when all are out."""
    oldest = outbox.oldest_waiting()
    return 0 if oldest is None else max(0, int((clock.now() - oldest).total_seconds()))


def _migrations() -> str:
    """Whether the tables are those of this version. Tests make their tables without migrations."""
    found = set(MigrationContext.configure(db.session.connection()).get_current_heads())
    if not found and current_app.testing:
        return "ok"
    return "ok" if found == _heads(current_app.extensions["migrate"].directory) else "failed"


@lru_cache(maxsize=1)
def _heads(directory: str) -> set[str]:
    """The newest migrations that this version brings; none where the folder is missing."""
    return set(ScriptDirectory(directory).get_heads()) if Path(directory).is_dir() else set()
