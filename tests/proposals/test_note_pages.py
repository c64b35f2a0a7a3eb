"""The pages of a concept note, as its writers, the programme team and strangers meet them."""

from __future__ import annotations

import io
import re
import threading
from types import ModuleType
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventreg.core import times
from eventreg.core.db import db, transaction
from eventreg.core.outbox import Mail
from eventreg.proposals import note_comments, note_queries, note_readable, note_rules, notes
from eventreg.proposals.models import Proposal
from tests.factories import (
    ACCEPTED,
    CALL_OPEN,
    a_call,
    a_note,
    a_person,
    a_proposal,
    an_accepted_proposal,
    an_event,
    an_organiser,
    sign_in,
    statements,
)

QUIET = {"Accept": "application/json"}


@pytest.fixture
def workshop(app: Flask, clock: ModuleType) -> Any:
    """A meeting with an accepted workshop: (event, proposal, lead, other)."""
    event = an_event()
    a_call(event, notes=times.deadline("2022-10-14", event.zone))
    found = an_accepted_proposal(event)
    with clock.at(ACCEPTED):
        yield event, *found


def at(proposal: Proposal, lang: str = "en") -> str:
    return f"/{lang}/ogp-2022/proposals/{proposal.code}/notes"


def form_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes there."""
    form = re.search(rf'<form[^>]*action="[^"]*{action}"[^>]*>(.*?)</form>', page, re.S)
    assert form is not None, action
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[1]))


def test_from_the_mail_to_the_signature_in_three_clicks(workshop: Any, client: FlaskClient) -> None:
    _event, proposal, lead, _other = workshop
    note = a_note(proposal, lead, proposed=True)
    query = select(Mail.text).where(Mail.kind == "proposals/note_to_sign", Mail.to_address == "ministry@example.org")
    link = re.search(r"https?://[^/]+(/\S+)", db.session.scalars(query).one())
    assert link is not None
    followed = client.post(link[1])
    assert followed.location.endswith("/notes")
    page = client.get(followed.location).text
    fields = form_of(page, "/notes/sign")
    unread = client.post(f"{at(proposal)}/sign", data=fields)
    signed = client.post(f"{at(proposal)}/sign", data={**fields, "read": "y"})

    assert unread.status_code == 422 and "Tick the box" in unread.text
    assert signed.status_code == 303
    assert "You have signed it" in client.get(signed.location).text
    text = note_queries.text_of(note)
    assert text is not None and [one.body_name for one in note_queries.signatures(text.id)] == ["Ministry of Justice"]


def test_what_changed_after_the_look_is_not_signed_but_shown(workshop: Any, client: FlaskClient) -> None:
    _event, proposal, lead, other = workshop
    a_note(proposal, lead, proposed=True)
    sign_in(client, other)
    fields = form_of(client.get(at(proposal)).text, "/notes/sign")
    notes.save_part(proposal.id, 1, "axis", {"axis_en": "Quietly another"}, based_on=2, by=lead.id, is_knowing=True)
    notes.propose(proposal.id, 1, by=lead.id)
    late = client.post(f"{at(proposal)}/sign", data={**fields, "read": "y"})

    assert late.status_code == 409
    assert "no longer the one that you read" in late.text and "Quietly another" in late.text


def test_the_page_says_that_a_change_voids_signatures_before_it_is_saved(workshop: Any, client: FlaskClient) -> None:
    _event, proposal, lead, other = workshop
    note = a_note(proposal, lead, proposed=True)
    text = note_queries.text_of(note)
    assert text is not None
    notes.sign(proposal.id, 1, text.hash, by=other.id)
    sign_in(client, lead)
    path = f"{at(proposal)}/part/axis"
    page = client.get(path).text
    assert "These signatures are void then" in page and "Ministry of Justice" in page and "autosave" not in page
    old_page = client.post(path, data={"axis_en": "Other", "revision": "2", "version": "1"}, headers=QUIET)
    assert old_page.status_code == 409 and old_page.json is not None and "put to signature" in old_page.json["refused"]
    warned = client.post(path, data={"axis_en": "Other", "revision": "2", "version": "1"})
    assert warned.status_code == 409 and 'value="1"' in warned.text and "Other" in warned.text
    saved = client.post(path, data={"axis_en": "Other", "revision": "2", "version": "1", "knowing": "1"})

    assert saved.status_code == 303
    assert "Nothing to sign yet" in client.get(at(proposal)).text


def test_a_part_is_saved_while_typing_and_two_texts_stand_side_by_side(app: Flask, workshop: Any, client: FlaskClient) -> None:
    _event, proposal, lead, other = workshop
    a_note(proposal, lead)
    sign_in(client, lead)
    path = f"{at(proposal)}/part/axis"
    with statements(app) as sent:
        saved = client.post(path, data={"axis_en": "We begin", "revision": "2", "version": "1"}, headers=QUIET)
    notes.save_part(proposal.id, 1, "axis", {"axis_en": "Theirs", "axis_ar": "", "axis_fr": ""}, based_on=3, by=other.id)
    both = client.post(path, data={"axis_en": "Mine", "revision": "3", "version": "1"})

    assert saved.json is not None and (saved.json["revision"], saved.json["missing"]) == (3, 0)
    assert both.status_code == 409 and "Changed by Ministry of Justice" in both.text and "Theirs" in both.text
    assert len(sent) <= 30


def test_rows_of_the_programme_are_counted_in_minutes_and_empty_ones_left_out(workshop: Any, client: FlaskClient) -> None:
    _event, proposal, lead, _other = workshop
    notes.begin(proposal.id, by=lead.id)
    sign_in(client, lead)
    path = f"{at(proposal)}/part/programme"
    rows = {"minutes_1": "10", "what_en_1": "Opening", "minutes_4": "30", "what_en_4": "Tables", "who_4": "All", "version": "1"}
    more = client.post(path, data={**rows, "revision": "1", "then": "rows"})
    assert more.status_code == 303 and "minutes_7" in client.get(more.location).text
    wrong = client.post(path, data={**rows, "minutes_4": "many", "revision": "2"})
    assert wrong.status_code == 422 and 'value="many"' in wrong.text
    client.post(path, data={**rows, "revision": "3"})
    page = client.get(at(proposal)).text

    assert "0–10" in page and "10–40" in page and "40 of 90 minutes" in page
    assert "من 10 إلى 40" in client.get(at(proposal).replace("/en/", "/ar/")).text  # a dash would swap the ends


def test_asking_for_changes_keeps_what_was_typed_and_tells_why(workshop: Any, client: FlaskClient) -> None:
    _event, proposal, lead, other = workshop
    a_note(proposal, lead, proposed=True)
    sign_in(client, other)
    fields = form_of(client.get(at(proposal)).text, "/notes/changes")
    empty = client.post(f"{at(proposal)}/changes", data={**fields, "section": "axis", "words": " "})
    long = client.post(f"{at(proposal)}/changes", data={**fields, "section": "axis", "words": "word " * 500})
    asked = client.post(f"{at(proposal)}/changes", data={**fields, "section": "axis", "words": "Which courts?"})

    assert empty.status_code == 422 and "Write a comment." in empty.text
    assert long.status_code == 422 and long.text.count("word word") >= 1
    assert asked.status_code == 303
    page = client.get(at(proposal)).text
    assert "Changes asked for" in page and "Which courts?" in page


def test_the_programme_team_reads_and_comments_and_neither_writes_nor_signs(workshop: Any, client: FlaskClient) -> None:
    event, proposal, lead, _other = workshop
    a_note(proposal, lead, proposed=True)
    sign_in(client, an_organiser(event))
    page = client.get(at(proposal)).text
    said = client.post(f"{at(proposal)}/comments", data={"version": "1", "section": "axis", "words": "Clearer, please"})

    assert "Put it to signature" not in page and "notes/sign" not in page and "Change<" not in page
    assert said.status_code == 303 and "programme team" in client.get(at(proposal)).text
    assert client.get(f"{at(proposal)}/part/axis").status_code == 404
    for what in ("", "/propose", "/sign", "/changes", "/part/axis"):
        assert client.post(at(proposal) + what, data={}).status_code == 404


def test_nobody_else_finds_it_and_a_proposal_that_is_not_accepted_has_none(
    workshop: Any, client: FlaskClient, clock: ModuleType
) -> None:
    event, proposal, lead, _other = workshop
    a_note(proposal, lead)
    sign_in(client, a_person())
    assert client.get(at(proposal)).status_code == 404
    other = an_event(slug="other")
    sign_in(client, an_organiser(other))
    assert client.get(at(proposal).replace("ogp-2022", "other")).status_code == 404
    with clock.at(CALL_OPEN):
        plain = a_proposal(event, lead)
    sign_in(client, lead)

    assert client.get(at(plain)).status_code == 404
    assert client.get(at(proposal)).status_code == 200


def test_after_the_withdrawal_it_is_read_only(workshop: Any, client: FlaskClient) -> None:
    _event, proposal, lead, _other = workshop
    a_note(proposal, lead, proposed=True)
    with transaction():
        db.session.get_one(Proposal, proposal.id).state = "withdrawn"
    sign_in(client, lead)
    page = client.get(at(proposal)).text

    assert "change it no more" in page and "<textarea" not in page and "notes/sign" not in page
    assert client.post(f"{at(proposal)}/comments", data={"words": "Still"}).status_code == 409


def test_the_tasks_stand_on_the_own_page_and_the_proposal(workshop: Any, client: FlaskClient) -> None:
    _event, proposal, lead, other = workshop
    sign_in(client, other)
    assert "Write the concept note" in client.get("/en/ogp-2022/me/").text
    a_note(proposal, lead, proposed=True)
    note_comments.say(proposal.id, 1, "axis", "Which?", by=lead.id)
    page = client.get(f"/en/ogp-2022/proposals/{proposal.code}/").text

    assert "sign it for your organisation" in page and "Answer the comments" in page


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_its_pages_and_its_paper_speak_three_languages(workshop: Any, client: FlaskClient, lang: str) -> None:
    _event, proposal, lead, _other = workshop
    sign_in(client, lead)
    assert client.get(at(proposal, lang)).status_code == 200
    axis = {"axis_en": "What keeps women from a judge?", "axis_ar": "ما الذي يحول دون وصول النساء إلى القضاء؟"}
    a_note(proposal, lead, proposed=True, axis=axis)
    pages = ["", "/1", "/compare", *(f"/part/{section}" for section in note_rules.SECTIONS)]
    assert {client.get(at(proposal, lang) + page).status_code for page in pages} == {200}
    answer = client.get(f"{at(proposal, lang)}/1.pdf")
    with pikepdf.open(io.BytesIO(answer.data)) as paper:
        assert len(paper.pages) >= 1

    assert answer.mimetype == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_page_full_of_comments_takes_no_more_statements(app: Flask, workshop: Any, client: FlaskClient) -> None:
    _event, proposal, lead, other = workshop
    a_note(proposal, lead, proposed=True)
    sign_in(client, lead)
    counts = []
    for _round in range(2):
        with statements(app) as sent:
            client.get(at(proposal))
        counts.append(len(sent))
        for section in note_rules.SECTIONS:
            note_comments.say(proposal.id, 1, section, "Which?", by=other.id)

    assert counts[1] <= counts[0]


def test_two_bodies_that_sign_at_once_sign_it_off_once(app: Flask, workshop: Any) -> None:
    _event, proposal, lead, other = workshop
    note = a_note(proposal, lead, proposed=True)
    text = note_queries.text_of(note)
    assert text is not None
    start, hash_, proposal_id = threading.Barrier(4), text.hash, proposal.id
    outcomes: list[str] = []

    def sign(person_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                notes.sign(proposal_id, 1, hash_, by=person_id)
                outcomes.append("signed")
            except note_rules.Refused as refused:
                outcomes.append(refused.refusal.code)

    people = [lead.id, other.id, lead.id, other.id]
    threads = [threading.Thread(target=sign, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.close()  # ends the look from before
    told = db.session.scalars(select(Mail.id).where(Mail.kind == "proposals/note_signed_off")).all()

    assert outcomes.count("signed") == 2 and len(note_queries.signatures(text.id)) == 2
    assert set(outcomes) - {"signed"} <= {"note.signed_already", "note.wrong_state"}
    assert len(told) == 2


def test_rows_of_the_programme_change_places_and_make_room(workshop: Any, client: FlaskClient) -> None:
    _event, proposal, lead, _other = workshop
    note = a_note(proposal, lead, programme={"minutes_1": "10", "what_en_1": "Talks", "minutes_2": "20", "what_en_2": "Tables"})
    sign_in(client, lead)

    def typed() -> dict[str, str]:
        return dict(note_queries.parts(note.id)["programme"].answers)

    for move, rows in (
        ("up_2", ["Tables", "Talks"]), ("before_2", ["Tables", "", "Talks"]), ("up_9", ["Tables", "", "Talks"]),
        ("up_1", ["Tables", "", "Talks"]), ("before_x", ["Tables", "", "Talks"]),
    ):  # fmt: skip
        page = client.get(f"{at(proposal)}/part/programme").text
        sent = form_of(page, "/part/programme") | typed() | {"then": move}
        assert client.post(f"{at(proposal)}/part/programme", data=sent).status_code in (303, 422)
        assert [value for name, value in typed().items() if name.startswith("what_en")] == rows, move

    assert [row["minutes"] for row in note_readable.content_of(note)["programme"]] == [20, 10]


def test_its_texts_are_shown_as_they_were_marked_up_on_the_page_and_on_paper(workshop: Any, client: FlaskClient) -> None:
    _event, proposal, lead, _other = workshop
    a_note(proposal, lead, axis={"axis_en": "**Why** so few?\n\n- fees & <b>forms</b>\n- [law](https://example.org/law)"})
    sign_in(client, lead)
    page = client.get(at(proposal)).text
    paper = pdfium.PdfDocument(client.get(f"{at(proposal)}/1.pdf").data)
    words = " ".join(page.get_textpage().get_text_bounded() for page in paper)

    assert "<strong>Why</strong>" in page and "<li>fees &amp; &lt;b&gt;forms&lt;/b&gt;</li>" in page
    assert "law</a> (example.org)" in page
    assert "Why so few?" in words and "fees & <b>forms</b>" in words and "**" not in words
