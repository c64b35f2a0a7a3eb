"""The questions of the call as an organiser builds them, and what a change does to proposals."""

from __future__ import annotations

import html
import re
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventreg.core import audit, jobs
from eventreg.core.db import db
from eventreg.core.questions.shape import Kind, Option, Question, When
from eventreg.core.questions.shape import Test as One
from eventreg.core.trilingual import Text
from eventreg.events.models import Event
from eventreg.proposals import form_changes, queries, services
from eventreg.proposals.models import Proposal
from eventreg.wiring import JOBS
from tests.factories import CALL_OPEN, a_call, a_person, a_proposal, an_event, an_organiser, ask_call, sign_in, statements

FORM = "/en/ogp-2022/manage/call/form"
NEW = FORM + "/questions/new"
HELD = Question("held", Kind.LONG_TEXT, Text(en="Have you held this workshop before?"))
YES_NO = (Option("yes", Text(en="Yes")), Option("no", Text(en="No")))
SIGN = Question("sign", Kind.ONE_OF, Text(en="Sign language?"), options=YES_NO)


@pytest.fixture
def event(app: Flask, client: FlaskClient, clock: ModuleType) -> Any:
    made = an_event()
    a_call(made)
    sign_in(client, an_organiser(made))
    with clock.at(CALL_OPEN):
        yield made


def words_of(answer: TestResponse) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


def version(event: Event) -> str:
    return str(queries.form_of(event.id).version)


def typed(event: Event, **changes: Any) -> dict[str, Any]:
    return {"version": version(event), "section": "practical", "kind": "text", "label_en": "Held before", "match": "all",
            "for_reviewers": "y", **changes}  # fmt: skip


def press(client: FlaskClient, event: Event, do: str, **more: str) -> TestResponse:
    return client.post(FORM, data={"do": do, "version": version(event), **more})


