"""Reads about concept notes that several pages need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import exists, select

from eventreg.core.db import db
from eventreg.people.models import Person
from eventreg.proposals import note_rules, queries
from eventreg.proposals.models import Proposal, ProposalFormat, ProposalPerson
from eventreg.proposals.note_models import Note, NoteComment, NotePart, NoteSignature, NoteText
from eventreg.proposals.note_rules import NoteState
from eventreg.proposals.rules import Body, State


def versions(proposal_id: int) -> list[Note]:
    """All versions of the note, the newest first."""
    return list(db.session.scalars(select(Note).where(Note.proposal_id == proposal_id).order_by(Note.number.desc())))


def newest(proposal_id: int) -> Note | None:
    """The version that counts most: the one worked on, else the one signed off last."""
    return db.session.scalar(select(Note).where(Note.proposal_id == proposal_id).order_by(Note.number.desc()).limit(1))


def version(proposal_id: int, number: int) -> Note | None:
    """One version."""
    return db.session.scalar(select(Note).where(Note.proposal_id == proposal_id, Note.number == number))


def has_note(proposal: Proposal) -> bool:
    """Whether the proposal has a note, or may have one."""
    return proposal.state == State.ACCEPTED or bool(db.session.scalar(select(exists().where(Note.proposal_id == proposal.id))))


def parts(note_id: int) -> dict[str, NotePart]:
    """The parts of a version, by section."""
    return {part.section: part for part in db.session.scalars(select(NotePart).where(NotePart.note_id == note_id))}


def texts(note_ids: Iterable[int]) -> list[NoteText]:
    """The texts of these versions that were put to signature, the oldest first."""
    query = select(NoteText).where(NoteText.note_id.in_(list(note_ids)))
    return list(db.session.scalars(query.order_by(NoteText.id)))


def text_of(note: Note, turn: int | None = None) -> NoteText | None:
    """The text of a version that was put to signature last, or in this turn."""
    return db.session.scalar(select(NoteText).where(NoteText.note_id == note.id, NoteText.turn == (turn or note.turn)))


def signatures(text_id: int, *, void_too: bool = False) -> list[NoteSignature]:
    """Who signed this text, in order."""
    query = select(NoteSignature).where(NoteSignature.text_id == text_id).order_by(NoteSignature.id)
    return list(db.session.scalars(query if void_too else query.where(NoteSignature.void_at.is_(None))))


def signed_by(text_id: int) -> dict[str, NoteSignature]:
    """Who signed this text, by the key that each signer's body has today: two organisations may have become one since."""
    query = select(NoteSignature, ProposalPerson).join(ProposalPerson, ProposalPerson.id == NoteSignature.member_id)
    rows = db.session.execute(query.where(NoteSignature.text_id == text_id, NoteSignature.void_at.is_(None)))
    return {queries.body_key(member): signature for signature, member in rows}


def minutes_of(proposal: Proposal) -> int | None:
    """How long the workshop lasts, by its format."""
    query = select(ProposalFormat.minutes).where(ProposalFormat.id == proposal.format_id)
    return db.session.scalar(query) if proposal.format_id else None


def bodies_of(proposal_id: int) -> list[Body]:
    """The bodies that must sign."""
    return note_rules.who_must_sign(queries.bodies(queries.people(proposal_id)))


def members(proposal_id: int, body_key: str | None = None) -> list[ProposalPerson]:
    """Lead and co-organisers who have accepted; of one body where one is named."""
    writers = [person for person in queries.people(proposal_id) if person.is_writer]
    return [person for person in writers if body_key is None or queries.body_key(person) == body_key]


# ---- comments --------------------------------------------------------------------------------------------------------


@dataclass
class Thread:
    """Something said at a part, and what was answered."""

    first: NoteComment
    answers: list[NoteComment] = field(default_factory=list)

    @property
    def last(self) -> NoteComment:
        """What was said last."""
        return self.answers[-1] if self.answers else self.first


def threads(proposal_id: int) -> list[Thread]:
    """Everything that was said about the note, the oldest first: one statement."""
    found: dict[int, Thread] = {}
    query = select(NoteComment).where(NoteComment.proposal_id == proposal_id).order_by(NoteComment.id)
    for comment in db.session.scalars(query):
        if comment.thread_id is None:
            found[comment.id] = Thread(comment)
        else:
            found[comment.thread_id].answers.append(comment)
    return list(found.values())


def comment(proposal_id: int, code: str) -> NoteComment | None:
    """The first comment of a thread."""
    query = select(NoteComment).where(NoteComment.proposal_id == proposal_id, NoteComment.code == code)
    return db.session.scalar(query.where(NoteComment.thread_id.is_(None)))


# ---- what is to do ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Todo:
    """What somebody is waited for at a note: begin, write, sign, answer."""

    what: str
    proposal: Proposal


def todo(event_id: int, person_id: int) -> list[Todo]:
    """What this person has to do at the notes of their accepted workshops; a few statements for each workshop."""
    own = [proposal for proposal, _role in queries.of_person(event_id, person_id) if proposal.state == State.ACCEPTED]
    return [Todo(what, proposal) for proposal in own for what in todo_at(proposal, person_id)]


def todo_at(proposal: Proposal, person_id: int) -> list[str]:
    """What this person has to do at this note, the most pressing first."""
    member, note = queries.writer(proposal.id, person_id), newest(proposal.id)
    if member is None or proposal.state != State.ACCEPTED:
        return []
    if note is None:
        return ["begin"]
    found = []
    if note.state == NoteState.PROPOSED and waits_for(note, member):
        found.append("sign")
    if note.state == NoteState.DRAFT:
        found.append("write")
    if any(is_unanswered(thread, person_id) for thread in threads(proposal.id)):
        found.append("answer")
    return found


def waits_for(note: Note, member: ProposalPerson) -> bool:
    """Whether the version waits for the signature of this person's body."""
    text = text_of(note)
    return text is not None and queries.body_key(member) not in signed_by(text.id)


def is_unanswered(thread: Thread, person_id: int) -> bool:
    """Whether others said the last word of a thread that is not resolved."""
    return thread.first.resolved_at is None and thread.last.person_id != person_id


def unsigned(event_id: int) -> list[Proposal]:
    """The accepted proposals of which no version of the note is signed off yet."""
    signed = exists().where(Note.proposal_id == Proposal.id, Note.state == NoteState.SIGNED_OFF)
    query = select(Proposal).where(Proposal.event_id == event_id, Proposal.state == State.ACCEPTED, ~signed)
    return list(db.session.scalars(query.order_by(Proposal.id)))


def name_of(person: Person, member: ProposalPerson | None, lang: str) -> str:
    """What somebody is called at the note."""
    return (member.name if member else "") or person.name_in(lang) or person.email or ""
