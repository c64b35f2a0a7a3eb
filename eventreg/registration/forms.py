"""The pages of the form: fields for the questions of a section; what is refused, in words. What an answer must be, rules say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)  # fmt: skip

from eventreg.core import countries, refusals, text, times
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS, day_name, instant_long, mark_text, page_lang
from eventreg.core.questions import fields, words
from eventreg.core.questions.conditions import given_values
from eventreg.core.questions.judging import field_name
from eventreg.core.questions.shape import Form, Kind, Question, Section, When
from eventreg.core.refusals import Refusal
from eventreg.registration import labels, limit_words, rules, standard
from eventreg.registration.answering import Progress, is_sensitive

# of the built-in questions
_FIELDS: Mapping[str, Callable[[], Any]] = {
    "email": lambda: EmailField(_l("E-mail address")),
    "name_latin": lambda: StringField(_l("Name in Latin letters")),
    "name_arabic": lambda: StringField(_l("Name in Arabic letters")),
    "country": lambda: SelectField(_l("Country"), validate_choice=False),
    "organisation_name": lambda: StringField(_l("Organisation")),
    "organisation_code": lambda: HiddenField(),
    "sector": lambda: SelectField(_l("Sector"), validate_choice=False),
    "position": lambda: StringField(_l("Position")),
    "phone": lambda: TelField(_l("Phone number")),
    "days": lambda: SelectMultipleField(_l("Days attended"), validate_choice=False),
    "languages": lambda: SelectMultipleField(_l("Languages you follow a session in"), validate_choice=False),
    "access": lambda: TextAreaField(_l("Access needs")),
    "diet": lambda: TextAreaField(_l("Dietary needs")),
    "gender": lambda: RadioField(_l("Gender"), validate_choice=False),
    "wants_visa_letter": lambda: BooleanField(_l("I need a letter for a visa")),
    "consents_photo": lambda: BooleanField(_l("Photos and recordings in which I can be recognised may be published.")),
    "consents_contact": lambda: BooleanField(_l("The organisers may write to me after the meeting.")),
}

_TITLES: Mapping[str, Any] = {
    "email": _l("Your e-mail address"),
    "name": _l("Your name on the badge"),
    "organisation": _l("Your organisation"),
    "needs": _l("Days, languages and needs"),
    "consent": _l("Your consent"),
}


def title_of(section: Section) -> Any:
    """What a section is called: in the organiser's words, else in the product's."""
    return mark_text(section.title) if section.title else _TITLES.get(section.code, section.code)


def label_of(question: Question) -> Any:
    """What a question is called; the product has the words of its own questions."""
    if question.is_own:
        return mark_text(question.label)
    return _FIELDS[standard.FIELDS[question.code][0]]().args[0] if question.code != "name" else _("Name")


class StepForm(PageForm):
    """The questions of one section; each refusal stands at its field, and everything typed stays."""

    step = ""
    shown: Sequence[Question] = ()
    files: Mapping[str, Any] = {}
    conditions: Mapping[str, str] = {}  # of whom a question is asked, where an answer on the same page decides

    @property
    def has_files(self) -> bool:
        """Whether a file can be sent on this page."""
        return any(question.kind is Kind.FILE for question in self.shown)

    def raw(self) -> dict[str, Any]:
        """What was typed, as the draft keeps it; files are not typed."""
        kinds = {field_name(question.code): question.kind for question in self.shown if question.is_own}
        return {name: fields.kept(self._fields[name].data) for name in self.names() if kinds.get(name) is not Kind.FILE}

    def names(self) -> list[str]:
        """The fields of the questions that this page shows."""
        return [name for question in self.shown for name in rules.fields_of(question)]

    def remember(self, progress: Progress) -> None:
        """The files that were handed in before: a browser does not send them again."""
        wanted = [question.code for question in self.shown if question.kind is Kind.FILE]
        self.files = {code: progress.judged.values.get(code) for code in wanted}

    def show(self, problems: Mapping[str, Refusal]) -> None:
        """Put refusals at their fields."""
        for name, refusal in problems.items():
            if name in self._fields:
                self._fields[name].errors = [refusals.say(refusal)]

    def offer(self, days: Sequence[date]) -> None:
        """Fill the choices in the reader's language."""
        for question in self.shown:
            for name in rules.fields_of(question):
                _offer(self._fields[name], name, question, days)


