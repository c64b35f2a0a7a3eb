"""The pages of a proposal, as a proposer and a co-organiser meet them."""

from __future__ import annotations

import html
import re
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.people.models import Person
from eventreg.proposals import partners, queries
from eventreg.proposals.models import Proposal
from tests.factories import CALL_OPEN, a_call, a_person, a_proposal, an_event, proposal_answers, sign_in, statements

AT = "/en/ogp-2022"
TOO_LATE = "2022-09-01T00:05+01:00"


@pytest.fixture
def opened(app: Flask, clock: ModuleType) -> Any:
    """A meeting whose call is open."""
    event = an_event()
    a_call(event, per_person=5)
    with clock.at(CALL_OPEN):
        yield event


def link_in(kind: str) -> str:
    """The address in the newest mail of this kind."""
    mail = db.session.scalars(select(Mail).where(Mail.kind == kind).order_by(Mail.id.desc())).first()
    assert mail is not None
    found = re.search(r"https?://[^/]+(/\S+)", mail.text)
    assert found is not None
    return found[1]


def test_somebody_unknown_begins_by_a_link_and_sends_a_whole_proposal(opened: Any, client: FlaskClient) -> None:
    asked = client.post(f"{AT}/call/start", data={"email": "New@example.org"})
    assert "on its way" in asked.text
    assert db.session.scalar(select(Person.id).where(Person.email_key == "new@example.org")) is None
    followed = client.post(link_in("proposals/begin"))
    assert followed.location.endswith("/proposals/new")

    begun = client.post(f"{AT}/proposals/new", data={"lang": "en", "title": "Open budgets", "track": "participation"})
    assert begun.status_code == 303
    page = client.get(begun.location)
    assert page.text.count("Not started") == 5 and "Say for which organisation" in page.text

    base = begun.location.rstrip("/")
    for section, answers in proposal_answers().items():
        revision = "1" if section == "title" else "0"
        saved = client.post(f"{base}/part/{section}", data={**answers, "revision": revision})
        assert saved.status_code == 303, (section, saved.text)
    body = {"name": "Amina", "organisation_name": "Youth Network", "country": "TN", "sector": "civil_society"}
    assert client.post(f"{base}/people/lead", data=body).status_code == 303
    assert "Send the proposal" in client.get(f"{base}/check").text
    sent = client.post(f"{base}/check")

    assert sent.status_code == 303
    assert "received under number 1" in client.get(sent.location).text
    assert link_in("proposals/received").startswith("/en/ogp-2022/i/")


def test_what_is_wrong_is_said_at_its_field_and_kept(opened: Any, client: FlaskClient) -> None:
    lead = a_person()
    sign_in(client, lead)
    mine = a_proposal(opened, lead, sent=False)
    path = f"{AT}/proposals/{mine.code}/part/approach"
    too_long = "word " * 301
    answer = client.post(path, data={"approach_en": too_long, "revision": "1"})

    assert answer.status_code == 422
    assert "301 words: at most 300" in answer.text
    assert too_long.strip() in answer.text
    assert queries.parts(mine.id)["approach"].answers["approach_en"] == too_long
    check = client.get(f"{AT}/proposals/{mine.code}/check").text
    assert "301 words" in check and "Send the proposal" not in check


def test_saving_while_typing_answers_the_script_and_takes_few_statements(
    app: Flask, opened: Any, client: FlaskClient
) -> None:
    lead = a_person()
    sign_in(client, lead)
    mine = a_proposal(opened, lead, sent=False)
    path = f"{AT}/proposals/{mine.code}/part/approach"
    quiet = {"Accept": "application/json"}
    with statements(app) as sent:
        saved = client.post(path, data={"approach_en": "We begin", "revision": "1"}, headers=quiet)
    overtaken = client.post(path, data={"approach_en": "Old page", "revision": "1"}, headers=quiet)

    assert saved.json == {"revision": 2, "said": "Saved at 10:00", "missing": 0}
    assert overtaken.status_code == 409 and overtaken.json is not None
    assert overtaken.json["overtaken"].startswith("You changed it yourself at 10:00")
    assert len(sent) <= 30


