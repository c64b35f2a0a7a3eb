"""After the closing: who is invited begins, writes and sends; nobody else does."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eventreg.cli import invariants
from eventreg.core import times
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.core.refusals import Refused
from eventreg.events.models import Event
from eventreg.people import rules as people_rules
from eventreg.proposals import calls, late, partners, services
from eventreg.proposals.models import LateInvitation, Proposal
from tests.factories import A_BODY, CALL_OPEN, OPEN, a_call, a_person, a_proposal, an_event, an_organiser, proposal_answers, sign_in
from tests.proposals.test_pages import link_in

AT = "/en/ogp-2022"
INVITATIONS = f"{AT}/manage/call/invitations"
BEGUN = {"lang": "en", "title": "Late words", "track": "participation"}


@pytest.fixture
def event(app: Flask, clock: ModuleType) -> Any:
    """A meeting whose call closed a month ago."""
    made = an_event()
    a_call(made, per_person=5)
    with clock.at(OPEN):
        yield made


def invited(event: Event, email: str = "", **changes: Any) -> late.Issued:
    until = times.deadline("2022-10-05", event.zone)
    plan = {"label": "Guest", "reason": "The ministry asked", "lang": "en", "expires": until, **changes}
    address = people_rules.email_address(email) if email else None
    return late.invite(event.id, late.LatePlan(email=address, **plan), by=an_organiser(event))


def uses(issued: late.Issued) -> int:
    return db.session.get_one(LateInvitation, issued.invitation.id, populate_existing=True).uses


def fill(proposal: Proposal, lead_id: int) -> None:
    for section, answers in proposal_answers().items():
        services.save_part(proposal.id, section, answers, based_on=1 if section == "title" else 0, by=lead_id)
    partners.describe_lead(proposal.id, A_BODY, by=lead_id)


def test_a_personal_link_lets_its_person_write_and_send_until_its_day(
    event: Event, client: FlaskClient, clock: ModuleType
) -> None:
    issued = invited(event, "guest@example.org")
    assert "Open the link in it" in client.get(f"{AT}/call/").text
    link = link_in("proposals/late")
    page = client.get(link).text
    assert "Your invitation lets you propose a workshop until Wednesday" in page and "The call closed on" in page
    assert client.post(link).location.endswith("/proposals/new")
    assert "Propose a workshop" in client.get(f"{AT}/call/").text
    begun = client.post(f"{AT}/proposals/new", data=BEGUN)
    assert begun.status_code == 303 and uses(issued) == 1
    mine = db.session.scalars(select(Proposal)).one()
    assert "lets you write and send until" in client.get(begun.location).text
    fill(mine, mine.lead_id)
    version = services.send(mine.id, by=mine.lead_id)
    calls.close(clock.now())

    assert version.in_grace is False
    assert db.session.get_one(Proposal, mine.id, populate_existing=True).state == "submitted"  # it is still being written
    assert client.post(link).location.endswith(f"/proposals/{mine.code}/")  # used up, and the way back
    assert client.post(f"{AT}/proposals/new", data={**BEGUN, "title": "A second"}).status_code == 409
    with clock.at("2022-10-06T00:01+01:00"):
        with pytest.raises(Refused):
            services.send(mine.id, by=mine.lead_id)
        assert client.get(link).status_code == 410
        calls.close(clock.now())
        assert db.session.get_one(Proposal, mine.id, populate_existing=True).state == "in_review"
    # the call itself was made outside the stopped clock
    assert [one for one in invariants.findings(clock.now()) if one.name != "time.future"] == []


def test_a_draft_from_before_the_closing_goes_on(event: Event, client: FlaskClient, clock: ModuleType) -> None:
    lead = a_person("guest@example.org")
    with clock.at(CALL_OPEN):
        draft = a_proposal(event, lead, sent=False)
    with pytest.raises(Refused):
        services.send(draft.id, by=lead.id)
    issued = invited(event, "guest@example.org")
    followed = client.post(link_in("proposals/late"))
    client.post(link_in("proposals/late"))

    assert followed.location.endswith(f"/proposals/{draft.code}/") and uses(issued) == 1
    assert services.send(draft.id, by=lead.id).number == 1


def test_an_open_link_is_used_by_as_many_as_it_says(app: Flask, event: Event) -> None:
    issued = invited(event, max_uses=2)
    link = f"{AT}/i/{issued.secret}"
    for n in range(3):
        guest = app.test_client()
        followed = guest.post(link)
        if n == 2:
            assert guest.get(link).status_code == 410
            continue
        assert followed.location.endswith("/call/start")
        assert guest.post(f"{AT}/call/start", data={"email": f"guest{n}@example.org"}).status_code == 200
        fresh = app.test_client()  # the mail may be opened on another device
        assert fresh.post(link_in("proposals/begin")).location.endswith("/proposals/new")
        assert fresh.post(f"{AT}/proposals/new", data=BEGUN).status_code == 303

    assert uses(issued) == 2


def test_who_is_not_invited_stays_outside(app: Flask, event: Event, client: FlaskClient) -> None:
    issued = invited(event, "guest@example.org")
    sign_in(client, a_person("other@example.org"))
    assert client.post(f"{AT}/proposals/new", data=BEGUN).status_code == 409
    assert client.post(f"{AT}/call/start", data={"email": "other@example.org"}).status_code == 422
    late.revoke(event.id, issued.invitation.code, by=an_organiser(event))
    guest = app.test_client()
    sign_in(guest, a_person("guest@example.org"))

    assert guest.post(f"{AT}/proposals/new", data=BEGUN).status_code == 409
    assert guest.get(f"{AT}/i/{issued.secret}").status_code == 410
    assert db.session.scalar(select(func.count(Proposal.id))) == 0


# ---- the organiser ---------------------------------------------------------------------------------------------------


def test_an_organiser_makes_shows_and_revokes_an_invitation(event: Event, client: FlaskClient) -> None:
    sign_in(client, an_organiser(event))
    assert "Nobody is invited" in client.get(INVITATIONS).text
    typed = {"label": "Ministry", "email": "m@example.org", "lang": "fr", "expires": "2022-10-05", "reason": "Asked"}
    wrong = client.post(f"{INVITATIONS}/new", data={**typed, "label": "", "max_uses": "101", "email": "nobody", "reason": ""})
    early = client.post(f"{INVITATIONS}/new", data={**typed, "expires": "2022-08-31"})
    late_ = client.post(f"{INVITATIONS}/new", data={**typed, "expires": "2022-12-01"})
    assert (wrong.status_code, early.status_code, late_.status_code) == (422, 422, 422)
    made = client.post(f"{INVITATIONS}/new", data=typed)
    shown, again = client.get(made.location).text, client.get(made.location).text
    listed = client.get(f"{INVITATIONS}?state=unused").text
    renewed = client.post(f"{made.location}/new-link")
    client.post(f"{made.location}/revoke")
    after = client.get(made.location).text

    assert "<svg" in shown and "/fr/ogp-2022/i/" in shown and "shown only now" in shown and "shown only now" not in again
    assert "Ministry" in listed and "Unused: 1" in listed
    assert renewed.status_code == 303 and "The invitation was revoked." in after and "Revoked" in after
    assert client.post(f"{made.location}/new-link").status_code == 409
    assert db.session.scalars(select(Mail.lang).where(Mail.kind == "proposals/late")).all() == ["fr"]
