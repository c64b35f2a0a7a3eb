"""How is an own question asked on a page? Its field, its choices, what stands beside it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import (
    BooleanField,
    Field,
    FileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from eventreg.core import countries
from eventreg.core.i18n import date_long, mark_text, page_lang
from eventreg.core.questions.shape import Kind, Question

KEPT = 12_000  # code points of one answer that a draft keeps, right or wrong: more than any limit, so that nothing is cut unsaid
FEW = 7  # options up to which a choice is shown as a list of buttons


class DateText(StringField):  # type: ignore[misc]
    """A day; shown as text when what was sent is none, so that it is not lost."""


class NumberText(StringField):  # type: ignore[misc]
    """A number as typed, with the digits of any script."""


def made(question: Question) -> Any:
    """The field of an own question, without its choices."""
    label = mark_text(question.label)
    match question.kind:
        case Kind.LONG_TEXT:
            return TextAreaField(label)
        case Kind.ONE_OF if len(question.options) <= FEW:
            return RadioField(label, validate_choice=False)
        case Kind.ONE_OF | Kind.COUNTRY:
            return SelectField(label, validate_choice=False)
        case Kind.SEVERAL_OF:
            return SelectMultipleField(label, validate_choice=False)
        case Kind.CONSENT:
            return BooleanField(label)
        case Kind.FILE:
            return FileField(label)
        case Kind.NUMBER:
            return NumberText(label)
        case Kind.DATE:
            return DateText(label)
        case _:
            return StringField(label)


def offer(field: Field, question: Question) -> None:
    """Fill the choices of an own question in the reader's language."""
    if question.kind is Kind.COUNTRY:
        field.choices = [("", _("Choose a country")), *countries.choices(page_lang())]
    elif question.options:
        found = [(option.key, mark_text(option.label)) for option in question.options]
        none = [("", _("Choose an answer"))] if field.type == "SelectField" else []
        no_answer = [("", _("No answer"))] if field.type == "RadioField" and not question.is_required else []
        field.choices = [*none, *found, *no_answer]


def hint(question: Question) -> Markup:
    """What stands beside an own question: what helps, why it is asked, until when the answer is kept."""
    parts = [mark_text(question.help)] if question.help else []
    if question.purpose:
        parts.append(Markup.escape(_("Why we ask:")) + " " + mark_text(question.purpose))
    if question.delete_on is not None and (question.purpose or question.is_sensitive):
        parts.append(Markup.escape(_("Deleted on %(day)s.", day=date_long(question.delete_on))))
    return Markup("<br>").join(parts)


def kept(value: Any) -> Any:
    """What was typed, as a draft keeps it: cut only far beyond every limit."""
    if isinstance(value, str):
        return value[:KEPT]
    if isinstance(value, list):
        return [str(item)[:40] for item in value[:120]]
    return value if isinstance(value, bool) else ""
