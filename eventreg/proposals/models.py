"""The tables of the call: its dates and formats, proposals with their parts, versions and people."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventreg.core.db import Base
from eventreg.core.i18n import Text, TextType
from eventreg.events.models import Track
from eventreg.people.models import Person
from eventreg.proposals.rules import Answer, Role, State


class Call(Base):
    """The call for workshops of a meeting. Its bounds are kept as the event keeps its own: local as decided, UTC as derived."""

    __tablename__ = "call"
    __table_args__ = (CheckConstraint("grace_minutes BETWEEN 0 AND 15", name="grace_range"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    opens_local: Mapped[str]
    opens_at: Mapped[datetime]
    closes_local: Mapped[str]
    closes_fold: Mapped[int] = mapped_column(default=0)
    closes_at: Mapped[datetime]  # exclusive
    grace_minutes: Mapped[int] = mapped_column(default=5)
    moved_on: Mapped[date | None]
    moved_reason: Mapped[Text] = mapped_column(TextType, default=Text())
    intro: Mapped[Text] = mapped_column(TextType, default=Text())
    per_person: Mapped[int | None]  # how many somebody may lead; None: no limit
    per_organisation: Mapped[int | None]
    results_on: Mapped[date | None]  # the day on which everybody is answered
    notes_local: Mapped[str] = mapped_column(default="")  # until when concept notes are to be signed; "": not said
    notes_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def grace(self) -> timedelta:
        """How long after closing what was begun before may still be sent."""
        return timedelta(minutes=self.grace_minutes)


class LateInvitation(Base):
    """The right to begin and send proposals after the call has closed: for one address, or for whoever has the link."""

    __tablename__ = "late_invitation"
    __table_args__ = (UniqueConstraint("event_id", "code"), Index("ix_late_invitation_email", "event_id", "email_key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    code: Mapped[str]
    label: Mapped[str]  # for whom, in the organiser's words
    email: Mapped[str] = mapped_column(default="")  # bound to this address when not empty
    email_key: Mapped[str] = mapped_column(default="")
    lang: Mapped[str]
    reason: Mapped[str]
    expires_local: Mapped[str]
    expires_at: Mapped[datetime]
    max_uses: Mapped[int]
    uses: Mapped[int] = mapped_column(default=0)  # proposals begun, or gone on with
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    def is_open(self, now: datetime) -> bool:
        """Whether what was begun with it can still be written and sent."""
        return self.revoked_at is None and now < self.expires_at

    def state(self, now: datetime) -> str:
        """unused, used (at least once, still open), used_up, expired or revoked at `now`."""
        if not self.is_open(now):
            return "expired" if self.revoked_at is None else "revoked"
        if self.uses >= self.max_uses:
            return "used_up"
        return "used" if self.uses else "unused"


class ProposalFormat(Base):
    """A way of working together, with its length: workshop, panel, lightning talk …"""

    __tablename__ = "proposal_format"
    __table_args__ = (UniqueConstraint("event_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    slug: Mapped[str]
    rank: Mapped[int]
    name: Mapped[Text] = mapped_column(TextType)
    minutes: Mapped[int]
    is_offered: Mapped[bool] = mapped_column(default=True)  # not: kept for the proposals that chose it


class Proposal(Base):
    """One proposal. What is being written stands in its parts, what was sent in its versions; here is what lists show.

    `number` is what people quote, given when it is first sent. `title`, `track_id`, `format_id` and the words searched are those
    of the version sent, of a draft those being written. `missing` counts the answers that the writing lacks.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        UniqueConstraint("event_id", "code"),
        UniqueConstraint("event_id", "number"),
        Index("ix_proposal_event_state", "event_id", "state", "id"),
        Index("ix_proposal_event_track", "event_id", "track_id", "id"),
        Index("ix_proposal_event_sent", "event_id", "sent_at", "id"),
        Index("ix_proposal_event_title", "event_id", "sort_title", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    code: Mapped[str]
    number: Mapped[int | None]
    state: Mapped[str] = mapped_column(default=State.DRAFT)
    lang: Mapped[str]  # in which it is written
    lead_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[Text] = mapped_column(TextType, default=Text())
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id"))
    format_id: Mapped[int | None] = mapped_column(ForeignKey("proposal_format.id"))
    country: Mapped[str] = mapped_column(default="")  # of the lead's body
    sectors: Mapped[list[str]] = mapped_column(JSON, default=list)  # of the bodies that stand behind it, the lead's first
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)  # that have all its texts
    missing: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)  # the last one sent; 0: none
    begun_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]  # the last time
    entered_at: Mapped[datetime | None]  # the team wrote it in from a table then; while nobody else wrote, that is changed_at
    in_grace: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")
    state_before: Mapped[str] = mapped_column(default="")  # the end: to where the team may restore it
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"))
    late_id: Mapped[int | None] = mapped_column(ForeignKey("late_invitation.id"), index=True)  # lets it be written after closing
    sort_title: Mapped[str] = mapped_column(default="")

    track: Mapped[Track | None] = relationship(lazy="raise")
    format: Mapped[ProposalFormat | None] = relationship(lazy="raise")
    lead: Mapped[Person] = relationship(lazy="raise")


