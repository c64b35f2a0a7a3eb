"""Which questions does the call understand by itself, and with which form does a call begin? Pure."""

from __future__ import annotations

from collections.abc import Mapping

from eventreg.core.questions.checking import Testable, why_not_form
from eventreg.core.questions.shape import Form, Kind, Question, Section
from eventreg.core.refusals import Refusal
from eventreg.core.trilingual import LANGS

PURPOSE = "call"  # of the questions in core.questions.store

# the texts of a proposal, written in one language at least, and how many words each may have
WORDS: Mapping[str, int] = {"title": 20, "summary": 120, "approach": 300, "objectives": 200, "outputs": 200}
TITLE_SIGNS = 150

# each built-in question and the answers it gives
FIELDS: Mapping[str, tuple[str, ...]] = {
    **{name: tuple(f"{name}_{lang}" for lang in LANGS) for name in WORDS},
    "track": ("track",),
    "format": ("format",),
    "spoken": ("spoken",),
    "size": ("size_min", "size_max"),
}
QUESTION_OF: Mapping[str, str] = {field: code for code, fields in FIELDS.items() for field in fields}

ALWAYS_ASKED = frozenset({"title", "track", "summary"})  # and always required: nothing can be judged without them
MAY_BE_REQUIRED = frozenset(FIELDS) - ALWAYS_ASKED

# what conditions may ask about
TESTABLE: Mapping[str, Testable] = {
    "track": Testable("track"),
    "format": Testable("format"),
    "spoken": Testable("spoken", frozenset(LANGS)),
}

# the built-in sections and what stands in them: the parts of UX 4.3, without the people, who are no answers
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "track", "summary"),
    "approach": ("approach",),
    "objectives": ("objectives",),
    "outputs": ("outputs",),
    "practical": ("format", "spoken", "size"),
}
MOST_PEOPLE = 5000

# what an own question or section cannot be called: conditions and addresses would not tell them apart
TAKEN = frozenset({"new", "people"}) | frozenset(FIELDS) | frozenset(QUESTION_OF)


def form() -> Form:
    """The form that every call begins with."""
    return Form(
        tuple(
            Section(name, questions=tuple(Question(code, Kind.BUILTIN, is_required=True) for code in codes))
            for name, codes in SECTIONS.items()
        )
    )


def why_not(form: Form) -> Refusal | None:
    """Say why the call cannot work with this form, or None: what a proposal is judged by is asked."""
    built_in = [question for question in form.questions() if not question.is_own]
    is_whole = sorted(question.code for question in built_in) == sorted(FIELDS)
    if not is_whole or any(form.section(code) is None for code in SECTIONS):
        return Refusal("question.built_in")
    if any(question.code in ALWAYS_ASKED and not (question.is_asked and question.is_required) for question in built_in):
        return Refusal("call.always_asked")
    own = {question.code for question in form.own()}
    sections = {section.code for section in form.sections} - set(SECTIONS)
    if own & TAKEN or sections & TAKEN:
        return Refusal("question.code_taken")
    return why_not_form(form, testable=TESTABLE)


def field_of(name: str, lang: str) -> str:
    """The field of a text in one language: "title", "fr" → "title_fr"."""
    return f"{name}_{lang}"
