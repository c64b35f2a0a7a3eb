"""Organisers' pages under attack: nasty words, addresses and parameters, objects of another meeting, long lists."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventreg.checkin import devices
from eventreg.checkin import services as door_services
from eventreg.cli import invariants
from eventreg.core import audit, clock, jobs, outbox, worker
from eventreg.core.audit import OPERATOR, Actor, AuditLine, AuditValue
from eventreg.core.db import db, transaction
from eventreg.core.outbox import Mail
from eventreg.core.refusals import Refused
from eventreg.events.models import Event
from eventreg.manage import mail as mail_page
from eventreg.manage import services
from eventreg.people.models import Person
from eventreg.registration import changes, expiry, invitations, places, rules
from eventreg.registration import services as registration
from eventreg.registration.models import Invitation, Registration, Ticket
from tests import factories as make
from tests.checkin import door
from tests.house.test_http import snapshot

HOME = "/en/ogp-2022"
LISTS = (
    "", "people", "people?sort=-organisation", "people?sort=country", "waiting", "invitations", "mail", "badges", "audit",
    "settings/deadline", "settings/limits",
)  # fmt: skip
NASTY = "=1+1\"'><b>x</b>{{7*7}}%(x)s"


@pytest.fixture
def event(app: Flask, clock: ModuleType) -> Iterator[Event]:
    with clock.at(make.OPEN):
        yield make.an_event()


@pytest.fixture
def organiser(event: Event, client: FlaskClient) -> FlaskClient:
    make.sign_in(client, make.an_organiser(event))
    return client


def organiser_of(event: Event) -> Person:
    return make.an_organiser(event)


# ---- nasty words -----------------------------------------------------------------------------------------------------


def a_nasty_meeting(event: Event) -> Registration:
    """One of everything that people type, written past the forms."""
    by = organiser_of(event)
    person = make.a_registration(event)
    issued = make.an_invitation(event, by, label=NASTY, reason=NASTY)
    device = devices.create(event.id, name=NASTY, door=NASTY, by=by)
    devices.pairing_secret(device.id, by=by)
    services.note_for_door(person.id, NASTY, by=OPERATOR)
    cancelled = make.a_registration(event)
    registration.cancel(cancelled.id, by=OPERATOR, reason=NASTY)
    with transaction():
        found = db.session.get_one(Registration, person.id)
        found.name_latin = found.name_arabic = found.organisation_name = found.position = found.phone = NASTY
        found.invitation_id = issued.invitation.id
        db.session.get_one(Invitation, issued.invitation.id).uses = 1
        db.session.query(Mail).update({"last_answer": NASTY, "subject": NASTY, "to_address": f"{NASTY}@example.org"})
        db.session.query(Person).filter_by(id=by.id).update({"name_latin": NASTY})
    return cancelled


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_nothing_typed_becomes_markup_on_any_page(organiser: FlaskClient, event: Event, lang: str) -> None:
    cancelled = a_nasty_meeting(event)
    person = db.session.query(Registration).filter_by(name_latin=NASTY).one()
    invitation, mail = db.session.query(Invitation).one(), db.session.query(Mail).first()
    assert mail is not None
    more = (
        f"people/{person.code}", f"people/{cancelled.code}", f"invitations/{invitation.code}", f"mail/{mail.id}",
        f"badges/reprint/{person.code}", f"people?q={'x'}&organisation={'%3Cb%3Ex'}",
    )  # fmt: skip
    pages = [f"/{lang}/ogp-2022/manage/{path}" for path in (*LISTS, *more)]
    pages += [f"/{lang}/ogp-2022/desk/{path}" for path in ("scan", "devices", "search?q=b%20x")]

    for path in pages:
        answer = organiser.get(path)
        assert answer.status_code == 200, path
        assert "<b>x" not in answer.text, path
        assert "49%(x)s" not in answer.text, path
    shown = organiser.get(f"/{lang}/ogp-2022/manage/people/{cancelled.code}").text
    assert "&lt;b&gt;x" in shown


def test_what_was_typed_computes_nothing_in_the_tables(organiser: FlaskClient, event: Event) -> None:
    a_nasty_meeting(event)

    people = organiser.get(f"{HOME}/manage/people.csv").text
    lines = organiser.post(f"{HOME}/manage/audit.csv").text

    for table in (people, lines):
        assert not re.search(r'(^|,)"?[=+@]', table, re.M)


# ---- nasty addresses -------------------------------------------------------------------------------------------------

BAD_CODES = ("%00", "R-%00", "..%2F..%2Fetc", "x" * 3000, "%F0%9F%92%A5", "%ED%A0%80", "9" * 30, "-1", "%25s")
NAMED = (
    "people/{}", "invitations/{}", "invitations/{}/link", "mail/{}", "mail/{}/html", "badges/reprint/{}", "jobs/{}",
    "jobs/{}.json", "jobs/{}/file",
)  # fmt: skip
DEEDS = (
    "people/{}/cancel", "people/{}/category", "people/{}/door-note", "people/{}/mail-again", "invitations/{}/new-link",
    "invitations/{}/revoke", "mail/{}/again", "badges/reprint/{}", "jobs/{}/cancel",
)  # fmt: skip


@pytest.mark.parametrize("code", BAD_CODES)
def test_what_no_code_can_be_is_absent(organiser: FlaskClient, event: Event, code: str) -> None:
    for path in NAMED:
        assert organiser.get(f"{HOME}/manage/{path.format(code)}").status_code == 404, path
    for path in DEEDS:
        assert organiser.post(f"{HOME}/manage/{path.format(code)}").status_code == 404, path


@pytest.mark.parametrize(
    "value",
    ["%00", "'\"--", "99999999999999999999", "-1", "1-99999999999", "%ED%A0%80", "x" * 5000, "%25_%25", "0-0", "٣", "[]"],
)
def test_parameters_that_mean_nothing_never_break_a_page(organiser: FlaskClient, event: Event, value: str) -> None:
    make.a_registration(event)
    names = (
        "q", "sort", "after", "before", "state", "category", "country", "day", "organisation", "address", "needs", "kind",
        "action", "code", "which", "order", "done", "offered", "language", "sector", "page", "seen", "limit",
    )  # fmt: skip
    query = "&".join(f"{name}={value}" for name in names)
    for path in LISTS:
        assert organiser.get(f"{HOME}/manage/{path.partition('?')[0]}?{query}").status_code == 200, path
    for path in ("scan", "search", "devices", "counts"):
        assert organiser.get(f"{HOME}/desk/{path}?{query}").status_code == 200, path
    for path in ("people.csv", "people.xlsx"):
        assert organiser.get(f"{HOME}/manage/{path}?{query}").status_code == 200, path
    assert organiser.post(f"{HOME}/manage/audit.csv?{query}", data=query).status_code == 200


FORMS = (
    "settings/deadline", "settings/limits", "invitations/new", "badges", "people/{code}/cancel", "people/{code}/category",
    "people/{code}/door-note", "badges/reprint/{code}",
)  # fmt: skip


@pytest.mark.parametrize(
    "value", ["", "\0", "9" * 400, "-1", "٢٠٢٢-٠٩-٣٠", "9999-12-31", "0001-01-01", "\u202e<b>", "x" * 70_000, "1e9"]
)
def test_forms_answer_any_words_without_an_error_of_ours(organiser: FlaskClient, event: Event, value: str) -> None:
    person = make.a_registration(event)
    fields = (
        "day", "hour", "which", "closes_now", "grace", "reason_ar", "reason_en", "event", "category_media", "label",
        "email", "lang", "passes_deadline", "expires", "max_uses", "reason", "layout", "category", "country", "q", "order",
        "door_note",
    )  # fmt: skip
    for path in FORMS:
        answer = organiser.post(f"{HOME}/manage/{path.format(code=person.code)}", data=dict.fromkeys(fields, value))
        assert answer.status_code in (303, 422), path
    by_path = {"devices": {"name": value, "door": value}, "door": {"door": value}, "scan": {"code": value, "id": value}}
    for path, data in by_path.items():
        assert organiser.post(f"{HOME}/desk/{path}", data=data).status_code in (303, 422), path
    assert organiser.post(f"{HOME}/desk/search", data={"registration": value or "R-"}).status_code == 303
    assert organiser.post(f"{HOME}/desk/force", data={"scan": value}).status_code == 404


# ---- objects of another meeting --------------------------------------------------------------------------------------


def test_nothing_of_another_meeting_can_be_touched(app: Flask, event: Event) -> None:
    by = organiser_of(event)
    person = make.a_registration(event)
    invitation = make.an_invitation(event, by).invitation
    device = devices.create(event.id, name="Phone", door="North", by=by)
    (scan,) = door.scan(event, door.a_scan(door.token_of(person)))
    with transaction() as now:
        job = jobs.enqueue("badges.batch", {}, event_id=event.id, person_id=by.id, now=now)
    mail = db.session.query(Mail).filter_by(event_id=event.id).first()
    assert mail is not None
    other = make.an_event(slug="other")
    client = app.test_client()
    make.sign_in(client, organiser_of(other))
    deeds = [
        *(f"manage/people/{person.code}/{deed}" for deed in ("cancel", "category", "door-note", "mail-again")),
        *(f"manage/invitations/{invitation.code}/{deed}" for deed in ("new-link", "revoke")),
        f"manage/mail/{mail.id}/again", f"manage/badges/reprint/{person.code}", f"manage/jobs/{job.code}/cancel",
        f"desk/devices/{device.code}", f"desk/devices/{device.code}/revoke", f"desk/undo/{scan.scan.id}",
    ]  # fmt: skip
    data = {"reason": "because", "category": "media", "door_note": "x", "layout": "a6"}
    before = snapshot()

    for deed in deeds:
        answer = client.post(f"/en/other/{deed}", data=data)
        assert answer.status_code in (404, 422), deed
        assert snapshot() == before, deed
    assert client.post("/en/other/desk/force", data={"scan": scan.scan.id, "reason": "x"}).status_code == 404


def test_a_job_of_another_organiser_of_this_meeting_is_absent(app: Flask, event: Event, organiser: FlaskClient) -> None:
    with transaction() as now:
        job = jobs.enqueue("badges.batch", {}, event_id=event.id, person_id=organiser_of(event).id, now=now)

    for path in ("", ".json", "/file"):
        assert organiser.get(f"{HOME}/manage/jobs/{job.code}{path}").status_code == 404


# ---- secrets ---------------------------------------------------------------------------------------------------------


def secrets_of_mails() -> set[str]:
    return {secret for mail in db.session.query(Mail).all() for secret in re.findall(r"/i/([\w-]{20,})", mail.text)}


def test_needs_and_secrets_stand_in_no_page_table_or_record(organiser: FlaskClient, event: Event) -> None:
    person = make.a_registration(event, access="ramp-needed", diet="nut-allergy")
    by = organiser_of(event)
    issued = make.an_invitation(event, by)
    services.send_confirmation_again(person.id, by=OPERATOR)
    secrets = secrets_of_mails() | {issued.secret}
    assert len(secrets) >= 2
    paths = [*LISTS, f"people/{person.code}", "people.csv"]
    paths += [f"mail/{mail.id}{part}" for mail in db.session.query(Mail).all() for part in ("", "/html")]
    said = [
        *(organiser.get(f"{HOME}/manage/{path}").text for path in paths),
        organiser.post(f"{HOME}/manage/audit.csv").text,
        *(str(line.facts) for line in db.session.query(AuditLine).all()),
        *(f"{value.before} {value.after}" for value in db.session.query(AuditValue).all()),
    ]  # fmt: skip

    for words in said:
        assert not [secret for secret in (*secrets, "ramp-needed", "nut-allergy") if secret in words]


@pytest.mark.parametrize("after", ["", " ", ".", ". Thank you", "?lang=en", "#x", ")", ",", "\n", '"', "-", "&amp;"])
def test_a_personal_link_is_cut_whatever_follows_it(after: str) -> None:
    secret = "aB3-_" * 8 + "xyz"

    assert secret[:20] not in mail_page.masked(f"https://example.org/en/m/i/{secret}{after}")


def test_addresses_without_a_secret_stay_whole() -> None:
    for address in ("https://example.org/en/ogp-2022/", "https://example.org/static/a-very-long-name-of-a-file.css"):
        assert mail_page.masked(address) == address


def test_an_old_mail_sent_again_survives_a_busy_server(app: Flask, event: Event, clock: ModuleType) -> None:
    make.a_registration(event)
    worker.drain(app)
    mail = db.session.query(Mail).first()
    assert mail is not None and mail.state == "sent"
    clock.tick(hours=24 * 5)
    mail_page.send_again(event.id, mail.id, by=organiser_of(event))
    app.config["MAIL_SERVER"], before = "127.0.0.1", app.config["MAIL_SERVER"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox.flask_mail, "send", _refuse)
        assert outbox.deliver_next(app.extensions["eventreg.makers"])
    app.config["MAIL_SERVER"] = before

    assert db.session.get_one(Mail, mail.id, populate_existing=True).state == "waiting"


def _refuse(message: object) -> None:
    raise ConnectionRefusedError("busy")


# ---- the cost of long lists ------------------------------------------------------------------------------------------


def test_every_list_costs_the_same_statements_for_three_and_for_sixty(app: Flask, event: Event, organiser: FlaskClient) -> None:
    by = organiser_of(event)
    registration.set_limit(event.id, "event", "", 2, by=OPERATOR)
    _fill(event, by, 3)
    few = {path: _cost(app, organiser, path) for path in LISTS}
    _fill(event, by, 57)

    assert {path: _cost(app, organiser, path) for path in LISTS} == few
    assert max(few.values()) <= 16


def _fill(event: Event, by: Person, count: int) -> None:
    for number in range(count):
        make.a_registration(event, sector=("media", "academia", "civil_society")[number % 3])
        make.an_invitation(event, make.an_organiser(event) if number % 5 == 0 else by)


def _cost(app: Flask, client: FlaskClient, path: str) -> int:
    client.get(f"{HOME}/manage/{path}")
    with make.statements(app) as sent:
        assert client.get(f"{HOME}/manage/{path}").status_code == 200
    return len(sent)


def test_verifying_costs_no_statement_per_line(app: Flask, event: Event) -> None:
    make.a_registration(event)
    with make.statements(app) as few:
        assert audit.verify(event.id) is None
    for _number in range(20):
        make.a_registration(event)
    with make.statements(app) as many:
        assert audit.verify(event.id) is None

    assert len(few) == len(many)


# ---- the record ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["facts", "actor", "at", "delete", "swap", "value", "insert", "commitment"])
def test_any_tampering_with_the_record_is_found(app: Flask, event: Event, deed: str) -> None:
    for _number in range(3):
        make.a_registration(event)
    lines = db.session.query(AuditLine).filter_by(chain=event.id).order_by(AuditLine.seq).all()
    one = next(line for line in lines[2:] if line.commitments)
    with transaction():
        row = db.session.query(AuditLine).filter_by(id=one.id)
        if deed == "facts":
            row.update({"facts": {**one.facts, "category": "media"}})
        elif deed == "actor":
            row.update({"actor": "operator"})
        elif deed == "at":
            row.update({"at": one.at + timedelta(microseconds=1)})
        elif deed == "commitment":
            row.update({"commitments": {}})
        elif deed == "value":
            db.session.query(AuditValue).filter_by(line_id=one.id, name="name_latin").update({"after": "Somebody Else"})
        elif deed == "insert":
            db.session.add(AuditValue(line_id=one.id, name="phone", before=None, after="1", salt="0"))
        elif deed == "delete":
            db.session.query(AuditValue).filter_by(line_id=one.id).delete()
            row.delete()
        else:
            db.session.query(AuditLine).filter_by(id=lines[1].id).update({"seq": 9999})
            db.session.flush()
            row.update({"seq": lines[1].seq})
            db.session.flush()
            db.session.query(AuditLine).filter_by(id=lines[1].id).update({"seq": one.seq})
    db.session.expire_all()

    assert audit.verify(event.id) is not None


# ---- after any life, the check holds ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_the_check_finds_nothing_after_a_busy_life(app: Flask, event: Event, clock: ModuleType, seed: int) -> None:
    dice = random.Random(seed)
    by = organiser_of(event)
    registration.set_limit(event.id, "event", "", 4, by=OPERATOR)
    registration.set_limit(event.id, "category", "media", 1, by=OPERATOR)
    people: list[int] = []
    for _step in range(45):
        with suppress(Refused):
            _live(event, by, people, dice)
        clock.tick(minutes=dice.choice((0, 3, 700)))
        expiry.due(clock.now())
        db.session.expire_all()
    with clock.at("2022-11-01T09:00+01:00"):
        for number in people:
            if (ticket := db.session.query(Ticket).filter_by(registration_id=number).first()) is not None:
                (made,) = door.scan(event, door.a_scan(ticket.token))
                if dice.random() < 0.3 and made.scan.verdict == "ok":
                    door_services.undo(event.id, made.scan.id, desk=door.LEAD)
        expiry.due(clock.now())
        clock.tick(minutes=10)
        expiry.due(clock.now())

        assert [finding.as_dict() for finding in invariants.findings(clock.now())] == []


def _live(event: Event, by: Person, people: list[int], dice: random.Random) -> None:
    """One thing that may happen to a meeting."""
    deed = dice.randrange(13)
    somebody = dice.choice(people) if people else 0
    if deed < 4 or not people:
        sector = dice.choice(("media", "academia", "civil_society"))
        people.append(make.a_registration(event, sector=sector, confirmed_address=dice.random() < 0.7).id)
    elif deed == 4:
        registration.cancel(somebody, by=OPERATOR)
    elif deed == 5:
        services.give_category(somebody, dice.choice(("media", "guest", "press", "academia")), by=Actor("operator"))
    elif deed == 6:
        registration.accept_offer(somebody, by=OPERATOR)
    elif deed == 7:
        registration.refuse_offer(somebody, by=OPERATOR)
    elif deed == 8:
        kind = dice.choice((("event", ""), ("category", "media"), ("category", "academia")))
        registration.set_limit(event.id, *kind, dice.choice((None, 0, 1, 3, 6)), by=OPERATOR)
    elif deed == 9:
        people.append(_invited(event, by, raw_email(somebody) if dice.random() < 0.5 else ""))
    elif deed == 10:
        person = db.session.get_one(Registration, somebody)
        raw = make.raw_answers(email=raw_email(somebody), sector=dice.choice(("media", "academia", "donor")))
        changes.change(person.id, rules.answers(raw, days=event.days), lang="fr", by=OPERATOR)
    elif deed == 11:
        services.send_confirmation_again(somebody, by=OPERATOR)
    else:
        with transaction() as now:
            found = db.session.get_one(Registration, somebody)
            if found.state == "confirmed":
                places.issue_ticket(found, now=now)


def raw_email(registration_id: int) -> str:
    person = db.session.get_one(Person, db.session.get_one(Registration, registration_id).person_id)
    return person.email or ""


def _invited(event: Event, by: Person, email: str) -> int:
    """Somebody comes in by an invitation that passes the limit: a new person, or one who is registered already."""
    issued = make.an_invitation(event, by, passes_limit=True)
    invitations.opened(event.id, issued.invitation.code)
    raw = make.raw_answers(**({"email": email} if email else {}))
    sending = registration.Sending(lang="ar", key=None, form_opened_at=clock.now(), invitation_id=issued.invitation.id)
    return registration.register(event.id, rules.answers(raw, days=event.days), sending).id
