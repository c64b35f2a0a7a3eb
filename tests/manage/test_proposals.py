"""The team finds, reads and takes away the proposals, and restores a withdrawn one."""

from __future__ import annotations

import csv
import io
import re
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from eventreg.core import audit
from eventreg.core.db import db
from eventreg.core.outbox import Mail
from eventreg.events.models import Event
from eventreg.proposals import partners, queries, services
from eventreg.proposals.models import Proposal
from eventreg.proposals.rules import Role, State
from tests.factories import CALL_OPEN, a_call, a_person, a_proposal, an_event, an_organiser, proposal_answers, sign_in, statements

LIST = "/en/ogp-2022/manage/proposals"
MINISTRY = {"name": "Omar Idrissi", "organisation_name": "Ministry of Justice", "country": "SN", "sector": "government"}
INVITED = {"email": "m@example.org", "organisation_name": "Ministry of Justice", "country": "MA", "sector": "government"}


@pytest.fixture
def event(app: Flask, clock: ModuleType) -> Any:
    """A meeting whose call is open."""
    made = an_event()
    a_call(made)
    with clock.at(CALL_OPEN):
        yield made


@pytest.fixture
def team(client: FlaskClient, event: Event) -> FlaskClient:
    sign_in(client, an_organiser(event))
    return client


def titles(page: str) -> list[str]:
    return [re.sub("<[^>]+>", "", words) for words in re.findall(r'<th scope="row"><a [^>]*>(.+?)</a>', page)]


def found(client: FlaskClient, asked: str) -> set[str]:
    page = client.get(f"{LIST}?{asked}")
    assert page.status_code == 200
    return set(titles(page.text))


def sent_by(proposal: Proposal) -> int:
    return db.session.get_one(Proposal, proposal.id).lead_id


def test_every_filter_finds_what_it_says_and_tells_how_many(event: Event, team: FlaskClient) -> None:
    a_proposal(event, title_en="Budgets", track="participation")
    ministry = a_proposal(event, title_en="Courts", track="integrity", format="panel", body=MINISTRY)
    a_proposal(event, lang="fr", title_fr="Ébauche", sent=False)
    partners.invite(ministry.id, {**INVITED, "sector": "civil_society", "organisation_name": "A Network"}, by=sent_by(ministry))
    everything = {"Budgets", "Courts", "Ébauche"}

    assert found(team, "") == everything
    assert found(team, "state=draft") == {"Ébauche"}
    assert found(team, "track=integrity") == {"Courts"} == found(team, "format=panel")
    assert found(team, "sector=government") == {"Courts"} == found(team, "country=SN")
    assert found(team, "language=fr") == {"Ébauche"}
    assert found(team, "texts=complete") == everything
    assert found(team, "texts=lacks_en") == {"Ébauche"} and found(team, "texts=lacks_ar") == everything
    assert found(team, "co=unanswered") == {"Courts"}
    assert found(team, "sector=joint") == set()
    partners.answer(event.id, queries.people(ministry.id)[1].code, accepts=True)
    assert found(team, "sector=joint") == {"Courts"} and found(team, "co=unanswered") == set()
    page = team.get(f"{LIST}?track=integrity&state=submitted").text
    assert "Sent: 2" in page and "Draft: 1" in page and "Anti-corruption: 1" in page and "Government: 1" in page


def test_what_cannot_be_asked_for_is_told_and_ignored(event: Event, team: FlaskClient) -> None:
    a_proposal(event, title_en="Budgets")
    page = team.get(f"{LIST}?track=nowhere&sort=moon&country=ZZ").text

    assert titles(page) == ["Budgets"]
    assert page.count("is unknown and was ignored") == 3


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("gardens", True), ("GARDENS school", True), ("gardens nowhere", False), ("ميزانيه", True),
        ("écoles", True), ("ecole", True),
        ("Mohammed", True), ("محمد", True), ("nobody", False), ("lead@example.org", True),
    ],
)  # fmt: skip
def test_words_are_found_in_every_text_and_names_in_every_script(
    event: Event, team: FlaskClient, typed: str, is_found: bool
) -> None:
    lead = a_person("lead@example.org")
    texts = {"title_en": "Gardens", "summary_en": "In every school", "summary_ar": "المِيزانيّة للجميع", "approach_fr": "Les écoles"}
    mine = a_proposal(event, lead, sent=False, **texts)
    partners.name(mine.id, {"name": "Mohamed Alaoui"}, Role.SPEAKER, by=lead.id)
    a_proposal(event, title_en="Another")

    assert (found(team, f"q={typed}") == {"Gardens"}) is is_found
    assert found(team, f"q={mine.code}") == {"Gardens"}