def _offer(field: Field, name: str, question: Question, days: Sequence[date]) -> None:
    offers: Mapping[str, Callable[[], list[tuple[str, Any]]]] = {
        "country": lambda: [("", _("Choose a country")), *countries.choices(page_lang())],
        "sector": lambda: [("", _("Choose a sector")), *((key, str(labels.CATEGORY[key])) for key in rules.CATEGORIES)],
        "days": lambda: [(day.isoformat(), day_name(day)) for day in days],
        "languages": lambda: [(lang, str(labels.LANGUAGE[lang])) for lang in LANGS],
        "gender": lambda: [*((key, str(labels.GENDER[key])) for key in standard.GENDERS), ("", _("I prefer not to say"))],
    }
    if name in offers:
        field.choices = offers[name]()
    else:
        fields.offer(field, question)
    field.flags.required = name in ("days", "languages") or question.is_required


def made(section: Section, progress: Progress, days: Sequence[date], *, given: Mapping[str, Any], hidden: bool = False) -> StepForm:
    """The form of a section: filled with what was sent, else with what is given (all days are ticked at first).

    Shown are the questions that are asked or that this very page may lead to; not the sensitive ones where they are hidden.
    """
    asked = progress.asked_on(section)
    shown = [question for question in section.questions if question.code in asked]
    if hidden:
        shown = [question for question in shown if not is_sensitive(question)]
    fields = {name: _field(name, question) for question in shown for name in rules.fields_of(question)}
    kind = type("SectionForm", (StepForm,), {**fields, "step": section.code, "shown": tuple(shown)})
    known = {"days": [day.isoformat() for day in days], **given}
    form: StepForm = kind(data={name: known[name] for name in fields if name in known})
    form.conditions = {code: condition_words(when, progress.form) for code, when in asked.items() if when is not None}
    form.remember(progress)
    form.offer(days)
    return form


def facts_of(progress: Progress, section: Section) -> dict[str, list[str]]:
    """What the page must know to decide its conditions: the answers, given on other pages, that they ask about."""
    here = {name for question in section.questions for name in (question.code, *rules.fields_of(question))}
    asked = {test.question for question in section.questions if question.when for test in question.when.tests}
    return {name: given_values(progress.known.get(name)) for name in sorted(asked - here)}


def when_as_data(when: When) -> dict[str, Any]:
    """A condition for the page's script."""
    tests = [{"question": test.question, "op": test.op, "values": list(test.values)} for test in when.tests]
    return {"match": when.match, "tests": tests}


def name_of(field: str, form: Form) -> str:
    """What a condition calls the answer it asks about."""
    question = form.find(field)
    if question is not None and question.is_own:
        return str(question.label.in_(page_lang()))
    return str(_FIELDS[field]().args[0])


def value_of(field: str, value: str, form: Form) -> str:
    """What a condition calls an answer."""
    named: Mapping[str, Mapping[str, Any]] = {"sector": labels.CATEGORY, "languages": labels.LANGUAGE, "gender": labels.GENDER}
    question = form.find(field)
    if field in named:
        return str(named[field].get(value, value))
    if question is not None and question.is_own:
        return words.value(question, value)
    if field == "country":
        return countries.name(value, page_lang()) if countries.is_country(value) else value
    if field == "days":
        return day_name(date.fromisoformat(value))
    return {"yes": _("yes"), "no": _("no")}.get(value, value)


def condition_words(when: When, form: Form) -> str:
    """The condition as a sentence in the reader's language."""
    return words.condition(
        when, name_of=lambda field: name_of(field, form), value_of=lambda field, value: value_of(field, value, form)
    )


def _field(name: str, question: Question) -> Any:
    return fields.made(question) if question.is_own else _FIELDS[name]()


def _closed(params: Mapping[str, Any]) -> str:
    words: str = _("Registration closed on %(when)s.", when=instant_long(times.last_minute(params["closes_at"])))
    return words