def sealed(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.status_code
    return re.search(r'name="seal" value="(\w+)"', answer.text).group(1)  # type: ignore[union-attr]


def written(proposal: Proposal, section: str = "practical", **answers: Any) -> Proposal:
    """More answers in a part of a proposal, as typed."""
    part = queries.parts(proposal.id)[section]
    services.save_part(proposal.id, section, answers, based_on=part.revision, by=proposal.lead_id)
    return fresh(proposal)


def fresh(proposal: Proposal) -> Proposal:
    return db.session.get_one(Proposal, proposal.id, populate_existing=True)


def records(event: Event) -> list[audit.AuditLine]:
    query = select(audit.AuditLine).where(audit.AuditLine.chain == event.id, audit.AuditLine.action == "call.form_changed")
    return list(db.session.scalars(query.order_by(audit.AuditLine.seq)))


# ---- the builder -----------------------------------------------------------------------------------------------------


def test_a_question_is_added_under_a_condition_on_the_track(event: Event, client: FlaskClient) -> None:
    page = client.get(NEW).text
    assert "The answers are sensitive" not in page and "Reviewers see the answers" in page and "Civic participation" in page
    made = client.post(NEW, data=typed(
        event, kind="one_of", option_rows="2", option_0_en="Yes", option_1_en="No", is_sensitive="y",
        test_rows="2", test_0_question="track", test_0_op="is", test_0_values="participation",
    ))  # fmt: skip
    assert made.status_code == 303, words_of(made)

    question = next(queries.form_of(event.id).own())
    assert question.when == When((One("track", "is", ("participation",)),))
    assert not question.is_sensitive and question.delete_on is None and question.for_reviewers
    assert "Only if Track is “Civic participation”." in words_of(client.get(made.location))
    assert records(event)[0].facts["did"] == "question_added"


def test_what_reviewers_do_not_see_is_stored_and_said(event: Event, client: FlaskClient) -> None:
    client.post(NEW, data={name: value for name, value in typed(event).items() if name != "for_reviewers"})
    question = next(queries.form_of(event.id).own())

    assert not question.for_reviewers
    assert "Not for reviewers" in client.get(FORM).text
    shown = client.get(f"{FORM}/questions/{question.code}").text
    assert re.search(r'name="for_reviewers"[^>]*checked', shown) is None


@pytest.mark.parametrize("code", ["title", "track", "summary"])
def test_what_a_proposal_is_judged_by_is_always_asked_and_required(event: Event, client: FlaskClient, code: str) -> None:
    refused = press(client, event, f"stop:{code}")
    kept = client.post(f"{FORM}/questions/{code}", data={"version": version(event), "section": "title"})

    assert refused.status_code == 409 and "always asked" in words_of(refused)
    assert f"stop:{code}" not in client.get(FORM).text
    assert kept.status_code == 303
    assert queries.form_of(event.id).find(code).is_required  # type: ignore[union-attr]


def test_other_questions_of_the_product_need_not_be_asked_or_answered(event: Event, client: FlaskClient) -> None:
    assert press(client, event, "stop:outputs").status_code == 303
    assert client.post(f"{FORM}/questions/size", data={"version": version(event), "section": "practical"}).status_code == 303

    mine = a_proposal(event, sent=False, size_min="", size_max="", outputs_en="")
    assert mine.missing == 0
    assert client.get("/en/ogp-2022/manage/call/preview/outputs").status_code == 404


def test_a_section_keeps_its_address_as_parts_hang_on_it(event: Event, client: FlaskClient) -> None:
    made = client.post(f"{FORM}/sections/new", data={"version": "0", "title_en": "More", "code": "sneaky", "asked": "after"})
    assert made.status_code == 303
    section = queries.form_of(event.id).sections[-1]
    client.post(f"{FORM}/sections/{section.code}", data={"version": "1", "title_en": "Even more", "code": "other"})
    renamed = queries.form_of(event.id).sections[-1]

    assert (section.code, section.asked.value) == ("more", "form")
    assert (renamed.code, renamed.title.en) == ("more", "Even more")
    assert "/register/" not in client.get(FORM).text
    assert client.post(FORM, data={"do": "section-delete:title", "version": version(event)}).status_code == 409


def test_what_a_colleague_changed_meanwhile_is_not_overwritten(event: Event, client: FlaskClient) -> None:
    old = version(event)
    ask_call(event, HELD)
    overtaken = client.post(NEW, data=typed(event, version=old, label_en="My question"))
    again = client.post(NEW, data=typed(event, label_en="My question"))

    assert overtaken.status_code == 409 and "My question" in overtaken.text and "changed in the meantime" in words_of(overtaken)
    assert again.status_code == 303
    assert [one.label.en for one in queries.form_of(event.id).own()] == [HELD.label.en, "My question"]


def test_nobody_but_the_organiser_builds_and_registration_has_its_own(event: Event, client: FlaskClient) -> None:
    ask_call(event, HELD)
    assert client.get("/en/ogp-2022/manage/form/questions/held").status_code == 404
    assert client.get(f"{FORM}/questions/nothing").status_code == 404
    sign_in(client, a_person())
    assert client.get(FORM).status_code in (403, 404)
    assert client.post(FORM, data={"do": "delete:held", "version": "1"}).status_code in (403, 404)


# ---- what it does to proposals ---------------------------------------------------------------------------------------


def test_a_new_required_question_is_told_first_then_derived(event: Event, client: FlaskClient) -> None:
    whole, half, sent = a_proposal(event, sent=False), a_proposal(event, sent=False, outputs_en=""), a_proposal(event)
    told = client.post(NEW, data=typed(event, is_required="y"))
    assert "2 proposals that are complete now lack an answer from then on." in words_of(told)
    assert "The call is open and 3 proposals are being written now." in words_of(told)
    assert fresh(whole).missing == 0 and list(queries.form_of(event.id).own()) == []

    done = client.post(NEW, data=typed(event, is_required="y", seal=sealed(told)))
    assert done.status_code == 303
    assert [fresh(one).missing for one in (whole, half, sent)] == [1, 2, 1]
    assert queries.parts(whole.id)["practical"].missing == 1
    assert records(event)[-1].facts["incomplete"] == 2
    with pytest.raises(Exception, match="incomplete"):
        services.send(whole.id, by=whole.lead_id)


def test_a_proposal_that_came_meanwhile_is_told_again(event: Event, client: FlaskClient) -> None:
    a_proposal(event, sent=False)
    seal = sealed(client.post(NEW, data=typed(event, is_required="y")))
    a_proposal(event, sent=False)
    again = client.post(NEW, data=typed(event, is_required="y", seal=seal))

    assert "2 proposals that are complete now" in words_of(again)
    assert list(queries.form_of(event.id).own()) == []


def test_an_answer_to_a_deleted_question_is_kept_until_sent_again(event: Event, client: FlaskClient) -> None:
    ask_call(event, HELD)
    mine = written(a_proposal(event, sent=False), q_held="In Tunis.")
    services.send(mine.id, by=mine.lead_id)
    told = press(client, event, "delete:held")
    assert "1 proposal being written has an answer." in words_of(told)
    assert "1 proposal was sent with an answer: what was sent stays as it is." in words_of(told)
    assert press(client, event, "delete:held", seal=sealed(told)).status_code == 303

    assert written(mine, size_min="50").missing == 0
    assert queries.parts(mine.id)["practical"].answers["q_held"] == "In Tunis."
    services.send(mine.id, by=mine.lead_id)
    first, second = (queries.version(mine.id, number) for number in (1, 2))
    assert first is not None and second is not None
    assert first.answers["q_held"] == "In Tunis." and "q_held" not in second.answers
    assert "q_held" not in queries.parts(mine.id)["practical"].answers
    page = words_of(client.get(f"/en/ogp-2022/manage/proposals/{mine.code}/versions/1"))
    assert "Have you held this workshop before? In Tunis." in page
    assert "Have you held" in words_of(client.get(f"/en/ogp-2022/manage/proposals/{mine.code}/versions/2"))


def test_an_option_that_goes_leaves_an_answer_to_be_given_anew(event: Event, client: FlaskClient) -> None:
    ask_call(event, SIGN)
    mine = written(a_proposal(event, sent=False), q_sign="yes")
    options = {"option_rows": "2", "option_0_key": "no", "option_0_en": "No", "option_1_en": "Perhaps"}
    change = typed(event, kind="one_of", label_en="Sign language?", **options)
    told = client.post(f"{FORM}/questions/sign", data=change)
    assert "does not fit any more" in words_of(told)
    assert client.post(f"{FORM}/questions/sign", data={**change, "seal": sealed(told)}).status_code == 303

    assert fresh(mine).missing == 1


def test_a_question_moves_to_another_part_with_what_was_typed(event: Event, client: FlaskClient) -> None:
    ask_call(event, HELD)
    mine = written(a_proposal(event, sent=False), q_held="In Tunis.")
    move = {"version": version(event), "section": "outputs", "kind": "long_text", "label_en": HELD.label.en, "match": "all"}
    assert client.post(f"{FORM}/questions/held", data=move).status_code == 303
    assert client.post(f"{FORM}/questions/track", data={"version": version(event), "section": "outputs"}).status_code == 303
    written(mine, size_min="50")  # the part in which it stood: nothing of it goes
    written(mine, "title", title_en="Another title")
    assert queries.raw_of(queries.parts(mine.id))["q_held"] == "In Tunis."

    changed = written(mine, "outputs", q_held="In Rabat.", track="integrity")
    assert queries.raw_of(queries.parts(mine.id))["q_held"] == "In Rabat."
    assert "track" not in queries.parts(mine.id)["title"].answers
    assert changed.missing == 0
    services.send(mine.id, by=mine.lead_id)
    assert queries.version(mine.id, 1).answers["track"] == "integrity"  # type: ignore[union-attr]


def test_a_change_of_words_tells_nothing_and_touches_nothing(app: Flask, event: Event, client: FlaskClient) -> None:
    ask_call(event, HELD)
    mine = written(a_proposal(event, sent=False), q_held="In Tunis.")
    changed = client.post(f"{FORM}/questions/held", data=typed(event, kind="long_text", label_en="Held before? Where?"))

    assert changed.status_code == 303
    assert fresh(mine).missing == 0
    assert "1 answer" in words_of(client.get(FORM))


def test_a_withdrawn_proposal_is_restored_by_the_questions_of_now(event: Event, client: FlaskClient) -> None:
    mine = a_proposal(event, sent=False)
    services.withdraw(mine.id, by=mine.lead_id)
    client.post(NEW, data=typed(event, is_required="y"))
    services.restore(mine.id, reason="A mistake", by=audit.SYSTEM)

    assert fresh(mine).missing == 1


def test_of_very_many_a_job_derives_anew(event: Event, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_changes, "MOST_AT_ONCE", 1)
    mine = [a_proposal(event, sent=False) for _n in range(3)]
    told = client.post(NEW, data=typed(event, is_required="y"))
    client.post(NEW, data=typed(event, is_required="y", seal=sealed(told)))
    assert [fresh(one).missing for one in mine] == [0, 0, 0]
    assert jobs.run_next(JOBS)

    assert [fresh(one).missing for one in mine] == [1, 1, 1]


def test_telling_and_deriving_take_no_more_statements_with_more_proposals(app: Flask, event: Event, client: FlaskClient) -> None:
    counts = []
    for number in (2, 6):
        for _n in range(number):
            a_proposal(event, sent=False)
        wanted = typed(event, is_required="y")
        with statements(app) as sent:
            told = client.post(NEW, data=wanted)
        with statements(app) as done:
            assert client.post(NEW, data={**wanted, "seal": sealed(told)}).status_code == 303
        code = next(queries.form_of(event.id).own()).code
        press(client, event, f"delete:{code}", seal=sealed(press(client, event, f"delete:{code}")))
        counts.append((len(sent), len([one for one in done if "advisory" not in one.lower()])))

    assert counts[1][0] <= counts[0][0] and counts[1][1] <= counts[0][1] + 2
