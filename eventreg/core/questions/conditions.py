"""Is this question asked of this person? The page and the server decide by the same tests (static/js/behaviours/conditions.js)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from eventreg.core.questions.shape import Question, Section, Test, When

Facts = Mapping[str, Any]  # answers by question: a string, a yes or no, or a list of strings
FieldsOf = Callable[[Question], Iterable[str]]  # the names of the answers that a question asks for


def is_asked(question: Question, facts: Facts) -> bool:
    """Whether the question is asked of somebody with these answers to the questions before it."""
    return question.is_asked and (question.when is None or holds(question.when, facts))


def holds(when: When, facts: Facts) -> bool:
    """Whether a condition is true of these answers; without a test it is."""
    results = [passes(test, facts) for test in when.tests]
    return all(results) if when.match == "all" or not results else any(results)


def passes(test: Test, facts: Facts) -> bool:
    """Whether one test is true. An answer that is not there, or of a hidden question, is empty: "is not" is true of it."""
    given = given_values(facts.get(test.question))
    match test.op:
        case "answered":
            return bool(given)
        case "empty":
            return not given
        case "is":
            return any(value in test.values for value in given)
        case "is_not":
            return not any(value in test.values for value in given)
        case "at_least":
            return any(_compares(value, test.values[0], lambda given, bound: given >= bound) for value in given)
        case _:
            return any(_compares(value, test.values[0], lambda given, bound: given <= bound) for value in given)


def given_values(value: Any) -> list[str]:
    """An answer as strings to compare: yes and no for a box, every choice of several, nothing for no answer.

    An unticked box is "no", not an absent answer.
    """
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    if isinstance(value, Mapping):
        return [str(value.get("name", ""))] if value.get("name") else []
    return [str(value)] if value not in (None, "") else []


def shown_on(section: Section, known: Facts, fields_of: FieldsOf) -> dict[str, When | None]:
    """The questions that the page of this section shows, in order: those that are asked by what is known, or by what the
    same page asks. With each what is still open about it, where that is to be answered on the very page.
    """
    found: dict[str, When | None] = {}
    here: set[str] = set()  # the answers that this page asks for
    for question in section.questions:
        when = question.when or When(())
        still_open = tuple(test for test in when.tests if test.question in here)
        if question.is_asked and (holds(when, known) or _may_become_true(when, here, known)):
            found[question.code] = When(still_open, when.match) if still_open and not _holds_without(when, here, known) else None
            here |= {question.code, *fields_of(question)}
    return found


def open_on(section: Section, fields_of: FieldsOf) -> dict[str, When | None]:
    """The same for a page of which nothing is known but itself: what other pages decide is taken to hold."""
    found: dict[str, When | None] = {}
    here: set[str] = set()
    for question in section.questions:
        if question.is_asked:
            when = question.when or When(())
            tests = tuple(test for test in when.tests if test.question in here)
            is_open = len(tests) == len(when.tests) or when.match == "all"
            found[question.code] = When(tests, when.match) if tests and is_open else None
            here |= {question.code, *fields_of(question)}
    return found


def _may_become_true(when: When, here: Collection[str], known: Facts) -> bool:
    """Whether what only this page can decide may make the condition true."""
    others = _without(when, here)
    return len(others.tests) < len(when.tests) and (when.match == "any" or holds(others, known))


def _holds_without(when: When, here: Collection[str], known: Facts) -> bool:
    others = _without(when, here)
    return when.match == "any" and bool(others.tests) and holds(others, known)


def _without(when: When, here: Collection[str]) -> When:
    return When(tuple(test for test in when.tests if test.question not in here), when.match)


def _compares(value: str, bound: str, how: Callable[[Decimal, Decimal], bool]) -> bool:
    try:
        return how(Decimal(value), Decimal(bound))
    except InvalidOperation:
        return False
