"""What is written down for the operator? One line of JSON for each request and each fault, and no word about a person.

A request is told by its route (never its address: personal links and searches are in it), its outcome and the viewer's roles.
Messages and traces are masked: what stands in quotes, addresses, numbers and secrets may have been typed by somebody.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from eventreg.core import clock, metrics

log = logging.getLogger("eventreg.request")

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_MASKS = (
    (re.compile(r"\bDETAIL:.*", re.S), "DETAIL: …"),  # PostgreSQL repeats the row
    (re.compile(r"\[(?:parameters|SQL):.*", re.S), ""),
    (re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|«[^»]*»", re.S), "'…'"),
    (re.compile(r"\S+@\S+"), "…@…"),
    (re.compile(r"(?<=[\w/])\?\S*"), "?…"),
    (re.compile(r"/(?:i|sign-in|pair)/[^\s/]+"), "/…"),
    (re.compile(r"\b(?=\w*\d)[\w-]{16,}\b"), "…"),
    (re.compile(r"\+?\d[\d ().-]{6,}\d"), "…"),
    (re.compile(r"[^\x00-\x7f…]+"), "…"),
)


class JsonLine(logging.Formatter):
    """A record as one line: time, level, logger, message, what the request adds, and the trace of a fault."""

    def format(self, record: logging.LogRecord) -> str:
        """Line breaks and all that is not ASCII are escaped: nobody writes a line of their own into the log."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        if has_request_context():
            line["request"] = request_id()
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = _trace(record.exc_info[1])
        return json.dumps(line, default=str)


def masked(words: str) -> str:
    """The words without what somebody may have typed."""
    for pattern, instead in _MASKS:
        words = pattern.sub(instead, words)
    return words[:2000]


def _trace(error: BaseException) -> list[str]:
    """Where it happened, oldest call first, and what; causes before effects. Values of variables are never in it."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = _trace(earlier) if earlier is not None and earlier is not error else []
    lines += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    return [*lines, f"{type(error).__name__}: {masked(str(error))}"]


def configure() -> None:
    """Send everything as JSON lines to standard error: for `serve` and `worker`, whose output systemd or a file keeps."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("eventreg").setLevel(logging.INFO)
    logging.captureWarnings(True)


def init_app(app: Flask) -> None:
    """Tell every request at its end."""
    app.before_request(_begin)
    app.after_request(_tell)


def request_id() -> str:
    """The number of this request: an error page shows it, the log has it."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(4).upper()
    found: str = g.request_id
    return found


def _begin() -> None:
    g.began = clock.monotonic()


def _tell(response: Response) -> Response:
    seconds = clock.monotonic() - g.get("began", clock.monotonic())
    route = request.url_rule.rule if request.url_rule else ""
    metrics.count(request.endpoint, response.status_code, seconds)
    event = g.get("event")
    facts = {
        "method": request.method if request.method in _METHODS else "?",
        "route": route,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "event": event.slug if event is not None else "",
        "roles": sorted(g.get("roles", ())),
    }
    log.info("request", extra={"request": request_id(), **facts})
    return response


_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
