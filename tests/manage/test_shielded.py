"""A proposal that is hidden from an organiser changes nothing that they see: no page, no figure, no file, no answer."""

from __future__ import annotations

import re
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.proposals import merging
from eventreg.proposals.models import Proposal, ProposalMerge
from tests.factories import CALL_OPEN, a_call, a_note, a_person, a_proposal, an_accepted_proposal, an_event, an_organiser, sign_in

AT = "/en/ogp-2022/manage"
SECRET = "Kilimanjaro"


@pytest.fixture
def tied(app: Flask, client: FlaskClient, clock: ModuleType) -> Person:
    """An organiser who leads a proposal themselves; there are two others. The call is open."""
    with clock.at(CALL_OPEN):
        event = an_event()
        a_call(event)
        organiser = an_organiser(event, scopes=["audit"])
        for title in ("Open budgets", "Judges on the road"):
            a_proposal(event, title_en=title)
    return organiser


def hide(event: Event, organiser: Person) -> Proposal:
    return a_proposal(event, organiser, title_en=f"Open budgets of {SECRET}", summary_en=f"A word that is nowhere else: {SECRET}.")


def seen(client: FlaskClient) -> dict[str, str]:
    """What an organiser sees of proposals, without what changes from page to page."""
    paths = [
        "/proposals", f"/proposals?q={SECRET}", "/proposals?state=submitted", "/proposals?sort=title", "/proposals.csv",
        "/proposals/twins", "/mail?kind=proposals/received", "/audit?kind=proposal", "/proposals/merge?one=3&other=1",
    ]  # fmt: skip
    found = {}
    for path in paths:
        answer = client.get(f"{AT}{path}")
        found[path] = f"{answer.status_code} {re.sub(r'value=.[A-Za-z0-9_.-]{60,}.', '', answer.text)}"
    return found


def test_what_is_hidden_changes_no_page_and_no_file(app: Flask, client: FlaskClient, clock: ModuleType, tied: Person) -> None:
    event = db.session.scalars(select(Event)).one()
    with clock.at("2022-07-20T10:00+01:00"):
        sign_in(client, tied)
        before = seen(client)
        again = seen(client)
        hidden = hide(event, tied)
        after = seen(client)

    stable = {path for path in before if before[path] == again[path]}
    assert {path for path in stable if after[path] != before[path]} == set()
    assert len(stable) >= 7
    assert all(hidden.code not in page and f"of {SECRET}" not in page for page in after.values())


def test_its_own_addresses_answer_as_if_it_were_not_there(client: FlaskClient, clock: ModuleType, tied: Person) -> None:
    event = db.session.scalars(select(Event)).one()
    with clock.at("2022-07-20T10:00+01:00"):
        hidden = hide(event, tied)
        sign_in(client, tied)
        mail = db.session.scalars(select(Mail.id).where(Mail.about_ref == hidden.code)).first()
        paths = [f"/proposals/{hidden.code}", f"/proposals/{hidden.code}/versions/1", f"/proposals/{hidden.code}/files/{'0' * 22}",
                 f"/mail/{mail}"]  # fmt: skip

        assert [client.get(f"{AT}{path}").status_code for path in paths] == [404, 404, 404, 404]
        assert client.post(f"{AT}/proposals/{hidden.code}/restore", data={"reason": "x"}).status_code == 404


def test_a_merge_with_a_hidden_one_is_neither_made_nor_undone(client: FlaskClient, clock: ModuleType, tied: Person) -> None:
    event = db.session.scalars(select(Event)).one()
    with clock.at("2022-07-20T10:00+01:00"):
        hidden = hide(event, tied)
        other = db.session.scalars(select(Proposal).where(Proposal.id != hidden.id).order_by(Proposal.id)).first()
        assert other is not None
        sign_in(client, tied)
        sent = {"one": hidden.code, "other": other.code, "survivor": other.code, "reason": "The same", "both_agreed": "y"}
        assert client.post(f"{AT}/proposals/merge", data=sent).status_code == 422
        assert client.post(f"{AT}/proposals/merge/not-same", data=sent).status_code == 422
        merging.merge(event.id, hidden.code, other.code, reason="The same idea", both_agreed=True, by=OPERATOR)
        made = db.session.scalars(select(ProposalMerge)).one()

        assert client.post(f"{AT}/proposals/merge/{made.code}/undo").status_code == 404
        assert "The same idea" not in client.get(f"{AT}/proposals/twins").text


def test_the_note_of_a_hidden_workshop_is_not_read_by_the_team(client: FlaskClient, clock: ModuleType, tied: Person) -> None:
    event = db.session.scalars(select(Event)).one()
    with clock.at("2022-07-20T10:00+01:00"):
        speaker = {"email": tied.email or "", "organisation_name": "Ministry", "country": "MA", "sector": "government"}
        workshop, lead, _other = an_accepted_proposal(event, a_person(), partner=speaker)
        a_note(workshop, lead)
        free = an_organiser(event)
        path = f"/en/ogp-2022/proposals/{workshop.code}/notes"
        sign_in(client, free)
        assert client.get(path).status_code == 200
        sign_in(client, tied)

        assert client.get(path).status_code == 200  # a co-organiser writes it themselves
        assert client.get(f"{AT}/proposals/{workshop.code}").status_code == 404