def _not_open(params: Mapping[str, Any]) -> str:
    words: str = _("Registration opens on %(when)s.", when=instant_long(params["opens_at"]))
    return words


def _incomplete(params: Mapping[str, Any]) -> str:
    words: str = ngettext("%(num)s answer is missing or wrong.", "%(num)s answers are missing or wrong.", params["count"])
    return words


def _limit_full(params: Mapping[str, Any]) -> str:
    return " ".join((limit_words.full(params["full"]), _("Your answers were not changed: you keep the place you have.")))


def _lapsed(params: Mapping[str, Any]) -> str:
    words: str = _("This offer ended on %(when)s and the place went to the next person.", when=instant_long(params["until"]))
    return words


def _other_organisation(params: Mapping[str, Any]) -> str:
    words: str = _(
        "This invitation is for people of “%(organisation)s”. Choose that organisation, or ask whoever invited you.",
        organisation=text.isolate(params["organisation"].in_(page_lang())),
    )
    return words


refusals.texts.update(
    {
        "registration.not_yet_open": _not_open,
        "registration.closed": _closed,
        "registration.wrong_state": _l("This registration has ended, so it cannot be changed."),
        "registration.limit_full": _limit_full,
        "registration.answer_offer_first": _l("Answer the offered place first, then change these answers."),
        "registration.limit_negative": _l("A limit cannot be negative. Enter 0 for no places, or leave it empty for no limit."),
        "answers.incomplete": _incomplete,
        "answers.name_missing": _l("Enter your name in Latin letters, in Arabic letters, or in both."),
        "answers.country_missing": _l("Choose your country."),
        "answers.organisation_missing": _l("Enter your organisation. If you come for yourself, write “Independent”."),
        "answers.sector_missing": _l("Choose the sector of your organisation."),
        "answers.days_missing": _l("Tick at least one day of the meeting."),
        "answers.languages_missing": _l("Tick at least one language."),
        "answers.gender_unknown": _l("Choose one of the answers, or leave it open."),
        "answers.too_long": _l("This is too long: at most %(limit)s characters; now there are %(length)s."),
        "question.answers_affected": _l("This changes answers that were given. Read what happens to them first."),
        "question.stays_apart": _l(
            "These answers were given to be kept apart. Only somebody with the right to read them can make them ordinary ones."
        ),
        "question.email_first": _l("The e-mail address stays the first section, alone."),
        "question.built_in": _l("This question belongs to the product: it can be moved, and asked or not, nothing else."),
        "question.always_asked": _l("Registration needs this answer: the question is always asked."),
        "question.built_in_after": _l("A built-in question is asked in the form, not after confirmation."),
        "waiting.no_offer": _l("There is no open offer: it was answered or has ended."),
        "waiting.lapsed": _lapsed,
        "invitation.unknown": _l("This invitation is not known. Ask whoever invited you for a new link."),
        "invitation.revoked": _l("This invitation was taken back. Ask whoever invited you."),
        "invitation.expired": _l("This invitation has expired. Ask whoever invited you for a new one."),
        "invitation.used_up": _l("This invitation has been used. Ask whoever invited you for a new one."),
        "invitation.other_address": _l("This invitation is for another e-mail address. Enter the address it was sent to."),
        "invitation.other_organisation": _other_organisation,
        "invitation.no_right": _l("Tick at least one right or give a category: without either it opens nothing."),
        "invitation.no_reason": _l("Give the reason: it is kept with the invitation."),
        "invitation.needs_deadline": _l(
            "Registration has closed: without the right to register after the deadline it opens nothing."
        ),
        "invitation.expires_in_past": _l("Choose a day that is still to come."),
        "invitation.uses_range": _l("Enter a number of uses from 1 to 500."),
        "events.closes_before_opens": _l("The deadline must come after the opening."),
        "events.ends_before_start": _l("The last day must not come before the first."),
        "events.slug_taken": _l("The address “%(slug)s” is taken."),
        "events.reason_missing": _l("Give the reason in at least one language: the public page shows it."),
    }
)