def test_the_second_who_saves_sees_both_texts_side_by_side(opened: Any, client: FlaskClient) -> None:
    lead = a_person()
    sign_in(client, lead)
    mine = a_proposal(opened, lead, sent=False)
    path = f"{AT}/proposals/{mine.code}/part/approach"
    client.post(path, data={"approach_en": "Our neighbours speak", "revision": "1"})
    both = client.post(path, data={"approach_en": "My words", "revision": "1"})
    assert both.status_code == 409
    assert both.text.count("Our neighbours speak") == 1 and both.text.count("My words") == 2
    knowing = client.post(path, data={"approach_en": "My words", "revision": "2"})

    assert knowing.status_code == 303
    assert queries.parts(mine.id)["approach"].answers["approach_en"] == "My words"


def test_two_windows_of_one_person_are_not_two_people(opened: Any, client: FlaskClient) -> None:
    lead = a_person()
    sign_in(client, lead)
    mine = a_proposal(opened, lead, sent=False)
    path = f"{AT}/proposals/{mine.code}/part/approach"
    client.post(path, data={"approach_en": "In one window", "revision": "1"})

    other = client.post(path, data={"approach_en": "In another", "revision": "1"})

    assert other.status_code == 409 and "You changed it yourself at 10:00, in another window." in other.text
    assert "Saved at" not in other.text  # what stands in the field is not


def test_what_was_typed_is_given_back_to_who_is_signed_in_no_more(opened: Any, client: FlaskClient) -> None:
    mine = a_proposal(opened, sent=False)
    path = f"{AT}/proposals/{mine.code}/part/approach"
    words = "A whole evening <b>of</b> writing"

    page = client.post(path, data={"approach_en": words, "revision": "1"})
    quiet = client.post(path, data={"approach_en": words}, headers={"Accept": "application/json"})

    assert page.status_code == quiet.status_code == 401
    assert "You are not signed in any more." in page.text and 'href="/en/sign-in"' in page.text
    assert html.escape(words) in page.text and mine.code in page.text
    assert queries.parts(mine.id)["approach"].revision == 1
    assert client.post(path).location == "/en/sign-in"  # nothing typed, nothing to keep


def test_the_history_names_people_as_the_proposal_does(opened: Any, client: FlaskClient) -> None:
    lead = a_person(name_latin="", name_arabic="")
    sign_in(client, lead)
    mine = a_proposal(opened, lead)

    page = client.get(f"{AT}/proposals/{mine.code}/history").text

    assert "Amina Test" in page and lead.email not in page


def test_nobody_else_finds_a_proposal(opened: Any, client: FlaskClient) -> None:
    mine = a_proposal(opened)
    sign_in(client, a_person())
    a_proposal(opened, a_person())  # somebody who proposes, too
    for path in ("", "part/title", "people", "check", "history", "history/1", "withdraw", "people/lead"):
        assert client.get(f"{AT}/proposals/{mine.code}/{path}").status_code in (403, 404), path
    assert client.post(f"{AT}/proposals/{mine.code}/part/title", data={"revision": "1"}).status_code == 404


def test_after_closing_one_reads_and_changes_no_more(opened: Any, client: FlaskClient, clock: ModuleType) -> None:
    lead = a_person()
    mine = a_proposal(opened, lead, sent=False)
    with clock.at(TOO_LATE):
        sign_in(client, lead)
        page = client.get(f"{AT}/proposals/{mine.code}/")
        part = client.get(f"{AT}/proposals/{mine.code}/part/title")
        late = client.post(f"{AT}/proposals/{mine.code}/part/title", data={"title_en": "Late words", "revision": "1"})
        new = client.post(f"{AT}/proposals/new", data={"lang": "en", "title": "Late", "track": "participation"})

    assert "The call closed on Wednesday" in page.text and "23:59" in page.text
    assert "Save and continue" not in part.text
    assert late.status_code == 409 and "Late words" in late.text
    assert new.status_code == 409 and "The call closed" in new.text


