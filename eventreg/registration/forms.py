"""The five steps of the form: fields and their words. What an answer must be, rules.parse says; it is asked here and at sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)  # fmt: skip

from eventreg.core import countries, refusals
from eventreg.core.forms import PageForm
from eventreg.core.i18n import LANGS, day_name, instant_long, page_lang
from eventreg.core.refusals import Refusal
from eventreg.registration import labels, rules

KEPT = 3000  # characters of one answer that a draft keeps, right or wrong


class StepForm(PageForm):
    """One step. `check` asks the rules and puts each refusal at its field; everything typed stays."""

    step = ""

    def raw(self) -> dict[str, Any]:
        """What was typed, as the draft keeps it."""
        return {name: _kept(self._fields[name].data) for name in rules.STEPS[self.step] if name in self._fields}

    def check(self, days: Sequence[date], *, before: Mapping[str, Any] | None = None) -> bool:
        """Whether every answer of this step holds."""
        _values, problems = rules.parse({**(before or {}), **self.raw()}, days=days, only=rules.STEPS[self.step])
        self.show(problems)
        return not problems

    def show(self, problems: Mapping[str, Refusal]) -> None:
        """Put refusals at their fields."""
        for name, refusal in problems.items():
            if name in self._fields:
                self._fields[name].errors = [refusals.say(refusal)]


def _kept(value: Any) -> Any:
    if isinstance(value, str):
        return value[:KEPT]
    if isinstance(value, list):
        return [str(item)[:40] for item in value[:60]]
    return value


class EmailStep(StepForm):
    """Where we write to."""

    step = "email"
    email = EmailField(_l("E-mail address"))


class NameStep(StepForm):
    """The name on the badge, in one script or two."""

    step = "name"
    name_latin = StringField(_l("Name in Latin letters"))
    name_arabic = StringField(_l("Name in Arabic letters"))


class OrganisationStep(StepForm):
    """For whom the person comes."""

    step = "organisation"
    country = SelectField(_l("Country"), validate_choice=False)
    organisation_name = StringField(_l("Organisation"))
    organisation_code = HiddenField()
    sector = SelectField(_l("Sector"), validate_choice=False)
    position = StringField(_l("Position"))
    phone = TelField(_l("Phone number"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = [("", _("Choose a country")), *countries.choices(page_lang())]
        named = [(key, str(labels.CATEGORY[key])) for key in rules.CATEGORIES]
        self.sector.choices = [("", _("Choose a sector")), *named]


class NeedsStep(StepForm):
    """When the person comes and what helps them."""

    step = "needs"
    days = SelectMultipleField(_l("Days attended"), validate_choice=False)
    languages = SelectMultipleField(_l("Languages you follow a session in"), validate_choice=False)
    access = TextAreaField(_l("Access needs"))
    diet = TextAreaField(_l("Dietary needs"))
    wants_visa_letter = BooleanField(_l("I need a letter for a visa"))

    def offer(self, days: Sequence[date]) -> None:
        """Fill the choices in the reader's language."""
        self.days.choices = [(day.isoformat(), day_name(day)) for day in days]
        self.languages.choices = [(lang, str(labels.LANGUAGE[lang])) for lang in LANGS]
        self.days.flags.required = self.languages.flags.required = True


class ConsentStep(StepForm):
    """What the person allows; both boxes start empty."""

    step = "consent"
    consents_photo = BooleanField(_l("Photos and recordings in which I can be recognised may be published."))
    consents_contact = BooleanField(_l("The organisers may write to me after the meeting."))


FORMS: Mapping[str, type[StepForm]] = {
    form.step: form for form in (EmailStep, NameStep, OrganisationStep, NeedsStep, ConsentStep)
}

TITLES = {
    "email": _l("Your e-mail address"),
    "name": _l("Your name on the badge"),
    "organisation": _l("Your organisation"),
    "needs": _l("Days, languages and needs"),
    "consent": _l("Your consent"),
}


def made(step: str, draft: Mapping[str, Any], days: Sequence[date]) -> StepForm:
    """The form of a step, filled with what the draft knows (all days are ticked at first)."""
    given = {"days": [day.isoformat() for day in days], **{name: draft[name] for name in draft}}
    form = FORMS[step](data={name: given[name] for name in rules.STEPS[step] if name in given})
    if isinstance(form, NeedsStep):
        form.offer(days)
    return form


def _closed(params: Mapping[str, Any]) -> str:
    words: str = _("Registration closed on %(when)s.", when=instant_long(params["closes_at"]))
    return words


def _not_open(params: Mapping[str, Any]) -> str:
    words: str = _("Registration opens on %(when)s.", when=instant_long(params["opens_at"]))
    return words


def _incomplete(params: Mapping[str, Any]) -> str:
    words: str = ngettext("%(num)s answer is missing or wrong.", "%(num)s answers are missing or wrong.", params["count"])
    return words


def _category_full(params: Mapping[str, Any]) -> str:
    category = str(labels.CATEGORY.get(params["category"], params["category"]))
    words: str = _("All places for “%(category)s” are taken; your answers were not changed.", category=category)
    return words


def _lapsed(params: Mapping[str, Any]) -> str:
    words: str = _("This offer ended on %(when)s and the place went to the next person.", when=instant_long(params["until"]))
    return words


refusals.texts.update(
    {
        "registration.not_yet_open": _not_open,
        "registration.closed": _closed,
        "registration.wrong_state": _l("This registration has ended, so it cannot be changed."),
        "registration.category_full": _category_full,
        "registration.answer_offer_first": _l("Answer the offered place first, then change your sector."),
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
        "waiting.no_offer": _l("There is no open offer: it was answered or has ended."),
        "waiting.lapsed": _lapsed,
        "invitation.unknown": _l("This invitation is not known. Ask whoever invited you for a new link."),
        "invitation.revoked": _l("This invitation was taken back. Ask whoever invited you."),
        "invitation.expired": _l("This invitation has expired. Ask whoever invited you for a new one."),
        "invitation.used_up": _l("This invitation has been used. Ask whoever invited you for a new one."),
        "invitation.other_address": _l("This invitation is for another e-mail address. Enter the address it was sent to."),
        "invitation.no_right": _l("Tick at least one right: an invitation without one opens nothing."),
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
