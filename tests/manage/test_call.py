"""An organiser sets up the call for workshops: dates, limits, formats, tracks; and looks at it before it opens."""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eventreg.core import audit
from eventreg.core.db import db
from eventreg.events import queries as events_queries
from eventreg.events.models import Event
from eventreg.proposals import queries
from eventreg.proposals.models import Call, Proposal, ProposalFormat
from tests.factories import CALL_OPEN, OPEN, a_call, a_proposal, a_registration, an_event, an_organiser, sign_in

CALL = "/en/ogp-2022/manage/call"
EARLY = "2022-06-01T10:00+01:00"  # before the call opens


def typed(**changes: Any) -> dict[str, Any]:
    return {"opens_day": "2022-06-15", "day": "2022-08-31", "grace": "5", **changes}


def field_errors(page: str) -> dict[str, str]:
    return dict(re.findall(r'id="(\w+)-error">.*?</span>([^<]+)</span></p>', page))


@pytest.fixture
def event(app: Flask, client: FlaskClient) -> Event:
    made = an_event()
    sign_in(client, an_organiser(made))
    return made


def here(event: Event) -> Call:
    return db.session.get_one(Call, event.id, populate_existing=True)


# ---- dates and rules -------------------------------------------------------------------------------------------------


def test_a_meeting_without_a_call_gets_one(event: Event, client: FlaskClient, clock: ModuleType) -> None:
    with clock.at(EARLY):
        empty = client.get(CALL).text
        assert client.get("/en/ogp-2022/call/").status_code == 404
        made = client.post(CALL, data=typed(
            hour="18:00", intro_fr="Proposez", per_person="3", per_organisation="2", results_on="2022-09-20",
            notes_day="2022-10-10",
        ))  # fmt: skip
        page = client.get(made.location).text
        public = client.get("/fr/ogp-2022/call/").text

    assert "This meeting has no call for workshops yet." in empty and "To do" in empty
    assert "The call is set up." in page and "The call opens on Wednesday 15\u00a0June\u00a02022, 00:00" in page
    assert "2022-08-31T17:00Z" in page.replace(" ", "T").replace("UTC", "Z") or "17:00" in page
    assert "Last changed by" in page
    assert "Proposez" in public
    call = here(event)
    assert (call.per_person, call.per_organisation, call.grace_minutes) == (3, 2, 5)
    assert call.closes_at.isoformat() == "2022-08-31T17:00:00+00:00" and call.notes_local == "2022-10-11T00:00:00"


def test_what_is_typed_wrong_is_said_at_its_field_and_kept(event: Event, client: FlaskClient, clock: ModuleType) -> None:
    wrong = {
        "opens_day": "31/02", "grace": "16", "per_person": "0", "results_on": "2022-02-30", "notes_day": "soon",
        "intro_en": "x" * 2001,
    }  # fmt: skip
    with clock.at(EARLY):
        answer = client.post(CALL, data=typed(**wrong))
        assert answer.status_code == 422
        assert set(field_errors(answer.text)) == set(wrong)
        assert 'value="31/02"' in answer.text
        reversed_ = client.post(CALL, data=typed(day="2022-06-10"))
        results = client.post(CALL, data=typed(results_on="2022-08-30"))
        notes = client.post(CALL, data=typed(notes_day="2022-08-31"))
        skipped = client.post(CALL, data=typed(opens_day="2022-03-27", opens_hour="02:30"))
        twice = client.post(CALL, data=typed(opens_day="2022-06-15", day="2023-03-19", hour="02:30"))

    assert field_errors(reversed_.text) == {"day": "The call must close after it opens."}
    assert set(field_errors(results.text)) == {"results_on"} and set(field_errors(notes.text)) == {"notes_day"}
    assert skipped.status_code == 422 and twice.status_code in (303, 422)
    assert field_errors(skipped.text).keys() <= {"opens_hour"}