def test_a_title_one_is_already_writing_under_is_asked_about_once(opened: Any, client: FlaskClient) -> None:
    lead = a_person()
    sign_in(client, lead)
    a_proposal(opened, lead, sent=False, title_en="Open budgets for all")
    typed = {"lang": "en", "title": "Open Budgets for all", "track": "participation"}
    first = client.post(f"{AT}/proposals/new", data=typed)
    second = client.post(f"{AT}/proposals/new", data={**typed, "anyway": "1"})

    assert first.status_code == 409 and "Continue that one" in first.text
    assert second.status_code == 303


def test_a_co_organiser_accepts_by_the_mail_and_the_lead_sees_it(opened: Any, client: FlaskClient, app: Flask) -> None:
    lead = a_person()
    mine = a_proposal(opened, lead, sent=False)
    raw = {"email": "m@example.org", "organisation_name": "Ministry of Justice", "country": "MA", "sector": "government"}
    partners.invite(mine.id, raw, by=lead.id)
    link = link_in("proposals/co_organiser")
    page = client.get(link)
    assert "Accept" in page.text and "Decline" in page.text and mine.title.en in page.text
    declined = client.post(link, data={"answer": "refuse"})
    assert declined.status_code == 303
    assert client.get(f"{AT}/proposals/{mine.code}/").status_code in (303, 404)
    accepted = client.post(link, data={"answer": "accept"})
    assert accepted.location.endswith(f"/proposals/{mine.code}/")
    seen = client.get(accepted.location.replace("/en/", "/fr/"))
    assert "Ministry of Justice" in seen.text
    people = app.test_client()
    sign_in(people, lead)

    assert "Has accepted" in people.get(f"{AT}/proposals/{mine.code}/people").text


def test_the_link_of_a_mail_ends_with_the_proposal(opened: Any, client: FlaskClient) -> None:
    lead = a_person()
    mine = a_proposal(opened, lead, sent=False)
    raw = {"email": "m@example.org", "organisation_name": "Ministry of Justice", "country": "MA", "sector": "government"}
    invited = partners.invite(mine.id, raw, by=lead.id)
    link = link_in("proposals/co_organiser")
    partners.remove(mine.id, invited.code, by=lead.id)

    assert client.get(link).status_code == 410
    assert client.post(link).status_code == 303
    assert queries.roles_of(opened.id, lead.id) == {"PR"}


def test_a_shortlist_stays_the_committees_own(opened: Any, client: FlaskClient) -> None:
    from eventreg.core.db import transaction

    lead = a_person()
    sign_in(client, lead)
    mine = a_proposal(opened, lead)
    pages = []
    for state in ("in_review", "shortlisted"):
        with transaction():
            db.session.get_one(Proposal, mine.id).state = state
        pages.append(client.get(f"{AT}/proposals/{mine.code}/").text)

    assert pages[0] == pages[1] or _without_tokens(pages[0]) == _without_tokens(pages[1])


def _without_tokens(page: str) -> str:
    return re.sub(r'value="[^"]{40,}"', "", page)


def test_my_page_says_where_each_proposal_stands_and_what_to_do_next(opened: Any, client: FlaskClient) -> None:
    lead = a_person()
    sign_in(client, lead)
    a_proposal(opened, lead, sent=False, summary_en="")
    complete = a_proposal(opened, lead, sent=False, title_en="Complete words")
    a_proposal(opened, lead, title_en="Sent words")
    page = client.get(f"{AT}/me/").text

    assert "1 answer is missing. Send it by Wednesday 31\u00a0August\u00a02022, 23:59." in page
    assert f"/proposals/{complete.code}/check" in page and "It is complete: send it by" in page
    assert page.index("Complete words") < page.index("Sent words")
