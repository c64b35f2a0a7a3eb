"""Which organisation does each row mean, what would it change in the directory, and how is that written and taken back?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import current_app
from sqlalchemy import select

from eventreg.core import text
from eventreg.core.audit import Actor
from eventreg.core.db import db
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.trilingual import LANGS, Text
from eventreg.imports import rules, values
from eventreg.imports.models import ImportRow
from eventreg.imports.rules import Told, Verdict
from eventreg.people import directory, organisation_rules, organisations
from eventreg.people.models import Organisation, OrganisationName
from eventreg.people.organisation_rules import Plan
from eventreg.people.rules import SECTORS

_NAMES = tuple(f"name_{lang}" for lang in LANGS)


@dataclass
class OrganisationsJudge:
    """Judges rows about organisations; see judging.Judge."""

    _lines: dict[str, int] = field(default_factory=dict)

    def judge(self, verdicts: Sequence[Verdict]) -> None:
        """See Judge."""
        rows = [verdict for verdict in verdicts if verdict.is_row]
        borne = _borne(rows)
        for verdict in rows:
            try:
                self._one(verdict, borne)
            except Refused as refused:
                verdict.told.append(Told("error", refused.refusal))

    def _one(self, verdict: Verdict, borne: dict[str, list[Organisation]]) -> None:
        read, told = _read(verdict.cells)
        verdict.told += told
        found = _meant(verdict, read, borne)
        names = [text.fold(read[name]) + "/" + read.get("country", "") for name in _NAMES if read.get(name)]
        if verdict.is_wrong or verdict.came_before(self._lines, *([found.code] if found is not None else names)):
            return
        if found is None:
            self._new(verdict, read)
        else:
            _existing(verdict, read, found)

    def _new(self, verdict: Verdict, read: dict[str, Any]) -> None:
        for name, code in (("country", "imports.country_missing"), ("sector", "answers.sector_missing")):
            if name not in read:
                verdict.told.append(rules.error(code, name))
        if not verdict.is_wrong:
            plan = organisation_rules.cleaned(_plan(Plan(Text(), "", ""), read))
            _refuse_unknown_parent(plan)
            verdict.values = {"plan": plan}


def _borne(rows: Sequence[Verdict]) -> dict[str, list[Organisation]]:
    """The organisations that bear a name of the rows, by the folded name: one statement."""
    keys = {text.fold(row.cells[name]) for row in rows for name in _NAMES if name in row.cells} - {""}
    query = select(OrganisationName.key, Organisation).join(Organisation, Organisation.id == OrganisationName.organisation_id)
    found: dict[str, list[Organisation]] = {}
    for key, organisation in db.session.execute(query.where(OrganisationName.key.in_(keys))):
        found.setdefault(key, []).append(organisations.survivor(organisation))
    return found


def _read(cells: dict[str, str]) -> tuple[dict[str, Any], list[Told]]:
    """What the cells say, by column, and what is wrong with them."""
    found: dict[str, Any] = {}
    told: list[Told] = []
    readers = {"country": values.country, "sector": _sector, "level": values.level, "is_public": values.yes}
    for column, cell in cells.items():
        try:
            found[column] = readers.get(column, text.clean_line)(cell)
            if column in (*_NAMES, "acronym"):
                limit = organisation_rules.ACRONYM_LIMIT if column == "acronym" else organisation_rules.rules.ORGANISATION_LIMIT
                found[column] = organisation_rules.clean_name(cell, limit=limit)
        except Refused as refused:
            told.append(Told("error", refused.refusal, column))
    return found, told


def _sector(cell: str) -> str:
    found = values.category(cell)
    if found not in SECTORS:
        raise Refused(Refusal("imports.category_unknown", {"value": cell[:60]}))
    return found


def _meant(verdict: Verdict, read: dict[str, Any], borne: dict[str, list[Organisation]]) -> Organisation | None:
    """By its code, else by a name that only one organisation of this country bears."""
    if code := read.get("code", "").upper():
        found = organisations.by_code(code)
        if found is None:
            verdict.told.append(rules.error("imports.organisation_unknown", "code", code=code[:20]))
            return None
        return organisations.survivor(found)
    keys = [text.fold(read[name]) for name in _NAMES if read.get(name)]
    meant = {one.code: one for key in keys for one in borne.get(key, []) if one.country == read.get("country", one.country)}
    if len(meant) > 1:
        verdict.told.append(rules.error("imports.several_organisations", codes=", ".join(sorted(meant))))
    elsewhere = sorted({one.code for key in keys for one in borne.get(key, [])} - meant.keys())
    if elsewhere and not meant:
        verdict.told.append(rules.warning("imports.same_name_elsewhere", code=elsewhere[0]))
    return next(iter(meant.values())) if len(meant) == 1 else None


def _existing(verdict: Verdict, read: dict[str, Any], found: Organisation) -> None:
    verdict.ref, verdict.found, verdict.outcome = found.code, found, "unchanged"
    before = _as_plan(found)
    plan = organisation_rules.cleaned(_plan(before, read))
    _refuse_unknown_parent(plan)
    old, new = _shown(before), _shown(plan)
    verdict.changes = {name: (old[name], new[name]) for name in new if old[name] != new[name]}
    if verdict.changes:
        verdict.outcome, verdict.values = "changed", {"plan": plan}


def _as_plan(found: Organisation) -> Plan:
    seen = directory.seen(found)
    return Plan(
        found.name, found.country, found.sector, found.acronym, tuple(organisations.aliases_of(found.id)), found.level,
        seen["parent"], found.is_public,
    )  # fmt: skip


def _plan(base: Plan, read: dict[str, Any]) -> Plan:
    """The plan with what the row says over it; an empty cell says nothing."""
    name = Text(**{lang: read.get(f"name_{lang}") or getattr(base.name, lang) for lang in LANGS})
    fields = {key: read[key] for key in ("country", "sector", "acronym", "level", "is_public") if key in read}
    if "aliases" in read:
        fields["aliases"] = tuple(part.strip() for part in read["aliases"].replace(";", "|").split("|"))
    if "parent" in read:
        fields["parent"] = read["parent"].upper()
    return replace(base, name=name, **fields)


def _refuse_unknown_parent(plan: Plan) -> None:
    if plan.parent and organisations.by_code(plan.parent) is None:
        raise Refused(Refusal("organisation.no_parent"))


def _shown(plan: Plan) -> dict[str, str]:
    """As the export writes it."""
    return {f"name_{lang}": getattr(plan.name, lang) for lang in LANGS} | {
        "acronym": plan.acronym, "aliases": " | ".join(plan.aliases), "country": plan.country, "sector": plan.sector,
        "level": plan.level, "parent": plan.parent, "is_public": "yes" if plan.is_public else "no",
    }  # fmt: skip


# ---- written, taken back ---------------------------------------------------------------------------------------------


def write(pairs: Sequence[tuple[ImportRow, Verdict]], *, by: Actor) -> None:
    """Note the new ones down and change the others, inside a transaction in which no organisation changes otherwise."""
    holders = current_app.extensions["eventreg.holders"]
    for row, verdict in pairs:
        plan: Plan = verdict.values["plan"]
        try:
            with db.session.begin_nested():
                if row.outcome == "new":
                    made = directory.add(plan, by=by)
                    undo: dict[str, Any] = {}
                else:
                    undo = _shown(_as_plan(verdict.found))
                    made = directory.change(row.ref, plan, holders=holders, by=by)
        except Refused as refused:
            row.done = "left"
            row.told = [*row.told, Told("error", refused.refusal).as_list()]
            continue
        row.done, row.ref, row.undo, row.stamp = "applied", made.code, undo, _stamp(made)


def _stamp(organisation: Organisation) -> str:
    """What the organisation is now; another stamp later means that it was changed since."""
    return hashlib.sha256(json.dumps(directory.seen(organisation), sort_keys=True).encode()).hexdigest()


def take_back(row: ImportRow, *, by: Actor) -> bool:
    """Undo one row; False when somebody has changed the organisation since, or something hangs on it by now."""
    found = organisations.by_code(row.ref)
    if found is None:
        return row.outcome == "new"
    if found.merged_into_id is not None or _stamp(found) != row.stamp:
        return False
    holders = current_app.extensions["eventreg.holders"]
    if row.outcome == "new":
        return directory.remove(found, by=by)
    undo = row.undo or {}
    name = Text(**{lang: undo[f"name_{lang}"] for lang in LANGS})
    plan = Plan(
        name, undo["country"], undo["sector"], undo["acronym"], tuple(filter(None, undo["aliases"].split(" | "))),
        undo["level"], undo["parent"], undo["is_public"] == "yes",
    )  # fmt: skip
    directory.change(found.code, plan, holders=holders, by=by)
    return True
