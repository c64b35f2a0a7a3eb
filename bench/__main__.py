"""python -m bench [NAME …]: the measures of the product beside the floor, in one run, as ratios.

Everything runs in this process on the embedded database, so that the figures are the server's own time.
"""

from __future__ import annotations

import sys
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select

from bench import floor, written
from bench.measure import Figure, table, timed
from eventreg.app import create_app
from eventreg.badges import printing
from eventreg.core import clock, tokens
from eventreg.core.audit import OPERATOR
from eventreg.core.config import Settings
from eventreg.core.db import db, transaction
from eventreg.events.models import Event
from eventreg.imports import services as imports
from eventreg.imports import work as importing
from eventreg.manage.proposal_filters import ProposalFilter
from eventreg.manage.proposal_queries import how_many
from eventreg.people import services as people
from eventreg.people.models import Grant, Person
from eventreg.registration import changes, moderation, rules, services
from eventreg.registration.models import Registration, Ticket
from eventreg.registration.rules import State, Verdict
from tests import factories

# each way to look at the list of people: at 10,000 it may take three times as long as at 100
FILTERS = (
    "", "q=محمد", "q=amina", "q=bulk77@example.org", "q=nobody", "state=confirmed", "state=cancelled", "category=civil_society",
    "category=media", "sector=civil_society", "country=MA", "day=2022-11-01", "day=2022-11-02", "language=fr",
    "organisation=Organisation+7", "address=unconfirmed", "sort=-registered", "sort=organisation", "sort=country",
)  # fmt: skip

# each way to look at the list of proposals: at 3,000 it may take three times as long as at 30
PROPOSALS = (
    "", "q=budget", "q=ميزانية", "q=غائب", "q=zebra", "q=Association+7", "state=draft", "track=integrity", "sector=joint",
    "sector=government", "language=ar", "country=TN", "texts=lacks_fr", "texts=missing", "format=panel",
    "co=unanswered", "sort=title", "sort=-changed",
    "sort=track", "sort=-sent",
)  # fmt: skip

BARE, SELECT, INSERT = "bare Flask page", "page with one SELECT and a template", "an INSERT per request"


def main(wanted: list[str]) -> None:
    """Run all measures, or those whose name holds one of the given words."""
    with tempfile.TemporaryDirectory() as folder:
        base = floor.make(Path(folder)).test_client()
        figures = [
            timed(BARE, lambda n: base.get("/bare"), calls=300),
            timed(SELECT, lambda n: base.get("/select"), calls=300),
            timed(INSERT, lambda n: base.post("/insert"), calls=150),
        ]
        settings = Settings(
            instance=Path(folder), base_url="http://localhost", secret_key="bench", testing=True, password_time_cost=1,
            password_memory_kib=8,
        )  # fmt: skip
        app = create_app(settings)
        app.config["WTF_CSRF_ENABLED"] = False
        with clock.at(factories.OPEN):
            figures += _measures(app, Path(folder), wanted)
    print(table(figures))


def _measures(app: Flask, folder: Path, wanted: list[str]) -> list[Figure]:
    """Data is made inside an application context, pages are asked outside: each request must start from nothing."""
    client, staff = app.test_client(), app.test_client()
    with app.app_context():
        db.create_all()
        event = factories.an_event(limit=100_000)
        event_id = event.id
        factories.sign_in(staff, factories.an_organiser(event))
    home = "/ar/ogp-2022"
    figures = [
        timed("home page", lambda n: _get(client, f"{home}/"), calls=100, floor=SELECT),
        timed("registration page", lambda n: _get(client, f"{home}/register/"), calls=100, floor=SELECT),
        timed("a whole registration (8 requests)", lambda n: _register(app), calls=40, floor=INSERT),
    ]
    with app.app_context():
        event = db.session.get_one(Event, event_id)
        figures.append(timed("the service that registers", lambda n: _service(event), calls=100, floor=INSERT))
        _fill(event, 100)
    lists = {f"participants, {args or 'all'}": f"{home}/manage/people?{args}" for args in FILTERS}
    for name, path in lists.items():
        figures.append(timed(f"{name}, at 100", lambda n, p=path: _get(staff, p), calls=20, floor=SELECT))  # type: ignore[misc]
    with app.app_context():
        codes = _fill(db.session.get_one(Event, event_id), 10_000)
    pages = {
        **{f"{name}, at 10,000": path for name, path in lists.items()},
        "organiser's overview at 10,000": f"{home}/manage/",
    }
    figures += [timed(name, lambda n, p=path: _get(staff, p), calls=20, floor=SELECT) for name, path in pages.items()]  # type: ignore[misc]
    figures.append(timed("a scan at 10,000", lambda n: _scan(staff, home, codes[n % len(codes)]), calls=100, floor=INSERT))
    figures += _proposals(app, staff)
    with app.app_context():
        small = factories.an_event(slug="badges")
        _fill(small, 500)
        target = folder / "badges.pdf"
        figures.append(timed("500 two-sided badges", lambda n: _batch(small, target), calls=3, warm=1, floor=BARE))
        moderated = [_moderated(f"moderated-{n}") for n in range(3)]
        figures.append(timed("500 decisions", lambda n: _decide(moderated[n]), calls=2, warm=1, floor=INSERT))
        imported = factories.an_event(slug="imported", limit=100_000)
        figures.append(timed("an import of 10,000 rows", lambda n: _import(imported, 10_000), calls=1, warm=0, floor=INSERT))
    return [figure for figure in figures if not wanted or any(word in figure.name for word in wanted)]


