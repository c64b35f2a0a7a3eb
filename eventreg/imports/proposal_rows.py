"""Which proposal does each row mean, what would it change, and how is that written and taken back?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from eventreg.core import text
from eventreg.core.audit import Actor
from eventreg.core.db import db
from eventreg.core.questions import judging
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.trilingual import LANGS
from eventreg.events.models import Event
from eventreg.imports import proposal_cells, rules
from eventreg.imports.models import ImportBatch, ImportRow
from eventreg.imports.proposal_cells import Said
from eventreg.imports.rules import Told, Verdict
from eventreg.people import organisations
from eventreg.people.models import Person
from eventreg.proposals import entering, keeping, partners, queries, services, standard, table
from eventreg.proposals import rules as proposals
from eventreg.proposals.entering import Amendment, Entry
from eventreg.proposals.models import Proposal, ProposalPerson
from eventreg.proposals.partners import Described
from eventreg.proposals.queries import Offer
from eventreg.proposals.rules import Role, State

_LEAD = {"name": "lead", "organisation_name": "lead_organisation", "country": "country", "sector": "lead_sector"}
_NEW_STATES = ("", State.DRAFT, State.SUBMITTED)


@dataclass(frozen=True)
class Known:
    """A proposal that rows may mean: as the table shows it, its answers, what is being written, its people."""

    proposal: Proposal
    shown: Mapping[str, str]
    answers: Mapping[str, Any]
    written: Mapping[str, Any]
    people: Sequence[ProposalPerson]

    def names(self) -> Iterable[str]:
        """By what a row can mean it: its code, its number, its lead's address with its title."""
        yield self.proposal.code
        if self.proposal.number:
            yield f"#{self.proposal.number}"
        lead = next((person for person in self.people if person.role == Role.LEAD), None)
        for lang in LANGS:
            title = text.fold(str(self.answers.get(standard.field_of("title", lang), "")))
            if title and lead is not None:
                yield f"{lead.email_key} {title}"