def test_an_open_call_moves_its_closing_with_a_reason_alone(event: Event, client: FlaskClient, clock: ModuleType) -> None:
    a_call(event)
    with clock.at(CALL_OPEN):
        silent = client.post(CALL, data=typed(day="2022-09-07"))
        moved = client.post(CALL, data=typed(day="2022-09-07", reason_fr="À la demande de plusieurs associations"))
        past = client.post(CALL, data=typed(day="2022-07-30", reason_en="Enough"))
        only_intro = client.post(CALL, data=typed(day="2022-09-07", intro_en="Hello"))
        page = client.get(CALL).text
        public = client.get("/en/ogp-2022/call/").text

    assert "Say why the closing moves" in field_errors(silent.text)["reason_ar"]
    assert moved.status_code == only_intro.status_code == 303
    assert set(field_errors(past.text)) == {"closes_now"}
    assert "plusieurs associations" in page and "plusieurs associations" in public and "Hello" in public
    line = db.session.scalars(select(audit.AuditLine).where(audit.AuditLine.action == "call.set")).first()
    assert line is not None and line.facts["after"]["closes_local"] == "2022-09-08T00:00:00"


def test_a_closed_call_is_changed_without_saying_that_it_closes_now(event: Event, client: FlaskClient, clock: ModuleType) -> None:
    a_call(event)
    with clock.at(OPEN):
        answer = client.post(CALL, data=typed(results_on="2022-10-20"))

    assert answer.status_code == 303
    assert str(here(event).results_on) == "2022-10-20"


# ---- formats ---------------------------------------------------------------------------------------------------------


def formats_typed(**changes: str) -> dict[str, str]:
    return {
        "name_en_workshop": "Workshop", "minutes_workshop": "90", "rank_workshop": "2", "offered_workshop": "y",
        "name_en_panel": "Panel", "minutes_panel": "60", "rank_panel": "1", "offered_panel": "y", **changes,
    }  # fmt: skip


def test_formats_are_named_ordered_added_and_taken_back(event: Event, client: FlaskClient, clock: ModuleType) -> None:
    a_call(event)
    a_proposal(event, format="panel")
    with clock.at(CALL_OPEN):
        page = client.get(f"{CALL}/formats").text
        added = {"name_ar_new1": "عرض سريع", "minutes_new1": "10", "offered_panel": ""}
        done = client.post(f"{CALL}/formats", data={**formats_typed(name_fr_workshop="Grand atelier"), **added})
        public = client.get("/fr/ogp-2022/call/").text

    assert "1 proposal chose it" in page
    assert done.status_code == 303
    kept = {one.slug: one for one in queries.formats(event.id, all_of_them=True)}
    assert {one.slug for one in kept.values() if one.is_offered} == {"workshop", "f1"}
    assert not kept["panel"].is_offered  # somebody chose it
    assert "Grand atelier" in public and "عرض سريع" in public and "Table ronde" not in public


def test_a_format_needs_a_name_and_a_length(event: Event, client: FlaskClient) -> None:
    a_call(event)
    wrong = client.post(f"{CALL}/formats", data=formats_typed(name_en_panel="", minutes_workshop="4", rank_panel="first"))

    assert wrong.status_code == 422
    assert set(field_errors(wrong.text)) == {"name_ar_panel", "minutes_workshop", "rank_panel"}
    assert db.session.scalar(select(func.count(ProposalFormat.id))) == 2


# ---- tracks ----------------------------------------------------------------------------------------------------------


def track(**changes: str) -> dict[str, str]:
    return {"name_ar": "العدالة", "name_fr": "Justice", "name_en": "Justice", "look": "justice", **changes}


