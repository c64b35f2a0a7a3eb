"""The form as an organiser builds it: sections, questions, conditions, and what a change does to answers."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventreg.core import audit, clock, files
from eventreg.core.db import db, transaction
from eventreg.core.questions.shape import Asked, Kind, Question
from eventreg.events.models import Event
from eventreg.registration import drafts, queries, standard
from eventreg.registration.models import Draft, Needs, Registration
from tests.factories import OPEN, a_registration, an_event, an_organiser, sign_in, statements

FORM = "/en/ogp-2022/manage/form"
NEW = FORM + "/questions/new"


@pytest.fixture(autouse=True)
def _three_days_before() -> Iterator[None]:
    with clock.at(OPEN):
        yield


def a_managed_event(client: FlaskClient, *, scopes: list[str] | None = None) -> Event:
    event = an_event()
    sign_in(client, an_organiser(event, scopes=scopes))
    return event


def words_of(answer: TestResponse) -> str:
    """The page as it is read: without marks."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


def version(event: Event) -> str:
    return str(queries.form_of(event.id).version)


def typed(event: Event, **changes: Any) -> dict[str, Any]:
    """A question as typed; no condition, a short text."""
    return {"version": version(event), "section": "needs", "kind": "text", "label_en": "Shirt size", "match": "all", **changes}


def options(*words: str) -> dict[str, str]:
    """Rows of answers, in English."""
    return {"option_rows": str(len(words)), **{f"option_{at}_en": said for at, said in enumerate(words)}}


def added(client: FlaskClient, event: Event, **changes: Any) -> Question:
    """A question that was added on the page."""
    before = {question.code for question in queries.form_of(event.id).own()}
    answer = client.post(NEW, data=typed(event, **changes))
    assert answer.status_code == 303, words_of(answer)
    return next(question for question in queries.form_of(event.id).own() if question.code not in before)


def stored(event: Event, question: Question) -> dict[str, Any]:
    """A question as its page would send it again."""
    data: dict[str, Any] = {"kind": question.kind.value, "label_en": question.label.en}
    data |= options(*(option.label.en for option in question.options))
    data |= {f"option_{at}_key": option.key for at, option in enumerate(question.options)}
    return typed(event, **data, section=queries.form_of(event.id).home_of(question.code).code)


def answered(event: Event, code: str, *values: Any, apart: bool = False) -> list[Registration]:
    """One registration with each of these answers."""
    made = []
    for value in values:
        registration = a_registration(event)
        with transaction():
            if apart:
                db.session.add(Needs(registration_id=registration.id, answers={code: value}))
            else:
                db.session.get_one(Registration, registration.id).answers = {code: value}
        made.append(registration)
    return made


