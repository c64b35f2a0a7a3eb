"""Is this question asked of this person? The page and the server decide by the same tests (static/js/behaviours/conditions.js)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from eventreg.core.questions.shape import Question, Test, When

Facts = Mapping[str, Any]  # answers by question: a string, a yes or no, or a list of strings


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


def _compares(value: str, bound: str, how: Callable[[Decimal, Decimal], bool]) -> bool:
    try:
        return how(Decimal(value), Decimal(bound))
    except InvalidOperation:
        return False
