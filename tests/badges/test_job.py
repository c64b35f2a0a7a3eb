"""The printing itself: the file's codes, a worker that dies, a job that is stopped, the command line's file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from sqlalchemy import func, select

from eventreg.badges import printing, queries, services
from eventreg.badges.models import Batch, Print
from eventreg.badges.rules import Where
from eventreg.core import jobs, worker
from eventreg.core.audit import AuditLine
from eventreg.core.db import db, transaction
from eventreg.core.jobs import Job
from eventreg.core.refusals import Refused
from eventreg.registration.models import Registration
from eventreg.registration.queries import live_ticket
from tests.factories import OPEN, a_registration, an_event, an_organiser

LETTERS = set("BCDFGHJKLNPRSTVX")


@pytest.fixture(autouse=True)
def _in_september(clock: ModuleType) -> Iterator[None]:
    with clock.at(OPEN):
        yield


def codes_in(file: Path) -> list[str]:
    """Every badge code that a scanner reads in this PDF, page by page."""
    found: list[str] = []
    with pypdfium2.PdfDocument(file) as document:
        for page in document:
            codes = zxingcpp.read_barcodes(page.render(scale=3).to_numpy())
            found += [code.text for code in codes if set(code.text) <= LETTERS]
    return found


def text_in(file: Path) -> str:
    with pypdfium2.PdfDocument(file) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def a_batch(event_id: int, by: object, layout: str = "a4x8", where: Where | None = None) -> services.Printing:
    return services.print_batch(event_id, layout, where=where or Where(), by=by)  # type: ignore[arg-type]


def finished(made: services.Printing) -> Job:
    assert made.job is not None
    return db.session.get_one(Job, made.job.id, populate_existing=True)


def prints() -> int:
    return db.session.scalar(select(func.count()).select_from(Print)) or 0


@pytest.mark.parametrize("layout", ["a6", "a6-fold", "a4x8"])
def test_the_file_holds_exactly_the_live_codes(app: Flask, layout: str) -> None:
    event = an_event()
    by = an_organiser(event)
    people = [a_registration(event, name_latin=f"Holder {letter}") for letter in "CAB"]
    services.reprint(people[0].id, "lost", by=by)
    a_registration(event, cancelled=True)
    worker.drain(app)

    made = a_batch(event.id, by, layout)
    worker.drain(app)

    job = finished(made)
    assert (job.state, job.result) == ("done", {"batch": 2, "count": 3, "problems": []})
    in_order = [live_ticket(people[position].id).token for position in (1, 2, 0)]
    read = codes_in(Path(job.file))
    assert sorted(read) == sorted(in_order)
    if layout != "a4x8":  # several codes on one page come in the reader's order
        assert read == in_order


def test_what_was_typed_is_printed_as_it_is(app: Flask) -> None:
    event = an_event()
    typed = ['=HYPERLINK("x")', "#panic() *bold* $x$", "<b>Amina</b>", "Ana {{ 7*7 }} %s"]
    for organisation in typed:
        a_registration(event, organisation_name=organisation)

    made = a_batch(event.id, an_organiser(event), "a6")
    worker.drain(app)

    words = "".join(text_in(Path(finished(made).file)).split())
    for organisation in typed:
        assert "".join(organisation.split()) in words


def test_characters_that_no_font_has_are_told_with_the_person(app: Flask) -> None:
    event = an_event()
    a_registration(event)
    person = a_registration(event, organisation_name="Circle 🎪 of friends")

    made = a_batch(event.id, an_organiser(event))
    worker.drain(app)

    job = finished(made)
    assert job.result["count"] == 2
    assert job.result["problems"] == [{"code": person.code, "name": person.name_own, "characters": "🎪 U+1F3AA"}]


def test_a_worker_killed_before_the_file_is_complete_leaves_nothing_printed(
    app: Flask, clock: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = an_event()
    a_registration(event)
    made = a_batch(event.id, an_organiser(event), where=Where(which="new"))

    def killed(*args: object, **named: object) -> None:
        raise SystemExit  # no handler of the worker sees it: like a kill, the job stays "running"

    with monkeypatch.context() as patch:
        patch.setattr(printing.sheets, "render", killed)
        with pytest.raises(SystemExit):
            worker.one_step(app)
            worker.one_step(app)
    db.session.rollback()
    assert (finished(made).state, prints()) == ("running", 0)

    clock.tick(seconds=(jobs.LEASE + timedelta(seconds=1)).total_seconds())
    worker.drain(app)

    job = finished(made)
    assert (job.state, job.tries, job.result["count"], prints()) == ("done", 2, 1, 1)
    assert len(codes_in(Path(job.file))) == 1


def test_a_worker_killed_after_recording_prints_the_same_badges_again_once(
    app: Flask, clock: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = an_event()
    first = a_registration(event)
    made = a_batch(event.id, an_organiser(event), where=Where(which="new"))

    def killed(*args: object, **named: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_finish", killed)
        with pytest.raises(SystemExit):
            worker.one_step(app)
            worker.one_step(app)
    db.session.rollback()
    assert (finished(made).state, prints()) == ("running", 1)
    a_registration(event)  # registered meanwhile: belongs to the next batch

    clock.tick(seconds=(jobs.LEASE + timedelta(seconds=1)).total_seconds())
    worker.drain(app)

    job = finished(made)
    assert (job.state, job.result["count"], prints()) == ("done", 1, 1)
    assert codes_in(Path(job.file)) == [live_ticket(first.id).token]
    lines = select(func.count()).where(AuditLine.action == "badges.printed")
    assert db.session.scalar(lines) == 1


def test_a_stopped_job_prints_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = an_event()
    by = an_organiser(event)
    a_registration(event)
    made = a_batch(event.id, by)
    rendered = printing.sheets.render

    def stopped_meanwhile(*args: object, **named: object) -> bytes:
        pdf = rendered(*args, **named)  # type: ignore[arg-type]
        services.cancel_job(made.job.code, event_id=event.id, by=by)
        return pdf

    monkeypatch.setattr(printing.sheets, "render", stopped_meanwhile)
    worker.drain(app)

    assert (finished(made).state, prints()) == ("cancelled", 0)
    assert queries.counts(event.id).fresh == 1


def test_two_batches_of_the_new_ones_print_each_badge_once(app: Flask) -> None:
    event = an_event()
    by = an_organiser(event)
    a_registration(event)
    first, second = (a_batch(event.id, by, where=Where(which="new")) for _turn in range(2))

    worker.drain(app)

    assert [finished(made).result["count"] for made in (first, second)] == [1, 0]
    assert finished(second).file is None
    assert prints() == 1


def test_the_command_line_prints_what_is_new_and_remembers_it(app: Flask, tmp_path: Path) -> None:
    event = an_event()
    a_registration(event, country="MA")
    tunis = a_registration(event, country="TN")
    out = tmp_path / "badges.pdf"

    report = printing.render_file(event, layout="a4x8", only_new=False, where="country=TN", out=out)
    rest = printing.render_file(event, layout="a4x8", only_new=True, where="", out=tmp_path / "rest.pdf")

    assert (report.batch, report.count, report.problems) == (1, 1, ())
    assert codes_in(out) == [live_ticket(tunis.id).token]
    assert (rest.batch, rest.count) == (2, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["badges.pdf", "rest.pdf"]
    with pytest.raises(Refused) as refused:
        printing.render_file(event, layout="a4x8", only_new=True, where="", out=tmp_path / "none.pdf")
    assert refused.value.refusal.code == "badges.nothing_to_print"


def test_a_file_that_cannot_be_written_counts_as_nothing_printed(app: Flask, tmp_path: Path) -> None:
    event = an_event()
    a_registration(event)

    with pytest.raises(OSError):
        printing.render_file(event, layout="a6", only_new=False, where="", out=tmp_path / "missing" / "x.pdf")

    assert (prints(), db.session.scalars(select(Batch)).all()) == (0, [])


def test_a_ticket_shows_the_live_code(app: Flask, tmp_path: Path) -> None:
    from eventreg.registration import tickets  # slow: the PDF compiler

    event = an_event()
    made = a_registration(event, lang="fr", name_latin="Élodie Exemple")
    ticket = live_ticket(made.id)
    file = tmp_path / "ticket.pdf"
    file.write_bytes(tickets.pdf(made, event, ticket))

    assert codes_in(file) == [ticket.token]
    assert "Élodie Exemple" in text_in(file)
    assert tickets.pdf(made, event, ticket) == file.read_bytes()


def test_a_registration_ended_between_asking_and_printing_gets_no_badge(app: Flask) -> None:
    event = an_event()
    by = an_organiser(event)
    stays, leaves = a_registration(event), a_registration(event)
    made = a_batch(event.id, by)
    with transaction():
        db.session.get_one(Registration, leaves.id).state = "cancelled"

    worker.drain(app)

    job = finished(made)
    assert codes_in(Path(job.file)) == [live_ticket(stays.id).token]
    assert db.session.get_one(Batch, made.batch.id, populate_existing=True).count == 1