def answers_now(event: Event) -> list[Any]:
    query = select(Registration.answers).where(Registration.event_id == event.id).order_by(Registration.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def sealed(answer: TestResponse) -> str:
    """The seal of the page that tells what happens to answers."""
    assert answer.status_code == 200, answer.status_code
    return re.search(r'name="seal" value="(\w+)"', answer.text).group(1)  # type: ignore[union-attr]


def records(event: Event) -> list[audit.AuditLine]:
    query = select(audit.AuditLine).where(audit.AuditLine.chain == event.id, audit.AuditLine.action == "form.changed")
    return list(db.session.scalars(query.order_by(audit.AuditLine.seq)))


VISA = {
    "kind": "one_of", "label_en": "Where will you ask for the visa?", "label_fr": "Où demanderez-vous le visa ?",
    **options("Paris", "Tunis", ""),
    "test_rows": "2", "test_0_question": "sector", "test_0_op": "is", "test_0_values": "civil_society",
    "test_1_question": "wants_visa_letter", "test_1_op": "is", "test_1_values": "yes",
}  # fmt: skip


# ---- a question ------------------------------------------------------------------------------------------------------


def test_a_question_for_civil_society_that_needs_a_visa(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)

    question = added(client, event, **VISA)

    page = words_of(client.get(FORM))
    assert "Only if Sector is “Civil society” and I need a letter for a visa is “yes”." in page
    assert [(option.key, option.label.en) for option in question.options] == [("paris", "Paris"), ("tunis", "Tunis")]
    assert question.code == "where_will_you_ask_for_t"
    assert [line.facts["did"] for line in records(event)] == ["question_added"]


def test_the_question_is_asked_of_those_and_of_nobody_else(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    question = added(client, event, **VISA, is_required="y")
    field = f"q_{question.code}"

    def section(**answers: Any) -> str:
        secret = drafts.start(event.id, lang="en")
        draft = drafts.find(event.id, secret)
        assert draft is not None
        drafts.save(draft.id, answers, lang="en")
        stranger = app.test_client()
        stranger.set_cookie("draft-ogp-2022", secret)
        return stranger.get("/en/ogp-2022/register/needs").text

    assert field in section(sector="civil_society", wants_visa_letter=True)
    assert field in section(sector="civil_society")  # the visa is asked about on the same page
    assert field not in section(sector="media", wants_visa_letter=True)


def test_everything_wrong_is_told_at_its_field_and_nothing_typed_is_lost(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    wrong = typed(
        event, kind="one_of", label_en="", label_ar="", help_en="Some help", is_sensitive="y", delete_on="30/09/22",
        **options("One"), test_rows="2", test_0_question="sector", test_0_op="is", test_0_values="martians",
    )  # fmt: skip

    answer = client.post(NEW, data=wrong)

    assert answer.status_code == 422
    assert "Some help" in answer.text and 'value="One"' in answer.text and "30/09/22" in answer.text
    assert set(re.findall(r'id="(\w+)-error"', answer.text)) == {"delete_on", "test_0_question"}
    right_day = client.post(NEW, data=wrong | {"delete_on": "", "test_0_question": ""})
    assert set(re.findall(r'id="(\w+)-error"', right_day.text)) == {"label_en"}
    assert queries.form_of(event.id).version == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "one_of", **options("One", "")}, "option_0_en"),
        ({"is_sensitive": "y"}, "purpose_en"),
        ({"least": "9", "most": "3"}, "most"),
        ({"most": "many"}, "most"),
        ({"delete_on": "2022-01-01"}, "delete_on"),
        ({"label_en": "x" * 301}, "label_en"),
        ({"section": "email"}, "section"),
        ({"test_0_question": "nothing", "test_0_op": "answered", "test_rows": "1"}, "test_0_question"),
        ({"test_0_question": "days", "test_0_op": "is", "test_0_values": "garbage", "test_rows": "1"}, "test_0_question"),
        ({"test_0_question": "consents_photo", "test_0_op": "is", "test_0_values": "yes", "test_rows": "1"}, "test_0_question"),
    ],
)
def test_one_thing_wrong(app: Flask, client: FlaskClient, changes: dict[str, str], field: str) -> None:
    event = a_managed_event(client)

    answer = client.post(NEW, data=typed(event, **changes))

    assert (answer.status_code, re.findall(r'id="(\w+)-error"', answer.text)) == (422, [field])
    assert queries.form_of(event.id).version == 0


def test_rows_are_added_and_answers_shown_without_a_script(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)

    more = client.post(NEW, data=typed(event, **options("One"), do="options", pasted="Two\nثلاثة | Trois | Three"))
    shown = client.post(NEW, data=typed(event, test_rows="2", test_0_question="sector", do="show"))

    assert 'value="One"' in more.text and 'value="Two"' in more.text and 'value="ثلاثة"' in more.text
    assert 'name="test_0_values" value="civil_society"' in shown.text
    assert shown.status_code == more.status_code == 200


def test_a_day_of_deletion_is_suggested(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)

    plain = added(client, event)
    sensitive = added(client, event, label_en="Passport", is_sensitive="y", purpose_en="For the letter")

    assert [str(question.delete_on) for question in (plain, sensitive)] == ["2023-11-03", "2022-12-03"]


