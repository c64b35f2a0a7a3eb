"""How does the demo come to be? The services do what people did, with the clock stopped at each moment in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event as sa_event
from sqlalchemy import select, update

from eventreg.cli.demo import (
    delegation,
    door,
    guests,
    imported,
    invited,
    notes,
    organisations,
    proposals,
    questions,
    reviewing,
    scarce,
    texts,
    twins,
)  # fmt: skip
from eventreg.cli.demo.guests import KnownBody
from eventreg.cli.demo.story import Act, Story, story
from eventreg.core import audit, clock
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db, is_sqlite, transaction
from eventreg.core.outbox import Mail
from eventreg.core.questions import store
from eventreg.events import services as events
from eventreg.events.models import Event
from eventreg.manage import saved_filters
from eventreg.manage import services as manage
from eventreg.manage.filters import Order
from eventreg.people import organisations as known
from eventreg.people import rules as people_rules
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.programme.models import Room
from eventreg.registration import answering, changes, expiry, needs, queries, reminders
from eventreg.registration import services as registration
from eventreg.registration.models import Needs, Registration
from eventreg.registration.rules import State, Waiting

PASSWORD = "khatam-demo-2022"
PREPARED = datetime.fromisoformat("2022-05-02T09:00+01:00")
LEFT_TO_SEND = 4  # mails that the worker delivers while the visitor looks on

# address, name in both scripts, role of the access table
STAFF = (
    ("organiser@example.org", "Salma El Idrissi", "سلمى الإدريسي", "OR"),
    ("chair@example.org", "Hanane Bennis", "حنان بنيس", "CH"),
    ("door@example.org", "Yassine Chebbi", "ياسين الشابي", "CI"),
    ("admin@example.org", "Nour Haddad", "نور حداد", "AD"),
)

Progress = Callable[[int, int], None]


@dataclass
class _Building:
    """What the acts need to know of each other."""

    event: Event
    bodies: list[KnownBody]
    story: Story
    registrations: dict[int, int] = field(default_factory=dict)  # guest's number -> id
    invitations: dict[str, int] = field(default_factory=dict)  # its name in invited.py -> id


def build(*, participants: int, proposed: int, at: datetime, progress: Progress) -> Event:
    """Make the whole demo as of `at`, in a database with tables and nothing else."""
    _without_syncing()
    told = story(participants, at)
    with clock.at(PREPARED):
        event = _prepare(participants, told)
        building = _Building(event, _organisations(), told)
    organiser = db.session.scalars(select(Person).where(Person.email_key == STAFF[0][0])).one()
    moments: list[tuple[datetime, Callable[[], object]]] = []
    moments += [(act.at, lambda act=act: _do(building, act)) for act in told.acts]  # type: ignore[misc]
    answering = {guest: _answers(building, guest)[1]["email"] for guest in invited.who_answers(told)}
    moments += invited.moments(event, organiser, building.invitations, answering=answering)
    moments += twins.moments(event, organiser)
    moments.append((imported.ON, lambda: imported.take_in(event, organiser)))
    moments += delegation.moments(event, organiser)
    moments += scarce.moments(event, told.ends_at, building.bodies)
    moments += proposals.moments(event, building.bodies, proposed, organiser)
    chair = db.session.scalars(select(Person).where(Person.email_key == "chair@example.org")).one()
    moments += reviewing.moments(event, building.bodies, proposed, chair)
    moments += notes.moments(event.id)
    moments += [(day, lambda: _day_goes_by(building)) for day in _days(PREPARED, at)]
    moments = sorted((moment for moment in moments if moment[0] <= at), key=lambda moment: moment[0])
    for done, (moment, work) in enumerate(moments, start=1):
        with clock.at(moment):
            work()
        progress(done, len(moments))
    with clock.at(at):
        _at_the_end(event, at)
    return event


def _without_syncing() -> None:
    """A demo that a power cut interrupts is simply made again: SQLite need not wait for the disk."""
    if is_sqlite():
        db.session.close()
        db.engine.dispose()
        sa_event.listen(db.engine, "connect", lambda raw, record: raw.execute("PRAGMA synchronous=OFF") and None)


def _prepare(participants: int, told: Story) -> Event:
    event = events.set_up(texts.PLAN, by=OPERATOR)
    events.add_tracks(event.id, texts.TRACKS, by=OPERATOR)
    _ask(event.id)
    with transaction():
        for rank, (name, capacity) in enumerate(texts.ROOMS, start=1):
            db.session.add(Room(event_id=event.id, name=name, capacity=capacity, rank=rank))
    limits: list[tuple[str, str, int | None]] = [
        ("event", "", participants + 60),
        ("category", "media", told.media_limit),
    ]
    limits += [("category", "government", participants), ("category", "civil_society", participants)]
    limits += [("day", day.isoformat(), participants + 40) for day in event.days]
    for kind, key, limit in limits:
        registration.set_limit(event.id, kind, key, limit, by=OPERATOR)
    events.set_group_rules(event.id, venue_capacity=participants + 120, delegation_max=6, by=OPERATOR)
    for address, latin, arabic, role in STAFF:
        with transaction():
            email = people_rules.email_address(address)
            person = people.find_or_create(email, lang="en", name_latin=latin, name_arabic=arabic)
            people.confirm_address(person.id, clock.now())
        people.set_password(person.id, PASSWORD, by=OPERATOR, is_reset=False)
        people.grant(
            person.id,
            role,
            event_id=None if role == "AD" else event.id,
            by=OPERATOR,
            scopes=["needs"] if role == "OR" else None,
        )
    return event


def _ask(event_id: int) -> None:
    """The meeting's own questions, before anybody registers."""
    with transaction(queue=("event", event_id)) as now:
        store.save(event_id, queries.PURPOSE, questions.form(), now=now, by=str(OPERATOR))
        event = db.session.get_one(Event, event_id)
        audit.record("form.set_up", event, event_id=event_id, actor=OPERATOR)


