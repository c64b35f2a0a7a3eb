"""The tables of concept notes: versions, their parts, the texts that were put to signature, signatures and comments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core.db import Base
from eventreg.core.i18n import Text, TextType
from eventreg.proposals.note_rules import NoteState


class Note(Base):
    """One version of a workshop's concept note, counted from 1. What is being written stands in its parts.

    `title` is the workshop's when the version was begun; `turn` counts how often it was put to signature.
    """

    __tablename__ = "note"
    __table_args__ = (UniqueConstraint("proposal_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(default=NoteState.DRAFT)
    lang: Mapped[str]  # in which it is written
    title: Mapped[Text] = mapped_column(TextType)
    turn: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)  # answers that are missing or wrong
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]
    signed_off_at: Mapped[datetime | None]


class NotePart(Base):
    """The answers of one part of a version as they are written; `revision` grows with each change."""

    __tablename__ = "note_part"
    __table_args__ = (UniqueConstraint("note_id", "section"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    section: Mapped[str]
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    revision: Mapped[int] = mapped_column(default=0)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]


class NoteText(Base):
    """A text that was put to signature, whole and never changed, under its hash.

    `end` says why it is no longer the one to sign: "asked" (changes were asked for), "edited"; "" while it is, or once it is
    signed off.
    """

    __tablename__ = "note_text"
    __table_args__ = (UniqueConstraint("note_id", "turn"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    turn: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    hash: Mapped[str]
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    end: Mapped[str] = mapped_column(default="")


class NoteSignature(Base):
    """One body's signature on one exact text, by one of its people. Names are those of the moment.

    A signature is void as soon as its text is no longer the one to sign; it stays to be seen.
    """

    __tablename__ = "note_signature"
    __table_args__ = (
        Index(
            "uq_note_signature_body", "text_id", "body", unique=True, sqlite_where=text("void_at IS NULL"),
            postgresql_where=text("void_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    text_id: Mapped[int] = mapped_column(ForeignKey("note_text.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("proposal_person.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    body: Mapped[str]  # its key when it signed
    body_name: Mapped[str]
    name: Mapped[str]
    hash: Mapped[str]
    signed_at: Mapped[datetime]
    void_at: Mapped[datetime | None]


class NoteComment(Base):
    """Something said at a part of the note, or an answer to it (`thread_id`). Comments outlive versions.

    `section` "" is the note as a whole. `asked_text_id` is the text in which a body asked for changes.
    """

    __tablename__ = "note_comment"
    __table_args__ = (UniqueConstraint("code"), Index("ix_note_comment_proposal", "proposal_id", "section", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    number: Mapped[int]  # of the version that was looked at
    section: Mapped[str] = mapped_column(default="")
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("note_comment.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str]
    body_name: Mapped[str] = mapped_column(default="")  # "": of the programme team
    words: Mapped[str]
    written_at: Mapped[datetime]
    asked_text_id: Mapped[int | None] = mapped_column(ForeignKey("note_text.id"))
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class NoteReminder(Base):
    """That the bodies of a proposal were reminded so many days before this deadline: told once."""

    __tablename__ = "note_reminder"
    __table_args__ = (UniqueConstraint("proposal_id", "days", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    days: Mapped[int]
    until: Mapped[datetime]
    at: Mapped[datetime]
