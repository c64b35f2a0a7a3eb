"""Batches and reprints: numbers, codes, what counts as printed."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest
from flask import Flask
from sqlalchemy import select

from eventreg.badges import queries, services
from eventreg.badges.models import Batch, Print
from eventreg.badges.rules import Where
from eventreg.core import worker
from eventreg.core.audit import AuditLine, AuditValue
from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text
from eventreg.core.jobs import Job
from eventreg.core.outbox import Mail
from eventreg.core.refusals import Refused
from eventreg.events.models import Event
from eventreg.people import organisations
from eventreg.people import services as people
from eventreg.people.models import Person
from eventreg.registration import services as registration
from eventreg.registration.models import Registration, Ticket
from eventreg.registration.queries import live_ticket
from tests.factories import OPEN, a_registration, an_event, an_organiser, statements

EVERYBODY, NEW = Where(), Where(which="new")


@pytest.fixture(autouse=True)
def _in_september(clock: ModuleType) -> Iterator[None]:
    with clock.at(OPEN):
        yield


def _printed_in(batch: Batch) -> set[str]:
    query = select(Registration.code).join(Print, Print.registration_id == Registration.id)
    return set(db.session.scalars(query.where(Print.batch_id == batch.id)))


def _print_new(app: Flask, event: Event, by: Person) -> set[str]:
    printing = services.print_batch(event.id, "a4x8", where=NEW, by=by)
    worker.drain(app)
    return _printed_in(printing.batch)


def test_new_since_the_last_print_is_exact(app: Flask) -> None:
    event = an_event()
    by = an_organiser(event)
    same, renamed, again, gone = (a_registration(event, name_latin=f"Holder {n}") for n in "ABCD")
    ended = a_registration(event, cancelled=True)
    assert _print_new(app, event, by) == {same.code, renamed.code, again.code, gone.code}
    assert queries.counts(event.id).fresh == 0

    late = a_registration(event, name_latin="Holder E")
    with transaction():
        db.session.get_one(Registration, renamed.id).name_latin = "Holder B, renamed"
        db.session.get_one(Registration, same.id).phone = "+212500000000"
    services.reprint(again.id, "lost", by=by)
    registration.cancel(gone.id, by=people.actor_of(by))

    counts = queries.counts(event.id)
    assert (counts.confirmed, counts.never, counts.replaced, counts.changed) == (4, 1, 1, 1)
    worker.drain(app)  # the reprint
    assert _print_new(app, event, by) == {late.code, renamed.code}
    assert queries.counts(event.id).fresh == 0
    assert ended.code not in {holder.code for holder in queries.holders(event.id)}


def test_a_name_changed_back_is_as_printed_again(app: Flask) -> None:
    event = an_event()
    by = an_organiser(event)
    made = a_registration(event, name_latin="Amina")
    _print_new(app, event, by)

    for name, fresh in (("Amna", 1), ("Amina", 0)):
        with transaction():
            db.session.get_one(Registration, made.id).name_latin = name
        assert queries.counts(event.id).fresh == fresh


def test_batches_are_numbered_per_event_without_gaps(app: Flask) -> None:
    first, second = an_event(), an_event(slug="other-2022")
    a_registration(first)
    a_registration(second)
    by = an_organiser(first)

    def number(event: Event, where: Where = EVERYBODY) -> int:
        return services.print_batch(event.id, "a6", where=where, by=by).batch.number

    assert [number(first), number(second), number(first)] == [1, 1, 2]
    with pytest.raises(Refused):
        number(first, Where(q="nobody"))
    assert number(first) == 3


def test_nothing_to_print_is_refused_and_leaves_no_trace(app: Flask) -> None:
    event = an_event()
    by = an_organiser(event)
    before = len(db.session.scalars(select(AuditLine)).all())

    with pytest.raises(Refused) as refused:
        services.print_batch(event.id, "a6", where=Where(), by=by)

    assert refused.value.refusal.code == "badges.nothing_to_print"
    assert db.session.scalars(select(Batch)).all() == db.session.scalars(select(Job)).all() == []
    assert len(db.session.scalars(select(AuditLine)).all()) == before


def test_a_batch_names_no_person_in_the_audit(app: Flask) -> None:
    event = an_event()
    by = an_organiser(event)
    a_registration(event, name_latin="Amina Secret")

    services.print_batch(event.id, "a6", where=Where(q="Secret"), by=by)

    line = db.session.scalars(select(AuditLine).order_by(AuditLine.id.desc())).first()
    assert (line.action, line.object_ref, line.actor) == ("badges.batch_asked", "1", f"organiser:{by.code}")
    assert line.facts == {"number": 1, "layout": "a6", "which": "all", "count": 1}


def test_a_reprint_kills_the_former_code_and_mails_the_new_ticket(app: Flask) -> None:
    event = an_event()
    by = an_organiser(event)
    made = a_registration(event, lang="fr")
    former = live_ticket(made.id)

    printing = services.reprint(made.id, " left in the  taxi ", by=by)

    now_dead, live = db.session.get_one(Ticket, former.id, populate_existing=True), live_ticket(made.id)
    assert (now_dead.revoked_because, now_dead.revoked_at is not None) == ("replaced", True)
    assert live.token != former.token
    assert (printing.batch.reason, printing.batch.count) == ("left in the taxi", 1)
    mail = db.session.scalars(select(Mail).where(Mail.kind == "registration/replaced")).one()
    assert (mail.lang, [recipe["maker"] for recipe in mail.attachments]) == ("fr", ["ticket.png", "ticket.pdf"])
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "badges.reprinted")).one()
    assert (line.object_ref, line.facts) == (made.code, {"number": 1})
    values = db.session.scalars(select(AuditValue.after).where(AuditValue.line_id == line.id)).all()
    assert values == ["left in the taxi"]


def test_a_reprint_prints_this_badge_only(app: Flask) -> None:
    event = an_event()
    by = an_organiser(event)
    made, _other = a_registration(event), a_registration(event)

    printing = services.reprint(made.id, "lost", by=by)
    worker.drain(app)

    assert _printed_in(printing.batch) == {made.code}
    assert [line.is_live for line in queries.prints_of(made.id)] == [True]
    assert queries.is_printed(live_ticket(made.id).id)


@pytest.mark.parametrize(
    ("reason", "layout", "code"),
    [
        (" ", "a6", "badges.reason_required"),
        ("x" * 201, "a6", "badges.reason_too_long"),
        ("lost", "a5", "badges.unknown_layout"),
    ],
)
def test_a_refused_reprint_leaves_the_code_alive(app: Flask, reason: str, layout: str, code: str) -> None:
    event = an_event()
    made = a_registration(event)
    former = live_ticket(made.id).token

    with pytest.raises(Refused) as refused:
        services.reprint(made.id, reason, by=an_organiser(event), layout=layout)

    assert refused.value.refusal.code == code
    assert live_ticket(made.id).token == former


def test_a_cancelled_registration_has_no_badge(app: Flask) -> None:
    event = an_event()
    made = a_registration(event, cancelled=True)

    with pytest.raises(Refused) as refused:
        services.reprint(made.id, "lost", by=an_organiser(event))

    assert refused.value.refusal.code == "badges.not_confirmed"
    assert live_ticket(made.id) is None


def test_a_known_organisation_stands_in_both_scripts(app: Flask) -> None:
    event = an_event()
    with transaction() as now:
        name = Text(ar="وزارة المثال", fr="Ministère d’exemple", en="Example Ministry")
        organisations.add(name, country="MA", sector="government", now=now)
    a_registration(event, name_latin="A", organisation_name="Ministère d’exemple")
    a_registration(event, name_latin="B", organisation_name="وزارة المثال", lang="ar")
    a_registration(event, name_latin="C", organisation_name="Unknown body")

    found = {(holder.organisation, holder.organisation_other) for holder in queries.holders(event.id)}

    assert found == {
        ("Ministère d’exemple", "وزارة المثال"),
        ("وزارة المثال", "Ministère d’exemple"),
        ("Unknown body", ""),
    }


def test_one_statement_finds_everybody(app: Flask) -> None:
    event = an_event()
    a_registration(event)
    with statements(app) as for_one:
        queries.holders(event.id)
    for _number in range(29):
        a_registration(event)
    with statements(app) as for_thirty:
        found = queries.holders(event.id)

    assert len(found) == 30
    assert len(for_one) == len(for_thirty) <= 2  # BEGIN counts on SQLite