class ProposalSearch(Base):
    """What a proposal is found by. Long words in a table of their own: lists read thousands of proposals, and none of these.

    `names` are its people, bodies, titles, number and code, folded and by their sound; `words` is each folded word of its texts
    once: a third of the length of the texts themselves, and so of the time that a search takes.
    """

    __tablename__ = "proposal_search"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    names: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")


class ProposalPart(Base):
    """The answers of one section as they are written. `revision` grows with each change; who saves says on which they wrote."""

    __tablename__ = "proposal_part"
    __table_args__ = (UniqueConstraint("proposal_id", "section"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    section: Mapped[str]
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    revision: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]


class ProposalEdit(Base):
    """A part as somebody left it. What one person writes in one go is one edit; nothing that was left is lost."""

    __tablename__ = "proposal_edit"
    __table_args__ = (UniqueConstraint("part_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("proposal_part.id"))
    revision: Mapped[int]  # the part's, at its end
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    begun_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class ProposalVersion(Base):
    """What was sent, whole and never changed: clean answers by field, and a hash that stands for them."""

    __tablename__ = "proposal_version"
    __table_args__ = (UniqueConstraint("proposal_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    number: Mapped[int]
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    form_version: Mapped[int]
    hash: Mapped[str]
    sent_at: Mapped[datetime]
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    in_grace: Mapped[bool] = mapped_column(default=False)


class ProposalPerson(Base):
    """Somebody of a proposal: its lead, a co-organiser who accepts or declines, a speaker or a contact who is named.

    `person_id` is known for the lead at once, for a co-organiser once they have accepted.
    """

    __tablename__ = "proposal_person"
    __table_args__ = (
        UniqueConstraint("code"),
        Index("ix_proposal_person_proposal", "proposal_id", "role", "rank"),
        Index("ix_proposal_person_person", "person_id", "proposal_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    rank: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str] = mapped_column(default=Answer.NAMED)
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    email_key: Mapped[str] = mapped_column(default="")
    position: Mapped[str] = mapped_column(default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    organisation_name: Mapped[str] = mapped_column(default="")
    sector: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    lang: Mapped[str] = mapped_column(default="")
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    @property
    def is_writer(self) -> bool:
        """Whether this person may write and read the proposal."""
        return self.role == Role.LEAD or (self.role == Role.CO_ORGANISER and self.answer == Answer.ACCEPTED)


class ProposalMerge(Base):
    """One proposal went into another, as both leads agreed. `moved` is what changed of the other, to be put back."""

    __tablename__ = "proposal_merge"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    reason: Mapped[str]
    moved: Mapped[dict[str, Any]] = mapped_column(JSON)
    merged_at: Mapped[datetime]
    merged_by: Mapped[str]  # an actor of the record
    undo_until: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class ProposalNotSame(Base):
    """Two proposals that look alike and are two, as somebody said; `low_id` is smaller than `high_id`."""

    __tablename__ = "proposal_not_same"

    low_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    high_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True, index=True)
    said_at: Mapped[datetime]
    said_by: Mapped[str]
