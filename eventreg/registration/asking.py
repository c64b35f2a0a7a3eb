"""What the form asks decides what is written: what it asks no more stays as it is, what it hides from somebody goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from eventreg.core.db import db
from eventreg.core.questions import judging
from eventreg.core.questions.changing import Crossing
from eventreg.core.questions.shape import Form
from eventreg.registration import queries, standard, uploads
from eventreg.registration.models import Needs, Registration
from eventreg.registration.rules import Answers

_NEEDS = ("access", "diet", "gender")


def with_unasked(answers: Answers, registration: Registration) -> Answers:
    """The answers with what is on record of built-in questions that are asked no more; nobody could answer those.

    Answers that no form judged (of a program, of a test) are taken as they are.
    """
    if answers.form_version is None:
        return answers
    form, needs = queries.form_of(registration.event_id), db.session.get(Needs, registration.id)
    unasked = [code for code in standard.FIELDS if not form.asks(code)]
    kept = {code: getattr(needs, code, "") if code in _NEEDS else getattr(registration, code) for code in unasked}
    return replace(answers, **kept)


@dataclass(frozen=True)
class Dropped:
    """Answers that went as they are not asked of this person, by question; `apart` the sensitive ones."""

    plain: dict[str, Any] = field(default_factory=dict)
    apart: dict[str, Any] = field(default_factory=dict)

    @property
    def codes(self) -> list[str]:
        """Of which questions."""
        return sorted({**self.plain, **self.apart})


def hidden(registration: Registration, needs: Needs | None, form: Form, **other: Any) -> Dropped:
    """Stored answers to questions that are not asked of this person, by what they answer now; by `other` where that is given."""
    values = {**registration.answers, **(needs.answers if needs else {})}
    if not values:
        return Dropped()
    kept = Crossing(form, form).of(values, {**_facts(registration, needs, form), **other}).values
    holders = (registration.answers, needs.answers if needs else {})
    return Dropped(*({code: value for code, value in held.items() if code not in kept} for held in holders))


def drop_hidden(registration: Registration) -> Dropped:
    """Erase stored answers to questions that are not asked of this person, by what they answer now; which those were."""
    needs = db.session.get(Needs, registration.id)
    gone = hidden(registration, needs, queries.form_of(registration.event_id))
    for holder in filter(None, (registration, needs) if gone.codes else ()):
        before = holder.answers
        holder.answers = {code: value for code, value in before.items() if code not in {**gone.plain, **gone.apart}}
        uploads.settle(registration.event_id, uploads.about(registration), before=before, after=holder.answers)
    if needs is not None and not (needs.access or needs.diet or needs.gender or needs.answers):
        db.session.delete(needs)
    db.session.flush()
    return gone


def bring_back(registration: Registration, dropped: Dropped, *, today: date) -> list[str]:
    """Write answers again that were dropped, but for what was answered anew, is asked no more or over by now; of which questions.

    A file that went with its answer does not come back.
    """
    form, needs = queries.form_of(registration.event_id), db.session.get(Needs, registration.id)
    open_ = {question.code for question in form.own() if not judging.is_over(question, today)} - codes_of(registration, needs)
    plain, apart = (_again(held, open_, registration.event_id) for held in (dropped.plain, dropped.apart))
    registration.answers = {**plain, **registration.answers}
    if apart:
        needs = needs or Needs(registration_id=registration.id, access="", diet="", gender="", answers={})
        needs.answers = {**apart, **needs.answers}
        db.session.add(needs)
    db.session.flush()
    return sorted({*plain, *apart} - set(drop_hidden(registration).codes))


def codes_of(registration: Registration, needs: Needs | None) -> set[str]:
    """The own questions that have an answer."""
    return {*registration.answers, *(needs.answers if needs else {})}


def _again(held: Mapping[str, Any], open_: set[str], event_id: int) -> dict[str, Any]:
    there = {code: value for code, value in held.items() if code in open_}
    return {code: value for code, value in there.items() if uploads.is_there(event_id, value)}


def _facts(registration: Registration, needs: Needs | None, form: Form) -> Mapping[str, Any]:
    """The built-in answers that conditions ask about; of a question that is not asked there is none."""
    return {
        name: getattr(needs, name, "") if name in _NEEDS else getattr(registration, name)
        for name in standard.TESTABLE
        if form.asks(standard.QUESTION_OF[name])
    }
