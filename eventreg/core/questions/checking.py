"""Is this form well made? What an organiser is told while building it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eventreg.core.questions.shape import CHOICES, CODE, OPS, Form, Kind, Question, Section, Test
from eventreg.core.refusals import Refusal
from eventreg.core.trilingual import LANGS, Text

MOST_SECTIONS, MOST_QUESTIONS, MOST_OPTIONS = 30, 200, 100
_OPTION_KEY = re.compile(r"[a-z0-9][a-z0-9_]{0,29}")


@dataclass(frozen=True)
class Testable:
    """An answer of the product's own that a condition may ask about: of which question, its possible values (none: any)."""

    question: str
    values: frozenset[str] = frozenset()


def why_not_form(form: Form, *, testable: Mapping[str, Testable]) -> Refusal | None:
    """Say why this form cannot be saved, or None. `testable`: the answers to built-in questions that conditions may use."""
    if len(form.sections) > MOST_SECTIONS or sum(1 for _question in form.questions()) > MOST_QUESTIONS:
        return Refusal("question.form_too_long", {"sections": MOST_SECTIONS, "questions": MOST_QUESTIONS})
    sections, questions = [section.code for section in form.sections], [question.code for question in form.questions()]
    if len(set(sections)) < len(sections) or len(set(questions)) < len(questions):
        return Refusal("question.code_taken")
    known: dict[str, Question] = {}
    for question in form.questions():
        refusal = why_not_question(question) if question.is_own else None
        refusal = refusal or _why_not_when(question, known, testable)
        if refusal is not None:
            return refusal
        known[question.code] = question
    return None


def why_not_question(question: Question) -> Refusal | None:
    """Say what is wrong with an own question by itself, or None."""
    params = {"question": question.code}
    if not CODE.fullmatch(question.code):
        return Refusal("question.bad_code", params)
    if not question.label:
        return Refusal("question.no_label", params)
    if question.kind in CHOICES and (refusal := _why_not_options(question)):
        return refusal
    if question.least is not None and question.most is not None and question.least > question.most:
        return Refusal("question.bounds_reversed", params)
    if question.is_sensitive and not question.purpose:
        return Refusal("question.no_purpose", params)
    if question.is_sensitive and question.delete_on is None:
        return Refusal("question.no_delete_on", params)
    return None


def _why_not_options(question: Question) -> Refusal | None:
    keys = [option.key for option in question.options]
    if len(keys) < 2:
        return Refusal("question.too_few_options", {"question": question.code})
    if len(keys) > MOST_OPTIONS:
        return Refusal("question.too_many_options", {"limit": MOST_OPTIONS})
    if len(set(keys)) < len(keys) or not all(_OPTION_KEY.fullmatch(key) for key in keys):
        return Refusal("question.option_twice", {"question": question.code})
    if not all(option.label for option in question.options):
        return Refusal("question.option_empty", {"question": question.code})
    return None


def _why_not_when(
    question: Question, known: Mapping[str, Question], testable: Mapping[str, Testable]
) -> Refusal | None:
    """A condition may only ask about questions that come before, and about answers that can be given."""
    for test in question.when.tests if question.when else ():
        params = {"question": question.code, "about": test.question}
        possible = _possible(test.question, known, testable)
        is_file = (about := known.get(test.question)) is not None and about.kind is Kind.FILE
        only_whether = test.op in ("answered", "empty")
        if test.op not in OPS or possible is None or (is_file and not only_whether):
            return Refusal("question.condition_unknown", params)
        if not only_whether and not _fits(test, possible):
            return Refusal("question.condition_value", params)
    return None


def _possible(name: str, known: Mapping[str, Question], testable: Mapping[str, Testable]) -> frozenset[str] | None:
    """The answers that a test can ask about (none listed: any), None when nothing of this name was asked before."""
    if name in testable:
        return testable[name].values if testable[name].question in known else None
    about = known.get(name)
    return answers_of(about) if about is not None and about.is_own else None


def _fits(test: Test, possible: frozenset[str]) -> bool:
    if test.op in ("at_least", "at_most"):
        return len(test.values) == 1 and re.fullmatch(r"-?\d{1,12}(\.\d{1,2})?", test.values[0]) is not None
    return bool(test.values) and (not possible or set(test.values) <= possible)


def answers_of(question: Question) -> frozenset[str]:
    """The answers that can be given to an own question, where they can be listed; an empty set where they cannot."""
    if question.kind in CHOICES:
        return frozenset(option.key for option in question.options)
    return frozenset({"yes", "no"}) if question.kind is Kind.CONSENT else frozenset()


def missing_words(form: Form) -> Iterator[tuple[str, str, str]]:
    """(code, what, language) of each text that one language has and another lacks; what: title, intro, label, help …"""
    for section in form.sections:
        yield from ((section.code, what, lang) for what, lang in _missing(_section_texts(section)))
        for question in section.questions:
            yield from ((question.code, what, lang) for what, lang in _missing(_question_texts(question)))


def _section_texts(section: Section) -> list[tuple[str, Text]]:
    return [("title", section.title), ("intro", section.intro)]


def _question_texts(question: Question) -> list[tuple[str, Text]]:
    own = [("label", question.label), ("help", question.help), ("purpose", question.purpose)]
    return own + [("option", option.label) for option in question.options]


def _missing(texts: list[tuple[str, Text]]) -> Iterator[tuple[str, str]]:
    for what, words in texts:
        if words:
            yield from ((what, lang) for lang in LANGS if not getattr(words, lang))
