"""What an organiser does to a form: each step takes a form and gives the next one. Whether that may be asked, `checking` says."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from eventreg.core.questions.shape import CODE, Asked, Form, Question, Section
from eventreg.core.refusals import Refusal, Refused

Edit = Callable[[Form], Form]


@dataclass(frozen=True)
class Wish:
    """What is wished: the form is edited so, and the record says this of it. `asks_first`: even where no answer is concerned."""

    edit: Edit
    facts: Mapping[str, Any]
    asks_first: bool = False


def free_code(form: Form, wanted: Iterable[str], *, reserved: Collection[str] = (), otherwise: str = "question") -> str:
    """A code that no section or question has, made of the first of `wanted` that has Latin letters to make one of."""
    taken = {section.code for section in form.sections} | {question.code for question in form.questions()} | set(reserved)
    made = (re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:24].rstrip("_") for words in wanted)
    base = next((code for code in made if CODE.fullmatch(code)), otherwise)
    number = 1
    while (code := base if number == 1 else f"{base}_{number}") in taken:
        number += 1
    return code


def found(form: Form, code: str) -> Question:
    """The question with this code. Raises Refused (question.unknown)."""
    question = form.find(code)
    if question is None:
        raise Refused(Refusal("question.unknown"))
    return question


def section_of(form: Form, code: str) -> Section:
    """The section with this code. Raises Refused (question.unknown)."""
    section = form.section(code)
    if section is None:
        raise Refused(Refusal("question.unknown"))
    return section


# ---- questions -------------------------------------------------------------------------------------------------------


def with_question(form: Form, question: Question, *, in_section: str) -> Form:
    """The form with this question: in its place where it stood in this section, else at the end of the section."""
    target = section_of(form, in_section)
    if form.find(question.code) is None:
        return form.with_section(_with_questions(target, [*target.questions, question]))
    home = form.home_of(question.code)
    changed = form.with_section(_with_questions(home, [question if q.code == question.code else q for q in home.questions]))
    return changed if home.code == in_section else moved(changed, question.code, to_section=in_section)


def moved(form: Form, code: str, *, to_section: str) -> Form:
    """The form with a question at the end of another section."""
    question = found(form, code)
    section_of(form, to_section)
    form = form.with_section(_without(form.home_of(code), code))
    target = section_of(form, to_section)
    return form.with_section(_with_questions(target, [*target.questions, question]))


def shifted(form: Form, code: str, *, by: int) -> Form:
    """The form with a question one place up (-1) or down (1) inside its section; at the edge it stays."""
    found(form, code)
    home = form.home_of(code)
    questions = list(home.questions)
    at = next(number for number, question in enumerate(questions) if question.code == code)
    if 0 <= at + by < len(questions):
        questions[at], questions[at + by] = questions[at + by], questions[at]
    return form.with_section(_with_questions(home, questions))


def asking(form: Form, code: str, *, is_asked: bool) -> Form:
    """The form with a question that is asked no more, or again; what was answered stays."""
    question = replace(found(form, code), is_asked=is_asked)
    return with_question(form, question, in_section=form.home_of(code).code)


def removed(form: Form, code: str) -> Form:
    """The form without this question. Raises Refused (question.unknown, question.in_use: a condition asks about it)."""
    found(form, code)
    if any(test.question == code for question in form.questions() if question.when for test in question.when.tests):
        raise Refused(Refusal("question.in_use"))
    return form.with_section(_without(form.home_of(code), code))


def _without(section: Section, code: str) -> Section:
    return _with_questions(section, [question for question in section.questions if question.code != code])


def _with_questions(section: Section, questions: list[Question]) -> Section:
    return replace(section, questions=tuple(questions))


# ---- sections --------------------------------------------------------------------------------------------------------


def ordered(form: Form) -> list[Section]:
    """The sections as they are asked: those of the form, then those that are asked after a place is confirmed."""
    return [section for which in Asked for section in form.sections if section.asked is which]


def with_section(form: Form, section: Section, *, code: str = "") -> Form:
    """The form with this section in the place of the one with `code`, at the end where there is none; it keeps its questions."""
    if not code:
        return replace(form, sections=(*form.sections, section))
    section = replace(section, questions=section_of(form, code).questions)
    return replace(form, sections=tuple(section if s.code == code else s for s in form.sections))


def shifted_section(form: Form, code: str, *, by: int) -> Form:
    """The form with a section before (-1) or after (1) its neighbour of the same kind; at the edge it stays."""
    section = section_of(form, code)
    row = ordered(form)
    at = row.index(section)
    if 0 <= at + by < len(row) and row[at + by].asked is section.asked:
        row[at], row[at + by] = row[at + by], row[at]
    return replace(form, sections=tuple(row))


def removed_section(form: Form, code: str) -> Form:
    """The form without this section. Raises Refused (question.unknown, question.section_in_use: it has questions)."""
    if section_of(form, code).questions:
        raise Refused(Refusal("question.section_in_use"))
    return replace(form, sections=tuple(section for section in form.sections if section.code != code))
