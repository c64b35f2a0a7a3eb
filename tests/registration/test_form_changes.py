"""Whatever is done to the form, and by whomever answers change: nobody holds an answer that the form does not ask of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from eventreg.core import clock
from eventreg.core.audit import OPERATOR
from eventreg.core.db import db
from eventreg.core.questions import conditions, editing, judging, shape
from eventreg.core.questions.changing import Untold
from eventreg.core.questions.editing import Wish
from eventreg.core.questions.shape import CHOICES, Asked, Form, Kind, Option, Question, Section, When
from eventreg.core.refusals import Refused
from eventreg.core.trilingual import Text
from eventreg.registration import answering, changes, form_changes, queries, rules, services, standard
from eventreg.registration.models import Needs, Registration
from tests import factories

CODES = ("one", "two", "three")
KINDS = (Kind.TEXT, Kind.NUMBER, Kind.ONE_OF, Kind.SEVERAL_OF, Kind.CONSENT, Kind.COUNTRY)
SECTOR = Question("sector", Kind.TEXT, Text(en="Sector"))
WORDS = ("alpha", "beta", "gamma")
_number = itertools.count(1)

TESTS = st.one_of(
    st.builds(lambda sector: shape.Test("sector", "is", (sector,)), st.sampled_from(("media", "donor"))),
    st.builds(lambda op, code: shape.Test(code, op), st.sampled_from(("answered", "empty")), st.sampled_from(CODES)),
    st.builds(lambda code, word: shape.Test(code, "is", (word,)), st.sampled_from(CODES), st.sampled_from(WORDS)),
    st.just(shape.Test("wants_visa_letter", "is", ("yes",))),
)
WHENS = st.one_of(st.none(), st.builds(lambda tests, match: When(tuple(tests), match), st.lists(TESTS, min_size=1, max_size=2),
                                       st.sampled_from(("all", "any"))))  # fmt: skip


def a_question(code: str, kind: Kind, words: list[str], when: When | None, *, is_sensitive: bool, is_required: bool) -> Question:
    options = tuple(Option(word, Text(en=word)) for word in words) if kind in CHOICES else ()
    return Question(
        code, kind, Text(en=code), options=options, when=when, is_sensitive=is_sensitive, is_required=is_required,
        purpose=Text(en="why"), delete_on=factories.date(2023, 1, 1),
    )  # fmt: skip


def an_answer(kind: Kind, word: str, number: int) -> Any:
    return {Kind.NUMBER: str(number), Kind.SEVERAL_OF: [word], Kind.CONSENT: True, Kind.COUNTRY: "MA"}.get(kind, word)


class Building(RuleBasedStateMachine):
    """An organiser builds while people answer."""

    @initialize()
    def begin(self) -> None:
        self.event = factories.an_event(slug=f"building-{next(_number)}")
        conditions = (None, When((shape.Test("sector", "is", ("media",)),)), When((shape.Test("two", "answered"),)))
        for code, when in zip(CODES, conditions, strict=True):
            factories.ask(self.event, a_question(code, Kind.TEXT, [], when, is_sensitive=code == "three", is_required=False))
        self.people = [factories.a_registration(self.event, sector=sector).id for sector in ("media", "donor", "government")]

    def _wish(self, edit: Callable[[Form], Form]) -> None:
        """A refusal changes nothing and is fine; what is told is agreed to."""
        wish, version = Wish(edit, {"did": "question_changed"}), queries.form_of(self.event.id).version
        with clock.at(factories.OPEN):
            try:
                try:
                    form_changes.change(self.event.id, wish, version=version, seal="", may_open=True, by=OPERATOR)
                except Untold as untold:
                    seal = untold.outlook.seal
                    form_changes.change(self.event.id, wish, version=version, seal=seal, may_open=True, by=OPERATOR)
            except Refused:
                db.session.rollback()
        db.session.expire_all()

    @rule(
        code=st.sampled_from(CODES), kind=st.sampled_from(KINDS), when=WHENS,
        words=st.lists(st.sampled_from(WORDS), min_size=2, max_size=3, unique=True),
        is_sensitive=st.booleans(), is_required=st.booleans(), section=st.sampled_from(("needs", "consent", "later")),
    )  # fmt: skip
    def change(
        self, code: str, kind: Kind, words: list[str], when: When | None, is_sensitive: bool, is_required: bool, section: str
    ) -> None:
        question = a_question(code, kind, words, when, is_sensitive=is_sensitive, is_required=is_required)

        def edit(form: Form) -> Form:
            if section == "later" and form.section("later") is None:
                form = editing.with_section(form, Section("later", Text(en="Later"), asked=Asked.AFTER))
            return editing.with_question(form, question, in_section=section)

        self._wish(edit)

    @rule(code=st.sampled_from((*CODES, "wants_visa_letter")), is_asked=st.booleans())
    def ask(self, code: str, is_asked: bool) -> None:
        self._wish(lambda form: editing.asking(form, code, is_asked=is_asked))

    @rule(code=st.sampled_from(CODES), by=st.sampled_from((-1, 1)))
    def shift(self, code: str, by: int) -> None:
        self._wish(lambda form: editing.shifted(form, code, by=by))

    @rule(code=st.sampled_from(CODES), really=st.integers(0, 3))
    def delete(self, code: str, really: int) -> None:
        if really == 0:  # seldom: most of what can go wrong needs a question
            self._wish(lambda form: editing.removed(form, code))

    @rule(who=st.integers(0, 2), sector=st.sampled_from(("media", "donor", "government")), visa=st.booleans(),
          word=st.sampled_from(WORDS), number=st.integers(0, 9))  # fmt: skip
    def answer(self, who: int, sector: str, visa: bool, word: str, number: int) -> None:
        form = queries.form_of(self.event.id)
        own = {judging.field_name(q.code): an_answer(q.kind, word, number) for q in form.own()}
        registration = db.session.get_one(Registration, self.people[who])
        raw = factories.raw_answers(organisation_name=registration.organisation_name, sector=sector, wants_visa_letter=visa, **own)
        with clock.at(factories.OPEN):
            try:
                given = answering.changed(self.event, raw, form=form, insist=[])
                changes.change(registration.id, given, lang="en", by=OPERATOR, keep_needs=number > 5)
            except Refused:
                db.session.rollback()
        db.session.expire_all()

    @invariant()
    def nobody_holds_an_answer_that_is_not_asked_of_them(self) -> None:
        form = queries.form_of(self.event.id)
        for id_ in self.people:
            registration, needs = db.session.get_one(Registration, id_), db.session.get(Needs, id_)
            asked = [name for name in ("sector", "wants_visa_letter") if form.asks(standard.QUESTION_OF[name])]
            known = {name: getattr(registration, name) for name in asked}
            values = {**registration.answers, **(needs.answers if needs else {})}
            for question in form.own():
                if question.code not in values:
                    continue
                value = values.pop(question.code)
                if question.is_asked:
                    assert conditions.is_asked(question, known), (question, known)
                    known[question.code] = value
                assert judging.clean(replace(question, is_required=False), value) == value, (question, value)
                assert question.is_sensitive is (needs is not None and question.code in needs.answers)
            assert values == {}


def test_whatever_is_done_to_the_form_no_answer_is_left_that_it_does_not_ask(app: Flask) -> None:
    steps = settings(
        max_examples=20, stateful_step_count=25, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(Building, settings=steps)


def test_what_is_asked_no_more_stays_when_its_person_changes_something_else(app: Flask) -> None:
    with clock.at(factories.OPEN):
        event = factories.an_event()
        made = factories.a_registration(event, phone="+212600000000", diet="No nuts")
        for code in ("phone", "diet"):
            wish = Wish(lambda form, code=code: editing.asking(form, code, is_asked=False), {"did": "question_stopped"})  # type: ignore[misc]
            version = queries.form_of(event.id).version
            form = form_changes.change(event.id, wish, version=version, seal="", may_open=True, by=OPERATOR)
        raw = factories.raw_answers(name_latin="Another Name", phone="+212611111111")

        changes.change(made.id, answering.changed(event, raw, form=form, insist=[]), lang="en", by=OPERATOR)

    now = db.session.get_one(Registration, made.id, populate_existing=True)
    assert (now.name_latin, now.phone, db.session.get_one(Needs, made.id).diet) == ("Another Name", "+212600000000", "No nuts")


def test_a_hidden_sensitive_answer_goes_although_it_was_not_shown(app: Flask) -> None:
    """By a mail's link needs are neither shown nor changed; what the new answers hide goes all the same."""
    with clock.at(factories.OPEN):
        event = factories.an_event()
        when = When((shape.Test("sector", "is", ("media",)),))
        factories.ask(event, a_question("one", Kind.TEXT, [], when, is_sensitive=True, is_required=False))
        form = queries.form_of(event.id)
        raw = factories.raw_answers(sector="media", q_one="secret")
        made = services.register(event.id, rules.answers(raw, days=event.days, form=form), services.Sending(lang="en", key=None))
        assert db.session.get_one(Needs, made.id).answers == {"one": "secret"}

        given = answering.changed(event, {**raw, "sector": "donor"}, form=form, insist=[])
        changes.change(made.id, given, lang="en", by=OPERATOR, keep_needs=True)

    assert db.session.get(Needs, made.id) is None


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda form: editing.moved(form, "phone", to_section="email"), "question.email_first"),
        (lambda form: editing.removed(form, "diet"), "question.built_in"),
        (lambda form: editing.asking(form, "country", is_asked=False), "question.always_asked"),
        (lambda form: editing.removed(form, "nothing"), "question.unknown"),
        (lambda form: editing.with_question(form, SECTOR, in_section="needs"), "question.code_taken"),
    ],
)
def test_a_form_that_registration_cannot_work_with_is_refused(app: Flask, edit: Any, code: str) -> None:
    event = factories.an_event()

    with pytest.raises(Refused) as error:
        form_changes.change(event.id, Wish(edit, {"did": "question_changed"}), version=0, seal="", may_open=True, by=OPERATOR)

    assert error.value.refusal.code == code
    assert queries.form_of(event.id) == standard.form()
    assert db.session.scalars(select(Registration)).all() == []
