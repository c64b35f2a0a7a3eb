"""What happens to a proposal: begun, written part by part, sent, withdrawn, restored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from eventreg.core import audit, text, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.trilingual import LANGS
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.proposals import late, mails, queries, rules, standard, uploads, writing
from eventreg.proposals.models import Call, Proposal, ProposalEdit, ProposalPart, ProposalPerson, ProposalSearch, ProposalVersion
from eventreg.proposals.queries import Offer
from eventreg.proposals.rules import Answer, Incomplete, Role, State
from eventreg.proposals.writing import Saved
from eventreg.registration import queries as registration

# ---- begin -----------------------------------------------------------------------------------------------------------


def begin(event_id: int, person_id: int, given: Mapping[str, Any], *, lang: str, late_code: str = "") -> Proposal:
    """Begin a proposal with its title and track; whoever begins it leads it. What registration knows about them is taken over.

    `late_code` names the open link of an invitation past the closing that they followed.

    Raises Refused: the call is not open, or they lead as many as one may.
    """
    with transaction(queue=("call", event_id)) as now:
        call = _call(event_id)
        person = db.session.get_one(Person, person_id)
        late_guest = queries.late_for(event_id, person, late_code, now) if now >= call.closes_at else None
        refusal = rules.why_not_begin(queries.window(call), now, is_late_guest=late_guest is not None) or rules.why_not_another(
            queries.led(event_id, person_id), call.per_person
        )
        if refusal is not None:
            raise Refused(refusal)
        proposal = Proposal(
            event_id=event_id, code=new_code(event_id), lang=lang if lang in LANGS else "en", lead_id=person_id, begun_at=now,
            changed_at=now,
        )  # fmt: skip
        db.session.add(proposal)
        db.session.flush()
        _add_lead(proposal, person, now)
        write_part(proposal, "title", given, by=person_id, now=now)
        refresh(proposal, queries.offer(event_id))
        if late_guest is not None:
            late.count_use(late_guest, proposal, person)
        audit.record("proposal.begun", proposal, event_id=event_id, actor=people.actor_of(person))
        return proposal


def _call(event_id: int) -> Call:
    call = queries.call_of(event_id)
    if call is None:
        raise Refused(rules.NO_CALL)
    return call


def new_code(event_id: int) -> str:
    """A code that no proposal of this meeting bears."""
    while True:
        code = tokens.short_code("W")
        if queries.by_code(event_id, code) is None:
            return code


def _add_lead(proposal: Proposal, person: Person, now: datetime) -> None:
    known = registration.of_person(proposal.event_id, person.id)
    lead = ProposalPerson(
        code=tokens.short_code("PP"), proposal_id=proposal.id, person_id=person.id, role=Role.LEAD, answer=Answer.ACCEPTED,
        name=(known.name_own if known else person.name_in(proposal.lang)), email=person.email or "",
        email_key=person.email_key or "", lang=person.lang, added_at=now, added_by_id=person.id, answered_at=now,
    )  # fmt: skip
    if known is not None:
        lead.organisation_id, lead.organisation_name = known.organisation_id, known.organisation_name
        lead.sector, lead.country, lead.position = known.sector, known.country, known.position
    db.session.add(lead)
    db.session.flush()


# ---- write -----------------------------------------------------------------------------------------------------------


def save_part(proposal_id: int, section: str, given: Mapping[str, Any], *, based_on: int, by: int) -> Saved:
    """Keep the answers of one section as typed, right or wrong. `based_on` is the revision that was looked at.

    What the page did not show stays: questions that are asked no more, or only under a condition.

    Raises Overtaken when somebody changed the part since, Refused when the proposal cannot be changed now.
    """
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal = writable(proposal_id, by, now)
        part = queries.parts(proposal_id).get(section)
        before = dict(part.answers) if part is not None else {}
        whole = {**before, **given}
        if part is None or writing.is_change(part, whole, based_on=based_on):
            part = write_part(proposal, section, whole, given=given, by=by, now=now)
            uploads.settle(proposal, before=before, after=whole)
            refresh(proposal, queries.offer(proposal.event_id))
        return Saved(part.revision, part.changed_at, part.missing)


def writable(proposal_id: int, person_id: int, now: datetime) -> Proposal:
    """The proposal, for somebody who may write it now. Raises Refused."""
    proposal = db.session.get_one(Proposal, proposal_id)
    if queries.writer(proposal_id, person_id) is None:
        raise Refused(Refusal("proposal.not_yours"))
    window, is_late = queries.window(_call(proposal.event_id)), queries.late_of(proposal, now) is not None
    if refusal := rules.why_not_write(window, now, state=proposal.state, begun_at=proposal.begun_at, is_late_guest=is_late):
        raise Refused(refusal)
    return proposal


def write_part(
    proposal: Proposal, section: str, answers: Mapping[str, Any], *, given: Mapping[str, Any] | None = None, by: int, now: datetime
) -> ProposalPart:
    """Write one section, with its edit. Inside the running transaction.

    `given` are those of its answers that were given now (None: all): no other part holds them any more, though their question
    stood there once.
    """
    parts = queries.parts(proposal.id)
    part = parts.pop(section, None)
    if part is None:
        part = ProposalPart(proposal_id=proposal.id, section=section, revision=0, changed_by_id=by, changed_at=now)
        db.session.add(part)
    writing.put(part, answers, by=by, now=now)
    for other in parts.values():
        _let_go(other, (answers if given is None else given).keys())
    proposal.changed_at = now
    db.session.flush()
    _keep_edit(part, now)
    return part


def _let_go(part: ProposalPart, names: Collection[str]) -> None:
    """Take these answers out of a part in which nobody sees them any more: that is no change of it."""
    if not part.answers.keys().isdisjoint(names):
        part.answers = {name: value for name, value in part.answers.items() if name not in names}


def _keep_edit(part: ProposalPart, now: datetime) -> None:
    """What the same person goes on writing is one edit, until they pause or somebody else writes."""
    query = select(ProposalEdit).where(ProposalEdit.part_id == part.id).order_by(ProposalEdit.revision.desc()).limit(1)
    last = db.session.scalar(query)
    if last is None or last.changed_by_id != part.changed_by_id or now - last.changed_at > writing.ONE_GO:
        last = ProposalEdit(part_id=part.id, begun_at=now, changed_by_id=part.changed_by_id)
        db.session.add(last)
    last.answers, last.revision, last.changed_at = part.answers, part.revision, now


def refresh(proposal: Proposal, offer: Offer) -> None:
    """Derive what lists show from the parts and the people. Inside the running transaction."""
    parts, found = queries.parts(proposal.id), queries.people(proposal.id)
    values, problems = rules.parse(queries.raw_of(parts), form=offer.form, lang=proposal.lang, choices=offer.choices)
    derive(proposal, parts, found, offer, values=values, problems=problems)
    db.session.flush()


def derive(
    proposal: Proposal, parts: Mapping[str, ProposalPart], found: list[ProposalPerson], offer: Offer, *,
    values: Mapping[str, Any], problems: Mapping[str, Any],
) -> None:  # fmt: skip
    """The same from what was read and judged already."""
    for section in offer.form.sections:
        if (part := parts.get(section.code)) is not None:
            part.missing = sum(1 for field in rules.section_fields(section) if field in problems)
    bodies = queries.bodies(found)
    proposal.missing = len(problems) + (0 if bodies else 1)
    proposal.sectors = list(dict.fromkeys(body.sector for body in bodies if body.has_accepted and body.sector))
    proposal.country = bodies[0].country if bodies else ""
    if proposal.version == 0:
        show(proposal, values, offer)
    find_by_names(proposal, found)


def show(proposal: Proposal, values: Mapping[str, Any], offer: Offer) -> None:
    """What lists and the search know: of the version that was sent, or of a draft as it is being written."""
    proposal.title = Text(**{lang: values.get(standard.field_of("title", lang), "") for lang in LANGS})
    proposal.track_id, proposal.format_id = offer.track_id(values.get("track")), offer.format_id(values.get("format"))
    languages = rules.languages_of(values, offer.form)
    proposal.languages = [lang for lang in LANGS if lang in languages and not languages[lang]]
    texts = [str(values.get(standard.field_of(name, lang), "")) for name in standard.WORDS for lang in LANGS]
    _search_of(proposal).words = " ".join(dict.fromkeys(text.search_key(*texts).split()))
    proposal.sort_title = text.sort_key(proposal.title.in_(proposal.lang))[:120]


def find_by_names(proposal: Proposal, found: list[ProposalPerson]) -> None:
    """Who stands behind it is no part of a version: it is found by the people of now."""
    people_names = [value for person in found for value in (person.name, person.organisation_name) if value]
    titles = list(proposal.title.as_dict().values())
    # the skeletons, in capitals, let a name be found that is written in the other script or spelt another way
    bones = (text.skeleton(name) for name in (*people_names, *titles))
    addresses = [person.email for person in found]
    key = text.search_key(*people_names, *titles, *addresses, str(proposal.number or ""), proposal.code)
    _search_of(proposal).names = " ".join(dict.fromkeys([*key.split(), *" ".join(bones).split()]))


def _search_of(proposal: Proposal) -> ProposalSearch:
    search = db.session.get(ProposalSearch, proposal.id)
    if search is None:
        search = ProposalSearch(proposal_id=proposal.id, event_id=proposal.event_id)
        db.session.add(search)
        db.session.flush()
    return search


# ---- send ------------------------------------------------------------------------------------------------------------


def send(proposal_id: int, *, by: int) -> ProposalVersion:
    """Send what is written: the version sent before stands until then, this one from now on.

    Raises Incomplete with all problems by field, Refused when the call has closed or the limits are reached.
    """
    with transaction(queue=("call", db.session.get_one(Proposal, proposal_id).event_id)) as now:
        proposal = writable(proposal_id, by, now)
        if proposal.lead_id != by:
            raise Refused(Refusal("proposal.lead_sends"))
        call, offer = _call(proposal.event_id), queries.offer(proposal.event_id)
        found = queries.people(proposal_id)
        values = complete(proposal, offer, found)
        bodies = queries.bodies(found)
        _refuse_too_many(proposal, call, bodies[0].key)
        is_first = proposal.version == 0
        version = new_version(proposal, values, offer, by=by, now=now)
        is_late = queries.late_of(proposal, now) is not None
        version.in_grace = proposal.in_grace = now >= call.closes_at and not is_late
        proposal.state, proposal.sent_at, proposal.version = State.SUBMITTED, now, version.number
        if proposal.number is None:
            proposal.number = next_number(proposal.event_id)
        show(proposal, values, offer)
        find_by_names(proposal, found)
        _forget_deleted(proposal, offer)
        facts = {"version": version.number, "number": proposal.number, "hash": version.hash, "in_grace": version.in_grace,
                 "by_invitation": is_late}  # fmt: skip
        person = db.session.get_one(Person, by)
        audit.record("proposal.sent", proposal, event_id=proposal.event_id, actor=people.actor_of(person), facts=facts)
        mails.received(proposal, db.session.get_one(Event, proposal.event_id), person, is_first=is_first, now=now)
        return version


def _forget_deleted(proposal: Proposal, offer: Offer) -> None:
    """What was typed for questions that are in the form no more was kept until now."""
    asked = {field for section in offer.form.sections for field in rules.section_fields(section)}
    for part in queries.parts(proposal.id).values():
        before = dict(part.answers)
        _let_go(part, before.keys() - asked)
        uploads.settle(proposal, before=before, after=part.answers)


def next_number(event_id: int) -> int:
    """The number of the next proposal that is sent. Inside the call's queue."""
    return 1 + (db.session.scalar(select(func.max(Proposal.number)).where(Proposal.event_id == event_id)) or 0)


