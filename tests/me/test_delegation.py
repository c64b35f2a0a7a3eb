"""A head's pages: what they show, what they never show, whose they are; and the organiser's list of delegations."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventreg.core import clock
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.events import services as events
from eventreg.people.models import Person
from eventreg.registration import services as registration
from eventreg.registration.models import Delegation, DelegationPlace, Registration
from tests.factories import OPEN, a_delegation, a_person, a_registration, an_event, an_organiser, sign_in, statements

ME = "/en/ogp-2022/me/delegation"
MANAGE = "/en/ogp-2022/manage/delegations"


def heading(client: FlaskClient, event: Any, **changes: Any) -> Delegation:
    """A delegation whose head is signed in at this client."""
    with clock.at(OPEN):
        made = a_delegation(event, an_organiser(event), **changes)
    sign_in(client, db.session.get_one(Person, made.head_id))
    return made


def test_the_mail_to_the_head_opens_the_page_of_the_delegation(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    with clock.at(OPEN):
        made = a_delegation(event, an_organiser(event))
        mail = db.session.scalars(select(Mail).where(Mail.kind == "registration/delegation_made")).one()
        path = re.search(r"http://[^/]+(/\S+)", mail.text)
        assert path is not None
        answer = client.post(path[1])
        page = client.get(answer.location.replace("/fr/", "/en/"))

    assert answer.location.endswith(f"/fr/ogp-2022/me/delegation/{made.code}")
    assert "0 of 3 complete" in page.text
    assert page.text.count("Name a person") == 3


def test_the_head_names_swaps_and_gives_back(app: Flask, client: FlaskClient) -> None:
    event = an_event(limit=10)
    made = heading(client, event)
    path = f"{ME}/{made.code}"
    with clock.at(OPEN):
        nobody = client.post(f"{path}/1", data={"lang": "fr"})
        named = client.post(f"{path}/1", data={"name_latin": "Awa Diop", "lang": "fr"})
        client.post(f"{path}/2", data={"email": "member@example.org", "lang": "ar"})
        page = client.get(path).text
        ticket = client.get(f"{path}/1/ticket.pdf")
        client.post(f"{path}/1", data={"name_latin": "Said Fall", "lang": "fr"})
        client.post(f"{path}/3/give-back")
        after = client.get(path).text

    assert nobody.status_code == 422 and "Enter the person" in nobody.text
    assert named.status_code == 303
    assert "Awa Diop" in page and "member@example.org" in page and "1 of 3 complete" in page and "Link sent" in page
    assert ticket.data.startswith(b"%PDF")
    assert "Said Fall" in after and "Awa Diop" not in after and "Given back" in after and "1 of 2 complete" in after
    assert [row.state for row in db.session.scalars(select(Registration).order_by(Registration.id))] == ["cancelled", "confirmed"]


def test_where_a_day_is_full_the_head_is_told_to_give_an_address(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    made = heading(client, event)
    with clock.at(OPEN):
        registration.set_limit(event.id, "day", "2022-11-02", 0, by=OPERATOR)
        refused = client.post(f"{ME}/{made.code}/1", data={"name_latin": "Awa Diop", "lang": "fr"})
        sent = client.post(f"{ME}/{made.code}/1", data={"name_latin": "Awa Diop", "email": "awa@example.org", "lang": "fr"})

    assert refused.status_code == 422 and sent.status_code == 303
    assert "Give an address: then the person gets a link" in refused.text and 'value="Awa Diop"' in refused.text
    assert "you keep the place" not in refused.text


def test_a_delegation_of_another_head_or_meeting_is_unknown(app: Flask, client: FlaskClient) -> None:
    event, other = an_event(), an_event(slug="other-2022")
    with clock.at(OPEN):
        made = a_delegation(event, an_organiser(event))
    code = made.code
    here = heading(client, event, head="another@example.org").code
    for address in (f"{ME}/{code}", f"{ME}/{code}/1", f"{ME}/{code}/1/ticket.pdf", f"/en/other-2022/me/delegation/{here}",
                    f"{ME}/{here}/9"):  # fmt: skip
        assert client.get(address).status_code == 404
    for act in ("resend", "revoke", "give-back"):
        assert client.post(f"{ME}/{code}/1/{act}").status_code == 404
    assert client.post(f"{ME}/{code}/1", data={"name_latin": "X Y", "lang": "fr"}).status_code == 404
    sign_in(client, an_organiser(other))
    assert client.get(f"/en/other-2022/manage/delegations/{code}").status_code == 404
    assert client.post(f"/en/other-2022/manage/delegations/{code}/1/give-back").status_code == 404
    assert db.session.scalars(select(DelegationPlace).where(DelegationPlace.given_back_at.is_not(None))).all() == []


def test_a_participant_registers_one_only_where_the_meeting_allows_it(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    head = db.session.get_one(Person, a_registration(event).person_id)
    sign_in(client, head)
    data = {"name": "Ours", "country": "MA", "organisation_name": "Association", "sector": "civil_society", "size": "2"}
    with clock.at(OPEN):
        assert client.post(ME, data=data).status_code == 422
        assert "Register a delegation" not in client.get(ME).text
        events.set_group_rules(event.id, venue_capacity=None, delegation_max=2, by=OPERATOR)
        too_many = client.post(ME, data=data | {"size": "3"})
        wrong = client.post(ME, data={})
        made = client.post(ME, data=data)
        assert "My delegation" in client.get("/en/ogp-2022/me/").text

    assert "You may register 2 more places." in too_many.text
    assert wrong.status_code == 422 and "Enter the number of places." in wrong.text
    assert made.status_code == 303
    sign_in(client, a_person())
    assert client.post(ME, data=data).status_code == 422
    assert len(db.session.scalars(select(Delegation)).all()) == 1


def test_an_organiser_makes_finds_exports_and_prolongs(app: Flask, client: FlaskClient) -> None:
    event = an_event(government=4)
    sign_in(client, an_organiser(event))
    data = {"name": "Health", "country": "MA", "organisation_name": "Ministry of Health", "sector": "government", "size": "4",
            "head": "head@example.org", "lang": "fr", "category": ""}  # fmt: skip
    with clock.at(OPEN):
        full = client.post(f"{MANAGE}/new", data=data | {"size": "5"})
        bad = client.post(f"{MANAGE}/new", data=data | {"head": "nobody", "names_until": "2022-02-30"})
        made = client.post(f"{MANAGE}/new", data=data)
        page = client.get(made.location).text
        listed, empty = client.get(f"{MANAGE}?q=ministry").text, client.get(f"{MANAGE}?q=nothing").text
        code = made.location.rpartition("/")[2].partition("?")[0]
        late = client.post(f"{MANAGE}/{code}/names-until", data={"names_until": "2022-11-04"})
        ok = client.post(f"{MANAGE}/{code}/names-until", data={"names_until": "2022-10-20"})
        client.post(f"{MANAGE}/{code}/mail-head")
        rows = list(csv.DictReader(io.StringIO(client.get(f"{MANAGE}.csv").text.lstrip("\ufeff"))))

    assert "Only 4 places are left under this limit" in full.text
    assert bad.status_code == 422 and "There is no such day" in bad.text
    assert "Delegation made with 4 places." in page and "The places are kept, and the head gets a mail." in page
    assert "0 of 4" in listed and "No delegation matches this search." in empty
    assert (late.status_code, ok.status_code) == (422, 303)
    assert [(row["name"], row["places"], row["head_email"], row["names_until"]) for row in rows] == [
        ("Health", "4", "head@example.org", "2022-10-20T23:00:00Z"),
    ]  # fmt: skip
    assert len(db.session.scalars(select(Mail).where(Mail.kind == "registration/delegation_made")).all()) == 2


def test_long_lists_cost_no_more_statements(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    organiser = an_organiser(event)
    sign_in(client, organiser)
    costs: list[int] = []
    with clock.at(OPEN):
        for more in (1, 8):
            for number in range(more):
                a_delegation(event, organiser, head=f"head{more}-{number}@example.org")
            with statements(app) as sent:
                client.get(MANAGE)
            costs.append(len(sent))
    assert costs[0] == costs[1]
