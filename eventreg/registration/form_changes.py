"""An organiser changes the questions: what that does to answers is told first, then done exactly so, or told again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from eventreg.core import audit, files
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.questions import changing, store
from eventreg.core.questions.changing import Crossing, Effect, Untold
from eventreg.core.questions.editing import Wish
from eventreg.core.questions.judging import field_name
from eventreg.core.questions.shape import Asked, Form, as_json
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.registration import queries, rules, standard, uploads
from eventreg.registration.models import Draft, Needs, Registration
from eventreg.registration.rules import State

EXAMPLES = 3
FILLING_IN = timedelta(minutes=30)  # who saved something since then is filling in the form now


@dataclass(frozen=True)
class Example:
    """One answer before and after, as stored; None after for one that is erased."""

    before: Any
    after: Any


@dataclass(frozen=True)
class Outlook:
    """What a change does to the answers there are: by question what happens, some examples, who is kept apart from now on.

    `seal` stands for all of it: who agreed to one outlook has not agreed to another.
    """

    old: Form
    new: Form
    effects: Mapping[str, Effect]
    examples: Mapping[str, list[Example]]
    moved: Mapping[str, int]  # answers that go to those kept apart, or come from them
    seal: str

    @property
    def is_telling(self) -> bool:
        """Whether anything happens that must be told first."""
        return bool(self.moved) or any(effect.is_telling for effect in self.effects.values())

    @property
    def opens(self) -> bool:
        """Whether answers that were kept apart become readable by everybody who sees the list."""
        return any(not found.is_sensitive for code in self.moved if (found := self.new.find(code)) is not None)

    def totals(self) -> dict[str, int]:
        """How many answers are rewritten and erased: for the record."""
        effects = self.effects.values()
        return {"rewritten": sum(e.rewritten for e in effects), "erased": sum(e.erased.total() for e in effects)}


def change(event_id: int, wish: Wish, *, version: int, seal: str, may_open: bool, by: Actor) -> Form:
    """Change the questions that registration asks, and the answers with them, in one step.

    `version` is that of the form that was looked at, `seal` of the outlook that was agreed to ("" for none), `may_open`:
    whether this organiser reads what is kept apart. Raises Untold, or Refused (question.…): nothing is written then.
    """
    if not seal:  # what needs time is found out before others have to wait
        wished(event_id, wish, version=version, seal="", may_open=may_open)
    with transaction(queue=("event", event_id)) as now:
        outlook, rows = wished(event_id, wish, version=version, seal=seal, may_open=may_open)
        new = store.save(event_id, queries.PURPOSE, outlook.new, now=now, by=str(by))
        _write(event_id, outlook, rows)
        event = db.session.get_one(Event, event_id)
        facts = {"version": new.version, **wish.facts, **outlook.totals()}
        audit.record("form.changed", event, event_id=event_id, actor=by, facts=facts)
        return new


def wished(event_id: int, wish: Wish, *, version: int, seal: str, may_open: bool) -> tuple[Outlook, list[_Rewritten]]:
    """What the change would do now, for somebody who agreed to the outlook of `seal`. Raises Untold, Refused."""
    old = queries.form_of(event_id)
    if old.version != version:
        raise Refused(Refusal("question.form_changed"))
    new = wish.edit(old)
    if refusal := standard.why_not(new):
        raise Refused(refusal)
    outlook, rows = _look(event_id, old, new)
    if outlook.opens and not may_open:
        raise Refused(Refusal("question.stays_apart"))
    if (outlook.is_telling or wish.asks_first) and outlook.seal != seal:
        raise Untold(outlook)
    return outlook, rows


# ---- looking ahead ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """One registration, as far as questions are concerned."""

    id: int
    state: str
    lang: str
    values: dict[str, Any]
    apart: dict[str, Any] | None  # None: nothing is kept apart, and there is no row for it
    facts: dict[str, Any]
    has_needs: bool


@dataclass(frozen=True)
class _Rewritten:
    """A registration whose answers change, and what they are from now on."""

    row: _Row
    values: dict[str, Any]
    apart: dict[str, Any]


class _Look:
    """What is added up while looking through all registrations."""

    def __init__(self, old: Form, new: Form) -> None:
        self.effects: dict[str, Effect] = {}
        self.examples: dict[str, list[Example]] = {}
        self.moved: dict[str, int] = {}
        self.rows: list[_Rewritten] = []
        self._crossing, self._staying = Crossing(old, new), Crossing(old, old)
        self._asked = [{name for name in standard.TESTABLE if form.asks(standard.QUESTION_OF[name])} for form in (old, new)]
        self._apart = {question.code for question in new.own() if question.is_sensitive}
        self._in_form = {question.code for question in new.own(Asked.FORM)}

    def add(self, row: _Row) -> None:
        """What happens to the answers of one registration."""
        before = {**row.values, **row.apart} if row.apart else row.values
        changed = self._crossing.of(before, self._facts(row, self._asked[1]), row.lang)
        newly = self._missing(row, changed.missing) - changed.fates.keys()
        if newly:
            newly -= self._staying.of(before, self._facts(row, self._asked[0])).missing
        changing.add_up(self.effects, changed.fates, newly)
        values = {code: value for code, value in changed.values.items() if code not in self._apart}
        apart = {code: value for code, value in changed.values.items() if code in self._apart}
        for code in changed.values:
            if (code in apart) is not (code in (row.apart or {})):
                self.moved[code] = self.moved.get(code, 0) + 1
        if values != row.values or apart != (row.apart or {}):
            self.rows.append(_Rewritten(row, values, apart))
            self._add_examples(before, changed, secret=self._apart | (row.apart or {}).keys())

    def _facts(self, row: _Row, asked: set[str]) -> dict[str, Any]:
        """The built-in answers that conditions ask about; of a question that is not asked there is none."""
        return {name: row.facts[name] for name in asked}

    def _missing(self, row: _Row, codes: frozenset[str]) -> frozenset[str]:
        """Those that this person will find as a task: ended registrations have none, and some are asked only with a place."""
        if not codes or row.state not in rules.LIVE:
            return frozenset()
        return codes if row.state == State.CONFIRMED else codes & self._in_form

    def _add_examples(self, before: Mapping[str, Any], changed: changing.Changed, *, secret: set[str]) -> None:
        for code, fate in changed.fates.items():
            shown = self.examples.setdefault(code, [])
            example = Example(before[code], changed.values.get(code))
            if fate != "kept" and code not in secret and len(shown) < EXAMPLES and example not in shown:
                shown.append(example)


def _look(event_id: int, old: Form, new: Form) -> tuple[Outlook, list[_Rewritten]]:
    look = _Look(old, new)
    if not changing.decides_alike(old, new):
        for row in _rows(event_id):
            look.add(row)
    return Outlook(old, new, look.effects, look.examples, look.moved, _seal(old, new, look)), look.rows


def _seal(old: Form, new: Form, found: _Look) -> str:
    counts = [[e.code, e.kept, e.rewritten, sorted(e.erased.items()), e.missing] for e in found.effects.values()]
    told = [old.version, as_json(new), sorted(counts), sorted(found.moved.items())]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def _rows(event_id: int) -> Iterator[_Row]:
    """Every registration, ended ones too: what they answered is kept as well. One statement."""
    names = ("sector", "country", "days", "languages", "wants_visa_letter", "consents_photo", "consents_contact")
    columns = [getattr(Registration, name) for name in names]
    query = (
        select(
            Registration.id, Registration.state, Registration.lang, Registration.answers, Needs.answers, Needs.gender,
            Needs.access, Needs.diet, *columns,
        )
        .outerjoin(Needs, Needs.registration_id == Registration.id)
        .where(Registration.event_id == event_id)
        .order_by(Registration.id)
    )  # fmt: skip
    for id_, state, lang, values, apart, gender, access, diet, *rest in db.session.execute(query):
        known = {**dict(zip(names, rest, strict=True)), "gender": gender or ""}
        yield _Row(id_, state, lang, values or {}, apart, known, bool(gender or access or diet))


# ---- doing it --------------------------------------------------------------------------------------------------------


def _write(event_id: int, outlook: Outlook, rows: list[_Rewritten]) -> None:
    """The answers as they are from now on, their files, and what was said of them elsewhere."""
    plain = [{"id": one.row.id, "answers": one.values} for one in rows if one.values != one.row.values]
    if plain:
        db.session.execute(update(Registration), plain)
    _write_apart([one for one in rows if one.apart != (one.row.apart or {})])
    gone = _files_of(one.row.values for one in rows) | _files_of(one.row.apart or {} for one in rows)
    gone -= _files_of(one.values for one in rows) | _files_of(one.apart for one in rows)
    codes = {question.code for question in outlook.new.questions()}
    deleted = {question.code for question in outlook.old.own() if question.code not in codes}
    if deleted:
        gone |= _forget_in_drafts(event_id, deleted)
    files.delete_all(gone, event_id=event_id)
    hidden = deleted | {question.code for question in outlook.new.own() if question.is_sensitive and question.code in outlook.moved}
    audit.forget_values(event_id, "registration", None, names=[field_name(code) for code in sorted(hidden)])


def _write_apart(rows: list[_Rewritten]) -> None:
    """What is kept apart; a row that would hold nothing goes."""
    new = [{"registration_id": one.row.id, "answers": one.apart} for one in rows if one.row.apart is None]
    changed = [
        {"registration_id": one.row.id, "answers": one.apart}
        for one in rows
        if one.row.apart is not None and (one.apart or one.row.has_needs)
    ]
    empty = [one.row.id for one in rows if one.row.apart is not None and not one.apart and not one.row.has_needs]
    if new:
        db.session.execute(insert(Needs), [{"access": "", "diet": "", "gender": "", **values} for values in new])
    if changed:
        db.session.execute(update(Needs), changed)
    for at in range(0, len(empty), 500):
        db.session.execute(delete(Needs).where(Needs.registration_id.in_(empty[at : at + 500])))


def _files_of(answers: Iterable[Mapping[str, Any]]) -> set[str]:
    """The codes of the files that the answers of many people consist of."""
    return {code for given in answers for code in uploads.codes_in(given)}


def _forget_in_drafts(event_id: int, codes: set[str]) -> set[str]:
    """Take the answers to deleted questions out of forms that were begun; the codes of their files."""
    names = {field_name(code) for code in codes}
    found: set[str] = set()
    changed = []
    for id_, given in db.session.execute(select(Draft.id, Draft.answers).where(Draft.event_id == event_id)):
        if names & given.keys():
            found |= _files_of([{name: given[name] for name in names & given.keys()}])
            changed.append({"id": id_, "answers": {name: value for name, value in given.items() if name not in names}})
    if changed:
        db.session.execute(update(Draft), changed)
    return found


# ---- what the page of the form knows ---------------------------------------------------------------------------------


def answer_counts(event_id: int) -> dict[str, int]:
    """How many answers each own question has: one statement."""
    counts: dict[str, int] = {}
    query = select(Registration.answers, Needs.answers).outerjoin(Needs, Needs.registration_id == Registration.id)
    for answers, apart in db.session.execute(query.where(Registration.event_id == event_id)):
        for code in (*(answers or {}), *(apart or {})):
            counts[code] = counts.get(code, 0) + 1
    return counts


def filling_in(event_id: int, *, now: Any) -> int:
    """How many people are filling in the form now."""
    query = select(func.count()).where(Draft.event_id == event_id, Draft.sent_at.is_(None), Draft.saved_at > now - FILLING_IN)
    return db.session.scalar(query) or 0


