"""An organiser's own questions as those who propose meet them: conditions, files, forms that change while one writes."""

from __future__ import annotations

import io
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventreg.core import files
from eventreg.core.db import db
from eventreg.core.questions.shape import Kind, Option, Question, When
from eventreg.core.questions.shape import Test as One
from eventreg.core.trilingual import Text
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.proposals import queries, services
from eventreg.proposals.models import Proposal
from tests.data.badinputs.badinputs import expand, load
from tests.factories import A_PDF, CALL_OPEN, a_call, a_person, a_proposal, an_event, an_organiser, ask_call, sign_in

AT = "/en/ogp-2022/proposals"
FOR_INTEGRITY = When((One("track", "is", ("integrity",)),))
LAW = Question("law", Kind.TEXT, Text(en="Which law?"), is_required=True, when=FOR_INTEGRITY)
LETTER = Question("letter", Kind.FILE, Text(en="Letter of support"))
YES_NO = (Option("yes", Text(en="Yes")), Option("no", Text(en="No")))
SIGN = Question("sign", Kind.ONE_OF, Text(en="Sign language?"), options=YES_NO)
WHICH = Question("which", Kind.TEXT, Text(en="Which sign language?"), is_required=True, when=When((One("sign", "is", ("yes",)),)))
TOO_LATE = "2022-09-01T00:05+01:00"


@pytest.fixture
def lead(app: Flask, client: FlaskClient, clock: ModuleType) -> Any:
    event = an_event()
    a_call(event)
    made = a_person()
    sign_in(client, made)
    with clock.at(CALL_OPEN):
        yield made


def here(lead: Person) -> Any:
    return db.session.scalar(select(Event).where(Event.slug == "ogp-2022"))


def path(mine: Proposal, section: str = "practical") -> str:
    return f"{AT}/{mine.code}/part/{section}"


def whole(mine: Proposal, **changes: Any) -> dict[str, Any]:
    """The last part as its page sends it."""
    part = queries.parts(mine.id)["practical"]
    return {"format": "workshop", "spoken": ["ar"], "size_min": "40", "size_max": "60", "revision": str(part.revision), **changes}


def answers(mine: Proposal, section: str = "practical") -> dict[str, Any]:
    return dict(queries.parts(mine.id)[section].answers)


