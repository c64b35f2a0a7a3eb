"""Who did what, when, and why? The record of changes of a meeting, to read and to take away."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, g, render_template, request, send_file, url_for
from sqlalchemy import ColumnElement, select

from eventreg.core import access, audit, tables, text
from eventreg.core.access import requires
from eventreg.core.audit import Actor, AuditLine, AuditValue
from eventreg.core.db import db, transaction
from eventreg.core.i18n import page_lang
from eventreg.manage import actors, fact_words, keyset, shielded
from eventreg.manage.blueprint import bp
from eventreg.manage.event_sentences import action_label, kind_label, told
from eventreg.manage.fields import one_line
from eventreg.manage.side import side
from eventreg.people import session

COLUMNS = ("number", "at", "actor", "action", "object", "code", "facts", "hash")
_BATCH = 500


@bp.get("/manage/audit", endpoint="audit")
@requires("audit.read")
def list_lines() -> str:
    """The record, newest first; filter by who, by action, by kind of thing, by the code of one thing, by days."""
    kept = _kept(request.args)
    page = keyset.page_of(select(AuditLine).where(*_conditions(kept)), AuditLine.seq, kept=kept)
    found = [row[0] for row in page.rows]
    values = audit.values_of(found) if found and _may_read_values() else {}
    names = actors.names([line.actor for line in found], page_lang())
    return render_template(
        "manage/audit.html", side=side("audit"), page=page, kept=kept,
        actions=_known(AuditLine.action, action_label), kinds=_known(AuditLine.object_kind, kind_label),
        people=_people(), chain_url=url_for("chain.chain"),
        lines=[_row(line, values.get(line.id, []), names[line.actor]) for line in found],
    )  # fmt: skip


@bp.post("/manage/audit.csv")
@requires("audit.read")
def audit_csv() -> Response:
    """The same lines as a table, oldest first, without personal values; taking it away is recorded, too."""
    kept = _kept(request.form)
    with transaction():
        facts = {"filter": {name: value for name, value in kept.items() if value}}
        audit.record("audit.exported", g.event, event_id=g.event.id, actor=Actor("organiser", g.viewer.code), facts=facts)
    file = tables.csv_file(COLUMNS, _cells(_conditions(kept)))
    response = send_file(file, mimetype=tables.CSV_TYPE, as_attachment=True, download_name=f"{g.event.slug}-audit.csv")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _kept(args: Mapping[str, str]) -> dict[str, str]:
    """The filter as the address has it; a day that is none asks for nothing."""
    kept = {name: one_line(args.get(name))[:100] for name in ("action", "kind", "code", "actor")}
    return kept | {name: args.get(name, "") if _day(args.get(name, "")) else "" for name in ("since", "until")}


def _day(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed) if len(typed) == len("2022-11-01") else None
    except ValueError:
        return None
    return found if found is not None and 1970 <= found.year <= 2200 else None


def _conditions(kept: Mapping[str, str]) -> list[ColumnElement[bool]]:
    columns = {
        "action": AuditLine.action, "kind": AuditLine.object_kind, "code": AuditLine.object_ref, "actor": AuditLine.actor,
    }  # fmt: skip
    asked = [column == kept[name] for name, column in columns.items() if kept[name]]
    since, until = _day(kept["since"]), _day(kept["until"])
    if since is not None:
        asked.append(AuditLine.at >= _midnight(since))
    if until is not None:
        asked.append(AuditLine.at < _midnight(until + timedelta(days=1)))
    return [AuditLine.chain == g.event.id, shielded.lines(), *asked]


def _midnight(day: date) -> datetime:
    """When the day begins at the meeting's place."""
    return datetime.combine(day, datetime.min.time(), ZoneInfo(g.event.zone))


def _people() -> list[tuple[str, str]]:
    """Who stands in the record: (actor, name), by the alphabet of the page."""
    query = select(AuditLine.actor).where(AuditLine.chain == g.event.id, AuditLine.actor.not_like("person:%")).distinct()
    names = actors.names(db.session.scalars(query), page_lang())
    return sorted(names.items(), key=lambda pair: text.sort_key(pair[1]))


def _known(column: Any, label: Callable[[str], str]) -> list[tuple[str, str]]:
    """What the filters offer: (value, what it is called), by the alphabet of the page."""
    query = select(column).where(AuditLine.chain == g.event.id, shielded.lines()).distinct()
    return sorted(((value, label(value)) for value in db.session.scalars(query)), key=lambda pair: text.sort_key(pair[1]))


def _may_read_values() -> bool:
    """Personal values before and after: for administrators, and for organisers granted the scope "audit"."""
    return "AD" in access.roles() or session.has_scope("audit")


def _row(line: AuditLine, values: list[AuditValue], who: str) -> dict[str, Any]:
    return {
        "line": line, "who": who, "sentence": told(line, values), "facts": fact_words.details(line),
        "kind": kind_label(line.object_kind), "url": _object_url(line),
    }  # fmt: skip


def _object_url(line: AuditLine) -> str:
    """The page of what the line is about, or the record of it."""
    if line.object_kind == "registration":
        return url_for("manage.person", code=line.object_ref)
    if line.object_kind == "invitation":
        return url_for("manage.invitation", code=line.object_ref)
    return url_for("manage.audit", kind=line.object_kind, code=line.object_ref)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _cells(conditions: list[ColumnElement[bool]]) -> Iterator[list[str]]:
    """Line by line, some hundred in memory."""
    last = 0
    while True:
        query = select(AuditLine).where(*conditions, AuditLine.seq > last).order_by(AuditLine.seq).limit(_BATCH)
        batch = db.session.scalars(query).all()
        for line in batch:
            yield [
                str(line.seq), line.at.isoformat(), line.actor, line.action, line.object_kind, line.object_ref,
                _plain(line.facts), line.hash,
            ]  # fmt: skip
        if len(batch) < _BATCH:
            return
        last = batch[-1].seq
        db.session.expunge_all()
