"""What people do with who they are: be found or noted down, sign in, sign out, be granted a role."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from eventreg.core import audit, clock, limits, links, tokens
from eventreg.core.audit import Actor
from eventreg.core.db import db, take_turn, transaction
from eventreg.core.refusals import Refusal, Refused
from eventreg.events.models import Event
from eventreg.people import devices, mails, passwords
from eventreg.people.models import Account, Grant, Person, SignIn
from eventreg.people.rules import Email

SIGN_IN_LASTS = timedelta(days=14)
LINK_LASTS = timedelta(minutes=15)
WRONG_PASSWORDS_PER_ACCOUNT = 10  # in a quarter of an hour and per network
WRONG_PASSWORDS_PER_NETWORK = 50
WRONG_PASSWORDS_OF_ALL = 50  # in an hour for one account from all networks; the way by a mail's link stays open to its owner
LINKS_PER_HOUR = 5
LINK_MAILS_PER_ADDRESS = 10  # within the life of one link and from all networks: who gets no other has one that works


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in now, and what the browser must keep: the secret of its cookie, and until when."""

    person_id: int
    secret: str
    expires_at: datetime


def find_or_create(email: Email, *, lang: str, name_latin: str = "", name_arabic: str = "") -> Person:
    """The person with this address, made when there is none yet. Inside the running transaction."""
    known = select(Person).where(Person.email_key == email.key)
    person = db.session.scalar(known)
    if person is None:
        take_turn((f"person {email.key}", 0))  # two meetings may meet the same new address in the same moment
        person = db.session.scalar(known)
    if person is not None:
        return person
    person = Person(
        code=tokens.short_code("P"), email=email.address, email_ascii=email.ascii, email_key=email.key, lang=lang,
        name_latin=name_latin, name_arabic=name_arabic, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    return person


def find_or_create_all(wanted: Sequence[tuple[Email, str, str, str]]) -> list[Person]:
    """For each (address, language, Latin name, Arabic name) the person, made when there is none or the address is empty.

    Inside the running transaction; in a few statements altogether.
    """
    keys = sorted({email.key for email, *_rest in wanted if email.key})
    for key in keys:
        take_turn((f"person {key}", 0))
    found = {person.email_key: person for person in db.session.scalars(select(Person).where(Person.email_key.in_(keys)))}
    people = []
    for email, lang, name_latin, name_arabic in wanted:
        person = found.get(email.key) if email.key else None
        if person is None:
            person = Person(
                code=tokens.short_code("P"), email=email.address or None, email_ascii=email.ascii or None,
                email_key=email.key or None, lang=lang, name_latin=name_latin, name_arabic=name_arabic, created_at=clock.now(),
            )  # fmt: skip
            db.session.add(person)
            found[email.key] = person
        people.append(person)
    db.session.flush()
    return people


def set_password(person_id: int, password: str, *, by: Actor, is_reset: bool = True) -> None:
    """Give a person a password; ends their other sign-ins unless it is their first. Raises Refused when too short."""
    if len(password) < 12:
        raise Refused(Refusal("people.password_short", {"length": 12}))
    hashed = passwords.hashed(password)  # slow on purpose: before the transaction
    with transaction() as now:
        account = db.session.get(Account, person_id) or Account(person_id=person_id)
        account.password_hash, account.changed_at = hashed, now
        db.session.add(account)
        if is_reset:
            end_all(person_id, now)
        audit.record("account.password_set", db.session.get_one(Person, person_id), event_id=None, actor=by)


def sign_in(email: Email, password: str, *, network: str, agent: str) -> SignedIn:
    """Sign in with a password; the same answers for unknown addresses.

    Raises Refused: people.wrong_sign_in, limits.too_many, people.too_many_passwords (a link by mail is then the way in).
    """
    _not_too_often(email, network, now=clock.now())
    query = select(Person.id, Account.password_hash).join(Account, Account.person_id == Person.id)
    row = db.session.execute(query.where(Person.email_key == email.key)).first()
    if not passwords.matches(row.password_hash if row else None, password) or row is None:
        with transaction() as failed_at:
            limits.hit("password", f"{email.key} {network}", now=failed_at)
            limits.hit("password-network", network, now=failed_at)
            limits.hit("password-address", email.key, now=failed_at)
        raise Refused(Refusal("people.wrong_sign_in"))
    with transaction() as now:
        if devices.is_new(row.id, agent):
            mails.new_device(db.session.get_one(Person, row.id), devices.read(agent), at=now)
        return open_session(row.id, "full", now=now, agent=agent)


def _not_too_often(email: Email, network: str, *, now: datetime) -> None:
    """Guessing is slowed per network, and per account over all networks: a botnet has thousands of them."""
    quarter = timedelta(minutes=15)
    limits.check("password", f"{email.key} {network}", now=now, limit=WRONG_PASSWORDS_PER_ACCOUNT, per=quarter)
    limits.check("password-network", network, now=now, limit=WRONG_PASSWORDS_PER_NETWORK, per=quarter)
    try:
        limits.check("password-address", email.key, now=now, limit=WRONG_PASSWORDS_OF_ALL, per=timedelta(hours=1))
    except Refused as error:
        raise Refused(Refusal("people.too_many_passwords", error.refusal.params)) from None


def open_session(
    person_id: int, kind: str, *, now: datetime, agent: str = "", event_id: int | None = None, lasts: timedelta = SIGN_IN_LASTS
) -> SignedIn:
    """Open a sign-in ("full", or "link" for one event's own pages) inside the running transaction."""
    secret = tokens.new_secret()
    expires = now + lasts
    db.session.add(
        SignIn(
            hash=tokens.hash_secret(secret), person_id=person_id, kind=kind, event_id=event_id, agent=agent[:200],
            created_at=now, expires_at=expires,
        )
    )  # fmt: skip
    return SignedIn(person_id, secret, expires)


def send_sign_in_link(email: Email, *, lang: str, network: str, next_path: str = "") -> None:
    """Mail a sign-in link if this address belongs to somebody; does the same work, and answers the same, if not.

    Raises Refused (limits.too_many) after five in an hour for one address from one network. When many networks ask for the
    same address, no more mails go out than tell its owner: each of them holds a link that still works.
    """
    hour = timedelta(hours=1)
    limits.check("sign-in-link", f"{email.key} {network}", now=clock.now(), limit=LINKS_PER_HOUR, per=hour)
    limits.check("sign-in-link-network", network, now=clock.now(), limit=10 * LINKS_PER_HOUR, per=hour)
    with transaction() as now:
        limits.hit("sign-in-link", f"{email.key} {network}", now=now)
        limits.hit("sign-in-link-network", network, now=now)
        may_mail = limits.count("sign-in-link-mail", email.key, now=now, per=LINK_LASTS) < LINK_MAILS_PER_ADDRESS
        if may_mail:
            limits.hit("sign-in-link-mail", email.key, now=now)
        person = db.session.scalar(select(Person).where(Person.email_key == email.key))
        if person is None or not may_mail:
            mails.sign_in_link_to_nobody(lang=lang)
            return
        secret = links.make(
            "sign_in", person.code, now=now, expires_at=now + LINK_LASTS, max_uses=1, data={"next": next_path}
        )
        mails.sign_in_link(person, secret, lang=lang)


def use_sign_in_link(secret: str, *, agent: str) -> tuple[SignedIn, str]:
    """Sign in by the link of a mail, once: the cookie's secret and where the person wanted to go.

    Raises Refused (people.link_<state>) when it is unknown, used, expired or revoked.
    """
    with transaction() as now:
        link = links.find(secret)
        if link is None or link.purpose != "sign_in":
            raise Refused(Refusal("people.link_unknown"))
        if not links.use(link.id, now):
            raise Refused(Refusal(f"people.link_{link.state(now)}"))
        person = db.session.scalar(select(Person).where(Person.code == link.ref))
        if person is None:
            raise Refused(Refusal("people.link_unknown"))
        person.email_confirmed_at = now
        return open_session(person.id, "full", now=now, agent=agent), str(link.data.get("next", ""))


def sign_out(secret: str) -> None:
    """End the sign-in of this cookie; a copy of the cookie is dead from then on."""
    with transaction() as now:
        statement = update(SignIn).where(SignIn.hash == tokens.hash_secret(secret)).values(ended_at=now)
        db.session.execute(statement, execution_options={"synchronize_session": False})


def end_all(person_id: int, now: datetime) -> None:
    """End every sign-in of a person, inside the running transaction."""
    statement = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None)).values(ended_at=now)
    db.session.execute(statement, execution_options={"synchronize_session": False})