def sent_file(data: bytes = A_PDF, name: str = "letter.pdf") -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def stored() -> list[files.StoredFile]:
    query = select(files.StoredFile).where(files.StoredFile.deleted_at.is_(None)).order_by(files.StoredFile.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


# ---- conditions ------------------------------------------------------------------------------------------------------


def test_a_part_of_which_nothing_is_asked_is_not_shown(lead: Person, client: FlaskClient) -> None:
    event = here(lead)
    ask_call(event, LAW, section="legal")
    mine = a_proposal(event, lead, sent=False)
    tasks = client.get(f"{AT}/{mine.code}/").text
    assert "/part/legal" not in tasks and mine.missing == 0
    assert client.get(path(mine, "legal")).status_code == 303

    services.save_part(mine.id, "title", {"track": "integrity"}, based_on=1, by=lead.id)
    assert "/part/legal" in client.get(f"{AT}/{mine.code}/").text
    assert "Which law?" in client.get(path(mine, "legal")).text
    assert "Which law?" in client.get(f"{AT}/{mine.code}/check").text


def test_an_answer_posted_around_its_condition_is_not_sent(lead: Person, client: FlaskClient) -> None:
    event = here(lead)
    ask_call(event, LAW)
    mine = a_proposal(event, lead, sent=False)
    assert "Which law?" not in client.get(path(mine)).text
    assert client.post(path(mine), data=whole(mine, q_law="The constitution", q_sneaky="x")).status_code == 303

    assert "q_sneaky" not in answers(mine)
    version = services.send(mine.id, by=lead.id)
    assert "q_law" not in version.answers
    assert "Which law?" not in client.get(f"{AT}/{mine.code}/history/1").text


def test_a_question_that_its_own_page_decides_says_so_without_script(lead: Person, client: FlaskClient) -> None:
    ask_call(here(lead), SIGN, WHICH)
    mine = a_proposal(here(lead), lead, sent=False)
    page = client.get(path(mine)).text
    assert "data-when=" in page and "Only if Sign language? is “Yes”." in page

    missing = client.post(path(mine), data=whole(mine, q_sign="yes", asked="format spoken size sign which"))
    assert missing.status_code == 422 and "This question needs an answer." in missing.text
    assert client.post(path(mine), data=whole(mine, q_sign="no", q_which="x")).status_code == 303
    assert "q_which" not in services.send(mine.id, by=lead.id).answers


# ---- a form that changed meanwhile -----------------------------------------------------------------------------------


def test_a_page_loaded_before_a_question_came_wipes_nothing_and_is_told(lead: Person, client: FlaskClient) -> None:
    event = here(lead)
    ask_call(event, SIGN)
    mine = a_proposal(event, lead, sent=False)
    url, number = path(mine), mine.id
    client.post(url, data=whole(mine, q_sign="yes"))
    ask_call(event, Question("held", Kind.TEXT, Text(en="Held before?"), is_required=True))
    mine = db.session.get_one(Proposal, number)
    old_page = client.post(url, data=whole(mine, size_min="45", asked="format spoken size"))
    mine = db.session.get_one(Proposal, number)

    assert old_page.status_code == 422 and "Held before?" in old_page.text
    assert (answers(mine)["q_sign"], answers(mine)["size_min"]) == ("yes", "45")


def test_both_see_own_answers_in_words_when_somebody_was_faster(lead: Person, client: FlaskClient) -> None:
    ask_call(here(lead), SIGN)
    mine = a_proposal(here(lead), lead, sent=False)
    client.post(path(mine), data=whole(mine, q_sign="yes"))
    both = client.post(path(mine), data=whole(mine, q_sign="no", revision="1"))

    assert both.status_code == 409
    assert "<h3>Sign language?</h3>" in both.text and '<div class="both__text" dir="auto">Yes</div>' in both.text


# ---- files -----------------------------------------------------------------------------------------------------------


def with_letter(lead: Person, client: FlaskClient, **more: Any) -> tuple[Proposal, TestResponse]:
    ask_call(here(lead), LETTER)
    mine = a_proposal(here(lead), lead, sent=False)
    return mine, client.post(path(mine), data=whole(mine, q_letter=sent_file(), **more))


def test_a_file_is_kept_fetched_replaced_and_removed(lead: Person, client: FlaskClient) -> None:
    mine, answer = with_letter(lead, client)
    assert answer.status_code == 303
    code = answers(mine)["q_letter"]["code"]
    fetched = client.get(f"{AT}/{mine.code}/files/{code}")
    assert fetched.data == A_PDF and "attachment" in fetched.headers["Content-Disposition"]
    assert f"/files/{code}" in client.get(f"{AT}/{mine.code}/check").text

    client.post(path(mine), data=whole(mine, q_letter=sent_file(name="second.pdf")))
    assert [one.filename for one in stored()] == ["second.pdf"]
    assert client.get(f"{AT}/{mine.code}/files/{code}").status_code == 404
    kept = client.post(path(mine), data=whole(mine, size_min="41"))
    assert kept.status_code == 303 and answers(mine)["q_letter"]["name"] == "second.pdf"
    removed = client.post(path(mine), data=whole(mine, size_min="42", remove="letter"))
    assert removed.status_code == 303 and stored() == []
    assert answers(mine)["size_min"] == "42" and not answers(mine)["q_letter"]


def test_a_file_of_a_version_stays_as_long_as_the_version(lead: Person, client: FlaskClient) -> None:
    mine, _answer = with_letter(lead, client)
    code = answers(mine)["q_letter"]["code"]
    services.send(mine.id, by=lead.id)
    client.post(path(mine), data=whole(mine, remove="letter"))
    services.send(mine.id, by=lead.id)

    assert [one.code for one in stored()] == [code]
    assert f"/files/{code}" in client.get(f"{AT}/{mine.code}/history/1").text
    sign_in(client, an_organiser(here(lead)))
    url = f"/en/ogp-2022/manage/proposals/{mine.code}/files/{code}"
    assert url in client.get(f"/en/ogp-2022/manage/proposals/{mine.code}/versions/1").text
    assert client.get(url).data == A_PDF


def test_a_file_that_is_none_is_said_at_its_field_and_nothing_else_is_lost(lead: Person, client: FlaskClient) -> None:
    ask_call(here(lead), LETTER)
    mine = a_proposal(here(lead), lead, sent=False)
    wrong = client.post(path(mine), data=whole(mine, size_min="43", q_letter=sent_file(b"MZ\x90\x00 program", "letter.pdf")))

    assert wrong.status_code == 422 and 'id="q_letter-error"' in wrong.text
    assert answers(mine)["size_min"] == "43" and not answers(mine).get("q_letter") and stored() == []


FILES = {case["id"]: case for case in load("uploads") if case["kind"] == "json"}


@pytest.mark.parametrize("case_id", FILES)
def test_a_file_of_the_corpus_answers_a_question_or_is_refused_at_it(lead: Person, client: FlaskClient, case_id: str) -> None:
    value = expand(FILES[case_id])
    assert isinstance(value, dict)
    ask_call(here(lead), LETTER)
    mine = a_proposal(here(lead), lead, sent=False)
    answer = client.post(path(mine), data=whole(mine, size_min="43", q_letter=sent_file(value["data"], value["filename"])))

    assert answers(mine)["size_min"] == "43"
    if FILES[case_id]["expected"]["outcome"] in ("accept", "normalise"):
        assert (answer.status_code, len(stored())) == (303, 1)
        fetched = client.get(f"{AT}/{mine.code}/files/{answers(mine)['q_letter']['code']}")
        assert fetched.headers["Content-Disposition"].startswith("attachment")
        assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    else:
        assert (answer.status_code, stored()) == (422, []) and 'id="q_letter-error"' in answer.text


def test_typing_sends_no_file_and_writing_over_others_keeps_none(lead: Person, client: FlaskClient) -> None:
    ask_call(here(lead), LETTER)
    mine = a_proposal(here(lead), lead, sent=False)
    quiet = client.post(path(mine), data=whole(mine, q_letter=sent_file()), headers={"Accept": "application/json"})
    assert quiet.status_code == 200 and stored() == []
    late = client.post(path(mine), data=whole(mine, q_letter=sent_file(), size_min="44", revision="1"))

    assert late.status_code == 409 and "Choose it again" in late.text and stored() == []
    typed_as_file = client.post(path(mine), data=whole(mine, q_letter="0" * 22))
    assert typed_as_file.status_code == 303 and not answers(mine).get("q_letter")


def test_no_file_is_taken_once_the_call_is_closed(lead: Person, client: FlaskClient, clock: ModuleType) -> None:
    ask_call(here(lead), LETTER)
    mine = a_proposal(here(lead), lead, sent=False)
    with clock.at(TOO_LATE):
        late = client.post(path(mine), data=whole(mine, q_letter=sent_file()))

    assert late.status_code == 409 and stored() == []


def test_a_file_of_another_proposal_is_not_found(lead: Person, client: FlaskClient) -> None:
    mine, _answer = with_letter(lead, client)
    code, other, own = answers(mine)["q_letter"]["code"], a_proposal(here(lead), lead).code, mine.code
    assert client.get(f"{AT}/{other}/files/{code}").status_code == 404
    sign_in(client, an_organiser(here(lead)))
    assert client.get(f"/en/ogp-2022/manage/proposals/{other}/files/{code}").status_code == 404
    sign_in(client, a_person())
    assert client.get(f"{AT}/{own}/files/{code}").status_code in (403, 404)
