"""An import from the file to its undoing: what is written, what stays, what is put back."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eventreg.cli import invariants
from eventreg.core import clock as product_clock
from eventreg.core import jobs, outbox, tables, worker
from eventreg.core.audit import OPERATOR, AuditLine, verify
from eventreg.core.capacity import Pool
from eventreg.core.db import db, transaction
from eventreg.imports import services
from eventreg.imports.models import ImportFile, ImportRow
from eventreg.manage import exports
from eventreg.people.models import Person
from eventreg.registration import queries as registrations
from eventreg.registration import services as registration
from eventreg.registration.models import Registration, Ticket, WaitingEntry
from eventreg.registration.rules import State
from tests import factories as make
from tests.house.test_http import snapshot
from tests.imports import files


@pytest.fixture(autouse=True)
def _in_summer(clock: ModuleType) -> Any:
    with clock.at(make.OPEN):
        yield


def an_organisers_client(app: Flask, event: Any) -> FlaskClient:
    client = app.test_client()
    make.sign_in(client, make.an_organiser(event))
    return client


def test_new_people_get_places_codes_and_no_mail(app: Flask) -> None:
    event = make.an_event(limit=2)

    report = files.take(event, files.table("A One,,a@example.org,MA,gov", "B Two,,,sn,Société civile", "C"
        " Three,,c@example.org,TUN,press"))

    first, second, third = files.everybody()
    assert (report.status, report.counts["new"]) == ("imported", 3)
    assert [row.state for row in (first, second, third)] == [State.CONFIRMED, State.CONFIRMED, State.WAITLISTED]
    assert (first.sector, second.country, third.category, third.sector) == ("government", "SN", "press", "media")
    assert (files.address(second), second.organisation_name) == (None, "")
    assert db.session.scalar(select(func.count(Ticket.id))) == 2
    assert db.session.scalar(select(func.count(outbox.Mail.id))) == 0
    assert invariants.findings(product_clock.now()) == [] and verify(event.id) is None


def test_nobody_loses_their_place_for_an_address_that_they_never_claimed(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    files.take(event, files.table("A One,,a@example.org,MA,gov"))
    with clock.at("2022-10-05T12:00+01:00"):
        worker.do_due(app)

    assert files.everybody()[0].state == State.CONFIRMED


def test_after_the_deadline_it_is_written_down_and_counted_publicly(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    with clock.at("2022-10-10T12:00+01:00"):
        files.take(event, files.table("A One,,a@example.org,MA,gov"))
        assert files.everybody()[0].passed_deadline
        assert registrations.after_deadline(event.id) == 1
        assert invariants.findings(product_clock.now()) == []


def test_a_stranger_who_knows_the_address_changes_nothing_of_what_was_entered(app: Flask) -> None:
    from eventreg.registration import rules

    event = make.an_event()
    files.take(event, files.table("The Minister,,m@example.org,MA,gov"))
    answers = rules.answers(make.raw_answers(email="m@example.org", name_latin="Somebody Else"), days=event.days)
    registration.register(event.id, answers, registration.Sending(lang="en", key="k", form_opened_at=product_clock.now()))

    assert files.everybody()[0].name_latin == "The Minister"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_importing_the_own_export_changes_nothing(app: Flask, kind: str) -> None:
    event = make.an_event(limit=2)
    make.a_registration(event, name_latin='=HYPERLINK("x")', phone="+212612345678", organisation_name="Dir. “A”, B; C")
    make.a_registration(event, lang="ar", cancelled=True)
    make.a_registration(event, sector="media")
    files.take(event, files.table(",سارة,,MA,guest"))
    write = tables.csv_file if kind == "csv" else lambda names, rows: tables.xlsx(names, rows, title="x", is_rtl=True)
    with write(exports.PARTICIPANT_COLUMNS, exports.participants(event.id)) as file:  # type: ignore[operator]
        data = file.read()
    before = snapshot()

    report = files.take(event, data)

    assert (report.status, report.counts, report.problems) == (
        "imported", {"rows": 4, "new": 0, "changed": 0, "unchanged": 4, "wrong": 0}, [],
    )  # fmt: skip
    assert snapshot() == before


def test_a_row_with_a_code_changes_what_its_cells_say_and_empty_cells_nothing(app: Flask) -> None:
    event = make.an_event()
    who = make.a_registration(event, position="Director", phone="+212612345678")

    report = files.take(event, f"code,position,phone,category,days\n{who.code},Minister,,guest,02/11/2022\n".encode())

    [row] = files.everybody()
    assert (report.counts["changed"], row.position, row.phone, row.category) == (1, "Minister", "+212612345678", "guest")
    assert (row.days, row.name_latin) == (["2022-11-02"], who.name_latin)
    assert invariants.findings(product_clock.now()) == []


def test_people_who_answered_themselves_are_changed_only_when_that_is_wished(app: Flask) -> None:
    event = make.an_event()
    make.a_registration(event, email="s@example.org", name_latin="Sara")
    data = files.table("Sara Bennani,,s@example.org,MA,civil society")

    assert files.take(event, data).counts["changed"] == 0
    assert files.take(event, data, updates_own=True).counts["changed"] == 1
    assert files.everybody()[0].name_latin == "Sara Bennani"


def test_a_second_import_of_a_corrected_file_changes_what_the_first_entered(app: Flask) -> None:
    event = make.an_event()
    files.take(event, files.table("Sara,,s@example.org,MA,gov", "Aya,,a@example.org,MA,gov"))

    report = files.take(event, files.table("Sara,,s@example.org,MA,gov", "Aya Alaoui,,a@example.org,MA,gov"))

    assert (report.counts["unchanged"], report.counts["changed"]) == (1, 1)
    assert [row.name_latin for row in files.everybody()] == ["Sara", "Aya Alaoui"]


def test_a_namesake_of_the_same_organisation_is_named_and_never_merged(app: Flask) -> None:
    event = make.an_event()
    known = make.a_registration(event, name_latin="Sara Bennani", organisation_name="Hope")

    head = "Nom,Organisme,Pays,Catégorie\n"
    report = files.take(event, files.table("sara bennani,HOPE,Maroc,Associations", head=head))

    assert report.problems[0][1].refusal.params == {"code": known.code}
    assert (report.counts["new"], len(files.everybody())) == (1, 2)


def test_only_the_good_rows_come_in_when_that_is_wished(app: Flask) -> None:
    event = make.an_event()
    data = files.table("Sara,,s@example.org,MA,gov", "Aya,,nonsense,MA,gov")

    assert (files.take(event, data).status, len(files.everybody())) == ("refused", 0)
    report = files.take(event, data, only_good=True)
    assert (report.status, report.counts["new"], len(files.everybody())) == ("partial", 1, 1)


# ---- on the page -----------------------------------------------------------------------------------------------------


def test_a_file_is_shown_checked_written_and_taken_back_exactly(app: Flask) -> None:
    event = make.an_event(limit=3)
    mine = make.a_registration(event, email="s@example.org", position="Director")
    client = an_organisers_client(app, event)
    before = _facts()

    rows = f"{mine.code},,,,guest,Minister", ",Aya,a@example.org,MA,media,", ",Omar,,MA,media,", ",Late,l@example.org,MA,gov,"
    url = files.checked(app, client, files.table(*rows, head="code,name_latin,email,country,category,position\n"))
    page = client.get(url).get_data(as_text=True)
    assert "1" in page and "Import 4 rows" in page and "3 new, 2 places left." in page
    assert client.post(f"{url}/apply").status_code == 303
    worker.drain(app)

    assert [row.state for row in files.everybody()] == ["confirmed", "confirmed", "confirmed", "waitlisted"]
    assert files.everybody()[0].position == "Minister"
    assert "Participants imported: 3 new, 1 changed." in client.get(url).get_data(as_text=True)
    assert client.post(f"{url}/undo").status_code == 303
    worker.drain(app)

    assert _facts() == before
    assert (files.batch().state, files.batch().counts["undone"]) == ("undone", 4)
    assert "4 rows were taken back." in client.get(url).get_data(as_text=True)
    assert invariants.findings(product_clock.now()) == [] and verify(event.id) is None


def _facts() -> list[Any]:
    """Everything that an import may touch, as it is."""
    tables_ = (Registration, Ticket, WaitingEntry, Pool)
    found = [sorted(str(tuple(row)) for row in db.session.execute(select(table.__table__))) for table in tables_]
    return [*found, db.session.scalar(select(func.count(Person.id)))]


def test_what_was_changed_since_stays_and_is_named(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    client = an_organisers_client(app, event)
    url = files.checked(app, client, files.table("Sara,,s@example.org,MA,gov", "Aya,,a@example.org,MA,gov"))
    client.post(f"{url}/apply")
    worker.drain(app)
    sara, aya = (row.code for row in files.everybody())
    clock.tick(minutes=1)
    client.post(f"/en/ogp-2022/manage/people/{sara}/door-note", data={"door_note": "VIP"})
    client.post(f"{url}/undo")
    worker.drain(app)

    assert [row.code for row in files.everybody()] == [sara]
    page = client.get(f"{url}?show=kept").get_data(as_text=True)
    assert sara in page and aya not in page and "changed after the import" in page


def test_wrong_rows_hold_the_import_back_and_can_be_taken_away_with_their_reasons(app: Flask) -> None:
    event = make.an_event()
    client = an_organisers_client(app, event)
    url = files.checked(app, client, files.table("Sara,,s@example.org,MA,gov", "Aya,,nonsense,Atlantis,gov"))

    refused = client.post(f"{url}/apply")
    assert (refused.status_code, files.everybody()) == (422, [])
    assert "1 row is wrong." in refused.get_data(as_text=True)
    wrong = client.get(f"{url}.csv").get_data().decode("utf-8-sig")
    assert wrong.startswith("line,reason,name_latin,name_arabic,email,country,category\r\n3,")
    assert "Atlantis" in wrong and "Sara" not in wrong
    assert client.post(f"{url}/apply", data={"only_good": "y"}).status_code == 303
    worker.drain(app)
    assert [row.name_latin for row in files.everybody()] == ["Sara"]
    corrected = wrong.replace("nonsense", "aya@example.org").replace("Atlantis", "Mali", 3)
    again = files.checked(app, client, corrected.encode())
    assert "Import 1 row" in client.get(again).get_data(as_text=True)


def test_other_letters_are_chosen_when_the_guess_is_wrong(app: Flask) -> None:
    event = make.an_event()
    client = an_organisers_client(app, event)
    data = "name_latin;country;category\nGaël;MA;gov\n".encode("cp850")
    url = files.send(client, data).location

    client.post(f"{url}/read", data={"encoding": "cp850", "separator": ";", "do": "check"})
    assert files.batch().state == "uploaded"  # another reading is shown first
    assert "Gaël" in client.get(url).get_data(as_text=True)


def test_columns_of_any_name_can_be_told_apart_by_hand(app: Flask) -> None:
    event = make.an_event()
    client = an_organisers_client(app, event)
    url = files.send(client, b"who,name_latin,country,category\nAmina,x,MA,gov\n").location
    mapping = {"column-0": "name_latin", "column-1": "", "column-2": "country", "column-3": "category"}

    client.post(f"{url}/read", data={**mapping, "do": "check"})
    worker.drain(app)
    client.post(f"{url}/apply")
    worker.drain(app)

    assert [row.name_latin for row in files.everybody()] == ["Amina"]


def test_a_file_of_another_meeting_does_not_exist_here(app: Flask) -> None:
    event, other = make.an_event(), make.an_event(slug="other")
    url = files.send(an_organisers_client(app, event), files.table("Sara,,s@example.org,MA,gov")).location
    client = an_organisers_client(app, other)

    for path in ("", ".json", ".csv"):
        assert client.get(url.replace("ogp-2022", "other") + path).status_code == 404
    for act in ("read", "apply", "undo", "stop", "discard"):
        assert client.post(f"{url.replace('ogp-2022', 'other')}/{act}").status_code == 404


def test_a_file_that_is_too_large_is_refused_in_words(app: Flask) -> None:
    event = make.an_event()
    client = an_organisers_client(app, event)

    answer = files.send(client, b"name_latin,country,category\n" + b"x" * (services.FILE_LIMIT + 1))
    assert (answer.status_code, "larger than 10 MB" in answer.get_data(as_text=True)) == (422, True)
    assert files.send(client, b"x" * (services.FILE_LIMIT + 3 * 1024**2)).status_code == 413


def test_mails_go_out_only_when_wished_and_ask_nobody_to_confirm(app: Flask) -> None:
    event = make.an_event()
    client = an_organisers_client(app, event)
    url = files.checked(app, client, files.table("Sara,,s@example.org,MA,gov", "Aya,,,MA,gov"))
    client.post(f"{url}/apply", data={"sends_mail": "y"})
    worker.drain(app)

    [mail] = db.session.scalars(select(outbox.Mail).where(outbox.Mail.about_kind == "registration"))
    assert (mail.to_address, mail.kind) == ("s@example.org", "registration/confirmed")
    assert "confirms your address" not in mail.text


# ---- broken off ------------------------------------------------------------------------------------------------------


def test_stopped_on_the_way_it_takes_back_what_it_wrote(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make.an_event()
    client = an_organisers_client(app, event)
    url = files.checked(app, client, files.table(*(f"P {n},,p{n}@example.org,MA,gov" for n in range(450))))
    client.post(f"{url}/apply")
    monkeypatch.setattr(product_clock, "monotonic", iter(range(10**6)).__next__)
    told = jobs.Running.progress

    def stopped(self: jobs.Running, done: int, total: int) -> None:
        with transaction():
            db.session.get_one(jobs.Job, self.id).state = "cancelled"
        told(self, done, total)

    monkeypatch.setattr(jobs.Running, "progress", stopped)
    while jobs.run_next(app.extensions["eventreg.jobs"]):
        pass

    assert (files.everybody(), files.batch().state) == ([], "checked")
    assert db.session.scalar(select(func.count(Person.id))) == 1


def test_another_worker_goes_on_where_one_died(app: Flask, clock: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make.an_event()
    client = an_organisers_client(app, event)
    url = files.checked(app, client, files.table(*(f"P {n},,p{n}@example.org,MA,gov" for n in range(450))))
    client.post(f"{url}/apply")

    class Died(BaseException):
        pass

    def dies(self: jobs.Running, done: int, total: int) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(jobs.Running, "progress", dies)
        with pytest.raises(Died):
            jobs.run_next(app.extensions["eventreg.jobs"])
    assert len(files.everybody()) == 200
    clock.tick(minutes=3)
    worker.drain(app)

    assert (len(files.everybody()), files.batch().state, files.batch().counts["applied"]) == (450, "applied", 450)


def test_after_thirty_days_file_and_rows_are_erased(app: Flask, clock: ModuleType) -> None:
    event = make.an_event()
    client = an_organisers_client(app, event)
    url = files.checked(app, client, files.table("Sara,,s@example.org,MA,gov"))
    client.post(f"{url}/apply")
    worker.drain(app)
    clock.tick(days=31)
    worker.do_due(app)

    assert [db.session.scalar(select(func.count()).select_from(table)) for table in (ImportFile, ImportRow)] == [0, 0]
    assert client.get(url).status_code in (200, 303) and client.post(f"{url}/undo").status_code in (303, 422)
    assert len(files.everybody()) == 1


def test_the_record_has_a_line_for_the_import_and_one_for_each_person(app: Flask) -> None:
    event = make.an_event()
    files.take(event, files.table("Sara,,s@example.org,MA,gov", "Aya,,,MA,gov"))

    actions = list(db.session.scalars(select(AuditLine.action).where(AuditLine.chain == event.id).order_by(AuditLine.seq)))
    assert actions[-3:] == ["registration.entered", "registration.entered", "import.applied"]
    assert OPERATOR.kind in db.session.scalars(select(AuditLine.actor)).all()


def test_words_of_the_file_are_shown_as_words(app: Flask) -> None:
    event = make.an_event()
    client = an_organisers_client(app, event)
    who = make.a_registration(event, position="<b>Old</b>")
    head = "code,position,<script>x</script>\n"
    url = files.send(client, files.table(f"{who.code},<i>New</i>,{{{{7*7}}}}", head=head), name="<img src=x>.csv").location
    shown = client.get(url).get_data(as_text=True)
    client.post(f"{url}/read", data={**files.mapping_on(shown), "do": "check"})
    worker.drain(app)
    shown += client.get(url).get_data(as_text=True)

    assert "“<bdi>&lt;b&gt;Old&lt;/b&gt;</bdi>” became “<bdi>&lt;i&gt;New&lt;/i&gt;</bdi>”" in shown
    assert "{{7*7}}" in shown and "&lt;script&gt;" in shown
    assert not any(sign in shown for sign in ("<script>x", "<img src=x", "<i>New"))