def complete(proposal: Proposal, offer: Offer, found: list[ProposalPerson]) -> dict[str, Any]:
    """The clean answers of what is being written. Raises Incomplete with all problems by field."""
    raw = queries.raw_of(queries.parts(proposal.id))
    values, problems = rules.parse(raw, form=offer.form, lang=proposal.lang, choices=offer.choices)
    if not queries.bodies(found):
        problems["people"] = rules.NO_BODY
    if problems:
        raise Incomplete(problems)
    return values


def _refuse_too_many(proposal: Proposal, call: Call, body_key: str) -> None:
    """Refuse when the lead's body has sent as many as one body may."""
    if call.per_organisation is None or proposal.version:
        return
    sent = select(ProposalPerson).join(Proposal, Proposal.id == ProposalPerson.proposal_id).where(
        Proposal.event_id == proposal.event_id, Proposal.id != proposal.id, Proposal.number.is_not(None),
        Proposal.state.not_in((State.WITHDRAWN, State.MERGED)), ProposalPerson.role == Role.LEAD,
    )  # fmt: skip
    same = sum(1 for lead in db.session.scalars(sent) if queries.body_key(lead) == body_key)
    if same >= call.per_organisation:
        raise Refused(Refusal("call.too_many_of_body", {"limit": call.per_organisation}))


