"""Whom does each row mean, and what would it change? Some hundred rows at a time, with a few statements for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from sqlalchemy import select

from eventreg.core import text
from eventreg.core.db import db
from eventreg.core.questions.conditions import given_values
from eventreg.core.questions.shape import Form
from eventreg.core.refusals import Refused
from eventreg.core.workbooks import Row
from eventreg.events.models import Event
from eventreg.imports import own_answers, rules
from eventreg.imports.columns import OWN, folded
from eventreg.imports.rules import FIELDS, Told, Verdict
from eventreg.manage import exports
from eventreg.people import rules as people
from eventreg.people.models import Person
from eventreg.registration import asking
from eventreg.registration import queries as registrations
from eventreg.registration import rules as registration
from eventreg.registration.models import Needs, Registration

CHUNK = 200


class Judge(Protocol):
    """Judges rows of one kind of table; remembers what the rows before said, to name those that come twice."""

    def judge(self, verdicts: Sequence[Verdict]) -> None:
        """Complete verdicts that have their cells: outcome, what to say, what would change."""


def verdicts(lines: Iterable[Row], mapping: Sequence[str], judge: Judge, *, header: Sequence[str]) -> Iterator[Verdict]:
    """Every row under the header, judged. Repeated headers and totals at the end are passed over."""
    rows = _read(lines, mapping, header)
    while chunk := list(islice(rows, CHUNK)):
        judge.judge([verdict for verdict in chunk if not verdict.is_wrong])
        for verdict in chunk:
            if verdict.is_wrong:
                verdict.outcome = "wrong"
            yield verdict


def _read(lines: Iterable[Row], mapping: Sequence[str], header: Sequence[str]) -> Iterator[Verdict]:
    for row in lines:
        if row.problem is not None:
            yield Verdict(row.line, {}, told=[Told("error", row.problem)])
            continue
        cells, told = rules.cells_of(row.cells, mapping)
        if not cells and not told:
            continue
        is_header = [folded(cell) for cell in row.cells] == [folded(cell) for cell in header]
        if is_header or rules.is_total(cells):
            yield Verdict(row.line, cells, outcome="unchanged", told=[rules.warning("imports.no_row"), *told])
            continue
        yield Verdict(row.line, cells, told=told)


@dataclass
class PeopleJudge:
    """`updates_own`: whether the file may change what people answered themselves, when it knows them by their address only."""

    event: Event
    updates_own: bool = False
    form: Form = field(init=False)
    _lines: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.form = registrations.form_of(self.event.id)

    def judge(self, verdicts: Sequence[Verdict]) -> None:
        """See Judge."""
        rows = [verdict for verdict in verdicts if verdict.is_row]
        known = self._known(rows)
        for verdict in rows:
            self._one(verdict, known)
        self._look_alike([verdict for verdict in rows if verdict.found is None and not verdict.is_wrong])

    def _known(self, rows: Sequence[Verdict]) -> dict[str, tuple[Registration, Person]]:
        """The registrations that the rows name, by code and by address."""
        codes = {row.cells["code"].strip().upper() for row in rows if "code" in row.cells}
        keys = {key for row in rows if (key := _email_key(row.cells))}
        query = select(Registration, Person).join(Person, Person.id == Registration.person_id)
        query = query.where(Registration.event_id == self.event.id, Registration.code.in_(codes) | Person.email_key.in_(keys))
        found: dict[str, tuple[Registration, Person]] = {}
        for row, person in db.session.execute(query.execution_options(populate_existing=True)):
            found[row.code] = (row, person)
            if person.email_key:
                found[person.email_key] = (row, person)
        return found

    def _one(self, verdict: Verdict, known: dict[str, tuple[Registration, Person]]) -> None:
        code, key = verdict.cells.get("code", "").strip().upper(), _email_key(verdict.cells)
        by_code, by_key = known.get(code), known.get(key) if key else None
        if code and by_code is None:
            verdict.told.append(rules.error("imports.code_unknown", "code", code=code[:20]))
            return
        if by_code and by_key and by_code[0].id != by_key[0].id:
            verdict.told.append(rules.error("imports.two_people", "email", code=by_key[0].code))
            return
        found = by_code or by_key
        if verdict.came_before(self._lines, *filter(None, (found[0].code if found else code, key))):
            return
        if found is None:
            self._new(verdict)
        else:
            self._existing(verdict, *found, is_named=by_code is not None)

    # ---- new ---------------------------------------------------------------------------------------------------------

    def _new(self, verdict: Verdict) -> None:
        verdict.values, told = rules.read_person(verdict.cells, days=self.event.days)
        verdict.told += told + rules.lacking(verdict.values, verdict.cells) + rules.doubts(verdict.values)
        said = verdict.values.get("sector", "")
        verdict.values["sector"] = rules.sector_for(verdict.values.get("category", ""), said)
        verdict.values["own"], told = own_answers.read(verdict.cells, self.form, verdict.values, {})
        verdict.told += told

    def _look_alike(self, rows: Sequence[Verdict]) -> None:
        """A warning where somebody of this name and organisation is registered or stood in a row before. Nothing is merged."""
        names = {text.sort_key(name) for row in rows for name in _names(row.values)}
        query = select(Registration).where(
            Registration.event_id == self.event.id, Registration.state.in_(tuple(registration.LIVE)),
            Registration.sort_latin.in_(names) | Registration.sort_arabic.in_(names),
        )  # fmt: skip
        known = {pair: row.code for row in db.session.scalars(query) for pair in _pairs(vars(row))} if names else {}
        for row in rows:
            pairs = _pairs(row.values)
            if code := next((known[pair] for pair in pairs if pair in known), None):
                row.told.append(rules.warning("imports.perhaps_same", code=code))
            lines = [self._lines.setdefault("same " + " ".join(pair), row.line) for pair in pairs]
            if before := next((line for line in lines if line != row.line), None):
                row.told.append(rules.warning("imports.perhaps_twice", line=before))

    # ---- registered --------------------------------------------------------------------------------------------------

    def _existing(self, verdict: Verdict, row: Registration, person: Person, *, is_named: bool) -> None:
        verdict.ref, verdict.found, verdict.outcome = row.code, row, "unchanged"
        shown = dict(zip(exports.PARTICIPANT_COLUMNS, exports.row(row, person.email or ""), strict=True))
        plain = {key: cell for key, cell in verdict.cells.items() if key in FIELDS and key not in ("name_latin", "name_arabic")}
        cells = rules.name_of(verdict.cells) | plain
        other = {key: cell for key, cell in cells.items() if text.clean_line(cell) != text.clean_line(shown[key])}
        found, told = rules.read_person(other, days=self.event.days, country=row.country)
        verdict.told += told
        email = found.pop("email", None)
        if email is not None and email.key != (person.email_key or ""):
            verdict.told.append(rules.warning("imports.address_kept", "email", address=person.email or "—"))
        if row.organisation_id is not None and "organisation_name" not in found:
            found.pop("sector", None)  # the directory says which sector a known organisation is of
        changed = {name: value for name, value in found.items() if _held(row, name) != value}
        own = self._own(verdict, row, found)
        if not (changed or own) or verdict.is_wrong:
            return
        if row.state not in registration.LIVE:
            verdict.told.append(rules.warning("imports.over", code=row.code))
        elif is_named or self.updates_own or (row.is_entered and row.address_confirmed_at is None):
            verdict.outcome, verdict.values = "changed", changed | {"own": own}
            verdict.changes = {_COLUMN[name]: (_told(_held(row, name)), _told(value)) for name, value in changed.items()}
            verdict.changes |= {OWN + code: (_as_export(row.answers.get(code)), _as_export(own[code])) for code in own}
            verdict.told += self._what_goes(row, changed)
        else:
            fields = [_COLUMN[name] for name in changed] + [OWN + code for code in own]
            verdict.told.append(rules.warning("imports.answered_themselves", code=row.code, fields=fields))


    def _what_goes(self, row: Registration, changed: dict[str, Any]) -> list[Told]:
        """Answers that the form does not ask any more after the change: they will be erased."""
        facts = {name: value for name, value in changed.items() if name in FACTS}
        if not facts or not any(question.when for question in self.form.own()):
            return []
        needs = db.session.get(Needs, row.id)
        before = set(asking.hidden(row, needs, self.form).codes)
        gone = [code for code in asking.hidden(row, needs, self.form, **facts).codes if code not in before]
        return [rules.warning("imports.hides", fields=[OWN + code for code in gone])] if gone else []

    def _own(self, verdict: Verdict, row: Registration, found: dict[str, Any]) -> dict[str, Any]:
        """The own answers that the row would change."""
        cells = {key: cell for key, cell in verdict.cells.items() if key.startswith(OWN)}
        held = {OWN + code: _as_export(value) for code, value in row.answers.items()}
        other = {key: cell for key, cell in cells.items() if text.clean_line(cell) != held.get(key, "")}
        if not other:
            return {}
        facts = {name: getattr(row, name) for name in FACTS} | found
        own, told = own_answers.read(other, self.form, facts, row.answers)
        verdict.told += told
        return {code: value for code, value in own.items() if row.answers.get(code) != value}


# what of a registration decides which own questions are asked; gender is not for tables
FACTS = ("sector", "country", "days", "languages", "wants_visa_letter", "consents_photo", "consents_contact")


def _as_export(value: Any) -> str:
    return " ".join(given_values(value))


_COLUMN = {name: column for column, name in FIELDS.items()}


def _held(row: Registration, name: str) -> Any:
    value = getattr(row, name)
    return tuple(value) if isinstance(value, list) else value


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _email_key(cells: dict[str, str]) -> str:
    try:
        return people.email_address(cells["email"]).key if "email" in cells else ""
    except Refused:
        return ""


def _names(said: dict[str, Any]) -> list[str]:
    return [said[key] for key in ("name_latin", "name_arabic") if said.get(key)]


def _pairs(said: dict[str, Any]) -> list[tuple[str, str]]:
    organisation = text.fold(said.get("organisation_name") or "")
    return [(text.fold(name), organisation) for name in _names(said)]


def header_of(lines: Iterable[Row], header: int) -> tuple[str, ...]:
    """The cells of the line that names the columns."""
    return next((row.cells for row in lines if row.line == header), ())
