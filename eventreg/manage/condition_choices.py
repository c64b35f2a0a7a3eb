"""What may a condition ask about, how, and for which answers? The choices of the organiser's page, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from eventreg.core import countries
from eventreg.core.i18n import page_lang
from eventreg.core.questions import checking
from eventreg.core.questions.shape import Form, Kind, Question
from eventreg.events.models import Event
from eventreg.registration import forms, standard

Choices = list[tuple[str, Any]]


def questions(form: Form, *, section: str, question: Question | None) -> Choices:
    """What is asked before this question (before the end of the section for a new one): code and words."""
    return [(name, forms.name_of(name, form)) for name in _names(form, section, question)]


def _names(form: Form, section: str, question: Question | None) -> Iterator[str]:
    built_in = {code: [name for name, about in standard.TESTABLE.items() if about.question == code] for code in standard.FIELDS}
    for other in _before(form, section, question):
        if not other.is_asked:
            continue
        yield from [other.code] if other.is_own else built_in[other.code]


def _before(form: Form, section: str, question: Question | None) -> Iterator[Question]:
    reached = False
    for other in form.questions():
        if question is not None and other.code == question.code:
            return
        is_here = form.home_of(other.code).code == section
        if question is None and reached and not is_here:
            return
        reached = reached or is_here
        yield other


def ops() -> Choices:
    """How a condition may ask."""
    return [
        ("is", _("is")), ("is_not", _("is not")), ("answered", _("is answered")), ("empty", _("is not answered")),
        ("at_least", _("is at least")), ("at_most", _("is at most")),
    ]  # fmt: skip


def answers(form: Form, event: Event, name: str | None) -> Choices:
    """The answers that can be given to a question, where they can be listed."""
    return [(value, forms.value_of(name or "", value, form)) for value in _values(form, event, name or "")]


def _values(form: Form, event: Event, name: str) -> list[str]:
    orders = {"sector": list(standard.SECTORS), "languages": list(standard.LANGUAGES), "gender": list(standard.GENDERS),
              "days": [day.isoformat() for day in event.days]}  # fmt: skip
    question = form.find(name)
    if name in orders:
        return orders[name]
    if name == "country" or (question is not None and question.is_own and question.kind is Kind.COUNTRY):
        return [code for code, _name in countries.choices(page_lang())]
    if name in standard.TESTABLE:
        return ["yes", "no"]
    if question is None or not question.is_own:
        return []
    if question.options:
        return [option.key for option in question.options]
    return ["yes", "no"] if checking.answers_of(question) else []
