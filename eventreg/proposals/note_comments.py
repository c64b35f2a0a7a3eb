"""What is said at a part of the note: by those who write it and by the programme team, answered and resolved."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select

from eventreg.core import audit, clock, limits, tokens
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.proposals import note_mails, note_queries, note_rules, queries
from eventreg.proposals.models import Proposal, ProposalPerson
from eventreg.proposals.note_models import Note, NoteComment, NoteText

PER_HOUR = 60  # of one person


def say(proposal_id: int, number: int, section: str, words: str, *, by: int, thread: str = "") -> NoteComment:
    """Say something at a part, or answer it. Who neither leads nor co-organises it speaks for the programme team.

    Raises Refused: nothing said, too long, too often, the proposal is withdrawn, there is no such thread.
    """
    said = note_rules.comment(words)
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal = db.session.get_one(Proposal, proposal_id)
        if refusal := note_rules.why_not_write(proposal.state):
            raise Refused(refusal)
        limits.check("note-comment", str(by), now=now, limit=PER_HOUR, per=timedelta(hours=1))
        limits.hit("note-comment", str(by), now=now)
        note = note_queries.version(proposal_id, number)
        if note is None:
            raise Refused(Refusal("note.no_such_version"))
        first = _thread(proposal_id, thread) if thread else None
        comment = add(proposal, note, first.section if first else section, said, by=by, member=queries.writer(proposal_id, by))
        if first is not None:
            comment.thread_id = first.id
            first.resolved_at = first.resolved_by_id = None  # what is answered is being talked about again
        db.session.flush()
        actor = people.actor_of(db.session.get_one(Person, by), "person" if comment.body_name else "organiser")
        facts = {"version": number, "section": comment.section}
        audit.record("note.commented", proposal, event_id=proposal.event_id, actor=actor, facts=facts)
        event = db.session.get_one(Event, proposal.event_id)
        note_mails.commented(proposal, comment, event, spoken=_team_in(first or comment), now=now)
        return comment


def add(
    proposal: Proposal, note: Note, section: str, words: str, *, by: int, member: ProposalPerson | None,
    asked: NoteText | None = None,
) -> NoteComment:  # fmt: skip
    """Write a comment down, inside the running transaction. `asked` is the text of which changes are asked."""
    if section and section not in note_rules.SECTIONS:
        raise Refused(Refusal("note.no_such_part"))
    person = db.session.get_one(Person, by)
    comment = NoteComment(
        code=tokens.short_code("NC"), proposal_id=proposal.id, number=note.number, section=section, person_id=by, words=words,
        name=note_queries.name_of(person, member, note.lang), body_name=member.organisation_name if member else "",
        written_at=clock.now(), asked_text_id=asked.id if asked else None,
    )  # fmt: skip
    db.session.add(comment)
    db.session.flush()
    return comment


def _team_in(first: NoteComment) -> list[Person]:
    """Those of the programme team who have spoken in the thread."""
    spoken = select(NoteComment.person_id).where(
        or_(NoteComment.id == first.id, NoteComment.thread_id == first.id), NoteComment.body_name == ""
    )
    return list(db.session.scalars(select(Person).where(Person.id.in_(spoken), Person.email.is_not(None)).order_by(Person.id)))


def resolve(proposal_id: int, code: str, *, by: int) -> None:
    """Say that a thread is settled; answering it opens it again. Raises Refused."""
    with transaction(queue=("proposal", proposal_id)) as now:
        proposal = db.session.get_one(Proposal, proposal_id)
        if refusal := note_rules.why_not_write(proposal.state):
            raise Refused(refusal)
        first = _thread(proposal_id, code)
        if first.resolved_at is not None:
            return
        first.resolved_at, first.resolved_by_id = now, by
        is_team = queries.writer(proposal_id, by) is None
        actor = people.actor_of(db.session.get_one(Person, by), "organiser" if is_team else "person")
        facts = {"version": first.number, "section": first.section}
        audit.record("note.comment_resolved", proposal, event_id=proposal.event_id, actor=actor, facts=facts)


def _thread(proposal_id: int, code: str) -> NoteComment:
    found = note_queries.comment(proposal_id, code)
    if found is None:
        raise Refused(Refusal("note.no_such_comment"))
    return found
