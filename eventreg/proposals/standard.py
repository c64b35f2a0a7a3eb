"""Which questions does the call understand by itself, and with which form does a call begin? Pure."""

from __future__ import annotations

from collections.abc import Mapping

from eventreg.core.questions.checking import Testable
from eventreg.core.questions.shape import Form, Kind, Question, Section
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


def form() -> Form:
    """The form that every call begins with."""
    return Form(
        tuple(
            Section(name, questions=tuple(Question(code, Kind.BUILTIN, is_required=True) for code in codes))
            for name, codes in SECTIONS.items()
        )
    )


def field_of(name: str, lang: str) -> str:
    """The field of a text in one language: "title", "fr" → "title_fr"."""
    return f"{name}_{lang}"
