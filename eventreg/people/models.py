"""The tables of persons, organisations and accounts; they belong to the installation, not to one event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core.db import Base
from eventreg.core.i18n import Text, TextType
from eventreg.people import rules


class Person(Base):
    """Somebody. `email_key` is the address as compared (case-folded, IDNA form); an address is optional."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_latin: Mapped[str] = mapped_column(default="")
    name_arabic: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None]  # as shown
    email_ascii: Mapped[str | None]  # as sent to
    email_key: Mapped[str | None] = mapped_column(unique=True)
    email_confirmed_at: Mapped[datetime | None]
    lang: Mapped[str] = mapped_column(default="en")
    created_at: Mapped[datetime]

    def name_in(self, lang: str) -> str:
        """The name in the script that readers of `lang` expect, else the other one."""
        return rules.name_in(lang, latin=self.name_latin, arabic=self.name_arabic)


class Account(Base):
    """How a person signs in with a password (argon2id); those without one sign in by a link."""

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str]
    changed_at: Mapped[datetime]


class SignIn(Base):
    """A browser that is signed in; its cookie holds a random token of which only the hash is here.

    `kind` is "full" (password or sign-in link) or "link" (opened by a personal link of a mail: own pages of one event only).
    """

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    event_id: Mapped[int | None]
    agent: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Grant(Base):
    """A role that somebody gave a person, in one event (event_id None: in the installation).

    `role` is a code of the access matrix (CI, OR, AD …); `scopes` narrow or widen it, e.g. ["needs"] for reading access and
    dietary needs.
    """

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("person_id", "event_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    event_id: Mapped[int | None]
    role: Mapped[str]
    scopes: Mapped[list[Any]] = mapped_column(JSON, default=list)
    granted_at: Mapped[datetime]


class Organisation(Base):
    """A body that sends people: government, civil society, … One that was merged stays as it was and leads to its survivor."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[Text] = mapped_column(TextType)
    acronym: Mapped[str] = mapped_column(default="")
    country: Mapped[str]
    sector: Mapped[str]  # one of rules.SECTORS
    level: Mapped[str] = mapped_column(default="")  # of a government's body: one of organisation_rules.LEVELS
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    is_public: Mapped[bool] = mapped_column(default=False)  # may be suggested to strangers
    created_at: Mapped[datetime]
    search_key: Mapped[str] = mapped_column(default="")
    sort_ar: Mapped[str] = mapped_column(default="", index=True)  # by the name that a page in this language shows
    sort_fr: Mapped[str] = mapped_column(default="", index=True)
    sort_en: Mapped[str] = mapped_column(default="", index=True)


class OrganisationName(Base):
    """Every name under which an organisation is found: its own in three languages, acronym, aliases.

    `key` is folded; `bones` are the consonants common to both scripts, '' of a name too short to tell anything by them.
    """

    __tablename__ = "organisation_name"
    __table_args__ = (
        Index("ix_organisation_name_key", "key"),
        Index("ix_organisation_name_bones", "bones"),
        UniqueConstraint("organisation_id", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str]
    key: Mapped[str]
    bones: Mapped[str] = mapped_column(default="")
    is_alias: Mapped[bool] = mapped_column(default=False)


class OrganisationMerge(Base):
    """One organisation went into another. `moved` is what changed in this room, `held` what each room above moved."""

    __tablename__ = "organisation_merge"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    moved: Mapped[dict[str, Any]] = mapped_column(JSON)
    held: Mapped[dict[str, Any]] = mapped_column(JSON)
    merged_at: Mapped[datetime]
    merged_by: Mapped[str]  # an actor of the record
    undo_until: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class NotTheSame(Base):
    """Two organisations that look like twins and are none, as somebody said; `low_id` is smaller than `high_id`."""

    __tablename__ = "organisation_not_the_same"

    low_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    high_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)
    said_at: Mapped[datetime]
    said_by: Mapped[str]
