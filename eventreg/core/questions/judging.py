"""Does this answer hold? One judge for the page, the import and the program: hidden questions have no answer, whatever was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from eventreg.core import countries, text, times
from eventreg.core.questions.conditions import Facts, is_asked
from eventreg.core.questions.shape import Asked, Form, Kind, Question
from eventreg.core.refusals import Refusal, Refused

TEXT_LIMIT, LONG_LIMIT, ORGANISATION_LIMIT = 200, 3000, 200
_PREFIX = "q_"


def field_name(code: str) -> str:
    """The name under which a form sends the answer to an own question."""
    return _PREFIX + code


@dataclass(frozen=True)
class Judged:
    """Clean answers by question; what is wrong by question; those not asked of this person; all that were judged.

    `known` is what conditions ask about: the answers, and the unticked boxes as a no.
    """

    values: dict[str, Any]
    known: dict[str, Any]
    problems: dict[str, Refusal]
    hidden: frozenset[str]
    judged: frozenset[str]


def judge(form: Form, raw: Mapping[str, Any], facts: Facts, *, asked: Asked | None = Asked.FORM) -> Judged:
    """Judge the own questions of a form in their order.

    `raw` holds what was sent by `field_name`, `facts` the clean answers to the product's own questions; an answer counts for
    the conditions of the questions after it. `asked` None judges those of the form and those that are asked after.
    Questions that are asked no more are left alone.
    """
    asking = [question for question in form.own(asked) if question.is_asked]
    known: dict[str, Any] = dict(facts)
    values: dict[str, Any] = {}
    problems: dict[str, Refusal] = {}
    hidden: set[str] = set()
    for question in asking:
        if not is_asked(question, known):
            hidden.add(question.code)
            continue
        if question.kind is Kind.CONSENT:
            known[question.code] = raw.get(field_name(question.code)) is True  # unticked, it is a no, as on the page
        try:
            value = clean(question, raw.get(field_name(question.code)))
        except Refused as error:
            problems[question.code] = error.refusal
            continue
        if value is not None:
            values[question.code] = known[question.code] = value
    return Judged(values, known, problems, frozenset(hidden), frozenset(question.code for question in asking))


def clean(question: Question, given: Any) -> Any:
    """The answer as it is kept: a string, a list of option keys, True, a mapping for organisation and file; None for none.

    Raises Refused (question.missing, question.too_long, question.not_a_number, times.not_a_date, …).
    """
    value = _CLEANERS[question.kind](question, given)
    if value is None and question.is_required:
        raise Refused(Refusal("question.must_agree" if question.kind is Kind.CONSENT else "question.missing"))
    return value


def _string(given: Any) -> str:
    return given if isinstance(given, str) else ""


def _text(question: Question, given: Any) -> str | None:
    return _within(text.clean_line(_string(given)), question, TEXT_LIMIT)


def _long_text(question: Question, given: Any) -> str | None:
    return _within(text.clean_text(_string(given)), question, LONG_LIMIT)


def _within(value: str, question: Question, limit: int) -> str | None:
    if not value:
        return None
    length, most = text.graphemes(value), min(question.most or limit, limit)
    if length > most:
        raise Refused(Refusal("question.too_long", {"limit": most, "length": length}))
    if question.least is not None and length < question.least:
        raise Refused(Refusal("question.too_short", {"limit": question.least, "length": length}))
    return value


def number(typed: str) -> Decimal | None:
    """A number typed with digits of any script, with a point or a comma before at most two decimals; None for nothing.

    Raises Refused (question.not_a_number).
    """
    line = text.latin_digits(text.clean_line(typed)).replace("−", "-").replace("٫", ".").replace(" ", "").replace("\u202f", "")
    if not line:
        return None
    digits = line.replace(",", ".", 1).removeprefix("-")
    whole, _point, decimals = digits.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 12 and len(decimals) <= 2 and (decimals or "0").isdigit()):
        raise Refused(Refusal("question.not_a_number"))
    try:
        return Decimal(("-" if line.startswith("-") else "") + digits.rstrip("."))
    except InvalidOperation:
        raise Refused(Refusal("question.not_a_number")) from None


def _number(question: Question, given: Any) -> str | None:
    value = number(_string(given)[:60])
    if value is None:
        return None
    if question.least is not None and value < question.least:
        raise Refused(Refusal("question.too_small", {"limit": question.least}))
    if question.most is not None and value > question.most:
        raise Refused(Refusal("question.too_large", {"limit": question.most}))
    return f"{value.normalize():f}" if value else "0"


def _date(question: Question, given: Any) -> str | None:
    typed = text.clean_line(_string(given))
    return times.day(typed).isoformat() if typed else None


def _one_of(question: Question, given: Any) -> str | None:
    key = _string(given)
    if not key:
        return None
    if key not in {option.key for option in question.options}:
        raise Refused(Refusal("question.not_an_option"))
    return key


def _several_of(question: Question, given: Any) -> list[str] | None:
    sent = [item for item in given if isinstance(item, str)] if isinstance(given, list | tuple) else []
    keys = [option.key for option in question.options]
    if not set(sent) <= set(keys):
        raise Refused(Refusal("question.not_an_option"))
    chosen = [key for key in keys if key in sent]
    if chosen and question.least is not None and len(chosen) < question.least:
        raise Refused(Refusal("question.too_few", {"limit": question.least}))
    if question.most is not None and len(chosen) > question.most:
        raise Refused(Refusal("question.too_many", {"limit": question.most}))
    return chosen or None


def _country(question: Question, given: Any) -> str | None:
    code = _string(given).strip().upper()
    if code and not countries.is_country(code):
        raise Refused(Refusal("question.not_an_option"))
    return code or None


def _organisation(question: Question, given: Any) -> str | None:
    return _within(text.clean_line(_string(given)), question, ORGANISATION_LIMIT)


def _file(question: Question, given: Any) -> dict[str, Any] | None:
    """Only the server writes what a file's answer holds: its code, name and size."""
    if not isinstance(given, Mapping) or not isinstance(given.get("code"), str):
        return None
    return {name: given[name] for name in ("code", "name", "size") if name in given}


def _consent(question: Question, given: Any) -> bool | None:
    return True if given is True else None


_CLEANERS: Mapping[Kind, Callable[[Question, Any], Any]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _long_text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.ONE_OF: _one_of,
    Kind.SEVERAL_OF: _several_of,
    Kind.COUNTRY: _country,
    Kind.ORGANISATION: _organisation,
    Kind.FILE: _file,
    Kind.CONSENT: _consent,
}


def is_over(question: Question, today: date) -> bool:
    """Whether the day of deletion of this question's answers has come."""
    return question.delete_on is not None and question.delete_on <= today