def _arrivals(event: Event, confirmed: Sequence[int]) -> None:
    """Some have answered already what is asked once a place is certain."""
    form = queries.form_of(event.id)
    for registration_id in confirmed:
        mine = db.session.get_one(Registration, registration_id)
        given = questions.arrival(registration_id)
        answers = answering.changed(event, answering.raw_of(mine) | given, form=form, insist=list(given))
        changes.change(mine.id, answers, lang=mine.lang, by=people.actor_of(queries.person_of(mine)))


def _organisations() -> list[KnownBody]:
    made = []
    with transaction() as now:
        for body in organisations.bodies():
            row = known.add(
                body.name,
                country=body.country,
                sector=body.sector,
                now=now,
                acronym=body.acronym,
                aliases=body.aliases,
                level=body.level,
                is_public=True,
            )
            made.append(KnownBody(row.code, body.name.as_dict(), body.country, body.sector))
    return made


def _days(start: datetime, end: datetime) -> list[datetime]:
    """Each night between the two, when what is overdue is looked at."""
    first = start.replace(hour=3, minute=0)
    return [first + timedelta(days=number) for number in range(1, (end - first).days + 1)]


# ---- what people do --------------------------------------------------------------------------------------------------


def _do(building: _Building, act: Act) -> None:
    if act.do == "register":
        building.registrations[act.guest] = _register(building, act).id
        return
    registration_id = building.registrations[act.guest]
    row = db.session.get_one(Registration, registration_id)
    by = people.actor_of(db.session.get_one(Person, row.person_id))
    if act.do == "confirm":
        registration.confirm_address(registration_id)
    elif act.do == "cancel":
        registration.cancel(registration_id, by=by)
    elif act.do == "accept":
        registration.accept_offer(registration_id, by=by)
    else:
        registration.refuse_offer(registration_id, by=by)


def _answers(building: _Building, guest: int) -> tuple[str, dict[str, Any]]:
    days = [day.isoformat() for day in building.event.days]
    return guests.answers(guest, days=days, bodies=building.bodies, is_media=guest in building.story.media)


def _register(building: _Building, act: Act) -> Registration:
    lang, raw = _answers(building, act.guest)
    answers = answering.complete(building.event, raw)
    by_invitation = building.invitations.get(invited.USED.get(act.guest, f"listed {act.guest}"))
    sending = registration.Sending(lang=lang, key=None, form_opened_at=act.at - timedelta(minutes=6), invitation_id=by_invitation)
    return registration.register(building.event.id, answers, sending)


def _day_goes_by(building: _Building) -> None:
    """Overdue things happen; after the story's end, whoever is offered a place takes it within the day."""
    now = clock.now()
    expiry.due(now)
    reminders.due(now)
    if now <= building.story.ends_at:
        return
    for registration_id in building.registrations.values():
        entry = queries.live_entry(registration_id)
        if entry is not None and entry.state == Waiting.OFFERED:
            registration.accept_offer(registration_id, by=OPERATOR)


def _at_the_end(event: Event, at: datetime) -> None:
    """What the visitor finds: mails delivered but for the last few, notes for the door, and who has come by now."""
    with transaction():
        newest = list(db.session.scalars(select(Mail.id).order_by(Mail.id.desc()).limit(LEFT_TO_SEND)))
        sent: dict[str, Any] = {"state": "sent", "sent_at": Mail.created_at, "tries": 1, "last_answer": "250"}
        statement = update(Mail).where(Mail.id.not_in(newest)).values(sent)
        db.session.execute(statement, execution_options={"synchronize_session": False})
        bounced = db.session.scalars(select(Mail).where(Mail.kind == "registration/lapsed").order_by(Mail.id).limit(1)).first()
        if bounced is not None:
            bounced.state, bounced.sent_at, bounced.last_answer = "failed", None, "550 5.1.1 mailbox unavailable"
    confirmed = select(Registration.id).where(Registration.event_id == event.id, Registration.state == State.CONFIRMED)
    themselves = confirmed.where(Registration.delegation_id.is_(None))
    first = db.session.scalars(themselves.order_by(Registration.registered_at).limit(40)).all()
    for registration_id, note in zip(first[::8], door.NOTES, strict=False):
        manage.note_for_door(registration_id, note, by=OPERATOR)
    _arrivals(event, first)
    organiser = db.session.scalars(select(Person).where(Person.email_key == STAFF[0][0])).one()
    for name, wanted in texts.FILTERS.items():
        saved_filters.save(event.id, name, wanted, Order(), is_shared=True, by=organiser)
    with_needs = select(Needs.registration_id).join(Registration, Registration.id == Needs.registration_id)
    reader = people.actor_of(organiser, "organiser")
    for registration_id in db.session.scalars(with_needs.where(Registration.event_id == event.id).limit(3)).all():
        needs.read(registration_id, by=reader)
    door.open_doors(event, at)
