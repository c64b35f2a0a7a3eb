"""The tables of registration: drafts, registrations with their needs, tickets, the waiting list, invitations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventreg.core.db import Base
from eventreg.people import rules as people_rules
from eventreg.people.models import Person


class Draft(Base):
    """Answers on their way: kept at every step, found again by the browser's cookie or the mail's link. Holds no place."""

    __tablename__ = "registration_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)  # what mails' links and the one-time key go by; never used twice
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    hash: Mapped[str] = mapped_column(unique=True)  # of the cookie's secret
    lang: Mapped[str]
    email_key: Mapped[str] = mapped_column(default="")
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"))
    delegation_code: Mapped[str] = mapped_column(default="", index=True)  # DelegationPlace.link_code of the link it came by
    corrects: Mapped[str] = mapped_column(default="")  # the key of the sent form whose address was wrong
    keeps_needs: Mapped[bool] = mapped_column(default=False)  # the needs on record were not shown, and stay
    opened_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Registration(Base):
    """A person's entry for an event; keeps its own name, organisation and category, whatever happens to the person later."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        UniqueConstraint("event_id", "code"),
        Index("ix_registration_event_state", "event_id", "state"),
        Index("ix_registration_event_latin", "event_id", "sort_latin", "id"),
        Index("ix_registration_event_arabic", "event_id", "sort_arabic", "id"),
        Index("ix_registration_event_registered", "event_id", "registered_at", "id"),
        Index("ix_registration_event_category", "event_id", "category"),
        Index("ix_registration_event_country", "event_id", "country"),
        Index("ix_registration_event_organisation", "event_id", "organisation_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]  # what people quote to each other; opens nothing
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str | None] = mapped_column(unique=True)  # the one-time key of the newest form for it
    made_by: Mapped[str | None]  # the key of the form that made it, or last corrected its address
    state: Mapped[str]
    category: Mapped[str]
    name_latin: Mapped[str]
    name_arabic: Mapped[str]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    organisation_name: Mapped[str]
    sector: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    country: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    lang: Mapped[str]
    days: Mapped[list[str]] = mapped_column(JSON)  # ISO dates
    languages: Mapped[list[str]] = mapped_column(JSON)  # in which they follow a session
    wants_visa_letter: Mapped[bool] = mapped_column(default=False)
    consents_photo: Mapped[bool] = mapped_column(default=False)
    consents_contact: Mapped[bool] = mapped_column(default=False)
    consent_version: Mapped[str]
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # to own questions, by code; none that is sensitive
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"))
    delegation_id: Mapped[int | None] = mapped_column(ForeignKey("delegation.id"))  # as whose member they registered
    passed_deadline: Mapped[bool] = mapped_column(default=False)
    passed_limit: Mapped[bool] = mapped_column(default=False)
    in_grace: Mapped[bool] = mapped_column(default=False)
    is_entered: Mapped[bool] = mapped_column(default=False)  # by an organiser: nobody claimed the address, so nobody confirms it
    door_note: Mapped[str] = mapped_column(default="")  # what the door should say: "needs help at the desk"
    registered_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    address_confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # cancelled, declined or expired
    end_reason: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]
    search_key: Mapped[str]
    sort_latin: Mapped[str]
    sort_arabic: Mapped[str]

    person: Mapped[Person] = relationship(lazy="raise")

    def name_in(self, lang: str) -> str:
        """The name in the script that readers of `lang` expect, else the other one."""
        return people_rules.name_in(lang, latin=self.name_latin, arabic=self.name_arabic)

    @property
    def name_own(self) -> str:
        """The name in the person's own script: Arabic for those who write to us in Arabic."""
        return self.name_in("ar" if self.lang == "ar" else "latin")

    @property
    def name_other(self) -> str:
        """The name in the other script, '' when there is only one."""
        other = self.name_latin if self.lang == "ar" else self.name_arabic
        return "" if other == self.name_own else other


class Needs(Base):
    """Access and dietary needs, gender and sensitive own answers: apart from the rest, read by few, erased with the visa data."""

    __tablename__ = "registration_needs"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), primary_key=True)
    access: Mapped[str] = mapped_column(default="")
    diet: Mapped[str] = mapped_column(default="")
    gender: Mapped[str] = mapped_column(default="")  # one of standard.GENDERS, '' when not said
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # to sensitive own questions, by code