def new_version(proposal: Proposal, values: Mapping[str, Any], offer: Offer, *, by: int, now: datetime) -> ProposalVersion:
    """What is sent, kept whole. Inside the running transaction."""
    version = ProposalVersion(
        proposal_id=proposal.id, number=proposal.version + 1, answers=dict(values), form_version=offer.form.version,
        hash=hash_of(values), sent_at=now, sent_by_id=by,
    )  # fmt: skip
    db.session.add(version)
    db.session.flush()
    return version


def hash_of(values: Mapping[str, Any]) -> str:
    """SHA-256 of the answers in one canonical form, in hexadecimal."""
    plain = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=list)
    return hashlib.sha256(plain.encode()).hexdigest()


# ---- withdraw and restore --------------------------------------------------------------------------------------------


def withdraw(proposal_id: int, *, by: int, reason: str = "") -> Proposal:
    """The lead takes the proposal back, at any time until it is declined; only the team can restore it.

    Raises Refused when it is not theirs or has ended.
    """
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal = db.session.get_one(Proposal, proposal_id)
        if proposal.lead_id != by:
            raise Refused(Refusal("proposal.lead_sends"))
        _end(proposal, State.WITHDRAWN, reason=reason, now=now)
        person = db.session.get_one(Person, by)
        audit.record(
            "proposal.withdrawn", proposal, event_id=proposal.event_id, actor=people.actor_of(person),
            personal={"reason": (None, reason or None)},
        )  # fmt: skip
        event = db.session.get_one(Event, proposal.event_id)
        mails.withdrawn(proposal, event, now=now)
        if proposal.state_before == State.ACCEPTED:
            mails.withdrawn_after_all(proposal, event, people.holders(event.id, rules.TEAM), reason=reason)
        return proposal


