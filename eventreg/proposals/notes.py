"""What happens to a concept note: begun, written by part, put to signature, signed by every body, or taken back to be changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from eventreg.core import audit
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.core.trilingual import LANGS
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Grant, Person
from eventreg.proposals import note_comments, note_mails, note_queries, note_rules, queries, services, standard, writing
from eventreg.proposals.models import Proposal, ProposalPerson
from eventreg.proposals.note_models import Note, NotePart, NoteSignature, NoteText
from eventreg.proposals.note_rules import NoteState
from eventreg.proposals.rules import Incomplete, Role
from eventreg.proposals.writing import Saved

# ---- begin -----------------------------------------------------------------------------------------------------------


def begin(proposal_id: int, *, by: int, lang: str = "") -> Note:
    """Begin the note with what the accepted proposal says; or the next version, as a copy of the one that is signed off.

    Raises Refused: not accepted, not theirs, a version is already being written.
    """
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal, _member = writable(proposal_id, by)
        last = note_queries.newest(proposal_id)
        if last is not None and last.state in note_rules.OPEN:
            raise Refused(Refusal("note.open_already", {"number": last.number}))
        note = Note(
            proposal_id=proposal_id, number=last.number + 1 if last else 1, title=proposal.title, begun_at=now, begun_by_id=by,
            lang=last.lang if last else (lang if lang in LANGS else proposal.lang), changed_at=now,
        )  # fmt: skip
        db.session.add(note)
        db.session.flush()
        for section, answers in (_of_version(last) if last else _of_proposal(proposal)).items():
            part = NotePart(note_id=note.id, section=section, answers=answers, revision=1, changed_by_id=by, changed_at=now)
            db.session.add(part)
        db.session.flush()
        _judge(note, proposal)
        _record("note.begun", proposal, by, {"version": note.number})
        return note


def _of_proposal(proposal: Proposal) -> dict[str, dict[str, Any]]:
    """What was sent fills the parts that it has; the speakers are those who were named."""
    sent = queries.version(proposal.id, proposal.version)
    answers = sent.answers if sent else {}
    named = [person for person in queries.people(proposal.id) if person.role == Role.SPEAKER]
    content: dict[str, Any] = {
        part: {lang: answers.get(standard.field_of(source, lang), "") for lang in LANGS}
        for part, source in note_rules.PREFILLED.items()
    }
    content |= {"axis": {}, "programme": [], "size_min": answers.get("size_min"), "size_max": answers.get("size_max")}
    content["speakers"] = [{"name": person.name, "about": _about(person, proposal.lang)} for person in named]
    return note_rules.as_typed(content)


def _about(speaker: ProposalPerson, lang: str) -> str:
    comma = "، " if lang == "ar" else ", "
    return comma.join(filter(None, (speaker.position, speaker.organisation_name)))


def _of_version(last: Note) -> dict[str, dict[str, Any]]:
    return {part.section: dict(part.answers) for part in note_queries.parts(last.id).values()}


def writable(proposal_id: int, person_id: int) -> tuple[Proposal, ProposalPerson]:
    """The proposal and the member that this person is, where its note is written now. Raises Refused."""
    proposal, member = db.session.get_one(Proposal, proposal_id), queries.writer(proposal_id, person_id)
    if member is None:
        raise Refused(Refusal("proposal.not_yours"))
    if refusal := note_rules.why_not_write(proposal.state):
        raise Refused(refusal)
    return proposal, member


# ---- write -----------------------------------------------------------------------------------------------------------


def save_part(
    proposal_id: int, number: int, section: str, given: Mapping[str, Any], *, based_on: int, by: int, is_knowing: bool = False
) -> Saved:
    """Keep a part as typed, right or wrong. Changing what was put to signature takes it back and voids its signatures.

    `is_knowing` says that the writer was told so. Raises Overtaken when somebody changed the part since, Refused.
    """
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal, _member = writable(proposal_id, by)
        note = _version(proposal_id, number)
        if note.state not in note_rules.OPEN:
            raise Refused(Refusal("note.wrong_state", {"state": note.state}))
        part = note_queries.parts(note.id)[section]
        if writing.is_change(part, given, based_on=based_on):
            if note.state == NoteState.PROPOSED:
                if not is_knowing:
                    raise Refused(Refusal("note.is_proposed"))
                _take_back(proposal, note, "edited", by=by, now=now)
            if part.revision == 1 or not writing.is_same_go(part, by=by, now=now):
                _record("note.written", proposal, by, {"version": number, "section": section})
            writing.put(part, given, by=by, now=now)
            note.changed_at = now
            db.session.flush()
        problems = _judge(note, proposal)
        missing = sum(1 for field in problems if note_rules.section_of(field) == section)
        return Saved(part.revision, part.changed_at, missing)


def _version(proposal_id: int, number: int) -> Note:
    note = note_queries.version(proposal_id, number)
    if note is None:
        raise Refused(Refusal("note.no_such_version"))
    return note


def _judge(note: Note, proposal: Proposal) -> dict[str, Refusal]:
    """Count what the version lacks."""
    problems = judged(note, proposal)[1]
    note.missing = len(problems)
    db.session.flush()
    return problems


def judged(note: Note, proposal: Proposal) -> tuple[dict[str, Any], dict[str, Refusal]]:
    """The content of a version as it is written, clean, and what is wrong with it, by field."""
    raw = {field: value for part in note_queries.parts(note.id).values() for field, value in part.answers.items()}
    return note_rules.parse(raw, lang=note.lang, minutes=note_queries.minutes_of(proposal))


# ---- put to signature ------------------------------------------------------------------------------------------------


def propose(proposal_id: int, number: int, *, by: int) -> NoteText:
    """Put the version to signature: every body is asked by mail. Raises Incomplete with all problems by field, Refused."""
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal, _member = writable(proposal_id, by)
        note = _version(proposal_id, number)
        _move(note, NoteState.PROPOSED)
        content, problems = judged(note, proposal)
        if problems:
            raise Incomplete(problems)
        note.turn += 1
        whole = {**content, "title": note.title.as_dict(), "lang": note.lang, "proposal": proposal.code, "version": number}
        text = NoteText(
            note_id=note.id, turn=note.turn, content=whole, hash=services.hash_of(whole), proposed_at=now, proposed_by_id=by
        )
        db.session.add(text)
        db.session.flush()
        _record("note.proposed", proposal, by, {"version": number, "hash": text.hash})
        note_mails.to_sign(proposal, note_queries.members(proposal_id), _event(proposal), number=number, now=now)
        return text


def _move(note: Note, state: NoteState) -> None:
    if refusal := note_rules.why_not_move(note.state, state):
        raise Refused(refusal)
    note.state = state


def _event(proposal: Proposal) -> Event:
    return db.session.get_one(Event, proposal.event_id)


def sign(proposal_id: int, number: int, hash_: str, *, by: int) -> NoteSignature:
    """Sign for one's body the text with this hash, and no other. The last body that signs signs the version off.

    Raises Refused: the text is another by now, the body has signed, the signer organises the meeting.
    """
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal, member = writable(proposal_id, by)
        note, text = _to_sign(proposal_id, number, hash_)
        if _organises(proposal.event_id, by):
            raise Refused(Refusal("note.organisers_do_not_sign"))
        body = queries.body_key(member)
        if body in note_queries.signed_by(text.id):
            raise Refused(Refusal("note.signed_already"))
        person = db.session.get_one(Person, by)
        signature = NoteSignature(
            text_id=text.id, member_id=member.id, person_id=by, body=body, body_name=member.organisation_name, hash=text.hash,
            name=note_queries.name_of(person, member, note.lang), signed_at=now,
        )  # fmt: skip
        db.session.add(signature)
        db.session.flush()
        personal = {"organisation": (None, member.organisation_name)}
        _record("note.signed", proposal, by, {"version": number, "hash": text.hash}, personal)
        settle(proposal, note, text, now=now)
        return signature


def _to_sign(proposal_id: int, number: int, hash_: str) -> tuple[Note, NoteText]:
    """The version and its text, where it is the very one that was looked at. Raises Refused."""
    note = _version(proposal_id, number)
    text = note_queries.text_of(note)
    if note.state != NoteState.PROPOSED or text is None:
        raise Refused(Refusal("note.not_to_sign" if note.state == NoteState.DRAFT else "note.wrong_state", {"state": note.state}))
    if text.hash != hash_:
        raise Refused(Refusal("note.text_changed"))
    return note, text


def _organises(event_id: int, person_id: int) -> bool:
    grants = select(Grant.id).where(Grant.person_id == person_id, Grant.event_id == event_id, Grant.role == "OR")
    return db.session.scalar(grants.limit(1)) is not None


def settle(proposal: Proposal, note: Note, text: NoteText, *, now: datetime) -> bool:
    """Sign the version off once no body's signature is missing; the version that was signed before is superseded."""
    signed = note_queries.signed_by(text.id)
    if not signed or note_rules.who_has_not(note_queries.bodies_of(proposal.id), signed):
        return False
    for older in note_queries.versions(proposal.id):
        if older.state == NoteState.SIGNED_OFF:
            _move(older, NoteState.SUPERSEDED)
            _record("note.superseded", proposal, None, {"version": older.number})
    _move(note, NoteState.SIGNED_OFF)
    note.signed_off_at = now
    db.session.flush()
    _record("note.signed_off", proposal, None, {"version": note.number, "hash": text.hash})
    note_mails.signed_off(proposal, note_queries.members(proposal.id), _event(proposal), number=note.number, now=now)
    return True


