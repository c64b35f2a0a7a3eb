"""The tables of reviewing and selection: criteria, reviewers, assignments, reviews, the board and its decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventreg.core.db import Base
from eventreg.core.i18n import Text, TextType
from eventreg.people.models import Person
from eventreg.proposals.models import Proposal
from eventreg.reviewing.rules import AssignmentState, ListState, SetState


class Reviewing(Base):
    """How the proposals of a meeting are reviewed. Its closing is kept as the event's is: local as decided, UTC as derived."""

    __tablename__ = "reviewing"
    __table_args__ = (CheckConstraint("per_proposal BETWEEN 1 AND 20", name="per_proposal"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    opens_at: Mapped[datetime | None]  # set by the chair's own hand; None: being prepared
    closes_local: Mapped[str] = mapped_column(default="")
    closes_at: Mapped[datetime | None]  # exclusive
    per_proposal: Mapped[int] = mapped_column(default=3)
    max_load: Mapped[int] = mapped_column(default=25)  # of one reviewer, unless theirs says otherwise
    mixes_sectors: Mapped[bool] = mapped_column(default=True)  # each proposal is read from government and from civil society
    is_blind: Mapped[bool] = mapped_column(default=False)  # reviewers do not see who proposes
    shows_others: Mapped[bool] = mapped_column(default=True)  # others' reviews, after one's own
    publishes: Mapped[bool] = mapped_column(default=False)  # statistics, to everybody
    revision: Mapped[int] = mapped_column(default=0)
    seen_key: Mapped[str] = mapped_column(default="")  # of the people and reviewers among whom ties were last looked for


class CriteriaSet(Base):
    """A version of the criteria. Frozen it never changes: `hash` stands for its words, scale and weights; reviews refer to it."""

    __tablename__ = "criteria_set"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(default=SetState.DRAFT)
    lowest: Mapped[int] = mapped_column(default=1)
    highest: Mapped[int] = mapped_column(default=5)
    reason: Mapped[Text] = mapped_column(TextType, default=Text())  # why there is a new version
    revision: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(default="")
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    offered_at: Mapped[datetime | None]  # a change of frozen criteria waits for a second person
    offered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    frozen_at: Mapped[datetime | None]
    frozen_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    criteria: Mapped[list[Criterion]] = relationship(
        order_by="Criterion.rank", cascade="all, delete-orphan", lazy="selectin", back_populates="criteria_set"
    )


class Criterion(Base):
    """One question to the reviewer: a score on the set's scale, or a condition that a proposal fails or meets."""

    __tablename__ = "criterion"
    __table_args__ = (UniqueConstraint("set_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("criteria_set.id"))
    code: Mapped[str]  # stays the same from version to version
    rank: Mapped[int]
    kind: Mapped[str]  # one of rules.KINDS
    name: Mapped[Text] = mapped_column(TextType)
    guidance: Mapped[Text] = mapped_column(TextType, default=Text())
    anchors: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)  # {"5": {ar, fr, en}}: what a level means
    weight: Mapped[int] = mapped_column(default=1)
    is_required: Mapped[bool] = mapped_column(default=True)

    criteria_set: Mapped[CriteriaSet] = relationship(back_populates="criteria", lazy="raise")


class Reviewer(Base):
    """Somebody who reviews: what they read and know, for which sector, how much they can take."""

    __tablename__ = "reviewer"
    __table_args__ = (Index("ix_reviewer_person", "person_id"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    organisation_name: Mapped[str] = mapped_column(default="")
    sector: Mapped[str]
    country: Mapped[str] = mapped_column(default="")
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)  # that they read
    tracks: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # slug -> 0 little, 1 some, 2 much; absent: not said
    max_load: Mapped[int | None]  # None: as everybody
    added_at: Mapped[datetime]
    profile_at: Mapped[datetime | None]  # when they said themselves what they read and know
    ties_at: Mapped[datetime | None]  # when they looked through the list of those who propose
    left_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")


class Assignment(Base):
    """One proposal for one reviewer. `reasons` say why it was them: what the chair and they read."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("proposal_id", "person_id"),
        Index("ix_assignment_person", "event_id", "person_id", "state"),
        Index("ix_assignment_proposal", "event_id", "proposal_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(default=AssignmentState.ASSIGNED)
    by_solver: Mapped[bool] = mapped_column(default=False)
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    assigned_at: Mapped[datetime]
    told_at: Mapped[datetime | None]  # in a digest mail
    reminded_days: Mapped[int | None]  # the last reminder sent, in days before the closing
    started_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(default="")  # why it was declined or taken away

    proposal: Mapped[Proposal] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")


class Review(Base):
    """What a reviewer says of a proposal, as it stands; `total` is the weighted mean of its scores once it is submitted."""

    __tablename__ = "review"
    __table_args__ = (Index("ix_review_proposal", "event_id", "proposal_id"), Index("ix_review_person", "event_id", "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    set_id: Mapped[int] = mapped_column(ForeignKey("criteria_set.id"))
    proposal_version: Mapped[int]  # that was read
    revision: Mapped[int] = mapped_column(default=0)  # grows with each save; who saves says on which they wrote
    confidence: Mapped[int | None]  # 1 little, 2 some, 3 sure
    to_committee: Mapped[str] = mapped_column(default="")
    to_proposer: Mapped[str] = mapped_column(default="")
    total: Mapped[float | None]  # None: not submitted, or nothing could be judged
    is_submitted: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]

    scores: Mapped[list[Score]] = relationship(cascade="all, delete-orphan", lazy="selectin", back_populates="review")


class Score(Base):
    """The answer to one criterion: a value, or why it cannot be judged. Of a condition the value is 1 (meets it) or 0."""

    __tablename__ = "score"

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), primary_key=True)
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"), primary_key=True, index=True)
    value: Mapped[int | None]
    unable: Mapped[str] = mapped_column(default="")  # the reviewer's reason where they cannot judge

    review: Mapped[Review] = relationship(back_populates="scores", lazy="raise")


class ReviewVersion(Base):
    """A review as it was submitted, kept when it is changed; or a draft that its writer knowingly overwrote from another page."""

    __tablename__ = "review_version"
    __table_args__ = (UniqueConstraint("review_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    number: Mapped[int]
    set_id: Mapped[int] = mapped_column(ForeignKey("criteria_set.id"))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # scores by code, comments, confidence, total
    kept_at: Mapped[datetime]
    is_draft: Mapped[bool] = mapped_column(default=False)


class Talk(Base):
    """Something said about a proposal among those who have reviewed it and the chair."""

    __tablename__ = "review_talk"
    __table_args__ = (Index("ix_review_talk_proposal", "event_id", "proposal_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    words: Mapped[str]
    said_at: Mapped[datetime]


class ScoreFit(Base):
    """A fit of the model of severity and quality, with what it was made from: a view with its date, never a changed score."""

    __tablename__ = "score_fit"
    __table_args__ = (Index("ix_score_fit_event", "event_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    made_at: Mapped[datetime]
    hash: Mapped[str]  # of the scores it was made from
    result: Mapped[dict[str, Any]] = mapped_column(JSON)


class Quota(Base):
    """A bound on the selection: at least and at most so many proposals (or minutes) of one kind."""

    __tablename__ = "quota"
    __table_args__ = (UniqueConstraint("event_id", "kind", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    kind: Mapped[str]  # one of rules.QUOTAS
    key: Mapped[str] = mapped_column(default="")
    lower: Mapped[int | None]
    upper: Mapped[int | None]


class WhatIf(Base):
    """A set of choices that somebody tries: named, kept, shown to the committee when it is shared."""

    __tablename__ = "what_if"
    __table_args__ = (Index("ix_what_if_event", "event_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    name: Mapped[str]
    is_shared: Mapped[bool] = mapped_column(default=False)
    is_board: Mapped[bool] = mapped_column(default=False)  # the one that is decided on; one at most
    revision: Mapped[int] = mapped_column(default=0)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Choice(Base):
    """What a set says of one proposal: an outcome, why, and into which it is merged. No row: undecided."""

    __tablename__ = "what_if_choice"

    what_if_id: Mapped[int] = mapped_column(ForeignKey("what_if.id"), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True, index=True)
    outcome: Mapped[str]  # one of rules.OUTCOMES
    reason: Mapped[str] = mapped_column(default="")  # a code of rules.REASONS
    words: Mapped[str] = mapped_column(default="")  # in the proposer's language
    into_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"))
    rank: Mapped[int | None]  # place on the reserve list
    chosen_at: Mapped[datetime]
    chosen_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class DecisionList(Base):
    """A frozen list of decisions: one person freezes it, another of another sector approves the same hash, then it is published."""

    __tablename__ = "decision_list"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(default=ListState.PROPOSED)
    hash: Mapped[str]
    answer_by: Mapped[datetime | None]  # until when who is accepted confirms
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    void_at: Mapped[datetime | None]
    void_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    void_words: Mapped[str] = mapped_column(default="")


class Decision(Base):
    """What a frozen list says of one proposal, never changed; and what became of it."""

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_proposal", "event_id", "proposal_id"),)

    list_id: Mapped[int] = mapped_column(ForeignKey("decision_list.id"), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    outcome: Mapped[str]
    reason: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    into_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"))
    rank: Mapped[int | None]
    told_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")  # of who is accepted: "", confirmed, declined
    answered_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