def test_words_written_after_sending_are_not_found_before_they_are_sent(event: Event, team: FlaskClient) -> None:
    lead = a_person()
    mine = a_proposal(event, lead, title_en="Budgets")
    changed = {**proposal_answers()["title"], "title_en": "Budgets and elephants"}
    services.save_part(mine.id, "title", changed, based_on=1, by=lead.id)
    assert found(team, "q=elephants") == set()
    services.send(mine.id, by=lead.id)

    assert found(team, "q=elephants") == {"Budgets and elephants"}


def test_pages_follow_one_another_in_every_order(event: Event, team: FlaskClient) -> None:
    for n in range(45):
        a_proposal(event, title_en=f"Title {n:02}", sent=n % 9 != 0, track="integrity" if n % 2 else "participation")
    for sort in ("number", "-number", "title", "-title", "track", "-track", "sent", "-sent", "changed", "-changed"):
        seen, url, back = [], f"{LIST}?sort={sort}", ""
        for _page in range(3):
            page = team.get(url).text
            seen += titles(page)
            links = re.findall(r'<a href="([^"]+)" rel="(next|prev)"', page)
            url = next((href for href, rel in links if rel == "next"), "").replace("&amp;", "&")
            back = next((href for href, rel in links if rel == "prev"), "").replace("&amp;", "&")
        assert len(seen) == len(set(seen)) == 45, sort
        assert titles(team.get(back).text) == seen[20:40], sort
    assert titles(team.get(f"{LIST}?sort=-title").text)[0] == "Title 44"
    assert all(int(title[-2:]) % 2 == 0 for title in titles(team.get(f"{LIST}?sort=track").text))


def test_the_list_takes_as_many_statements_for_many_as_for_few(app: Flask, event: Event, team: FlaskClient) -> None:
    def asked() -> list[int]:
        numbers = []
        for query in ("", "q=budgets", "sort=-track&track=participation", "sector=joint&texts=missing"):
            with statements(app) as sent:
                assert team.get(f"{LIST}?{query}").status_code == 200
            numbers.append(len(sent))
        return numbers

    a_proposal(event)
    few = asked()
    for _n in range(25):
        a_proposal(event)

    assert asked() == few
    assert max(few) <= 16


def test_an_empty_list_says_what_to_do(client: FlaskClient, app: Flask, clock: ModuleType) -> None:
    event = an_event()
    sign_in(client, an_organiser(event))
    with clock.at(CALL_OPEN):
        assert "Set up the call" in client.get(LIST).text
        a_call(event)
        assert "Nobody has begun a proposal yet." in client.get(LIST).text
        assert "Lift all filters" in client.get(f"{LIST}?state=draft").text