class Ticket(Base):
    """The code a participant holds and wears. One is live per confirmed registration; a reprint kills the one before."""

    __tablename__ = "ticket"
    __table_args__ = (Index("ix_ticket_registration", "registration_id", "revoked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    token: Mapped[str] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str] = mapped_column(default="")  # cancelled, expired, replaced


class WaitingEntry(Base):
    """A place in the waiting list. `position` only grows and never changes hands; people see their rank."""

    __tablename__ = "waiting_entry"
    __table_args__ = (
        UniqueConstraint("event_id", "position"),
        Index("ix_waiting_entry_state", "event_id", "state", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    position: Mapped[int]
    full_pool: Mapped[str]  # what was full when they joined: "event:", "category:media", "day:2022-11-02"
    state: Mapped[str]
    joined_at: Mapped[datetime]
    offered_at: Mapped[datetime | None]
    offer_expires_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    registration: Mapped[Registration] = relationship(lazy="raise")


class InvitationBatch(Base):
    """Invitations made from one list: what they have in common, and the lines that a worker has yet to turn into invitations."""

    __tablename__ = "invitation_batch"
    __table_args__ = (UniqueConstraint("event_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    code: Mapped[str]
    label: Mapped[str]
    planned: Mapped[int]  # how many invitations the list asked for
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)  # what every invitation of it allows, until when
    lines: Mapped[list[dict[str, str]]] = mapped_column(JSON)  # not yet made; empty once all are
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RegistrationDecision(Base):
    """An organiser's yes or no: prepared, then released in a batch, then it holds from `due_at` on. Never deleted."""

    __tablename__ = "registration_decision"
    __table_args__ = (
        Index("ix_registration_decision_event", "event_id", "applied_at", "undone_at"),
        Index("ix_registration_decision_batch", "event_id", "batch"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    verdict: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")  # a code of labels.DECISION_REASON
    words: Mapped[str] = mapped_column(default="")  # the organiser's own, told to the person with a no
    decided_by: Mapped[str]  # as in the record: organiser:P-…
    decided_at: Mapped[datetime]
    batch: Mapped[int | None]
    released_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # until then a released decision can be taken back
    undone_at: Mapped[datetime | None]  # taken back, or replaced by another
    applied_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")  # confirmed, waitlisted, declined; void: the person had left


class Invitation(Base):
    """A personal link with an author, a reason, an expiry, a number of uses and three separate rights.

    `remind_days` are the days after which somebody who has not used it is reminded; `remind_at` is the next such moment.
    """

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("event_id", "code"), Index("ix_invitation_remind_at", "remind_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    code: Mapped[str]
    label: Mapped[str]  # for whom, in the organiser's words
    email: Mapped[str] = mapped_column(default="")  # bound to this address when not empty
    email_key: Mapped[str] = mapped_column(default="", index=True)
    lang: Mapped[str]
    reason: Mapped[str]
    passes_deadline: Mapped[bool]
    passes_limit: Mapped[bool]
    passes_moderation: Mapped[bool] = mapped_column(default=False)
    category: Mapped[str] = mapped_column(default="")  # given to whoever registers with it when not empty
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # bound to it when set
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("invitation_batch.id"), index=True)
    remind_days: Mapped[list[int]] = mapped_column(JSON, default=list)
    remind_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    expires_local: Mapped[str]
    expires_at: Mapped[datetime]
    max_uses: Mapped[int]
    uses: Mapped[int] = mapped_column(default=0)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    def state(self, now: datetime) -> str:
        """unused, used (at least once, still open), used_up, expired or revoked at `now`."""
        if self.revoked_at is not None:
            return "revoked"
        if self.uses >= self.max_uses:
            return "used_up"
        if now >= self.expires_at:
            return "expired"
        return "used" if self.uses else "unused"


class Delegation(Base):
    """Places kept for the people of one body; its head says who comes. `category` is what its members count as."""

    __tablename__ = "delegation"
    __table_args__ = (UniqueConstraint("event_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    code: Mapped[str]
    name: Mapped[str]
    head_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    organisation_name: Mapped[str]
    sector: Mapped[str]
    country: Mapped[str]
    category: Mapped[str]
    names_until_local: Mapped[str] = mapped_column(default="")  # "": members are named until registration closes
    names_until_at: Mapped[datetime | None]
    search_key: Mapped[str]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class DelegationPlace(Base):
    """One place of a delegation: unnamed it holds a place under the limits that are known, named its registration does.

    `link_code` is what a member's link and form go by; another link for another person is another code.
    """

    __tablename__ = "delegation_place"
    __table_args__ = (UniqueConstraint("delegation_id", "number"), UniqueConstraint("registration_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegation.id"))
    number: Mapped[int]
    name_latin: Mapped[str] = mapped_column(default="")  # whom the head means, until they have registered
    name_arabic: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")  # where the link went
    email_key: Mapped[str] = mapped_column(default="")
    lang: Mapped[str] = mapped_column(default="")
    link_code: Mapped[str | None] = mapped_column(unique=True)
    link_sent_at: Mapped[datetime | None]
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))
    is_named_by_head: Mapped[bool] = mapped_column(default=False)  # without an address: the head is the contact
    was_complete: Mapped[bool] = mapped_column(default=False)  # somebody had it once: another may take it until the last day
    given_back_at: Mapped[datetime | None]

    @property
    def is_held(self) -> bool:
        """Whether the place itself, and no registration, holds a place of the meeting."""
        return self.registration_id is None and self.given_back_at is None