def _proposals(app: Flask, staff: FlaskClient) -> list[Figure]:
    """The list of proposals and the search in their texts, few and many."""
    figures = []
    with app.app_context():
        event = factories.an_event(slug="call")
        factories.a_call(event)
        people.grant(db.session.scalars(select(Grant.person_id).where(Grant.role == "OR")).first() or 0, "OR",
                     event_id=event.id, by=OPERATOR)  # fmt: skip
    for number, made in ((30, 30), (3_000, 2_970)):
        with app.app_context():
            written.fill(event.id, made)
            for typed in ("budget", "ميزانية", "غائب", "zebra", "open budget schools"):
                wanted = ProposalFilter(q=typed)
                name = f"search proposals, {typed}, at {number:,}"
                search = timed(name, lambda n, w=wanted: how_many(event.id, w, None), calls=20)  # type: ignore[misc]
                figures.append(search)
        for args in PROPOSALS:
            path = f"/ar/call/manage/proposals?{args}"
            name = f"proposals, {args or 'all'}, at {number:,}"
            figures.append(timed(name, lambda n, p=path: _get(staff, p), calls=20, floor=SELECT))  # type: ignore[misc]
    return [*figures, _autosave(app)]


def _autosave(app: Flask) -> Figure:
    """A part of 200 Arabic words, saved while its writer types."""
    client, revision = app.test_client(), 1
    with app.app_context():
        event, lead = factories.an_event(slug="typing"), factories.a_person()
        with clock.at(factories.CALL_OPEN):
            factories.a_call(event)
            code = factories.a_proposal(event, lead, sent=False).code

    def save(n: int) -> None:
        nonlocal revision
        typed = {"approach_en": "كلمة " * 200 + str(n), "revision": str(revision)}
        path = f"/ar/typing/proposals/{code}/part/approach"
        revision = client.post(path, data=typed, headers={"Accept": "application/json"}).json["revision"]

    with clock.at(factories.CALL_OPEN), app.app_context():
        factories.sign_in(client, lead)
        return timed("autosave of a part", save, calls=50, floor=INSERT)