def test_the_table_holds_every_text_and_nothing_that_a_spreadsheet_computes(event: Event, team: FlaskClient) -> None:
    lead = a_person("lead@example.org")
    mine = a_proposal(event, lead, title_en="=1+1", summary_fr="Des budgets\nlisibles", body={**MINISTRY, "name": "+Evil"})
    partners.invite(mine.id, INVITED, by=lead.id)
    a_proposal(event, lang="ar", title_ar="مسودة", sent=False)
    rows = list(csv.DictReader(io.StringIO(team.get(f"{LIST}.csv").data.decode("utf-8-sig"))))

    assert [row["state"] for row in rows] == ["submitted", "draft"]
    first = rows[0]
    assert first["title_en"] == "'=1+1" and first["lead"] == "'+Evil" and first["summary_fr"] == "Des budgets\nlisibles"
    assert (first["lead_email"], first["lead_sector"], first["unanswered"]) == ("lead@example.org", "government", "1")
    assert first["spoken"] == "ar fr" and first["size_min"] == "40" and first["number"] == "1"
    assert rows[1]["title_ar"] == "مسودة" and rows[1]["approach_ar"] and rows[1]["number"] == ""
    sheet = load_workbook(io.BytesIO(team.get(f"{LIST}.xlsx?state=submitted").data)).active
    assert sheet is not None and sheet.max_row == 2
    assert any(cell.value == "=1+1" and cell.data_type == "s" for cell in sheet[2])
    line = db.session.scalars(
        select(audit.AuditLine).where(audit.AuditLine.action == "proposals.exported").order_by(audit.AuditLine.seq.desc())
    ).first()
    assert line.facts == {"filter": {"state": "submitted"}, "kind": "xlsx", "rows": 1, "is_searched": False}


def test_the_file_of_a_proposal_shows_what_was_sent(event: Event, team: FlaskClient) -> None:
    lead = a_person("lead@example.org")
    mine = a_proposal(event, lead, title_en="Budgets", summary_en="The first summary")
    partners.invite(mine.id, INVITED, by=lead.id)
    part = {**proposal_answers()["title"], "title_en": "Budgets", "summary_en": "A summary to come"}
    services.save_part(mine.id, "title", part, based_on=1, by=lead.id)
    before = team.get(f"{LIST}/{mine.code}").text
    services.send(mine.id, by=lead.id)
    after = team.get(f"{LIST}/{mine.code}").text
    changes = team.get(f"{LIST}/{mine.code}/versions/2").text

    assert "The first summary" in before and "A summary to come" not in before
    assert "A summary to come" in after and "Version 2" in after
    assert "Ministry of Justice" in after and "has not accepted yet" in after and "lead@example.org" in after
    assert "A co-organiser was invited." in after and "Mail:" in after
    assert re.search(r"<del>.*first.*</del>", changes) and "The whole version" in changes
    assert team.get(f"{LIST}/{mine.code}/versions/3").status_code == 404


def test_a_draft_is_read_as_it_is_being_written_and_marked_so(event: Event, team: FlaskClient) -> None:
    mine = a_proposal(event, sent=False, title_en="Draft words")
    page = team.get(f"{LIST}/{mine.code}").text

    assert "This is a draft as it is being written." in page and "Draft words" in page
    assert "Nothing was sent yet." in page


def test_a_withdrawn_proposal_is_restored_with_a_reason(event: Event, team: FlaskClient) -> None:
    lead = a_person("lead@example.org")
    mine = a_proposal(event, lead)
    path = f"{LIST}/{mine.code}"
    assert "Restore this proposal" not in team.get(path).text
    services.withdraw(mine.id, by=lead.id, reason="By mistake")
    page = team.get(path).text
    assert "Restore this proposal" in page and "By mistake" in page
    silent = team.post(f"{path}/restore", data={"reason": "  "})
    done = team.post(f"{path}/restore", data={"reason": "They called us"})
    again = team.post(f"{path}/restore", data={"reason": "Once more"})

    assert silent.status_code == 422 and "Give the reason" in silent.text
    assert done.status_code == 303 and "The proposal is restored." in team.get(done.location).text
    assert db.session.get_one(Proposal, mine.id, populate_existing=True).state == State.SUBMITTED
    assert again.status_code == 422
    assert db.session.scalar(select(Mail.id).where(Mail.kind == "proposals/restored")) is not None


def test_a_proposal_of_another_meeting_is_unknown_here(event: Event, client: FlaskClient) -> None:
    mine = a_proposal(event)
    other = an_event(slug="other")
    sign_in(client, an_organiser(other))
    for path in ("", "/versions/1"):
        assert client.get(f"/en/other/manage/proposals/{mine.code}{path}").status_code == 404
    assert client.post(f"/en/other/manage/proposals/{mine.code}/restore", data={"reason": "x"}).status_code == 404