def _end(proposal: Proposal, state: State, *, reason: str, now: datetime) -> None:
    if refusal := rules.why_not_move(proposal.state, state):
        raise Refused(refusal)
    proposal.state_before, proposal.state = proposal.state, state
    proposal.ended_at, proposal.end_reason = now, reason


def restore(proposal_id: int, *, reason: str, by: Actor) -> Proposal:
    """The team takes a withdrawal back, with a reason: the proposal is what it was. Raises Refused."""
    if not reason.strip():
        raise Refused(Refusal("proposal.reason_missing"))
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal = db.session.get_one(Proposal, proposal_id)
        if proposal.state != State.WITHDRAWN:
            raise Refused(Refusal("proposal.wrong_state", {"state": proposal.state}))
        proposal.state, proposal.state_before = proposal.state_before or State.DRAFT, ""
        proposal.ended_at, proposal.end_reason, proposal.changed_at = None, "", now
        refresh(proposal, queries.offer(proposal.event_id))  # the questions may have changed since
        facts = {"state": proposal.state}
        personal = {"reason": (None, reason)}
        audit.record("proposal.restored", proposal, event_id=proposal.event_id, actor=by, facts=facts, personal=personal)
        mails.restored(proposal, db.session.get_one(Event, proposal.event_id), now=now)
        return proposal
