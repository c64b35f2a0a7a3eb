"""What do the pages of the builder know of the form on which they work? Registration and the call have one each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask_babel import lazy_gettext as _l

from eventreg.core import clock, countries
from eventreg.core.audit import Actor
from eventreg.core.i18n import LANGS, page_lang
from eventreg.core.questions import checking, words
from eventreg.core.questions.checking import Testable
from eventreg.core.questions.editing import Wish
from eventreg.core.questions.shape import Form, Kind, Question, Section, When
from eventreg.manage import builder_words
from eventreg.manage.people import may_see_needs
from eventreg.manage.side import side
from eventreg.proposals import form_changes as call_changes
from eventreg.proposals import forms as call_forms
from eventreg.proposals import queries as call_queries
from eventreg.proposals import standard as call_standard
from eventreg.registration import form_changes, forms, queries, standard

Told = list[dict[str, Any]]


@dataclass(frozen=True)
class Builder:
    """A form in force and how it is changed; what the product itself asks in it, and how that is called.

    `prefix` begins the names of its pages: `manage.question` is registration's, `manage.call_question` the call's.
    """

    prefix: str
    heading: Any
    form: Form
    sections: Collection[str]  # built in
    always_asked: Collection[str]
    may_be_required: Collection[str]
    taken: Collection[str]
    testable: Mapping[str, Testable]
    title_of: Callable[[Section], Any]
    label_of: Callable[[Question], Any]
    name_of: Callable[[str], str]  # of an answer that a condition asks about
    value_of: Callable[[str, str], str]
    offered: Callable[[str], list[str] | None]  # the answers to a built-in question, where they can be listed; None: not built in
    change: Callable[[Wish, int, str], Form]
    counts: Callable[[], dict[str, int]]
    live: Callable[[], str]
    told: Callable[[Any], Told]
    fixed: str = ""  # the section that stays first, alone, as it is
    last: str = ""  # the section before which new questions go

    @property
    def is_call(self) -> bool:
        """Whether it is the form of the call: nothing of it is kept apart or asked after, and reviewers read it."""
        return bool(self.prefix)

    def url(self, page: str, **values: Any) -> str:
        """The address of a page of this builder: form, question, question_new, section, section_new."""
        return url_for(f"manage.{self.prefix}{page}", **values)

    def preview_url(self, section: str) -> str:
        """Where a section can be looked at as people see it."""
        return url_for("manage.call_part_preview" if self.is_call else "manage.preview", name=section)

    def side(self) -> list[dict[str, Any]]:
        """The side navigation beside its pages."""
        return side("call" if self.is_call else "form")

    def condition_words(self, when: When | None) -> str:
        """A condition as a sentence in the reader's language, '' for none."""
        return words.condition(when, name_of=self.name_of, value_of=self.value_of) if when is not None else ""

    def carry_out(self, wish: Wish, *, version: str, seal: str) -> Form:
        """Do what is wished, as this organiser. Raises Untold, Refused."""
        known = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1
        return self.change(wish, known, seal)

    def answers_of(self, name: str) -> list[tuple[str, str]]:
        """The answers that can be given to a question, where they can be listed, with their words."""
        return [(value, self.value_of(name, value)) for value in self._values(name)]

    def _values(self, name: str) -> list[str]:
        built_in, question = self.offered(name), self.form.find(name)
        if built_in is not None:
            return built_in
        if question is None or not question.is_own:
            return []
        if question.kind is Kind.COUNTRY:
            return _countries()
        if question.options:
            return [option.key for option in question.options]
        return ["yes", "no"] if checking.answers_of(question) else []


def _countries() -> list[str]:
    return [code for code, _name in countries.choices(page_lang())]


def _by() -> Actor:
    return Actor("organiser", g.viewer.code)


# ---- registration ----------------------------------------------------------------------------------------------------


def registration() -> Builder:
    """The form of registration, as it is in force."""
    event, form = g.event, queries.form_of(g.event.id)
    listed: Mapping[str, Callable[[], list[str]]] = {
        "sector": lambda: list(standard.SECTORS), "languages": lambda: list(standard.LANGUAGES),
        "gender": lambda: list(standard.GENDERS), "days": lambda: [day.isoformat() for day in event.days], "country": _countries,
    }  # fmt: skip

    def offered(name: str) -> list[str] | None:
        return listed[name]() if name in listed else ["yes", "no"] if name in standard.TESTABLE else None

    def change(wish: Wish, version: int, seal: str) -> Form:
        return form_changes.change(event.id, wish, version=version, seal=seal, may_open=may_see_needs(), by=_by())

    return Builder(
        "", _l("Registration form"), form, standard.SECTIONS, standard.ALWAYS_ASKED, standard.MAY_BE_REQUIRED, standard.TAKEN,
        standard.TESTABLE, forms.title_of, forms.label_of, lambda name: forms.name_of(name, form),
        lambda name, value: forms.value_of(name, value, form), offered, change,
        counts=lambda: form_changes.answer_counts(event.id), live=_live, told=builder_words.of_registration,
        fixed="email", last="consent",
    )  # fmt: skip


def _live() -> str:
    now = clock.now()
    if queries.phase(g.event, now) not in ("open", "soon", "grace"):
        return ""
    return builder_words.registration_is_open(form_changes.filling_in(g.event.id, now=now))


# ---- the call --------------------------------------------------------------------------------------------------------


def call() -> Builder:
    """The form of the call, as it is in force."""
    event, offer = g.event, call_queries.offer(g.event.id)
    listed = {
        "track": [track.slug for track in offer.tracks], "spoken": list(LANGS),
        "format": [one.slug for one in offer.formats if one.is_offered],
    }  # fmt: skip

    def change(wish: Wish, version: int, seal: str) -> Form:
        return call_changes.change(event.id, wish, version=version, seal=seal, by=_by())

    return Builder(
        "call_", _l("Questions of the call"), offer.form, call_standard.SECTIONS, call_standard.ALWAYS_ASKED,
        call_standard.MAY_BE_REQUIRED, call_standard.TAKEN, call_standard.TESTABLE, call_forms.title_of,
        call_forms.question_label, lambda name: call_forms.name_of(name, offer),
        lambda name, value: call_forms.value_of(name, value, offer), listed.get, change,
        counts=lambda: call_changes.answer_counts(event.id), live=_call_live, told=builder_words.of_call,
    )  # fmt: skip


def _call_live() -> str:
    here, now = call_queries.call_of(g.event.id), clock.now()
    if here is None or call_queries.phase(here) not in ("open", "soon", "grace"):
        return ""
    return builder_words.call_is_open(call_changes.being_written(g.event.id, now=now))

