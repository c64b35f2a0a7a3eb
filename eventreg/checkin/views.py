"""The pages of the door: scan, search, take back, let in all the same. They work without a script, only slower."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask import abort, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from eventreg.checkin import answers, device_views, incoming, queries, rules, services
from eventreg.checkin import search as people
from eventreg.checkin.blueprint import bp, desk, keep_door, wants_json
from eventreg.checkin.incoming import BadScan, ScanIn
from eventreg.core import clock, i18n, qr, refusals, security
from eventreg.core.access import requires
from eventreg.core.refusals import Refusal, Refused
from eventreg.registration import labels

__all__ = ["bp", "device_views"]


@bp.get("/desk/scan")
@requires("door.scan")
def scan() -> ResponseReturnValue:
    """The coloured screen; `seen` is the scan to show on it, for browsers without a script."""
    security.needs_wasm()
    here, seen = desk(), incoming.scan_id(request.args.get("seen"))
    shown = queries.outcomes(g.event.id, [seen]).get(seen) if seen else None
    lines = queries.last(g.event.id, person_id=here.person_id, device_id=here.device_id)
    return render_template(
        "checkin/scan.html",
        desk=here,
        offset=_minutes_ahead_of_utc(),
        hour_pattern=_hour_pattern(),
        result=answers.answer(shown, desk=here) if shown else None,
        lines=[answers.line(one, desk=here) for one in lines],
        counts=answers.counts(queries.counts(g.event, clock.now()), here.door),
        verdicts=answers.VERDICTS,
        new_id=str(uuid.uuid4()),
        test_code=qr.svg(rules.TEST_CODE),
        seal=answers.seal,
    )


def _minutes_ahead_of_utc() -> int:
    """What the script adds to tell the event's hours: the browser's own tz data may be older or newer than ours."""
    ahead = i18n.local(clock.now()).utcoffset()
    return int(ahead.total_seconds()) // 60 if ahead is not None else 0


def _hour_pattern() -> str:
    """How the page writes an hour, for the script, which writes them, too: 'HH:mm'."""
    return i18n.hour(datetime(2000, 1, 1, 11, 22)).replace("11", "HH").replace("22", "mm")


@bp.post("/desk/scan")
@requires("door.scan")
def scan_typed() -> ResponseReturnValue:
    """A code typed, or read by a scanner into the field, without the script."""
    code = request.form.get("code", "")
    return _scanned(ScanIn(_own_id(), None, "typed", code=code))


def _own_id() -> str:
    """The id that the form brought, so that sending it twice is one scan; a new one where it brought none."""
    return incoming.scan_id(request.form.get("id")) or str(uuid.uuid4())


def _scanned(one: ScanIn) -> Response:
    services.sync(g.event.id, [one], desk=desk())
    return redirect(url_for("checkin.scan", seen=one.id), 303)


@bp.post("/desk/sync")
@requires("door.scan")
def sync() -> ResponseReturnValue:
    """A batch of scans from the page's script; the contract is at the head of static/js/behaviours/scan.js."""
    batch = incoming.read(request.get_json(silent=True))
    if batch is None:
        abort(400)
    here = desk(batch.door)
    good = [one for one in batch.scans if isinstance(one, ScanIn)]
    services.sync(g.event.id, good, desk=here, sent_at=batch.sent_at)
    found = queries.outcomes(g.event.id, [one.id for one in good])
    results = [
        answers.bad(one.id) if isinstance(one, BadScan) or one.id not in found
        else answers.answer(found[one.id], desk=here)
        for one in batch.scans
    ]  # fmt: skip
    now = clock.now()
    numbers = answers.counts(queries.counts(g.event, now), here.door)
    return jsonify(results=results, counts=numbers, at=now.isoformat())


@bp.get("/desk/counts")
@requires("door.scan")
def counts() -> ResponseReturnValue:
    """The numbers of today for behaviours/live-count.js."""
    return jsonify(counts=answers.counts(queries.counts(g.event, clock.now()), desk().door))


@bp.post("/desk/door")
@requires("door.scan")
def door() -> ResponseReturnValue:
    """The volunteer says where they stand."""
    chosen = incoming.door_name(request.form.get("door"))
    return keep_door(redirect(url_for("checkin.scan"), 303), chosen)


@bp.get("/desk/search")
@requires("door.scan")
def search() -> ResponseReturnValue:
    """Who has no code at hand, by name in any script."""
    typed = request.args.get("q", "")[: people.LONGEST]
    found = people.search(g.event.id, typed)
    rows = [{"who": one.registration, "tail": one.tail, "id": str(uuid.uuid4())} for one in found]
    return render_template(
        "checkin/search.html", q=typed, rows=rows, most=people.MOST, categories=labels.CATEGORY, states=labels.STATE,
    )  # fmt: skip


@bp.post("/desk/search")
@requires("door.scan")
def search_chosen() -> ResponseReturnValue:
    """The person who was tapped in the list comes in."""
    code = request.form.get("registration", "")[:40]
    if not code:
        abort(400)
    return _scanned(ScanIn(_own_id(), None, "search", registration_code=code))


@bp.post("/desk/force")
@requires("door.undo")
def force() -> ResponseReturnValue:
    """Let in all the same, with a reason, whom the screen shows."""
    scan_id, new_id = incoming.scan_id(request.form.get("scan")), _own_id()
    if scan_id is None:
        abort(404)
    here, reason = desk(), incoming.reason(request.form.get("reason"))
    try:
        services.force(g.event.id, scan_id, new_id=new_id, desk=here, reason=reason)
    except Refused as refused:
        return _ask_reason("checkin.force", scan_id, refused.refusal, reason=reason)
    return redirect(url_for("checkin.scan", seen=new_id), 303)


@bp.get("/desk/undo/<scan_id>")
@requires("door.undo")
def undo_late(scan_id: str) -> ResponseReturnValue:
    """Asks an organiser for the reason, five minutes after the entry."""
    return _ask_reason("checkin.undo", scan_id, None, reason="")


@bp.post("/desk/undo/<scan_id>")
@requires("door.undo")
def undo(scan_id: str) -> ResponseReturnValue:
    """Take an entry back."""
    known, reason = incoming.scan_id(scan_id), incoming.reason(request.form.get("reason"))
    if known is None:
        abort(404)
    try:
        taken_back = services.undo(g.event.id, known, desk=desk(), reason=reason)
    except Refused as refused:
        if wants_json():
            return jsonify(verdict=refusals.say(refused.refusal)), 409
        return _ask_reason("checkin.undo", known, refused.refusal, reason=reason)
    if wants_json():
        return jsonify(result="undone", verdict=answers.undone(taken_back.at))
    return redirect(url_for("checkin.scan"), 303)


def _ask_reason(endpoint: str, told_id: str, refusal: Refusal | None, *, reason: str) -> ResponseReturnValue:
    """The page with the one field for the reason; 422 when it comes again with what was wrong."""
    scan_id = incoming.scan_id(told_id)
    outcome = queries.outcomes(g.event.id, [scan_id]).get(scan_id) if scan_id else None
    if outcome is None:
        abort(404)
    page = render_template(
        "checkin/reason.html", endpoint=endpoint, line=answers.line(outcome, desk=desk()), reason=reason,
        error=refusals.say(refusal) if refusal else "", new_id=str(uuid.uuid4()),
    )  # fmt: skip
    return page, 422 if refusal else 200