def sign_out_everywhere(person_id: int) -> None:
    """What the button says."""
    with transaction() as now:
        end_all(person_id, now)


def grant(person_id: int, role: str, *, event_id: int | None, by: Actor, scopes: list[str] | None = None) -> None:
    """Give a person a role in an event (None: in the installation); again is the same. Nobody grants themselves."""
    with transaction():
        person = db.session.get_one(Person, person_id)
        if by.ref == person.code:
            raise Refused(Refusal("people.own_grant"))
        give(person, role, event_id=event_id, by=by, scopes=scopes)


def give(person: Person, role: str, *, event_id: int | None, by: Actor, scopes: list[str] | None = None) -> None:
    """The same inside the running transaction, where the role follows from something else that happens."""
    given = _grant_of(person.id, role, event_id) or Grant(
        person_id=person.id, event_id=event_id, role=role, granted_at=clock.now()
    )  # fmt: skip
    given.scopes = list(scopes or [])
    db.session.add(given)
    facts = {"role": role, "scopes": given.scopes}
    audit.record("role.granted", person, event_id=event_id, actor=by, facts=facts)


def take(person: Person, role: str, *, event_id: int | None, by: Actor) -> None:
    """Take a role away again, inside the running transaction; without it nothing happens."""
    given = _grant_of(person.id, role, event_id)
    if given is not None:
        db.session.delete(given)
        audit.record("role.taken", person, event_id=event_id, actor=by, facts={"role": role})


def _grant_of(person_id: int, role: str, event_id: int | None) -> Grant | None:
    query = select(Grant).where(Grant.person_id == person_id, Grant.role == role)
    return db.session.scalar(query.where(Grant.event_id.is_(None) if event_id is None else Grant.event_id == event_id))


def roles_in_events(person_id: int) -> list[tuple[str, str]]:
    """In which meetings (by address) the person has which roles."""
    query = select(Event.slug, Grant.role).join(Event, Event.id == Grant.event_id).where(Grant.person_id == person_id)
    return [(row.slug, row.role) for row in db.session.execute(query.order_by(Event.first_day.desc(), Grant.role))]


def holders(event_id: int, roles: Collection[str]) -> list[Person]:
    """The people who have one of these roles in the event and can be written to, by name of their address."""
    granted = select(Grant.person_id).where(Grant.event_id == event_id, Grant.role.in_(roles))
    query = select(Person).where(Person.id.in_(granted), Person.email.is_not(None)).order_by(Person.email)
    return list(db.session.scalars(query))


def actor_of(person: Person, kind: str = "person") -> Actor:
    """How the audit names this person: by code."""
    return Actor(kind, person.code)


def confirm_address(person_id: int, now: datetime) -> Person:
    """The person showed that their address is theirs. Inside the running transaction."""
    person = db.session.get_one(Person, person_id)
    person.email_confirmed_at = person.email_confirmed_at or now
    return person