def test_what_somebody_else_saved_meanwhile_is_not_undone(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    question = added(client, event)
    mine = stored(event, question) | {"label_en": "Size of the shirt"}
    added(client, event, label_en="Another")

    answer = client.post(f"{FORM}/questions/{question.code}", data=mine)

    assert answer.status_code == 409
    assert "The questions were changed in the meantime." in answer.text and "Size of the shirt" in answer.text
    again = client.post(f"{FORM}/questions/{question.code}", data=mine | {"version": version(event)})
    assert again.status_code == 303
    assert [q.label.en for q in queries.form_of(event.id).own()] == ["Size of the shirt", "Another"]


def test_built_in_questions_can_be_required_moved_and_left_out_but_not_all(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)

    client.post(f"{FORM}/questions/phone", data={"version": "0", "section": "needs", "is_required": "y"})
    client.post(FORM, data={"version": "1", "do": "stop:diet"})
    refused = client.post(FORM, data={"version": "2", "do": "stop:days"})
    deleted = client.post(FORM, data={"version": "2", "do": "delete:position"})

    form = queries.form_of(event.id)
    assert form.home_of("phone").code == "needs" and form.find("phone").is_required  # type: ignore[union-attr]
    assert not form.asks("diet") and form.version == 2
    assert (refused.status_code, deleted.status_code) == (409, 409)
    assert client.get(f"{FORM}/questions/email").status_code == 404


def test_a_question_cannot_be_moved_before_what_its_condition_asks_about(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    first = added(client, event, label_en="First")
    second = added(
        client, event, label_en="Second", test_rows="1", test_0_question=first.code, test_0_op="answered",
    )  # fmt: skip

    answer = client.post(FORM, data={"version": version(event), "do": f"up:{second.code}"})
    deleting = client.post(FORM, data={"version": version(event), "do": f"delete:{first.code}"})

    assert "The condition asks about a question that does not come before this one." in answer.text
    assert "A condition of another question asks about this one." in deleting.text
    assert [question.code for question in queries.form_of(event.id).own()] == [first.code, second.code]


# ---- sections --------------------------------------------------------------------------------------------------------


def test_a_section_has_an_address_made_of_its_title(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    for title in ("Travel", "Travel", "New", "سفر"):
        data = {"version": version(event), "title_ar" if title == "سفر" else "title_en": title, "asked": "after"}
        assert client.post(FORM + "/sections/new", data=data).status_code == 303

    codes = [section.code for section in queries.form_of(event.id).sections if section.asked is Asked.AFTER]

    assert codes == ["travel", "travel_2", "new_2", "section"]
    changed = {"version": version(event), "title_en": "Trip", "asked": "form", "code": "trip"}
    client.post(FORM + "/sections/travel", data=changed)
    assert queries.form_of(event.id).section("trip").asked is Asked.FORM  # type: ignore[union-attr]
    client.post(FORM, data={"version": version(event), "do": "section-up:trip"})
    assert [s.code for s in queries.form_of(event.id).sections][:6] == ["email", "name", "organisation", "needs", "trip", "consent"]
    client.post(FORM, data={"version": version(event), "do": "section-delete:trip"})
    assert queries.form_of(event.id).section("trip") is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"title_en": ""}, "title_en"), ({"code": "done"}, "code"), ({"code": "name"}, "code"), ({"code": "Über"}, "code")],
)
def test_a_section_that_cannot_be(app: Flask, client: FlaskClient, changes: dict[str, str], field: str) -> None:
    event = a_managed_event(client)

    answer = client.post(FORM + "/sections/new", data={"version": "0", "title_en": "Travel", "asked": "form", **changes})

    assert (answer.status_code, re.findall(r'id="(\w+)-error"', answer.text)) == (422, [field])
    assert queries.form_of(event.id).version == 0


def test_a_section_with_questions_and_the_built_in_ones_cannot_be_deleted(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)

    for code in ("needs", "name", "email", "nowhere"):
        assert client.post(FORM, data={"version": version(event), "do": f"section-delete:{code}"}).status_code == 409
    up = client.post(FORM, data={"version": version(event), "do": "section-up:name"})

    assert "The e-mail address stays the first section, alone." in up.text
    assert queries.form_of(event.id) == standard.form()


