"""Printing under attack: two workers at once, a reprint in the middle, jobs of others, numbers that must agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventreg.badges import printing, queries, services
from eventreg.badges.models import Batch, Print
from eventreg.badges.rules import Where
from eventreg.core import jobs, worker
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db, transaction
from eventreg.core.jobs import Job, Running
from eventreg.manage import services as manage
from eventreg.registration import queries as registrations
from eventreg.registration import services as registration
from eventreg.registration.models import Ticket
from tests import factories as make
from tests.checkin import door


@pytest.fixture(autouse=True)
def _in_september(clock: ModuleType) -> Iterator[None]:
    with clock.at(make.OPEN):
        yield


def finished(made: services.Printing) -> Job:
    assert made.job is not None
    return db.session.get_one(Job, made.job.id, populate_existing=True)


def test_two_workers_never_print_the_same_new_badges(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make.an_event()
    by = make.an_organiser(event)
    make.a_registration(event)
    first, second = (services.print_batch(event.id, "a4x8", where=Where(which="new"), by=by) for _turn in range(2))
    other = make.an_event(slug="other")
    make.a_registration(other)
    elsewhere = services.print_batch(other.id, "a4x8", where=Where(), by=make.an_organiser(other))
    write, handlers, nested = printing._write, app.extensions["eventreg.jobs"], [False]

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        if not nested[0]:
            nested[0] = True
            jobs.run_next(handlers)  # the other worker's turn, while this one makes its file
            jobs.run_next(handlers)
        return write(*args, **kwargs)

    monkeypatch.setattr(printing, "_write", meanwhile)
    jobs.run_next(handlers)

    assert (finished(first).state, finished(second).state, finished(elsewhere).state) == ("done", "queued", "done")
    worker.drain(app)
    assert [finished(made).result["count"] for made in (first, second)] == [1, 0]
    assert len(db.session.scalars(select(Print).join(Batch).where(Batch.event_id == event.id)).all()) == 1


def test_a_reprint_while_a_batch_is_made_leaves_the_badge_new(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make.an_event()
    by = make.an_organiser(event)
    person, other = make.a_registration(event), make.a_registration(event)
    batch = services.print_batch(event.id, "a4x8", where=Where(), by=by)
    write = printing._write

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(printing, "_write", write)
        services.reprint(person.id, "lost", by=by)
        manage.give_category(other.id, "press", by=OPERATOR)
        return write(*args, **kwargs)

    monkeypatch.setattr(printing, "_write", meanwhile)
    jobs.run_next(app.extensions["eventreg.jobs"])

    assert finished(batch).state == "done"
    assert queries.counts(event.id).fresh == queries.fresh(event.id) == 2


def test_the_short_count_is_the_exact_one_whatever_happens(app: Flask, clock: ModuleType, tmp_path: Path) -> None:
    event = make.an_event()
    by = make.an_organiser(event)
    people = [make.a_registration(event) for _number in range(6)]

    def agree(number: int) -> None:
        assert (queries.fresh(event.id), queries.counts(event.id).fresh) == (number, number)

    agree(6)
    printing.render_file(event, layout="a4x8", only_new=False, where="", out=tmp_path / "all.pdf")
    agree(0)
    clock.tick(minutes=1)
    manage.note_for_door(people[0].id, "a note changes no badge", by=OPERATOR)
    agree(0)
    manage.give_category(people[1].id, "guest", by=OPERATOR)
    agree(1)
    services.reprint(people[2].id, "lost", by=by)
    agree(2)
    registration.cancel(people[3].id, by=OPERATOR)
    agree(2)
    make.a_registration(event)
    agree(3)
    manage.give_category(people[1].id, "civil_society", by=OPERATOR)
    agree(2)
    worker.drain(app)
    agree(1)


def test_the_short_count_reads_only_who_changed(app: Flask, clock: ModuleType, tmp_path: Path) -> None:
    event = make.an_event()
    people = [make.a_registration(event) for _number in range(8)]
    clock.tick(minutes=1)
    printing.render_file(event, layout="a4x8", only_new=False, where="", out=tmp_path / "all.pdf")
    clock.tick(minutes=1)
    manage.give_category(people[0].id, "guest", by=OPERATOR)
    read: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        holder = queries._holder
        patch.setattr(queries, "_holder", lambda row: read.append(row) or holder(row))
        assert queries.fresh(event.id) == 1

    assert len(read) == 1


def test_two_reprints_leave_one_code_that_opens(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    by = make.an_organiser(event)
    person = make.a_registration(event)
    first = door.token_of(person)
    services.reprint(person.id, "lost", by=by)
    second = door.token_of(person)
    services.reprint(person.id, "lost again", by=by)
    worker.drain(app)

    live = db.session.scalars(select(Ticket).where(Ticket.registration_id == person.id, Ticket.revoked_at.is_(None))).all()
    assert [ticket.token for ticket in live] == [door.token_of(person)]
    with clock.at(door.MORNING):
        answers = [door.verdict(one) for one in door.scan(event, *(door.a_scan(code) for code in (first, second)))]
    assert answers == [("refused", "replaced")] * 2


def test_a_file_is_named_by_the_product_alone(app: Flask, client: FlaskClient) -> None:
    event = make.an_event()
    by = make.an_organiser(event)
    make.a_registration(event)
    made = services.print_batch(event.id, "a4x8", where=Where(), by=by)
    worker.drain(app)
    job = finished(made)
    make.sign_in(client, by)

    assert job.file is not None and Path(job.file).parent == Path(app.config["INSTANCE"]) / "jobs"
    answer = client.get(f"/en/ogp-2022/manage/jobs/{job.code}/file")
    assert answer.headers["Content-Disposition"] == "attachment; filename=ogp-2022-badges-1.pdf"
    for code in ("..%2F..%2Feventreg.sqlite", job.code[:-1], job.code.swapcase()):
        assert client.get(f"/en/ogp-2022/manage/jobs/{code}/file").status_code == 404
    assert app.test_client().get(f"/en/ogp-2022/manage/jobs/{job.code}/file").status_code == 303


def test_a_job_that_kills_its_worker_is_given_up_and_holds_up_no_other(app: Flask, clock: ModuleType) -> None:
    with transaction() as now:
        deadly = jobs.enqueue("deadly", {}, event_id=None, person_id=None, now=now)
        good = jobs.enqueue("good", {}, event_id=None, person_id=None, now=now)

    def dies(job: Running) -> Any:
        raise KeyboardInterrupt

    handlers = {"deadly": dies, "good": lambda job: ({}, None)}
    for _turn in range(jobs.MAX_TRIES):
        with pytest.raises(KeyboardInterrupt):
            jobs.run_next(handlers)
        clock.tick(minutes=3)
    jobs.run_next(handlers)

    def state(job: Job) -> str:
        return db.session.get_one(Job, job.id, populate_existing=True).state

    assert (state(deadly), state(good)) == ("failed", "done")


def test_a_badge_of_somebody_who_left_is_not_counted(app: Flask) -> None:
    event = make.an_event()
    person = make.a_registration(event)
    registration.cancel(person.id, by=OPERATOR)

    assert queries.fresh(event.id) == queries.counts(event.id).confirmed == 0
    assert registrations.live_ticket(person.id) is None
