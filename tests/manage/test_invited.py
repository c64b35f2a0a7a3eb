"""Many invitations from a list, as an organiser makes, reads, reminds of and revokes them; the mail before it goes; the table."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventreg.core import audit, clock
from eventreg.core.db import db, transaction
from eventreg.core.i18n import Text
from eventreg.core.outbox import Mail
from eventreg.events import services as events
from eventreg.events.models import Event
from eventreg.people import organisations
from eventreg.registration.models import Invitation, InvitationBatch
from tests.factories import OPEN, a_batch, a_registration, an_event, an_invitation, an_organiser, sign_in, statements

PATH = "/en/ogp-2022/manage/invitations"
LINES = "a@example.org; Amina; ar\nnobody\nb@example.org; Bob; French; Press\nA@example.org"


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "label": "Speakers", "guests": LINES, "lang": "en", "passes_deadline": "y", "expires": "2022-10-15", "remind": "3, 7",
        "reason": "accepted workshops", **changes,
    }  # fmt: skip


def made() -> list[Invitation]:
    return list(db.session.scalars(select(Invitation).order_by(Invitation.id)))


def test_a_list_is_looked_through_before_anybody_is_written_to(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))

    with clock.at(OPEN):
        page = client.post(f"{PATH}/many", data=typed(look="1")).text

    assert "2 people can be invited. 2 lines are left out." in page
    assert re.findall(r'<tr><th scope="row" class="num">(\d+)</th>.*?<bdi>([^<]*)</bdi>', page) == [
        ("2", "nobody"), ("4", "A@example.org"),
    ]  # fmt: skip
    assert "The same address stands in line 1." in page
    assert 'lang="ar" dir="rtl"' in page and 'lang="fr" dir="ltr"' in page  # the mail of each language, before it goes
    assert "Invite 2 people" in page
    assert made() == []
    assert db.session.scalars(select(Mail)).all() == []


def test_the_list_is_sent_and_its_batch_shows_what_became_of_it(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    with clock.at(OPEN):
        answer = client.post(f"{PATH}/many", data=typed(send="1"))

        page = client.get(answer.location).text
        again = client.post(f"{PATH}/many", data=typed(send="1"))

    assert [(one.label, one.lang, one.category, one.remind_days) for one in made()] == [
        ("Amina", "ar", "", [3, 7]), ("Bob", "fr", "press", [3, 7]),
    ]  # fmt: skip
    assert answer.status_code == 303
    assert "List “<bdi>Speakers</bdi>”" in page
    assert "Revoke 2 invitations" in page
    assert "There is nobody to remind now" in page
    assert again.status_code == 422
    assert "Nobody of this list is left to invite." in again.text


def test_a_file_takes_the_place_of_pasted_lines_and_a_foreign_one_is_refused(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    with clock.at(OPEN):
        good = client.post(f"{PATH}/many", data=typed(file=(io.BytesIO("\ufeffc@example.org,كريم\r\n".encode()), "l.csv")))
        bad = client.post(f"{PATH}/many", data=typed(file=(io.BytesIO(b"PK\x03\x04\xff\xfe\x00"), "l.xlsx")))

    assert "1 person can be invited." in good.text
    assert "c@example.org,كريم" in good.text
    assert bad.status_code == 422
    assert "This file is not a text in UTF-8." in bad.text


def test_what_is_wrong_with_the_terms_stands_at_its_field(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    wrong = {
        "guests": "Paste the list or choose a file: one person in each line.", "label": "Say for whom the invitation is.",
        "remind": "Enter at most 3 numbers of days from 1 to 60, such as 3, 7.", "expires": "Choose a day that is still to come.",
    }  # fmt: skip
    given = {"guests": " \n", "label": " ", "remind": "3, soon", "expires": "2022-09-01"}
    with clock.at(OPEN):
        for name, words in wrong.items():
            answer = client.post(f"{PATH}/many", data=typed(**{name: given[name]}))
            assert answer.status_code == 422
            assert words in answer.text
    assert made() == []


def test_the_mail_of_one_invitation_is_read_before_it_is_made(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    data = {"label": "Minister", "email": "m@example.org", "lang": "fr", "passes_limit": "y", "category": "guest", "max_uses": "1",
            "expires": "2022-10-15", "reason": "opens the meeting", "preview": "1"}  # fmt: skip
    with clock.at(OPEN):
        answer = client.post(f"{PATH}/new", data=data)

    assert answer.status_code == 200
    assert "This mail will go to <bdi>m@example.org</bdi>." in answer.text
    assert "Vous vous inscrivez dans cette catégorie : Invité" in answer.text
    assert "/fr/ogp-2022/i/…" in answer.text
    assert made() == []


def test_an_invitation_for_an_organisation_names_a_known_one(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    with transaction() as now:
        body = organisations.add(Text(en="Court of Accounts"), country="MA", sector="government", now=now)
    data = {"label": "Court", "organisation_name": "court of accounts", "lang": "en", "passes_deadline": "y", "max_uses": "5",
            "expires": "2022-10-15", "reason": "asked for"}  # fmt: skip
    with clock.at(OPEN):
        unknown = client.post(f"{PATH}/new", data=data | {"organisation_name": "Nobody's"})
        both = client.post(f"{PATH}/new", data=data | {"email": "m@example.org"})
        answer = client.post(f"{PATH}/new", data=data)
        page = client.get(answer.location).text

    assert "No known organisation bears this name." in unknown.text
    assert "not both" in both.text
    assert [one.organisation_id for one in made()] == [body.id]
    assert re.search(r"People who register for .{,80}Court of Accounts", page), page[page.index("Who can use"):][:400]


def test_the_refusal_above_the_venue_says_the_numbers(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    client.post("/en/ogp-2022/manage/settings/groups", data={"venue_capacity": "3", "delegation_max": "0"})
    data = {"label": "Many", "lang": "en", "passes_limit": "y", "max_uses": "3", "expires": "2022-10-15", "reason": "guests"}
    with clock.at(OPEN):
        a_registration(event)
        answer = client.post(f"{PATH}/new", data=data)

    assert answer.status_code == 422
    assert "The venue admits 3 people: 1 places are taken and 0 more are promised" in answer.text
    assert "2 more people can be invited past the limit." in answer.text


def test_the_rules_for_groups_are_kept_and_recorded(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    path = "/en/ogp-2022/manage/settings/groups"

    wrong = client.post(path, data={"venue_capacity": "0", "delegation_max": "101"})
    client.post(path, data={"venue_capacity": "600", "delegation_max": "10"})
    client.post(path, data={"venue_capacity": "600", "delegation_max": "10"})

    assert wrong.status_code == 422
    kept = db.session.get_one(Event, event.id, populate_existing=True)
    assert (kept.venue_capacity, kept.delegation_max) == (600, 10)
    actions = [line.action for line in audit.history(event.id, "event", "ogp-2022")]
    assert actions.count("event.group_rules_set") == 1


def test_a_batch_is_reminded_and_revoked_together(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    organiser = an_organiser(event)
    sign_in(client, organiser)
    with clock.at("2022-09-20T10:00+01:00"):
        code = a_batch(event, organiser, "a@example.org\nb@example.org").code
    with clock.at(OPEN):
        assert "Remind 2 people" in client.get(f"{PATH}/batches/{code}").text
        reminded = client.get(client.post(f"{PATH}/batches/{code}/remind").location).text
        revoked = client.get(client.post(f"{PATH}/batches/{code}/revoke").location).text
        assert "2 people are reminded." in reminded
        assert "2 invitations are revoked." in revoked
        assert "This list was taken back on" in revoked
        assert client.get(f"{PATH}?state=revoked&batch={code}").text.count("reminded ") == 2


def test_the_table_has_what_the_list_shows_and_no_link(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    organiser = an_organiser(event)
    sign_in(client, organiser)
    with clock.at(OPEN):
        secret = an_invitation(event, organiser, label="=1+1", category="press").secret
        a_batch(event, organiser, "a@example.org; Amina; ar")
        answer = client.get(f"{PATH}.csv?q=amina")
        everything = client.get(f"{PATH}.csv").text

    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [(row["for"], row["email"], row["batch"], row["state"], row["passes_deadline"]) for row in rows] == [
        ("Amina", "a@example.org", "List", "unused", "yes"),
    ]  # fmt: skip
    assert "'=1+1" in everything and secret not in everything and "/i/" not in everything
    (first, second) = [line for line in audit.history(event.id, "event", "ogp-2022") if line.action == "invitations.exported"]
    assert (second.facts["is_searched"], second.facts["rows"], first.facts["rows"]) == (True, 1, 2)


def test_batches_of_another_meeting_are_unknown(app: Flask, client: FlaskClient) -> None:
    event, other = an_event(), an_event(slug="other-2022")
    with clock.at(OPEN):
        code = a_batch(event, an_organiser(event), "a@example.org").code
    sign_in(client, an_organiser(other))

    for ending in ("", ".json"):
        assert client.get(f"/en/other-2022/manage/invitations/batches/{code}{ending}").status_code == 404
    for act in ("remind", "revoke"):
        assert client.post(f"/en/other-2022/manage/invitations/batches/{code}/{act}").status_code == 404
    assert made()[0].revoked_at is None


def test_long_lists_cost_no_more_statements(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    organiser = an_organiser(event)
    sign_in(client, organiser)
    costs: dict[str, list[int]] = {}
    with clock.at(OPEN):
        for round_ in range(2):
            typed_lines = "\n".join(f"g{round_}-{number}@example.org" for number in range(20 * round_ + 1))
            code = a_batch(event, organiser, typed_lines).code
            for address in (PATH, f"{PATH}/batches", f"{PATH}/batches/{code}", f"{PATH}.csv"):
                with statements(app) as sent:
                    assert client.get(address).status_code == 200
                costs.setdefault(address.replace(code, "B"), []).append(len(sent))

    assert all(cost[0] == cost[1] for cost in costs.values()), costs
    assert len(db.session.scalars(select(InvitationBatch)).all()) == 2
    assert events.audit.verify(event.id) is None