@dataclass
class ProposalsJudge:
    """Judges rows about proposals; see judging.Judge. `updates_own`: whether the file may change what people wrote themselves."""

    event: Event
    updates_own: bool = False
    offer: Offer = field(init=False)
    _lines: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.offer = queries.offer(self.event.id)

    def judge(self, verdicts: Sequence[Verdict]) -> None:
        """See Judge."""
        rows = [verdict for verdict in verdicts if verdict.is_row]
        read = {verdict.line: proposal_cells.read(verdict.cells, self.offer) for verdict in rows}
        known = self._known(rows, [said for said, _told in read.values()])
        recognise = _recogniser(said.lead for said, _told in read.values())
        for verdict in rows:
            said, told = read[verdict.line]
            verdict.told += told
            self._one(verdict, said, known, recognise)

    def _known(self, rows: Sequence[Verdict], read: Sequence[Said]) -> dict[str, Known]:
        codes = {row.cells["code"].strip().upper() for row in rows if "code" in row.cells}
        numbers = {said.number for said in read if said.number}
        leads = select(Person.id).where(Person.email_key.in_({said.email.key for said in read if said.email}))
        means = or_(Proposal.code.in_(codes), Proposal.number.in_(numbers), Proposal.lead_id.in_(leads))
        query = select(Proposal).where(Proposal.event_id == self.event.id, means)
        found = list(db.session.scalars(query.execution_options(populate_existing=True)))
        ids = [one.id for one in found]
        answers, written, people = table.answers_of(found, self.offer), table.written(ids), table.people_of(ids)
        known: dict[str, Known] = {}
        for one in found:
            row = table.row(one, answers[one.id], people[one.id], self.offer)
            shown = dict(zip(table.columns(self.offer), row, strict=True))
            each = Known(one, shown, answers[one.id], written[one.id], people[one.id])
            for name in each.names():
                known.setdefault(name, each)
        return known

    def _one(self, verdict: Verdict, said: Said, known: Mapping[str, Known], recognise: Any) -> None:
        code, number = verdict.cells.get("code", "").strip().upper(), f"#{said.number}"
        if code and code not in known:
            verdict.told.append(rules.error("imports.code_unknown", "code", code=code[:20]))
            return
        found = known.get(code) or (known.get(number) if not said.email or not said.titles() else None)
        named = [f"{said.email.key} {title}" for title in said.titles()] if said.email else []
        by_name = next((known[name] for name in named if name in known), None)
        is_named = found is not None
        found = found or by_name
        if found is None and said.number and number in known:
            verdict.told.append(rules.warning("imports.number_taken", "number", number=said.number))
        if verdict.came_before(self._lines, *([found.proposal.code] if found else named)):
            return
        if found is None:
            self._new(verdict, said, recognise)
        else:
            self._existing(verdict, said, found, recognise, is_named=is_named)

    # ---- new ---------------------------------------------------------------------------------------------------------

    def _new(self, verdict: Verdict, said: Said, recognise: Any) -> None:
        if said.state not in _NEW_STATES:
            verdict.told.append(rules.error("imports.state_not_given", "state"))
        is_sent = said.state != State.DRAFT
        lang = said.lang or self.event.default_lang
        answers, problems = proposals.parse(said.raw, form=self.offer.form, lang=lang, choices=self.offer.choices)
        told = {name: why for name, why in problems.items() if is_sent or name in said.raw}
        if not said.titles() and "title" not in {one.column for one in verdict.told}:
            told.setdefault(standard.field_of("title", lang), Refusal("proposal.title_missing"))
        self._tell(verdict, said, told)
        if said.email is None and "lead_email" not in verdict.cells:
            verdict.told.append(rules.error("imports.lead_missing", "lead_email"))
        lead = _described(verdict, said.lead, recognise, is_whole=is_sent)
        asked = _asked(verdict, said, [said.email.key] if said.email else [])
        if verdict.is_wrong or said.email is None or lead is None:
            return
        verdict.told += rules.doubts({"email": said.email})
        entry = Entry(lang, said.raw, answers, problems, is_sent, said.number, said.email, lead, asked)
        verdict.values = {"entry": entry}

    def _tell(self, verdict: Verdict, said: Said, problems: Mapping[str, Refusal]) -> None:
        """Say what the rules refuse, but for cells of which it is said already why they cannot be read."""
        before = {one.column for one in verdict.told if one.level == "error"}
        for name, refusal in problems.items():
            column = said.columns.get(name, _column(name))
            if column not in before and name not in _text_fields(before):
                verdict.told.append(Told("error", refusal, column))

    # ---- known -------------------------------------------------------------------------------------------------------

    def _existing(self, verdict: Verdict, said: Said, known: Known, recognise: Any, *, is_named: bool) -> None:
        one, shown = known.proposal, known.shown
        verdict.ref, verdict.found, verdict.outcome = one.code, known, "unchanged"
        _keep_what_stays(verdict, said, known)
        raw = {name: value for name, value in said.raw.items() if not _is_same(value, shown.get(_column(name), ""))}
        changes = self._answers(verdict, said, known, raw)
        lead = self._lead(verdict, said, known, recognise, changes)
        asked = _asked(verdict, said, [person.email_key for person in known.people if person.role in proposals.WRITERS])
        if asked:
            changes["co_organiser_emails"] = (shown["co_organiser_emails"], "; ".join(given.email for given in asked))
        is_sent = one.state == State.DRAFT and said.state == State.SUBMITTED
        if is_sent:
            changes["state"] = (one.state, State.SUBMITTED)
        if verdict.is_wrong or not changes:
            return
        if refusal := self._why_left(known, changes, is_named=is_named):
            verdict.told.append(Told("warning", refusal))
            return
        verdict.outcome, verdict.changes = "changed", changes
        verdict.values = {"amendment": Amendment(raw, lead, asked, is_sent)}

    def _answers(self, verdict: Verdict, said: Said, known: Known, raw: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        """What the row changes of the answers, by column, as the table shows it."""
        one = known.proposal
        is_sent = one.version > 0 or said.state == State.SUBMITTED
        if not raw and not (is_sent and one.state == State.DRAFT):
            return {}
        answers, problems = proposals.parse(
            {**known.written, **raw}, form=self.offer.form, lang=one.lang, choices=self.offer.choices
        )
        self._tell(verdict, said, {name: why for name, why in problems.items() if is_sent or name in raw})
        pairs = {_column(name): (table.said(known.answers.get(name)), table.said(answers.get(name))) for name in raw}
        return {column: pair for column, pair in pairs.items() if pair[0] != pair[1]}

    def _lead(
        self, verdict: Verdict, said: Said, known: Known, recognise: Any, changes: dict[str, tuple[str, str]]
    ) -> Described | None:
        """How the lead is described from now on, None where the row says nothing new."""
        shown = known.shown
        other = {name: cell for name, cell in said.lead.items() if not _is_same(cell, shown[_LEAD[name]])}
        lead = next((person for person in known.people if person.role == Role.LEAD), None)
        if not other or lead is None:
            return None
        held = {name: getattr(lead, name) for name in (*_LEAD, "position")}
        found = _described(verdict, held | other, recognise, is_whole=known.proposal.version > 0)
        if found is not None:
            pairs = {_LEAD[name]: (str(held[name]), str(getattr(found, name))) for name in other}
            changes |= {column: pair for column, pair in pairs.items() if pair[0] != pair[1]}
        return found

    def _why_left(self, known: Known, changes: Mapping[str, Any], *, is_named: bool) -> Refusal | None:
        one = known.proposal
        if State(one.state) not in proposals.WRITABLE:
            return Refusal("imports.proposal_over", {"code": one.code})
        if one.version:
            now, _problems = proposals.parse(known.written, form=self.offer.form, lang=one.lang, choices=self.offer.choices)
            if services.hash_of(now) != services.hash_of(known.answers):
                return Refusal("imports.in_writing", {"code": one.code})
        if not (is_named or self.updates_own or one.entered_at == one.changed_at):
            return Refusal("imports.written_themselves", {"code": one.code, "fields": list(changes)})
        return None


def _recogniser(leads: Iterable[Mapping[str, str]]) -> partners.Recognise:
    """The bodies of the directory that the rows name, looked up together."""
    named = (lead for lead in leads if "organisation_name" in lead)
    wanted = sorted({(text.clean_line(lead["organisation_name"]), lead.get("country", "")) for lead in named})
    known = dict(zip(wanted, organisations.recognised_all(wanted), strict=True))

    def recognise(raw: Any, values: Mapping[str, Any]) -> organisations.Found | None:
        pair = (values["organisation_name"], values["country"])
        if not pair[0] or pair in known:
            return known.get(pair)
        return organisations.recognised("", *pair)

    return recognise


def _described(verdict: Verdict, lead: Mapping[str, str], recognise: Any, *, is_whole: bool) -> Described | None:
    told = {one.column for one in verdict.told if one.level == "error"}
    try:
        return partners.described(lead, Role.LEAD, is_whole=is_whole, recognise=recognise)
    except partners.Wrong as wrong:
        for name, refusal in wrong.problems.items():
            if (column := _LEAD.get(name, "lead")) not in told:
                verdict.told.append(Told("error", refusal, column))
    return None


def _asked(verdict: Verdict, said: Said, there: Sequence[str]) -> tuple[Described, ...]:
    """The co-organisers whom the row names and who are not part of the proposal: they will be invited."""
    found: dict[str, Described] = {}
    for raw in said.asked:
        try:
            given = partners.described(raw, Role.CO_ORGANISER, is_whole=False, recognise=lambda raw, values: None)
        except partners.Wrong as wrong:
            verdict.told += [Told("error", refusal, "co_organiser_emails") for refusal in wrong.problems.values()]
            continue
        if given.email_key not in there:
            found.setdefault(given.email_key, given)
    limit = partners.MOST_EACH[Role.CO_ORGANISER]
    if len(found) + len(there) > limit + 1:
        verdict.told.append(rules.error("proposal.too_many_people", "co_organiser_emails", limit=limit))
    return tuple(found.values())


def _keep_what_stays(verdict: Verdict, said: Said, known: Known) -> None:
    """A table changes neither the lead's address, nor the number, nor the language, nor any state but that of a draft."""
    one, shown = known.proposal, known.shown
    lead = next((person for person in known.people if person.role == Role.LEAD), None)
    if said.email is not None and lead is not None and said.email.key != lead.email_key:
        verdict.told.append(rules.warning("imports.address_kept", "lead_email", address=lead.email or "—"))
    if said.number is not None and said.number != one.number:
        verdict.told.append(rules.warning("imports.number_kept", "number", number=shown["number"] or "—"))
    if "lang" in verdict.cells and said.lang and said.lang != one.lang:
        verdict.told.append(rules.warning("imports.language_kept", "lang"))
    if said.state not in ("", one.state) and (one.state, said.state) != (State.DRAFT, State.SUBMITTED):
        verdict.told.append(rules.error("imports.state_not_given", "state"))


def _column(name: str) -> str:
    """The column of a field: its own name, or that of an own question."""
    own = judging.field_name("")
    return table.OWN + name.removeprefix(own) if name.startswith(own) and name not in table.ANSWERS else name


def _text_fields(columns: Iterable[str]) -> set[str]:
    """The fields that a column for any language may stand for."""
    return {standard.field_of(name, lang) for name in columns if name in standard.WORDS for lang in LANGS}


def _is_same(value: Any, shown: str) -> bool:
    return text.clean_text(table.said(value)) == text.clean_text(shown)


# ---- written, taken back ---------------------------------------------------------------------------------------------


def write(
    batch: ImportBatch, event: Event, pairs: Sequence[tuple[ImportRow, Verdict]], *, now: datetime, by: Actor
) -> None:
    """Enter the new proposals and change those whom the rows change. Inside the event's transaction."""
    offer = queries.offer(event.id)
    how: dict[str, Any] = {"now": now, "by": by, "author_id": batch.person_id, "sends_mail": bool(batch.choices.get("sends_mail"))}
    new = [(row, verdict.values["entry"]) for row, verdict in pairs if row.outcome == "new"]
    made = entering.enter(event, offer, [entry for _row, entry in new], **how) if new else []
    for (row, _entry), one in zip(new, made, strict=True):
        row.done, row.ref, row.undo, row.stamp = "applied", one.code, {}, entering.stamp(one)
    for row, verdict in pairs:
        if row.outcome == "changed":
            _change(row, verdict, lambda one, wanted: entering.amend(one, event, offer, wanted, **how))


def _change(row: ImportRow, verdict: Verdict, amend: Callable[[Proposal, Amendment], None]) -> None:
    one: Proposal = verdict.found.proposal
    before = keeping.kept(one.id)
    try:
        with db.session.begin_nested():
            amend(one, verdict.values["amendment"])
    except Refused as refused:
        row.done = "left"
        row.told = [*row.told, Told("error", refused.refusal).as_list()]
        return
    row.done, row.undo, row.stamp = "applied", before, entering.stamp(one)


def take_back(row: ImportRow, event: Event, *, now: datetime, by: Actor) -> bool:
    """Undo one row; False when somebody has changed the proposal since."""
    query = select(Proposal).where(Proposal.event_id == event.id, Proposal.code == row.ref)
    one = db.session.scalar(query.execution_options(populate_existing=True))
    if one is None:
        return row.outcome == "new"
    if entering.stamp(one) != row.stamp:
        return False
    if row.outcome == "changed":
        entering.put_back(one, event, row.undo or {}, by=by)
    else:
        entering.take_back(one, event, now=now, by=by)
    return True
