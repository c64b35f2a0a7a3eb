"""Who may do what here, and who holds which role? The access table of the program itself, in words, cell by cell."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, render_template, request
from sqlalchemy import or_, select

from eventreg.core import text
from eventreg.core.access import ROLES, Table, requires
from eventreg.core.db import db
from eventreg.core.i18n import page_lang
from eventreg.manage import access_words, fact_words
from eventreg.manage.blueprint import bp
from eventreg.manage.side import side
from eventreg.people.models import Grant, Person

FIRST = "OR"


@bp.get("/manage/access")
@requires("access.read")
def access_matrix() -> str:
    """What one role may do, or the whole table; who holds each role in this meeting."""
    whole = request.args.get("role") == "all"
    role = request.args.get("role", "") if request.args.get("role") in ROLES else FIRST
    table: Table = current_app.extensions["eventreg.access"]
    return render_template(
        "manage/access.html", side=side("access"), role="all" if whole else role, roles=fact_words.ROLE,
        rows=_whole(table) if whole else _of_role(table, role), signs=access_words.SIGN, cells=access_words.CELL,
        family=access_words.FAMILY, holders=_holders(),
    )  # fmt: skip


def _of_role(table: Table, role: str) -> list[dict[str, Any]]:
    """Each action with what this role may do of it; what it may not do at all stands last."""
    rows = [_row(action, role, table[action].get(role, "")) for action in _actions(table)]
    return sorted(rows, key=lambda row: row["value"] == "")


def _row(action: str, role: str, value: str) -> dict[str, Any]:
    return {
        "action": action, "label": access_words.ACTION.get(action, action), "value": value, "words": access_words.CELL[value],
        "note": access_words.NOTE.get((action, role), ""),
    }  # fmt: skip


def _whole(table: Table) -> list[dict[str, Any]]:
    return [
        {
            "action": action, "label": access_words.ACTION.get(action, action),
            "cells": [(role, cells.get(role, ""), access_words.cell(action, role, cells.get(role, ""))) for role in ROLES],
        }
        for action, cells in ((action, table[action]) for action in _actions(table))
    ]  # fmt: skip


def _actions(table: Table) -> list[str]:
    """In the order of the words; an action without words would stand at the end."""
    known = [action for action in access_words.ACTION if action in table]
    return known + sorted(set(table) - set(known))


def _holders() -> list[dict[str, Any]]:
    """Who holds a granted role here or in the installation, with the rights given beside it."""
    here = or_(Grant.event_id == g.event.id, Grant.event_id.is_(None))
    query = select(Grant, Person).join(Person, Person.id == Grant.person_id).where(here)
    lang = page_lang()
    found = [
        {
            "role": fact_words.ROLE.get(grant.role, grant.role), "rank": ROLES.index(grant.role),
            "name": person.name_in(lang) or person.email or person.code, "email": person.email or "",
            "scopes": fact_words.scopes(grant.scopes), "since": grant.granted_at, "everywhere": grant.event_id is None,
        }
        for grant, person in db.session.execute(query)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one["rank"], text.sort_key(one["name"])))
