"""What may a condition ask about, and how? The choices of the organiser's page, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from eventreg.core.questions.shape import Form, Question
from eventreg.manage.builder import Builder

Choices = list[tuple[str, Any]]


def questions(at: Builder, *, section: str, question: Question | None) -> Choices:
    """What is asked before this question (before the end of the section for a new one): code and words."""
    return [(name, at.name_of(name)) for name in _names(at, section, question)]


def _names(at: Builder, section: str, question: Question | None) -> Iterator[str]:
    for other in _before(at.form, section, question):
        if other.is_asked and other.is_own:
            yield other.code
        elif other.is_asked:
            yield from (name for name, about in at.testable.items() if about.question == other.code)


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
