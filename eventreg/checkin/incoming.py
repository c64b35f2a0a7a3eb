"""What did the device send? A batch as JSON becomes scans; a bad one is named, the others of the batch go on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from eventreg.core import text

LARGEST_BATCH = 500
SOURCES = frozenset({"wedge", "camera", "typed", "search"})
LONGEST_NAME = 40  # of a door or a device
LONGEST_REASON = 200
# Outside these years a clock tells nothing: the error of one in the year 1 would fit no column.
YEARS = range(1970, 2070)


@dataclass(frozen=True)
class ScanIn:
    """One reading as the device tells it. Either `code` (what was read) or `registration_code` (chosen in the search).

    `reason` not empty: let this person in all the same. `at` None: now.
    """

    id: str
    at: datetime | None
    source: str
    code: str = ""
    registration_code: str = ""
    reason: str = ""


@dataclass(frozen=True)
class BadScan:
    """A part of the batch that is no scan; `id` as it came, to name it in the answer."""

    id: str


@dataclass(frozen=True)
class BatchIn:
    """What came in one request, in its order."""

    sent_at: datetime | None
    door: str
    scans: list[ScanIn | BadScan]


def read(payload: Any) -> BatchIn | None:
    """The batch of a JSON body; None when it is none or too large to be one."""
    if not isinstance(payload, Mapping) or not isinstance(payload.get("scans"), list):
        return None
    if len(payload["scans"]) > LARGEST_BATCH:
        return None
    scans = [_scan(one) for one in payload["scans"]]
    return BatchIn(_instant(payload.get("sent_at")), door_name(payload.get("door")), scans)


def door_name(typed: object) -> str:
    """The name of a door as it is kept: one line, not too long; '' for anything that is no text."""
    return text.clean_line(typed[: 4 * LONGEST_NAME])[:LONGEST_NAME] if isinstance(typed, str) else ""


def reason(typed: object) -> str:
    """A reason as it is kept."""
    return text.clean_line(typed[: 4 * LONGEST_REASON])[:LONGEST_REASON] if isinstance(typed, str) else ""


def scan_id(typed: object) -> str | None:
    """The UUID in its one spelling; None when it is none."""
    try:
        return str(uuid.UUID(typed)) if isinstance(typed, str) and len(typed) == 36 else None
    except ValueError:
        return None


def _scan(one: Any) -> ScanIn | BadScan:
    if not isinstance(one, Mapping):
        return BadScan("")
    told = one.get("id", one.get("uuid", ""))
    known, code, source = scan_id(told), one.get("code"), one.get("source", "typed")
    if known is None or not isinstance(code, str) or not isinstance(source, str) or source not in SOURCES:
        return BadScan(str(told)[:64].encode("utf-8", "replace").decode())  # half a surrogate pair could not be answered
    forced = reason(one.get("reason")) if one.get("force") is True else ""
    return ScanIn(known, _instant(one.get("at")), source, code=code, reason=forced)


def _instant(told: Any) -> datetime | None:
    """ISO 8601 with an offset in one of YEARS; anything else is no time, and the scan counts from its arrival."""
    if not isinstance(told, str) or len(told) > 40:
        return None
    try:
        moment = datetime.fromisoformat(told)
        return moment.astimezone(UTC) if moment.tzinfo and moment.year in YEARS else None
    except (ValueError, OverflowError):
        return None