def bodies_changed(proposal: Proposal, member: ProposalPerson, *, now: datetime) -> None:
    """Somebody joined or left. Who joins is asked to sign what the others are asked to; who leaves is not waited for.

    A version that is signed off stays signed off by those who stood behind it. Inside the running transaction.
    """
    note = note_queries.newest(proposal.id)
    text = note_queries.text_of(note) if note is not None and note.state == NoteState.PROPOSED else None
    if note is None or text is None or note_rules.why_not_write(proposal.state):
        return
    if not settle(proposal, note, text, now=now) and member.is_writer and note_queries.waits_for(note, member):
        note_mails.to_sign(proposal, [member], _event(proposal), number=note.number, now=now)


# ---- take back -------------------------------------------------------------------------------------------------------


def ask_changes(proposal_id: int, number: int, hash_: str, section: str, words: str, *, by: int) -> None:
    """A body asks for changes, with a comment: the version is a draft again, and what was signed is void. Raises Refused."""
    said = note_rules.comment(words)
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal, member = writable(proposal_id, by)
        note, text = _to_sign(proposal_id, number, hash_)
        _take_back(proposal, note, "asked", by=by, now=now, words=said)
        note_comments.add(proposal, note, section, said, by=by, member=member, asked=text)


def _take_back(proposal: Proposal, note: Note, why: str, *, by: int, now: datetime, words: str = "") -> None:
    """The text that was to be signed is no longer the one: its signatures are void, and every body is told."""
    text = note_queries.text_of(note)
    if text is None:
        raise Refused(Refusal("note.not_to_sign"))
    _move(note, NoteState.DRAFT)
    text.ended_at, text.end = now, why
    for signature in note_queries.signatures(text.id):
        signature.void_at = now
    db.session.flush()
    _record("note.changes_asked" if why == "asked" else "note.taken_back", proposal, by, {"version": note.number})
    member = queries.writer(proposal.id, by)
    body = member.organisation_name if member else ""
    everybody = note_queries.members(proposal.id)
    note_mails.taken_back(proposal, everybody, _event(proposal), number=note.number, body=body, why=why, words=words, now=now)


def _record(
    action: str, proposal: Proposal, by: int | None, facts: Mapping[str, Any],
    personal: Mapping[str, tuple[str | None, str | None]] | None = None,
) -> None:  # fmt: skip
    actor = people.actor_of(db.session.get_one(Person, by)) if by is not None else audit.SYSTEM
    audit.record(action, proposal, event_id=proposal.event_id, actor=actor, facts=facts, personal=personal)
