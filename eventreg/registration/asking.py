"""What the form asks decides what is written: what it asks no more stays as it is, what it hides from somebody goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from eventreg.core.db import db
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


def drop_hidden(registration: Registration) -> None:
    """Erase stored answers to questions that are not asked of this person, by what they answer now."""
    needs = db.session.get(Needs, registration.id)
    values = {**registration.answers, **(needs.answers if needs else {})}
    if not values:
        return
    form = queries.form_of(registration.event_id)
    kept = Crossing(form, form).of(values, _facts(registration, needs, form)).values
    for holder in filter(None, (registration, needs)):
        before = holder.answers
        holder.answers = {code: value for code, value in before.items() if code in kept}
        uploads.settle(registration.event_id, uploads.about(registration), before=before, after=holder.answers)
    if needs is not None and not (needs.access or needs.diet or needs.gender or needs.answers):
        db.session.delete(needs)
    db.session.flush()


def _facts(registration: Registration, needs: Needs | None, form: Form) -> Mapping[str, Any]:
    """The built-in answers that conditions ask about; of a question that is not asked there is none."""
    return {
        name: getattr(needs, name, "") if name in _NEEDS else getattr(registration, name)
        for name in standard.TESTABLE
        if form.asks(standard.QUESTION_OF[name])
    }