def test_tracks_are_added_renamed_and_moved(event: Event, client: FlaskClient) -> None:
    a_call(event)
    nameless = client.post(f"{CALL}/tracks/new", data=track(name_fr="", look="pink"))
    added = client.post(f"{CALL}/tracks/new", data=track())
    client.post(f"{CALL}/tracks", data={"do": "up:t1"})
    changed = client.post(f"{CALL}/tracks/integrity", data=track(name_en="Integrity", look="integrity"))

    assert set(field_errors(nameless.text)) == {"name_fr", "look"}
    assert added.status_code == changed.status_code == 303
    found = events_queries.tracks(event.id)
    assert [one.slug for one in found] == ["participation", "t1", "integrity"]
    assert found[2].name.en == "Integrity"
    actions = db.session.scalars(select(audit.AuditLine.action).order_by(audit.AuditLine.id)).all()
    told = [action for action in actions if action.startswith("event.track_")]
    assert told == ["event.track_added", "event.track_moved", "event.track_changed"]
    assert client.post(f"{CALL}/tracks", data={"do": "up:nowhere"}).status_code == 409
    assert client.get(f"{CALL}/tracks/nowhere").status_code == 404


def test_a_track_goes_only_while_nobody_writes_under_it(event: Event, client: FlaskClient) -> None:
    a_call(event)
    a_proposal(event, sent=False, track="participation")
    used = client.post(f"{CALL}/tracks", data={"do": "remove:participation"})
    unused = client.post(f"{CALL}/tracks", data={"do": "remove:integrity"})

    assert used.status_code == 409 and "cannot be removed" in used.text
    assert unused.status_code == 303
    assert [one.slug for one in events_queries.tracks(event.id)] == ["participation"]


# ---- preview ---------------------------------------------------------------------------------------------------------


def test_every_part_can_be_looked_at_in_each_language_and_nothing_is_kept(event: Event, client: FlaskClient) -> None:
    a_call(event, opens="2022-09-28", closes="2022-10-01")
    page = client.get(f"{CALL}/preview").text
    addresses = [url.replace("&amp;", "&") for url in re.findall(r'href="(/\w\w/ogp-2022/manage/call/preview/[^"]+)"', page)]
    assert len(addresses) == 5 * 3
    for url in addresses:
        assert client.get(url).status_code == 200, url
    wrong = client.post(f"{CALL}/preview/title?written=fr", data={"title_fr": "Budgets", "track": "participation"})
    right = client.post(f"{CALL}/preview/approach?written=ar", data={"approach_ar": "ثلاثة عروض"})

    assert wrong.status_code == 422 and "Write the summary." in wrong.text and 'value="Budgets"' in wrong.text
    assert right.status_code == 200 and "Nothing is missing here." in right.text and 'lang="ar"' in right.text
    assert db.session.scalar(select(func.count(Proposal.id))) == 0
    assert client.get(f"{CALL}/preview/nothing").status_code == 404


# ---- what waits ------------------------------------------------------------------------------------------------------


def test_the_first_page_says_what_the_call_waits_for(event: Event, client: FlaskClient, clock: ModuleType) -> None:
    a_registration(event)
    with clock.at(EARLY):
        client.post(CALL, data=typed())
        bare = client.get("/en/ogp-2022/manage/").text
    a_call(event)
    a_proposal(event, sent=False)
    pages = {}
    for moment in ("2022-08-20T10:00+01:00", "2022-08-28T10:00+01:00", "2022-09-02T10:00+01:00"):
        with clock.at(moment):
            pages[moment[:10]] = "1 proposal is begun and not sent" in client.get("/en/ogp-2022/manage/").text

    assert "the call has no track or no format" in bare
    assert pages == {"2022-08-20": False, "2022-08-28": True, "2022-09-02": False}


def test_the_menu_leads_to_the_call_where_there_is_one(event: Event, client: FlaskClient) -> None:
    without = client.get("/en/ogp-2022/programme/").text
    a_call(event)
    with_call = client.get("/en/ogp-2022/programme/").text

    assert "/en/ogp-2022/call/" not in without
    assert '<a href="/en/ogp-2022/call/"' in with_call