def _get(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200, path


def _register(app: Flask) -> None:
    client = app.test_client()
    base, answers = "/en/ogp-2022/register", factories.raw_answers()
    client.post(f"{base}/")
    for step in rules.STEPS:
        client.post(f"{base}/{step}", data=answers)
    client.get(f"{base}/check")
    assert client.post(f"{base}/check").status_code == 303


def _service(event: Event) -> None:
    answers = rules.answers(factories.raw_answers(), days=event.days)
    services.register(event.id, answers, services.Sending(lang="ar", key=None, form_opened_at=clock.now()))


def _fill(event: Event, number: int, *, state: State = State.CONFIRMED) -> list[str]:
    """`number` participants by bulk insert, confirmed unless said otherwise; returns their codes' tokens."""
    names = ["Mohamed Alaoui", "Amina Diop", "Yassine El Ouardi", "Fatima Zahra Bennani", "Kwame Mensah", "Leïla Ben Salah"]
    arabic = ["محمد العلوي", "أمينة جوب", "ياسين الوردي", "فاطمة الزهراء بناني", "كوامي مينساه", "ليلى بن صالح"]
    now = clock.now()
    first = (db.session.query(db.func.max(Person.id)).scalar() or 0) + 1
    people, entries, tickets, codes = [], [], [], []
    for n in range(number):
        who = n % len(names)
        sample = Registration(
            name_latin=f"{names[who]} {n}", name_arabic=arabic[who], organisation_name=f"Organisation {n % 90}",
            code=f"R-{first + n}",
        )
        changes.write_keys(sample, email=f"bulk{first + n}@example.org")
        people.append(
            {"id": first + n, "code": f"P-{first + n}", "email": f"bulk{first + n}@example.org", "lang": "ar", "created_at": now,
             "email_ascii": f"bulk{first + n}@example.org", "email_key": f"bulk{first + n}@example.org"}
        )  # fmt: skip
        entries.append(
            {"id": first + n, "code": sample.code, "event_id": event.id, "person_id": first + n, "state": state,
             "category": "civil_society", "sector": "civil_society", "name_latin": sample.name_latin,
             "name_arabic": sample.name_arabic, "organisation_name": sample.organisation_name,
             "country": ["MA", "TN", "SN", "GH"][n % 4], "lang": "ar", "days": ["2022-11-01"], "languages": ["ar"],
             "consent_version": "1", "registered_at": now + timedelta(seconds=n), "changed_at": now,
             "confirmed_at": now if state is State.CONFIRMED else None,
             "address_confirmed_at": now, "search_key": sample.search_key, "sort_latin": sample.sort_latin,
             "sort_arabic": sample.sort_arabic}
        )  # fmt: skip
        codes.append(tokens.new_badge_token())
        if state is State.CONFIRMED:
            tickets.append({"event_id": event.id, "registration_id": first + n, "token": codes[-1], "issued_at": now})
    with transaction():
        for table_, rows in ((Person, people), (Registration, entries), (Ticket, tickets)):
            if rows:
                db.session.execute(insert(table_), rows)
    return codes


def _moderated(slug: str) -> Event:
    """A meeting where 500 people wait for a yes, and 300 can have a place."""
    event = factories.an_event(slug=slug, limit=300, civil_society=350)
    moderation.switch(event.id, is_on=True, by=OPERATOR)
    _fill(event, 500, state=State.SUBMITTED)
    clock.tick(minutes=10)  # all of them are registered by then
    return event


def _decide(event: Event) -> None:
    """400 yes, 100 no, released; a quarter of an hour later the worker gives places, tickets, ranks, and writes 500 mails."""
    query = select(Registration.id).where(Registration.event_id == event.id).order_by(Registration.id)
    ids = list(db.session.scalars(query))
    moderation.prepare(event.id, ids[:400], moderation.Decision(Verdict.YES), by=OPERATOR)
    moderation.prepare(event.id, ids[400:], moderation.Decision(Verdict.NO, "places"), by=OPERATOR)
    moderation.release(event.id, by=OPERATOR)
    clock.tick(minutes=15)
    moderation.due(clock.now())
    held = select(func.count()).where(Registration.event_id == event.id, Registration.state == State.CONFIRMED)
    assert db.session.scalar(held) == 300


def _scan(client: FlaskClient, home: str, code: str) -> None:
    body = {"scans": [{"id": str(uuid.uuid4()), "code": code, "at": clock.now().isoformat(), "source": "wedge"}]}
    answer = client.post(f"{home}/desk/sync", json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)


def _batch(event: Event, target: Path) -> None:
    report = printing.render_file(event, layout="a6", only_new=False, where="", out=target)
    assert report.count == 500


def _import(event: Event, number: int) -> None:
    """A file looked at, every row checked, all of them written: what its two jobs do."""
    rows = "".join(f"Person {n},محمد {n},row{n}@example.org,MA,gov,Organisation {n % 90}\n" for n in range(number))
    data = ("name_latin,name_arabic,email,country,category,organisation\n" + rows).encode()
    plan = imports.look(data, "participants", event_id=event.id)
    batch = imports.take_in(event.id, "participants", data, plan, filename="people.csv", by=None)
    importing.check(batch.id, lambda done, total: None)
    importing.apply(batch.id, lambda done, total: None)


if __name__ == "__main__":
    main(sys.argv[1:])
