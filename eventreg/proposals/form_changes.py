"""An organiser changes what the call asks: what that does to proposals is told first. What was sent is never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import String, cast, func, or_, select

from eventreg.core import audit, jobs
from eventreg.core.audit import Actor
from eventreg.core.db import db, take_turn, transaction
from eventreg.core.questions import changing, judging, store
from eventreg.core.questions.changing import Untold
from eventreg.core.questions.editing import Wish
from eventreg.core.questions.shape import Form, as_json
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.proposals import queries, rules, services, standard
from eventreg.proposals.models import Proposal, ProposalPart, ProposalPerson, ProposalSearch, ProposalVersion
from eventreg.proposals.queries import Offer
from eventreg.proposals.rules import Answer

AT_ONCE = 200  # proposals that are looked at together
MOST_AT_ONCE = 400  # up to so many are derived anew with the change itself, more by a job
WRITING = timedelta(minutes=30)  # what was saved since then is being written now
JOB = "proposals.derive"


@dataclass
class Fate:
    """What happens to the answers to one question, counted in proposals.

    `unasked` are being written and have an answer that is asked for no more, `unfit` one that does not hold any more; `lacking`
    are complete and will lack it; `sent` have it in the version that stands.
    """

    unasked: int = 0
    unfit: int = 0
    lacking: int = 0
    sent: int = 0

    @property
    def is_telling(self) -> bool:
        """Whether anything must be told."""
        return any(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True)
class Outlook:
    """What a change does to the proposals there are. `incomplete`: how many are complete now and will not be.

    `seal` stands for all of it: who agreed to one outlook has not agreed to another.
    """

    old: Form
    new: Form
    fates: Mapping[str, Fate]
    incomplete: int
    seal: str
    opens: bool = field(default=False, init=False)  # nothing of a proposal is kept apart

    @property
    def is_telling(self) -> bool:
        """Whether anything happens that must be told first."""
        return any(fate.is_telling for fate in self.fates.values())


def change(event_id: int, wish: Wish, *, version: int, seal: str, by: Actor) -> Form:
    """Change the questions that the call asks, and derive anew what the proposals being written lack.

    `version` is that of the form that was looked at, `seal` of the outlook that was agreed to ("" for none). Raises Untold, or
    Refused (question.…, call.always_asked): nothing is written then.
    """
    if not seal:  # what needs time is found out before others have to wait
        wished(event_id, wish, version=version, seal="")
    with transaction(queue=("event", event_id)) as now:
        outlook = wished(event_id, wish, version=version, seal=seal)
        new = store.save(event_id, standard.PURPOSE, outlook.new, now=now, by=str(by))
        if not _says_the_same(outlook.old, new):
            _derive_or_enqueue(event_id, now)
        facts = {"version": new.version, **wish.facts, "incomplete": outlook.incomplete}
        event = db.session.get_one(Event, event_id)
        audit.record("call.form_changed", ("call", event.slug), event_id=event_id, actor=by, facts=facts)
        return new


def wished(event_id: int, wish: Wish, *, version: int, seal: str) -> Outlook:
    """What the change would do now, for somebody who agreed to the outlook of `seal`. Raises Untold, Refused."""
    offer = queries.offer(event_id)
    if offer.form.version != version:
        raise Refused(Refusal("question.form_changed"))
    new = wish.edit(offer.form)
    if refusal := standard.why_not(new):
        raise Refused(refusal)
    outlook = _look(event_id, offer, new)
    if (outlook.is_telling or wish.asks_first) and outlook.seal != seal:
        raise Untold(outlook)
    return outlook


# ---- looking ahead ---------------------------------------------------------------------------------------------------


def _decides_alike(old: Form, new: Form) -> bool:
    return changing.decides_alike(old, new) and _required(old) == _required(new)


def _required(form: Form) -> set[str]:
    return {question.code for question in form.questions() if question.is_required and not question.is_own}


def _says_the_same(old: Form, new: Form) -> bool:
    """Whether nothing that is derived of a proposal can differ: the same is asked, in the same parts."""
    places = [{section.code: {question.code for question in section.questions} for section in form.sections} for form in (old, new)]
    return places[0] == places[1] and _decides_alike(old, new)


class _Look:
    """What is added up while looking through the proposals being written."""

    def __init__(self, offer: Offer, new: Form) -> None:
        self.fates: dict[str, Fate] = {}
        self.incomplete = 0
        self._old, self._new, self._choices = offer.form, new, offer.choices
        self._question_of = {name: question.code for form in (offer.form, new) for question in form.questions()
                             for name in rules.fields_of(question)}  # fmt: skip

    def add(self, raw: Mapping[str, Any], lang: str, *, is_complete: bool) -> None:
        """What happens to one proposal."""
        before, after = (rules.judge(raw, form=form, lang=lang, choices=self._choices) for form in (self._old, self._new))
        for code in {self._question_of[name] for name in before.values.keys() - after.values.keys()}:
            is_wrong = any(name in after.problems for name, question in self._question_of.items() if question == code)
            self._add(code, "unfit" if is_wrong else "unasked")
        if is_complete and after.problems:
            self.incomplete += 1
            for code in {self._question_of[name] for name in after.problems.keys() - before.values.keys()}:
                self._add(code, "lacking")

    def _add(self, code: str, what: str) -> None:
        fate = self.fates.setdefault(code, Fate())
        setattr(fate, what, getattr(fate, what) + 1)


def _look(event_id: int, offer: Offer, new: Form) -> Outlook:
    look = _Look(offer, new)
    if not _decides_alike(offer.form, new):
        for raw, lang, missing in _being_written(event_id):
            look.add(raw, lang, is_complete=missing == 0)
        for code in _asked(offer.form) - _asked(new):
            if sent := _sent_with(event_id, code, offer.form):
                look.fates.setdefault(code, Fate()).sent = sent
    order = [question.code for form in (offer.form, new) for question in form.questions()]
    fates = {code: look.fates[code] for code in dict.fromkeys(order) if code in look.fates}
    return Outlook(offer.form, new, fates, look.incomplete, _seal(offer.form, new, fates, look.incomplete))


def _asked(form: Form) -> set[str]:
    return {question.code for question in form.questions() if question.is_asked}


def _seal(old: Form, new: Form, fates: Mapping[str, Fate], incomplete: int) -> str:
    counts = [[code, fate.unasked, fate.unfit, fate.lacking, fate.sent] for code, fate in fates.items()]
    told = [old.version, as_json(new), counts, incomplete]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def _being_written(event_id: int) -> Iterator[tuple[dict[str, Any], str, int]]:
    """Of every proposal that may still be written: its answers as typed, its language, how many it lacks."""
    for ids in _groups(event_id):
        raw: dict[int, dict[str, Any]] = {one: {} for one in ids}
        for number, given in db.session.execute(_parts_of(ids)):
            raw[number] |= given
        query = select(Proposal.id, Proposal.lang, Proposal.missing).where(Proposal.id.in_(ids))
        yield from ((raw[number], lang, missing) for number, lang, missing in db.session.execute(query))


def _parts_of(ids: Sequence[int]) -> Any:
    return select(ProposalPart.proposal_id, ProposalPart.answers).where(ProposalPart.proposal_id.in_(ids))


def _groups(event_id: int) -> Iterator[list[int]]:
    """The proposals that may still be written, some at a time."""
    query = select(Proposal.id).where(Proposal.event_id == event_id, Proposal.state.in_(rules.WRITABLE)).order_by(Proposal.id)
    ids = list(db.session.scalars(query))
    yield from (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE))


def _sent_with(event_id: int, code: str, form: Form) -> int:
    """How many proposals have an answer to this question in the version that stands."""
    question = form.find(code)
    names = rules.fields_of(question) if question is not None else ()
    said = cast(ProposalVersion.answers, String)
    has_one = [said.contains(f'"{name}": ', autoescape=True) for name in names]
    query = select(func.count()).select_from(ProposalVersion).join(
        Proposal, (Proposal.id == ProposalVersion.proposal_id) & (Proposal.version == ProposalVersion.number)
    )  # fmt: skip
    return db.session.scalar(query.where(Proposal.event_id == event_id, or_(*has_one))) or 0


# ---- deriving anew ---------------------------------------------------------------------------------------------------


def _derive_or_enqueue(event_id: int, now: datetime) -> None:
    groups = list(_groups(event_id))
    if sum(map(len, groups)) > MOST_AT_ONCE:
        jobs.enqueue(JOB, {}, event_id=event_id, person_id=None, now=now)
        return
    for ids in groups:
        _derive(event_id, ids)


def derive_all(running: jobs.Running) -> tuple[dict[str, Any], Path | None]:
    """The job: derive every proposal being written from the form in force, some at a time."""
    assert running.event_id is not None
    groups, done = list(_groups(running.event_id)), 0
    for ids in groups:
        with transaction(queue=(JOB, running.event_id)):
            _derive(running.event_id, ids)
        done += len(ids)
        running.progress(done, sum(map(len, groups)))
    return {"count": done}, None


def _derive(event_id: int, ids: Sequence[int]) -> None:
    """Derive these anew in a few statements. Who is writing one is waited for, and then writes by the new form."""
    for one in ids:
        take_turn(("proposal", one))
    offer = queries.offer(event_id)
    proposals = list(db.session.scalars(select(Proposal).where(Proposal.id.in_(ids)).execution_options(populate_existing=True)))
    _known = list(db.session.scalars(select(ProposalSearch).where(ProposalSearch.proposal_id.in_(ids))))  # found by their key
    parts: dict[int, dict[str, ProposalPart]] = {one: {} for one in ids}
    for part in db.session.scalars(select(ProposalPart).where(ProposalPart.proposal_id.in_(ids))):
        parts[part.proposal_id][part.section] = part
    people: dict[int, list[ProposalPerson]] = {one: [] for one in ids}
    query = select(ProposalPerson).where(ProposalPerson.proposal_id.in_(ids), ProposalPerson.answer != Answer.REMOVED)
    for person in db.session.scalars(query):
        people[person.proposal_id].append(person)
    for proposal in proposals:
        written = parts[proposal.id]
        values, problems = rules.parse(queries.raw_of(written), form=offer.form, lang=proposal.lang, choices=offer.choices)
        found = queries.in_order(people[proposal.id])
        services.derive(proposal, written, found, offer, values=values, problems=problems)
    db.session.flush()


# ---- what the page of the form knows ---------------------------------------------------------------------------------


def answer_counts(event_id: int) -> dict[str, int]:
    """In how many proposals each own question has an answer, as they are being written."""
    counts: dict[str, int] = {}
    prefix = judging.field_name("")
    query = select(ProposalPart.answers).join(Proposal, Proposal.id == ProposalPart.proposal_id)
    has_own = cast(ProposalPart.answers, String).contains(f'"{prefix}', autoescape=True)
    for given in db.session.scalars(query.where(Proposal.event_id == event_id, has_own)):
        for name, value in given.items():
            if name.startswith(prefix) and value not in ("", [], None, False):
                code = name.removeprefix(prefix)
                counts[code] = counts.get(code, 0) + 1
    return counts


def being_written(event_id: int, *, now: datetime) -> int:
    """How many proposals were saved a short while ago."""
    recent = (Proposal.changed_at > now - WRITING, Proposal.state.in_(rules.WRITABLE))
    return db.session.scalar(select(func.count()).where(Proposal.event_id == event_id, *recent)) or 0
