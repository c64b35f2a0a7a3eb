"""What a person does with their own account: see where they are signed in, end that, change the password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from eventreg.core import clock, limits
from eventreg.core.db import db, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.people import devices, passwords, services
from eventreg.people.devices import Device
from eventreg.people.models import Account, Person, SignIn
from eventreg.people.services import SignedIn

_REF = 16  # letters of the hash that name a sign-in on its owner's page; they open nothing
_SHOWN = 50
_TRIES = 10  # wrong current passwords in a quarter of an hour


@dataclass(frozen=True)
class OpenSignIn:
    """A browser that is signed in. `is_link`: opened by the personal link of a mail, own pages of one event only."""

    ref: str
    device: Device
    is_link: bool
    since: datetime
    is_this: bool


def open_sign_ins(person_id: int, *, this: int) -> list[OpenSignIn]:
    """Where the person is signed in now, newest first, at most 50; `this` is the id of the sign-in that asks."""
    query = (
        select(SignIn)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.expires_at > clock.now())
        .order_by(SignIn.id.desc())
        .limit(_SHOWN)
    )
    return [
        OpenSignIn(s.hash[:_REF], devices.read(s.agent), s.kind == "link", s.created_at, s.id == this)
        for s in db.session.scalars(query)
    ]


def has_password(person_id: int) -> bool:
    """Whether the person signs in with a password (else only by links)."""
    return db.session.scalar(select(Account.person_id).where(Account.person_id == person_id)) is not None


def end_sign_in(person_id: int, ref: str) -> None:
    """End one of the person's own sign-ins; an unknown `ref`, or somebody else's, changes nothing."""
    if len(ref) != _REF:
        return
    with transaction() as now:
        mine = SignIn.hash.startswith(ref, autoescape=True) & (SignIn.person_id == person_id)
        statement = update(SignIn).where(mine, SignIn.ended_at.is_(None)).values(ended_at=now)
        db.session.execute(statement, execution_options={"synchronize_session": False})


def change_password(person_id: int, new: str, *, current: str | None, agent: str) -> SignedIn | None:
    """Set the first password, or change it: that ends every sign-in and returns a fresh one for this browser.

    `current` None: it is not asked for, as the person has just signed in by a link.
    Raises Refused: people.wrong_password, people.password_short, limits.too_many; nothing is changed then.
    """
    person = db.session.get_one(Person, person_id)
    is_first = not has_password(person_id)
    if not is_first and current is not None:
        _check_current(person, current)
    services.set_password(person_id, new, by=services.actor_of(person), is_reset=not is_first)
    if is_first:
        return None
    with transaction() as now:
        return services.open_session(person_id, "full", now=now, agent=agent)


def _check_current(person: Person, current: str) -> None:
    quarter = timedelta(minutes=15)
    limits.check("own-password", person.code, now=clock.now(), limit=_TRIES, per=quarter)
    stored = db.session.scalar(select(Account.password_hash).where(Account.person_id == person.id))
    if not passwords.matches(stored, current):
        with transaction() as now:
            limits.hit("own-password", person.code, now=now)
        raise Refused(Refusal("people.wrong_password"))
