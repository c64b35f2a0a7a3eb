"""What is a form made of? Sections with questions in three languages, as plain values, to and from JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from eventreg.core.trilingual import Text

CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")  # of questions and options; an option's may begin with a digit


class Kind(StrEnum):
    """What is asked for. BUILTIN is a question that the product itself understands; its `code` says which."""

    BUILTIN = "builtin"
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"
    ONE_OF = "one_of"
    SEVERAL_OF = "several_of"
    COUNTRY = "country"
    ORGANISATION = "organisation"
    FILE = "file"
    CONSENT = "consent"


CHOICES = frozenset({Kind.ONE_OF, Kind.SEVERAL_OF})


class Asked(StrEnum):
    """When a section is asked: in the form, or only once a place is confirmed."""

    FORM = "form"
    AFTER = "after"


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from."""

    key: str
    label: Text


@dataclass(frozen=True)
class Test:
    """What must be true of an earlier answer. `op`: is, is_not, answered, empty, at_least, at_most.

    A yes-or-no answer is "yes" or "no" here; of several answers, "is" asks whether one of `values` is among them.
    """

    question: str
    op: str
    values: tuple[str, ...] = ()


OPS = ("is", "is_not", "answered", "empty", "at_least", "at_most")


@dataclass(frozen=True)
class When:
    """A question's condition: all of its tests, or any of them."""

    tests: tuple[Test, ...]
    match: str = "all"


@dataclass(frozen=True)
class Question:
    """A question. `least` and `most` bound a number, the letters of a text, or how many may be chosen.

    `delete_on`: the day on which its answers are erased. Not `is_asked`: kept for its answers, asked no more. Not
    `for_reviewers`: who judges a proposal does not see the answers.
    """

    code: str
    kind: Kind
    label: Text = field(default_factory=Text)
    help: Text = field(default_factory=Text)
    is_required: bool = False
    is_sensitive: bool = False
    purpose: Text = field(default_factory=Text)
    delete_on: date | None = None
    options: tuple[Option, ...] = ()
    least: int | None = None
    most: int | None = None
    when: When | None = None
    is_asked: bool = True
    for_reviewers: bool = True

    @property
    def is_own(self) -> bool:
        """Whether an organiser made it, and its answer is kept with the organiser's own answers."""
        return self.kind is not Kind.BUILTIN


@dataclass(frozen=True)
class Section:
    """Questions that stand on one page under one title; an empty title of a built-in section is said by the product."""

    code: str
    title: Text = field(default_factory=Text)
    intro: Text = field(default_factory=Text)
    asked: Asked = Asked.FORM
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Form:
    """All sections in their order. `version` is 0 for the form nobody changed yet."""

    sections: tuple[Section, ...]
    version: int = 0

    def questions(self, asked: Asked | None = None) -> Iterator[Question]:
        """Every question in the order in which it is asked: those of the form before those that are asked after."""
        for which in Asked:
            if asked in (None, which):
                for section in self.sections:
                    if section.asked is which:
                        yield from section.questions

    def own(self, asked: Asked | None = None) -> Iterator[Question]:
        """The organiser's own questions, also those that are asked no more."""
        return (question for question in self.questions(asked) if question.is_own)

    def find(self, code: str) -> Question | None:
        """The question with this code."""
        return next((question for question in self.questions() if question.code == code), None)

    def section(self, code: str) -> Section | None:
        """The section with this code."""
        return next((section for section in self.sections if section.code == code), None)

    def home_of(self, code: str) -> Section:
        """The section in which this question stands. Raises StopIteration's kin, LookupError, when it stands in none."""
        for section in self.sections:
            if any(question.code == code for question in section.questions):
                return section
        raise LookupError(code)

    def asks(self, code: str) -> bool:
        """Whether this question stands in the form and is asked."""
        question = self.find(code)
        return question is not None and question.is_asked

    def with_section(self, section: Section) -> Form:
        """The same form with this section in the place of the one with its code."""
        return replace(self, sections=tuple(section if s.code == section.code else s for s in self.sections))


# ---- to and from JSON ------------------------------------------------------------------------------------------------


def as_json(form: Form) -> dict[str, Any]:
    """The form as it is stored and exported; what is empty is left out."""
    return {"sections": [_section_json(section) for section in form.sections]}


def _section_json(section: Section) -> dict[str, Any]:
    return _filled(
        {
            "code": section.code, "title": section.title.as_dict(), "intro": section.intro.as_dict(),
            "asked": section.asked.value, "questions": [_question_json(question) for question in section.questions],
        }
    )  # fmt: skip


def _question_json(question: Question) -> dict[str, Any]:
    data = {
        "code": question.code, "kind": question.kind.value, "label": question.label.as_dict(),
        "help": question.help.as_dict(), "required": question.is_required, "sensitive": question.is_sensitive,
        "purpose": question.purpose.as_dict(), "delete_on": question.delete_on.isoformat() if question.delete_on else None,
        "options": [{"key": option.key, "label": option.label.as_dict()} for option in question.options],
        "least": question.least, "most": question.most, "when": _when_json(question.when),
    }  # fmt: skip
    off = {"asked": question.is_asked, "reviewers": question.for_reviewers}  # stored only where they differ from the usual
    return _filled(data) | {name: False for name, is_on in off.items() if not is_on}


def _when_json(when: When | None) -> dict[str, Any] | None:
    if when is None:
        return None
    tests = [_filled({"question": test.question, "op": test.op, "values": list(test.values)}) for test in when.tests]
    return {"match": when.match, "tests": tests}


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not False and value not in (None, "", {}, [])}


def from_json(data: Mapping[str, Any], *, version: int = 0) -> Form:
    """The form that `as_json` wrote."""
    return Form(tuple(_section(section) for section in data["sections"]), version)


def _section(data: Mapping[str, Any]) -> Section:
    return Section(
        data["code"], Text.of(data.get("title", {})), Text.of(data.get("intro", {})), Asked(data.get("asked", "form")),
        tuple(_question(question) for question in data.get("questions", [])),
    )  # fmt: skip


def _question(data: Mapping[str, Any]) -> Question:
    return Question(
        data["code"], Kind(data["kind"]), Text.of(data.get("label", {})), Text.of(data.get("help", {})),
        is_required=data.get("required", False), is_sensitive=data.get("sensitive", False),
        purpose=Text.of(data.get("purpose", {})),
        delete_on=date.fromisoformat(data["delete_on"]) if data.get("delete_on") else None,
        options=tuple(Option(option["key"], Text.of(option.get("label", {}))) for option in data.get("options", [])),
        least=data.get("least"), most=data.get("most"), when=_when(data.get("when")), is_asked=data.get("asked", True),
        for_reviewers=data.get("reviewers", True),
    )  # fmt: skip


def _when(data: Mapping[str, Any] | None) -> When | None:
    if data is None:
        return None
    tests = (Test(test["question"], test["op"], tuple(test.get("values", ()))) for test in data["tests"])
    return When(tuple(tests), data.get("match", "all"))