# ---- what a change does to answers -----------------------------------------------------------------------------------


def test_what_happens_to_answers_is_told_before_it_is_done(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    question = added(client, event)
    answered(event, question.code, "Large", "Medium", "large, please", "Medium")
    wanted = stored(event, question) | {"kind": "one_of", **options("Large", "Medium")}

    told = client.post(f"{FORM}/questions/{question.code}", data=wanted)

    seen = words_of(told)
    assert "4 answers were given." in seen and "3 answers are rewritten." in seen
    assert "1 answer is erased: it is none of the new kind." in seen and "large, please" in seen
    assert answers_now(event)[0] == {question.code: "Large"}  # nothing has happened yet
    done = client.post(f"{FORM}/questions/{question.code}", data=wanted | {"seal": sealed(told)})
    assert done.status_code == 303
    assert answers_now(event) == [{question.code: "large"}, {question.code: "medium"}, {}, {question.code: "medium"}]
    assert {name: records(event)[-1].facts[name] for name in ("rewritten", "erased")} == {"rewritten": 3, "erased": 1}


def test_what_was_shown_is_what_is_done(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    question = added(client, event)
    answered(event, question.code, "Large")
    delete = {"version": version(event), "do": f"delete:{question.code}"}
    seal = sealed(client.post(FORM, data=delete))
    answered(event, question.code, "Small")

    again = client.post(FORM, data=delete | {"seal": seal})

    assert "2 answers are erased with the question." in words_of(again)
    assert client.post(FORM, data=delete | {"seal": sealed(again)}).status_code == 303
    assert answers_now(event) == [{}, {}]
    assert queries.form_of(event.id).find(question.code) is None


def test_stop_asking_keeps_answers_and_asking_again_brings_them_back(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    question = added(client, event)
    answered(event, question.code, "Large")

    stopped = client.post(FORM, data={"version": version(event), "do": f"stop:{question.code}"})
    asked = client.post(FORM, data={"version": version(event), "do": f"ask:{question.code}"})

    assert (stopped.status_code, asked.status_code) == (303, 303)
    assert answers_now(event) == [{question.code: "Large"}]


def test_those_who_must_answer_now_are_counted(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    a_registration(event), a_registration(event, sector="media"), a_registration(event, cancelled=True)
    wanted = typed(event, is_required="y", test_rows="1", test_0_question="sector", test_0_op="is", test_0_values="civil_society")

    told = client.post(NEW, data=wanted)

    assert "1 person who is asked now has no answer: it will stand as a task on their page." in words_of(told)
    assert client.post(NEW, data=wanted | {"seal": sealed(told)}).status_code == 303
    later = client.post(NEW, data=wanted | {"version": version(event), "is_required": "", "label_en": "Second"})
    assert later.status_code == 303


def test_a_change_of_words_is_told_to_nobody(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    question = added(client, event, is_required="")
    answered(event, question.code, "Large")

    answer = client.post(f"{FORM}/questions/{question.code}", data=stored(event, question) | {"label_fr": "Taille"})

    assert answer.status_code == 303


def test_answers_that_become_sensitive_are_kept_apart_and_forgotten_in_the_record(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client, scopes=["needs"])
    question = added(client, event)
    registration = answered(event, question.code, "Halal")[0]
    with transaction():
        told = {f"q_{question.code}": ("", "Halal")}
        audit.record("registration.changed", registration, event_id=event.id, actor=audit.SYSTEM, personal=told)
    wanted = stored(event, question) | {"is_sensitive": "y", "purpose_en": "For the kitchen"}

    told = client.post(f"{FORM}/questions/{question.code}", data=wanted)

    assert "From now on they are kept apart" in words_of(told) and "Halal" not in words_of(told)
    client.post(f"{FORM}/questions/{question.code}", data=wanted | {"seal": sealed(told)})
    assert answers_now(event) == [{}]
    assert db.session.get_one(Needs, registration.id).answers == {question.code: "Halal"}
    assert db.session.scalars(select(audit.AuditValue).where(audit.AuditValue.name == f"q_{question.code}")).all() == []
    assert audit.verify(event.id) is None
    back = client.post(f"{FORM}/questions/{question.code}", data=stored(event, question))
    client.post(f"{FORM}/questions/{question.code}", data=stored(event, question) | {"seal": sealed(back)})
    assert answers_now(event) == [{question.code: "Halal"}]
    assert db.session.get(Needs, registration.id) is None


def test_sensitive_answers_stay_apart_for_those_who_may_not_read_them(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    question = added(client, event, is_sensitive="y", purpose_en="For the letter")
    answered(event, question.code, "K1234567", apart=True)

    answer = client.post(f"{FORM}/questions/{question.code}", data=stored(event, question))

    assert answer.status_code == 422 and 'id="is_sensitive-error"' in answer.text
    assert answers_now(event) == [{}]
    told = client.post(FORM, data={"version": version(event), "do": f"delete:{question.code}"})
    assert "1 answer is erased" in words_of(told) and "K1234567" not in told.text


def test_the_files_of_erased_answers_go(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    question = added(client, event, kind="file")

    class Upload:
        filename = "plan.txt"
        stream = io.BytesIO(b"the plan")

    registration = a_registration(event)
    kept = files.store(event.id, Upload(), purpose="answer", about=("registration", registration.code))
    with transaction():
        value = {"code": kept.code, "name": "plan.txt", "size": 8}
        db.session.get_one(Registration, registration.id).answers = {question.code: value}
    delete = {"version": version(event), "do": f"delete:{question.code}"}

    client.post(FORM, data=delete | {"seal": sealed(client.post(FORM, data=delete))})

    assert files.find(kept.code, event_id=event.id) is None


def test_forms_that_were_begun_forget_the_answers_to_a_deleted_question(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    question = added(client, event)
    draft = drafts.find(event.id, drafts.start(event.id, lang="en"))
    assert draft is not None
    drafts.save(draft.id, {f"q_{question.code}": "Large", "name_latin": "Amina"}, lang="en")
    delete = {"version": version(event), "do": f"delete:{question.code}"}

    client.post(FORM, data=delete | {"seal": sealed(client.post(FORM, data=delete))})

    assert db.session.get_one(Draft, draft.id, populate_existing=True).answers == {"name_latin": "Amina"}


def test_who_fills_in_the_form_now_is_counted(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)
    for _number in range(3):
        drafts.start(event.id, lang="en")

    assert "3 people are filling in the form now." in words_of(client.get(FORM))
    with clock.at("2022-10-05T09:00+01:00"):
        assert "Registration is open" not in words_of(client.get(FORM))


def test_the_number_of_statements_does_not_grow(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client)

    def count() -> int:
        with statements(app) as sent:
            client.get(FORM)
        return len(sent)

    question = added(client, event)
    answered(event, question.code, "One")
    few = count()
    answered(event, added(client, event, label_en="Other").code, "Two", "Three", "Four")

    assert count() == few


def test_what_changed_is_told_in_the_record(app: Flask, client: FlaskClient) -> None:
    event = a_managed_event(client, scopes=["audit"])
    added(client, event)

    assert "Form: question “Shirt size” added." in words_of(client.get("/en/ogp-2022/manage/audit"))
    assert [line.facts["version"] for line in records(event)] == [1]
    assert Kind.TEXT in {question.kind for question in queries.form_of(event.id).own()}


def test_a_section_in_one_language_names_its_page_in_words_alone(client: FlaskClient) -> None:
    event = a_managed_event(client)
    made = client.post(FORM + "/sections/new", data={"version": version(event), "title_ar": "السفر <1>", "asked": "form"})
    assert made.status_code == 303
    section = queries.form_of(event.id).sections[-1].code
    page = client.get(f"{FORM}/preview/{section}").text
    assert "<title>السفر &lt;1&gt;, " in page
    assert '<bdi lang="ar" dir="rtl">السفر &lt;1&gt;</bdi>' in page
