"""What do the cells of an own question's column answer? Keys or words of options, in any language; judged as in the form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from eventreg.core import text
from eventreg.core.questions import judging
from eventreg.core.questions.shape import Form, Kind, Question
from eventreg.core.refusals import Refused
from eventreg.imports import rules, values
from eventreg.imports.columns import OWN
from eventreg.imports.rules import Told

_BETWEEN = re.compile(r"[,;،؛|\n]+")


def read(
    cells: Mapping[str, str], form: Form, facts: Mapping[str, Any], held: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Told]]:
    """The answers that the cells hold, by question, and what is wrong with them.

    `facts`: the answers to built-in questions that decide which are asked; `held`: own answers on record, which count where
    the file says nothing. What is not asked of this person is dropped, and said; what a required question lacks is not said:
    the person finds it as a task on their page.
    """
    given = [question for question in form.own() if OWN + question.code in cells]
    new, told = raw_of(cells, given)
    raw = {judging.field_name(code): value for code, value in {**held, **new}.items()}
    judged = judging.judge(form, raw, facts, asked=None)
    wrong = {one.column for one in told}
    found: dict[str, Any] = {}
    for question in given:
        column = OWN + question.code
        if column in wrong:
            continue
        if question.code in judged.problems:
            told.append(Told("error", judged.problems[question.code], column))
        elif question.code in judged.hidden:
            told.append(rules.warning("imports.not_asked", column))
        elif question.code in judged.values:
            found[question.code] = judged.values[question.code]
    return found, told


def raw_of(cells: Mapping[str, str], questions: Iterable[Question]) -> tuple[dict[str, Any], list[Told]]:
    """What the cells answer, by question, as the form would send it; and which cells cannot be read."""
    found: dict[str, Any] = {}
    told: list[Told] = []
    for question in questions:
        column = OWN + question.code
        try:
            if column in cells:
                found[question.code] = _read(question, cells[column])
        except Refused as refused:
            told.append(Told("error", refused.refusal, column))
    return found, told


def _read(question: Question, cell: str) -> Any:
    readers: Mapping[Kind, Callable[[str], Any]] = {
        Kind.ONE_OF: lambda typed: _option(question, typed),
        Kind.SEVERAL_OF: lambda typed: _options(question, typed),
        Kind.COUNTRY: values.country,
        Kind.CONSENT: values.yes,
    }
    return readers.get(question.kind, str)(cell)


def _option(question: Question, typed: str) -> str:
    """The key of the option that is meant by its key or by its words; what is none is left for the judge to refuse."""
    wanted = text.fold(typed)
    for option in question.options:
        if wanted in {text.fold(words) for words in (option.key, option.label.ar, option.label.fr, option.label.en) if words}:
            return option.key
    return text.clean_line(typed)


def _options(question: Question, typed: str) -> list[str]:
    known = {option.key for option in question.options}
    words = text.clean_line(typed).split()
    parts = words if set(words) <= known else [part for part in _BETWEEN.split(typed) if part.strip()]
    return [_option(question, part) for part in parts]
