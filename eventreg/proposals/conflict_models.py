"""What ties people to proposals: the ties that somebody said, and those that the product thinks it sees."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core.db import Base


class Tie(Base):
    """Somebody is tied to a proposal or to an organisation, as they or the chair said. `proposal_id` or an organisation is set.

    An organisation that is not in the directory is kept by its name; it is found by `organisation_key`, which is folded.
    """

    __tablename__ = "conflict_tie"
    __table_args__ = (
        Index("ix_conflict_tie_person", "event_id", "person_id"),
        Index("ix_conflict_tie_proposal", "proposal_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    organisation_name: Mapped[str] = mapped_column(default="")
    organisation_key: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]  # one of shield.TIES
    words: Mapped[str] = mapped_column(default="")
    declared_at: Mapped[datetime]
    declared_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]


class TieSuggestion(Base):
    """A tie that the product sees and nobody said: it hides the proposal until the chair dismisses it, for good.

    `evidence` is [[code, value], …]: mail_domain, organisation_name, same_name.
    """

    __tablename__ = "conflict_suggestion"
    __table_args__ = (Index("ix_conflict_suggestion_event", "event_id", "dismissed_at"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True, index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    evidence: Mapped[list[Any]] = mapped_column(JSON, default=list)
    found_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]
    dismissed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    dismissed_words: Mapped[str] = mapped_column(default="")
