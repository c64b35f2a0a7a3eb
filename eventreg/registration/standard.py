"""Which questions does registration understand by itself, and with which form does an event begin? Pure."""

from __future__ import annotations

from collections.abc import Mapping

from eventreg.core.questions.checking import Testable, why_not_form
from eventreg.core.questions.shape import Asked, Form, Kind, Question, Section
from eventreg.core.refusals import Refusal
from eventreg.people import rules as people

# each built-in question and the answers it gives
FIELDS: Mapping[str, tuple[str, ...]] = {
    "email": ("email",),
    "name": ("name_latin", "name_arabic"),
    "country": ("country",),
    "organisation": ("organisation_name", "organisation_code", "sector"),
    "position": ("position",),
    "phone": ("phone",),
    "days": ("days",),
    "languages": ("languages",),
    "access": ("access",),
    "diet": ("diet",),
    "gender": ("gender",),
    "wants_visa_letter": ("wants_visa_letter",),
    "consents_photo": ("consents_photo",),
    "consents_contact": ("consents_contact",),
}
QUESTION_OF: Mapping[str, str] = {field: code for code, fields in FIELDS.items() for field in fields}

ALWAYS_ASKED = frozenset({"email", "name", "country", "organisation", "days", "languages"})
MAY_BE_REQUIRED = frozenset({"position", "phone"})
SENSITIVE = frozenset({"access", "diet", "gender"})  # kept apart, read by few

SECTORS = people.SECTORS
GENDERS = ("woman", "man", "other")
LANGUAGES = ("ar", "fr", "en")

_YES_NO = frozenset({"yes", "no"})
# what conditions may ask about
TESTABLE: Mapping[str, Testable] = {
    "sector": Testable("organisation", frozenset(SECTORS)),
    "country": Testable("country"),
    "days": Testable("days"),
    "languages": Testable("languages", frozenset(LANGUAGES)),
    "gender": Testable("gender", frozenset(GENDERS)),
    "wants_visa_letter": Testable("wants_visa_letter", _YES_NO),
    "consents_photo": Testable("consents_photo", _YES_NO),
    "consents_contact": Testable("consents_contact", _YES_NO),
}

# the built-in sections and what stands in them at first
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "email": ("email",),
    "name": ("name",),
    "organisation": ("country", "organisation", "position", "phone"),
    "needs": ("days", "languages", "access", "diet", "gender", "wants_visa_letter"),
    "consent": ("consents_photo", "consents_contact"),
}
_NOT_AT_FIRST = frozenset({"gender"})  # asked only where somebody needs the totals


def form() -> Form:
    """The form that every event begins with: five sections of built-in questions, whose words the product has."""
    return Form(
        tuple(
            Section(name, questions=tuple(Question(code, Kind.BUILTIN, is_asked=code not in _NOT_AT_FIRST) for code in codes))
            for name, codes in SECTIONS.items()
        )
    )


RESERVED = frozenset({"check", "done", "closed", "anew", "new"})  # addresses beside those of the sections
# what an own question or section cannot be called: conditions and addresses would not tell them apart
TAKEN = RESERVED | frozenset(FIELDS) | frozenset(QUESTION_OF)


def why_not(form: Form) -> Refusal | None:
    """Say why registration cannot work with this form, or None: what it needs is asked, and asked in the form."""
    if [question.code for question in form.sections[0].questions] != ["email"] or form.sections[0].code != "email":
        return Refusal("question.email_first")
    built_in = [question for question in form.questions() if not question.is_own]
    is_whole = sorted(question.code for question in built_in) == sorted(FIELDS)
    if not is_whole or any(form.section(code) is None for code in SECTIONS):
        return Refusal("question.built_in")
    if any(not question.is_asked and question.code in ALWAYS_ASKED for question in built_in):
        return Refusal("question.always_asked")
    if any(question.is_required and question.code not in MAY_BE_REQUIRED for question in built_in):
        return Refusal("question.built_in")
    if any(not question.is_own for question in form.questions(Asked.AFTER)):
        return Refusal("question.built_in_after")
    own = {question.code for question in form.own()}
    sections = {section.code for section in form.sections} - set(SECTIONS)
    if own & TAKEN or sections & TAKEN:
        return Refusal("question.code_taken")
    return why_not_form(form, testable=TESTABLE)
