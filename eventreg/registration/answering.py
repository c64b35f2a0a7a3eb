"""What was answered, by the form of this meeting? A known organisation says its sector, whatever was sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from eventreg.core.questions import conditions, judging
from eventreg.core.questions.shape import Asked, Form, Question, Section, When
from eventreg.core.refusals import Refusal
from eventreg.events.models import Event
from eventreg.people import organisations
from eventreg.registration import queries, rules, standard
from eventreg.registration.models import Registration
from eventreg.registration.rules import Answers, Raw


def complete(event: Event, raw: Raw, *, asked: Asked | None = Asked.FORM, form: Form | None = None) -> Answers:
    """The whole form, judged by the questions in force. Raises rules.Incomplete with all problems by field."""
    form = form or queries.form_of(event.id)
    return rules.answers(with_true_sector(raw), days=event.days, form=form, asked=asked)


def raw_of(registration: Registration) -> dict[str, Any]:
    """A registration's answers as a form holds them, all of them: what is shown of them is up to the page."""
    person, needs = queries.person_of(registration), queries.needs_of(registration.id)
    plain = {name: getattr(registration, name) for name in standard.QUESTION_OF if hasattr(registration, name)}
    own = {**registration.answers, **(needs.answers if needs else {})}
    return plain | {
        "email": person.email or "", "organisation_code": "", "access": needs.access if needs else "",
        "diet": needs.diet if needs else "", "gender": needs.gender if needs else "",
        **{judging.field_name(code): value for code, value in own.items()},
    }  # fmt: skip


def without_sensitive(raw: Raw, form: Form) -> dict[str, Any]:
    """The answers without those that are kept apart."""
    apart = {field for question in form.questions() if is_sensitive(question) for field in rules.fields_of(question)}
    return {name: value for name, value in raw.items() if name not in apart}


def is_sensitive(question: Question) -> bool:
    """Whether answers to this question are kept apart and read by few."""
    return question.is_sensitive or question.code in standard.SENSITIVE


def changed(event: Event, raw: Raw, *, form: Form, insist: Collection[str]) -> Answers:
    """The answers of somebody who is registered, of which they changed the fields in `insist`. Raises rules.Incomplete."""
    return rules.answers(
        with_true_sector(raw), days=event.days, form=form, asked=None, insist=insist, lacks_address=not raw.get("email")
    )


def with_true_sector(raw: Raw) -> dict[str, Any]:
    """The answers with the sector of the organisation they name, where that one is known."""
    typed = {name: raw.get(name) for name in ("organisation_code", "organisation_name", "country")}
    if not all(isinstance(value, str) for value in typed.values()) or not typed["organisation_name"]:
        return dict(raw)
    found = organisations.recognised(
        str(typed["organisation_code"]), str(typed["organisation_name"]), str(typed["country"]).strip().upper()
    )
    return dict(raw) if found is None else {**raw, "sector": found.sector}


@dataclass(frozen=True)
class Progress:
    """How far somebody's answers go: what is asked of them, what is known, what is wrong, by field."""

    form: Form
    facts: Mapping[str, Any]
    judged: judging.Judged
    problems: Mapping[str, Refusal]

    def sections(self, asked: Asked = Asked.FORM) -> list[Section]:
        """The sections in which something is or may be asked of this person."""
        wanted = [section for section in self.form.sections if section.asked is asked]
        return [section for section in wanted if self.asked_on(section)]

    def asked_on(self, section: Section) -> dict[str, When | None]:
        """The questions that the page of this section shows, each with what is still open about it on the very page."""
        return conditions.shown_on(section, self.known, rules.fields_of)

    @property
    def known(self) -> dict[str, Any]:
        """All clean answers, as conditions ask about them."""
        return self.judged.known


def progress(event: Event, raw: Raw, *, form: Form | None = None, asked: Asked | None = Asked.FORM) -> Progress:
    """How far these raw answers go: one statement for the form, one or two for the organisation."""
    form = form or queries.form_of(event.id)
    raw = with_true_sector(raw)
    facts, problems = rules.parse(raw, days=event.days, form=form)
    judged = judging.judge(form, raw, facts, asked=asked)
    own = {judging.field_name(code): refusal for code, refusal in judged.problems.items()}
    return Progress(form, facts, judged, {**problems, **own})
