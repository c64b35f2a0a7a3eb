"""What is wrong with an answer or a question, and when a question is asked: in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eventreg.core import countries, refusals
from eventreg.core.i18n import date_long, page_lang
from eventreg.core.questions.conditions import given_values
from eventreg.core.questions.shape import CHOICES, Kind, Question, Test, When

# what a condition's question and its values are called
Naming = Callable[[str], str]
ValueNaming = Callable[[str, str], str]


def condition(when: When, *, name_of: Naming, value_of: ValueNaming) -> str:
    """The condition as a sentence: "Only if sector is “Civil society” and visa letter is “yes”."."""
    joint = _(" and ") if when.match == "all" else _(" or ")
    parts = [_test(test, name_of, value_of) for test in when.tests]
    words: str = _("Only if %(tests)s.", tests=joint.join(parts))
    return words


def _test(test: Test, name_of: Naming, value_of: ValueNaming) -> str:
    name = name_of(test.question)
    values = _(" or ").join(_("“%(value)s”", value=value_of(test.question, value)) for value in test.values)
    sentences = {
        "is": _("%(question)s is %(values)s", question=name, values=values),
        "is_not": _("%(question)s is not %(values)s", question=name, values=values),
        "answered": _("%(question)s is answered", question=name),
        "empty": _("%(question)s is not answered", question=name),
        "at_least": _("%(question)s is at least %(values)s", question=name, values=values),
        "at_most": _("%(question)s is at most %(values)s", question=name, values=values),
    }
    return str(sentences[test.op])


def said(question: Question, value: Any) -> str:
    """An answer as people read it: the words of options, the name of a country, a day in full; '' for none."""
    if value in (None, "", []):
        return ""
    if question.kind in CHOICES:
        labels = {option.key: option.label.in_(page_lang()) for option in question.options}
        return str(_(", ")).join(labels.get(key, key) for key in given_values(value))
    match question.kind:
        case Kind.COUNTRY:
            return countries.name(str(value), page_lang())
        case Kind.DATE:
            return date_long(date.fromisoformat(str(value)))
        case Kind.CONSENT:
            return str(_("Yes") if value is True else _("No"))
        case Kind.FILE:
            return str(value.get("name", ""))
        case _:
            return str(value)


def value(question: Question, given: str) -> str:
    """What a condition calls an answer to an own question: the words of an option, the name of a country, yes or no."""
    if question.kind is Kind.COUNTRY:
        return countries.name(given, page_lang()) if countries.is_country(given) else given
    if question.kind is Kind.CONSENT:
        return str(_("yes") if given == "yes" else _("no"))
    return {option.key: option.label.in_(page_lang()) for option in question.options}.get(given, given)


def _too_few(params: Mapping[str, Any]) -> str:
    return str(ngettext("Choose at least %(num)s answer.", "Choose at least %(num)s answers.", params["limit"]))


def _too_many(params: Mapping[str, Any]) -> str:
    return str(ngettext("Choose at most %(num)s answer.", "Choose at most %(num)s answers.", params["limit"]))


refusals.texts.update(
    {
        "question.missing": _l("This question needs an answer."),
        "question.must_agree": _l("Without your agreement the form cannot be sent."),
        "question.too_long": _l("This is too long: at most %(limit)s characters; now there are %(length)s."),
        "question.too_short": _l("This is too short: at least %(limit)s characters; now there are %(length)s."),
        "question.not_a_number": _l("Enter a number, for example 12 or 12.5."),
        "question.too_small": _l("Enter a number of at least %(limit)s."),
        "question.too_large": _l("Enter a number of at most %(limit)s."),
        "question.not_an_option": _l("Choose one of the answers that are offered."),
        "question.too_few": _too_few,
        "question.too_many": _too_many,
        "question.form_changed": _l("The questions were changed in the meantime. Look at them again, then save."),
        "question.form_too_long": _l("At most %(sections)s sections and %(questions)s questions fit into one form."),
        "question.code_taken": _l("Two questions or sections have the same short name. Choose another."),
        "question.bad_code": _l("A short name is made of a to z, 0 to 9 and _, and begins with a letter; at most 30."),
        "question.no_label": _l("Write the question in at least one language."),
        "question.bounds_reversed": _l("The smallest value must not be above the largest."),
        "question.no_purpose": _l("Say why you ask: the law wants a purpose for sensitive answers, and people read it."),
        "question.no_delete_on": _l("Say on which day the sensitive answers are deleted."),
        "question.too_few_options": _l("Give at least two answers to choose from."),
        "question.too_many_options": _l("At most %(limit)s answers to choose from."),
        "question.option_twice": _l("Two answers have the same short name."),
        "question.option_empty": _l("Each answer needs words in at least one language."),
        "question.condition_unknown": _l("The condition asks about a question that does not come before this one."),
        "question.condition_value": _l("The condition asks for an answer that cannot be given."),
        "question.unknown": _l("This question or section is not in the form any more."),
        "question.section_in_use": _l("This section has questions. Move or delete them first."),
        "question.in_use": _l("A condition of another question asks about this one. Change that condition first."),
    }
)
